/* Slices of a batch of windows, their losses and gradients. */
#include "learn/head_batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "learn/augment.h"
#include "nn/nn_math.h"

enum {
    SLICE = 4,      /* windows */
    PARTS = 16,     /* of the gradient, when slices are added up */
    LEAST_ROOM = 64 /* windows a call may always have, when there is no gradient to be kept */
};

static const float GRAFTED = 0.5f; /* windows that go on in another episode */

typedef struct worker {
    sample s; /* SLICE windows, one behind the other */
    float *logits, *d_logits, *scratch, *spare;
    void *block;
} worker;

struct head_batch {
    const head_recipe *r;
    const dataset *d;
    pool *p;
    size_t n_floats;
    int room, n_workers;
    float class_weight[2];
    worker *workers;
    batch_sum *sums; /* a slice */
    float *grads;    /* [slices of a batch, n_floats] */
    /* the call at work */
    const float *w;
    const window_list *list;
    int first, n, epoch;
    uint64_t step;
    bool training;
};

rng head_stream(const head_recipe *r, head_draw use, int epoch, int index) {
    return rng_make(r->seed, (uint64_t)use << 56 | (uint64_t)epoch << 32 | (uint32_t)index);
}

/* ---- one slice ------------------------------------------------------------------------------------- */

double head_loss(const float *logits, const float *y, const float *weight, int n, const float class_weight[2],
                 float *d_logits, double *valid) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        float z = logits[i], p = 1.0f / (1.0f + expf(-z));
        if (d_logits) d_logits[i] = weight[i] != 0.0f ? (p - y[i]) * class_weight[y[i] > 0.5f] : 0.0f;
        if (weight[i] == 0.0f) continue;
        sum += (double)(fmaxf(z, 0.0f) - z * y[i] + log1pf(expf(-fabsf(z))));
        *valid += 1.0;
    }
    return sum;
}

static void augment(const head_batch *b, sample *s, rng *r, float *spare) {
    const attention60_config *c = &b->r->head;
    if (b->r->kind == BK_RECIPE_NOTEBOOK)
        augment_notebook(s, c->window, c->in, r, spare);
    else
        augment_bookend(s, c->window, c->in, b->d->spread, r, spare);
}

/* Windows [from, from + n) of the list into the worker's memory. */
static void fill_slice(const head_batch *b, worker *w, int from, int n) {
    const attention60_config *c = &b->r->head;
    bool changed = b->training && b->r->augment, ours = changed && b->r->kind == BK_RECIPE_BOOKEND;
    for (int i = 0; i < n; i++) {
        size_t at = (size_t)i * (size_t)c->window;
        sample s = { .x = w->s.x + at * (size_t)c->in, .y = w->s.y + at, .weight = w->s.weight + at };
        rng r = head_stream(b->r, DRAW_SAMPLE, b->epoch, from + i);
        float pace = ours ? augment_pace(&r) : 1.0f;
        sample_fill(&s, b->d, &b->list->w[from + i], c->window, pace);
        if (ours && pace == 1.0f && rng_chance(&r, GRAFTED))
            sample_graft(&s, b->d, &b->list->w[from + i], c->window, &r);
        if (changed) augment(b, &s, &r, w->spare);
    }
}

/* One item of the pool: forward, and backward in training, of one slice. */
static void run_slice(void *arg, int item, int index) {
    head_batch *b = arg;
    const attention60_config *c = &b->r->head;
    worker *w = &b->workers[index];
    int offset = item * SLICE, from = b->first + offset, n = b->n - offset < SLICE ? b->n - offset : SLICE;
    batch_sum sum = { 0 };
    fill_slice(b, w, from, n);
    attention60_forward(c, b->w, w->s.x, n, w->scratch, b->training ? NN_TRAIN : NN_INFER, NULL, b->r->seed, b->step, offset, w->logits);
    sum.loss = head_loss(w->logits, w->s.y, w->s.weight, n * c->window, b->class_weight,
                         b->training ? w->d_logits : NULL, &sum.valid);
    b->sums[item] = sum;
    if (!b->training) return;
    float *g = b->grads + (size_t)item * b->n_floats;
    memset(g, 0, b->n_floats * sizeof *g);
    attention60_backward(c, b->w, g, w->s.x, n, w->scratch, b->r->seed, b->step, offset, w->d_logits);
}

/* One item of the pool: adds a part of every slice's gradient to the first one's, in order. */
static void add_part(void *arg, int part, int index) {
    const head_batch *b = arg;
    size_t n = b->n_floats, from = n * (size_t)part / PARTS, to = n * ((size_t)part + 1) / PARTS;
    for (int k = 1; k * SLICE < b->n; k++) {
        const float *g = b->grads + (size_t)k * n;
        for (size_t i = from; i < to; i++) b->grads[i] += g[i];
    }
}

