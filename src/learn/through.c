/* A head that reads embeddings through the encoder's own classifier: see through.h. */
#include "learn/through.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/embed.h"

static int measured(const bk_model *m) { return bundle_dim(m) - m->vit.out; }

int through_dim(const bk_model *m) { return PROBE_ROWS + measured(m); }

/* to [through_dim]  <-  emb [bundle_dim] */
static void narrow(float *to, const float *emb, const bk_model *m) {
    embed_logits(to, m->probe, PROBE_ROWS, emb, bundle_dim(m));
    memcpy(to + PROBE_ROWS, emb + m->vit.out, (size_t)measured(m) * sizeof *to);
}

static void forget_tracks(dataset *d) {
    for (int i = 0; i < d->n; i++) episode_unload(&d->episodes[i]);
    free(d->pad);
    d->pad = NULL;
    d->dim = 0;
}

int through_narrow(dataset *d, const bk_model *m, bk_error *err) {
    int n = through_dim(m), dim = bundle_dim(m);
    if (!m->probe || d->dim != dim)
        return bk_fail(err, BK_EMISMATCH, "%s has %s, the tracks have %d numbers a sample, its embeddings %d", m->name,
                       m->probe ? "a classifier" : "no classifier", d->dim, dim);
    for (int i = 0; i < d->n; i++) {
        bk_track *t = d->episodes[i].track;
        float *small = bk_alloc((size_t)t->len * (size_t)n, sizeof *small);
        if (!small) return bk_fail_memory(err, "a track");
        for (int s = 0; s < t->len; s++) narrow(small + (size_t)s * (size_t)n, t->embeddings + (size_t)s * (size_t)dim, m);
        free(t->embeddings);
        t->embeddings = small;
        t->dim = n;
    }
    d->dim = n; /* pad stays: zeros, and longer than needed */
    return BK_OK;
}

/* wide in_proj [width, dim]  =  narrow in_proj [width, n] . the narrowing [n, dim]; its constants go to the bias. */
static void compose(float *wide, float *bias, const float *in, int width, const bk_model *m) {
    int n = through_dim(m), dim = bundle_dim(m), out = m->vit.out;
    memset(wide, 0, (size_t)width * (size_t)dim * sizeof *wide);
    for (int o = 0; o < width; o++) {
        float *row = wide + (size_t)o * (size_t)dim;
        const float *a = in + (size_t)o * (size_t)n;
        for (int k = 0; k < PROBE_ROWS; k++) {
            const float *probe = m->probe + (size_t)k * (size_t)(dim + 1);
            for (int i = 0; i < dim; i++) row[i] += a[k] * probe[i];
            bias[o] += a[k] * probe[dim];
        }
        for (int i = 0; i < n - PROBE_ROWS; i++) row[out + i] += a[PROBE_ROWS + i];
    }
}

/* A head as wide as what it sees projects nothing: the identity [n, n]. */
static float *identity(int n) {
    float *one = bk_zeros((size_t)n * (size_t)n, sizeof *one);
    for (int i = 0; one && i < n; i++) one[(size_t)i * (size_t)(n + 1)] = 1.0f;
    return one;
}

int through_widen(const char *path, dataset *d, const bk_model *m, bk_error *err) {
    bk_model *h = NULL, *wide = NULL;
    int code = bundle_load(&h, path, NULL, 0, err);
    if (code == BK_OK) {
        attention60_config c = h->head;
        c.in = bundle_dim(m);
        code = bundle_new_head(&wide, h->name, &c, NULL, err);
    }
    for (int i = 0; code == BK_OK && i < h->head_rows.n; i++) {
        const nn_tensor *from = &h->head_rows.rows[i], *to = nn_table_find(&wide->head_rows, from->name);
        if (to && strcmp(from->name, "in_proj.weight") != 0)
            memcpy(wide->head_weights + to->offset, h->head_weights + from->offset, from->n * sizeof(float));
    }
    if (code == BK_OK) {
        const nn_tensor *w = nn_table_find(&wide->head_rows, "in_proj.weight"), *b = nn_table_find(&wide->head_rows, "in_proj.bias");
        const nn_tensor *in = nn_table_find(&h->head_rows, "in_proj.weight");
        float *one = in ? NULL : identity(through_dim(m));
        if (!in && !one) code = bk_fail_memory(err, "a head");
        else if (!w) code = bk_fail(err, BK_EINVAL, "a head of %d numbers is as wide as an embedding; choose another width", h->head.width);
        else compose(wide->head_weights + w->offset, wide->head_weights + b->offset, in ? h->head_weights + in->offset : one, h->head.width, m);
        free(one);
    }
    if (code == BK_OK) {
        wide->stride = h->stride;
        code = bundle_save(wide, path, BUNDLE_F32, err);
    }
    forget_tracks(d);
    bk_model_close(&wide);
    bk_model_close(&h);
    return code;
}
