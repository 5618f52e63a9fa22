/* Adam and AdamW over a network's block, as PyTorch computes them. */
#include "nn/adam.h"

#include <math.h>

#include "nn/kernels.h"

void adam_step(const adam_config *c, const nn_table *t, float *w, float *m, float *v, const float *g,
               float grad_scale, int64_t step) {
    double fade1 = 1 - pow((double)c->beta1, (double)step), fade2 = 1 - pow((double)c->beta2, (double)step);
    adam_numbers k = { .beta1 = c->beta1,
                       .beta2 = c->beta2,
                       .eps = c->eps,
                       .grad_scale = grad_scale,
                       .rate = (float)((double)c->rate / fade1),
                       .root = (float)(1 / sqrt(fade2)) };
    for (int i = 0; i < t->n; i++) {
        size_t at = t->rows[i].offset;
        k.shrink = t->rows[i].decay ? 1 - c->rate * c->decay : 1;
        nn_kernels_best()->adam(w + at, m + at, v + at, g + at, (long)t->rows[i].n, &k);
    }
}

double adam_norm(const float *g, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)g[i] * (double)g[i];
    return sqrt(sum);
}
