/* store/json: the grammar of RFC 8259 and nothing beside it. */
#include <string.h>

#include "store/json.h"
#include "tap.h"

static int parse(json_doc *d, const char *source, size_t n, bk_error *err) {
    char *exact = malloc(n ? n : 1); /* no terminator: a sanitizer sees every read beyond n */
    memcpy(exact, source, n);
    int rc = json_parse(d, exact, n, "x.json", err);
    free(exact);
    return rc;
}

static void test_tree(void) {
    static const char source[] = "{ \"a\": [1, -2.5e1, true, false, null, \"t\"],\n \"b\": {\"c\": {}}, \"e\": [] }";
    json_doc d = { 0 };
    bk_error err = { 0 };
    if (!tap_ok(parse(&d, source, sizeof source - 1, &err) == BK_OK, "a tree %s", err.text)) return;
    const json *a = json_get(d.root, "a");
    double x = 0;
    int64_t i = 0;
    tap_ok(json_count(a) == 6 && json_int(a->u.first, 0, 9, &i) && i == 1, "a whole number");
    tap_ok(json_number(a->u.first->next, -100, 100, &x) && tap_near(x, -25, 0, "-2.5e1"), "a number");
    tap_ok(!json_int(a->u.first, 2, 9, &i) && !json_int(json_get(d.root, "b"), 0, 9, &i),
           "out of range, and no number");
    const json *t = a->u.first->next->next;
    tap_ok(t->type == JSON_BOOL && t->truth && t->next->type == JSON_BOOL && !t->next->truth, "true and false");
    tap_ok(t->next->next->type == JSON_NULL && !strcmp(json_string(t->next->next->next), "t"), "null and a string");
    const json *c = json_get(json_get(d.root, "b"), "c");
    tap_ok(c && c->type == JSON_OBJECT && json_count(c) == 0 && json_count(json_get(d.root, "e")) == 0, "empty ones");
    tap_ok(!json_get(NULL, "x") && !json_get(a, "x") && !json_get(d.root, "x") && !json_string(d.root),
           "what is not there");
    json_close(&d);
    json_close(&d);
}

static void test_strings(void) {
    static const struct {
        const char *source, *value;
    } rows[] = {
        { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
        { "\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac" },
        { "\"\\ud83c\\udfac\"", "\xf0\x9f\x8e\xac" },
        { "\"\xd1\x84\x7f\"", "\xd1\x84\x7f" },
        { "\"\"", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_doc d = { 0 };
        bk_error err = { 0 };
        bool ok = parse(&d, rows[i].source, strlen(rows[i].source), &err) == BK_OK;
        tap_ok(ok && !strcmp(json_string(d.root), rows[i].value), "string %s %s", rows[i].source, err.text);
        json_close(&d);
    }
}

static void test_refused(void) {
    static const char *const rows[] = {
        "",
        " ",
        "{",
        "[",
        "]",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":}",
        "{1:2}",
        "[1 2]",
        "1 2",
        "01",
        "-",
        "1.",
        ".5",
        "+1",
        "1e",
        "1e+",
        "0x1",
        "NaN",
        "Infinity",
        "1e999",
        "tru",
        "nulll",
        "'a'",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\\u0000\"",
        "\"\t\"",
        "\"\n\"",
        "[1]//c",
        "[1]\f",
        "\xef\xbb\xbf[]",
        "{\"a\":1 \"b\":2}",
        "[\"a\":1]",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_doc d = { 0 };
        bk_error err = { 0 };
        int rc = parse(&d, rows[i], strlen(rows[i]), &err);
        tap_ok(rc == BK_EFORMAT && !d.root && !strncmp(err.text, "x.json:", 7), "refused %zu: %s", i, err.text);
        json_close(&d);
    }
    json_doc d = { 0 };
    bk_error err = { 0 };
    parse(&d, "[\n1,\n?]", 7, &err);
    tap_ok(strstr(err.text, "x.json:3: ") == err.text, "the line is told: %s", err.text);
}

static void test_depth(void) {
    char source[2 * 70];
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        json_doc d = { 0 };
        bk_error err = { 0 };
        memset(source, '[', (size_t)depth);
        source[depth] = '1';
        memset(source + depth + 1, ']', (size_t)depth);
        int rc = parse(&d, source, (size_t)depth * 2 + 1, &err);
        tap_ok(rc == (depth <= JSON_DEPTH_MAX ? BK_OK : BK_EFORMAT), "%d levels %s", depth, err.text);
        json_close(&d);
    }
}

static void test_cut(void) {
    static const char source[] = "{\"a\":[1.5e3,true,\"\\u00e9\\ud83c\\udfac\"],\"b\":{\"c\":null}}";
    bool all = true;
    for (size_t cut = 0; cut < sizeof source - 1; cut++) {
        json_doc d = { 0 };
        all = all && parse(&d, source, cut, NULL) == BK_EFORMAT;
        json_close(&d);
    }
    tap_ok(all, "cut at every byte, it is refused");
}

int main(void) {
    test_tree();
    test_strings();
    test_refused();
    test_depth();
    test_cut();
    return tap_done();
}
