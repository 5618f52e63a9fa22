/* Names and bars on a terminal: exactly as wide as asked for. */
#include "tap.h"

#include <string.h>

#include "columns.h"

static const struct {
    const char *s;
    int columns;
    bool utf8;
    const char *want;
} cases[] = {
    { "film.mkv", 8, true, "film.mkv" },
    { "film.mkv", 10, true, "film.mkv  " },
    { "a.long.name.s01e02.mkv", 11, true,
      "a.lon\xe2\x80\xa6"
      "2.mkv" },
    { "a.long.name.s01e02.mkv", 11, false, "a.lo....mkv" },
    { "\xe6\x98\xa0\xe7\x94\xbb.mkv", 8, true, "\xe6\x98\xa0\xe7\x94\xbb.mkv" },
    { "\xe6\x98\xa0\xe7\x94\xbb\xe6\x98\xa0\xe7\x94\xbb", 6, true, "\xe6\x98\xa0\xe2\x80\xa6\xe7\x94\xbb " },
    { "e\xcc\x81t\xc3\xa9", 3, true, "e\xcc\x81t\xc3\xa9" },
    { "bad\xff\x1b[2J", 9, true, "bad??[2J " },
    { "\xc0\xaf", 4, true, "??  " },
    { "abc", 0, true, "" },
};

static void test_fit(void) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[100];
        columns_fit(got, sizeof got, cases[i].s, cases[i].columns, cases[i].utf8);
        int wide = columns_of(got);
        bool exact = wide == cases[i].columns;
        bool is = !strcmp(got, cases[i].want);
        tap_ok(is && exact, "'%s' in %d columns: '%s'", cases[i].s, cases[i].columns, got);
    }
    char small[8];
    columns_fit(small, sizeof small, "\xe6\x98\xa0\xe7\x94\xbb\xe6\x98\xa0", 20, true);
    tap_ok(strlen(small) < sizeof small, "a small buffer is not overrun");
}

static void test_bar(void) {
    char bar[64];
    columns_bar(bar, sizeof bar, 0.5, 10, false);
    tap_ok(!strcmp(bar, "#####....."), "half: %s", bar);
    columns_bar(bar, sizeof bar, 1, 4, false);
    tap_ok(!strcmp(bar, "####"), "whole: %s", bar);
    columns_bar(bar, sizeof bar, 0.25, 8, true);
    tap_ok(columns_of(bar) == 8 && strlen(bar) == 24, "in UTF-8: %s", bar);
}

int main(void) {
    test_fit();
    test_bar();
    return tap_done();
}
