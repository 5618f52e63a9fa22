/* The convolutional stem: a list of units (convolution, layer norm over channels, ReLU), walked forward and back. */
#include "nn/stem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "nn/conv.h"
#include "nn/kernels.h"
#include "nn/nn_math.h"
#include "nn/winograd.h"

enum { MAX_UNITS = STEM_MAX_STAGES * (1 + STEM_MAX_RESIDUAL), MAX_CHANNELS = 4096 };
static const float EPS = 1e-5f;

/* One convolution with its norm; where its tensors are in the block. */
typedef struct unit {
    conv conv;
    bool residual, last; /* last: of its stage */
    int stage;
    size_t weight, gain, bias;
    size_t more; /* of Winograd's weights, behind the table, where there are any */
} unit;

typedef struct plan {
    int n_units;
    unit units[MAX_UNITS];
    size_t map_weight, map_bias, more;
} plan;

int stem_check(const stem_config *c, bk_error *err) {
    if (c->n_stages < 1 || c->n_stages > STEM_MAX_STAGES)
        return bk_fail(err, BK_EINVAL, "stem: %d stages, expected 1 to %d", c->n_stages, STEM_MAX_STAGES);
    if (c->map_stage < -1 || c->map_stage >= c->n_stages)
        return bk_fail(err, BK_EINVAL, "stem: the map reads stage %d of %d", c->map_stage, c->n_stages);
    for (int i = 0; i < c->n_stages; i++) {
        if (c->channels[i] < 1 || c->channels[i] > MAX_CHANNELS)
            return bk_fail(err, BK_EINVAL, "stem: stage %d has %d channels, expected 1 to %d", i, c->channels[i],
                           MAX_CHANNELS);
        if (c->residual[i] < 0 || c->residual[i] > STEM_MAX_RESIDUAL)
            return bk_fail(err, BK_EINVAL, "stem: stage %d has %d residual units, expected 0 to %d", i,
                           c->residual[i], STEM_MAX_RESIDUAL);
    }
    return BK_OK;
}

void stem_size(const stem_config *c, int h, int w, int stage, int *out_h, int *out_w) {
    for (int i = 0; i <= stage && i < c->n_stages; i++) {
        h = (h + 1) / 2;
        w = (w + 1) / 2;
    }
    *out_h = h;
    *out_w = w;
}

int stem_map_size(const stem_config *c, int h, int w) {
    if (c->map_stage < 0) return 0;
    stem_size(c, h, w, c->map_stage, &h, &w);
    return h * w;
}

/* "stem.S.REST" of a stage's convolution, "stem.S.res.R.REST" of its residual unit R. Who counts needs no names. */
static const char *unit_name(char name[96], const nn_table *t, int s, int r, const char *rest) {
    name[0] = 0;
    if (!t->counting && r) snprintf(name, 96, "stem.%d.res.%d.%s", s, r - 1, rest);
    if (!t->counting && !r) snprintf(name, 96, "stem.%d.%s", s, rest);
    return name;
}

/* Adds the three tensors of a unit whose convolution is set; r: its number in the stage. */
static void unit_rows(nn_table *t, unit *u, int r) {
    char name[96];
    const conv *c = &u->conv;
    const int s = u->stage;
    u->weight = nn_table_add(t, unit_name(name, t, s, r, "conv.weight"),
                             (int[NN_MAX_DIMS]){ c->cout, 3, 3, c->cin }, NN_NORMAL,
                             sqrtf(2.0f / (float)(9 * c->cin)), true);
    u->gain = nn_table_add(t, unit_name(name, t, s, r, "norm.weight"), (int[NN_MAX_DIMS]){ c->cout }, NN_ONES, 0,
                           false);
    u->bias = nn_table_add(t, unit_name(name, t, s, r, "norm.bias"), (int[NN_MAX_DIMS]){ c->cout }, NN_ZEROS, 0,
                           false);
}

/* The one walk over the stem: units for pictures of h x w, and the rows of the table. */
static void walk(plan *p, nn_table *t, const stem_config *c, int h, int w) {
    int cin = 3;
    p->n_units = 0;
    p->more = 0;
    for (int s = 0; s < c->n_stages; s++)
        for (int r = 0; r <= c->residual[s]; r++) {
            unit *u = &p->units[p->n_units++];
            *u = (unit){ .conv = { h, w, cin, c->channels[s], r ? 1 : 2, s == 0 && r == 0 },
                         .residual = r > 0,
                         .last = r == c->residual[s],
                         .stage = s };
            unit_rows(t, u, r);
            u->more = p->more;
            p->more += winograd_fits(&u->conv) ? winograd_ready_size(&u->conv) : 0;
            h = conv_out_h(&u->conv);
            w = conv_out_w(&u->conv);
            cin = c->channels[s];
        }
    if (c->map_stage < 0) return;
    cin = c->channels[c->map_stage];
    p->map_weight =
        nn_table_add(t, "stem.map.weight", (int[NN_MAX_DIMS]){ 1, cin }, NN_NORMAL, 1.0f / sqrtf((float)cin), true);
    p->map_bias = nn_table_add(t, "stem.map.bias", (int[NN_MAX_DIMS]){ 1 }, NN_ZEROS, 0, false);
}

