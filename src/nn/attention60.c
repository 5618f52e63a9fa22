/* ClipAttention60: positions, post-norm encoder layers, one linear classifier a position. */
#include "nn/attention60.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "nn/attention.h"
#include "nn/gemm.h"
#include "nn/kernels.h"
#include "nn/layers.h"
#include "nn/nn_math.h"

enum { MAX_LAYERS = 64, MAX_WINDOW = 4096, MAX_WIDTH = 8192, MAX_MLP = 65536 };
static const float EPS = 1e-5f; /* PyTorch's */

typedef struct layer_at {
    size_t qkv, qkv_bias, join, join_bias, fc1, fc1_bias, fc2, fc2_bias;
    size_t norm1_gain, norm1_bias, norm2_gain, norm2_bias;
} layer_at;

typedef struct plan {
    size_t in, in_bias, pos;
    size_t head, head_bias, head_step; /* classifier t: head_step * t further */
    layer_at layers[MAX_LAYERS];
} plan;

/* Activations of a layer, rows = n * window. Without training all layers share them, and hats are NULL. */
typedef struct layer_kept {
    float *x;                           /* [rows, width], the layer's input */
    float *qkv, *probs, *joined;        /* [rows, 3 width], [n, heads, window, window], [rows, width] */
    float *hidden;                      /* [rows, mlp], after ReLU and dropout; or ready_mlp_room() */
    float *hat1, *rstd1, *hat2, *rstd2; /* [rows, width], [rows] */
} layer_kept;

typedef struct room {
    layer_kept kept[MAX_LAYERS];
    float *last;                /* [rows, width], what the classifiers read */
    float *y, *sum;             /* [rows, width] */
    float *square;              /* [2, window, window] */
    ready_work ready;           /* not in training */
    float *attention;           /* attention_work(), not in training */
    float *d, *d_sum, *dropped; /* [rows, width], training only */
    float *d_hidden, *d_qkv;    /* [rows, mlp], [rows, 3 width], training only */
} room;

/* One call: what every step needs. */
typedef struct call {
    const attention60_config *c;
    const layer_at *at;
    const layer_kept *s;
    const room *m;
    dropout_key drop;
    int n, rows, layer;
    bool ready; /* the weights are in the kernels' order */
} call;

static int check(const attention60_config *c, bk_error *err) {
    if (c->window < 1 || c->window > MAX_WINDOW)
        return bk_fail(err, BK_EINVAL, "head: a window of %d, expected 1 to %d", c->window, MAX_WINDOW);
    if (c->in < 1 || c->in > MAX_WIDTH || c->width < 1 || c->width > MAX_WIDTH || c->mlp < 1 || c->mlp > MAX_MLP)
        return bk_fail(err, BK_EINVAL, "head: input %d, width %d, mlp %d, expected 1 to %d", c->in, c->width, c->mlp,
                       MAX_WIDTH);
    if (c->layers < 1 || c->layers > MAX_LAYERS)
        return bk_fail(err, BK_EINVAL, "head: %d layers, expected 1 to %d", c->layers, MAX_LAYERS);
    if (c->heads < 1 || c->width % c->heads)
        return bk_fail(err, BK_EINVAL, "head: %d heads do not share a width of %d", c->heads, c->width);
    if (!(c->dropout >= 0 && c->dropout < 1))
        return bk_fail(err, BK_EINVAL, "head: dropout %g, expected 0 to below 1", (double)c->dropout);
    return BK_OK;
}

/* ---- tensors ---- */

/* in 0: a vector. Matrices are initialised within +-scale, vectors as `init` says. */
static size_t layer_row(nn_table *t, int layer, const char *rest, int out, int in, nn_init init, float scale) {
    char name[96];
    snprintf(name, sizeof name, "encoder.layers.%d.%s", layer, rest);
    return nn_table_add(t, name, (int[NN_MAX_DIMS]){ out, in }, init, scale, in > 0);
}

