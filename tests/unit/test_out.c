/* out/: every format byte for byte against tests/golden/out, and what must hold for any answer: no skip
 * touches the story, whatever the safety, and no doubt is skipped. */
#include <string.h>

#include "base/rng.h"
#include "out/out.h"
#include "out_answers.h"
#include "tap.h"

/* What bk_write makes of a report, in memory of the caller's; NULL when it failed. */
static char *written(int format, const bk_report *r, size_t *n, bk_error *err) {
    char *s = NULL;
    FILE *f = open_memstream(&s, n);
    int rc = bk_write_header(f, format, err);
    if (rc == BK_OK) rc = bk_write(f, format, r, err);
    fclose(f);
    if (rc == BK_OK) return s;
    free(s);
    return NULL;
}

static char *read_golden(const char *report, const char *format, size_t *n) {
    char path[200], *s = malloc(1 << 16);
    snprintf(path, sizeof path, "tests/golden/out/%s.%s", report, format);
    FILE *f = fopen(path, "rb");
    *n = f && s ? fread(s, 1, 1 << 16, f) : 0;
    if (f)
        fclose(f);
    else
        free(s), s = NULL;
    return s;
}

static void test_golden(void) {
    for (int f = 0; f < bk_format_count(); f++)
        for (int r = 0; r < REPORTS; r++) {
            size_t n = 0, m = 0;
            bk_error err = { 0 };
            char *is = written(f, &reports[r], &n, &err),
                 *golden = read_golden(report_names[r], bk_format_name(f), &m);
            bool same = is && golden && n == m && memcmp(is, golden, n) == 0;
            tap_ok(same, "%s.%s as in tests/golden/out", report_names[r], bk_format_name(f));
            if (!same) printf("# %zu bytes, expected %zu\n", n, m);
            free(is);
            free(golden);
        }
}

static void test_table(void) {
    static const char *const names[] = { "text",     "json",       "csv",      "edl",       "mplayer-edl",
                                         "mpv-edl",  "ffmetadata", "matroska", "ogm",       "webvtt",
                                         "jellyfin", "comskip",    "aniskip",  "theintrodb" };
    bool all = bk_format_count() == 14, unique = true;
    for (int i = 0; i < bk_format_count(); i++) {
        all = all && bk_format_find(names[i]) == i && strcmp(bk_format_name(i), names[i]) == 0 && bk_format_about(i);
        for (int j = 0; j < i && bk_format_suffix(i); j++)
            unique = unique && (!bk_format_suffix(j) || strcmp(bk_format_suffix(i), bk_format_suffix(j)));
    }
    tap_ok(all, "the formats and their names");
    tap_ok(unique, "no two formats share a side file");
    tap_ok(bk_format_find("kodi") == -1 && bk_format_find(NULL) == -1, "an unknown name");
    tap_ok(!bk_format_name(-1) && !bk_format_about(14) && !bk_format_suffix(99), "out of range");
    tap_ok(strcmp(bk_kind_name(BK_POST_CREDITS), "post-credits") == 0 && !bk_kind_name((bk_kind)77),
           "names of kinds");
}

static void test_errors(void) {
    bk_error err = { 0 };
    bk_answer a = answer_example;
    bk_report r = { .file = "a.mkv", .answer = &a };
    size_t n;
    tap_ok(bk_write(stderr, 14, &r, &err) == BK_EINVAL && bk_write_header(stderr, -1, NULL) == BK_EINVAL,
           "no such format");
    tap_ok(bk_write(NULL, 1, &r, &err) == BK_EINVAL && bk_write(stderr, 1, NULL, &err) == BK_EINVAL,
           "no stream, no report");
    a.fps = 0;
    tap_ok(!written(bk_format_find("comskip"), &r, &n, &err) && err.code == BK_EINVAL, "comskip: %s", err.text);
    a = answer_example;
    a.segments[1].kind = (bk_kind)7;
    tap_ok(!written(1, &r, &n, &err) && err.code == BK_EINVAL, "a bad kind: %s", err.text);
    a = answer_example;
    a.n_segments = BK_SEGMENTS_MAX + 1;
    tap_ok(!written(1, &r, &n, &err) && err.code == BK_EINVAL, "too many segments: %s", err.text);
    a = answer_example;
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        tap_skip("a full disk", "no /dev/full");
    else
        tap_ok(bk_write(full, 1, &r, &err) == BK_EIO, "a full disk: %s", err.text);
    if (full) fclose(full);
}

