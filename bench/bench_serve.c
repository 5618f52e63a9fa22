/* The networks on all threads, for bench/run.py, which lets them and their peers work in turn. Reads lines "what
 * batch seconds" and answers "items wall-seconds cpu-seconds" after at least that long. what: clip, head (inference),
 * train (the head, one step of Adam a batch), small, small-train (the small encoder, no optimiser); limit-clip,
 * limit-head, limit-train: nothing but the matrix products that they need, through the CBLAS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"
#include "nn/adam.h"
#include "nn/attention60.h"
#include "nn/kernels.h"
#include "nn/nn_math.h"
#include "nn/vit.h"

enum { MAX_BATCH = 16, PARTS = 64 };

static const vit_config SMALL = {
    .picture_h = 224,
    .picture_w = 384,
    .stem = { .n_stages = 5, .channels = { 16, 32, 64, 128, 192 }, .residual = { 0, 1, 1, 1, 0 }, .map_stage = 2 },
    .width = 192,
    .layers = 4,
    .heads = 6,
    .mlp = 768,
    .out = 464,
    .act = VIT_GELU,
    .eps = 1e-5f,
};
static const vit_config CLIP = { .picture_h = 224,
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

static float *floats(size_t n, float scale) {
    rng r = rng_make(1, n);
    float *p = bk_zeros(n, sizeof *p);
    if (!p) {
        fprintf(stderr, "bench_serve: out of memory\n");
        exit(1);
    }
    for (size_t i = 0; scale > 0 && i < n; i++) p[i] = rng_range(&r, -scale, scale);
    return p;
}

/* One network at work on a batch, split evenly over the threads. */
typedef struct job {
    const vit_config *vit; /* NULL: the head */
    bool train;
    pool *p;
    int n, workers;
    size_t in, out, map, n_floats;
    nn_table t;
    float *w, *ready, *m, *v;
    float *x, *y, *d_y, *maps, *d_map;
    float *scratch, *g; /* one a worker, one behind the other */
    size_t scratch_floats;
    int64_t step;
} job;

/* Pictures or windows of one worker: the item is the worker's number. */
static void forward(const job *j, int item, int from, int n) {
    float *scratch = j->scratch + (size_t)item * j->scratch_floats, *y = j->y + (size_t)from * j->out;
    const float *x = j->x + (size_t)from * j->in, *w = j->train ? j->w : j->ready;
    nn_mode mode = j->train ? NN_TRAIN : NN_READY;
    if (j->vit)
        vit_forward(j->vit, w, x, n, scratch, mode, j->p, y, j->map ? j->maps + (size_t)from * j->map : NULL);
    else
        attention60_forward(&HEAD, w, x, n, scratch, mode, j->p, 1, (uint64_t)j->step, from, y);
}

static void run_part(void *arg, int item, int worker) {
    job *j = arg;
    int from = j->n * item / j->workers, n = j->n * (item + 1) / j->workers - from;
    float *scratch = j->scratch + (size_t)item * j->scratch_floats, *g = j->g + (size_t)item * j->n_floats;
    const float *x = j->x + (size_t)from * j->in, *d = j->d_y + (size_t)from * j->out;
    (void)worker;
    forward(j, item, from, n);
    if (!j->train) return;
    memset(g, 0, j->n_floats * sizeof *g);
    if (j->vit)
        vit_backward(j->vit, j->w, g, x, n, scratch, d, j->d_map + (size_t)from * j->map, NULL);
    else
        attention60_backward(&HEAD, j->w, g, x, n, scratch, 1, (uint64_t)j->step, from, d);
}

/* Adds up the workers' gradients, as learn/head_batch.c does. */
static void add_part(void *arg, int part, int worker) {
    job *j = arg;
    size_t from = j->n_floats / 16 * (size_t)part / PARTS * 16;
    size_t to = part + 1 == PARTS ? j->n_floats : j->n_floats / 16 * (size_t)(part + 1) / PARTS * 16;
    (void)worker;
    for (int i = 1; i < j->workers; i++)
        nn_kernels_best()->add(j->g + from, j->g + (size_t)i * j->n_floats + from, (long)(to - from));
}