static void layer_rows(nn_table *t, const attention60_config *c, int i, layer_at *at) {
    int w = c->width, m = c->mlp;
    float from_w = 1 / sqrtf((float)w), from_m = 1 / sqrtf((float)m);
    at->qkv = layer_row(t, i, "self_attn.in_proj_weight", 3 * w, w, NN_UNIFORM, sqrtf(6.0f / (4.0f * (float)w)));
    at->qkv_bias = layer_row(t, i, "self_attn.in_proj_bias", 3 * w, 0, NN_ZEROS, 0);
    at->join = layer_row(t, i, "self_attn.out_proj.weight", w, w, NN_UNIFORM, from_w);
    at->join_bias = layer_row(t, i, "self_attn.out_proj.bias", w, 0, NN_ZEROS, 0);
    at->fc1 = layer_row(t, i, "linear1.weight", m, w, NN_UNIFORM, from_w);
    at->fc1_bias = layer_row(t, i, "linear1.bias", m, 0, NN_UNIFORM, from_w);
    at->fc2 = layer_row(t, i, "linear2.weight", w, m, NN_UNIFORM, from_m);
    at->fc2_bias = layer_row(t, i, "linear2.bias", w, 0, NN_UNIFORM, from_m);
    at->norm1_gain = layer_row(t, i, "norm1.weight", w, 0, NN_ONES, 0);
    at->norm1_bias = layer_row(t, i, "norm1.bias", w, 0, NN_ZEROS, 0);
    at->norm2_gain = layer_row(t, i, "norm2.weight", w, 0, NN_ONES, 0);
    at->norm2_bias = layer_row(t, i, "norm2.bias", w, 0, NN_ZEROS, 0);
}

/* The classifiers, whose offsets are evenly spaced as all have the same shapes. */
static void head_rows(nn_table *t, const attention60_config *c, plan *p) {
    char name[96];
    float scale = 1 / sqrtf((float)c->width);
    for (int i = 0; i < c->window; i++) {
        snprintf(name, sizeof name, "classifiers.%d.weight", i);
        size_t at = nn_table_add(t, name, (int[NN_MAX_DIMS]){ 1, c->width }, NN_UNIFORM, scale, true);
        snprintf(name, sizeof name, "classifiers.%d.bias", i);
        size_t bias = nn_table_add(t, name, (int[NN_MAX_DIMS]){ 1 }, NN_UNIFORM, scale, false);
        if (i == 0) p->head = at, p->head_bias = bias;
        if (i == 1) p->head_step = at - p->head;
    }
}

static void walk(plan *p, nn_table *t, const attention60_config *c) {
    float scale = 1 / sqrtf((float)c->in);
    *p = (plan){ 0 };
    p->pos = nn_table_add(t, "pos", (int[NN_MAX_DIMS]){ c->window, c->width }, NN_NORMAL, 1, false);
    if (c->in != c->width) {
        p->in = nn_table_add(t, "in_proj.weight", (int[NN_MAX_DIMS]){ c->width, c->in }, NN_UNIFORM, scale, true);
        p->in_bias = nn_table_add(t, "in_proj.bias", (int[NN_MAX_DIMS]){ c->width }, NN_UNIFORM, scale, false);
    }
    for (int i = 0; i < c->layers; i++) layer_rows(t, c, i, &p->layers[i]);
    head_rows(t, c, p);
}

static void plan_make(plan *p, const attention60_config *c) {
    nn_table counting = { .counting = true };
    walk(p, &counting, c);
}

int attention60_table(nn_table *out, const attention60_config *c, bk_error *err) {
    int code = check(c, err);
    if (code) return code;
    nn_table t = { 0 };
    plan p;
    walk(&p, &t, c);
    if (!nn_table_ok(&t)) {
        nn_table_close(&t);
        return bk_fail_memory(err, "the head's tensor table");
    }
    *out = t;
    return BK_OK;
}

/* ---- scratch ---- */

static void kept_make(layer_kept *s, nn_arena *a, const attention60_config *c, size_t n, bool train) {
    size_t window = (size_t)c->window, w = (size_t)c->width, rows = n * window;
    *s = (layer_kept){ .x = nn_take(a, rows * w),
                       .qkv = nn_take(a, rows * 3 * w),
                       .probs = nn_take(a, rows * (size_t)c->heads * window),
                       .joined = nn_take(a, rows * w),
                       .hidden = nn_take(a, train ? rows * (size_t)c->mlp : ready_mlp_room((int)rows, c->mlp)) };
    if (!train) return;
    s->hat1 = nn_take(a, rows * w);
    s->rstd1 = nn_take(a, rows);
    s->hat2 = nn_take(a, rows * w);
    s->rstd2 = nn_take(a, rows);
}