static void test_json_numbers(void) {
    static const struct {
        double x;
        const char *expected;
    } cases[] = { { 24, "24.0" },
                  { 12.958, "12.958" },
                  { 24000.0 / 1001, "23.976" },
                  { 30000.0 / 1001, "29.97" },
                  { 0, "0.0" },
                  { 100, "100.0" },
                  { 0.5004, "0.5" },
                  { (double)NAN, "null" },
                  { 1e9, "1000000000.0" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text t = { 0 };
        out_add_number(&t, cases[i].x);
        tap_ok(strcmp(text_str(&t), cases[i].expected) == 0, "%s is %s", text_str(&t), cases[i].expected);
        text_close(&t);
    }
    tap_ok(out_ms(499) == 0 && out_ms(500) == 1 && out_ms(12958333) == 12958, "milliseconds are rounded");
}

static void test_csv_quotes(void) {
    static const char *const cases[][2] = { { "a b.mkv", "a b.mkv" }, { "a,b", "\"a,b\"" },
                                            { "\"", "\"\"\"\"" },     { "a\nb", "\"a\nb\"" },
                                            { "a\rb", "\"a\rb\"" },   { "it's; #1", "it's; #1" },
                                            { "x\"y", "\"x\"\"y\"" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bk_report r = { .file = cases[i][0], .answer = &answer_unsure };
        size_t n = 0, skip = strlen("file,start_main,end_main\n"), len = strlen(cases[i][1]);
        char *s = written(bk_format_find("csv"), &r, &n, NULL);
        bool right =
            s && n == skip + len + 3 && memcmp(s + skip, cases[i][1], len) == 0 && !strcmp(s + skip + len, ",,\n");
        tap_ok(right, "csv field %zu", i);
        free(s);
    }
}

/* An answer with random segments, all marks found. */
static bk_answer random_answer(rng *g) {
    bk_answer a = { .fps = 25, .start_main.found = BK_FOUND, .end_main.found = BK_FOUND };
    a.n_segments = 1 + (int)(rng_u64(g) % BK_SEGMENTS_MAX);
    for (int i = 0; i < a.n_segments; i++) {
        int64_t begin = a.duration_us;
        a.duration_us += 1000 * (1 + (int64_t)(rng_u64(g) % 20000));
        a.segments[i] = (bk_segment){ begin, a.duration_us, (bk_kind)(rng_u64(g) % 7), 0.5f };
    }
    return a;
}

static bool story_at(const bk_answer *a, int64_t us) {
    for (int i = 0; i < a->n_segments; i++)
        if (us >= a->segments[i].begin_us && us < a->segments[i].end_us)
            return a->segments[i].kind == BK_MAIN || a->segments[i].kind == BK_POST_CREDITS;
    return true;
}

static bool skipped_at(const out_skip *s, int n, int64_t us) {
    for (int i = 0; i < n; i++)
        if (us >= s[i].begin_us && us < s[i].end_us) return true;
    return false;
}

/* Whether the skips of a report are in order, never touch, and lie within what is not story; without
 * safety they must be all of it. */
static bool skips_hold(const bk_report *r) {
    const bk_answer *a = r->answer;
    out_skip s[BK_SEGMENTS_MAX];
    int n = out_skips(s, r, true);
    for (int i = 0; i < n; i++)
        if (s[i].end_us <= s[i].begin_us || (i && s[i].begin_us <= s[i - 1].end_us)) return false;
    bool exact = r->pad_start_s == 0 && r->pad_end_s == 0;
    for (int64_t us = 0; us < a->duration_us; us += 1000) {
        bool skipped = skipped_at(s, n, us), story = story_at(a, us);
        if (skipped && story) return false;
        if (exact && !skipped && !story) return false;
    }
    return true;
}

/* A segment of the timeline for each moment, and no two parts of the story side by side. */
static bool timeline_holds(const bk_report *r) {
    out_timeline t;
    out_timeline_make(&t, r);
    if (t.n == 0 || t.seg[0].begin_us != 0 || t.seg[t.n - 1].end_us != r->answer->duration_us) return false;
    for (int i = 0; i < t.n; i++) {
        if (t.seg[i].end_us <= t.seg[i].begin_us) return false;
        if (i && t.seg[i].begin_us != t.seg[i - 1].end_us) return false;
        bool story = t.seg[i].kind == BK_MAIN || t.seg[i].kind == BK_POST_CREDITS;
        if (i && story && t.seg[i].kind == t.seg[i - 1].kind) return false;
    }
    return true;
}

static void test_any_answer(void) {
    static const double pads[][2] = { { 0, 0 }, { 0.5, 0 }, { 0, 2 }, { 3, 5 }, { 1e300, 0 }, { -5, (double)NAN } };
    rng g = rng_make(7, 0);
    for (size_t p = 0; p < sizeof pads / sizeof pads[0]; p++) {
        int skips = 0, lines = 0;
        for (int i = 0; i < 200; i++) {
            bk_answer a = random_answer(&g);
            bk_report r = { .file = "a", .answer = &a, .pad_start_s = pads[p][0], .pad_end_s = pads[p][1] };
            skips += skips_hold(&r);
            lines += timeline_holds(&r);
        }
        tap_ok(skips == 200, "safety %g and %g: %d of 200 answers skip no story", pads[p][0], pads[p][1], skips);
        tap_ok(lines == 200, "safety %g and %g: %d of 200 timelines are whole", pads[p][0], pads[p][1], lines);
    }
}

static void test_safety(void) {
    bk_answer a = answer_example;
    bk_report r = { .file = "a", .answer = &a, .pad_start_s = 2, .pad_end_s = 3 };
    out_skip s[BK_SEGMENTS_MAX];
    int n = out_skips(s, &r, true);
    tap_ok(n == 2 && s[0].begin_us == 0 && s[0].end_us == S(90.48), "the opening ends 2 s earlier");
    tap_ok(n == 2 && s[1].begin_us == S(1353.12) && s[1].end_us == S(1440), "the credits begin 3 s later");
    r.pad_start_s = 92.48;
    n = out_skips(s, &r, true);
    tap_ok(n == 1 && s[0].role == OUT_OUTRO, "an opening no longer than the safety is not skipped");
    r.pad_start_s = 0, r.pad_end_s = 0;
    a.start_main.found = BK_UNSURE;
    n = out_skips(s, &r, true);
    tap_ok(n == 1 && s[0].role == OUT_OUTRO, "an unsure start skips nothing there");
    a.start_main.found = BK_FOUND, a.end_main.found = BK_UNSURE;
    n = out_skips(s, &r, true);
    tap_ok(n == 1 && s[0].role == OUT_INTRO, "an unsure end skips nothing there");
    a = (bk_answer){ .duration_us = 0 };
    tap_ok(out_skips(s, &r, true) == 0, "an answer of zeros skips nothing");
}

static void test_roles(void) {
    out_timeline t;
    bk_report r = { .file = "a", .answer = &answer_cold_open };
    static const out_role expected[] = { OUT_RECAP, OUT_STORY, OUT_INTRO, OUT_INTRO,
                                         OUT_STORY, OUT_OUTRO, OUT_STORY, OUT_OUTRO };
    out_timeline_make(&t, &r);
    bool right = t.n == 8;
    for (int i = 0; right && i < 8; i++) right = out_role_of(&t, i) == expected[i];
    tap_ok(right, "logos before and after the story, recap, titles, a scene after the credits");
    out_skip s[BK_SEGMENTS_MAX];
    int n = out_skips(s, &r, false);
    tap_ok(n == 4 && s[1].begin_us == F(1476) && s[1].end_us == F(3624), "logo and titles are one intro");
}

int main(void) {
    test_table();
    test_errors();
    test_json_numbers();
    test_csv_quotes();
    test_any_answer();
    test_safety();
    test_roles();
    test_golden();
    return tap_done();
}
