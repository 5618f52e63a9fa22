/* nn/vit, nn/stem: gradients of every tensor against central differences; batches, shapes, refusals. */
#include "nn/vit.h"

#include <string.h>

#include "nn_check.h"

enum { N = 3 };

/* A network, an input, and the loss dot(emb, d_emb) + dot(map, d_map) + dot(features, d_features). */
typedef struct fixture {
    vit_config c;
    nn_table table;
    int n_map;
    float *w, *g, *pixels, *emb, *map, *d_emb, *d_map, *d_features, *scratch;
    size_t n_features;
} fixture;

static const vit_config CONVOLUTIONAL = {
    .picture_h = 21,
    .picture_w = 36,
    .stem = { .n_stages = 3, .channels = { 5, 8, 16 }, .residual = { 0, 2, 1 }, .map_stage = 1 },
    .width = 16,
    .layers = 2,
    .heads = 2,
    .mlp = 24,
    .out = 7,
    .act = VIT_GELU,
    .eps = 1e-5f,
};
static const vit_config CLIP = { .picture_h = 12,
                                 .picture_w = 8,
                                 .patch = 4,
                                 .width = 32,
                                 .layers = 3,
                                 .heads = 4,
                                 .mlp = 40,
                                 .out = 5,
                                 .act = VIT_QUICK_GELU,
                                 .eps = 1e-5f };

static size_t pixel_count(const vit_config *c) {
    return 3 * (size_t)c->picture_h * (size_t)c->picture_w;
}

/* Weights away from their start, so that no gradient is zero by accident. */
static void fixture_open(fixture *f, const vit_config *c) {
    rng r = rng_make(3, 1);
    *f = (fixture){ .c = *c };
    if (vit_table(&f->table, c, NULL)) exit(2);
    f->n_map = c->patch ? 0 : stem_map_size(&c->stem, c->picture_h, c->picture_w);
    f->w = floats(f->table.n_floats);
    nn_table_init(&f->table, f->w, &r);
    for (size_t i = 0; i < f->table.n_floats; i++) f->w[i] += 0.1f * rng_normal(&r);
    f->g = floats(f->table.n_floats);
    f->pixels = noise(N * pixel_count(c), 1, &r);
    f->emb = floats((size_t)(N * c->out));
    f->map = floats((size_t)(N * f->n_map));
    f->d_emb = noise((size_t)(N * c->out), 1, &r);
    f->d_map = noise((size_t)(N * f->n_map), 0.2f, &r);
    f->n_features = (size_t)N * (size_t)vit_tokens(c) * (size_t)c->width;
    f->d_features = noise(f->n_features, 0.1f, &r);
    f->scratch = floats(vit_scratch(c, N, true));
}

static void fixture_close(fixture *f) {
    float *all[] = { f->w, f->g, f->pixels, f->emb, f->map, f->d_emb, f->d_map, f->d_features, f->scratch };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    nn_table_close(&f->table);
}

static double loss(void *arg) {
    fixture *f = arg;
    vit_forward(&f->c, f->w, f->pixels, N, f->scratch, NN_TRAIN, NULL, f->emb, f->n_map ? f->map : NULL);
    return dot(f->emb, f->d_emb, (size_t)(N * f->c.out)) + dot(f->map, f->d_map, (size_t)(N * f->n_map)) +
           dot(vit_features(&f->c, f->scratch, N), f->d_features, f->n_features);
}

static void test_gradients(const vit_config *c) {
    fixture f;
    fixture_open(&f, c);
    loss(&f);
    vit_backward(c, f.w, f.g, f.pixels, N, f.scratch, f.d_emb, f.n_map ? f.d_map : NULL, f.d_features);
    check_tensors(&f.table, loss, &f, f.w, f.g, 24, 2e-3f, 1e-2);
    fixture_close(&f);
}

