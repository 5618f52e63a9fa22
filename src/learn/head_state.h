/* Where the training of a head stands: everything that a run needs to go on bit for bit, in memory and in
 * the checkpoint file. Random numbers are drawn from streams named by (seed, epoch, window), so the position
 * is their state. */
#ifndef BK_LEARN_HEAD_STATE_H
#define BK_LEARN_HEAD_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "bookend/bookend.h"

typedef struct epoch_row {
    double train_loss, val_loss, rate, seconds;
} epoch_row;

typedef struct head_state {
    size_t n_floats;
    float *w, *m, *v, *best; /* [n_floats]: weights, Adam's moments, weights of the best epoch; w is not ours */
    int64_t step;            /* of the optimiser, done */
    int epoch;               /* finished; the rows of history */
    int window;              /* of the running epoch, done */
    int best_epoch;          /* from 1; 0: none yet */
    double loss_sum, loss_n; /* of the running epoch: summed cross-entropy, samples */
    double seconds;          /* that the running epoch took so far */
    epoch_row *history;      /* [max_epochs] */
    int max_epochs;
} head_state;

/* A run at its beginning, on weights w. BK_ENOMEM. */
int head_state_open(head_state *out, float *w, size_t n_floats, int max_epochs, bk_error *err);
/* Accepts { 0 } and leaves it. */
void head_state_close(head_state *s);

/* Writes the checkpoint (safetensors, replaced in one step). run: one line of text that says which run this
 * is. BK_EIO, BK_ENOMEM. */
int head_state_save(const head_state *s, const char *path, const char *run, bk_error *err);
/* Goes on from the file: *found is false, and s untouched, when there is none or it is of another run.
 * BK_EIO, BK_EFORMAT. */
int head_state_load(head_state *s, bool *found, const char *path, const char *run, bk_error *err);

/* The table of epochs: epoch,train_loss,val_loss,rate,seconds. BK_EIO, BK_ENOMEM. */
int head_state_log(const head_state *s, const char *path, bk_error *err);

#endif