/* ---- a batch --------------------------------------------------------------------------------------- */

static void run(head_batch *b, const float *w, const window_list *l, int first, int n, batch_sum *sum) {
    int slices = (n + SLICE - 1) / SLICE;
    b->w = w;
    b->list = l;
    b->first = first;
    b->n = n;
    pool_run(b->p, run_slice, b, slices);
    for (int i = 0; i < slices; i++) {
        sum->loss += b->sums[i].loss;
        sum->valid += b->sums[i].valid;
    }
}

void head_batch_measure(head_batch *b, const float *w, const window_list *l, int first, int n, batch_sum *sum) {
    b->training = false;
    run(b, w, l, first, n, sum);
}

const float *head_batch_train(head_batch *b, const float *w, const window_list *l, int first, int n, int epoch,
                              int64_t step, batch_sum *sum) {
    b->training = true;
    b->epoch = epoch;
    b->step = (uint64_t)step;
    run(b, w, l, first, n, sum);
    pool_run(b->p, add_part, b, PARTS);
    return b->grads;
}

int head_batch_room(const head_batch *b) {
    return b->room;
}

/* ---- memory ---------------------------------------------------------------------------------------- */

static int open_worker(worker *w, const head_recipe *r, bk_error *err) {
    size_t samples = (size_t)SLICE * (size_t)r->head.window, x = samples * (size_t)r->head.in;
    size_t scratch = attention60_scratch(&r->head, SLICE, true), infer = attention60_scratch(&r->head, SLICE, false);
    nn_arena a = { 0 };
    for (int pass = 0; pass < 2; pass++) {
        w->s.x = nn_take(&a, x);
        w->s.y = nn_take(&a, samples);
        w->s.weight = nn_take(&a, samples);
        w->logits = nn_take(&a, samples);
        w->d_logits = nn_take(&a, samples);
        w->spare = nn_take(&a, x + samples);
        w->scratch = nn_take(&a, scratch > infer ? scratch : infer);
        if (pass) break;
        w->block = bk_zeros(a.used, sizeof(float));
        if (!w->block) return bk_fail_memory(err, "the activations of a batch");
        a = (nn_arena){ .base = w->block };
    }
    return BK_OK;
}

/* Rare samples count more: half of all weight to each class, within bounds. */
static void weigh_classes(head_batch *b) {
    double n[2] = { 0, 0 };
    for (int i = 0; i < b->d->n; i++) {
        const episode *e = &b->d->episodes[i];
        for (int t = 0; t < e->track->len && !e->held_out; t++) n[episode_truth(e, t)] += 1.0;
    }
    for (int k = 0; k < 2; k++)
        b->class_weight[k] =
            b->r->balance ? (float)fmin(fmax(0.5 * (n[0] + n[1]) / fmax(n[k], 1.0), 0.5), 2.0) : 1.0f;
}

int head_batch_open(head_batch **out, const head_recipe *r, const dataset *d, size_t n_floats, pool *p,
                    bk_error *err) {
    head_batch *b = bk_zeros(1, sizeof *b);
    if (!b) return bk_fail_memory(err, "a batch");
    *b = (head_batch){ .r = r, .d = d, .p = p, .n_floats = n_floats, .n_workers = pool_size(p) };
    b->room = r->batch > LEAST_ROOM ? r->batch : LEAST_ROOM;
    size_t slices = (size_t)(r->batch + SLICE - 1) / SLICE, floats;
    b->workers = bk_zeros((size_t)b->n_workers, sizeof *b->workers);
    b->sums = bk_zeros((size_t)b->room, sizeof *b->sums);
    if (bk_size_mul(&floats, slices, n_floats)) b->grads = bk_alloc(floats, sizeof(float));
    int code = b->workers && b->sums && b->grads ? BK_OK : bk_fail_memory(err, "the gradients of a batch");
    for (int i = 0; i < b->n_workers && code == BK_OK; i++) code = open_worker(&b->workers[i], r, err);
    if (code != BK_OK) {
        head_batch_close(&b);
        return code;
    }
    weigh_classes(b);
    *out = b;
    return BK_OK;
}

void head_batch_close(head_batch **bp) {
    head_batch *b = *bp;
    if (!b) return;
    for (int i = 0; b->workers && i < b->n_workers; i++) free(b->workers[i].block);
    free(b->workers);
    free(b->sums);
    free(b->grads);
    free(b);
    *bp = NULL;
}
