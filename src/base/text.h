/* Text: a growing string, strict numbers and times, names of paths. For every folder; knows nothing of
 * files or locales (a decimal point is a point, whatever the host program has set). */
#ifndef BK_BASE_TEXT_H
#define BK_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* ---- a growing string ------------------------------------------------------------------------------ */

/* Starts as { 0 }. Lack of memory is remembered, not returned: append at will, ask text_ok() once. */
typedef struct text {
    char *s; /* terminated; NULL while nothing was appended: read it through text_str() */
    size_t n, cap;
    bool failed;
} text;

bool text_ok(const text *t);
/* Never NULL; valid until the next append. */
const char *text_str(const text *t);
/* Empties it and keeps its memory. */
void text_clear(text *t);
/* Frees; leaves { 0 }. NULL is allowed. */
void text_close(text *t);

void text_add(text *t, const char *s);
void text_add_n(text *t, const char *s, size_t n);
void text_addf(text *t, const char *fmt, ...) BK_PRINTF(2, 3);
/* A JSON string with its quotes (RFC 8259): control characters, quote and backslash escaped, bytes that
 * are not UTF-8 become U+FFFD. NULL gives null. */
void text_add_json(text *t, const char *s);
/* `decimals` digits after the point; NaN and infinities, which JSON cannot say, give null. */
void text_add_number(text *t, double x, int decimals);

/* Bytes of the UTF-8 sequence that s[0, n) starts with, 1..4; 0 when there is none that is valid. */
int text_utf8(const char *s, size_t n);

/* ---- numbers and times ----------------------------------------------------------------------------- */

/* The whole string must be one number in [lo, hi]: no spaces, no rest. Otherwise false, *out untouched. */
bool text_parse_int(const char *s, int64_t lo, int64_t hi, int64_t *out);
/* Decimal with point and exponent; no hex, no inf, no nan. */
bool text_parse_number(const char *s, double lo, double hi, double *out);
/* HH:MM:SS or HH:MM:SS.sss (1 to 4 digits of hours; minutes and seconds below 60; 1 to 9 decimals, rounded
 * to microseconds). */
bool text_parse_time(const char *s, int64_t *out_us);

enum { TEXT_TIME_MAX = 32 };
/* "00:01:32.480", rounded to milliseconds. Fills and returns buf, so that it fits into a printf. */
char *text_clock(char buf[TEXT_TIME_MAX], int64_t us);
/* "92.480" */
char *text_seconds(char buf[TEXT_TIME_MAX], int64_t us);

/* ---- names of paths -------------------------------------------------------------------------------- */

/* What follows the last slash: a pointer into path. */
const char *path_name(const char *path);
/* The ending of the name with its point, ".mkv"; "" when there is none (also for ".hidden"). Into path. */
const char *path_ending(const char *path);
/* Whether the name ends so, ASCII case ignored: path_ends("A.NPZ", ".npz"). */
bool path_ends(const char *path, const char *ending);
/* The name without its ending: "show/s01e02.mkv" appends "s01e02". Python's pathlib.Path.stem. */
void path_add_stem(text *t, const char *path);
/* Folder and name with one slash between; an empty folder or an absolute name gives the name alone. */
void path_add_join(text *t, const char *folder, const char *name);

#endif
