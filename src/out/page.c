/* The page of a film: what was found, the curve it was found from, and both ends with their frames. Everything a
 * reader needs to see whether the answer is right, in one file without an address in it. */
#include "out/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "out/film_chart.h"
#include "out/html.h"
#include "out/out.h"
#include "out/page_style.h"

/* ---- frame of every page ----------------------------------------------------------------------------- */

void page_open(text *t, const char *title) {
    text_add(t, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<meta name=\"generator\" content=\"bookend " BK_VERSION "\">\n"
                /* The page could not reach a network if it tried to. */
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
                "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>");
    html_add(t, title);
    text_add(t, "</title>\n<style>\n");
    text_add(t, page_style_colours);
    text_add(t, page_style_frame);
    text_add(t, page_style_film);
    text_add(t, page_style_index);
    text_add(t, "</style>\n</head>\n<body>\n<a class=\"skip-link\" href=\"#main\">Skip to the answer</a>\n");
}

void page_close(text *t, const char *model, const char *script) {
    text_add(t, "<footer>\n<p>Made by bookend " BK_VERSION);
    if (model && *model) {
        text_add(t, " with the model ");
        html_add(t, model);
    }
    text_add(t, ". Times count from the first frame shown, frames from 0. This page is one file and loads nothing."
                "</p>\n</footer>\n");
    if (*script) {
        text_add(t, "<script>\n");
        text_add(t, script);
        text_add(t, "</script>\n");
    }
    text_add(t, "</body>\n</html>\n");
}

void page_chart(text *t, const plot *p, const char *title, const char *class) {
    text_addf(t, "<div class=\"chart %s\">\n", class);
    plot_svg(t, p, title);
    text_add(t, "</div>\n");
    if (!plot_ok(p)) t->failed = true;
}

/* ---- words ------------------------------------------------------------------------------------------- */

void page_percent(text *t, float share) {
    float percent = 100.0f * fminf(fmaxf(share, 0.0f), 1.0f);
    text_add_number(t, (double)percent, percent > 0.0f && percent < 9.95f ? 1 : 0);
    text_add(t, "\u00a0%");
}

void page_sure(text *t, const bk_mark *m) {
    if (m->found == BK_UNSURE) {
        text_add(t, "<span class=\"chip poor\">not sure</span>");
        return;
    }
    text_addf(t, "<span class=\"chip %s\">",
              m->confidence >= 0.795f   ? "good"
              : m->confidence >= 0.495f ? "fair"
                                        : "poor");
    page_percent(t, m->confidence);
    text_add(t, " sure</span>");
}

void page_where(text *t, const bk_answer *a, int end) {
    const bk_mark *m = page_mark(a, end);
    char clock[TEXT_TIME_MAX];
    text_add(t, m->found == BK_FOUND  ? text_clock(clock, m->time_us)
                : m->found == BK_NONE ? "with the film"
                                      : "not sure");
}

/* ---- the parts --------------------------------------------------------------------------------------- */

static void add_header(text *t, const bk_report *r, const bk_explanation *e) {
    char clock[TEXT_TIME_MAX];
    text_add(t, "<header>\n<p class=\"brand\">bookend: where the story begins and ends</p>\n<h1>");
    html_add(t, path_name(r->file));
    text_addf(t, "</h1>\n<p class=\"quiet num\">%s, %d\u00a0\u00d7\u00a0%d", text_clock(clock, e->answer.duration_us),
              e->width, e->height);
    if (e->answer.fps > 0) {
        text_add(t, ", ");
        text_add_number(t, e->answer.fps, e->answer.fps == floor(e->answer.fps) ? 0 : 3);
        text_add(t, " frames a second");
    }
    if (*e->codec) text_add(t, ", ");
    html_add(t, e->codec);
    if (r->elapsed_s > 0) {
        text_add(t, "; found in ");
        text_add_number(t, r->elapsed_s, 1);
        text_add(t, " s");
    }
    text_add(t, "</p>\n</header>\n");
}

static void add_answer(text *t, const bk_answer *a) {
    text_add(t, "<section class=\"answer\" aria-label=\"The answer\">\n");
    for (int end = 0; end < 2; end++) {
        const bk_mark *m = page_mark(a, end);
        text_addf(t, "<div class=\"card %s\">\n<a href=\"#%s\">The story %s <span class=\"when\">",
                  end ? "end" : "begin", end ? "end" : "begin", end ? "ends" : "begins");
        page_where(t, a, end);
        text_add(t, "</span></a>\n<p class=\"num\">");
        page_sure(t, m);
        if (m->found == BK_FOUND) text_addf(t, " %s frame %lld", end ? "last" : "first", (long long)m->frame);
        if (m->found == BK_NONE) text_add(t, end ? " no credits to skip" : " nothing to skip before it");
        text_add(t, "</p>\n</div>\n");
    }
    text_add(t, "</section>\n");
    if (!*a->reason) return;
    text_add(t, "<p class=\"card\"><span class=\"chip poor\">Why not sure</span> ");
    html_add(t, a->reason);
    text_add(t, "</p>\n");
}

