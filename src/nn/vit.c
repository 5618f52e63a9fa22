/* The vision transformer: embedding of patches (or the stem), blocks, the class token's projection. */
#include "nn/vit.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "nn/gemm.h"
#include "nn/kernels.h"
#include "nn/layers.h"
#include "nn/nn_math.h"
#include "nn/vit_block.h"

enum { MAX_LAYERS = 64, MAX_SIDE = 8192, MAX_TOKENS = 16384, MAX_WIDTH = 8192, MAX_MLP = 65536 };

/* Offsets of all tensors. */
typedef struct plan {
    size_t class_token, patch, position, pre_gain, pre_bias, post_gain, post_bias, project;
    size_t n_floats; /* of the table; behind it lies what the stem has more in NN_READY */
    block_at blocks[MAX_LAYERS];
} plan;

/* Where activations live; see block_kept for what is only there in training. */
typedef struct room {
    float *x;                           /* [n * tokens, width] */
    float *found;                       /* [n * (tokens - 1), width], tokens before the class token joins */
    float *cols;                        /* [n * (tokens - 1), 3 patch patch] */
    float *stem;                        /* the stem's scratch */
    float *pre_hat, *pre_rstd;          /* [n * tokens, width], [n * tokens] */
    float *post, *post_hat, *post_rstd; /* [n, width], [n, width], [n] */
    float *d_x;                         /* [n * tokens, width] */
    float *features;                    /* [n * tokens, width], what the last block reads */
    block_kept kept[MAX_LAYERS];
    block_temp temp;
} room;

static int check_sizes(const vit_config *c, bk_error *err) {
    if (c->picture_h < 1 || c->picture_w < 1 || c->picture_h > MAX_SIDE || c->picture_w > MAX_SIDE)
        return bk_fail(err, BK_EINVAL, "encoder: pictures of %d x %d, expected 1 to %d a side", c->picture_w,
                       c->picture_h, MAX_SIDE);
    if (c->width < 16 || c->width > MAX_WIDTH || c->width % 16)
        return bk_fail(err, BK_EINVAL, "encoder: width %d, expected a multiple of 16 up to %d", c->width, MAX_WIDTH);
    if (c->layers < 1 || c->layers > MAX_LAYERS)
        return bk_fail(err, BK_EINVAL, "encoder: %d layers, expected 1 to %d", c->layers, MAX_LAYERS);
    if (c->heads < 1 || c->width % c->heads)
        return bk_fail(err, BK_EINVAL, "encoder: %d heads do not share a width of %d", c->heads, c->width);
    if (c->mlp < 1 || c->mlp > MAX_MLP || c->out < 1 || c->out > MAX_MLP)
        return bk_fail(err, BK_EINVAL, "encoder: mlp %d and output %d, expected 1 to %d", c->mlp, c->out, MAX_MLP);
    if (!(c->eps > 0)) return bk_fail(err, BK_EINVAL, "encoder: eps %g, expected more than 0", (double)c->eps);
    return BK_OK;
}

static int check(const vit_config *c, bk_error *err) {
    int code = check_sizes(c, err);
    if (code) return code;
    if (c->act != VIT_GELU && c->act != VIT_QUICK_GELU)
        return bk_fail(err, BK_EINVAL, "encoder: unknown activation %d", (int)c->act);
    if (c->patch < 0 || (c->patch > 0 && (c->picture_h % c->patch || c->picture_w % c->patch)))
        return bk_fail(err, BK_EINVAL, "encoder: patches of %d do not tile pictures of %d x %d", c->patch,
                       c->picture_w, c->picture_h);
    if (c->patch == 0) {
        code = stem_check(&c->stem, err);
        if (code) return code;
        int last = c->stem.channels[c->stem.n_stages - 1];
        if (last != c->width)
            return bk_fail(err, BK_EINVAL, "encoder: the stem ends in %d channels, the transformer is %d wide", last,
                           c->width);
    }
    if (vit_tokens(c) > MAX_TOKENS)
        return bk_fail(err, BK_EINVAL, "encoder: %d tokens, expected at most %d", vit_tokens(c), MAX_TOKENS);
    return BK_OK;
}

