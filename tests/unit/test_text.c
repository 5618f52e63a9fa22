/* base/text and base/half: strings, numbers, times, names of paths, 16-bit floats. */
#include <locale.h>
#include <string.h>

#include "base/half.h"
#include "base/text.h"
#include "tap.h"

static void test_builder(void) {
    text t = { 0 };
    tap_ok(strcmp(text_str(&t), "") == 0, "an empty text reads as \"\"");
    text_addf(&t, "%d-%s", 7, "x");
    for (int i = 0; i < 1000; i++) text_add(&t, "ab");
    tap_ok(t.n == 2003 && strlen(text_str(&t)) == 2003 && !strncmp(t.s, "7-xab", 5), "appends grow it");
    text_clear(&t);
    text_add_n(&t, "a\0b", 3);
    tap_ok(t.n == 3 && !memcmp(t.s, "a\0b", 4), "zero bytes are bytes");
    text_close(&t);
    tap_ok(t.s == NULL && t.n == 0, "close leaves it empty");
}

static void test_json(void) {
    static const struct {
        const char *in, *out;
    } rows[] = {
        { "plain", "\"plain\"" },
        { "a\"b\\c", "\"a\\\"b\\\\c\"" },
        { "\n\t\r\b\f\x01\x7f", "\"\\n\\t\\r\\b\\f\\u0001\\u007f\"" },
        { "\xd1\x82\xd0\xb8\xd1\x82\xd1\x80", "\"\xd1\x82\xd0\xb8\xd1\x82\xd1\x80\"" },
        { "\xf0\x9f\x8e\xac", "\"\xf0\x9f\x8e\xac\"" },
        { "a\xff"
          "b",
          "\"a\xef\xbf\xbd"
          "b\"" },
        { "\xc3", "\"\xef\xbf\xbd\"" },
        { "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        { NULL, "null" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text t = { 0 };
        text_add_json(&t, rows[i].in);
        tap_ok(!strcmp(text_str(&t), rows[i].out), "JSON string %zu: %s", i, text_str(&t));
        text_close(&t);
    }
}

static void test_number_text(void) {
    text t = { 0 };
    bool comma = setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
    text_add_number(&t, 92.4804, 3);
    text_add(&t, " ");
    text_add_number(&t, -0.5, 1);
    text_add(&t, " ");
    text_add_number(&t, (double)NAN, 1);
    double x = 0;
    tap_ok(!strcmp(text_str(&t), "92.480 -0.5 null"), "numbers as text: %s%s", text_str(&t),
           comma ? " (comma locale)" : "");
    tap_ok(text_parse_number("1.5", 0, 9, &x) && tap_near(x, 1.5, 0, "a point in any locale"), "and back");
    setlocale(LC_ALL, "C");
    text_close(&t);
}

static void test_parse_int(void) {
    static const struct {
        const char *s;
        bool ok;
        int64_t value;
    } rows[] = {
        { "0", true, 0 },    { "-5", true, -5 },  { "+5", true, 5 },  { "100", true, 100 },
        { "101", false, 0 }, { "-6", false, 0 },  { "", false, 0 },   { "-", false, 0 },
        { " 1", false, 0 },  { "1 ", false, 0 },  { "1x", false, 0 }, { "0x10", false, 0 },
        { "1.0", false, 0 }, { "--1", false, 0 }, { "007", true, 7 }, { "99999999999999999999", false, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t x = 77;
        bool ok = text_parse_int(rows[i].s, -5, 100, &x);
        tap_ok(ok == rows[i].ok && x == (ok ? rows[i].value : 77), "whole number \"%s\"", rows[i].s);
    }
    int64_t x;
    tap_ok(text_parse_int("-9223372036854775808", INT64_MIN, INT64_MAX, &x) && x == INT64_MIN, "the lowest number");
    tap_ok(!text_parse_int("9223372036854775808", INT64_MIN, INT64_MAX, &x), "one above the highest");
}

static void test_parse_number(void) {
    static const struct {
        const char *s;
        bool ok;
    } rows[] = {
        { "0.25", true }, { "1e2", true },  { "-1.", true },  { ".5", true },  { "1e400", false }, { "nan", false },
        { "inf", false }, { "0x1", false }, { "1,5", false }, { " 1", false }, { "1 ", false },    { "", false },
        { "e", false },   { "-", false },   { "101", false }, { "1e", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double x = 0;
        tap_ok(text_parse_number(rows[i].s, -100, 100, &x) == rows[i].ok, "number \"%s\"", rows[i].s);
    }
}

static void test_times(void) {
    static const struct {
        const char *s;
        bool ok;
        int64_t us;
    } rows[] = {
        { "00:01:32", true, 92000000 },
        { "00:01:32.480", true, 92480000 },
        { "1:00:00", true, 3600000000 },
        { "0:0:5", true, 5000000 },
        { "00:00:00.5", true, 500000 },
        { "00:00:00.0000005", true, 1 },
        { "00:00:00.123456789", true, 123457 },
        { "00:00:59.9999999", true, 60000000 },
        { "9999:59:59", true, 35999999000000 },
        { "00:60:00", false, 0 },
        { "00:00:60", false, 0 },
        { "01:32", false, 0 },
        { "00:01:32.", false, 0 },
        { "00:01:32,5", false, 0 },
        { "-0:01:32", false, 0 },
        { "00:01:32 ", false, 0 },
        { " 00:01:32", false, 0 },
        { "", false, 0 },
        { "00:01:32.1234567890", false, 0 },
        { "10000:00:00", false, 0 },
        { "00:001:32", false, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t us = -1;
        bool ok = text_parse_time(rows[i].s, &us);
        tap_ok(ok == rows[i].ok && us == (ok ? rows[i].us : -1), "time \"%s\"", rows[i].s);
    }
    static const struct {
        int64_t us;
        const char *clock, *seconds;
    } out[] = {
        { 0, "00:00:00.000", "0.000" },
        { 92480000, "00:01:32.480", "92.480" },
        { 1499, "00:00:00.001", "0.001" },
        { 1500, "00:00:00.002", "0.002" },
        { 3599999500, "01:00:00.000", "3600.000" },
        { -92480000, "-00:01:32.480", "-92.480" },
        { -400, "00:00:00.000", "0.000" },
        { 360000000000, "100:00:00.000", "360000.000" },
        { INT64_MAX, "2562047788:00:54.776", "9223372036854.776" },
        { INT64_MIN, "-2562047788:00:54.776", "-9223372036854.776" },
    };
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        char a[TEXT_TIME_MAX], b[TEXT_TIME_MAX];
        tap_ok(!strcmp(text_clock(a, out[i].us), out[i].clock) && !strcmp(text_seconds(b, out[i].us), out[i].seconds),
               "time as text: %s %s", a, b);
    }
}

static void test_paths(void) {
    static const struct {
        const char *path, *name, *ending, *stem;
    } rows[] = {
        { "a/b/episode.mkv", "episode.mkv", ".mkv", "episode" },
        { "x.tar.gz", "x.tar.gz", ".gz", "x.tar" },
        { "a.b/none", "none", "", "none" },
        { ".hidden", ".hidden", "", ".hidden" },
        { "/", "", "", "" },
        { "dot.", "dot.", "", "dot." },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text t = { 0 };
        path_add_stem(&t, rows[i].path);
        tap_ok(!strcmp(path_name(rows[i].path), rows[i].name) && !strcmp(path_ending(rows[i].path), rows[i].ending) &&
                   !strcmp(text_str(&t), rows[i].stem),
               "path %s: stem %s", rows[i].path, text_str(&t));
        text_close(&t);
    }
    static const char *const joins[][3] = {
        { "a", "b", "a/b" }, { "a/", "b", "a/b" }, { "", "b", "b" }, { "a", "/b", "/b" }, { "/", "b", "/b" },
    };
    for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
        text t = { 0 };
        path_add_join(&t, joins[i][0], joins[i][1]);
        tap_ok(!strcmp(text_str(&t), joins[i][2]), "join gives %s", text_str(&t));
        text_close(&t);
    }
    tap_ok(path_ends("A.NPZ", ".npz") && !path_ends("npz", ".npz"), "endings ignore case");
}

/* Every half there is, and the neighbourhood where rounding decides. */
static void test_half(void) {
    bool same = true, tie = true;
    for (uint32_t h = 0; h < 65536; h++) {
        float x = half_to_float((uint16_t)h);
        bool nan = (h & 0x7fff) > 0x7c00;
        same = same && (nan ? x != x : half_from_float(x) == h);
        if ((h & 0x7fff) >= 0x7bff) continue;
        float next = half_to_float((uint16_t)(h + 1)), middle = x + (next - x) / 2;
        uint16_t even = (uint16_t)(h & 1 ? h + 1 : h);
        tie = tie && half_from_float(middle) == even && half_from_float(nextafterf(middle, x)) == h &&
              half_from_float(nextafterf(middle, next)) == h + 1;
    }
    tap_ok(same, "all 65536 halves go to float and back");
    tap_ok(tie, "ties go to even, all else to the nearest");
    tap_near((double)half_to_float(0x3555), 0.333251953125, 0, "a third");
    tap_near((double)half_to_float(1), 0x1p-24, 0, "the smallest subnormal");
    tap_ok(half_from_float(65519.0f) == 0x7bff && half_from_float(65520.0f) == 0x7c00, "overflow to infinity");
    tap_ok(half_from_float(0x1p-26f) == 0 && half_from_float(-0.0f) == 0x8000, "underflow, and the sign of zero");
    bool brain = true;
    for (uint32_t b = 0; b < 65536; b++) {
        float x = half_from_bf16((uint16_t)b);
        brain = brain && (x != x ? half_from_bf16(half_to_bf16(x)) != x : half_to_bf16(x) == b);
    }
    tap_ok(brain, "all 65536 bfloat16 go to float and back");
    tap_ok(half_to_bf16(1.00390625f) == 0x3f80 && half_to_bf16(1.01171875f) == 0x3f82, "bfloat16 ties go to even");
}

int main(void) {
    test_builder();
    test_json();
    test_number_text();
    test_parse_int();
    test_parse_number();
    test_times();
    test_paths();
    test_half();
    return tap_done();
}
