/* nn/attention60: gradients against central differences, with and without dropout; splits, masks, names. */
#include "nn/attention60.h"

#include <string.h>

#include "nn_check.h"

enum { N = 3, SEED = 11, STEP = 4 };

typedef struct fixture {
    attention60_config c;
    nn_table table;
    int n_in, n_out;
    float *w, *g, *x, *logits, *d, *scratch;
} fixture;

static const attention60_config PLAIN = { .window = 6, .in = 8, .width = 8, .layers = 2, .heads = 2, .mlp = 20 };
static const attention60_config DROPS = {
    .window = 5, .in = 10, .width = 12, .layers = 3, .heads = 3, .mlp = 16, .dropout = 0.2f
};

static void fixture_open(fixture *f, const attention60_config *c) {
    rng r = rng_make(8, 6);
    *f = (fixture){ .c = *c, .n_in = c->window * c->in, .n_out = c->window };
    if (attention60_table(&f->table, c, NULL)) exit(2);
    f->w = floats(f->table.n_floats);
    nn_table_init(&f->table, f->w, &r);
    for (size_t i = 0; i < f->table.n_floats; i++) f->w[i] += 0.1f * rng_normal(&r);
    f->g = floats(f->table.n_floats);
    f->x = noise((size_t)(N * f->n_in), 1, &r);
    f->logits = floats((size_t)(N * f->n_out));
    f->d = noise((size_t)(N * f->n_out), 1, &r);
    f->scratch = floats(attention60_scratch(c, N, true));
}

static void fixture_close(fixture *f) {
    float *all[] = { f->w, f->g, f->x, f->logits, f->d, f->scratch };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    nn_table_close(&f->table);
}

static double loss(void *arg) {
    fixture *f = arg;
    attention60_forward(&f->c, f->w, f->x, N, f->scratch, NN_TRAIN, NULL, SEED, STEP, 0, f->logits);
    return dot(f->logits, f->d, (size_t)(N * f->n_out));
}

static void test_gradients(const attention60_config *c) {
    fixture f;
    fixture_open(&f, c);
    loss(&f);
    attention60_backward(c, f.w, f.g, f.x, N, f.scratch, SEED, STEP, 0, f.d);
    check_tensors(&f.table, loss, &f, f.w, f.g, 24, 2e-3f, 1e-2);
    fixture_close(&f);
}

static double difference(const float *a, const float *b, size_t n) {
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double e = fabs((double)a[i] - (double)b[i]);
        worst = worse(worst, e);
    }
    return worst;
}

/* Split over calls by `first`: the same masks, so the same logits and gradients. */
static void test_split(const attention60_config *c) {
    fixture f;
    fixture_open(&f, c);
    loss(&f);
    attention60_backward(c, f.w, f.g, f.x, N, f.scratch, SEED, STEP, 0, f.d);
    float *logits = floats((size_t)(N * f.n_out)), *g = floats(f.table.n_floats);
    for (int i = 0; i < N; i++) {
        const float *x = f.x + i * f.n_in;
        attention60_forward(c, f.w, x, 1, f.scratch, NN_TRAIN, NULL, SEED, STEP, i, logits + i * f.n_out);
        attention60_backward(c, f.w, g, x, 1, f.scratch, SEED, STEP, i, f.d + i * f.n_out);
    }
    tap_ok(difference(logits, f.logits, (size_t)(N * f.n_out)) < 1e-5,
           "logits do not depend on how a batch is split");
    tap_ok(difference(g, f.g, f.table.n_floats) < 1e-4, "nor do gradients: %.2g",
           difference(g, f.g, f.table.n_floats));
    free(logits);
    free(g);
    fixture_close(&f);
}

