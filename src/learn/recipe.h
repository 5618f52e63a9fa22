/* Every number of a training run of the head, worked out from the caller's options once. */
#ifndef BK_LEARN_RECIPE_H
#define BK_LEARN_RECIPE_H

#include "bookend/train.h"
#include "nn/attention60.h"

typedef struct head_recipe {
    attention60_config head;
    int epochs, batch;
    int patience;      /* epochs without a better validation loss before the end; 0: never */
    float rate, decay; /* peak learning rate; decoupled weight decay */
    float clip;        /* largest L2 norm of a gradient; 0: any */
    float warm_up;     /* share of all steps in which the rate climbs to its peak */
    bool cosine;       /* the rate then falls to 0 along half a cosine; else it stays */
    bool overlap;      /* windows at random offsets, another draw each epoch; else end to end, without the tail */
    bool balance;      /* rare class counts more, between 0.5 and 2 */
    bool standardise;  /* each number of an embedding to mean 0 and spread 1; folded into in_proj when saved */
    bool augment, shuffle;
    bk_recipe kind;       /* which augmentation, which default validation shows */
    const bk_model *from; /* whose head the weights begin with; NULL: random numbers */
    uint64_t seed;
} head_recipe;

/* For embeddings of dim numbers. BK_EINVAL names the option that makes no sense. BK_EMISMATCH: the head to begin with
 * is of another shape. */
int recipe_make(head_recipe *out, const bk_train_options *opt, int dim, bk_error *err);

/* Learning rate of a step, counted from 1, of total. */
float recipe_rate(const head_recipe *r, int64_t step, int64_t total);

#endif
