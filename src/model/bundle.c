/* A model in memory: made, taken apart, described, written. Reading one is model/load.c. */
#include "model/bundle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/half.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/state_dict.h"
#include "picture/evidence.h"
#include "store/safetensors.h"

int bundle_dim(const bk_model *m) {
    return m->vit.out + (m->evidence ? EVIDENCE_LENGTH : 0);
}

static int new_model(bk_model **out, const char *name, bk_error *err) {
    bk_model *m = bk_zeros(1, sizeof *m);
    if (!m) return bk_fail_memory(err, "a model");
    snprintf(m->name, sizeof m->name, "%s", name);
    *out = m;
    return BK_OK;
}

void bk_model_close(bk_model **mp) {
    bk_model *m = *mp;
    if (!m) return;
    nn_table_close(&m->vit_rows);
    nn_table_close(&m->head_rows);
    free(m->vit_weights);
    free(m->head_weights);
    free(m->probe);
    free(m);
    *mp = NULL;
}

/* n zeroed weights for a table that was just made; r NULL leaves them zero. */
static int fill(float **weights, const nn_table *rows, size_t n, rng *r, bk_error *err) {
    if (!nn_table_ok(rows)) return bk_fail_memory(err, "a network");
    *weights = bk_zeros(n, sizeof(float));
    if (!*weights) return bk_fail_memory(err, "a network's weights");
    if (r) nn_table_init(rows, *weights, r);
    return BK_OK;
}

int bundle_new_encoder(bk_model **out, const char *name, const vit_config *c, bool evidence, rng *r, bk_error *err) {
    bk_model *m = NULL;
    int code = new_model(&m, name, err);
    if (code == BK_OK) code = vit_table(&m->vit_rows, c, err);
    if (code == BK_OK) code = fill(&m->vit_weights, &m->vit_rows, vit_ready_floats(c), r, err);
    if (code != BK_OK) {
        bk_model_close(&m);
        return code;
    }
    m->vit = *c;
    m->evidence = evidence;
    m->has_encoder = true;
    for (int i = 0; i < 3; i++) m->mean[i] = m->deviation[i] = 0.5f;
    *out = m;
    return BK_OK;
}

int bundle_new_head(bk_model **out, const char *name, const attention60_config *c, rng *r, bk_error *err) {
    bk_model *m = NULL;
    int code = new_model(&m, name, err);
    if (code == BK_OK) code = attention60_table(&m->head_rows, c, err);
    if (code == BK_OK) code = fill(&m->head_weights, &m->head_rows, m->head_rows.n_floats, r, err);
    if (code != BK_OK) {
        bk_model_close(&m);
        return code;
    }
    m->head = *c;
    m->has_head = true;
    m->stride = c->window > 1 ? c->window / 2 : 1;
    *out = m;
    return BK_OK;
}

int bundle_new_probe(bk_model *m, bk_error *err) {
    m->probe = bk_zeros((size_t)(bundle_dim(m) + 1) * PROBE_ROWS, sizeof(float));
    return m->probe ? BK_OK : bk_fail_memory(err, "a classifier");
}

int bundle_ready(bk_model *m, bk_error *err) {
    if (m->has_encoder && !m->vit_ready) {
        if (!vit_order(&m->vit, m->vit_weights, true)) return bk_fail_memory(err, "the encoder's weights");
        m->vit_ready = true;
    }
    if (m->has_head && !m->head_ready) {
        if (!attention60_order(&m->head, m->head_weights, true)) return bk_fail_memory(err, "the head's weights");
        m->head_ready = true;
    }
    return BK_OK;
}

float *bundle_encoder_weights(const bk_model *m) {
    float *w = nn_copy(m->vit_weights, m->vit_rows.n_floats);
    if (!w || !m->vit_ready || vit_order(&m->vit, w, false)) return w;
    free(w);
    return NULL;
}

float *bundle_head_weights(const bk_model *m) {
    float *w = nn_copy(m->head_weights, m->head_rows.n_floats);
    if (!w || !m->head_ready || attention60_order(&m->head, w, false)) return w;
    free(w);
    return NULL;
}

int bundle_take_head(bk_model *m, bk_model *from, bk_error *err) {
    if (!from->has_head) return bk_fail(err, BK_EMISMATCH, "%s has no head", from->name);
    if (m->has_encoder && from->head.in != bundle_dim(m))
        return bk_fail(err, BK_EMISMATCH, "%s takes %d numbers a sample, %s gives %d", from->name, from->head.in,
                       m->name, bundle_dim(m));
    nn_table_close(&m->head_rows);
    free(m->head_weights);
    m->head = from->head;
    m->head_rows = from->head_rows;
    m->head_weights = from->head_weights;
    m->head_ready = from->head_ready;
    m->stride = from->stride;
    m->has_head = true;
    m->has_rules = from->has_rules;
    memcpy(m->rules, from->rules, sizeof m->rules);
    from->head_rows = (nn_table){ 0 };
    from->head_weights = NULL;
    from->has_head = false;
    return BK_OK;
}

/* ---- writing --------------------------------------------------------------------------------------- */

static void add_ints(text *t, const char *key, const int *x, int n) {
    text_addf(t, ",\"%s\":[", key);
    for (int i = 0; i < n; i++) text_addf(t, i ? ",%d" : "%d", x[i]);
    text_add(t, "]");
}

static void add_floats(text *t, const char *key, const float *x, int n) {
    text_addf(t, ",\"%s\":[", key);
    for (int i = 0; i < n; i++) text_addf(t, i ? ",%.9g" : "%.9g", (double)x[i]);
    text_add(t, "]");
}