static void run_batch(job *j) {
    static const adam_config adam = { .rate = 5e-5f, .beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f };
    j->workers = j->n == 1 ? 1 : pool_size(j->p);
    pool_run(j->p, run_part, j, j->workers);
    if (!j->train || j->vit) return;
    pool_run(j->p, add_part, j, PARTS);
    adam_step(&adam, &j->t, j->w, j->m, j->v, j->g, 1.0f / 480.0f, ++j->step, j->p);
}

static void job_open(job *j, const vit_config *c, bool train, pool *p) {
    rng r = rng_make(1, 1);
    size_t workers = (size_t)pool_size(p), most = (size_t)(MAX_BATCH + 1) / 2;
    *j = (job){ .vit = c, .train = train, .p = p, .in = 60 * 512, .out = 60 };
    if ((c ? vit_table(&j->t, c, NULL) : attention60_table(&j->t, &HEAD, NULL)) != BK_OK) exit(1);
    if (c) j->in = 3 * (size_t)c->picture_h * (size_t)c->picture_w;
    if (c) j->out = (size_t)c->out;
    if (c && !c->patch) j->map = (size_t)stem_map_size(&c->stem, c->picture_h, c->picture_w);
    j->n_floats = j->t.n_floats;
    if (workers == 1) most = MAX_BATCH;
    j->scratch_floats = c ? vit_scratch(c, (int)most, train) : attention60_scratch(&HEAD, (int)most, train);
    size_t alone = c ? vit_scratch(c, 1, train) : attention60_scratch(&HEAD, 1, train);
    if (alone > j->scratch_floats) j->scratch_floats = alone;
    j->w = floats(j->n_floats, 0);
    nn_table_init(&j->t, j->w, &r);
    j->ready = floats(c ? vit_ready_floats(c) : j->n_floats, 0);
    memcpy(j->ready, j->w, j->n_floats * sizeof *j->ready);
    if (!(c ? vit_order(c, j->ready, true) : attention60_order(&HEAD, j->ready, true))) exit(2);
    j->x = floats(j->in * MAX_BATCH, 1);
    j->y = floats(j->out * MAX_BATCH, 0);
    j->d_y = floats(j->out * MAX_BATCH, 0.01f);
    j->maps = floats(j->map * MAX_BATCH, 0);
    j->d_map = floats(j->map * MAX_BATCH, 0.001f);
    j->scratch = floats(j->scratch_floats * workers, 0);
    if (!train) return;
    j->g = floats(j->n_floats * workers, 0);
    j->m = floats(j->n_floats, 0);
    j->v = floats(j->n_floats, 0);
}

/* ---- matrix products alone ---- */

typedef struct product {
    int n, k, times; /* of each item: `rows` x n x k */
} product;

typedef struct limit {
    int rows; /* of an item */
    bool train;
    product products[6];
    int batch; /* items a thread */
    float *a, *b, *c;
    size_t a_floats, c_floats;
} limit;

static const limit CLIP_LIMIT = {
    .rows = 50,
    .products = { { 768, 3072, 1 }, { 2304, 768, 12 }, { 768, 768, 12 }, { 3072, 768, 12 }, { 768, 3072, 12 } }
};
static const limit HEAD_LIMIT = {
    .rows = 60, .products = { { 1536, 512, 16 }, { 512, 512, 16 }, { 2048, 512, 16 }, { 512, 2048, 16 } }
};

