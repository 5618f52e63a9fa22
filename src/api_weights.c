/* The public face of weights.h: any file of weights to a model file or a state dict, a model to ONNX. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/text.h"
#include "bookend/weights.h"
#include "model/bundle.h"
#include "onnx/export.h"

/* What the caller knows, for bundle_import(). */
static clip_numbers numbers_of(const bk_convert_options *opt) {
    clip_numbers c = clip_numbers_none();
    if (opt->activation != BK_ACTIVATION_AUTO) {
        c.activation = opt->activation == BK_ACTIVATION_GELU ? VIT_GELU : VIT_QUICK_GELU;
        snprintf(c.activation_why, sizeof c.activation_why, "as asked for");
    }
    if (opt->heads) {
        c.heads = opt->heads;
        snprintf(c.heads_why, sizeof c.heads_why, "as asked for");
    }
    return c;
}

static void tell(const bk_model *m, const clip_numbers *c, const char *in, const bk_hooks *hooks) {
    const char *act = m->vit.act == VIT_GELU ? "GELU" : "QuickGELU";
    if (!c->heads_why[0]) return; /* no public CLIP */
    bk_log(hooks, BK_LOG_INFO, "%s: %s", in, m->about);
    bk_log(hooks, BK_LOG_INFO, "%s: %d attention heads a layer (%s)", in, m->vit.heads, c->heads_why);
    bk_log(hooks, c->guessed ? BK_LOG_WARN : BK_LOG_INFO, "%s: activation %s (%s)", in, act, c->activation_why);
}

static void rename_model(bk_model *m, const char *out, const char *name) {
    text stem = { 0 };
    if (!name) path_add_stem(&stem, out);
    snprintf(m->name, sizeof m->name, "%s", name ? name : text_str(&stem));
    text_close(&stem);
}

int bk_model_convert(const char *out, const char *in, const bk_convert_options *opt, bk_error *err) {
    static const bk_convert_options none = { 0 };
    if (!opt) opt = &none;
    if (!path_ends(out, ".safetensors") && !path_ends(out, ".pth"))
        return bk_fail(err, BK_EINVAL, "%s: a model's file ends in .safetensors, a head's state dict in .pth", out);
    clip_numbers c = numbers_of(opt);
    bk_model *m = NULL;
    int code = in ? bundle_import(&m, in, NULL, 0, &c, err) : model_load_inside(&m, err);
    if (code == BK_OK) {
        tell(m, &c, in ? in : m->name, &opt->hooks);
        rename_model(m, out, opt->name);
        code = bundle_save(m, out, BUNDLE_EXACT, err);
    }
    bk_model_close(&m);
    return code;
}

int bk_model_export_onnx(const bk_model *m, const char *folder, bk_error *err) {
    text encoder = { 0 }, head = { 0 };
    path_add_join(&encoder, folder, "encoder.onnx");
    path_add_join(&head, folder, "head.onnx");
    int code = text_ok(&encoder) && text_ok(&head) ? file_make_folders(folder, err) : bk_fail_memory(err, folder);
    if (code == BK_OK && !m->has_encoder && !m->has_head)
        code = bk_fail(err, BK_EMISMATCH, "%s has neither an encoder nor a head", m->name);
    if (code == BK_OK && m->has_encoder) code = onnx_save_encoder(m, encoder.s, err);
    if (code == BK_OK && m->has_head) code = onnx_save_head(m, head.s, err);
    text_close(&encoder);
    text_close(&head);
    return code;
}

int bk_file_sha256(char hex[65], const char *path, bk_error *err) {
    enum { PART = 1 << 18 };
    unsigned char sum[SHA256_BYTES], *part = bk_alloc(PART, 1);
    FILE *f = part ? fopen(path, "rb") : NULL;
    sha256 s = sha256_start();
    int code = BK_OK;
    size_t n;
    if (!part) return bk_fail_memory(err, path);
    if (!f) code = bk_fail(err, BK_EIO, "%s: %s", path, strerror(errno));
    while (f && (n = fread(part, 1, PART, f)) > 0) sha256_add(&s, part, n);
    if (f && ferror(f)) code = bk_fail(err, BK_EIO, "%s: %s", path, strerror(errno));
    if (f) fclose(f);
    free(part);
    if (code != BK_OK) return code;
    sha256_end(&s, sum);
    for (int i = 0; i < SHA256_BYTES; i++) snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    return BK_OK;
}
