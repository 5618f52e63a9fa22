/* Public CLIP files. Rows of our table carry Hugging Face's names; for a file of the other family each name is
 * translated, a fused in_proj is cut in three, and the projection turned. */
#include "model/clip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* Names of the two families, %d the layer. Part of a fused tensor: third 0, 1, 2; -1 is all of it. */
static const struct name_pair {
    const char *ours, *theirs;
    int third;
} names[] = {
    { "vision_model.embeddings.class_embedding", "visual.class_embedding", -1 },
    { "vision_model.embeddings.position_embedding.weight", "visual.positional_embedding", -1 },
    { "vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight", -1 },
    { "vision_model.pre_layrnorm.weight", "visual.ln_pre.weight", -1 },
    { "vision_model.pre_layrnorm.bias", "visual.ln_pre.bias", -1 },
    { "vision_model.post_layernorm.weight", "visual.ln_post.weight", -1 },
    { "vision_model.post_layernorm.bias", "visual.ln_post.bias", -1 },
    { "visual_projection.weight", "visual.proj", -1 },
    { "vision_model.encoder.layers.%d.layer_norm1.weight", "visual.transformer.resblocks.%d.ln_1.weight", -1 },
    { "vision_model.encoder.layers.%d.layer_norm1.bias", "visual.transformer.resblocks.%d.ln_1.bias", -1 },
    { "vision_model.encoder.layers.%d.layer_norm2.weight", "visual.transformer.resblocks.%d.ln_2.weight", -1 },
    { "vision_model.encoder.layers.%d.layer_norm2.bias", "visual.transformer.resblocks.%d.ln_2.bias", -1 },
    { "vision_model.encoder.layers.%d.self_attn.q_proj.weight", "visual.transformer.resblocks.%d.attn.in_proj_weight",
      0 },
    { "vision_model.encoder.layers.%d.self_attn.k_proj.weight", "visual.transformer.resblocks.%d.attn.in_proj_weight",
      1 },
    { "vision_model.encoder.layers.%d.self_attn.v_proj.weight", "visual.transformer.resblocks.%d.attn.in_proj_weight",
      2 },
    { "vision_model.encoder.layers.%d.self_attn.q_proj.bias", "visual.transformer.resblocks.%d.attn.in_proj_bias",
      0 },
    { "vision_model.encoder.layers.%d.self_attn.k_proj.bias", "visual.transformer.resblocks.%d.attn.in_proj_bias",
      1 },
    { "vision_model.encoder.layers.%d.self_attn.v_proj.bias", "visual.transformer.resblocks.%d.attn.in_proj_bias",
      2 },
    { "vision_model.encoder.layers.%d.self_attn.out_proj.weight",
      "visual.transformer.resblocks.%d.attn.out_proj.weight", -1 },
    { "vision_model.encoder.layers.%d.self_attn.out_proj.bias", "visual.transformer.resblocks.%d.attn.out_proj.bias",
      -1 },
    { "vision_model.encoder.layers.%d.mlp.fc1.weight", "visual.transformer.resblocks.%d.mlp.c_fc.weight", -1 },
    { "vision_model.encoder.layers.%d.mlp.fc1.bias", "visual.transformer.resblocks.%d.mlp.c_fc.bias", -1 },
    { "vision_model.encoder.layers.%d.mlp.fc2.weight", "visual.transformer.resblocks.%d.mlp.c_proj.weight", -1 },
    { "vision_model.encoder.layers.%d.mlp.fc2.bias", "visual.transformer.resblocks.%d.mlp.c_proj.bias", -1 },
};

static const struct name_pair *translate(char *out, size_t size, const char *ours) {
    int layer = -1;
    if (sscanf(ours, "vision_model.encoder.layers.%d.", &layer) != 1) layer = -1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char mine[128];
        const char *mark = strstr(names[i].ours, "%d"), *other = strstr(names[i].theirs, "%d");
        if ((mark != NULL) != (layer >= 0)) continue;
        if (!mark) {
            snprintf(mine, sizeof mine, "%s", names[i].ours);
            snprintf(out, size, "%s", names[i].theirs);
        } else {
            snprintf(mine, sizeof mine, "%.*s%d%s", (int)(mark - names[i].ours), names[i].ours, layer, mark + 2);
            snprintf(out, size, "%.*s%d%s", (int)(other - names[i].theirs), names[i].theirs, layer, other + 2);
        }
        if (strcmp(mine, ours) == 0) return &names[i];
    }
    return NULL;
}

static const char HUGGING_FACE[] = "vision_model.embeddings.patch_embedding.weight", OPENAI[] = "visual.conv1.weight";

bool clip_is(weight_file *w) {
    return weights_below(w, HUGGING_FACE) || weights_below(w, OPENAI);
}

static bool is_openai(const weight_file *w) {
    return weights_find(w, OPENAI) != NULL;
}

/* The array of one row, in the file's family; *third as in names. */
static int find_row(const array **out, int *third, const nn_tensor *row, const weight_file *w, bk_error *err) {
    char name[160];
    *third = -1;
    if (!is_openai(w)) return weights_need(out, w, row->name, err);
    const struct name_pair *p = translate(name, sizeof name, row->name);
    if (!p) return bk_fail(err, BK_EFORMAT, "no public name for %s", row->name);
    *third = p->third;
    return weights_need(out, w, name, err);
}

/* to [cols, rows]  <-  from [rows, cols] */
static void turn(float *to, const float *from, int rows, int cols) {
    for (int c = 0; c < cols; c++)
        for (int r = 0; r < rows; r++)
            to[(size_t)c * (size_t)rows + (size_t)r] = from[(size_t)r * (size_t)cols + (size_t)c];
}

