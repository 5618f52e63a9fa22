/* How fast the networks are, on one thread: pictures and windows a second, forward and in training, and the speed of
 * plain matrix products, which nothing here can pass. Prints a table; takes about a minute. Arguments:
 * only the lines that contain the first; the kernels of the name that is the second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/rng.h"
#include "nn/attention60.h"
#include "nn/kernels.h"
#include "nn/nn_math.h"
#include "nn/vit.h"

static const vit_config SMALL = {
    .picture_h = 224,
    .picture_w = 384,
    .stem = { .n_stages = 5, .channels = { 16, 32, 64, 128, 192 }, .residual = { 0, 1, 1, 1, 0 }, .map_stage = 2 },
    .width = 192,
    .layers = 4,
    .heads = 6,
    .mlp = 768,
    .out = 448,
    .act = VIT_GELU,
    .eps = 1e-5f,
};
static const vit_config B32 = { .picture_h = 224,
                                .picture_w = 224,
                                .patch = 32,
                                .width = 768,
                                .layers = 12,
                                .heads = 12,
                                .mlp = 3072,
                                .out = 512,
                                .act = VIT_QUICK_GELU,
                                .eps = 1e-5f };
static const attention60_config HEAD = {
    .window = 60, .in = 512, .width = 512, .layers = 16, .heads = 16, .mlp = 2048, .dropout = 0.1f
};

/* CPU time, so that others on the machine disturb less. */
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *floats(size_t n, float scale) {
    rng r = rng_make(1, n);
    float *p = bk_zeros(n, sizeof *p);
    if (!p) {
        fprintf(stderr, "bench_nn: out of memory\n");
        exit(1);
    }
    for (size_t i = 0; scale > 0 && i < n; i++) p[i] = rng_range(&r, -scale, scale);
    return p;
}

/* Runs fn until 1.5 seconds are over (at least twice after a first, uncounted run); the best time of one run. */
static double best_time(void (*fn)(void *arg), void *arg) {
    double best = 1e9, end;
    fn(arg);
    end = now() + 1.5;
    for (int i = 0; i < 2 || now() < end; i++) {
        double start = now();
        fn(arg);
        double took = now() - start;
        best = took < best ? took : best;
    }
    return best;
}

/* Random weights, in the kernels' order where they stay. c NULL: the head's. */
static void ready(float *w, const nn_table *t, bool train, rng *r, const vit_config *c) {
    nn_table_init(t, w, r);
    if (train) return;
    if (!(c ? vit_order(c, w, true) : attention60_order(&HEAD, w, true))) exit(2);
}

typedef struct vit_job {
    const vit_config *c;
    int n;
    bool train;
    float *w, *g, *pixels, *scratch, *emb, *map, *d_emb, *d_map;
} vit_job;

static void vit_run(void *arg) {
    vit_job *j = arg;
    vit_forward(j->c, j->w, j->pixels, j->n, j->scratch, j->train ? NN_TRAIN : NN_READY, NULL, j->emb, j->map);
    if (j->train) vit_backward(j->c, j->w, j->g, j->pixels, j->n, j->scratch, j->d_emb, j->d_map, NULL);
}

static void vit_line(const char *name, const vit_config *c, int n, bool train) {
    nn_table t;
    bk_error err;
    if (vit_table(&t, c, &err)) {
        fprintf(stderr, "bench_nn: %s\n", err.text);
        exit(1);
    }
    rng r = rng_make(1, 1);
    size_t map = c->patch ? 0 : (size_t)n * (size_t)stem_map_size(&c->stem, c->picture_h, c->picture_w);
    size_t pixels = (size_t)n * 3 * (size_t)c->picture_h * (size_t)c->picture_w, emb = (size_t)n * (size_t)c->out;
    vit_job j = { .c = c, .n = n, .train = train };
    j.w = floats(vit_ready_floats(c), 0);
    ready(j.w, &t, train, &r, c);
    j.g = floats(train ? t.n_floats : 0, 0);
    j.pixels = floats(pixels, 1);
    j.scratch = floats(vit_scratch(c, n, train), 0);
    j.emb = floats(emb, 0);
    j.d_emb = floats(emb, 0.01f);
    if (map) j.map = floats(map, 0);
    if (map) j.d_map = floats(map, 0.001f);
    double took = best_time(vit_run, &j);
    printf("%-44s %8.1f pictures/s  %7.2f ms each  scratch %.0f MB\n", name, n / took, 1e3 * took / n,
           4e-6 * (double)vit_scratch(c, n, train));
    float *all[] = { j.w, j.g, j.pixels, j.scratch, j.emb, j.map, j.d_emb, j.d_map };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    nn_table_close(&t);
}

