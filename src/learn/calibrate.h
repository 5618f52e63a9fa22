/* The numbers of the decision, fitted to a head on tracks it was not trained on. */
#ifndef BK_LEARN_CALIBRATE_H
#define BK_LEARN_CALIBRATE_H

#include "base/pool.h"
#include "find/decide.h"
#include "learn/dataset.h"
#include "model/bundle.h"

/* Probabilities of one labelled film, and its true marks in seconds. Where it is labelled by parts a start before a
 * cold open is as right as one behind the titles. */
enum { CALIBRATE_STARTS = 4 };
typedef struct calibrate_film {
    float *p; /* [len] */
    int len;
    double starts_s[CALIBRATE_STARTS]; /* [n_starts], in order; the last is the labelled one */
    int n_starts;
    double end_s;
} calibrate_film;

/* Tries the scales, caps and priors of a small grid and keeps what gets most marks right within 2 s, a mark that
 * skips over 5 s of story counting as four wrong ones; then fits the confidence (Platt, 1999) to how often marks of
 * a posterior mass are right. r holds the start, and the result. BK_ENOMEM. */
int calibrate_fit(decide_rules *r, const calibrate_film *films, int n, bk_error *err);

/* The same for a head on the held-out episodes of d, whose tracks are loaded anew; m->rules gets the result. */
int calibrate_head(bk_model *m, dataset *d, pool *p, const bk_hooks *hooks, bk_error *err);

#endif
