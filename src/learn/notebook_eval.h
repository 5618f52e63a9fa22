/* The notebook's evaluation of one episode, to the letter. */
#ifndef BK_LEARN_NOTEBOOK_EVAL_H
#define BK_LEARN_NOTEBOOK_EVAL_H

#include "base/pool.h"
#include "find/decide.h"
#include "find/track.h"
#include "model/bundle.h"

/* Probabilities over windows end to end, the tail that fills no window left out; one window of zeros follows
 * when the labelled end lies less than 30 s before the last window's end, as the notebook has it. Then smoothed
 * and decided. *p [*n] is the caller's (free()): the smoothed probabilities. A track that fills no window is
 * filled up with zeros to one. BK_EMISMATCH, BK_ENOMEM. */
int notebook_eval(notebook_result *out, float **p, int *n, const bk_model *m, const bk_track *t,
                  double labelled_end_s, pool *threads, bk_error *err);

#endif