/* What a chart shows, for who cannot see it. */
static void add_chart_title(text *t, const bk_explanation *e) {
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    text_add(t, "Probability of opening or credits over the film.");
    for (int i = 0; i < e->answer.n_segments; i++) {
        const bk_segment *s = &e->answer.segments[i];
        text_addf(t, " %s from %s to %s.", s->kind == BK_MAIN ? "story" : bk_kind_name(s->kind),
                  text_clock(from, s->begin_us), text_clock(to, s->end_us));
    }
}

static void add_curve(text *t, const bk_explanation *e) {
    text title = { 0 };
    int unseen = 0;
    for (int s = 0; s < e->len; s++) unseen += e->looked && e->looked[s] == 0;
    add_chart_title(&title, e);
    text_add(t, "<figure class=\"card\">\n");
    for (int narrow = 0; narrow < 2; narrow++) {
        plot p = { .w = narrow ? 420 : 1180, .h = narrow ? 220 : 230 };
        film_chart(&p, e, "");
        page_chart(t, &p, text_str(&title), narrow ? "narrow" : "wide");
        plot_close(&p);
    }
    text_add(t, "<figcaption>The curve is the probability, second by second, that what is on show is opening or "
                "credits.");
    if (unseen)
        text_addf(t, " Where it is missing, %d of %d seconds, nobody looked: boundaries are rare there.", unseen,
                  e->len);
    text_add(t, "</figcaption>\n</figure>\n");
    if (!text_ok(&title)) t->failed = true;
    text_close(&title);
}

static void add_dialog(text *t) {
    text_add(t, "<dialog aria-label=\"A frame, large\">\n"
                "<img alt=\"\" src=\"data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==\">\n"
                "<p class=\"num\"></p>\n<button type=\"button\" value=\"-1\">Frame before</button>\n"
                "<button type=\"button\" value=\"1\">Frame after</button>\n"
                "<button type=\"button\" value=\"0\">Close</button>\n</dialog>\n");
}

int bk_write_page(FILE *to, const bk_report *r, const bk_explanation *e, bk_error *err) {
    if (!to || !r || !r->file || !e || r->error)
        return bk_fail(err, BK_EINVAL, "a page needs a stream, the name of its file and an explanation");
    text t = { 0 }, title = { 0 };
    text_addf(&title, "%s: where the story begins and ends", path_name(r->file));
    page_open(&t, text_str(&title));
    add_header(&t, r, e);
    text_add(&t, "<main id=\"main\" tabindex=\"-1\">\n");
    add_answer(&t, &e->answer);
    if (e->probabilities) add_curve(&t, e);
    for (int end = 0; end < 2; end++) page_end(&t, e, end);
    add_dialog(&t);
    text_add(&t, "</main>\n");
    page_close(&t, r->model, page_script_film);
    int code = text_ok(&t) && text_ok(&title) ? BK_OK : bk_fail_memory(err, "a page");
    if (code == BK_OK) code = out_put(to, text_str(&t), t.n, r->file, err);
    text_close(&title);
    text_close(&t);
    return code;
}

int bk_write_plot(FILE *to, bk_plot kind, const bk_report *r, const bk_explanation *e, bk_error *err) {
    if (!to || !r || !r->file || !e || (kind != BK_PLOT_SVG && kind != BK_PLOT_PNG))
        return bk_fail(err, BK_EINVAL, "a plot needs a stream, a kind, the name of its file and an explanation");
    plot p = { .w = 1180, .h = 240 };
    text t = { 0 };
    unsigned char *png = NULL;
    size_t n = 0;
    film_chart(&p, e, path_name(r->file));
    if (kind == BK_PLOT_SVG) plot_svg(&t, &p, path_name(r->file));
    int code = plot_ok(&p) && text_ok(&t) ? BK_OK : bk_fail_memory(err, "a plot");
    if (code == BK_OK && kind == BK_PLOT_PNG) code = plot_png(&png, &n, &p, 2.0f, err);
    if (code == BK_OK)
        code = png ? out_put(to, (const char *)png, n, r->file, err) : out_put(to, text_str(&t), t.n, r->file, err);
    free(png);
    text_close(&t);
    plot_close(&p);
    return code;
}
