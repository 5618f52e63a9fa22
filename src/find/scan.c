/* A track to probabilities. Windows are batched by a few to a task, so that the matrix products are large
 * and every core has work. */
#include "find/scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { BATCH = 4 }; /* windows a task */

int scan_windows(int *starts, int n, int window, int stride) {
    int count = 0, last = n > window ? n - window : 0;
    for (int s = 0; s < last; s += stride, count++)
        if (starts) starts[count] = s;
    if (starts) starts[count] = last;
    return count + 1;
}

typedef struct span {
    int begin, n; /* samples of the track; n <= window */
} span;

typedef struct job {
    const bk_model *m;
    const bk_track *t;
    const span *spans;
    int n_spans;
    float *logits; /* [n_spans, window] */
    pool *team;    /* whose threads help one another at the end */
    float *room;   /* a slice a worker: the windows of a batch, and scratch */
    size_t x_floats, slice_floats;
} job;

static void run_batch(void *arg, int item, int worker) {
    const job *j = arg;
    const attention60_config *c = &j->m->head;
    int first = item * BATCH, n = j->n_spans - first < BATCH ? j->n_spans - first : BATCH;
    size_t window_floats = (size_t)c->window * (size_t)c->in;
    float *x = j->room + (size_t)worker * j->slice_floats;
    for (int i = 0; i < n; i++) {
        const span *s = &j->spans[first + i];
        size_t have = (size_t)s->n * (size_t)c->in;
        memcpy(x + (size_t)i * window_floats, j->t->embeddings + (size_t)s->begin * (size_t)c->in, have * sizeof *x);
        memset(x + (size_t)i * window_floats + have, 0, (window_floats - have) * sizeof *x);
    }
    const bk_model *m = j->m;
    attention60_forward(c, m->head_weights, x, n, x + j->x_floats, m->head_ready ? NN_READY : NN_INFER, j->team, 0, 0,
                        0, j->logits + (size_t)first * (size_t)c->window);
}

/* The windows over all runs that were looked at; spans holds at least t->len. */
static int lay_out(span *spans, int *starts, const bk_track *t, int window, int stride) {
    int count = 0;
    for (int a = 0; a < t->len;) {
        int b = a;
        while (b < t->len && t->state[b] != SAMPLE_NONE) b++;
        if (b > a) {
            int n = scan_windows(starts, b - a, window, stride), size = b - a < window ? b - a : window;
            for (int i = 0; i < n; i++) spans[count++] = (span){ a + starts[i], size };
        }
        a = b > a ? b : a + 1;
    }
    return count;
}

static void average(float *probs, const job *j) {
    int len = j->t->len, window = j->m->head.window;
    for (int s = 0; s < len; s++) probs[s] = 0.0f;
    float *count = j->room; /* the windows are done with it; it holds at least len */
    memset(count, 0, (size_t)len * sizeof *count);
    for (int w = 0; w < j->n_spans; w++)
        for (int i = 0; i < j->spans[w].n; i++) {
            probs[j->spans[w].begin + i] += 1.0f / (1.0f + expf(-j->logits[w * window + i]));
            count[j->spans[w].begin + i] += 1.0f;
        }
    for (int s = 0; s < len; s++) probs[s] = count[s] > 0.0f ? probs[s] / count[s] : NAN;
}

int scan_probabilities(float *probs, const bk_model *m, const bk_track *t, pool *p, bk_error *err) {
    const attention60_config *c = &m->head;
    if (!m->has_head) return bk_fail(err, BK_EMISMATCH, "%s has no head", m->name);
    if (t->dim != c->in)
        return bk_fail(err, BK_EMISMATCH, "the head takes %d numbers a sample, the track has %d", c->in, t->dim);
    size_t n = (size_t)t->len, workers = (size_t)pool_size(p), window = (size_t)c->window;
    span *spans = bk_alloc(n + 1, sizeof *spans);
    int *starts = bk_alloc(n + 1, sizeof *starts), code = BK_OK;
    job j = { .m = m, .t = t, .spans = spans, .team = p };
    if (spans && starts) j.n_spans = lay_out(spans, starts, t, c->window, m->stride);
    j.x_floats = (BATCH * window * (size_t)c->in + 15) & ~(size_t)15; /* lines of 64 bytes */
    j.slice_floats = j.x_floats + attention60_scratch(c, BATCH, false);
    j.logits = bk_alloc((size_t)j.n_spans * window, sizeof(float));
    j.room = bk_alloc(workers * j.slice_floats + n, sizeof(float)); /* in one, for its pages to be huge */
    if (!spans || !starts || !j.logits || !j.room) {
        code = bk_fail_memory(err, "the scan");
        goto done;
    }
    pool_run(p, run_batch, &j, (j.n_spans + BATCH - 1) / BATCH);
    average(probs, &j);
done:
    free(spans);
    free(starts);
    free(j.logits);
    free(j.room);
    return code;
}
