/* The page over several films: a row each with the answer in short, a bar of what is skipped, and what failed. */
#include <string.h>

#include "out/html.h"
#include "out/out.h"
#include "out/page.h"

static bool is_unsure(const bk_answer *a) {
    return a->start_main.found == BK_UNSURE || a->end_main.found == BK_UNSURE;
}

/* The film as a bar of 1000 units. */
static void add_bar(text *t, const bk_answer *a) {
    const double k = a->duration_us > 0 ? 1000.0 / (double)a->duration_us : 0.0;
    text_add(t, "<svg class=\"bar\" viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                "<rect class=\"doubt\" width=\"1000\" height=\"12\"/>");
    for (int i = 0; i < a->n_segments; i++) {
        const bk_segment *s = &a->segments[i];
        bool story = s->kind == BK_MAIN || s->kind == BK_POST_CREDITS;
        text_addf(t, "<rect class=\"%s\" x=\"", story ? "in" : "out");
        text_add_number(t, (double)s->begin_us * k, 1);
        text_add(t, "\" width=\"");
        text_add_number(t, (double)(s->end_us - s->begin_us) * k, 1);
        text_add(t, "\" height=\"12\"/>");
    }
    text_add(t, "</svg>");
}

static void add_cells(text *t, const bk_answer *a) {
    for (int end = 0; end < 2; end++) {
        text_addf(t, "<td class=\"num\" data-name=\"%s\">", end ? "ends" : "begins");
        page_where(t, a, end);
        text_add(t, " ");
        if (page_mark(a, end)->found != BK_UNSURE) page_sure(t, page_mark(a, end));
        text_add(t, "</td>");
    }
    text_add(t, "<td>");
    add_bar(t, a);
    if (*a->reason) {
        text_add(t, "<span class=\"quiet\">");
        html_add(t, a->reason);
        text_add(t, "</span>");
    }
    text_add(t, "</td>");
}

static void add_row(text *t, const bk_page_row *r) {
    text_add(t, "<tr><th scope=\"row\">");
    if (r->page) {
        text_add(t, "<a href=\"");
        html_add_path(t, r->page);
        text_add(t, "\">");
    }
    html_add(t, r->file);
    text_add(t, r->page ? "</a></th>" : "</th>");
    if (r->answer) add_cells(t, r->answer);
    if (r->error || !r->answer) {
        if (!r->answer)
            text_add(t, "<td colspan=\"3\" class=\"failed\">");
        else
            text_add(t, "</tr>\n<tr><td colspan=\"4\" class=\"failed\">");
        text_add(t, "<b>Failed.</b> ");
        html_add(t, r->error ? r->error : "there is no answer");
        text_add(t, "</td>");
    }
    text_add(t, "</tr>\n");
}

/* "12 films: 9 answered, 2 not sure, 1 failed" */
static void add_tally(text *t, const bk_page_row *rows, size_t n) {
    size_t failed = 0, unsure = 0;
    for (size_t i = 0; i < n; i++) {
        failed += !rows[i].answer;
        unsure += rows[i].answer && is_unsure(rows[i].answer);
    }
    text_addf(t, "%zu %s: %zu answered, %zu not sure, %zu failed", n, n == 1 ? "film" : "films", n - failed - unsure,
              unsure, failed);
}

int bk_write_index(FILE *to, const bk_page_row *rows, size_t n, const char *model, bk_error *err) {
    if (!to || (n && !rows)) return bk_fail(err, BK_EINVAL, "an index needs a stream and rows");
    text t = { 0 };
    page_open(&t, "Where the stories begin and end");
    text_add(
        &t,
        "<header>\n<p class=\"brand\">bookend</p>\n<h1>Where the stories begin and end</h1>\n<p class=\"quiet\">");
    add_tally(&t, rows, n);
    text_add(&t, "</p>\n</header>\n<main id=\"main\" tabindex=\"-1\">\n<div class=\"card\">\n<table>\n<thead><tr>"
                 "<th scope=\"col\">Film</th><th scope=\"col\">Story begins</th><th scope=\"col\">Story ends</th>"
                 "<th scope=\"col\">Skipped (orange) and story (green)</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < n; i++) add_row(&t, &rows[i]);
    text_add(&t, "</tbody>\n</table>\n</div>\n</main>\n");
    page_close(&t, model, "");
    int code =
        text_ok(&t) ? out_put(to, text_str(&t), t.n, "the index of pages", err) : bk_fail_memory(err, "a page");
    text_close(&t);
    return code;
}
