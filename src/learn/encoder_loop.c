/* Training of the small encoder. Four losses on every picture: binary cross-entropy of the lettering map against
 * where the generator drew letters; the same of each token, told apart by what the letters are (learn/cell_loss.h);
 * cross-entropy of a linear classifier on the embedding against the kind of moment, and binary cross-entropy of what the
 * letters in the picture say. AdamW, warm-up, cosine decay by
 * steps or by the clock, whichever ends first. */
#include "learn/encoder_loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "learn/cell_loss.h"
#include "model/bundle.h"
#include "nn/adam.h"
#include "nn/layers.h"
#include "picture/evidence.h"
#include "picture/resize.h"
#include "store/safetensors.h"

_Static_assert((int)CLASS_COUNT == (int)MOMENTS, "the classifier learns the generator's labels");
_Static_assert((int)TEXT_COUNT == (int)READINGS, "and what its letters say");

static const float DECAY = 0.05f, CLIP_NORM = 1.0f, FLOOR = 0.01f, LETTER_WEIGHT = 3.0f, CELLS_WEIGHT = 2.0f, READING_WEIGHT = 0.5f;
enum { SLICE = 8, WARM_UP = 200 /* steps */, CHECK_EVERY = 250, CHECK_PICTURES = 192, SAVE_EVERY_S = 240, EPISODES = 64, PER_EPISODE = 16 };

vit_config encoder_small(void) {
    return (vit_config){ .picture_h = 224, .picture_w = 384,
                         .stem = { .n_stages = 5, .channels = { 16, 32, 64, 128, 192 }, .residual = { 0, 1, 1, 1, 0 },
                                   .map_stage = 2 },
                         .width = 192, .layers = 4, .heads = 6, .mlp = 768, .out = 512 - EVIDENCE_LENGTH, .act = VIT_GELU,
                         .eps = 1e-5f };
}

/* What is learnt. The last is the tokens' teacher, which is not part of the model. */
enum { ENCODER, PROBE, CELLS, SETS };

typedef struct weight_set {
    const nn_table *rows;
    float *w, *m, *v; /* [rows->n_floats]: weights, Adam's moments */
} weight_set;

/* What one thread needs for its slice of a batch. */
typedef struct slice {
    synth_stream *stream;
    uint8_t *rgb, *mask;         /* one picture each */
    float *pixels;               /* [SLICE, 3, h, w] */
    float *emb, *d_emb;          /* [SLICE, out] */
    float *map, *d_map;          /* [SLICE, map] */
    float *scratch;
    float *d_features;           /* [SLICE, tokens, width], of the tokens before the last block */
    float *g[SETS];              /* gradients, laid out as the weights */
    float measured[SLICE][EVIDENCE_LENGTH];
    synth_label labels[SLICE];
    uint8_t *masks;              /* [SLICE, map] */
    double loss_map, loss_class, loss_readings, loss_cells;
    int right, code;
    bk_error err;
} slice;

typedef struct loop {
    bk_model *m;
    const bk_encoder_options *opt;
    pool *p;
    slice *slices;
    int n_slices, batch, n_map, dim;
    nn_table probe_rows, cell_rows;
    cell_shape cells;
    weight_set sets[SETS];
    int64_t step, steps;
    double elapsed_s, began_s, saved_s; /* elapsed: in earlier runs */
    double loss_map, loss_class, loss_readings, loss_cells, right; /* moving means, for the log */
    bool averaged;                      /* they hold something */
} loop;

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- memory ------------------------------------------------------------------------------------------ */

static void slice_close(slice *s) {
    synth_stream_close(&s->stream);
    void *const all[] = { s->rgb, s->pixels, s->emb, s->d_emb, s->map, s->d_map, s->scratch, s->d_features, s->masks };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    for (int k = 0; k < SETS; k++) free(s->g[k]);
}