static void test_modes(void) {
    fixture f;
    fixture_open(&f, &DROPS);
    size_t n = (size_t)(N * f.n_out);
    float *other = floats(n), *last = floats(n);
    loss(&f);
    attention60_forward(&f.c, f.w, f.x, N, f.scratch, NN_TRAIN, NULL, SEED, STEP, 0, other);
    tap_ok(difference(other, f.logits, n) == 0, "the same seed and step, the same masks");
    attention60_forward(&f.c, f.w, f.x, N, f.scratch, NN_TRAIN, NULL, SEED, STEP + 1, 0, other);
    tap_ok(difference(other, f.logits, n) > 1e-2, "another step, other masks");
    attention60_forward(&f.c, f.w, f.x, N, f.scratch, NN_TRAIN, NULL, SEED + 1, STEP, 0, other);
    tap_ok(difference(other, f.logits, n) > 1e-2, "another seed, other masks");
    attention60_forward(&f.c, f.w, f.x, N, f.scratch, NN_INFER, NULL, SEED, STEP, 0, other);
    attention60_config still = DROPS;
    still.dropout = 0;
    attention60_forward(&still, f.w, f.x, N, f.scratch, NN_TRAIN, NULL, SEED, STEP, 0, last);
    tap_ok(difference(other, last, n) < 1e-6 && difference(other, f.logits, n) > 1e-2, "no dropout in inference");
    float *ready = nn_copy(f.w, f.table.n_floats);
    if (!ready || !attention60_order(&f.c, ready, true)) exit(2);
    attention60_forward(&f.c, ready, f.x, N, f.scratch, NN_READY, NULL, 0, 0, 0, other);
    tap_ok(difference(other, last, n) < 1e-5, "over weights in the kernels' order: %.2g", difference(other, last, n));
    tap_ok(attention60_order(&f.c, ready, false) && !memcmp(ready, f.w, f.table.n_floats * sizeof *ready),
           "which are put back as they were");
    free(ready);
    f.x[f.n_in + 3] = NAN;
    attention60_forward(&f.c, f.w, f.x, N, f.scratch, NN_INFER, NULL, 0, 0, 0, other);
    tap_ok(isnan(other[f.n_out]) && isfinite(other[0]) && isfinite(other[2 * f.n_out]),
           "NaN in a window reaches its logits, and no others");
    free(other);
    free(last);
    fixture_close(&f);
}

static void test_table(void) {
    attention60_config c = { .window = 60, .in = 512, .width = 512, .layers = 16, .heads = 16, .mlp = 2048 };
    nn_table t;
    if (attention60_table(&t, &c, NULL)) exit(2);
    size_t sum = 0;
    for (int i = 0; i < t.n; i++) sum += t.rows[i].n;
    tap_ok(sum == 50499644, "the notebook's model has 50,499,644 numbers: %zu", sum);
    const nn_tensor *a = nn_table_find(&t, "encoder.layers.15.self_attn.in_proj_weight");
    const nn_tensor *b = nn_table_find(&t, "classifiers.59.weight");
    tap_ok(a && a->n_dims == 2 && a->shape[0] == 1536 && a->shape[1] == 512, "in_proj_weight is [1536, 512]");
    tap_ok(b && b->n_dims == 2 && b->shape[0] == 1 && b->shape[1] == 512, "a classifier is [1, 512]");
    tap_ok(!nn_table_find(&t, "in_proj.weight"), "no in_proj where the width is the input's");
    nn_table_close(&t);
}

static void refused(attention60_config c, const char *what) {
    nn_table t = { 0 };
    bk_error err = { 0 };
    tap_ok(attention60_table(&t, &c, &err) == BK_EINVAL && !t.rows, "refused, %s: %s", what, err.text);
}

static void test_refusals(void) {
    attention60_config c = PLAIN;
    c.window = 0;
    refused(c, "no window");
    c = PLAIN, c.heads = 3;
    refused(c, "heads that do not share the width");
    c = PLAIN, c.layers = 65;
    refused(c, "too many layers");
    c = PLAIN, c.dropout = 1;
    refused(c, "everything dropped");
    c = PLAIN, c.dropout = NAN;
    refused(c, "dropout is not a number");
    c = PLAIN, c.mlp = 1 << 20;
    refused(c, "a huge mlp");
}

int main(void) {
    test_gradients(&PLAIN);
    test_gradients(&DROPS);
    test_split(&PLAIN);
    test_split(&DROPS);
    test_modes();
    test_table();
    test_refusals();
    return tap_done();
}
