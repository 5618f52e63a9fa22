/* The pre-norm transformer block, forward and backward. */
#include "nn/vit_block.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/attention.h"
#include "nn/class_attention.h"
#include "nn/gemm.h"
#include "nn/kernels.h"
#include "nn/layers.h"
#include "nn/nn_math.h"

/* A weight [out, in] (in 0: a vector) named PREFIX.LAYER.REST. */
static size_t row(nn_table *t, int layer, const char *rest, int out, int in, nn_init init, float scale) {
    char name[96] = "";
    if (!t->counting) snprintf(name, sizeof name, "vision_model.encoder.layers.%d.%s", layer, rest);
    return nn_table_add(t, name, (int[NN_MAX_DIMS]){ out, in }, init, scale, in > 0);
}

/* Initialised as CLIP is: the deeper, the smaller what each block adds. */
void block_rows(nn_table *t, const vit_config *c, int layer, block_at *at) {
    int w = c->width, m = c->mlp;
    float in = 1.0f / sqrtf((float)w * 2.0f * (float)c->layers), out = 1.0f / sqrtf((float)w);
    at->norm1_gain = row(t, layer, "layer_norm1.weight", w, 0, NN_ONES, 0);
    at->norm1_bias = row(t, layer, "layer_norm1.bias", w, 0, NN_ZEROS, 0);
    at->qkv = row(t, layer, "self_attn.q_proj.weight", w, w, NN_NORMAL, in);
    row(t, layer, "self_attn.k_proj.weight", w, w, NN_NORMAL, in);
    row(t, layer, "self_attn.v_proj.weight", w, w, NN_NORMAL, in);
    at->qkv_bias = row(t, layer, "self_attn.q_proj.bias", w, 0, NN_ZEROS, 0);
    row(t, layer, "self_attn.k_proj.bias", w, 0, NN_ZEROS, 0);
    row(t, layer, "self_attn.v_proj.bias", w, 0, NN_ZEROS, 0);
    at->join = row(t, layer, "self_attn.out_proj.weight", w, w, NN_NORMAL, out);
    at->join_bias = row(t, layer, "self_attn.out_proj.bias", w, 0, NN_ZEROS, 0);
    at->norm2_gain = row(t, layer, "layer_norm2.weight", w, 0, NN_ONES, 0);
    at->norm2_bias = row(t, layer, "layer_norm2.bias", w, 0, NN_ZEROS, 0);
    at->fc1 = row(t, layer, "mlp.fc1.weight", m, w, NN_NORMAL, out / sqrtf(2));
    at->fc1_bias = row(t, layer, "mlp.fc1.bias", m, 0, NN_ZEROS, 0);
    at->fc2 = row(t, layer, "mlp.fc2.weight", w, m, NN_NORMAL, in);
    at->fc2_bias = row(t, layer, "mlp.fc2.bias", w, 0, NN_ZEROS, 0);
}

static int rows_of(const block_call *b) {
    return b->n * b->tokens;
}
static int rows_after(const block_call *b) {
    return b->last ? b->n : rows_of(b);
}

static attention attention_of(const block_call *b) {
    return (attention){ .n = b->n,
                        .heads = b->c->heads,
                        .head_width = b->c->width / b->c->heads,
                        .queries = b->last ? 1 : b->tokens,
                        .keys = b->tokens,
                        .work = b->ready ? b->temp->attention : NULL,
                        .team = b->temp->ready.team };
}

size_t block_attention_work(const vit_config *c, int tokens) {
    attention a = { .n = 1, .heads = c->heads, .head_width = c->width / c->heads, .queries = tokens, .keys = tokens };
    return attention_work(&a);
}

/* Whether the last block makes no keys and values: see class_attention.h. */
static bool only_class_asks(const vit_config *c, bool last) {
    return last && class_attention_fits(c->width / c->heads);
}

static class_attention class_attention_of(const vit_config *c, int n, int tokens, pool *team, float *work) {
    return (class_attention){ n, tokens, c->heads, c->width / c->heads, team, work };
}

size_t block_qkv(const vit_config *c, int n, int tokens) {
    const class_attention a = class_attention_of(c, n, tokens, NULL, NULL);
    const size_t qkv = (size_t)n * (size_t)tokens * 3 * (size_t)c->width, work = class_attention_work(&a);
    return work > qkv ? work : qkv;
}

