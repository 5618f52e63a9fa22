/* Reading a model: bookend's own file, whose metadata holds every number; a public CLIP, whose numbers follow
 * from its shapes (model/clip.c); a PyTorch state dict of the notebook's head. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/bundle.h"
#include "model/clip.h"
#include "model/state_dict.h"
#include "model/weights.h"
#include "store/json.h"

/* ---- numbers of the metadata ------------------------------------------------------------------------- */

/* Reads whole numbers of an object; remembers the first that is missing or out of range. */
typedef struct fields {
    const json *of;
    const char *bad;
} fields;

static int whole(fields *f, const char *key, int lo, int hi) {
    int64_t x = lo;
    if (!json_int(json_get(f->of, key), lo, hi, &x) && !f->bad) f->bad = key;
    return (int)x;
}

static float real(fields *f, const char *key, double lo, double hi) {
    double x = lo;
    if (!json_number(json_get(f->of, key), lo, hi, &x) && !f->bad) f->bad = key;
    return (float)x;
}

/* n numbers of an array; how many there are is returned, at most `most`. */
static int list(fields *f, const char *key, double lo, double hi, float *out, int most) {
    const json *a = json_get(f->of, key);
    int n = 0;
    if (json_count(a) > (size_t)most || !json_count(a)) f->bad = f->bad ? f->bad : key;
    for (const json *v = a ? a->u.first : NULL; v && n < most; v = v->next) {
        double x = lo;
        if (!json_number(v, lo, hi, &x) && !f->bad) f->bad = key;
        out[n++] = (float)x;
    }
    return n;
}

static int list_whole(fields *f, const char *key, int lo, int hi, int *out, int most) {
    float x[STEM_MAX_STAGES] = { 0 };
    int n = list(f, key, lo, hi, x, most);
    for (int i = 0; i < n; i++) out[i] = (int)x[i];
    return n;
}

static void read_encoder(fields *f, vit_config *c, bool *evidence, float mean[3], float deviation[3]) {
    int picture[2] = { 0 };
    list_whole(f, "picture", 16, 4096, picture, 2);
    c->picture_h = picture[0];
    c->picture_w = picture[1];
    c->patch = whole(f, "patch", 0, 4096);
    if (!c->patch) {
        c->stem.n_stages = list_whole(f, "channels", 1, 4096, c->stem.channels, STEM_MAX_STAGES);
        if (list_whole(f, "residual", 0, 16, c->stem.residual, STEM_MAX_STAGES) != c->stem.n_stages) f->bad = "residual";
        c->stem.map_stage = whole(f, "map_stage", 0, c->stem.n_stages - 1);
    }
    c->width = whole(f, "width", 1, 1 << 14);
    c->layers = whole(f, "layers", 1, 256);
    c->heads = whole(f, "heads", 1, 256);
    c->mlp = whole(f, "mlp", 1, 1 << 16);
    c->out = whole(f, "out", 1, 1 << 14);
    c->eps = real(f, "eps", 1e-12, 1.0);
    const char *act = json_string(json_get(f->of, "act"));
    c->act = act && strcmp(act, "gelu") == 0 ? VIT_GELU : VIT_QUICK_GELU;
    const json *measured = json_get(f->of, "evidence");
    *evidence = measured && measured->type == JSON_BOOL && measured->truth;
    if (list(f, "mean", -10, 10, mean, 3) != 3) f->bad = "mean";
    if (list(f, "deviation", 1e-6, 10, deviation, 3) != 3) f->bad = "deviation";
}

static void read_head(fields *f, attention60_config *c, int *stride) {
    c->window = whole(f, "window", 1, 4096);
    c->in = whole(f, "in", 1, 1 << 14);
    c->width = whole(f, "width", 1, 1 << 14);
    c->layers = whole(f, "layers", 1, 256);
    c->heads = whole(f, "heads", 1, 256);
    c->mlp = whole(f, "mlp", 1, 1 << 16);
    c->dropout = real(f, "dropout", 0.0, 0.99);
    *stride = whole(f, "stride", 1, c->window);
}

/* ---- weights ----------------------------------------------------------------------------------------- */

