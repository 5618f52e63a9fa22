/* The training of a head: windows to weights. */
#ifndef BK_LEARN_HEAD_LOOP_H
#define BK_LEARN_HEAD_LOOP_H

#include "learn/dataset.h"
#include "learn/recipe.h"

/* Trains on what is not held out of d, keeps the weights of the epoch with the least loss on what is, and
 * writes them to path. All tracks are loaded; d is standardised where the recipe says so. Goes on from
 * PATH.state where that is of the same run, keeps it up to date (once an epoch, at least once a minute, and when
 * cancelled) and leaves it at the end: what is still to be done to the head may be killed too. log: path without ending of the table of epochs (.csv) and of its chart
 * (.svg, .png). The result does not depend on threads, nor on interruptions. BK_EINVAL when a side has no window,
 * BK_EIO, BK_EFORMAT (the checkpoint), BK_ENOMEM, BK_ECANCELED. */
int head_train(bk_train_result *out, const head_recipe *r, dataset *d, const char *path, const char *log, int threads,
               const bk_hooks *hooks, bk_error *err);

#endif