void stem_rows(nn_table *t, const stem_config *c) {
    plan p;
    walk(&p, t, c, 1, 1);
}

static void plan_make(plan *p, const stem_config *c, int h, int w) {
    nn_table counting = { .counting = true };
    walk(p, &counting, c, h, w);
}

size_t stem_more(const stem_config *c) {
    plan p;
    plan_make(&p, c, 1, 1);
    return p.more;
}

/* Where activations live, of n pictures in training, else of one. */
typedef struct room {
    float *ready[MAX_UNITS]; /* weights in the kernel's order */
    float *out[MAX_UNITS];   /* [rows, cout] of each unit; without training, two buffers in turn */
    float *hat[MAX_UNITS];   /* normalised convolution, training only */
    float *rstd[MAX_UNITS];  /* [rows], training only */
    float *grad[2];          /* gradients of a unit's output and input, training only */
    float *work, *turned;    /* for conv.h */
} room;

/* Numbers that a unit gives for one picture. */
static size_t unit_floats(const unit *u) {
    return conv_rows(&u->conv) * (size_t)u->conv.cout;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t room_make(room *m, const plan *p, float *scratch, size_t n, bool train) {
    nn_arena a = { .base = scratch };
    size_t work = 0, turned = 0, most = 0, pictures = train ? n : 1;
    *m = (room){ 0 };
    for (int i = 0; i < p->n_units; i++) {
        const unit *u = &p->units[i];
        m->ready[i] = nn_take(&a, conv_ready_size(&u->conv));
        work = larger(work, conv_forward_scratch(&u->conv));
        if (!train && winograd_fits(&u->conv)) work = larger(work, winograd_scratch(&u->conv));
        most = larger(most, unit_floats(u));
        if (!train) continue;
        work = larger(work, conv_backward_scratch(&u->conv));
        turned = larger(turned, conv_turn_size(&u->conv));
        m->out[i] = nn_take(&a, n * unit_floats(u));
        m->hat[i] = nn_take(&a, n * unit_floats(u));
        m->rstd[i] = nn_take(&a, n * conv_rows(&u->conv));
    }
    m->work = nn_take(&a, work);
    m->turned = nn_take(&a, turned);
    for (int i = 0; i < 2; i++) m->grad[i] = nn_take(&a, pictures * most);
    if (!train)
        for (int i = 0; i < p->n_units; i++) m->out[i] = m->grad[i % 2];
    return a.used;
}

size_t stem_scratch(const stem_config *c, int h, int w, int n, bool train) {
    plan p;
    room m;
    plan_make(&p, c, h, w);
    return room_make(&m, &p, NULL, (size_t)n, train);
}

/* A unit's weights, and which way they are for. */
typedef struct kernel {
    const float *ready;
    bool winograd;
} kernel;

/* One picture, chunk by chunk, so that norm and ReLU find the convolution's output in the cache. */
static void unit_forward(const unit *u, const float *w, const kernel *k, const float *x, float *work, float *hat,
                         float *rstd, float *out) {
    const conv *c = &u->conv;
    int all = conv_out_h(c), chunk = k->winograd ? winograd_chunk(c) : conv_chunk(c);
    for (int line = 0; line < all; line += chunk) {
        int lines = chunk < all - line ? chunk : all - line, rows = lines * conv_out_w(c);
        size_t row = (size_t)line * (size_t)conv_out_w(c), at = row * (size_t)c->cout;
        float *z = hat ? hat + at : out + at;
        (k->winograd ? winograd_forward : conv_forward)(c, x, k->ready, line, lines, work, z);
        nn_kernels_best()->norm_relu(out + at, hat ? z : NULL, rstd ? rstd + row : NULL, z,
                                     u->residual ? x + at : NULL, w + u->gain, w + u->bias, EPS, rows, c->cout);
    }
}

/* map [rows] = x [rows, cin] weight + bias */
static void map_forward(const unit *u, const float *w, const plan *p, const float *x, float *map) {
    int rows = (int)conv_rows(&u->conv), cin = u->conv.cout;
    for (int r = 0; r < rows; r++) map[r] = w[p->map_bias];
    mm(false, true, rows, 1, cin, x, cin, w + p->map_weight, cin, true, map, 1);
}

static void map_backward(const unit *u, const float *w, float *g, const plan *p, int n, const float *x,
                         const float *d_map, float *d_x) {
    int rows = n * (int)conv_rows(&u->conv), cin = u->conv.cout;
    mm(true, false, 1, cin, rows, d_map, 1, x, cin, true, g + p->map_weight, cin);
    nn_kernels_best()->column_sums(g + p->map_bias, d_map, rows, 1);
    mm(false, false, rows, cin, 1, d_map, 1, w + p->map_weight, cin, true, d_x, cin);
}

/* One picture through all units; kept: which of the n pictures' activations in the room, 0 without training. */
static void picture_forward(const stem_config *c, const plan *p, const room *m, const float *w, const kernel *k,
                            const float *pixels, size_t kept, float *tokens, float *map) {
    const float *x = pixels;
    for (int i = 0; i < p->n_units; i++) {
        const unit *u = &p->units[i];
        float *out = m->out[i] + kept * unit_floats(u);
        unit_forward(u, w, &k[i], x, m->work, m->hat[i] ? m->hat[i] + kept * unit_floats(u) : NULL,
                     m->rstd[i] ? m->rstd[i] + kept * conv_rows(&u->conv) : NULL, out);
        x = out;
        if (map && u->last && u->stage == c->map_stage) map_forward(u, w, p, x, map);
    }
    memcpy(tokens, x, unit_floats(&p->units[p->n_units - 1]) * sizeof *tokens);
}

/* Whether the kernel's order takes the room that the table gives. */
static bool in_place(const unit *u) {
    return conv_ready_size(&u->conv) == 9 * (size_t)u->conv.cin * (size_t)u->conv.cout;
}

bool stem_order(const stem_config *c, float *w, float *more, bool ready) {
    bool ok = true;
    plan p;
    plan_make(&p, c, 1, 1);
    for (int i = 0; i < p.n_units && ok; i++) {
        const unit *u = &p.units[i];
        if (winograd_fits(&u->conv)) {
            if (ready) winograd_ready(&u->conv, w + u->weight, more + u->more);
            continue;
        }
        if (!in_place(u)) continue;
        float *from = nn_copy(w + u->weight, conv_ready_size(&u->conv));
        ok = from;
        if (ok) (ready ? conv_ready : conv_unready)(&u->conv, from, w + u->weight);
        free(from);
    }
    return ok;
}

/* own: room for the kernel's order where that has none yet. */
static kernel kernel_of(const unit *u, const float *w, const float *more, bool ready, float *own) {
    if (ready && winograd_fits(&u->conv)) return (kernel){ more + u->more, true };
    if (ready && in_place(u)) return (kernel){ w + u->weight, false };
    conv_ready(&u->conv, w + u->weight, own);
    return (kernel){ own, false };
}

void stem_forward(const stem_config *c, const float *w, const float *more, const float *pixels, int n, int ph, int pw,
                  float *scratch, nn_mode mode, float *tokens, float *map) {
    bool train = mode == NN_TRAIN;
    plan p;
    room m;
    kernel k[MAX_UNITS];
    plan_make(&p, c, ph, pw);
    room_make(&m, &p, scratch, (size_t)n, train);
    for (int i = 0; i < p.n_units; i++) k[i] = kernel_of(&p.units[i], w, more, mode == NN_READY, m.ready[i]);
    size_t in = 3 * (size_t)ph * (size_t)pw, out = unit_floats(&p.units[p.n_units - 1]);
    size_t n_map = (size_t)stem_map_size(c, ph, pw);
    for (size_t i = 0; i < (size_t)n; i++)
        picture_forward(c, &p, &m, w, k, pixels + i * in, train ? i : 0, tokens + i * out,
                        map ? map + i * n_map : NULL);
}

/* Unit i of all n pictures: its norm, then its convolution. d: gradient of its output; the return value is that of
 * its input, in d itself or in other (nothing for the first). */
static float *unit_backward(const plan *p, const room *m, int i, const float *w, float *g, const float *pixels, int n,
                            float *d, float *other) {
    const unit *u = &p->units[i];
    nn_kernels_best()->norm_relu_back(m->hat[i], g + u->gain, g + u->bias, d, m->rstd[i], w + u->gain, w + u->bias,
                                      n * (int)conv_rows(&u->conv), u->conv.cout);
    float *d_x = i == 0 ? NULL : u->residual ? d : other;
    if (d_x) conv_turn(&u->conv, w + u->weight, m->turned);
    conv_backward(&u->conv, n, i ? m->out[i - 1] : pixels, m->turned, m->hat[i], m->work, g + u->weight, u->residual,
                  d_x);
    return d_x;
}

void stem_backward(const stem_config *c, const float *w, float *g, const float *pixels, int n, int ph, int pw,
                   float *scratch, const float *d_tokens, const float *d_map) {
    plan p;
    room m;
    plan_make(&p, c, ph, pw);
    room_make(&m, &p, scratch, (size_t)n, true);
    float *d = m.grad[0];
    memcpy(d, d_tokens, (size_t)n * unit_floats(&p.units[p.n_units - 1]) * sizeof *d_tokens);
    for (int i = p.n_units - 1; i >= 0; i--) {
        const unit *u = &p.units[i];
        if (d_map && u->last && u->stage == c->map_stage) map_backward(u, w, g, &p, n, m.out[i], d_map, d);
        d = unit_backward(&p, &m, i, w, g, pixels, n, d, d == m.grad[0] ? m.grad[1] : m.grad[0]);
    }
}
