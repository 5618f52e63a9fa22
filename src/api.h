/* What the files of the public face share: one job's open video, model, threads and pictures. Only api*.c
 * joins stages; no other folder sees this header. */
#ifndef BK_API_INNER_H
#define BK_API_INNER_H

#include "base/pool.h"
#include "find/decide.h"
#include "find/track.h"
#include "media/video.h"
#include "model/gallery.h"

/* One job on one video. */
typedef struct job {
    const char *path;
    const bk_model *m;
    const bk_find_options *opt; /* never NULL */
    pool *p;
    video *v;
    gallery *g;
    bk_track *t;   /* being filled; taken by who asked for it */
    float *probs;  /* [t->len], what the answer was decided on; NULL before */
    int looked;    /* seconds looked at densely so far */
} job;

/* Opens the video with pictures of the encoder's size, threads and gallery.
 * On failure the job is closed. BK_EIO, BK_EVIDEO, BK_EMISMATCH, BK_ENOMEM. */
int job_open(job *j, const char *path, const bk_model *m, const bk_find_options *opt, bk_error *err);
void job_close(job *j);

/* Fills j->t by the plan full, or by the plan smart. As job_open(), and BK_ECANCELED. */
int job_look_full(job *j, bk_error *err);
int job_look_smart(job *j, bk_error *err);

/* Fills j->t from the cache, or by looking (full or smart) and then into the cache. As job_look_*(). */
int job_track(job *j, bool full, bk_error *err);

/* The decision's numbers of a model. */
decide_rules job_rules(const bk_model *m);

/* Looks at every frame round the mark of one end and moves it to the exact frame: side +1 is the opening, -1
 * the credits. Takes j->probs into account. Changes mark->time_us. BK_EVIDEO, BK_ENOMEM, BK_ECANCELED. */
int job_refine(job *j, bk_mark *mark, int side, bk_error *err);

#endif
