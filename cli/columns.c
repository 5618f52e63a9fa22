/* Widths of text on a terminal, without the locale's help: the program leaves the locale alone, since a decimal point
 * must be a point. */
#define _GNU_SOURCE
#include "columns.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One character: its bytes, and the columns it takes. */
typedef struct glyph {
    int bytes, columns;
} glyph;

typedef struct range {
    uint32_t from, to;
} range;

/* East Asian Width W and F in the large (Unicode Standard Annex 11), and emoji. */
static const range wide[] = {
    { 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },   { 0xac00, 0xd7a3 },
    { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
    { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff }, { 0x20000, 0x3fffd }
};
static const range none[] = { { 0x300, 0x36f },   { 0x483, 0x489 },   { 0x591, 0x5bd },   { 0x610, 0x61a },
                              { 0x64b, 0x65f },   { 0xe31, 0xe31 },   { 0xe34, 0xe3a },   { 0xe47, 0xe4e },
                              { 0x200b, 0x200f }, { 0x20d0, 0x20ff }, { 0x3099, 0x309a }, { 0xfe00, 0xfe0f } };

static bool in(uint32_t c, const range *r, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (c >= r[i].from && c <= r[i].to) return true;
    return false;
}

/* The character that s begins with; bytes that are none, and controls, are to be shown as one question mark each. */
static glyph next(const char *s, bool *odd) {
    const unsigned char *p = (const unsigned char *)s;
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    int n = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
    uint32_t c = n == 1 ? *p : n ? *p & (0x7fu >> n) : 0;
    bool ok = n > 0;
    for (int i = 1; ok && i < n; i++) {
        ok = p[i] >> 6 == 2;
        c = c << 6 | (p[i] & 0x3f);
    }
    *odd = !ok || c < 0x20 || (c >= 0x7f && c < 0xa0) || c < least[n] || c > 0x10ffff;
    if (*odd) return (glyph){ ok && c >= least[n] ? n : 1, 1 };
    return (glyph){ n, in(c, wide, sizeof wide / sizeof *wide) ? 2 : !in(c, none, sizeof none / sizeof *none) };
}

int columns_of(const char *s) {
    int n = 0;
    for (bool odd; *s;) {
        glyph g = next(s, &odd);
        n += g.columns;
        s += g.bytes;
    }
    return n;
}

typedef struct writer {
    char *to;
    size_t cap, n;
    int columns;
} writer;

static void put(writer *w, const char *s, glyph g) {
    if (w->n + (size_t)g.bytes >= w->cap) return;
    memcpy(w->to + w->n, s, (size_t)g.bytes);
    w->n += (size_t)g.bytes;
    w->to[w->n] = 0;
    w->columns += g.columns;
}

/* Characters of s while they fit into `columns` more; returns what is left of s. */
static const char *put_while(writer *w, const char *s, int columns) {
    int stop = w->columns + columns;
    for (bool odd; *s;) {
        glyph g = next(s, &odd);
        if (w->columns + g.columns > stop) break;
        put(w, odd ? "?" : s, odd ? (glyph){ 1, 1 } : g);
        s += g.bytes;
    }
    return s;
}

void columns_fit(char *to, size_t cap, const char *s, int columns, bool utf8) {
    const char *dots = utf8 ? "\xe2\x80\xa6" : "...";
    int gap = utf8 ? 1 : 3, length = columns_of(s);
    writer w = { to, cap, 0, 0 };
    *to = 0;
    if (length > columns && columns > gap) {
        s = put_while(&w, s, (columns - gap) / 2);
        put(&w, dots, (glyph){ (int)strlen(dots), gap });
        int room = columns - w.columns;
        for (bool odd; columns_of(s) > room;) s += next(s, &odd).bytes;
    }
    put_while(&w, s, columns - w.columns);
    while (w.columns < columns && w.n + 1 < cap) put(&w, " ", (glyph){ 1, 1 });
}

void columns_bar(char *to, size_t cap, double share, int columns, bool utf8) {
    const char *full = utf8 ? "\xe2\x94\x81" : "#", *rest = utf8 ? "\xe2\x94\x80" : ".";
    int done = (int)(share * columns + 0.5);
    writer w = { to, cap, 0, 0 };
    *to = 0;
    for (int i = 0; i < columns; i++) put(&w, i < done ? full : rest, (glyph){ (int)strlen(full), 1 });
}

bool columns_utf8(void) {
    static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}
