/* Linear layers, dropout, losses: forward and backward. */
#include "nn/layers.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "nn/kernels.h"
#include "nn/nn_math.h"
#include "nn/tensor.h"

void linear_forward(const float *x, const float *w, const float *b, int m, int in, int out, bool add, float *y) {
    const nn_kernels *k = nn_kernels_best();
    if (b && add) k->bias_add(y, b, m, out);
    if (b && !add) k->bias_set(y, b, m, out);
    mm(false, true, m, out, in, x, in, w, in, add || b, y, out);
}

bool linear_order(float *w, int in, int out, bool ready) {
    if (!gemm_packs(out)) return true;
    float *from = nn_copy(w, (size_t)in * (size_t)out);
    if (from) (ready ? gemm_pack : gemm_unpack)(from, out, in, w);
    free(from);
    return from;
}

static void activate(nn_act act, float *y, long n) {
    const nn_kernels *k = nn_kernels_best();
    if (act == NN_RELU) k->relu(y, y, n);
    if (act == NN_GELU) k->gelu(y, y, n);
    if (act == NN_QUICK_GELU) k->quick_gelu(y, y, n);
}

void linear_ready_forward(const float *x, const float *ready, const float *b, int m, int in, int out, bool add,
                          nn_act act, const ready_work *r, float *y) {
    if (gemm_packs(out)) {
        const gemm g = { m, out, in, 0, out, in, out, b, add, act };
        gemm_run(&g, x, ready, r->work, r->team, y);
        return;
    }
    linear_forward(x, ready, b, m, in, out, add, y);
    activate(act, y, (long)m * out);
}

/* Floats from row to row between the two layers. Rows a multiple of 4096 bytes apart fall into the same few places of
 * a cache, and sixteen more floats keep them out of one another's way. */
static int apart(int hidden) {
    return hidden % 1024 ? hidden : hidden + 16;
}

size_t ready_mlp_room(int m, int hidden) {
    return (size_t)m * (size_t)apart(hidden);
}

void ready_mlp_forward(const ready_mlp *p, const float *x, int m, const ready_work *r, float *room, float *y) {
    const int width = p->width, hidden = p->hidden, ld = apart(hidden);
    if (!gemm_packs(width) || !gemm_packs(hidden)) {
        linear_ready_forward(x, p->fc1, p->fc1_bias, m, width, hidden, false, p->act, r, room);
        linear_ready_forward(room, p->fc2, p->fc2_bias, m, hidden, width, true, NN_LINEAR, r, y);
        return;
    }
    const gemm in = { m, hidden, width, 0, hidden, width, ld, p->fc1_bias, false, p->act };
    const gemm out = { m, width, hidden, 0, width, ld, width, p->fc2_bias, true, NN_LINEAR };
    gemm_run(&in, x, p->fc1, r->work, r->team, room);
    gemm_run(&out, room, p->fc2, r->work, r->team, y);
}

void linear_backward(const float *d_y, const float *x, const float *w, int m, int in, int out, float *g_w, float *g_b,
                     float *d_x) {
    mm(true, false, out, in, m, d_y, out, x, in, true, g_w, in);
    if (g_b) nn_kernels_best()->column_sums(g_b, d_y, m, out);
    if (d_x) mm(false, false, m, in, out, d_y, out, w, in, false, d_x, in);
}

static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t dropout_mix(const dropout_key *k, int site, int row) {
    uint64_t z = mix(k->seed + 0x9e3779b97f4a7c15u);
    z = mix(z ^ (k->step * 0xd1342543de82ef95u));
    z = mix(z + (uint64_t)site * 0x9e3779b97f4a7c15u);
    return mix(z ^ ((uint64_t)(k->first + row) * 0xaf251af3b0f025b5u));
}

void dropout_apply(const dropout_key *k, int site, float *x, int n, long per) {
    if (!(k->p > 0)) return;
    for (int i = 0; i < n; i++, x += per) nn_kernels_best()->dropout(x, x, per, k->p, dropout_mix(k, site, i));
}

float sigmoid(float x) {
    return 1.0f / (1.0f + expf(-x));
}

/* max(x, 0) - x t + log(1 + e^-|x|): no overflow at either end. */
double bce_logits(const float *logit, const float *target, const float *weight, int n, float *d) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double x = (double)logit[i], t = (double)target[i], k = weight ? (double)weight[i] : 1;
        sum += k * ((x < 0 ? 0 : x) - x * t + log1p(exp(-fabs(x))));
        if (d) d[i] = (float)(k * (1 / (1 + exp(-x)) - t));
    }
    return sum;
}

double cross_entropy(const float *logit, int n, int label, float *d) {
    double top = (double)logit[label], sum = 0;
    for (int i = 0; i < n; i++) top = (double)logit[i] > top ? (double)logit[i] : top;
    for (int i = 0; i < n; i++) sum += exp((double)logit[i] - top);
    if (d)
        for (int i = 0; i < n; i++) d[i] = (float)(exp((double)logit[i] - top) / sum - (i == label));
    return log(sum) + top - (double)logit[label];
}