bool block_order(const vit_config *c, const block_at *at, float *w, bool last, bool ready) {
    const bool qkv = only_class_asks(c, last)
                         ? class_attention_order(w + at->qkv, c->heads, c->width / c->heads, ready)
                         : linear_order(w + at->qkv, c->width, 3 * c->width, ready);
    return qkv && linear_order(w + at->join, c->width, c->width, ready) &&
           linear_order(w + at->fc1, c->width, c->mlp, ready) && linear_order(w + at->fc2, c->mlp, c->width, ready);
}

/* One of the block's linear layers. */
static void linear(const block_call *b, const float *x, const float *w, const float *bias, int m, int in, int out,
                   bool add, float *y) {
    if (b->ready)
        linear_ready_forward(x, w, bias, m, in, out, add, NN_LINEAR, &b->temp->ready, y);
    else
        linear_forward(x, w, bias, m, in, out, add, y);
}

/* qkv <- y. In the last block q is needed for class tokens only: rows of y and qkv that lie `tokens` apart. On
 * weights that are ready this is for heads that class_attention.h is not for, and q is worked out for all. */
static void qkv_forward(const block_call *b, const float *w, const float *y, float *qkv) {
    int t = rows_of(b), d = b->c->width;
    const float *weight = w + b->at->qkv;
    if (!b->last || b->ready) {
        linear(b, y, weight, w + b->at->qkv_bias, t, d, 3 * d, false, qkv);
        return;
    }
    nn_kernels_best()->bias_set(qkv, w + b->at->qkv_bias, t, 3 * d);
    mm(false, true, b->n, d, d, y, b->tokens * d, weight, d, true, qkv, b->tokens * 3 * d);
    mm(false, true, t, 2 * d, d, y, d, weight + (size_t)d * (size_t)d, d, true, qkv + d, 3 * d);
}

/* d_y <- d_qkv */
static void qkv_backward(const block_call *b, const float *w, float *g, const float *y, const float *d_qkv,
                         float *d_y) {
    int t = rows_of(b), d = b->c->width;
    size_t square = (size_t)d * (size_t)d;
    const float *weight = w + b->at->qkv;
    float *g_w = g + b->at->qkv, *g_b = g + b->at->qkv_bias;
    if (!b->last) {
        linear_backward(d_qkv, y, weight, t, d, 3 * d, g_w, g_b, d_y);
        return;
    }
    nn_kernels_best()->column_sums(g_b, d_qkv, t, 3 * d);
    mm(true, false, d, d, b->n, d_qkv, b->tokens * 3 * d, y, b->tokens * d, true, g_w, d);
    mm(true, false, 2 * d, d, t, d_qkv + d, 3 * d, y, d, true, g_w + square, d);
    mm(false, false, t, d, 2 * d, d_qkv + d, 3 * d, weight + square, d, false, d_y, d);
    mm(false, false, b->n, d, d, d_qkv, b->tokens * 3 * d, weight, d, true, d_y, b->tokens * d);
}

/* Class tokens only, [n, width] <- [n, tokens, width], in place. */
static void keep_class(const block_call *b, float *x) {
    size_t d = (size_t)b->c->width, step = (size_t)b->tokens * d;
    for (size_t i = 1; i < (size_t)b->n; i++) memmove(x + i * d, x + i * step, d * sizeof *x);
}

/* And back, with zeros for the other tokens. */
static void spread_class(const block_call *b, float *x) {
    size_t d = (size_t)b->c->width, step = (size_t)b->tokens * d;
    for (size_t i = (size_t)b->n; i-- > 0;) {
        memmove(x + i * step, x + i * d, d * sizeof *x);
        memset(x + i * step + d, 0, (step - d) * sizeof *x);
    }
}

/* The heads' output  <-  y */
static void attend(const block_call *b, const float *w, const float *y) {
    const block_kept *s = b->kept;
    if (b->ready && only_class_asks(b->c, b->last)) {
        const class_attention a = class_attention_of(b->c, b->n, b->tokens, b->temp->ready.team, s->qkv);
        class_attention_forward(&a, w + b->at->qkv, w + b->at->qkv_bias, y, s->joined);
        return;
    }
    const attention a = attention_of(b);
    qkv_forward(b, w, y, s->qkv);
    attention_forward(&a, s->qkv, s->probs, NULL, s->joined);
}

