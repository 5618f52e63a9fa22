/* Forward and backward of the head over a few windows at once, on all threads. A batch is cut into slices of
 * a few windows; each has a gradient of its own, and they are added up in order, so that no sum depends on which
 * thread took what, or on how many there are. */
#ifndef BK_LEARN_HEAD_BATCH_H
#define BK_LEARN_HEAD_BATCH_H

#include "base/pool.h"
#include "learn/recipe.h"
#include "learn/windows.h"

typedef struct head_batch head_batch;

/* What a call adds to. */
typedef struct batch_sum {
    double loss, valid; /* summed binary cross-entropy; samples with a weight */
} batch_sum;

/* Memory for recipe->batch windows; keeps all that it is given. n_floats: of the weights. BK_ENOMEM. */
int head_batch_open(head_batch **out, const head_recipe *r, const dataset *d, size_t n_floats, pool *p,
                    bk_error *err);
void head_batch_close(head_batch **b);

/* How many windows a call may have. */
int head_batch_room(const head_batch *b);

/* Windows [first, first + n) of the list through the head with weights w, as they are. */
void head_batch_measure(head_batch *b, const float *w, const window_list *l, int first, int n, batch_sum *sum);
/* The same with augmentation and dropout, drawn from (seed, epoch, place in the list) and (seed, step); returns the
 * gradient of the summed loss [n_floats], classes weighed; valid until the next call. */
const float *head_batch_train(head_batch *b, const float *w, const window_list *l, int first, int n, int epoch,
                              int64_t step, batch_sum *sum);

/* A stream of random numbers for one use of (seed, epoch, index). */
typedef enum head_draw { DRAW_WINDOWS = 1, DRAW_ORDER, DRAW_SAMPLE, DRAW_WEIGHTS } head_draw;
rng head_stream(const head_recipe *r, head_draw use, int epoch, int index);

/* Summed cross-entropy of n logits against y where weight is not 0; counts those into *valid. d_logits (NULL,
 * or [n]): the gradient of the sum, samples of class k weighed by class_weight[k]. */
double head_loss(const float *logits, const float *y, const float *weight, int n, const float class_weight[2],
                 float *d_logits, double *valid);

#endif
