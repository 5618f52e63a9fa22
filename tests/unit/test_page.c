/* out/html, out/film_chart and the pages: what names of files may hold, a page for each kind of answer, the index. A
 * small reader of HTML holds that every element that is opened is closed. */
#include <string.h>

#include "bookend/explain.h"
#include "out/film_chart.h"
#include "out/html.h"
#include "out_answers.h"
#include "tap.h"

static bool has(const char *page, const char *what) {
    return strstr(page, what) != NULL;
}

static int count(const char *page, const char *what) {
    int n = 0;
    for (; (page = strstr(page, what)); page += strlen(what)) n++;
    return n;
}

/* ---- pieces ------------------------------------------------------------------------------------------ */

static void test_pieces(void) {
    static const struct {
        const char *from, *escaped, *path;
    } cases[] = {
        { "film.mkv", "film.mkv", "film.mkv" },
        { "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
          "%3Cscript%3Ealert%281%29%3C/script%3E" },
        { "a&b \"c\" 'd'", "a&amp;b &quot;c&quot; 'd'", "a%26b%20%22c%22%20%27d%27" },
        { "tab\there\x7f", "tab\xef\xbf\xbdhere\xef\xbf\xbd", "tab%09here%7F" },
        { "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9", "%C3%A9t%C3%A9" },
        { "\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd", "%FF%C3" },
        { "100%#1?.mkv", "100%#1?.mkv", "100%25%231%3F.mkv" },
        { "javascript:x", "javascript:x", "javascript%3Ax" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text a = { 0 }, b = { 0 };
        html_add(&a, cases[i].from);
        html_add_path(&b, cases[i].from);
        tap_ok(!strcmp(text_str(&a), cases[i].escaped), "escaped: %s", text_str(&a));
        tap_ok(!strcmp(text_str(&b), cases[i].path), "as a path: %s", text_str(&b));
        text_close(&a);
        text_close(&b);
    }
    static const char *const data[] = {
        "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"
    }; /* RFC 4648 */
    for (size_t n = 0; n < 7; n++) {
        text t = { 0 };
        html_add_data(&t, "x/y", (const unsigned char *)"foobar", n);
        tap_ok(!strncmp(text_str(&t), "data:x/y;base64,", 16) && !strcmp(text_str(&t) + 16, data[n]), "%s",
               text_str(&t));
        text_close(&t);
    }
}

/* ---- a reader of HTML -------------------------------------------------------------------------------- */

enum { DEEP = 64, NAME = 24 };

/* The element's name at s, after "<" or "</". */
static size_t element_name(char out[NAME], const char *s) {
    size_t n = strcspn(s, " \n/>");
    snprintf(out, NAME, "%.*s", (int)n, s);
    return n;
}

static bool is_void(const char *name, const char *end) {
    return end[-1] == '/' || !strcmp(name, "meta") || !strcmp(name, "img") || !strcmp(name, "br");
}

/* The ">" that ends a tag, quoted ones passed over; NULL: there is none. */
static const char *tag_end(const char *s) {
    for (char quote = 0; *s; s++) {
        if (quote ? *s == quote : *s == '"' || *s == '\'')
            quote = quote ? 0 : *s;
        else if (!quote && *s == '>')
            return s;
    }
    return NULL;
}

/* Whether the elements of the page nest; what is wrong is said. */
static bool nests(const char *page) {
    char stack[DEEP][NAME], name[NAME];
    int depth = 0;
    for (const char *s = strchr(page, '>') + 1; (s = strchr(s, '<'));) {
        bool closes = s[1] == '/';
        const char *end = tag_end(s);
        element_name(name, s + 1 + closes);
        if (!end || (closes && (!depth || strcmp(stack[depth - 1], name))) || (!closes && depth == DEEP)) {
            printf("# %.40s\n", s);
            return false;
        }
        if (closes)
            depth--;
        else if (!is_void(name, end))
            snprintf(stack[depth++], NAME, "%s", name);
        s = !strcmp(name, "style") || !strcmp(name, "script") ? (closes ? end : strstr(end, "</")) : end;
    }
    if (depth) printf("# %s is not closed\n", stack[depth - 1]);
    return depth == 0;
}

/* ---- explanations ------------------------------------------------------------------------------------ */

enum { LEN = 120, NOTES = 60 };

/* A film of two minutes: opening until 20 s, credits from 100 s. */
typedef struct sample {
    float p[LEN], evidence[LEN], posterior[2][LEN + 1];
    unsigned char looked[LEN];
    bk_note notes[2][NOTES];
    bk_picture pictures[2][8];
    bk_explanation e;
} sample;

static const unsigned char jpeg[] = { 0xff, 0xd8, 0xff, 0xd9 };

static void fill_end(sample *s, int end, bk_by by) {
    bk_end_explanation *x = &s->e.end[end];
    int64_t at = end ? S(100) : S(20);
    for (int i = 0; i < NOTES; i++) {
        bool titles = end ? i >= 40 : i < 20, black = by == BK_BY_BLACK && i >= 20 && i < 40;
        s->notes[end][i] = (bk_note){ .time_us = at + (i - (end ? 20 : 40)) * INT64_C(40000),
                                      .brightness = black ? 0 : 0.5f,
                                      .change = i == (end ? 20 : 40) ? 0.4f : 0.01f,
                                      .black = black,
                                      .looked = i % 3 == 0,
                                      .titled = titles ? 0.9f : 0.1f,
                                      .classes = { 0.7f, 0, 0, 0.3f, 0, 0 } };
    }
    for (int i = 0; i < 8; i++) {
        bool rival = i >= 4;
        int64_t offset = (i % 4 - 2) * INT64_C(1000000);
        s->pictures[end][i] = (bk_picture){ .time_us = (rival ? S(60) : at) + offset,
                                            .frame = 500 + i,
                                            .rival = rival,
                                            .step = rival || i == 0 || i == 3 ? 2
                                                    : i == 2                  ? !!end
                                                                              : end - 1,
                                            .offset_us = offset,
                                            .story = (offset < 0) == end,
                                            .width = 16,
                                            .height = 9,
                                            .jpeg = jpeg,
                                            .size = sizeof jpeg };
    }
    *x = (bk_end_explanation){ .decided = 1,
                               .refined = 1,
                               .by = by,
                               .notes = s->notes[end],
                               .n_notes = NOTES,
                               .mark_note = end ? 20 : 40,
                               .titles_note = end ? 40 : 19,
                               .pictures = s->pictures[end],
                               .n_pictures = 8 };
    x->best = (bk_candidate){ .time_us = at, .far_us = end ? S(120) : 0, .mass = 0.9f, .nats = 20 };
    x->rival = (bk_candidate){ .time_us = S(60), .far_us = end ? S(120) : 0, .mass = 0.08f, .nats = -10 };
}

static void fill(sample *s) {
    memset(s, 0, sizeof *s);
    for (int i = 0; i < LEN; i++) {
        s->p[i] = i >= 50 && i < 60 ? NAN : i < 20 || i >= 100 ? 0.95f : 0.05f;
        s->looked[i] = i >= 50 && i < 60 ? 0 : 2;
        s->evidence[i] = i < 20 || i >= 100 ? 1.0f : -1.0f;
    }
    s->posterior[0][20] = s->posterior[1][100] = 0.9f;
    s->e = (bk_explanation){ .answer = { .start_main = { S(20), 500, 0.97f, BK_FOUND },
                                         .end_main = { S(100), 2499, 0.62f, BK_FOUND },
                                         .duration_us = S(120),
                                         .fps = 25,
                                         .n_segments = 3,
                                         .segments = { { 0, S(20), BK_OPENING, 0.97f },
                                                       { S(20), S(100), BK_MAIN, 0.97f },
                                                       { S(100), S(120), BK_CREDITS, 0.62f } } },
                             .len = LEN,
                             .probabilities = s->p,
                             .looked = s->looked,
                             .evidence = s->evidence,
                             .limit_us = { S(54), S(54) },
                             .posterior = { s->posterior[0], s->posterior[1] },
                             .width = 640,
                             .height = 360,
                             .codec = "h264" };
    fill_end(s, 0, BK_BY_CUT);
    fill_end(s, 1, BK_BY_BLACK);
}

/* To be freed. */
static char *page_of(const bk_explanation *e, const char *file) {
    char *page = NULL;
    size_t n = 0;
    bk_error err = { 0 };
    FILE *to = open_memstream(&page, &n);
    const bk_report r = { .file = file, .model = "m<odel", .elapsed_s = 1.25 };
    if (bk_write_page(to, &r, e, &err) != BK_OK) printf("# %s\n", err.text);
    fclose(to);
    return page;
}

/* What every page holds. */
static void check_page(const char *page, const char *name) {
    tap_ok(!strncmp(page, "<!DOCTYPE html>", 15) && nests(page), "%s: elements nest", name);
    tap_ok(!has(page, "http://") || count(page, "http://") == count(page, "xmlns=\"http://www.w3.org/2000/svg\""),
           "%s: no address but the name of SVG", name);
    tap_ok(!has(page, "https:") && !has(page, "src=\"//") && !has(page, "@import") && !has(page, "url("),
           "%s: loads nothing", name);
    tap_ok(count(page, "<img ") == count(page, " alt=\""), "%s: %d pictures, each with words", name,
           count(page, "<img "));
    tap_ok(count(page, "<h1>") == 1 && has(page, "class=\"skip-link\" href=\"#main\"") && has(page, "id=\"main\""),
           "%s: one heading, a skip link", name);
    tap_ok(count(page, "<svg") - count(page, "aria-hidden") == count(page, "<title>") - 1, "%s: drawings have names",
           name);
    tap_ok(!has(page, "nan") && !has(page, "inf "), "%s: no number that is none", name);
}

/* ---- pages ------------------------------------------------------------------------------------------- */

static void test_found(void) {
    sample s;
    fill(&s);
    char *page = page_of(&s.e, "show/<b>&\"x\".mkv");
    check_page(page, "found");
    tap_ok(has(page, "<h1>&lt;b&gt;&amp;&quot;x&quot;.mkv</h1>") && !has(page, "<b>&") && has(page, "m&lt;odel"),
           "names are escaped");
    tap_ok(has(page, "00:00:20.000") && has(page, "first frame 500") && has(page, "last frame 2499"), "both marks");
    tap_ok(has(page, "97\u00a0% sure") && has(page, "chip good\">97") && has(page, "chip fair\">62"), "how sure");
    tap_ok(has(page, "at the cut after the titles") && has(page, "goes black, and the titles follow"),
           "what it was found by");
    tap_ok(has(page, "First frame of the story") && has(page, "Last frame of the story"), "the boundary's frames");
    tap_ok(has(page, "20 black frames, 2500 to 2519"), "the black, with its frames");
    tap_ok(has(page, "last stand on frame 479"), "the titles' last frame");
    tap_ok(count(page, "Second choice: ") == 2 && has(page, "8.0\u00a0%"), "the runner-up and its mass");
    tap_ok(has(page, "against it with 30.0 nats") && has(page, "10 of 120 seconds"),
           "why it lost; what was not looked at");
    tap_ok(count(page, "data:image/jpeg;base64,/9j/2Q==") == 16, "pictures are inside");
    free(page);
}

static void test_none(void) {
    sample s;
    fill(&s);
    s.e.answer.start_main = (bk_mark){ 0, 0, 0.8f, BK_NONE };
    s.e.answer.segments[0].kind = BK_MAIN;
    s.e.end[0].best = (bk_candidate){ .mass = 0.9f, .nothing = 1 };
    s.e.end[0].refined = s.e.end[0].n_notes = s.e.end[0].n_pictures = 0;
    char *page = page_of(&s.e, "film.mkv");
    check_page(page, "nothing to skip");
    tap_ok(has(page, "no opening was found") && has(page, "with the film") && !has(page, "Opening, skipped"),
           "says so");
    free(page);
}

static void test_unsure(void) {
    sample s;
    fill(&s);
    s.e.answer.start_main.found = BK_UNSURE;
    s.e.answer.n_segments = 0;
    s.e.end[0].refined = s.e.end[0].n_notes = 0;
    s.e.end[0].mark_note = s.e.end[0].titles_note = -1;
    s.e.end[0].by = BK_BY_SECOND;
    s.e.end[0].best.mass = 0.3f;
    s.e.end[0].rival.mass = 0.29f;
    snprintf(s.e.answer.reason, sizeof s.e.answer.reason, "<20 s or 60 s>");
    char *page = page_of(&s.e, "film.mkv");
    check_page(page, "not sure");
    tap_ok(has(page, "&lt;20 s or 60 s&gt;") && has(page, "too close to call"), "the reason");
    tap_ok(has(page, "00:00:20.000, with 30\u00a0%") && has(page, "Second choice: the story begins at 00:01:00.000"),
           "both candidates");
    tap_ok(count(page, "Would be opening") == 2 && !has(page, "Opening, skipped"), "nothing is called skipped");
    free(page);
}

/* The notebook's rules have no posterior; a model without a head has no probabilities either. */
static void test_poor(void) {
    sample s;
    fill(&s);
    for (int i = 0; i < 2; i++) {
        s.e.posterior[i] = NULL;
        s.e.end[i] = (bk_end_explanation){ .mark_note = -1, .titles_note = -1 };
    }
    s.e.evidence = NULL;
    char *page = page_of(&s.e, "film.mkv");
    check_page(page, "notebook");
    tap_ok(has(page, "found to the second") && !has(page, "Second choice: "), "claims no more");
    free(page);
    s.e.probabilities = NULL;
    s.e.answer = (bk_answer){ .duration_us = S(120), .reason = "m has no head" };
    page = page_of(&s.e, "film.mkv");
    check_page(page, "no head");
    tap_ok(has(page, "m has no head") && !has(page, "class=\"chart"), "says why, draws nothing");
    free(page);
}

static void test_refused(void) {
    sample s;
    bk_error err = { 0 };
    fill(&s);
    const bk_report failed = { .file = "x", .error = "x: broken" }, r = { .file = "x" };
    FILE *to = tmpfile();
    tap_ok(bk_write_page(to, &failed, &s.e, &err) == BK_EINVAL, "%s", err.text);
    tap_ok(bk_write_page(to, &r, NULL, &err) == BK_EINVAL, "no explanation");
    tap_ok(bk_write_plot(to, (bk_plot)7, &r, &s.e, &err) == BK_EINVAL, "%s", err.text);
    fclose(to);
    FILE *full = fopen("/dev/full", "w");
    if (full) tap_ok(bk_write_page(full, &r, &s.e, &err) == BK_EIO, "%s", err.text);
    if (full) fclose(full);
}

/* ---- the index --------------------------------------------------------------------------------------- */

static void test_index(void) {
    const bk_page_row rows[] = {
        { "a <1>.mkv", "sub dir/a <1>.html", &answer_example, NULL },
        { "b.mkv", "b.html", &answer_half_sure, NULL },
        { "c.mkv", NULL, NULL, "c.mkv: no <video> stream" },
        { "d.mkv", NULL, &answer_nothing, "d.html: it is there already" },
    };
    char *page = NULL;
    size_t n = 0;
    bk_error err = { 0 };
    FILE *to = open_memstream(&page, &n);
    int code = bk_write_index(to, rows, 4, "m", &err);
    fclose(to);
    tap_ok(code == BK_OK, "an index %s", err.text);
    check_page(page, "index");
    tap_ok(has(page, "4 films: 2 answered, 1 not sure, 1 failed"), "the tally");
    tap_ok(has(page, "href=\"sub%20dir/a%20%3C1%3E.html\">a &lt;1&gt;.mkv</a>"), "a link");
    tap_ok(has(page, "c.mkv: no &lt;video&gt; stream") && has(page, "d.html: it is there already"),
           "failures tell why");
    tap_ok(has(page, "<th scope=\"row\">c.mkv</th>"), "and have no link");
    free(page);
}

/* ---- plots ------------------------------------------------------------------------------------------- */

static void test_plots(void) {
    sample s;
    fill(&s);
    static float many[20000];
    for (int i = 0; i < 20000; i++) many[i] = i == 12345 ? 1.0f : 0.1f;
    for (int kind = BK_PLOT_SVG; kind <= BK_PLOT_PNG; kind++) {
        char *bytes = NULL;
        size_t n = 0;
        FILE *to = open_memstream(&bytes, &n);
        const bk_report r = { .file = "dir/<film>.mkv" };
        int code = bk_write_plot(to, (bk_plot)kind, &r, &s.e, NULL);
        fclose(to);
        bool svg = kind == BK_PLOT_SVG;
        tap_ok(code == BK_OK && (svg ? has(bytes, "<title>&lt;film&gt;.mkv</title>") && has(bytes, "story begins")
                                     : n > 1000 && !memcmp(bytes, "\x89PNG\r\n\x1a\n", 8)),
               svg ? "SVG" : "PNG");
        free(bytes);
    }
    s.e.len = 20000;
    s.e.probabilities = many;
    s.e.answer.duration_us = S(20000);
    plot p = { .w = 1000, .h = 200 };
    text t = { 0 };
    film_chart(&p, &s.e, "long");
    plot_svg(&t, &p, "long");
    tap_ok(plot_ok(&p) && t.n < 60000, "five and a half hours make %zu bytes", t.n);
    /* Its top is the axis' top, where no other point of the curve is. */
    float top = 1e9f;
    for (size_t i = 0; i < p.n; i++)
        for (size_t k = 0; p.items[i].kind == PLOT_STROKE && p.items[i].n > 100 && k < p.items[i].n; k++)
            top = fminf(top, p.points[p.items[i].first + k][1]);
    tap_near((double)top, 44, 0.01, "and one second's peak is still drawn");
    text_close(&t);
    plot_close(&p);
}

int main(void) {
    test_pieces();
    test_found();
    test_none();
    test_unsure();
    test_poor();
    test_refused();
    test_index();
    test_plots();
    return tap_done();
}