static attention attention_shape(const attention60_config *c, int n) {
    return (attention){
        .n = n, .heads = c->heads, .head_width = c->width / c->heads, .queries = c->window, .keys = c->window
    };
}

static size_t room_make(room *m, const attention60_config *c, float *scratch, int n, bool train) {
    nn_arena a = { .base = scratch };
    size_t window = (size_t)c->window, w = (size_t)c->width, rows = (size_t)n * window;
    memset(m, 0, sizeof *m);
    m->y = nn_take(&a, rows * w);
    m->sum = nn_take(&a, rows * w);
    m->square = nn_take(&a, 2 * window * window);
    if (!train) m->ready.work = nn_take(&a, gemm_work((int)rows));
    const attention one = attention_shape(c, 1);
    if (!train && attention_work(&one)) m->attention = nn_take(&a, attention_work(&one));
    for (int i = 0; i < c->layers; i++)
        if (train || i == 0)
            kept_make(&m->kept[i], &a, c, (size_t)n, train);
        else
            m->kept[i] = m->kept[0];
    m->last = train ? nn_take(&a, rows * w) : m->kept[0].x;
    if (!train) return a.used;
    m->d = nn_take(&a, rows * w);
    m->d_sum = nn_take(&a, rows * w);
    m->dropped = nn_take(&a, rows * w);
    m->d_hidden = nn_take(&a, rows * (size_t)c->mlp);
    m->d_qkv = nn_take(&a, rows * 3 * w);
    return a.used;
}

size_t attention60_scratch(const attention60_config *c, int n, bool train) {
    room m;
    size_t infer = room_make(&m, c, NULL, n, false), all = train ? room_make(&m, c, NULL, n, true) : 0;
    return infer > all ? infer : all;
}

/* ---- one layer ---- */

/* The places in a layer where dropout works; the attention's heads come first. */
static int site(const call *k, int place) {
    return k->layer * (k->c->heads + 3) + place;
}
static int after_attention(const call *k) {
    return site(k, k->c->heads);
}
static int inside_mlp(const call *k) {
    return site(k, k->c->heads + 1);
}
static int after_mlp(const call *k) {
    return site(k, k->c->heads + 2);
}

static attention attention_of(const call *k) {
    attention a = attention_shape(k->c, k->n);
    a.drop = &k->drop;
    a.site = site(k, 0);
    a.team = k->m->ready.team;
    a.work = k->ready ? k->m->attention : NULL;
    return a;
}

static void drop(const call *k, int at, float *x, int width) {
    dropout_apply(&k->drop, at, x, k->n, (long)k->c->window * width);
}

static void linear(const call *k, const float *x, const float *w, const float *bias, int in, int out, float *y) {
    if (k->ready)
        linear_ready_forward(x, w, bias, k->rows, in, out, false, NN_LINEAR, &k->m->ready, y);
    else
        linear_forward(x, w, bias, k->rows, in, out, false, y);
}

/* x and what attention makes of it. On weights that are ready x itself grows, as nobody needs it again. */
static float *attention_residual(const call *k, const float *w) {
    const layer_kept *s = k->s;
    int width = k->c->width;
    float *sum = k->m->sum;
    attention a = attention_of(k);
    linear(k, s->x, w + k->at->qkv, w + k->at->qkv_bias, width, 3 * width, s->qkv);
    attention_forward(&a, s->qkv, s->probs, k->m->square, s->joined);
    if (k->ready) {
        linear_ready_forward(s->joined, w + k->at->join, w + k->at->join_bias, k->rows, width, width, true, NN_LINEAR,
                             &k->m->ready, s->x);
        return s->x;
    }
    linear(k, s->joined, w + k->at->join, w + k->at->join_bias, width, width, sum);
    drop(k, after_attention(k), sum, width);
    nn_kernels_best()->add(sum, s->x, (long)k->rows * width);
    return sum;
}

