/* Multi-head attention, one small matrix product a sample and head. */
#include "nn/attention.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/least.h"
#include "nn/kernels.h"
#include "nn/nn_math.h"

long attention_probs(const attention *a) {
    return (long)a->n * a->heads * a->queries * a->keys;
}

/* Where head h of sample i starts. */
typedef struct place {
    size_t qkv, out, probs;
} place;

static place place_of(const attention *a, int i, int h) {
    size_t width = (size_t)a->heads * (size_t)a->head_width, head = (size_t)h * (size_t)a->head_width;
    return (place){ .qkv = (size_t)i * (size_t)a->keys * 3 * width + head,
                    .out = (size_t)i * (size_t)a->queries * width + head,
                    .probs = ((size_t)i * (size_t)a->heads + (size_t)h) * (size_t)a->queries * (size_t)a->keys };
}

static bool drops(const attention *a) {
    return a->drop && a->drop->p > 0;
}

/* to = from under the mask of head h of sample i. */
static void drop(const attention *a, int i, int h, const float *from, float *to) {
    nn_kernels_best()->dropout(to, from, (long)a->queries * a->keys, a->drop->p,
                               dropout_mix(a->drop, a->site + h, i));
}

/* ---- heads shared out ---- */

typedef struct shared {
    int heads, parts;
    void (*one)(void *arg, int head, int part);
    void *arg;
} shared;

static void run_part(void *arg, int part, int worker) {
    const shared *s = arg;
    (void)worker;
    for (int h = s->heads * part / s->parts; h < s->heads * (part + 1) / s->parts; h++) s->one(s->arg, h, part);
}

void attention_share(pool *team, int heads, void (*one)(void *arg, int head, int part), void *arg) {
    shared s = { heads, gemm_hands(team), one, arg };
    pool_run(team, run_part, &s, s.parts);
}

/* ---- one head in the kernels' own way ---- */

enum { GROUP = 16 };

/* Of one head of one sample, each in the order that gemm_strip reads. */
typedef struct head_work {
    float *q;     /* [queries, head_width], from gemm_rows() */
    float *k, *v; /* panels of keys, [head_width, 32]; of columns, [keys, 32]; the last one, or all, of 16 */
    float *p, *a; /* [queries, keys rounded up to 16], and from gemm_rows() */
} head_work;

static int round_up(int n) {
    return (n + GROUP - 1) / GROUP * GROUP;
}

static size_t work_make(head_work *w, const attention *a, float *base) {
    nn_arena m = { .base = base };
    size_t q = (size_t)a->queries, hw = (size_t)a->head_width, t = (size_t)round_up(a->keys);
    *w = (head_work){ .q = nn_take(&m, q * hw),
                      .k = nn_take(&m, t * hw),
                      .v = nn_take(&m, t * hw),
                      .p = nn_take(&m, q * t),
                      .a = nn_take(&m, q * t) };
    return m.used;
}

size_t attention_work(const attention *a) {
    head_work w = { 0 };
    return a->head_width % GROUP ? 0 : work_make(&w, a, NULL) * GEMM_TEAM;
}

/* Columns of the next panel, of `left`, a multiple of 16. */
static int panel_of(const nn_kernels *f, int left) {
    return left < f->panel ? GROUP : f->panel;
}