int vit_tokens(const vit_config *c) {
    int h, w;
    if (c->patch > 0) return 1 + (c->picture_h / c->patch) * (c->picture_w / c->patch);
    stem_size(&c->stem, c->picture_h, c->picture_w, c->stem.n_stages - 1, &h, &w);
    return 1 + h * w;
}

static size_t vector(nn_table *t, const char *name, int n, nn_init init, float scale) {
    return nn_table_add(t, name, (int[NN_MAX_DIMS]){ n }, init, scale, false);
}

/* The one walk over the tensors. */
static void walk(plan *p, nn_table *t, const vit_config *c) {
    int w = c->width;
    float scale = 1.0f / sqrtf((float)w);
    if (c->patch == 0) stem_rows(t, &c->stem);
    p->class_token = vector(t, "vision_model.embeddings.class_embedding", w, NN_NORMAL, scale);
    if (c->patch > 0)
        p->patch = nn_table_add(t, "vision_model.embeddings.patch_embedding.weight",
                                (int[NN_MAX_DIMS]){ w, 3, c->patch, c->patch }, NN_NORMAL, 0.02f, true);
    p->position = nn_table_add(t, "vision_model.embeddings.position_embedding.weight",
                               (int[NN_MAX_DIMS]){ vit_tokens(c), w }, NN_NORMAL, 0.02f, false);
    if (c->patch > 0) { /* the name's spelling is Hugging Face's */
        p->pre_gain = vector(t, "vision_model.pre_layrnorm.weight", w, NN_ONES, 0);
        p->pre_bias = vector(t, "vision_model.pre_layrnorm.bias", w, NN_ZEROS, 0);
    }
    for (int i = 0; i < c->layers; i++) block_rows(t, c, i, &p->blocks[i]);
    p->post_gain = vector(t, "vision_model.post_layernorm.weight", w, NN_ONES, 0);
    p->post_bias = vector(t, "vision_model.post_layernorm.bias", w, NN_ZEROS, 0);
    p->project = nn_table_add(t, "visual_projection.weight", (int[NN_MAX_DIMS]){ c->out, w }, NN_NORMAL, scale, true);
}

static void plan_make(plan *p, const vit_config *c) {
    nn_table counting = { .counting = true };
    walk(p, &counting, c);
    p->n_floats = counting.n_floats;
}

int vit_table(nn_table *out, const vit_config *c, bk_error *err) {
    int code = check(c, err);
    if (code) return code;
    nn_table t = { 0 };
    plan p;
    walk(&p, &t, c);
    if (!nn_table_ok(&t)) {
        nn_table_close(&t);
        return bk_fail_memory(err, "the encoder's tensor table");
    }
    *out = t;
    return BK_OK;
}

static void kept_make(block_kept *s, nn_arena *a, const vit_config *c, int n, int layer, bool train) {
    size_t w = (size_t)c->width, tokens = (size_t)vit_tokens(c), t = (size_t)n * tokens;
    bool last = layer == c->layers - 1;
    size_t queries = last && train ? 1 : tokens, r = (size_t)n * queries;
    *s = (block_kept){ 0 };
    if (train) {
        s->hat1 = nn_take(a, t * w);
        s->rstd1 = nn_take(a, t);
        s->hat2 = nn_take(a, r * w);
        s->rstd2 = nn_take(a, r);
    }
    s->qkv = nn_take(a, block_qkv(c, n, vit_tokens(c)));
    s->probs = nn_take(a, r * (size_t)c->heads * tokens);
    s->joined = nn_take(a, r * w);
    s->hidden = nn_take(a, train ? r * (size_t)c->mlp : ready_mlp_room((int)r, c->mlp));
}