/* y and what the MLP makes of it; in the same way. */
static float *mlp_residual(const call *k, const float *w, float *y) {
    const nn_kernels *f = nn_kernels_best();
    const layer_at *at = k->at;
    int width = k->c->width, mlp = k->c->mlp;
    float *hidden = k->s->hidden, *sum = k->m->sum;
    if (k->ready) {
        const ready_mlp p = { width, mlp, NN_RELU, w + at->fc1, w + at->fc1_bias, w + at->fc2, w + at->fc2_bias };
        ready_mlp_forward(&p, y, k->rows, &k->m->ready, hidden, y);
        return y;
    }
    linear(k, y, w + at->fc1, w + at->fc1_bias, width, mlp, hidden);
    f->relu(hidden, hidden, (long)k->rows * mlp);
    drop(k, inside_mlp(k), hidden, mlp);
    linear(k, hidden, w + at->fc2, w + at->fc2_bias, mlp, width, sum);
    drop(k, after_mlp(k), sum, width);
    f->add(sum, y, (long)k->rows * width);
    return sum;
}

/* next [rows, width] = the layer of s->x; next may be s->x. */
static void layer_forward(const call *k, const float *w, float *next) {
    const nn_kernels *f = nn_kernels_best();
    const layer_at *at = k->at;
    const layer_kept *s = k->s;
    int width = k->c->width, rows = k->rows;
    float *y = k->m->y;
    f->norm(y, s->hat1, s->rstd1, attention_residual(k, w), w + at->norm1_gain, w + at->norm1_bias, EPS, rows, width);
    f->norm(next, s->hat2, s->rstd2, mlp_residual(k, w, y), w + at->norm2_gain, w + at->norm2_bias, EPS, rows, width);
}

/* d under the dropout mask of a site: d itself where there is no dropout. */
static const float *masked(const call *k, int at, const float *d) {
    if (!(k->drop.p > 0)) return d;
    memcpy(k->m->dropped, d, (size_t)k->rows * (size_t)k->c->width * sizeof *d);
    drop(k, at, k->m->dropped, k->c->width);
    return k->m->dropped;
}

/* d_sum, the gradient of the first norm's output <- d, that of the layer's. */
static void mlp_backward(const call *k, const float *w, float *g, const float *d, float *d_sum) {
    const nn_kernels *f = nn_kernels_best();
    const layer_at *at = k->at;
    const layer_kept *s = k->s;
    int width = k->c->width, mlp = k->c->mlp, rows = k->rows;
    float *hidden = k->m->d_hidden, *back = k->m->sum;
    memset(d_sum, 0, (size_t)rows * (size_t)width * sizeof *d_sum);
    f->norm_back(d_sum, g + at->norm2_gain, g + at->norm2_bias, d, s->hat2, s->rstd2, w + at->norm2_gain, rows,
                 width);
    const float *out = masked(k, after_mlp(k), d_sum);
    linear_backward(out, s->hidden, w + at->fc2, rows, mlp, width, g + at->fc2, g + at->fc2_bias, hidden);
    drop(k, inside_mlp(k), hidden, mlp);
    f->relu_back(hidden, s->hidden, (long)rows * mlp); /* what dropout took is zero on both sides */
    f->norm_again(k->m->y, s->hat1, w + at->norm1_gain, w + at->norm1_bias, rows, width);
    linear_backward(hidden, k->m->y, w + at->fc1, rows, width, mlp, g + at->fc1, g + at->fc1_bias, back);
    f->add(d_sum, back, (long)rows * width);
}

/* d, the gradient of the layer's output, becomes that of its input. */
static void layer_backward(const call *k, const float *w, float *g, float *d) {
    const nn_kernels *f = nn_kernels_best();
    const layer_at *at = k->at;
    const layer_kept *s = k->s;
    int width = k->c->width, rows = k->rows;
    float *d_sum = k->m->d_sum, *back = k->m->sum;
    attention a = attention_of(k);

    mlp_backward(k, w, g, d, d_sum);
    memset(d, 0, (size_t)rows * (size_t)width * sizeof *d);
    f->norm_back(d, g + at->norm1_gain, g + at->norm1_bias, d_sum, s->hat1, s->rstd1, w + at->norm1_gain, rows,
                 width);
    const float *out = masked(k, after_attention(k), d);
    linear_backward(out, s->joined, w + at->join, rows, width, width, g + at->join, g + at->join_bias, back);
    attention_backward(&a, s->qkv, s->probs, back, k->m->square, k->m->d_qkv);
    linear_backward(k->m->d_qkv, s->x, w + at->qkv, rows, width, 3 * width, g + at->qkv, g + at->qkv_bias, back);
    f->add(d, back, (long)rows * width);
}

