/* What the files of the public face share: the model inside; one job's open video, model, threads and pictures. Only
 * api*.c joins stages; no other folder sees this header. */
#ifndef BK_API_INNER_H
#define BK_API_INNER_H

#include <stdatomic.h>

#include "base/pool.h"
#include "bookend/explain.h"
#include "find/decide.h"
#include "find/refine.h"
#include "find/track.h"
#include "marks/marks.h"
#include "media/video.h"
#include "model/gallery.h"

/* The model compiled into the library, as bundle_load() gives it. */
int model_load_inside(bk_model **out, bk_error *err);

/* What the exact frame of one end was found from. */
typedef struct trace_end {
    frame_note *notes; /* [n] */
    int n;
    refine_result r; /* where n > 0 */
} trace_end;

/* What an answer rests on, kept on the way for whoever asks. */
typedef struct trace {
    float *posterior; /* [2, len + 1]; NULL: the decision has none */
    decide_result d;  /* with the posterior */
    trace_end end[2]; /* of the opening, of the credits */
} trace;

/* One of those that look at a film at the same time: its own place in it, and the pictures it takes there. */
typedef struct looker {
    struct job *j;
    video *v; /* the first one's is the job's */
    gallery *g;
} looker;

enum { LOOKERS_MAX = 4 }; /* each keeps pictures and a decoder's frames in memory */

/* One job on one video. */
typedef struct job {
    const char *path;
    const bk_model *m;
    const bk_find_options *opt; /* never NULL */
    pool *p;
    video *v;
    looker at[LOOKERS_MAX]; /* opened when they are needed */
    int crew;               /* so many of them may be */
    embed_team *painters;   /* as many, where they are more than one */
    atomic_int failed;      /* of them; -1: none has */
    bk_track *t;            /* being filled; taken by who asked for it */
    float *probs;           /* [t->len], what the answer was decided on; NULL before */
    uint8_t *keys;          /* [t->len] a keyframe was seen there; NULL before the plan smart */
    trace *tr;              /* NULL: nobody asks */
    marks known;            /* the film's own chapters; empty when they are not to be taken into account */
} job;

/* Opens the video with pictures of the encoder's size, and threads.
 * On failure the job is closed. BK_EIO, BK_EVIDEO, BK_EMISMATCH, BK_ENOMEM. */
int job_open(job *j, const char *path, const bk_model *m, const bk_find_options *opt, bk_error *err);
void job_close(job *j);

/* Calls look(l, item, arg, err) once for every item in [0, n), from as many lookers as there are use for, each with
 * the gallery emptied at first and flushed at last. Returns when all are done, or what the first failure was. */
int lookers_share(job *j, int (*look)(looker *l, int item, void *arg, bk_error *err), void *arg, int n,
                  bk_error *err);
void lookers_close(job *j);
/* Tells the log what was found, and what all looking has cost so far. */
void lookers_log(const job *j, const char *what);
/* For look(): tells how far it is, and whether to go on. Progress is told by the caller's own thread alone. */
int looker_tell(const looker *l, const char *stage, int64_t done_us, bk_error *err);

/* Fills j->t by the plan full, or by the plan smart. As job_open(), and BK_ECANCELED. */
int job_look_full(job *j, bk_error *err);
int job_look_smart(job *j, bk_error *err);

/* Parts of the plan smart, seconds [from, to) of j->t: those not seen yet from their nearest keyframes; or each by
 * its own frame. */
int job_look_keyframes(job *j, int from, int to, bk_error *err);
int job_look_densely(job *j, int from, int to, bk_error *err);

/* Fills j->t from the cache, or by looking (full or smart) and then into the cache. As job_look_*(). */
int job_track(job *j, bool full, bk_error *err);

/* Appends the chapters of a video, and what their names say. BK_ENOMEM. */
int job_chapters(marks *to, const video *v, bk_error *err);

/* The decision's numbers of a model, and of the windows in opt (NULL: none), for a film of len seconds. */
decide_rules job_rules(const bk_model *m, const bk_find_options *opt, int len);

/* Looks at every frame round the marks that were found and moves them to the exact frame. Takes j->probs into
 * account. Changes their time_us. BK_EVIDEO, BK_ENOMEM, BK_ECANCELED. */
int job_refine(job *j, bk_answer *a, bk_error *err);

/* The whole job: bk_find() on a job that is open. */
int job_find(job *j, bk_answer *out, bk_error *err);

/* Small pictures round the boundary of one end as the answer has it, and round the runner-up's where rival_us is
 * not negative; *out and each jpeg are the caller's (pictures_free()). BK_EVIDEO, BK_ENOMEM, BK_ECANCELED. */
int job_pictures(job *j, bk_picture **out, int *n, const bk_answer *a, int end, int64_t rival_us, bk_error *err);
void pictures_free(bk_picture *p, int n);

#endif