/* One thread's items. Every product has weights of its own, as in the networks. */
static void limit_part(void *arg, int item, int worker) {
    const limit *l = arg;
    int m = l->rows * l->batch;
    float *a = l->a + (size_t)item * l->a_floats, *c = l->c + (size_t)item * l->c_floats, *b = l->b;
    (void)worker;
    for (const product *p = l->products; p->n; p++)
        for (int i = 0; i < p->times; i++, b += (size_t)p->n * (size_t)p->k) {
            mm(false, true, m, p->n, p->k, a, p->k, b, p->k, false, c, p->n);
            if (!l->train) continue;
            mm(false, false, m, p->k, p->n, a, p->n, b, p->k, false, c, p->k);
            mm(true, false, p->n, p->k, m, a, p->n, a, p->k, false, c, p->k);
        }
}

static void limit_run(limit *l, pool *p, int n) {
    size_t weights = 0, workers = (size_t)pool_size(p);
    l->batch = n / (int)workers > 0 ? n / (int)workers : 1;
    for (const product *q = l->products; q->n; q++) weights += (size_t)q->n * (size_t)q->k * (size_t)q->times;
    if (!l->b) {
        l->a_floats = (size_t)l->rows * MAX_BATCH * 3072;
        l->c_floats = l->a_floats > 2048 * 768 ? l->a_floats : 2048 * 768;
        l->a = floats(l->a_floats * workers, 1);
        l->b = floats(weights, 1);
        l->c = floats(l->c_floats * workers, 0);
    }
    pool_run(p, limit_part, l, (int)workers);
}

/* ---- the protocol ---- */

static double clock_s(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { CLIP_JOB, HEAD_JOB, TRAIN_JOB, SMALL_JOB, SMALL_TRAIN_JOB, JOBS };

typedef struct bench {
    job jobs[JOBS];
    limit clip, head;
    pool *p;
} bench;

/* Items done; 0: no such thing. */
static int run_once(bench *b, const char *what, int n) {
    pool *p = b->p;
    job *jobs = b->jobs;
    static const struct {
        const char *name;
        const vit_config *c;
        bool train;
    } all[JOBS] = { { "clip", &CLIP, false },
                    { "head", NULL, false },
                    { "train", NULL, true },
                    { "small", &SMALL, false },
                    { "small-train", &SMALL, true } };
    for (int i = 0; i < JOBS; i++) {
        if (strcmp(what, all[i].name) != 0) continue;
        if (!jobs[i].p) job_open(&jobs[i], all[i].c, all[i].train, p);
        jobs[i].n = n;
        run_batch(&jobs[i]);
        return n;
    }
    limit *l = strcmp(what, "limit-clip") == 0 ? &b->clip : &b->head;
    if (strncmp(what, "limit-", 6) != 0) return 0;
    l->train = strcmp(what, "limit-train") == 0;
    limit_run(l, p, n);
    return l->batch * pool_size(p);
}

/* Does one line of the protocol; false: it cannot be done. */
static bool answer(bench *b, const char *line) {
    char what[32];
    int n, items = 0;
    double seconds;
    if (sscanf(line, "%31s %d %lf", what, &n, &seconds) != 3 || n < 1 || n > MAX_BATCH || !run_once(b, what, n))
        return false;
    double wall = clock_s(CLOCK_MONOTONIC), cpu = clock_s(CLOCK_PROCESS_CPUTIME_ID), now = wall;
    for (; items == 0 || now < wall + seconds; now = clock_s(CLOCK_MONOTONIC)) items += run_once(b, what, n);
    printf("%d %.6f %.6f\n", items, now - wall, clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    fflush(stdout);
    return true;
}

int main(void) {
    char line[128];
    bench b = { .clip = CLIP_LIMIT, .head = HEAD_LIMIT };
    nn_math_single_thread();
    if (pool_open(&b.p, 0, NULL) != BK_OK) return 1;
    while (fgets(line, sizeof line, stdin))
        if (!answer(&b, line)) {
            fprintf(stderr, "bench_serve: cannot do: %s", line);
            return 1;
        }
    pool_close(&b.p);
    return 0;
}