/* Training or not, alone or in a batch: the same numbers. */
static void test_same(const vit_config *c, const char *name) {
    fixture f;
    fixture_open(&f, c);
    loss(&f);
    float *emb = floats((size_t)(N * c->out)), *map = floats((size_t)(N * f.n_map));
    double worst = 0;
    for (int i = 0; i < N; i++)
        vit_forward(c, f.w, f.pixels + (size_t)i * pixel_count(c), 1, f.scratch, NN_INFER, NULL, emb + i * c->out,
                    f.n_map ? map + i * f.n_map : NULL);
    for (int i = 0; i < N * c->out; i++) worst = worse(worst, fabs((double)(emb[i] - f.emb[i])));
    for (int i = 0; i < N * f.n_map; i++) worst = worse(worst, fabs((double)(map[i] - f.map[i])));
    tap_ok(worst < 2e-5 && fabs((double)emb[0]) > 1e-3, "%s: a picture alone gives what it gives in a batch, %.2g",
           name, worst);
    vit_forward(c, f.w, f.pixels, N, f.scratch, NN_INFER, NULL, emb, NULL);
    worst = 0;
    for (int i = 0; i < N * c->out; i++) worst = worse(worst, fabs((double)(emb[i] - f.emb[i])));
    tap_ok(worst < 2e-5, "%s: without a map, in inference: %.2g", name, worst);
    float *ready = floats(vit_ready_floats(c));
    memcpy(ready, f.w, f.table.n_floats * sizeof *ready);
    if (!vit_order(c, ready, true)) exit(2);
    vit_forward(c, ready, f.pixels, N, f.scratch, NN_READY, NULL, emb, f.n_map ? map : NULL);
    worst = 0;
    for (int i = 0; i < N * c->out; i++) worst = worse(worst, fabs((double)(emb[i] - f.emb[i])));
    for (int i = 0; i < N * f.n_map; i++) worst = worse(worst, fabs((double)(map[i] - f.map[i])));
    tap_ok(worst < 2e-5, "%s: over weights in the kernels' order: %.2g", name, worst);
    const size_t one = pixel_count(c);
    memset(emb, 0, (size_t)(N * c->out) * sizeof *emb);
    for (int i = N; i-- > 0;)
        vit_take(c, ready, f.pixels + (size_t)i * one, i, N, f.scratch, NN_READY, f.n_map ? map + i * f.n_map : NULL);
    vit_finish(c, ready, N, f.scratch, NN_READY, NULL, emb);
    worst = 0;
    for (int i = 0; i < N * c->out; i++) worst = worse(worst, fabs((double)(emb[i] - f.emb[i])));
    for (int i = 0; i < N * f.n_map; i++) worst = worse(worst, fabs((double)(map[i] - f.map[i])));
    tap_ok(worst < 2e-5, "%s: its pictures one at a time, the last one first: %.2g", name, worst);
    pool *team;
    if (pool_open(&team, 3, NULL)) exit(2);
    vit_forward(c, ready, f.pixels, 1, f.scratch, NN_READY, team, emb, NULL);
    worst = 0;
    for (int i = 0; i < c->out; i++) worst = worse(worst, fabs((double)(emb[i] - f.emb[i])));
    tap_ok(worst < 2e-5, "%s: one picture by three threads: %.2g", name, worst);
    pool_close(&team);
    tap_ok(vit_order(c, ready, false) && !memcmp(ready, f.w, f.table.n_floats * sizeof *ready),
           "%s: the weights are put back as they were", name);
    free(ready);
    free(emb);
    free(map);
    fixture_close(&f);
}

/* Gradients of a batch are the sum of its pictures', and are added to what is there. */
static void test_adds(const vit_config *c, const char *name) {
    fixture f;
    fixture_open(&f, c);
    loss(&f);
    vit_backward(c, f.w, f.g, f.pixels, N, f.scratch, f.d_emb, f.n_map ? f.d_map : NULL, NULL);
    float *g = floats(f.table.n_floats);
    for (int i = 0; i < N; i++) {
        const float *x = f.pixels + (size_t)i * pixel_count(c);
        vit_forward(c, f.w, x, 1, f.scratch, NN_TRAIN, NULL, f.emb, NULL);
        vit_backward(c, f.w, g, x, 1, f.scratch, f.d_emb + i * c->out, f.n_map ? f.d_map + i * f.n_map : NULL, NULL);
    }
    double worst = 0, size = 0;
    for (size_t i = 0; i < f.table.n_floats; i++) {
        worst = worse(worst, fabs((double)(g[i] - f.g[i])));
        size = fmax(size, fabs((double)f.g[i]));
    }
    tap_ok(worst <= 1e-5 * size, "%s: gradients add up, %.2g of %.2g", name, worst, size);
    free(g);
    fixture_close(&f);
}

static void test_nan(const vit_config *c, const char *name) {
    fixture f;
    fixture_open(&f, c);
    f.pixels[pixel_count(c) + 40] = NAN;
    vit_forward(c, f.w, f.pixels, N, f.scratch, NN_INFER, NULL, f.emb, NULL);
    tap_ok(isfinite(f.emb[0]) && isnan(f.emb[c->out]) && isfinite(f.emb[2 * c->out]),
           "%s: NaN in a picture reaches its embedding, and no other", name);
    fixture_close(&f);
}