static int slice_open(slice *s, const loop *l, const synth *material, uint64_t seed, bk_error *err) {
    const vit_config *c = &l->m->vit;
    size_t plane = (size_t)c->picture_h * (size_t)c->picture_w, n_map = (size_t)l->n_map, out = (size_t)c->out;
    /* many episodes, few pictures of each: or the network learns the scenes that are alive by heart */
    const synth_stream_options options = { .seed = seed, .episodes = EPISODES, .per_episode = PER_EPISODE,
                                           .weight = { 5, 1, 1.5f, 4, 4, 4 } };
    s->rgb = bk_alloc(plane, 3);
    s->pixels = bk_alloc(plane * 3 * SLICE, sizeof(float));
    s->emb = bk_alloc(out * SLICE, sizeof(float));
    s->d_emb = bk_alloc(out * SLICE, sizeof(float));
    s->map = bk_alloc(n_map * SLICE, sizeof(float));
    s->d_map = bk_alloc(n_map * SLICE, sizeof(float));
    s->masks = bk_alloc(n_map, SLICE);
    s->scratch = bk_alloc(vit_scratch(c, SLICE, true), sizeof(float));
    s->d_features = bk_zeros((size_t)vit_tokens(c) * (size_t)c->width * SLICE, sizeof(float));
    bool room = true;
    for (int k = 0; k < SETS; k++) room = (s->g[k] = bk_zeros(l->sets[k].rows->n_floats, sizeof(float))) && room;
    if (!s->rgb || !s->pixels || !s->emb || !s->d_emb || !s->map || !s->d_map || !s->masks || !s->scratch ||
        !s->d_features || !room)
        return bk_fail_memory(err, "training");
    return synth_stream_open(&s->stream, material, &options, err);
}

static void loop_close(loop *l) {
    for (int i = 0; l->slices && i < l->n_slices; i++) slice_close(&l->slices[i]);
    free(l->slices);
    for (int k = 0; k < SETS; k++) {
        free(l->sets[k].m);
        free(l->sets[k].v);
    }
    free(l->sets[CELLS].w); /* the others belong to the model */
    nn_table_close(&l->probe_rows);
    nn_table_close(&l->cell_rows);
}

/* ---- one step ---------------------------------------------------------------------------------------- */

/* Draws the slice's pictures and turns them into the encoder's input. */
static int draw(slice *s, const loop *l) {
    const bk_model *m = l->m;
    int h = m->vit.picture_h, w = m->vit.picture_w, code = BK_OK;
    for (int i = 0; code == BK_OK && i < SLICE; i++) {
        code = synth_stream_next(s->stream, w, h, s->rgb, s->masks + (size_t)i * (size_t)l->n_map, &s->labels[i], &s->err);
        picture_normalise(s->pixels + (size_t)i * 3 * (size_t)(h * w), s->rgb, w, h, m->mean, m->deviation);
        evidence_measure(s->measured[i], s->rgb, w, h, NULL, 0, 0);
    }
    return code;
}

/* Loss and gradient of one picture's lettering map; cells that nobody knows count for nothing. */
static void map_loss(slice *s, const loop *l, int i, float scale) {
    const uint8_t *mask = s->masks + (size_t)i * (size_t)l->n_map;
    float *map = s->map + (size_t)i * (size_t)l->n_map, *d = s->d_map + (size_t)i * (size_t)l->n_map;
    for (int k = 0; k < l->n_map; k++) {
        float y = mask[k] == 1, p = sigmoid(map[k]), weight = mask[k] == SYNTH_MASK_UNKNOWN ? 0.0f : mask[k] ? LETTER_WEIGHT : 1.0f;
        d[k] = scale * weight * (p - y) / (float)l->n_map;
        s->loss_map += (double)(weight * (fmaxf(map[k], 0.0f) - map[k] * y + log1pf(expf(-fabsf(map[k]))))) / l->n_map;
    }
}

