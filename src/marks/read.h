/* What the readers of marker files share. For the files of marks/ alone. */
#ifndef BK_MARKS_READ_H
#define BK_MARKS_READ_H

#include "base/text.h"
#include "marks/marks.h"

/* A text that is gone through line by line. */
typedef struct lines {
    const char *next, *end;
    const char *name; /* of the file, for sentences */
    int number;       /* of the last line read, from 1 */
    char line[1024];  /* that line: its spaces at both ends and its end cut off, and what is longer */
} lines;

lines lines_of(const char *source, size_t n, const char *name);
/* False behind the last. */
bool lines_next(lines *l);
/* "NAME:LINE: WHAT: ..." */
int lines_fail(const lines *l, const char *what, bk_error *err);

/* Seconds, or [HH:]MM:SS with a decimal part after a point or comma, or #FRAME when fps is known; the longest
 * beginning of s that is one. Returns how many bytes it has, 0: none. At most 10^7 seconds. */
size_t read_time(const char *s, double fps, int64_t *out_us);

/* A reader appends what the text says. BK_EFORMAT, BK_EMISMATCH, BK_ENOMEM. */
typedef int mark_reader(marks *m, const char *source, size_t n, const char *name, const mark_film *film,
                        bk_error *err);

mark_reader read_edl, read_comskip, read_mpv_edl, read_labels, read_ffmetadata, read_matroska, read_ogm, read_webvtt,
    read_json;

#endif
