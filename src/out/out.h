/* What the writers share: the timeline they write, the roles of its segments, and their own prototypes.
 * A writer appends one report to a text and knows nothing of files; formats.c holds the one table. */
#ifndef BK_OUT_OUT_H
#define BK_OUT_OUT_H

#include "base/err.h"
#include "base/text.h"

/* ---- the timeline ---------------------------------------------------------------------------------- */

/* An answer as a player should act on it: segments in order of time, safety applied, doubts resolved in
 * favour of the story. No two neighbours are both BK_MAIN or both BK_POST_CREDITS. Empty when there is nothing to go
 * by. */
typedef struct out_timeline {
    int n;
    bk_segment seg[BK_SEGMENTS_MAX];
} out_timeline;

/* From the segments of r->answer, which must not be NULL, or from its two marks when it has no segments.
 * What lies at an end whose mark is BK_UNSURE counts as story. A skip that story follows ends pad_start_s
 * earlier, one that story precedes begins pad_end_s later; what that leaves empty counts as story. */
void out_timeline_make(out_timeline *out, const bk_report *r);

/* What a segment is to a viewer. Scenes after the credits are story. */
typedef enum out_role { OUT_STORY, OUT_INTRO, OUT_OUTRO, OUT_RECAP } out_role;

/* Logos and titles go with the end of the video when no story follows them. */
out_role out_role_of(const out_timeline *t, int i);

/* A stretch to pass over. */
typedef struct out_skip {
    int64_t begin_us, end_us;
    out_role role;
} out_skip;

/* Fills skips, in order of time, and returns their number. Neighbours of one role are one stretch; with
 * `any_role` all neighbours are, for readers that refuse ranges which touch. */
int out_skips(out_skip skips[BK_SEGMENTS_MAX], const bk_report *r, bool any_role);

/* The title of segment i as a chapter: "Intro", "Main", "Credits", ... Programs that skip chapters by their
 * names look for words within them, as "credits": what is story must hold no such word, what is not must
 * hold one. Static string. */
const char *out_title(const out_timeline *t, int i);

/* ---- pieces of text -------------------------------------------------------------------------------- */

/* Up to three decimals and at least one: 12.958, 24.0; null for what is no number. */
void out_add_number(text *t, double x);
/* The same of a time, in seconds, rounded to milliseconds. */
void out_add_seconds(text *t, int64_t us);
/* Milliseconds, rounded half up. */
int64_t out_ms(int64_t us);

/* Writes n bytes and flushes: all at once, so that a report is in the stream whole or not begun. what is named in the
 * error. BK_EIO. */
int out_put(FILE *to, const char *s, size_t n, const char *what, bk_error *err);

/* ---- the writers ----------------------------------------------------------------------------------- */

/* Appends one report. r->answer is NULL only for writers whose row in formats.c says that they tell of
 * failures. Lack of memory is left in *t; other errors are returned, and *t is then not used. */
typedef int out_writer(text *t, const bk_report *r, bk_error *err);

out_writer out_plain, out_json, out_csv, out_edl, out_mplayer_edl, out_mpv_edl, out_ffmetadata, out_matroska, out_ogm,
    out_webvtt, out_jellyfin, out_comskip, out_aniskip, out_theintrodb;

#endif