static void temp_make(block_temp *m, nn_arena *a, const vit_config *c, int n, bool train) {
    size_t w = (size_t)c->width, tokens = (size_t)vit_tokens(c), t = (size_t)n * tokens;
    m->y = nn_take(a, t * w);
    if (!train) return;
    m->act = nn_take(a, t * (size_t)c->mlp);
    m->d_y = nn_take(a, t * w);
    m->d_act = nn_take(a, t * (size_t)c->mlp);
    m->d_qkv = nn_take(a, t * 3 * w);
    m->d_square = nn_take(a, 2 * tokens * tokens);
}

static void blocks_make(room *m, nn_arena *a, const vit_config *c, int n, bool train) {
    temp_make(&m->temp, a, c, n, train);
    for (int i = 0; i < c->layers; i++)
        if (train || i == 0)
            kept_make(&m->kept[i], a, c, n, i, train);
        else
            m->kept[i] = m->kept[0];
    if (!train) m->temp.act = m->kept[0].hidden;
}

static size_t room_make(room *m, const vit_config *c, float *scratch, int n, bool train) {
    nn_arena a = { .base = scratch };
    size_t w = (size_t)c->width, t = (size_t)n * (size_t)vit_tokens(c), found = t - (size_t)n;
    memset(m, 0, sizeof *m);
    m->x = nn_take(&a, t * w);
    m->found = nn_take(&a, found * w);
    m->post = nn_take(&a, (size_t)n * w);
    if (!train) m->temp.ready.work = nn_take(&a, gemm_work((int)t));
    size_t attention = train ? 0 : block_attention_work(c, vit_tokens(c));
    if (attention) m->temp.attention = nn_take(&a, attention);
    if (train) {
        m->d_x = nn_take(&a, t * w);
        m->features = nn_take(&a, t * w);
        m->post_hat = nn_take(&a, (size_t)n * w);
        m->post_rstd = nn_take(&a, (size_t)n);
    }
    if (train && c->patch > 0) {
        m->pre_hat = nn_take(&a, t * w);
        m->pre_rstd = nn_take(&a, t);
    }
    if (train) blocks_make(m, &a, c, n, train);
    nn_arena b = a; /* without training, the blocks use the memory that the embedding has done with */
    if (!train) blocks_make(m, &b, c, n, train);
    if (c->patch > 0) {
        m->cols = nn_take(&a, found * 3 * (size_t)c->patch * (size_t)c->patch);
    } else {
        m->stem = nn_take(&a, stem_scratch(&c->stem, c->picture_h, c->picture_w, n, train));
    }
    return a.used > b.used ? a.used : b.used;
}

size_t vit_scratch(const vit_config *c, int n, bool train) {
    room m;
    size_t infer = room_make(&m, c, NULL, n, false), all = train ? room_make(&m, c, NULL, n, true) : 0;
    return infer > all ? infer : all;
}

/* cols [n * patches, 3 patch patch]  <-  pixels: the numbers of a patch in the order of the kernel. */
static void gather_patches(const vit_config *c, const float *pixels, int n, float *cols) {
    size_t p = (size_t)c->patch, w = (size_t)c->picture_w, h = (size_t)c->picture_h;
    for (size_t i = 0; i < (size_t)n; i++)
        for (size_t y = 0; y < h; y += p)
            for (size_t x = 0; x < w; x += p)
                for (size_t line = 0; line < 3 * p; line++, cols += p)
                    memcpy(cols, pixels + ((i * 3 + line / p) * h + y + line % p) * w + x, p * sizeof *cols);
}

/* What is done picture by picture, for n of them from `first` on: the stem, or the patches as rows. */
static void take(const vit_config *c, const plan *p, const room *m, const float *w, const float *pixels, int first,
                 int n, nn_mode mode, float *map) {
    const size_t found = (size_t)first * (size_t)(vit_tokens(c) - 1);
    if (c->patch > 0)
        gather_patches(c, pixels, n, m->cols + found * 3 * (size_t)c->patch * (size_t)c->patch);
    else
        stem_forward(&c->stem, w, w + p->n_floats, pixels, n, c->picture_h, c->picture_w, m->stem, mode,
                     m->found + found * (size_t)c->width, map);
}

