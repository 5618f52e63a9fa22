/* A growing string, strict numbers and times, names of paths. */
#define _GNU_SOURCE
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* ---- a growing string ------------------------------------------------------------------------------ */

bool text_ok(const text *t) {
    return !t->failed;
}

const char *text_str(const text *t) {
    return t->s ? t->s : "";
}

void text_clear(text *t) {
    t->n = 0;
    t->failed = false;
    if (t->s) t->s[0] = 0;
}

void text_close(text *t) {
    if (!t) return;
    free(t->s);
    *t = (text){ 0 };
}

/* Room for n more bytes and the terminator. */
static bool reserve(text *t, size_t n) {
    size_t need;
    if (!t->failed && bk_size_add(&need, t->n, n) && bk_size_add(&need, need, 1) && bk_grow(&t->s, &t->cap, need, 1))
        return true;
    t->failed = true;
    return false;
}

void text_add_n(text *t, const char *s, size_t n) {
    if (!reserve(t, n)) return;
    if (n) memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = 0;
}

void text_add(text *t, const char *s) {
    text_add_n(t, s, strlen(s));
}

void text_addf(text *t, const char *fmt, ...) {
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n < 0)
        t->failed = true;
    else if (reserve(t, (size_t)n))
        t->n += (size_t)vsnprintf(t->s + t->n, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(ap);
}

int text_utf8(const char *s, size_t n) {
    const unsigned char *u = (const unsigned char *)s;
    if (n == 0) return 0;
    if (u[0] < 0x80) return 1;
    int len = u[0] >= 0xc2 && u[0] < 0xe0 ? 2 : u[0] >= 0xe0 && u[0] < 0xf0 ? 3 : u[0] >= 0xf0 && u[0] < 0xf5 ? 4 : 0;
    if (!len || n < (size_t)len) return 0;
    for (int i = 1; i < len; i++)
        if ((u[i] & 0xc0) != 0x80) return 0;
    /* overlong forms, surrogates, beyond U+10FFFF (RFC 3629) */
    bool wrong = (u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) || (u[0] == 0xf0 && u[1] < 0x90) ||
                 (u[0] == 0xf4 && u[1] > 0x8f);
    return wrong ? 0 : len;
}

static void add_json_char(text *t, unsigned char c) {
    static const char special[] = "\b\f\n\r\t\"\\", letter[] = "bfnrt\"\\";
    const char *at = memchr(special, c, sizeof special - 1);
    if (at)
        text_addf(t, "\\%c", letter[at - special]);
    else if (c < 0x20 || c == 0x7f)
        text_addf(t, "\\u%04x", c);
    else
        text_add_n(t, (const char *)&c, 1);
}

void text_add_json(text *t, const char *s) {
    if (!s) {
        text_add(t, "null");
        return;
    }
    text_add(t, "\"");
    for (size_t left = strlen(s); left > 0;) {
        int len = text_utf8(s, left);
        if (len > 1)
            text_add_n(t, s, (size_t)len);
        else if (len == 1)
            add_json_char(t, (unsigned char)*s);
        else
            text_add(t, "\xef\xbf\xbd");
        if (len == 0) len = 1;
        s += len;
        left -= (size_t)len;
    }
    text_add(t, "\"");
}

void text_add_number(text *t, double x, int decimals) {
    if (!isfinite(x)) {
        text_add(t, "null");
        return;
    }
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t old = c ? uselocale(c) : (locale_t)0;
    text_addf(t, "%.*f", decimals, x);
    if (c) {
        uselocale(old);
        freelocale(c);
    }
}

/* ---- numbers and times ----------------------------------------------------------------------------- */

bool text_parse_int(const char *s, int64_t lo, int64_t hi, int64_t *out) {
    size_t sign = *s == '-' || *s == '+', digits = strspn(s + sign, "0123456789");
    if (digits == 0 || s[sign + digits]) return false;
    errno = 0;
    long long x = strtoll(s, NULL, 10);
    if (errno == ERANGE || x < lo || x > hi) return false;
    *out = x;
    return true;
}

bool text_parse_number(const char *s, double lo, double hi, double *out) {
    if (!*s || s[strspn(s, "0123456789+-.eE")]) return false;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c) return false;
    char *end;
    double x = strtod_l(s, &end, c);
    freelocale(c);
    if (end == s || *end || !isfinite(x) || !(x >= lo && x <= hi)) return false;
    *out = x;
    return true;
}

/* Reads 1 to max digits at *s and moves *s behind them. */
static bool take_digits(const char **s, int max, int64_t *out) {
    int n = (int)strspn(*s, "0123456789");
    if (n < 1 || n > max) return false;
    *out = 0;
    for (int i = 0; i < n; i++) *out = *out * 10 + (*(*s)++ - '0');
    return true;
}

bool text_parse_time(const char *s, int64_t *out_us) {
    int64_t h, m, sec, fraction = 0;
    if (!take_digits(&s, 4, &h) || *s++ != ':') return false;
    if (!take_digits(&s, 2, &m) || *s++ != ':') return false;
    if (!take_digits(&s, 2, &sec) || m > 59 || sec > 59) return false;
    if (*s == '.') {
        const char *first = ++s;
        if (!take_digits(&s, 9, &fraction)) return false;
        for (int digits = (int)(s - first); digits < 9; digits++) fraction *= 10;
    }
    if (*s) return false;
    *out_us = ((h * 60 + m) * 60 + sec) * 1000000 + (fraction + 500) / 1000;
    return true;
}

/* Magnitude in milliseconds, rounded half up; *sign is "-" for what is still below zero then. */
static uint64_t to_ms(int64_t us, const char **sign) {
    uint64_t a = us < 0 ? 0 - (uint64_t)us : (uint64_t)us, ms = a / 1000 + (a % 1000 >= 500);
    *sign = us < 0 && ms ? "-" : "";
    return ms;
}

char *text_clock(char buf[TEXT_TIME_MAX], int64_t us) {
    const char *sign;
    uint64_t ms = to_ms(us, &sign), s = ms / 1000;
    snprintf(buf, TEXT_TIME_MAX, "%s%02" PRIu64 ":%02u:%02u.%03u", sign, s / 3600, (unsigned)(s / 60 % 60),
             (unsigned)(s % 60), (unsigned)(ms % 1000));
    return buf;
}

char *text_seconds(char buf[TEXT_TIME_MAX], int64_t us) {
    const char *sign;
    uint64_t ms = to_ms(us, &sign);
    snprintf(buf, TEXT_TIME_MAX, "%s%" PRIu64 ".%03u", sign, ms / 1000, (unsigned)(ms % 1000));
    return buf;
}

/* ---- names of paths -------------------------------------------------------------------------------- */

const char *path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *path_ending(const char *path) {
    const char *name = path_name(path), *point = strrchr(name, '.');
    return point && point != name && point[1] ? point : name + strlen(name);
}

bool path_ends(const char *path, const char *ending) {
    size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcasecmp(path + n - m, ending) == 0;
}

void path_add_stem(text *t, const char *path) {
    const char *name = path_name(path);
    text_add_n(t, name, (size_t)(path_ending(path) - name));
}

void path_add_join(text *t, const char *folder, const char *name) {
    size_t n = strlen(folder);
    if (n && name[0] != '/') {
        text_add_n(t, folder, n);
        if (folder[n - 1] != '/') text_add(t, "/");
    }
    text_add(t, name);
}
