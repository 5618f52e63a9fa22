/* store/csv and store/labels: RFC 4180, and the notebook's labels.csv. */
#include <string.h>

#include "base/file.h"
#include "scratch.h"
#include "store/csv.h"
#include "store/labels.h"
#include "tap.h"

static int parse(csv **c, const char *source, size_t n, bk_error *err) {
    char *exact = malloc(n ? n : 1);
    memcpy(exact, source, n);
    int rc = csv_parse(c, exact, n, "x.csv", err);
    free(exact);
    return rc;
}

/* The table as "a|b;c|d" */
static void flatten(text *t, const csv *c) {
    for (size_t r = 0; r <= csv_rows(c); r++)
        for (int k = 0; k < (int)csv_columns(c); k++)
            text_addf(t, "%s%s", k ? "|" : r ? ";" : "", r ? csv_field(c, r - 1, k) : csv_header(c, k));
}

static void test_tables(void) {
    static const struct {
        const char *source, *flat;
    } rows[] = {
        { "a,b\n1,2\n", "a|b;1|2" },
        { "a,b\r\n1,2\r\n3,4", "a|b;1|2;3|4" },
        { "a,b\r1,2\r", "a|b;1|2" },
        { "\xef\xbb\xbf"
          "a,b\n1,2\n",
          "a|b;1|2" },
        { "a\n\"x, y\"\n", "a;x, y" },
        { "a\n\"say \"\"hi\"\"\"\n", "a;say \"hi\"" },
        { "\"a\",\"b\"\n\"\",\n", "a|b;|" },
        { "a,b\n\n1,2\n\r\n\n3,4\n\n", "a|b;1|2;3|4" },
        { "a\nsize 5\" disk\n", "a;size 5\" disk" },
        { "a,b\n , x \n", "a|b; | x " },
        { "a", "a" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        csv *c = NULL;
        text t = { 0 };
        bk_error err = { 0 };
        if (parse(&c, rows[i].source, strlen(rows[i].source), &err) == BK_OK) flatten(&t, c);
        tap_ok(!strcmp(text_str(&t), rows[i].flat), "table %zu: %s %s", i, text_str(&t), err.text);
        csv_close(&c);
        text_close(&t);
    }
}

static void test_lines(void) {
    csv *c = NULL;
    static const char source[] = "a,b\n\n\"x\ny\",2\n3,4\n";
    bool ok = parse(&c, source, sizeof source - 1, NULL) == BK_OK;
    tap_ok(ok && csv_line(c, 0) == 3 && csv_line(c, 1) == 5 && !strcmp(csv_field(c, 0, 0), "x\ny"),
           "lines inside quotes count");
    tap_ok(ok && csv_column(c, "b") == 1 && csv_column(c, "c") == -1, "columns by name");
    csv_close(&c);
    csv_close(&c);
}

static void test_refused(void) {
    static const struct {
        const char *source;
        size_t n;
        const char *sentence;
    } rows[] = {
        { "", 0, "x.csv: empty" },
        { "\n\n", 2, "x.csv: empty" },
        { "a,b\n1\n", 6, "x.csv:2: 1 fields, the header has 2" },
        { "a,b\n1,2\n1,2,3\n", 14, "x.csv:3: 3 fields" },
        { "a\n\"x\ny", 6, "x.csv:2: a quoted field that does not end" },
        { "a\n\"x\"y\n", 7, "x.csv:2: something follows the closing quote" },
        { "a\n\0b\n", 5, "a zero byte" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        csv *c = NULL;
        bk_error err = { 0 };
        tap_ok(parse(&c, rows[i].source, rows[i].n, &err) == BK_EFORMAT && !c &&
                   strstr(err.text, rows[i].sentence) == err.text + (rows[i].n == 5 ? 9 : 0),
               "%s", err.text);
    }
}

static void test_fields(void) {
    static const char *const rows[] = {
        "plain", "", "a,b", "say \"hi\"", "two\nlines", " spaces ", "\xd1\x82\xd0\xb8\xd1\x82\xd1\x80"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text t = { 0 };
        csv *c = NULL;
        text_add(&t, "h,i\n");
        csv_add_field(&t, rows[i]);
        text_add(&t, ",x\n");
        tap_ok(parse(&c, t.s, t.n, NULL) == BK_OK && !strcmp(csv_field(c, 0, 0), rows[i]),
               "field %zu is written and read", i);
        csv_close(&c);
        text_close(&t);
    }
}

static void test_labels(void) {
    static const char source[] =
        "file,start_main,end_main\nshow1/s01e01.mp4,00:01:32,00:22:30\nb.mkv,0:00:00,01:00:00.250\nother/"
        "b.avi,00:00:05,00:00:05\n";
    labels l = { 0 };
    bk_error err = { 0 };
    if (!tap_ok(labels_parse(&l, source, sizeof source - 1, "labels.csv", &err) == BK_OK && l.n == 3, "labels %s",
                err.text))
        return;
    tap_ok(!strcmp(l.rows[0].file, "show1/s01e01.mp4") && !strcmp(l.rows[0].stem, "s01e01") && l.rows[0].line == 2,
           "file and stem");
    tap_ok(l.rows[0].start_us == 92000000 && l.rows[0].end_us == 1350000000 && l.rows[1].end_us == 3600250000,
           "times");
    tap_ok(labels_find(&l, "s01e01") == &l.rows[0] && labels_find(&l, "b") == &l.rows[2] && !labels_find(&l, "c"),
           "found by stem");
    labels_close(&l);
    labels_close(&l);
    static const char other[] = "note,end_main,file,start_main\nx,00:00:02,a,00:00:01\n";
    tap_ok(labels_parse(&l, other, sizeof other - 1, "labels.csv", &err) == BK_OK && l.n == 1 &&
               l.rows[0].end_us == 2000000,
           "columns in another order, and one more %s", err.text);
    labels_close(&l);
}

static void test_labels_refused(void) {
    static const struct {
        const char *source, *sentence;
    } rows[] = {
        { "file,start_main\na,00:00:01\n", "labels.csv:1: no column end_main" },
        { "file,start_main,end_main\na,00:00:01,00:00:02\nb,1:60:00,02:00:00\n",
          "labels.csv:3: start_main is \"1:60:00\"" },
        { "file,start_main,end_main\na,00:00:01,\n", "labels.csv:2: end_main is \"\"" },
        { "file,start_main,end_main\na,00:00:03,00:00:02\n",
          "labels.csv:2: start_main 00:00:03 is after end_main 00:00:02" },
        { "file,start_main,end_main\n,00:00:01,00:00:02\n", "labels.csv:2: no file name" },
        { "file,start_main,end_main\na/,00:00:01,00:00:02\n", "labels.csv:2: no file name" },
        { "file,start_main,end_main\na,00:00:01\n", "labels.csv:2: 2 fields" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        labels l = { 0 };
        bk_error err = { 0 };
        int rc = labels_parse(&l, rows[i].source, strlen(rows[i].source), "labels.csv", &err);
        tap_ok(rc == BK_EFORMAT && strstr(err.text, rows[i].sentence) == err.text && !l.rows, "%s", err.text);
    }
}

static void test_labels_file(void) {
    scratch s;
    scratch_open(&s);
    const char *path = scratch_path(&s, "labels.csv");
    const label rows[] = { { .file = "a, b.mkv", .start_us = 92480000, .end_us = 1350120000 },
                           { .file = "c", .end_us = 1 } };
    labels l = { 0 };
    bk_error err = { 0 };
    tap_ok(labels_save(path, rows, 2, &err) == BK_OK && labels_load(&l, path, &err) == BK_OK, "saved and loaded %s",
           err.text);
    tap_ok(l.n == 2 && !strcmp(l.rows[0].file, "a, b.mkv") && l.rows[0].start_us == 92480000 && l.rows[1].end_us == 0,
           "the same, to the millisecond");
    labels_close(&l);
    tap_ok(labels_load(&l, scratch_path(&s, "none.csv"), &err) == BK_EIO, "a missing file is told");
    scratch_close(&s);
}

int main(void) {
    test_tables();
    test_lines();
    test_refused();
    test_fields();
    test_labels();
    test_labels_refused();
    test_labels_file();
    return tap_done();
}
