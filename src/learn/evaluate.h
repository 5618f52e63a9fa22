/* The evaluation of a model: takes what was found in each episode, keeps score, and writes what a reader wants
 * to see: summary.json, episodes.csv, p_video_SHOW_EPISODE.npy, and charts. Finds nothing itself. */
#ifndef BK_LEARN_EVALUATE_H
#define BK_LEARN_EVALUATE_H

#include "bookend/train.h"
#include "learn/dataset.h"

/* What was found in one episode. */
typedef struct finding {
    const float *p;                          /* [n]: a second's probability; NaN where it is not known */
    int n, judged;                           /* of them, the first `judged` are seconds of the film */
    double moment_s;                         /* what second t shows is the film at t + moment_s */
    double start_s, end_s;                   /* NaN: not said */
    double edge_s;                           /* the end when there are no credits */
    double start_confidence, end_confidence; /* NaN: none */
    double start_threshold, end_threshold;   /* NaN: none */
} finding;

typedef struct evaluation evaluation;

/* Makes the folder; NULL: nothing is written, the score alone is kept. BK_EIO, BK_ENOMEM. */
int evaluation_open(evaluation **out, const char *folder, bk_error *err);
void evaluation_close(evaluation **e);
/* Scores an episode and writes its .npy and its chart. BK_EIO, BK_ENOMEM. */
int evaluation_add(evaluation *e, const episode *ep, const finding *f, bk_error *err);
/* What evaluation_add() found of the last episode, for bk_eval_options.episode; name lives as long as ep. */
bk_eval_episode evaluation_last(const evaluation *e);
/* Sums up and writes the rest. about goes into the summary as "model". beside (NULL: none): another evaluation that
 * is finished; its figures go into this one's summary as "notebook". BK_EIO, BK_ENOMEM. */
int evaluation_finish(bk_eval_result *out, evaluation *e, const char *about, const evaluation *beside, bk_error *err);

#endif