/* Cross-entropy of the moment and binary cross-entropy of every reading: d [PROBE_ROWS]  <-  logit [PROBE_ROWS]. */
static void probe_losses(slice *s, const synth_label *label, const float *logit, float *d) {
    int best = 0;
    for (int k = 1; k < MOMENTS; k++)
        if (logit[k] > logit[best]) best = k;
    s->right += best == (int)label->seen;
    s->loss_class += cross_entropy(logit, MOMENTS, (int)label->seen, d);
    float said[READINGS];
    for (int k = 0; k < READINGS; k++) said[k] = (float)(label->texts >> k & 1);
    s->loss_readings += bce_logits(logit + MOMENTS, said, NULL, READINGS, d + MOMENTS);
    for (int k = 0; k < READINGS; k++) d[MOMENTS + k] *= READING_WEIGHT;
}

/* Losses and gradients of the classifier on one picture's embedding. */
static void class_loss(slice *s, const loop *l, int i, float scale) {
    int out = l->m->vit.out, dim = l->dim;
    const float *emb = s->emb + (size_t)i * (size_t)out;
    float *d_emb = s->d_emb + (size_t)i * (size_t)out, logit[PROBE_ROWS], d[PROBE_ROWS];
    for (int k = 0; k < PROBE_ROWS; k++) {
        const float *row = l->m->probe + (size_t)k * (size_t)(dim + 1);
        logit[k] = row[dim];
        for (int x = 0; x < out; x++) logit[k] += row[x] * emb[x];
        for (int x = 0; x < dim - out; x++) logit[k] += row[out + x] * s->measured[i][x];
    }
    probe_losses(s, &s->labels[i], logit, d);
    memset(d_emb, 0, (size_t)out * sizeof *d_emb);
    for (int k = 0; k < PROBE_ROWS; k++) {
        const float *row = l->m->probe + (size_t)k * (size_t)(dim + 1);
        float *g = s->g[PROBE] + (size_t)k * (size_t)(dim + 1), dk = scale * d[k];
        g[dim] += dk;
        for (int x = 0; x < out; x++) {
            g[x] += dk * emb[x];
            d_emb[x] += dk * row[x];
        }
        for (int x = 0; x < dim - out; x++) g[out + x] += dk * s->measured[i][x];
    }
}

/* Loss of one picture's tokens, and in training their gradients. */
static void cells_loss(slice *s, const loop *l, int i, float scale) {
    size_t picture = (size_t)vit_tokens(&l->m->vit) * (size_t)l->cells.width, first = (size_t)l->cells.width;
    const float *features = vit_features(&l->m->vit, s->scratch, SLICE) + (size_t)i * picture + first; /* past the class token */
    synth_class seen = s->labels[i].seen;
    bool titles = seen == CLASS_LOGO || seen == CLASS_OPENING_TITLE || seen == CLASS_CREDITS;
    s->loss_cells += cell_loss(&l->cells, l->sets[CELLS].w, features, s->masks + (size_t)i * (size_t)l->n_map, titles,
                               CELLS_WEIGHT * scale, s->g[CELLS], s->d_features + (size_t)i * picture + first);
}

static void forward(slice *s, const loop *l, bool train) {
    const bk_model *m = l->m;
    int map_h, map_w;
    vit_forward(&m->vit, m->vit_weights, s->pixels, SLICE, s->scratch, train ? NN_TRAIN : NN_INFER, NULL, s->emb, s->map);
    stem_size(&m->vit.stem, m->vit.picture_h, m->vit.picture_w, m->vit.stem.map_stage, &map_h, &map_w);
    s->loss_map = s->loss_class = s->loss_readings = s->loss_cells = 0.0;
    s->right = 0;
    float scale = 1.0f / (float)l->batch;
    for (int i = 0; i < SLICE; i++) {
        evidence_letters(s->measured[i], s->map + (size_t)i * (size_t)l->n_map, map_w, map_h);
        map_loss(s, l, i, scale);
        class_loss(s, l, i, scale);
        if (train) cells_loss(s, l, i, scale);
    }
}

static void run_slice(void *arg, int item, int worker) {
    const loop *l = arg;
    slice *s = &l->slices[item];
    (void)worker;
    for (int k = 0; k < SETS; k++) memset(s->g[k], 0, l->sets[k].rows->n_floats * sizeof *s->g[k]);
    s->code = draw(s, l);
    if (s->code != BK_OK) return;
    forward(s, l, true);
    vit_backward(&l->m->vit, l->m->vit_weights, s->g[ENCODER], s->pixels, SLICE, s->scratch, s->d_emb, s->d_map, s->d_features);
}