/* Every row of the table from the array PREFIX + name of the same shape. */
static int read_rows(float *weights, const nn_table *t, const weight_file *s, const char *prefix, bk_error *err) {
    for (int i = 0; i < t->n; i++) {
        const nn_tensor *row = &t->rows[i];
        char name[128], shape[128];
        size_t want[NN_MAX_DIMS];
        const array *a;
        snprintf(name, sizeof name, "%s%s", prefix, row->name);
        int code = weights_need(&a, s, name, err);
        if (code != BK_OK) return code;
        for (int k = 0; k < row->n_dims; k++) want[k] = (size_t)row->shape[k];
        if (!array_is(a, row->n_dims, want))
            return bk_fail(err, BK_EFORMAT, "%s has shape %s, not the one of its network", name, array_shape_text(shape, a));
        weights_read(weights + row->offset, s, a);
    }
    return BK_OK;
}

static int load_encoder(bk_model *m, const json *about, const weight_file *s, const char *path, bk_error *err) {
    vit_config c = { 0 };
    fields f = { .of = about };
    bool evidence;
    bk_model *fresh = NULL;
    float mean[3] = { 0 }, deviation[3] = { 1, 1, 1 };
    read_encoder(&f, &c, &evidence, mean, deviation);
    if (f.bad) return bk_fail(err, BK_EFORMAT, "%s: the encoder's \"%s\" is missing or out of range", path, f.bad);
    int code = weights_hold_encoder(s, &c, err);
    if (code == BK_OK) code = bundle_new_encoder(&fresh, m->name, &c, evidence, NULL, err);
    if (code == BK_OK) code = read_rows(fresh->vit_weights, &fresh->vit_rows, s, "", err);
    const array *probe = weights_find(s, "probe.weight");
    if (code == BK_OK && probe) {
        size_t row = (size_t)bundle_dim(fresh) + 1; /* without the readings, which stay zeros then: the older layout */
        if (probe->n != row * MOMENTS && probe->n != row * PROBE_ROWS)
            code = bk_fail(err, BK_EFORMAT, "%s: probe.weight has %zu numbers", path, probe->n);
        else if ((code = bundle_new_probe(fresh, err)) == BK_OK) array_to_floats(fresh->probe, probe);
    }
    if (code == BK_OK) {
        memcpy(fresh->mean, mean, sizeof mean);
        memcpy(fresh->deviation, deviation, sizeof deviation);
        *m = *fresh;
        memset(fresh, 0, sizeof *fresh);
    }
    bk_model_close(&fresh);
    return code;
}

static int load_head(bk_model *m, const json *root, const weight_file *s, const char *path, bk_error *err) {
    attention60_config c = { 0 };
    fields f = { .of = json_get(root, "head") }, r = { .of = root };
    bk_model *fresh = NULL;
    int stride = 1;
    read_head(&f, &c, &stride);
    if (f.bad) return bk_fail(err, BK_EFORMAT, "%s: the head's \"%s\" is missing or out of range", path, f.bad);
    int code = weights_hold_head(s, &c, err);
    if (code == BK_OK) code = bundle_new_head(&fresh, m->name, &c, NULL, err);
    if (code == BK_OK) code = read_rows(fresh->head_weights, &fresh->head_rows, s, weights_find(s, "head.pos") ? "head." : "", err);
    if (code == BK_OK) {
        fresh->stride = stride;
        if (json_get(root, "rules")) {
            fresh->has_rules = list(&r, "rules", -1e6, 1e6, fresh->rules, BUNDLE_RULES) == BUNDLE_RULES;
            if (!fresh->has_rules) code = bk_fail(err, BK_EFORMAT, "%s: \"rules\" does not hold %d numbers", path, BUNDLE_RULES);
        }
    }
    if (code == BK_OK) code = bundle_take_head(m, fresh, err);
    bk_model_close(&fresh);
    return code;
}