static int read_row(float *to, const nn_tensor *row, const weight_file *w, bk_error *err) {
    const array *a;
    int third, code = find_row(&a, &third, row, w, err);
    if (code != BK_OK) return code;
    size_t parts = third < 0 ? 1 : 3;
    bool turned = is_openai(w) && strcmp(row->name, "visual_projection.weight") == 0;
    if (a->n != row->n * parts)
        return bk_fail(err, BK_EFORMAT, "%s: %s has %zu numbers, the network wants %zu", weights_path(w), a->name,
                       a->n, row->n * parts);
    if (third < 0 && !turned) {
        weights_read(to, w, a);
        return BK_OK;
    }
    float *all = bk_alloc(a->n, sizeof *all);
    if (!all) return bk_fail_memory(err, a->name);
    weights_read(all, w, a);
    if (turned)
        turn(to, all, row->shape[1], row->shape[0]); /* [width, out] in the file, [out, width] here */
    else
        memcpy(to, all + row->n * (size_t)third, row->n * sizeof *to);
    free(all);
    return BK_OK;
}

static int count_layers(const weight_file *w) {
    int n = 0;
    char name[96];
    do
        snprintf(name, sizeof name,
                 is_openai(w) ? "visual.transformer.resblocks.%d.ln_1.weight"
                              : "vision_model.encoder.layers.%d.layer_norm1.weight",
                 n++);
    while (weights_find(w, name));
    return n - 1;
}

/* Kinds of networks under the same names that are others than CLIP's vision transformer. */
static int check_kind(const weight_file *w, bk_error *err) {
    static const struct {
        const char *mark, *what;
    } others[] = {
        { "visual.layer1.0.conv1.weight",
          "a CLIP whose pictures go through a ResNet; only vision transformers are read" },
        { "visual.attn_pool.query", "a CLIP that pools by attention; only CLIP's class token is read" },
        { "visual.transformer.resblocks.0.ls_1.gamma", "a transformer with layer scale, which is not read" },
        { "visual.conv1.bias", "a patch embedding with a bias, which CLIP does not have" },
        { "vision_model.embeddings.patch_embedding.bias",
          "a patch embedding with a bias, as in SigLIP; only CLIP is read" },
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (weights_find(w, others[i].mark))
            return bk_fail(err, BK_EFORMAT, "%s: %s", weights_path(w), others[i].what);
    if (!weights_find(w, is_openai(w) ? "visual.proj" : "visual_projection.weight"))
        return bk_fail(err, BK_EFORMAT,
                       "%s: CLIP's vision transformer without its projection: embeddings of pictures need it",
                       weights_path(w));
    return BK_OK;
}

/* Shapes to numbers. false when the tensors that tell are missing or odd. */
static bool infer(vit_config *c, const weight_file *w) {
    bool openai = is_openai(w);
    const array *patch = weights_find(w, openai ? OPENAI : HUGGING_FACE);
    const array *position = weights_find(w, openai ? names[1].theirs : names[1].ours);
    const array *project = weights_find(w, openai ? "visual.proj" : "visual_projection.weight");
    const array *fc1 = weights_find(w, openai ? "visual.transformer.resblocks.0.mlp.c_fc.weight"
                                              : "vision_model.encoder.layers.0.mlp.fc1.weight");
    if (!patch || patch->n_dims != 4 || !position || position->n_dims != 2 || !project || project->n_dims != 2 ||
        !fc1)
        return false;
    if (patch->shape[0] > 1 << 14 || patch->shape[2] > 4096 || position->shape[0] > 1 << 16 ||
        position->shape[0] < 2 || project->n > 1u << 28 || fc1->n_dims != 2 || fc1->shape[0] > 1 << 16)
        return false;
    int side = (int)lround(sqrt((double)position->shape[0] - 1.0));
    *c = (vit_config){ .patch = (int)patch->shape[2],
                       .width = (int)patch->shape[0],
                       .layers = count_layers(w),
                       .mlp = (int)fc1->shape[0],
                       .out = (int)project->shape[openai ? 1 : 0],
                       .eps = 1e-5f };
    c->picture_h = c->picture_w = side * c->patch;
    return c->layers > 0 && c->picture_h >= 16 && c->picture_h <= 4096 &&
           (size_t)side * (size_t)side + 1 == position->shape[0];
}

int clip_load(bk_model *m, weight_file *w, clip_numbers *numbers, bk_error *err) {
    vit_config c;
    clip_numbers own = clip_numbers_none();
    bk_model *fresh = NULL;
    int code = check_kind(w, err);
    if (code != BK_OK) return code;
    if (!infer(&c, w))
        return bk_fail(err, BK_EFORMAT, "%s: tensors of CLIP's vision transformer that do not fit together",
                       weights_path(w));
    if (!numbers) numbers = &own;
    clip_numbers_find(numbers, weights_path(w), c.width, c.patch, weights_is_script(w));
    c.act = (vit_act)numbers->activation;
    c.heads = numbers->heads;
    code = weights_hold_encoder(w, &c, err);
    if (code == BK_OK) code = bundle_new_encoder(&fresh, m->name, &c, false, NULL, err);
    for (int i = 0; code == BK_OK && i < fresh->vit_rows.n; i++)
        code = read_row(fresh->vit_weights + fresh->vit_rows.rows[i].offset, &fresh->vit_rows.rows[i], w, err);
    if (code == BK_OK) {
        memcpy(fresh->mean, numbers->mean, sizeof fresh->mean);
        memcpy(fresh->deviation, numbers->deviation, sizeof fresh->deviation);
        *m = *fresh;
        memset(fresh, 0, sizeof *fresh);
    }
    bk_model_close(&fresh);
    return code;
}