static void describe_encoder(text *t, const bk_model *m) {
    const vit_config *c = &m->vit;
    text_addf(t, ",\"encoder\":{\"picture\":[%d,%d],\"patch\":%d", c->picture_h, c->picture_w, c->patch);
    if (!c->patch) {
        add_ints(t, "channels", c->stem.channels, c->stem.n_stages);
        add_ints(t, "residual", c->stem.residual, c->stem.n_stages);
        text_addf(t, ",\"map_stage\":%d", c->stem.map_stage);
    }
    text_addf(t, ",\"width\":%d,\"layers\":%d,\"heads\":%d,\"mlp\":%d,\"out\":%d,\"act\":\"%s\",\"eps\":%.9g",
              c->width, c->layers, c->heads, c->mlp, c->out, c->act == VIT_GELU ? "gelu" : "quick_gelu",
              (double)c->eps);
    text_addf(t, ",\"evidence\":%s", m->evidence ? "true" : "false");
    add_floats(t, "mean", m->mean, 3);
    add_floats(t, "deviation", m->deviation, 3);
    text_add(t, "}");
}

static void describe_head(text *t, const bk_model *m) {
    const attention60_config *c = &m->head;
    text_addf(t, ",\"head\":{\"window\":%d,\"in\":%d,\"width\":%d,\"layers\":%d,\"heads\":%d,\"mlp\":%d,", c->window,
              c->in, c->width, c->layers, c->heads, c->mlp);
    text_addf(t, "\"dropout\":%.9g,\"stride\":%d}", (double)c->dropout, m->stride);
    if (m->has_rules) add_floats(t, "rules", m->rules, BUNDLE_RULES);
}

array bundle_view(const nn_tensor *row, const float *weights) {
    size_t shape[NN_MAX_DIMS];
    for (int i = 0; i < row->n_dims; i++) shape[i] = (size_t)row->shape[i];
    return array_of_floats(row->name, weights + row->offset, row->n_dims, shape);
}

/* What is to be written: all tensors, and the names and halves made for it. */
typedef struct shelf {
    array *arrays;
    size_t n;
    char (*names)[112];
    uint16_t **halves; /* [n], NULL where a tensor stays as it is */
} shelf;

static void shelf_close(shelf *s) {
    for (size_t i = 0; s->halves && i < s->n; i++) free(s->halves[i]);
    free(s->arrays);
    free(s->names);
    free(s->halves);
}

static int shelf_open(shelf *s, const bk_model *m, const char *path, bk_error *err) {
    size_t most = (size_t)(m->vit_rows.n + m->head_rows.n + 1);
    *s = (shelf){ .arrays = bk_zeros(most, sizeof *s->arrays),
                  .names = bk_zeros(most, sizeof *s->names),
                  .halves = bk_zeros(most, sizeof *s->halves) };
    if (!s->arrays || !s->names || !s->halves) return bk_fail_memory(err, path);
    for (int i = 0; m->has_encoder && i < m->vit_rows.n; i++)
        s->arrays[s->n++] = bundle_view(&m->vit_rows.rows[i], m->vit_weights);
    if (m->probe) {
        size_t shape[2] = { PROBE_ROWS, (size_t)bundle_dim(m) + 1 };
        s->arrays[s->n++] = array_of_floats("probe.weight", m->probe, 2, shape);
    }
    for (int i = 0; m->has_head && i < m->head_rows.n; i++, s->n++) {
        snprintf(s->names[s->n], sizeof *s->names, "head.%s", m->head_rows.rows[i].name);
        s->arrays[s->n] = bundle_view(&m->head_rows.rows[i], m->head_weights);
        s->arrays[s->n].name = s->names[s->n];
    }
    return BK_OK;
}

static bool is_exact(const float *x, const uint16_t *half, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(half_to_float(half[i]) == x[i])) return false;
    return true;
}

/* Tensors that 16 bits hold exactly become such. */
static int shelf_shorten(shelf *s, const char *path, bk_error *err) {
    for (size_t i = 0; i < s->n; i++) {
        array *a = &s->arrays[i];
        uint16_t *half = bk_alloc(a->n, sizeof *half);
        if (!half) return bk_fail_memory(err, path);
        array_from_floats(half, ARRAY_F16, a->data, a->n);
        if (is_exact(a->data, half, a->n)) {
            s->halves[i] = half;
            *a = array_of(a->name, ARRAY_F16, half, a->n_dims, a->shape);
        } else
            free(half);
    }
    return BK_OK;
}

static int save_tensors(const bk_model *m, const char *path, bundle_floats floats, const char *about, bk_error *err) {
    shelf s;
    safetensors_pair meta = { "bookend", about };
    int code = shelf_open(&s, m, path, err);
    if (code == BK_OK && floats == BUNDLE_EXACT) code = shelf_shorten(&s, path, err);
    if (code == BK_OK)
        code = safetensors_save(path, s.arrays, s.n, &meta, 1, floats == BUNDLE_F16 ? ARRAY_F16 : ARRAY_F32, err);
    shelf_close(&s);
    return code;
}

int bundle_save(const bk_model *m, const char *path, bundle_floats floats, bk_error *err) {
    text about = { 0 };
    bool head_alone = path_ends(path, ".pth");
    assert(!m->vit_ready && !m->head_ready);
    text_add(&about, "{\"format\":1,\"name\":");
    text_add_json(&about, m->name);
    if (m->has_encoder && !head_alone) describe_encoder(&about, m);
    if (m->has_head) describe_head(&about, m);
    text_add(&about, "}");
    int code;
    if (!text_ok(&about))
        code = bk_fail_memory(err, path);
    else if (head_alone)
        code = state_dict_save_head(m, path, text_str(&about), err);
    else
        code = save_tensors(m, path, floats, text_str(&about), err);
    text_close(&about);
    return code;
}