static void has_shape(const nn_table *t, const char *name, int a, int b, int c, int d) {
    const nn_tensor *row = nn_table_find(t, name);
    int want[4] = { a, b, c, d };
    bool right = row != NULL;
    for (int i = 0; right && i < 4; i++) right = (i < row->n_dims ? row->shape[i] : 0) == want[i];
    tap_ok(right, "%s is [%d %d %d %d]", name, a, b, c, d);
}

static void test_table(void) {
    vit_config b32 = { 224, 224, 32, .width = 768, .layers = 12, .heads = 12, .mlp = 3072, .out = 512, .eps = 1e-5f };
    nn_table t;
    if (vit_table(&t, &b32, NULL)) exit(2);
    size_t sum = 0;
    for (int i = 0; i < t.n; i++) sum += t.rows[i].n;
    tap_ok(sum == 87849216, "ViT-B/32 has 87,849,216 numbers: %zu", sum);
    has_shape(&t, "vision_model.embeddings.patch_embedding.weight", 768, 3, 32, 32);
    has_shape(&t, "vision_model.embeddings.position_embedding.weight", 50, 768, 0, 0);
    has_shape(&t, "vision_model.embeddings.class_embedding", 768, 0, 0, 0);
    has_shape(&t, "vision_model.pre_layrnorm.bias", 768, 0, 0, 0);
    has_shape(&t, "vision_model.encoder.layers.11.mlp.fc2.weight", 768, 3072, 0, 0);
    has_shape(&t, "vision_model.encoder.layers.0.self_attn.k_proj.bias", 768, 0, 0, 0);
    has_shape(&t, "visual_projection.weight", 512, 768, 0, 0);
    tap_ok(!nn_table_find(&t, "stem.0.conv.weight"), "no stem where there are patches");
    nn_table_close(&t);
    if (vit_table(&t, &CONVOLUTIONAL, NULL)) exit(2);
    has_shape(&t, "stem.0.conv.weight", 5, 3, 3, 3);
    has_shape(&t, "stem.1.res.1.norm.bias", 8, 0, 0, 0);
    has_shape(&t, "stem.map.weight", 1, 8, 0, 0);
    tap_ok(!nn_table_find(&t, "vision_model.pre_layrnorm.weight"), "no pre_layrnorm after a stem");
    nn_table_close(&t);
    nn_table_close(&t);
}

static void refused(vit_config c, const char *what) {
    nn_table t = { 0 };
    bk_error err = { 0 };
    tap_ok(vit_table(&t, &c, &err) == BK_EINVAL && !t.rows, "refused, %s: %s", what, err.text);
}

static void test_refusals(void) {
    vit_config c = CLIP;
    c.patch = 5;
    refused(c, "patches that do not tile");
    c = CLIP, c.heads = 3;
    refused(c, "heads that do not share the width");
    c = CLIP, c.width = 20;
    refused(c, "an odd width");
    c = CLIP, c.layers = 0;
    refused(c, "no layers");
    c = CLIP, c.out = 0;
    refused(c, "no output");
    c = CLIP, c.eps = NAN;
    refused(c, "eps is not a number");
    c = CLIP, c.picture_h = 1 << 20;
    refused(c, "a huge picture");
    c = CLIP, c.picture_h = c.picture_w = 4096, c.patch = 1;
    refused(c, "too many tokens");
    c = CONVOLUTIONAL, c.stem.channels[2] = 32;
    refused(c, "the stem's width");
    c = CONVOLUTIONAL, c.stem.map_stage = 3;
    refused(c, "the map's stage");
    c = CONVOLUTIONAL, c.stem.n_stages = 7;
    refused(c, "too many stages");
}

int main(void) {
    vit_config one = CLIP;
    one.layers = 1;
    test_gradients(&CONVOLUTIONAL);
    test_gradients(&CLIP);
    test_gradients(&one);
    test_same(&CONVOLUTIONAL, "stem");
    test_same(&CLIP, "patches");
    vit_config wide = CLIP; /* heads that the kernels work on one by one; more of them than tokens */
    wide.width = 128, wide.heads = 8, wide.picture_h = 8;
    test_same(&wide, "wide heads");
    test_adds(&CONVOLUTIONAL, "stem");
    test_adds(&CLIP, "patches");
    test_nan(&CONVOLUTIONAL, "stem");
    test_nan(&CLIP, "patches");
    test_table();
    test_refusals();
    return tap_done();
}
