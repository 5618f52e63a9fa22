/* Multi-head attention, one small matrix product a sample and head. */
#include "nn/attention.h"

#include <math.h>
#include <stddef.h>

#include "nn/kernels.h"
#include "nn/nn_math.h"

long attention_probs(const attention *a) {
    return (long)a->n * a->heads * a->queries * a->keys;
}

/* Where head h of sample i starts. */
typedef struct place {
    size_t qkv, out, probs;
} place;

static place place_of(const attention *a, int i, int h) {
    size_t width = (size_t)a->heads * (size_t)a->head_width, head = (size_t)h * (size_t)a->head_width;
    return (place){ .qkv = (size_t)i * (size_t)a->keys * 3 * width + head,
                    .out = (size_t)i * (size_t)a->queries * width + head,
                    .probs = ((size_t)i * (size_t)a->heads + (size_t)h) * (size_t)a->queries * (size_t)a->keys };
}

static bool drops(const attention *a) {
    return a->drop && a->drop->p > 0;
}

/* to = from under the mask of head h of sample i. */
static void drop(const attention *a, int i, int h, const float *from, float *to) {
    nn_kernels_best()->dropout(to, from, (long)a->queries * a->keys, a->drop->p,
                               dropout_mix(a->drop, a->site + h, i));
}

typedef struct forward {
    const attention *a;
    const float *qkv;
    float *probs, *temp, *out;
} forward;

/* Head h of all samples. */
static void forward_head(void *arg, int h, int worker) {
    const forward *f = arg;
    const attention *a = f->a;
    int hw = a->head_width, width = a->heads * hw, q = a->queries, t = a->keys;
    (void)worker;
    for (int i = 0; i < a->n; i++) {
        place at = place_of(a, i, h);
        const float *qh = f->qkv + at.qkv, *kh = qh + width, *vh = kh + width;
        float *p = f->probs + at.probs;
        mm(false, true, q, t, hw, qh, 3 * width, kh, 3 * width, false, p, t);
        nn_kernels_best()->softmax(p, 1.0f / sqrtf((float)hw), q, t);
        if (drops(a)) drop(a, i, h, p, f->temp);
        mm(false, false, q, hw, t, drops(a) ? f->temp : p, t, vh, 3 * width, false, f->out + at.out, width);
    }
}

void attention_forward(const attention *a, const float *qkv, float *probs, float *temp, float *out) {
    forward f = { a, qkv, probs, temp, out };
    pool_run(a->team, forward_head, &f, a->heads);
}

void attention_backward(const attention *a, const float *qkv, const float *probs, const float *d_out, float *temp,
                        float *d_qkv) {
    int hw = a->head_width, width = a->heads * hw, q = a->queries, t = a->keys;
    float *dp = temp, *dropped = temp + (size_t)q * (size_t)t;
    for (int i = 0; i < a->n; i++)
        for (int h = 0; h < a->heads; h++) {
            place at = place_of(a, i, h);
            const float *qh = qkv + at.qkv, *kh = qh + width, *vh = kh + width, *p = probs + at.probs;
            const float *d = d_out + at.out;
            float *dq = d_qkv + at.qkv, *dk = dq + width, *dv = dk + width;
            if (drops(a)) drop(a, i, h, p, dropped);
            mm(true, false, t, hw, q, drops(a) ? dropped : p, t, d, width, false, dv, 3 * width);
            mm(false, true, q, t, hw, d, width, vh, 3 * width, false, dp, t);
            if (drops(a)) drop(a, i, h, dp, dp);
            nn_kernels_best()->softmax_back(dp, p, 1.0f / sqrtf((float)hw), q, t);
            mm(false, false, q, hw, t, dp, t, kh, 3 * width, false, dq, 3 * width);
            mm(true, false, t, hw, q, dp, t, qh, 3 * width, false, dk, 3 * width);
        }
}