/* Sums the slices' gradients and figures into the first. */
static int gather(loop *l, bk_error *err) {
    double map = 0.0, class = 0.0, readings = 0.0, cells = 0.0, right = 0.0, old = l->averaged ? 0.98 : 0.0;
    for (int i = 0; i < l->n_slices; i++) {
        const slice *s = &l->slices[i];
        if (s->code != BK_OK) return bk_fail(err, s->code, "%s", s->err.text);
        map += s->loss_map / l->batch;
        class += s->loss_class / l->batch;
        readings += s->loss_readings / l->batch;
        cells += s->loss_cells / l->batch;
        right += (double)s->right / l->batch;
        if (i == 0) continue;
        for (int k = 0; k < SETS; k++)
            for (size_t x = 0; x < l->sets[k].rows->n_floats; x++) l->slices[0].g[k][x] += s->g[k][x];
    }
    l->averaged = true;
    l->loss_map = old * l->loss_map + (1.0 - old) * map;
    l->loss_class = old * l->loss_class + (1.0 - old) * class;
    l->loss_readings = old * l->loss_readings + (1.0 - old) * readings;
    l->loss_cells = old * l->loss_cells + (1.0 - old) * cells;
    l->right = old * l->right + (1.0 - old) * right;
    return BK_OK;
}

/* Share of the schedule that is behind, in [0, 1]. */
static double progress(const loop *l) {
    double by_steps = (double)l->step / (double)l->steps, hours = l->opt->max_hours;
    double by_clock = hours > 0.0 ? (l->elapsed_s + now_s() - l->began_s) / (hours * 3600.0) : 0.0;
    return fmin(fmax(by_steps, by_clock), 1.0);
}

static float rate_now(const loop *l) {
    double p = progress(l), peak = l->opt->rate > 0.0f ? (double)l->opt->rate : 1e-3;
    double warm = fmin(1.0, (double)(l->step + 1) / WARM_UP);
    return (float)(peak * warm * ((double)FLOOR + (1.0 - (double)FLOOR) * 0.5 * (1.0 + cos(M_PI * p))));
}

static int step(loop *l, bk_error *err) {
    pool_run(l->p, run_slice, l, l->n_slices);
    int code = gather(l, err);
    if (code != BK_OK) return code;
    const slice *s = &l->slices[0];
    double norm = hypot(adam_norm(s->g[ENCODER], l->sets[ENCODER].rows->n_floats, l->p),
                        adam_norm(s->g[PROBE], l->sets[PROBE].rows->n_floats, NULL));
    if (!isfinite(norm)) return bk_fail(err, BK_EINVAL, "training diverged at step %lld; try a lower rate", (long long)l->step);
    float shrink = norm > (double)CLIP_NORM ? (float)((double)CLIP_NORM / norm) : 1.0f;
    adam_config c = { .rate = rate_now(l), .beta1 = 0.9f, .beta2 = 0.98f, .eps = 1e-8f, .decay = DECAY };
    l->step++;
    for (int k = 0; k < SETS; k++) {
        const weight_set *x = &l->sets[k];
        adam_step(&c, x->rows, x->w, x->m, x->v, s->g[k], shrink, l->step, k == ENCODER ? l->p : NULL);
    }
    return BK_OK;
}

/* ---- checkpoints ------------------------------------------------------------------------------------- */

static void state_path(text *t, const loop *l) {
    text_add(t, l->opt->out);
    text_add(t, ".state");
}

typedef struct part {
    const char *name;
    float *data;
    size_t n;
} part;

enum { PARTS = 3 * SETS };