/* out  <-  softmax(q k^T) v of one head; q, k, v: `width` apart in rows of 3 width. */
static void head_forward(const attention *a, const head_work *w, const float *q, float *out) {
    const nn_kernels *f = nn_kernels_best();
    int hw = a->head_width, width = a->heads * hw, t = a->keys, padded = round_up(t);
    const float *k = q + width, *v = k + width;
    f->gemm_rows(w->q, q, a->queries, hw, 3 * width);
    for (int j = 0, n; j < padded; j += n) {
        float *panel = w->k + (size_t)j * (size_t)hw;
        n = panel_of(f, padded - j);
        f->gemm_turn(panel, k + (size_t)j * 3 * (size_t)width, least(t - j, n), n, hw, 3 * width);
        f->gemm_strip(
            w->p + j, w->q, panel,
            &(gemm_strip){ .m = a->queries, .k = hw, .ld = padded, .columns = n, .ld_b = n, .next = panel });
    }
    for (int i = 0; i < a->queries; i++)
        for (int j = t; j < padded; j++) w->p[i * padded + j] = -INFINITY; /* whole vectors, and these become 0 */
    f->softmax(w->p, 1.0f / sqrtf((float)hw), a->queries, padded);
    f->gemm_rows(w->a, w->p, a->queries, t, padded);
    for (int c = 0, n; c < hw; c += n) {
        float *panel = w->v + (size_t)c * (size_t)padded;
        n = panel_of(f, hw - c);
        f->gemm_lines(panel, v + c, n, n, t, 3 * width);
        f->gemm_strip(out + c, w->a, panel,
                      &(gemm_strip){ .m = a->queries, .k = t, .ld = width, .columns = n, .ld_b = n, .next = panel });
    }
}

/* ---- forward ---- */

typedef struct forward {
    const attention *a;
    const float *qkv;
    float *probs, *temp, *out;
} forward;

/* Head h of all samples. */
static void forward_head(void *arg, int h, int part) {
    const forward *f = arg;
    const attention *a = f->a;
    int hw = a->head_width, width = a->heads * hw, q = a->queries, t = a->keys;
    head_work w = { 0 };
    if (a->work) work_make(&w, a, a->work + (size_t)part * work_make(&w, a, NULL));
    for (int i = 0; i < a->n; i++) {
        place at = place_of(a, i, h);
        const float *qh = f->qkv + at.qkv, *kh = qh + width, *vh = kh + width;
        float *p = f->probs + at.probs;
        if (a->work) {
            head_forward(a, &w, qh, f->out + at.out);
            continue;
        }
        mm(false, true, q, t, hw, qh, 3 * width, kh, 3 * width, false, p, t);
        nn_kernels_best()->softmax(p, 1.0f / sqrtf((float)hw), q, t);
        if (drops(a)) drop(a, i, h, p, f->temp);
        mm(false, false, q, hw, t, drops(a) ? f->temp : p, t, vh, 3 * width, false, f->out + at.out, width);
    }
}

void attention_forward(const attention *a, const float *qkv, float *probs, float *temp, float *out) {
    forward f = { a, qkv, probs, temp, out };
    attention_share(drops(a) ? NULL : a->team, a->heads, forward_head, &f);
}

/* ---- backward ---- */

void attention_backward(const attention *a, const float *qkv, const float *probs, const float *d_out, float *temp,
                        float *d_qkv) {
    int hw = a->head_width, width = a->heads * hw, q = a->queries, t = a->keys;
    float *dp = temp, *dropped = temp + (size_t)q * (size_t)t;
    for (int i = 0; i < a->n; i++)
        for (int h = 0; h < a->heads; h++) {
            place at = place_of(a, i, h);
            const float *qh = qkv + at.qkv, *kh = qh + width, *vh = kh + width, *p = probs + at.probs;
            const float *d = d_out + at.out;
            float *dq = d_qkv + at.qkv, *dk = dq + width, *dv = dk + width;
            if (drops(a)) drop(a, i, h, p, dropped);
            mm(true, false, t, hw, q, drops(a) ? dropped : p, t, d, width, false, dv, 3 * width);
            mm(false, true, q, t, hw, d, width, vh, 3 * width, false, dp, t);
            if (drops(a)) drop(a, i, h, dp, dp);
            nn_kernels_best()->softmax_back(dp, p, 1.0f / sqrtf((float)hw), q, t);
            mm(false, false, q, hw, t, dp, t, kh, 3 * width, false, dq, 3 * width);
            mm(true, false, t, hw, q, dp, t, qh, 3 * width, false, dk, 3 * width);
        }
}