/* The found tokens of all pictures that were taken. */
static void embed(const vit_config *c, const plan *p, const room *m, const float *w, int n, nn_mode mode) {
    int found = vit_tokens(c) - 1, k = 3 * c->patch * c->patch;
    if (c->patch == 0) return;
    if (mode == NN_READY)
        linear_ready_forward(m->cols, w + p->patch, NULL, n * found, k, c->width, false, NN_LINEAR, &m->temp.ready,
                             m->found);
    else
        linear_forward(m->cols, w + p->patch, NULL, n * found, k, c->width, false, m->found);
}

/* x = class token and found tokens, plus positions. */
static void assemble(const vit_config *c, const plan *p, const room *m, const float *w, int n) {
    size_t d = (size_t)c->width, tokens = (size_t)vit_tokens(c), found = (tokens - 1) * d;
    for (size_t i = 0; i < (size_t)n; i++) {
        float *x = m->x + i * tokens * d;
        memcpy(x, w + p->class_token, d * sizeof *x);
        memcpy(x + d, m->found + i * found, found * sizeof *x);
        nn_kernels_best()->add(x, w + p->position, (long)(tokens * d));
    }
}

static block_call call_of(const vit_config *c, const plan *p, const room *m, int n, int layer, nn_mode mode) {
    return (block_call){ .c = c,
                         .at = &p->blocks[layer],
                         .kept = &m->kept[layer],
                         .temp = &m->temp,
                         .n = n,
                         .tokens = vit_tokens(c),
                         .last = layer == c->layers - 1,
                         .ready = mode == NN_READY };
}

size_t vit_ready_floats(const vit_config *c) {
    plan p;
    plan_make(&p, c);
    return p.n_floats + (c->patch > 0 ? 0 : stem_more(&c->stem));
}

bool vit_order(const vit_config *c, float *w, bool ready) {
    plan p;
    plan_make(&p, c);
    bool ok = c->patch > 0 ? linear_order(w + p.patch, 3 * c->patch * c->patch, c->width, ready)
                           : stem_order(&c->stem, w, w + p.n_floats, ready);
    for (int i = 0; i < c->layers && ok; i++) ok = block_order(c, &p.blocks[i], w, i == c->layers - 1, ready);
    return ok && linear_order(w + p.project, c->width, c->out, ready);
}

void vit_take(const vit_config *c, const float *w, const float *pixels, int i, int n, float *scratch, nn_mode mode,
              float *map) {
    plan p;
    room m;
    plan_make(&p, c);
    room_make(&m, c, scratch, n, false);
    take(c, &p, &m, w, pixels, i, 1, mode, map);
}

void vit_finish(const vit_config *c, const float *w, int n, float *scratch, nn_mode mode, pool *team, float *emb) {
    const nn_kernels *k = nn_kernels_best();
    plan p;
    room m;
    plan_make(&p, c);
    room_make(&m, c, scratch, n, mode == NN_TRAIN);
    if (mode == NN_READY) m.temp.ready.team = team;
    embed(c, &p, &m, w, n, mode);
    assemble(c, &p, &m, w, n);
    if (c->patch > 0)
        k->norm(m.x, m.pre_hat, m.pre_rstd, m.x, w + p.pre_gain, w + p.pre_bias, c->eps, n * vit_tokens(c), c->width);
    for (int i = 0; i < c->layers; i++) {
        block_call b = call_of(c, &p, &m, n, i, mode);
        if (b.last && m.features)
            memcpy(m.features, m.x, (size_t)n * (size_t)b.tokens * (size_t)c->width * sizeof *m.x);
        block_forward(&b, w, m.x);
    }
    k->norm(m.post, m.post_hat, m.post_rstd, m.x, w + p.post_gain, w + p.post_bias, c->eps, n, c->width);
    if (mode == NN_READY)
        linear_ready_forward(m.post, w + p.project, NULL, n, c->width, c->out, false, NN_LINEAR, &m.temp.ready, emb);
    else
        linear_forward(m.post, w + p.project, NULL, n, c->width, c->out, false, emb);
}

