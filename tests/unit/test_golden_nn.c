/* The networks against PyTorch: outputs, every gradient, and the weights after 20 steps of Adam and of AdamW. The
 * values are written by tools/torch_reference.py, which says what is in a file. */
#include <string.h>

#include "nn/adam.h"
#include "nn/attention60.h"
#include "nn/layers.h"
#include "nn/vit.h"
#include "nn_check.h"

enum { MAX_NAMES = 800, STEPS = 20 };
static const double TOLERANCE = 1e-4;

typedef struct golden {
    int n;
    char names[MAX_NAMES][112];
    size_t counts[MAX_NAMES];
    float *values[MAX_NAMES], *block;
} golden;

static void golden_open(golden *f, const char *path) {
    FILE *in = fopen(path, "rb");
    char line[160];
    size_t all = 0;
    f->n = 0;
    while (in && f->n < MAX_NAMES && fgets(line, sizeof line, in) &&
           sscanf(line, "%111s %zu", f->names[f->n], &f->counts[f->n]) == 2)
        all += f->counts[f->n++];
    f->block = floats(all);
    if (!in || fread(f->block, sizeof *f->block, all, in) != all || fgetc(in) != EOF) {
        printf("Bail out! %s cannot be read\n", path);
        exit(2);
    }
    fclose(in);
    float *at = f->block;
    for (int i = 0; i < f->n; at += f->counts[i++]) f->values[i] = at;
}

/* The values of PREFIX NAME, which must be n. */
static const float *golden_find(const golden *f, const char *prefix, const char *name, size_t n) {
    char whole[128];
    snprintf(whole, sizeof whole, "%s%s", prefix, name);
    for (int i = 0; i < f->n; i++)
        if (strcmp(f->names[i], whole) == 0 && f->counts[i] == n) return f->values[i];
    printf("Bail out! no %zu numbers of %s\n", n, whole);
    exit(2);
}

/* Largest difference over largest number. */
static double relative(const float *a, const float *b, size_t n) {
    double worst = 0, size = 1e-30;
    for (size_t i = 0; i < n; i++) {
        double e = fabs((double)a[i] - (double)b[i]);
        size = fmax(size, fabs((double)b[i]));
        worst = worse(worst, e);
    }
    return worst / size;
}

/* Keys' biases move every score of a query alike, so their gradient is zero but for rounding, which Adam would blow
 * up: from, to: the part of a tensor that means something. */
static void meaningful(const nn_tensor *row, size_t *from, size_t *to, bool keys) {
    *from = 0;
    *to = row->n;
    if (strstr(row->name, "k_proj.bias")) *to = 0;
    if (strstr(row->name, "in_proj_bias")) *from = keys ? 2 * row->n / 3 : 0, *to = keys ? row->n : row->n / 3;
}

static void compare_block(const golden *f, const nn_table *t, const float *block, const char *prefix) {
    for (int i = 0; i < t->n; i++) {
        const nn_tensor *row = &t->rows[i];
        const float *want = golden_find(f, prefix, row->name, row->n);
        double worst = 0;
        for (int part = 0; part < 2; part++) {
            size_t from, to;
            meaningful(row, &from, &to, part);
            double e = to > from ? relative(block + row->offset + from, want + from, to - from) : 0;
            worst = worse(worst, e);
        }
        tap_ok(worst <= TOLERANCE, "%s%s: %.2g", prefix, row->name, worst);
    }
}

/* A model and what a step needs. */
typedef struct trainee trainee;
struct trainee {
    const golden *f;
    vit_config vit;
    attention60_config head;
    bool is_head;
    int n, n_out, n_map;
    const float *x;
    float *w, *g, *scratch, *y, *map, *d_y, *d_map;
};

/* Forward, loss, backward; the mean cross-entropy. */
static double learn(trainee *k) {
    size_t ny = (size_t)(k->n * k->n_out), nm = (size_t)(k->n * k->n_map);
    if (k->is_head)
        attention60_forward(&k->head, k->w, k->x, k->n, k->scratch, NN_TRAIN, NULL, 1, 1, 0, k->y);
    else
        vit_forward(&k->vit, k->w, k->x, k->n, k->scratch, NN_TRAIN, NULL, k->y, k->map);
    double loss = bce_logits(k->y, golden_find(k->f, "t", "", ny), NULL, (int)ny, k->d_y) / (double)ny;
    for (size_t i = 0; i < ny; i++) k->d_y[i] /= (float)ny;
    if (nm) loss += bce_logits(k->map, golden_find(k->f, "tm", "", nm), NULL, (int)nm, k->d_map) / (double)nm;
    for (size_t i = 0; i < nm; i++) k->d_map[i] /= (float)nm;
    if (k->is_head)
        attention60_backward(&k->head, k->w, k->g, k->x, k->n, k->scratch, 1, 1, 0, k->d_y);
    else
        vit_backward(&k->vit, k->w, k->g, k->x, k->n, k->scratch, k->d_y, k->d_map, NULL);
    return loss;
}

