/* What training and evaluation share: one episode judged by one decision. Only api*.c sees this header. */
#ifndef BK_API_JUDGE_H
#define BK_API_JUDGE_H

#include "base/pool.h"
#include "learn/evaluate.h"

/* Loads the episode's track where it is not, finds its two times with m by the decision and adds them to e. The track
 * stays loaded. BK_EIO, BK_EFORMAT, BK_EMISMATCH, BK_ENOMEM. */
int judge_episode(evaluation *e, dataset *d, episode *ep, const bk_model *m, bk_decision how, pool *threads,
                  bk_error *err);

#endif