void vit_forward(const vit_config *c, const float *w, const float *pixels, int n, float *scratch, nn_mode mode,
                 pool *team, float *emb, float *map) {
    plan p;
    room m;
    plan_make(&p, c);
    room_make(&m, c, scratch, n, mode == NN_TRAIN);
    take(c, &p, &m, w, pixels, 0, n, mode, map);
    vit_finish(c, w, n, scratch, mode, team, emb);
}

const float *vit_features(const vit_config *c, float *scratch, int n) {
    room m;
    room_make(&m, c, scratch, n, true);
    return m.features;
}

/* g of class token and positions; found = gradient of the found tokens. */
static void assemble_back(const vit_config *c, const plan *p, const room *m, float *g, const float *d_x, int n) {
    size_t d = (size_t)c->width, tokens = (size_t)vit_tokens(c), found = (tokens - 1) * d;
    for (size_t i = 0; i < (size_t)n; i++) {
        const float *from = d_x + i * tokens * d;
        nn_kernels_best()->add(g + p->class_token, from, (long)d);
        nn_kernels_best()->add(g + p->position, from, (long)(tokens * d));
        memcpy(m->found + i * found, from + d, found * sizeof *from);
    }
}

static void embed_back(const vit_config *c, const plan *p, const room *m, const float *w, float *g,
                       const float *pixels, int n, const float *d_map) {
    int found = vit_tokens(c) - 1, k = 3 * c->patch * c->patch;
    if (c->patch == 0)
        stem_backward(&c->stem, w, g, pixels, n, c->picture_h, c->picture_w, m->stem, m->found, d_map);
    else /* cols are still those of the forward pass */
        mm(true, false, c->width, k, n * found, m->found, c->width, m->cols, k, true, g + p->patch, k);
}

void vit_backward(const vit_config *c, const float *w, float *g, const float *pixels, int n, float *scratch,
                  const float *d_emb, const float *d_map, const float *d_features) {
    const nn_kernels *k = nn_kernels_best();
    int d = c->width, rows = n * vit_tokens(c);
    plan p;
    room m;
    plan_make(&p, c);
    room_make(&m, c, scratch, n, true);
    float *d_x = m.d_x, *d_post = m.temp.d_y;
    mm(true, false, c->out, d, n, d_emb, c->out, m.post, d, true, g + p.project, d);
    mm(false, false, n, d, c->out, d_emb, c->out, w + p.project, d, false, d_post, d);
    memset(d_x, 0, (size_t)n * (size_t)d * sizeof *d_x);
    k->norm_back(d_x, g + p.post_gain, g + p.post_bias, d_post, m.post_hat, m.post_rstd, w + p.post_gain, n, d);
    for (int i = c->layers - 1; i >= 0; i--) {
        block_call b = call_of(c, &p, &m, n, i, NN_TRAIN);
        block_backward(&b, w, g, d_x);
        if (b.last && d_features) k->add(d_x, d_features, (long)rows * d);
    }
    if (c->patch > 0) {
        memset(m.x, 0, (size_t)rows * (size_t)d * sizeof *m.x);
        k->norm_back(m.x, g + p.pre_gain, g + p.pre_bias, d_x, m.pre_hat, m.pre_rstd, w + p.pre_gain, rows, d);
        d_x = m.x;
    }
    assemble_back(c, &p, &m, g, d_x, n);
    embed_back(c, &p, &m, w, g, pixels, n, d_map);
}