typedef struct head_job {
    int n;
    bool train;
    float *w, *g, *x, *scratch, *logits;
} head_job;

static void head_run(void *arg) {
    head_job *j = arg;
    attention60_forward(&HEAD, j->w, j->x, j->n, j->scratch, j->train ? NN_TRAIN : NN_READY, NULL, 1, 1, 0,
                        j->logits);
    if (j->train) attention60_backward(&HEAD, j->w, j->g, j->x, j->n, j->scratch, 1, 1, 0, j->logits);
}

static void head_line(const char *name, int n, bool train) {
    nn_table t;
    if (attention60_table(&t, &HEAD, NULL)) exit(1);
    rng r = rng_make(1, 1);
    head_job j = { .n = n, .train = train };
    j.w = floats(t.n_floats, 0);
    ready(j.w, &t, train, &r, NULL);
    j.g = floats(train ? t.n_floats : 0, 0);
    j.x = floats((size_t)(n * HEAD.window * HEAD.in), 1);
    j.scratch = floats(attention60_scratch(&HEAD, n, train), 0);
    j.logits = floats((size_t)(n * HEAD.window), 0);
    double took = best_time(head_run, &j);
    printf("%-44s %8.1f windows/s   %7.2f ms each  scratch %.0f MB\n", name, n / took, 1e3 * took / n,
           4e-6 * (double)attention60_scratch(&HEAD, n, train));
    float *all[] = { j.w, j.g, j.x, j.scratch, j.logits };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    nn_table_close(&t);
}

typedef struct mm_job {
    int m, n, k;
    float *a, *b, *c;
} mm_job;

static void mm_run(void *arg) {
    mm_job *j = arg;
    mm(false, true, j->m, j->n, j->k, j->a, j->k, j->b, j->k, false, j->c, j->n);
}

static void mm_line(const char *name, int m, int n, int k) {
    mm_job j = { m, n, k, floats((size_t)(m * k), 1), floats((size_t)(n * k), 1), floats((size_t)(m * n), 0) };
    double took = best_time(mm_run, &j);
    printf("%-44s %8.1f GFLOP/s\n", name, 2e-9 * m * n * k / took);
    free(j.a);
    free(j.b);
    free(j.c);
}

/* A line of the table: one of the networks, or a matrix product. */
typedef struct line {
    const char *name;
    const vit_config *vit; /* NULL: the head */
    int n;
    bool train;
    int m, k; /* not 0: a product m x n x k */
} line;

static const line LINES[] = {
    { .name = "matrix product 1024 x 1024 x 1024", .m = 1024, .n = 1024, .k = 1024 },
    { .name = "matrix product 680 x 768 x 192", .m = 680, .n = 768, .k = 192 },
    { .name = "matrix product 384 x 64 x 576", .m = 384, .n = 64, .k = 576 },
    { .name = "matrix product 384 x 32 x 288", .m = 384, .n = 32, .k = 288 },
    { .name = "matrix product 50 x 3072 x 768", .m = 50, .n = 3072, .k = 768 },
    { .name = "small encoder forward, 1 a call", .vit = &SMALL, .n = 1 },
    { .name = "small encoder forward, 8 a call", .vit = &SMALL, .n = 8 },
    { .name = "small encoder forward, 16 a call", .vit = &SMALL, .n = 16 },
    { .name = "small encoder training, 8 a call", .vit = &SMALL, .n = 8, .train = true },
    { .name = "clip ViT-B/32 forward, 1 a call", .vit = &B32, .n = 1 },
    { .name = "clip ViT-B/32 forward, 16 a call", .vit = &B32, .n = 16 },
    { .name = "head 16 x 512 forward, 1 a call", .n = 1 },
    { .name = "head 16 x 512 forward, 8 a call", .n = 8 },
    { .name = "head 16 x 512 training, 4 a call", .n = 4, .train = true },
};

int main(int argc, char **argv) {
    const char *only = argc > 1 ? argv[1] : "";
    const nn_kernels *k;
    for (int i = 0; argc > 2 && (k = nn_kernels_nth(i)); i++)
        if (strcmp(k->name, argv[2]) == 0) nn_kernels_use(k);
    nn_math_single_thread();
    printf("one thread, kernels: %s\n", nn_kernels_best()->name);
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
        const line *l = &LINES[i];
        if (!strstr(l->name, only)) continue;
        if (l->m)
            mm_line(l->name, l->m, l->n, l->k);
        else if (l->vit)
            vit_line(l->name, l->vit, l->n, l->train);
        else
            head_line(l->name, l->n, l->train);
        fflush(stdout);
    }
    return 0;
}