/* x += the MLP of y, r rows. */
static void mlp_forward(const block_call *b, const float *w, const float *y, int r, float *x) {
    const nn_kernels *k = nn_kernels_best();
    const vit_config *c = b->c;
    const block_at *at = b->at;
    const float *fc1 = w + at->fc1, *fc1_bias = w + at->fc1_bias, *fc2 = w + at->fc2, *fc2_bias = w + at->fc2_bias;
    float *hidden = b->kept->hidden, *act = b->temp->act;
    bool gelu = c->act == VIT_GELU;
    if (b->ready) {
        const ready_mlp p = { c->width, c->mlp, gelu ? NN_GELU : NN_QUICK_GELU, fc1, fc1_bias, fc2, fc2_bias };
        ready_mlp_forward(&p, y, r, &b->temp->ready, hidden, x);
        return;
    }
    linear_forward(y, fc1, fc1_bias, r, c->width, c->mlp, false, hidden);
    (gelu ? k->gelu : k->quick_gelu)(act, hidden, (long)r * c->mlp);
    linear_forward(act, fc2, fc2_bias, r, c->mlp, c->width, true, x);
}

void block_forward(const block_call *b, const float *w, float *x) {
    const nn_kernels *k = nn_kernels_best();
    const vit_config *c = b->c;
    const block_at *at = b->at;
    const block_kept *s = b->kept;
    float *y = b->temp->y;
    int d = c->width, r = rows_after(b);

    k->norm(y, s->hat1, s->rstd1, x, w + at->norm1_gain, w + at->norm1_bias, c->eps, rows_of(b), d);
    attend(b, w, y);
    if (b->last) keep_class(b, x);
    linear(b, s->joined, w + at->join, w + at->join_bias, r, d, d, true, x);

    k->norm(y, s->hat2, s->rstd2, x, w + at->norm2_gain, w + at->norm2_bias, c->eps, r, d);
    mlp_forward(b, w, y, r, x);
}

/* d += what goes back through the MLP and its norm. */
static void mlp_backward(const block_call *b, const float *w, float *g, float *d) {
    const nn_kernels *k = nn_kernels_best();
    const vit_config *c = b->c;
    const block_at *at = b->at;
    const block_kept *s = b->kept;
    const block_temp *t = b->temp;
    int r = rows_after(b), width = c->width;
    mm(false, false, r, c->mlp, width, d, width, w + at->fc2, c->mlp, false, t->d_act, c->mlp);
    (c->act == VIT_GELU ? k->gelu_back : k->quick_gelu_back)(t->d_act, t->act, s->hidden, (long)r * c->mlp);
    linear_backward(d, t->act, w + at->fc2, r, c->mlp, width, g + at->fc2, g + at->fc2_bias, NULL);
    k->norm_again(t->y, s->hat2, w + at->norm2_gain, w + at->norm2_bias, r, width);
    linear_backward(t->d_act, t->y, w + at->fc1, r, width, c->mlp, g + at->fc1, g + at->fc1_bias, t->d_y);
    k->norm_back(d, g + at->norm2_gain, g + at->norm2_bias, t->d_y, s->hat2, s->rstd2, w + at->norm2_gain, r, width);
}

void block_backward(const block_call *b, const float *w, float *g, float *d) {
    const nn_kernels *k = nn_kernels_best();
    const block_at *at = b->at;
    const block_kept *s = b->kept;
    const block_temp *t = b->temp;
    int all = rows_of(b), width = b->c->width;
    attention a = attention_of(b);

    mlp_backward(b, w, g, d);
    linear_backward(d, s->joined, w + at->join, rows_after(b), width, width, g + at->join, g + at->join_bias, t->d_y);
    if (b->last) { /* attention_backward leaves q of the other tokens alone */
        memset(t->d_qkv, 0, (size_t)all * 3 * (size_t)width * sizeof *t->d_qkv);
        spread_class(b, d);
    }
    attention_backward(&a, s->qkv, s->probs, t->d_y, t->d_square, t->d_qkv);
    k->norm_again(t->y, s->hat1, w + at->norm1_gain, w + at->norm1_bias, all, width);
    qkv_backward(b, w, g, t->y, t->d_qkv, t->d_y);
    k->norm_back(d, g + at->norm1_gain, g + at->norm1_bias, t->d_y, s->hat1, s->rstd1, w + at->norm1_gain, all,
                 width);
}