/* ---- the network ---- */

static void positions_forward(const attention60_config *c, const plan *p, const float *w, const float *x, int n,
                              float *out) {
    size_t per = (size_t)c->window * (size_t)c->width;
    if (c->in != c->width)
        linear_forward(x, w + p->in, w + p->in_bias, n * c->window, c->in, c->width, false, out);
    else
        memcpy(out, x, (size_t)n * per * sizeof *out);
    for (int i = 0; i < n; i++) nn_kernels_best()->add(out + (size_t)i * per, w + p->pos, (long)per);
}

static void heads_forward(const attention60_config *c, const plan *p, const float *w, const float *h, int n,
                          float *logits) {
    int d = c->width;
    for (int t = 0; t < c->window; t++) {
        const float *weight = w + p->head + (size_t)t * p->head_step;
        for (int i = 0; i < n; i++) logits[i * c->window + t] = w[p->head_bias + (size_t)t * p->head_step];
        mm(false, true, n, 1, d, h + (size_t)t * (size_t)d, c->window * d, weight, d, true, logits + t, c->window);
    }
}

static void heads_backward(const attention60_config *c, const plan *p, const float *w, float *g, const float *h,
                           int n, const float *d_logits, float *d_h) {
    int d = c->width, step = c->window * d;
    for (int t = 0; t < c->window; t++) {
        size_t at = p->head + (size_t)t * p->head_step, from = (size_t)t * (size_t)d;
        for (int i = 0; i < n; i++) g[p->head_bias + (size_t)t * p->head_step] += d_logits[i * c->window + t];
        mm(true, false, 1, d, n, d_logits + t, c->window, h + from, step, true, g + at, d);
        mm(false, false, n, d, 1, d_logits + t, c->window, w + at, d, false, d_h + from, step);
    }
}

bool attention60_order(const attention60_config *c, float *w, bool ready) {
    bool ok = true;
    plan p;
    plan_make(&p, c);
    for (int i = 0; i < c->layers && ok; i++) {
        const layer_at *at = &p.layers[i];
        ok = linear_order(w + at->qkv, c->width, 3 * c->width, ready) &&
             linear_order(w + at->join, c->width, c->width, ready) &&
             linear_order(w + at->fc1, c->width, c->mlp, ready) && linear_order(w + at->fc2, c->mlp, c->width, ready);
    }
    return ok;
}

void attention60_forward(const attention60_config *c, const float *w, const float *x, int n, float *scratch,
                         nn_mode mode, pool *team, uint64_t seed, uint64_t step, int first, float *logits) {
    bool train = mode == NN_TRAIN;
    plan p;
    room m;
    plan_make(&p, c);
    room_make(&m, c, scratch, n, train);
    if (mode == NN_READY) m.ready.team = team;
    positions_forward(c, &p, w, x, n, m.kept[0].x);
    for (int i = 0; i < c->layers; i++) {
        call k = {
            c, &p.layers[i],    &m.kept[i], &m, { train ? c->dropout : 0, seed, step, first }, n, n * c->window,
            i, mode == NN_READY
        };
        layer_forward(&k, w, i + 1 < c->layers ? m.kept[i + 1].x : m.last);
    }
    heads_forward(c, &p, w, m.last, n, logits);
}

void attention60_backward(const attention60_config *c, const float *w, float *g, const float *x, int n,
                          float *scratch, uint64_t seed, uint64_t step, int first, const float *d_logits) {
    size_t per = (size_t)c->window * (size_t)c->width;
    plan p;
    room m;
    plan_make(&p, c);
    room_make(&m, c, scratch, n, true);
    heads_backward(c, &p, w, g, m.last, n, d_logits, m.d);
    for (int i = c->layers - 1; i >= 0; i--) {
        call k = { c, &p.layers[i], &m.kept[i], &m, { c->dropout, seed, step, first }, n, n * c->window, i, false };
        layer_backward(&k, w, g, m.d);
    }
    for (int i = 0; i < n; i++) nn_kernels_best()->add(g + p.pos, m.d + (size_t)i * per, (long)per);
    if (c->in != c->width)
        linear_backward(m.d, x, w + p.in, n * c->window, c->in, c->width, g + p.in, g + p.in_bias, NULL);
}
