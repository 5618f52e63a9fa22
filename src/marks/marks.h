/* Other people's markers: what a file says is opening, credits or story of a film, in every format that out/ writes.
 * Names of chapters, in many languages, are understood here and only here. Pure but for the memory; who opens films
 * is media/. */
#ifndef BK_MARKS_MARKS_H
#define BK_MARKS_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* ---- names ----------------------------------------------------------------------------------------- */

typedef enum mark_kind {
    MARK_NOTHING, /* the name tells nothing: "Chapter 3", "00:12:00", a title of its own */
    MARK_STORY,   /* "Prologue", "Part A", "Epilogue", "Post-credits scene" */
    MARK_INTRO,   /* opening, titles, logos */
    MARK_RECAP,
    MARK_CREDITS,
    MARK_SKIP /* to be skipped, and the format does not say why; never of a name */
} mark_kind;

/* What a chapter's name (UTF-8, NULL allowed) says. Only names that are understood whole count, or up to a colon,
 * dash or bracket: "Opening: a song" is an opening, "Opening Night" is a title of its own. */
mark_kind mark_kind_of(const char *name);

/* ---- markers --------------------------------------------------------------------------------------- */

#define MARK_OPEN INT64_MIN /* in place of a time: not told */

typedef struct marker {
    int64_t begin_us, end_us; /* from the first frame shown; MARK_OPEN: not told, and then not known */
    mark_kind kind;
} marker;

typedef struct marks {
    marker *at;
    size_t n, cap;
    const char *format; /* "edl", "chapters", ...; static string */
} marks;

/* What is known of the film, for formats that count frames or tell of several films. */
typedef struct mark_film {
    const char *path;
    int64_t duration_us;
    double fps; /* 0: not known */
} mark_film;

/* BK_ENOMEM. */
int marks_add(marks *m, marker k, bk_error *err);
/* Accepts { 0 } and leaves it. */
void marks_close(marks *m);

/* Reads a file's bytes: EDL of Kodi, MPlayer, Comskip and mpv, Comskip's list of frames, chapters as ffmetadata,
 * Matroska XML, OGM or WebVTT, JSON of AniSkip, TheIntroDB, Jellyfin or bookend, CSV labels. The format is told by
 * what the file begins with. A chapter whose end is not told ends where the next begins. source[n] must be 0.
 * BK_EFORMAT (with the line), BK_EMISMATCH (labels of other films), BK_ENOMEM. */
int marks_parse(marks *out, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err);

/* ---- what they claim of the film's two ends ---------------------------------------------------------- */

enum { CLAIM_MAX = 32 };

/* Stretches to be skipped at one end of the film, in order of time; begin_us or end_us may be MARK_OPEN on the side
 * of the film's edge. None: no marker. */
typedef struct mark_claim {
    marker at[CLAIM_MAX];
    int n;
} mark_claim;

/* start: openings, recaps, and unnamed skips of the film's first half; end: the others. More than CLAIM_MAX of a side
 * are left out. */
void marks_claim(mark_claim *start, mark_claim *end, const marks *m, int64_t duration_us);

#endif