static void load(const trainee *k, const nn_table *t) {
    for (int i = 0; i < t->n; i++)
        memcpy(k->w + t->rows[i].offset, golden_find(k->f, "w/", t->rows[i].name, t->rows[i].n),
               t->rows[i].n * sizeof *k->w);
}

static void train(trainee *k, const nn_table *t, float decay) {
    adam_config c = { .rate = 1e-3f, .beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f, .decay = decay };
    float *m = floats(t->n_floats), *v = floats(t->n_floats);
    load(k, t);
    for (int step = 1; step <= STEPS; step++) {
        memset(k->g, 0, t->n_floats * sizeof *k->g);
        learn(k);
        adam_step(&c, t, k->w, m, v, k->g, 1, step, NULL);
    }
    compare_block(k->f, t, k->w, decay > 0 ? "adamw/" : "adam/");
    free(m);
    free(v);
}

static void check_output(const trainee *k) {
    size_t ny = (size_t)(k->n * k->n_out), nm = (size_t)(k->n * k->n_map);
    float *y = floats(ny);
    for (size_t i = 0; i < ny; i++) y[i] = k->is_head ? sigmoid(k->y[i]) : k->y[i];
    double e = relative(y, golden_find(k->f, "y", "", ny), ny);
    tap_ok(e <= TOLERANCE, "output: %.2g", e);
    if (nm) e = relative(k->map, golden_find(k->f, "map", "", nm), nm);
    if (nm) tap_ok(e <= TOLERANCE, "map: %.2g", e);
    free(y);
}

/* The tensors of ours are PyTorch's, all of them and no more. */
static void check_names(const golden *f, const nn_table *t) {
    int n = 0;
    for (int i = 0; i < f->n; i++) n += strncmp(f->names[i], "w/", 2) == 0;
    tap_ok(n == t->n, "%d tensors, PyTorch has %d", t->n, n);
}

static void run(trainee *k, const nn_table *t, size_t n_x, size_t scratch) {
    k->x = golden_find(k->f, "x", "", (size_t)k->n * n_x);
    k->w = floats(t->n_floats);
    k->g = floats(t->n_floats);
    k->scratch = floats(scratch);
    k->y = floats((size_t)(k->n * k->n_out));
    k->d_y = floats((size_t)(k->n * k->n_out));
    if (k->n_map) k->map = floats((size_t)(k->n * k->n_map));
    if (k->n_map) k->d_map = floats((size_t)(k->n * k->n_map));
    check_names(k->f, t);
    load(k, t);
    tap_near(learn(k), (double)*golden_find(k->f, "loss", "", 1), 1e-5, "loss");
    check_output(k);
    compare_block(k->f, t, k->g, "g/");
    train(k, t, 0);
    train(k, t, 0.05f);
    float *all[] = { k->w, k->g, k->scratch, k->y, k->d_y, k->map, k->d_map };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static void test_vit(const char *path, const vit_config *c) {
    golden f;
    nn_table t;
    golden_open(&f, path);
    if (vit_table(&t, c, NULL)) exit(2);
    trainee k = { .f = &f, .vit = *c, .n = 2, .n_out = c->out };
    if (!c->patch) k.n_map = stem_map_size(&c->stem, c->picture_h, c->picture_w);
    run(&k, &t, (size_t)(3 * c->picture_h * c->picture_w), vit_scratch(c, k.n, true));
    nn_table_close(&t);
    free(f.block);
}

static void test_head(const char *path, const attention60_config *c) {
    golden f;
    nn_table t;
    golden_open(&f, path);
    if (attention60_table(&t, c, NULL)) exit(2);
    trainee k = { .f = &f, .head = *c, .is_head = true, .n = 2, .n_out = c->window };
    run(&k, &t, (size_t)(c->window * c->in), attention60_scratch(c, k.n, true));
    nn_table_close(&t);
    free(f.block);
}

int main(void) {
    vit_config clip = { .picture_h = 4,
                        .picture_w = 6,
                        .patch = 2,
                        .width = 16,
                        .layers = 2,
                        .heads = 2,
                        .mlp = 12,
                        .out = 5,
                        .act = VIT_QUICK_GELU,
                        .eps = 1e-5f };
    vit_config stem = { .picture_h = 13,
                        .picture_w = 18,
                        .stem = { .n_stages = 3, .channels = { 4, 6, 16 }, .residual = { 1, 1, 0 }, .map_stage = 1 },
                        .width = 16,
                        .layers = 1,
                        .heads = 4,
                        .mlp = 12,
                        .out = 6,
                        .act = VIT_GELU,
                        .eps = 1e-5f };
    attention60_config head = { .window = 60, .in = 8, .width = 8, .layers = 2, .heads = 2, .mlp = 32 };
    test_vit("tests/golden/nn_clip.bin", &clip);
    test_vit("tests/golden/nn_stem.bin", &stem);
    test_head("tests/golden/nn_head.bin", &head);
    return tap_done();
}
