/* Adam and AdamW over a network's block, as PyTorch computes them. The block is cut into parts for the threads; the
 * cuts do not depend on how many there are, so neither do the numbers. */
#include "nn/adam.h"

#include <math.h>

#include "nn/kernels.h"

enum { PARTS = 64, LANES = 8 };

typedef struct job {
    const adam_config *c;
    const nn_table *t;
    float *w, *m, *v;
    const float *g;
    adam_numbers k;
    size_t n;
    double sums[PARTS];
} job;

static size_t cut(size_t n, int part) {
    return n / 16 * (size_t)part / PARTS * 16 + (part == PARTS ? n % 16 : 0);
}

/* The rows' shares of one part. */
static void step_part(void *arg, int part, int worker) {
    const job *j = arg;
    adam_numbers k = j->k;
    size_t from = cut(j->n, part), to = cut(j->n, part + 1);
    (void)worker;
    for (int i = 0; i < j->t->n; i++) {
        const nn_tensor *row = &j->t->rows[i];
        size_t a = row->offset > from ? row->offset : from, b = row->offset + row->n < to ? row->offset + row->n : to;
        if (a >= b) continue;
        k.shrink = row->decay ? 1 - j->c->rate * j->c->decay : 1;
        nn_kernels_best()->adam(j->w + a, j->m + a, j->v + a, j->g + a, (long)(b - a), &k);
    }
}

void adam_step(const adam_config *c, const nn_table *t, float *w, float *m, float *v, const float *g,
               float grad_scale, int64_t step, pool *p) {
    double fade1 = 1 - pow((double)c->beta1, (double)step), fade2 = 1 - pow((double)c->beta2, (double)step);
    job j = { .c = c, .t = t, .w = w, .m = m, .v = v, .g = g, .n = t->n_floats };
    j.k = (adam_numbers){ .beta1 = c->beta1,
                          .beta2 = c->beta2,
                          .eps = c->eps,
                          .grad_scale = grad_scale,
                          .rate = (float)((double)c->rate / fade1),
                          .root = (float)(1 / sqrt(fade2)) };
    pool_run(p, step_part, &j, PARTS);
}

static void norm_part(void *arg, int part, int worker) {
    job *j = arg;
    size_t i = cut(j->n, part), to = cut(j->n, part + 1);
    double sum[LANES] = { 0 }, all = 0;
    (void)worker;
    for (; i + LANES <= to; i += LANES)
        for (int k = 0; k < LANES; k++) sum[k] += (double)j->g[i + (size_t)k] * (double)j->g[i + (size_t)k];
    for (; i < to; i++) all += (double)j->g[i] * (double)j->g[i];
    for (int k = 0; k < LANES; k++) all += sum[k];
    j->sums[part] = all;
}

double adam_norm(const float *g, size_t n, pool *p) {
    job j = { .g = g, .n = n };
    double sum = 0;
    pool_run(p, norm_part, &j, PARTS);
    for (int i = 0; i < PARTS; i++) sum += j.sums[i];
    return sqrt(sum);
}