static void parts_of(part out[PARTS], const loop *l) {
    static const char *const names[SETS][3] = { { "weights", "m", "v" }, { "probe", "probe_m", "probe_v" }, { "cells", "cells_m", "cells_v" } };
    for (int k = 0; k < SETS; k++) {
        const weight_set *x = &l->sets[k];
        float *const data[3] = { x->w, x->m, x->v };
        for (int i = 0; i < 3; i++) out[3 * k + i] = (part){ names[k][i], data[i], x->rows->n_floats };
    }
}

static int save(loop *l, bk_error *err) {
    text path = { 0 };
    part parts[PARTS];
    array arrays[PARTS];
    char step_text[32], elapsed[32];
    l->saved_s = now_s();
    state_path(&path, l);
    parts_of(parts, l);
    for (int i = 0; i < PARTS; i++) arrays[i] = array_of_floats(parts[i].name, parts[i].data, 1, &parts[i].n);
    snprintf(step_text, sizeof step_text, "%lld", (long long)l->step);
    snprintf(elapsed, sizeof elapsed, "%.3f", l->elapsed_s + now_s() - l->began_s);
    const safetensors_pair meta[] = { { "step", step_text }, { "elapsed_s", elapsed } };
    int code = text_ok(&path) ? BK_OK : bk_fail_memory(err, "a checkpoint");
    if (code == BK_OK) code = safetensors_save(text_str(&path), arrays, PARTS, meta, 2, ARRAY_F32, err);
    if (code == BK_OK) code = bundle_save(l->m, l->opt->out, BUNDLE_F32, err);
    text_close(&path);
    return code;
}

/* Takes up the checkpoint when there is one. */
static int resume(loop *l, bk_error *err) {
    text path = { 0 };
    safetensors *s = NULL;
    part parts[PARTS];
    const array *a;
    state_path(&path, l);
    parts_of(parts, l);
    int code = BK_OK;
    if (!text_ok(&path) || access(text_str(&path), R_OK) != 0) goto done;
    code = safetensors_open(&s, text_str(&path), err);
    for (int i = 0; code == BK_OK && i < PARTS; i++) {
        code = safetensors_need(&a, s, parts[i].name, err);
        if (code == BK_OK && a->n != parts[i].n)
            code = bk_fail(err, BK_EMISMATCH, "%s: %s has %zu numbers, the network %zu", text_str(&path), a->name, a->n, parts[i].n);
        if (code == BK_OK) array_to_floats(parts[i].data, a);
    }
    const char *at = code == BK_OK ? safetensors_meta(s, "step") : NULL, *spent = at ? safetensors_meta(s, "elapsed_s") : NULL;
    if (at) text_parse_int(at, 0, INT64_MAX, &l->step);
    if (spent) text_parse_number(spent, 0.0, 1e9, &l->elapsed_s);
    bk_log(&l->opt->hooks, BK_LOG_INFO, "resumed from %s at step %lld", text_str(&path), (long long)l->step);
done:
    safetensors_close(&s);
    text_close(&path);
    return code;
}

/* ---- the loop ---------------------------------------------------------------------------------------- */

/* Loss and hits on held-out pictures, the same ones each time. */
static int check(loop *l, const synth *held, bk_error *err) {
    slice s = { 0 };
    double map = 0.0, class = 0.0, readings = 0.0;
    int right = 0, n = 0, code = slice_open(&s, l, held, 7, err);
    for (; code == BK_OK && n < CHECK_PICTURES; n += SLICE) {
        code = draw(&s, l);
        if (code != BK_OK) code = bk_fail(err, code, "%s", s.err.text);
        if (code != BK_OK) break;
        forward(&s, l, false);
        map += s.loss_map;
        class += s.loss_class;
        readings += s.loss_readings;
        right += s.right;
    }
    slice_close(&s);
    if (code != BK_OK) return code;
    double rate = (double)l->step * l->batch / fmax(l->elapsed_s + now_s() - l->began_s, 1e-3);
    bk_log(&l->opt->hooks, BK_LOG_INFO,
           "step %lld  %.0f %%  rate %.1e  train: letters %.4f tokens %.4f moment %.3f right %.1f %% readings %.3f  held out: letters %.4f moment %.3f right %.1f %% readings %.3f  %.1f pictures/s",
           (long long)l->step, 100.0 * progress(l), (double)rate_now(l), l->loss_map, l->loss_cells, l->loss_class, 100.0 * l->right, l->loss_readings, map / n,
           class / n, 100.0 * right / n, readings / n, rate);
    return BK_OK;
}

