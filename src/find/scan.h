/* A track to probabilities: the head over windows that are offsets into the track. */
#ifndef BK_FIND_SCAN_H
#define BK_FIND_SCAN_H

#include "base/pool.h"
#include "find/track.h"
#include "model/bundle.h"

/* probs f32 [len]: P(opening or credits) a second; NaN where the track was not looked at. Each run of
 * seconds that were looked at is covered by windows m->stride apart, the last one ending with the run;
 * where windows overlap their probabilities are averaged. A run shorter than a window is filled up with
 * zeros. p may be NULL. BK_EMISMATCH (no head, another embedding), BK_ENOMEM. */
int scan_probabilities(float *probs, const bk_model *m, const bk_track *t, pool *p, bk_error *err);

/* Starts of the windows that cover a run of n samples, at most n of them, into starts (NULL: only count).
 * Training draws its windows by the same function. */
int scan_windows(int *starts, int n, int window, int stride);

#endif
