/* Adam (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, 2019), in one pass; gradient clipping. */
#ifndef BK_NN_ADAM_H
#define BK_NN_ADAM_H

#include <stdint.h>

#include "base/pool.h"
#include "nn/tensor.h"

typedef struct adam_config {
    float rate, beta1, beta2, eps; /* 5e-5, 0.9, 0.999, 1e-8 in the notebook */
    float decay;                   /* decoupled (AdamW), on tensors whose row says so; 0: Adam */
} adam_config;

/* One step: w, first moments m, second moments v from gradients g, all [n_floats] laid out by t. step
 * counts from 1. grad_scale multiplies g first (1/batch, clipping). p: threads that share the work, or NULL; the
 * result is the same, bit for bit. */
void adam_step(const adam_config *c, const nn_table *t, float *w, float *m, float *v, const float *g,
               float grad_scale, int64_t step, pool *p);

/* L2 norm of [n] floats, summed in double; p as above. */
double adam_norm(const float *g, size_t n, pool *p);

#endif