static void fingerprint(bk_model *m) {
    uint64_t h = HASH_BEGIN;
    h = hash_words(h, m->vit_weights, m->vit_rows.n_floats * sizeof(float));
    h = hash_words(h, m->head_weights, m->head_rows.n_floats * sizeof(float));
    if (m->probe) h = hash_words(h, m->probe, (size_t)(bundle_dim(m) + 1) * PROBE_ROWS * sizeof(float));
    h = hash_words(h, &m->vit, sizeof m->vit);
    h = hash_words(h, &m->head, sizeof m->head);
    h = hash_words(h, m->rules, sizeof m->rules);
    h = hash_words(h, m->mean, sizeof m->mean);
    h = hash_words(h, m->deviation, sizeof m->deviation);
    snprintf(m->fingerprint, sizeof m->fingerprint, "%016llx", (unsigned long long)h);
}

static void describe(bk_model *m) {
    char encoder[80] = "no encoder", head[64] = "no head";
    const vit_config *c = &m->vit;
    if (m->has_encoder && c->patch)
        snprintf(encoder, sizeof encoder, "ViT/%d of %d layers x %d at %dx%d", c->patch, c->layers, c->width, c->picture_w,
                 c->picture_h);
    else if (m->has_encoder)
        snprintf(encoder, sizeof encoder, "%d convolutional stages, ViT of %d layers x %d at %dx%d", c->stem.n_stages, c->layers,
                 c->width, c->picture_w, c->picture_h);
    if (m->has_head)
        snprintf(head, sizeof head, "Attention%d of %d layers x %d", m->head.window, m->head.layers, m->head.width);
    snprintf(m->about, sizeof m->about, "%s; %s", encoder, head);
}

static int load_own(bk_model *m, const char *about, const weight_file *s, const char *path, bk_error *err) {
    json_doc doc = { 0 };
    int code = json_parse(&doc, about, strlen(about), path, err);
    if (code != BK_OK) return code;
    const char *name = json_string(json_get(doc.root, "name"));
    int64_t format = 0;
    if (!json_int(json_get(doc.root, "format"), 1, 1, &format))
        code = bk_fail(err, BK_EFORMAT, "%s is of a model format that this bookend does not know", path);
    if (name) snprintf(m->name, sizeof m->name, "%s", name);
    const json *encoder = json_get(doc.root, "encoder");
    if (code == BK_OK && encoder) code = load_encoder(m, encoder, s, path, err);
    if (code == BK_OK && json_get(doc.root, "head")) code = load_head(m, doc.root, s, path, err);
    json_close(&doc);
    return code;
}

/* By what is in it: bookend's own, a head of PyTorch's, a public CLIP. */
static int load_weights(bk_model *m, weight_file *w, clip_numbers *numbers, bk_error *err) {
    const char *about = weights_about(w);
    if (about) return load_own(m, about, w, weights_path(w), err);
    if (state_dict_is(w)) return state_dict_load_head(m, w, err);
    if (clip_is(w)) return clip_load(m, w, numbers, err);
    return bk_fail(err, BK_EFORMAT, "%s: neither a bookend model nor CLIP's vision transformer nor a head's state dict",
                   weights_path(w));
}

int bundle_load(bk_model **out, const char *path, const void *data, size_t size, bk_error *err) {
    return bundle_import(out, path, data, size, NULL, err);
}

int bundle_import(bk_model **out, const char *path, const void *data, size_t size, clip_numbers *numbers,
                  bk_error *err) {
    text stem = { 0 };
    weight_file *w = NULL;
    bk_model *m = bk_zeros(1, sizeof *m);
    if (!m) return bk_fail_memory(err, "a model");
    path_add_stem(&stem, path);
    snprintf(m->name, sizeof m->name, "%s", text_str(&stem));
    text_close(&stem);
    int code = weights_open(&w, path, data, size, err);
    if (code == BK_OK) code = load_weights(m, w, numbers, err);
    weights_close(&w);
    if (code == BK_OK && !m->has_encoder && !m->has_head)
        code = bk_fail(err, BK_EFORMAT, "%s holds neither an encoder nor a head", path);
    if (code != BK_OK) {
        bk_model_close(&m);
        return code;
    }
    fingerprint(m);
    describe(m);
    *out = m;
    return BK_OK;
}