static int loop_open(loop *l, const synth *s, bk_error *err) {
    const bk_encoder_options *o = l->opt;
    uint64_t seed = o->seed ? o->seed : 42;
    int batch = o->batch > 0 ? o->batch : 16;
    l->dim = bundle_dim(l->m);
    l->n_map = stem_map_size(&l->m->vit.stem, l->m->vit.picture_h, l->m->vit.picture_w);
    l->n_slices = (batch + SLICE - 1) / SLICE;
    l->batch = l->n_slices * SLICE;
    l->steps = o->steps > 0 ? o->steps : 6000;
    nn_table_add(&l->probe_rows, "probe.weight", (int[]){ PROBE_ROWS, l->dim + 1, 0, 0 }, NN_ZEROS, 0.0f, true);
    stem_size(&l->m->vit.stem, l->m->vit.picture_h, l->m->vit.picture_w, l->m->vit.stem.map_stage, &l->cells.mask_h, &l->cells.mask_w);
    stem_size(&l->m->vit.stem, l->m->vit.picture_h, l->m->vit.picture_w, l->m->vit.stem.n_stages - 1, &l->cells.grid_h, &l->cells.grid_w);
    l->cells.width = l->m->vit.width;
    nn_table_add(&l->cell_rows, "cells.weight", (int[]){ CELL_KINDS, l->cells.width + 1, 0, 0 }, NN_ZEROS, 0.0f, true);
    l->sets[ENCODER] = (weight_set){ .rows = &l->m->vit_rows, .w = l->m->vit_weights };
    l->sets[PROBE] = (weight_set){ .rows = &l->probe_rows, .w = l->m->probe };
    l->sets[CELLS] = (weight_set){ .rows = &l->cell_rows, .w = bk_zeros(l->cell_rows.n_floats, sizeof(float)) };
    bool room = l->sets[CELLS].w;
    for (int k = 0; k < SETS; k++) {
        l->sets[k].m = bk_zeros(l->sets[k].rows->n_floats, sizeof(float));
        l->sets[k].v = bk_zeros(l->sets[k].rows->n_floats, sizeof(float));
        room = room && l->sets[k].m && l->sets[k].v;
    }
    l->slices = bk_zeros((size_t)l->n_slices, sizeof *l->slices);
    if (!nn_table_ok(&l->probe_rows) || !nn_table_ok(&l->cell_rows) || !room || !l->slices)
        return bk_fail_memory(err, "training");
    int code = resume(l, err);
    /* other pictures than those seen before the stop */
    for (int i = 0; code == BK_OK && i < l->n_slices; i++)
        code = slice_open(&l->slices[i], l, s, seed * 1000003u + (uint64_t)l->step * 101u + (uint64_t)i, err);
    return code;
}

int encoder_train(bk_model *m, const synth *s, const synth *held, const bk_encoder_options *opt, pool *p, bk_error *err) {
    loop l = { .m = m, .opt = opt, .p = p, .began_s = now_s(), .saved_s = now_s() };
    int code = loop_open(&l, s, err);
    while (code == BK_OK && progress(&l) < 1.0) {
        code = step(&l, err);
        if (code == BK_OK && l.step % CHECK_EVERY == 0) code = check(&l, held, err);
        if (code == BK_OK && now_s() - l.saved_s > SAVE_EVERY_S) code = save(&l, err);
        if (code == BK_OK) code = bk_tell(&opt->hooks, "train", (int64_t)(progress(&l) * 1e6), 1000000, err);
    }
    if (code == BK_OK) code = check(&l, held, err);
    if (code == BK_OK || code == BK_ECANCELED) {
        int saved = save(&l, code == BK_OK ? err : NULL);
        if (code == BK_OK) code = saved;
    }
    loop_close(&l);
    return code;
}
