/* The public face: models and names. The road itself is api_find.c, tracks are api_track.c. */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "api_cached.h"
#include "base/err.h"
#include "base/file.h"
#include "bookend/train.h"
#include "find/track.h"
#include "model/bundle.h"
#include "nn/nn_math.h"

_Static_assert(sizeof((bk_model *)0)->identity == IDENTITY_MAX, "a model has room for what tells it apart");

/* models/bookend-small.safetensors, put into the library by the build (src/model_inside.S). */
extern const unsigned char bk_model_inside[];
extern const unsigned char bk_model_inside_end[];

int model_load_inside(bk_model **out, bk_error *err) {
    const file_view inside = { bk_model_inside, (size_t)(bk_model_inside_end - bk_model_inside) };
    int code = bundle_load(out, "bookend-small", inside.data, inside.size, err);
    file_forget(&inside); /* the library's file is mapped */
    return code;
}

int bk_model_open(bk_model **out, const char *path, const bk_model_options *opt, bk_error *err) {
    bk_model *m = NULL, *head = NULL;
    nn_math_single_thread();
    int code = path ? bundle_load(&m, path, NULL, 0, err) : model_load_inside(&m, err);
    if (code == BK_OK && opt && opt->head) {
        code = bundle_load(&head, opt->head, NULL, 0, err);
        if (code == BK_OK) code = bundle_take_head(m, head, err);
    }
    if (code == BK_OK) code = bundle_ready(m, err);
    bk_model_close(&head);
    if (code != BK_OK) {
        bk_model_close(&m);
        return code;
    }
    if (opt) m->threads = opt->threads;
    if (!model_identity(m->identity, path, opt ? opt->head : NULL)) m->identity[0] = 0; /* its answers are not cached */
    *out = m;
    return BK_OK;
}

int bk_model_pack(const char *out, const char *encoder, const char *head, bk_error *err) {
    bk_model *m = NULL, *h = NULL;
    int code = bundle_load(&m, encoder, NULL, 0, err);
    if (code == BK_OK && !m->has_encoder) code = bk_fail(err, BK_EMISMATCH, "%s has no encoder", encoder);
    if (code == BK_OK && head) code = bundle_load(&h, head, NULL, 0, err);
    if (code == BK_OK && head) code = bundle_take_head(m, h, err);
    if (code == BK_OK) code = bundle_save(m, out, BUNDLE_F16, err);
    bk_model_close(&h);
    bk_model_close(&m);
    return code;
}

static int64_t parameters(const nn_table *t) {
    int64_t n = 0;
    for (int i = 0; i < t->n; i++) n += (int64_t)t->rows[i].n;
    return n;
}

void bk_model_describe(const bk_model *m, bk_model_info *out) {
    *out = (bk_model_info){ .picture_w = m->vit.picture_w, .picture_h = m->vit.picture_h,
                            .embedding = m->has_encoder ? bundle_dim(m) : m->head.in,
                            .window = m->has_head ? m->head.window : 0,
                            .encoder_parameters = parameters(&m->vit_rows),
                            .head_parameters = parameters(&m->head_rows), .about = m->about };
    memcpy(out->name, m->name, sizeof out->name);
    memcpy(out->fingerprint, m->fingerprint, sizeof out->fingerprint);
}

static void print_rows(const nn_table *t, FILE *to, const char *prefix) {
    for (int i = 0; i < t->n; i++) {
        const nn_tensor *r = &t->rows[i];
        fprintf(to, "%s%-64s ", prefix, r->name);
        for (int k = 0; k < r->n_dims; k++) fprintf(to, k ? " x %d" : "%d", r->shape[k]);
        fputc('\n', to);
    }
}

int bk_model_print(const bk_model *m, FILE *to, bk_error *err) {
    print_rows(&m->vit_rows, to, "");
    if (m->probe) fprintf(to, "%-64s %d x %d\n", "probe.weight", PROBE_ROWS, bundle_dim(m) + 1);
    print_rows(&m->head_rows, to, "head.");
    return ferror(to) ? bk_fail(err, BK_EIO, "the list of tensors could not be written") : BK_OK;
}
