/* Pictures to embeddings: normalise, run the encoder, measure evidence, ask the encoder's classifier. */
#include "model/embed.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "picture/evidence.h"
#include "picture/resize.h"

struct embedder {
    const bk_model *m;
    int max;               /* pictures at once */
    float *pixels;         /* [3, h, w] */
    float *learned;        /* [max, vit.out] */
    float *map;            /* [max, map_h * map_w]; NULL without a stem */
    float *scratch;
    int map_w, map_h;
};

int embedder_open(embedder **out, const bk_model *m, int n, bk_error *err) {
    if (!m->has_encoder) return bk_fail(err, BK_EMISMATCH, "%s has no encoder", m->name);
    const vit_config *c = &m->vit;
    embedder *e = bk_zeros(1, sizeof *e);
    if (!e) return bk_fail_memory(err, "the encoder");
    e->m = m;
    e->max = n;
    if (!c->patch) stem_size(&c->stem, c->picture_h, c->picture_w, c->stem.map_stage, &e->map_h, &e->map_w);
    size_t plane = (size_t)c->picture_h * (size_t)c->picture_w, count = (size_t)n;
    e->pixels = bk_alloc(plane, 3 * sizeof(float));
    e->learned = bk_alloc(count * (size_t)c->out, sizeof(float));
    e->map = bk_zeros(count * (size_t)(e->map_w * e->map_h), sizeof(float));
    e->scratch = bk_alloc(vit_scratch(c, n, false), sizeof(float));
    if (!e->pixels || !e->learned || !e->map || !e->scratch) {
        embedder_close(&e);
        return bk_fail_memory(err, "the encoder");
    }
    *out = e;
    return BK_OK;
}

void embedder_close(embedder **e) {
    if (!*e) return;
    free((*e)->pixels);
    free((*e)->learned);
    free((*e)->map);
    free((*e)->scratch);
    free(*e);
    *e = NULL;
}

struct embed_team {
    pthread_mutex_t lock;
    pthread_cond_t given;
    int size, n_free;
    embedder *of[];  /* [size], of which nobody has the first n_free */
};

int embed_team_open(embed_team **out, const bk_model *m, int size, int n, bk_error *err) {
    embed_team *t = bk_zeros(1, sizeof *t + (size_t)size * sizeof *t->of);
    if (!t) return bk_fail_memory(err, "the encoder");
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->given, NULL);
    int code = BK_OK;
    for (; code == BK_OK && t->size < size; t->size++) code = embedder_open(&t->of[t->size], m, n, err);
    t->n_free = t->size;
    if (code == BK_OK)
        *out = t;
    else
        embed_team_close(&t);
    return code;
}

void embed_team_close(embed_team **tp) {
    embed_team *t = *tp;
    if (!t) return;
    for (int i = 0; i < t->size; i++) embedder_close(&t->of[i]);
    pthread_cond_destroy(&t->given);
    pthread_mutex_destroy(&t->lock);
    free(t);
    *tp = NULL;
}

int embed_team_size(const embed_team *t) {
    return t->size;
}

embedder *embed_team_take(embed_team *t) {
    pthread_mutex_lock(&t->lock);
    while (t->n_free == 0) pthread_cond_wait(&t->given, &t->lock);
    embedder *e = t->of[--t->n_free];
    pthread_mutex_unlock(&t->lock);
    return e;
}

void embed_team_give(embed_team *t, embedder *e) {
    pthread_mutex_lock(&t->lock);
    t->of[t->n_free++] = e;
    pthread_cond_signal(&t->given);
    pthread_mutex_unlock(&t->lock);
}

void embed_logits(float *logits, const float *probe, int rows, const float *emb, int dim) {
    for (int k = 0; k < rows; k++) {
        const float *row = probe + (size_t)k * (size_t)(dim + 1);
        logits[k] = row[dim];
        for (int i = 0; i < dim; i++) logits[k] += row[i] * emb[i];
    }
}

/* moments [MOMENTS]  <-  softmax(the first rows of probe [PROBE_ROWS, dim + 1] . (emb, 1)) */
void embed_classify(float *moments, const float *probe, const float *emb, int dim) {
    float top = -INFINITY, sum = 0.0f;
    embed_logits(moments, probe, MOMENTS, emb, dim);
    for (int k = 0; k < MOMENTS; k++) top = fmaxf(top, moments[k]);
    for (int k = 0; k < MOMENTS; k++) sum += moments[k] = expf(moments[k] - top);
    for (int k = 0; k < MOMENTS; k++) moments[k] /= sum;
}

void embedder_run(embedder *e, const uint8_t *rgb, int n, pool *team, float *emb, float *moments, float *lettered) {
    const bk_model *m = e->m;
    const vit_config *c = &m->vit;
    size_t plane = (size_t)c->picture_h * (size_t)c->picture_w;
    int dim = bundle_dim(m), n_map = e->map_w * e->map_h;
    const nn_mode mode = m->vit_ready ? NN_READY : NN_INFER;
    for (int i = 0; i < n; i++) {
        picture_normalise(e->pixels, rgb + (size_t)i * plane * 3, c->picture_w, c->picture_h, m->mean, m->deviation);
        vit_take(c, m->vit_weights, e->pixels, i, n, e->scratch, mode, n_map ? e->map + i * n_map : NULL);
    }
    vit_finish(c, m->vit_weights, n, e->scratch, mode, team, e->learned);
    for (int i = 0; i < n; i++) {
        float *to = emb + (size_t)i * (size_t)dim, *map = e->map + (size_t)i * (size_t)n_map;
        memcpy(to, e->learned + (size_t)i * (size_t)c->out, (size_t)c->out * sizeof *to);
        if (m->evidence)
            evidence_measure(to + c->out, rgb + (size_t)i * plane * 3, c->picture_w, c->picture_h, map, e->map_w, e->map_h);
        if (moments) {
            memset(moments + i * MOMENTS, 0, MOMENTS * sizeof *moments);
            if (m->probe) embed_classify(moments + i * MOMENTS, m->probe, to, dim);
        }
        if (lettered) lettered[i] = evidence_lettered(map, n_map);
    }
}
