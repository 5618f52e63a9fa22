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
    { "vision_model.encoder.layers.%d.self_attn.q_proj.weight", "visual.transformer.resblocks.%d.attn.in_proj_weight", 0 },
    { "vision_model.encoder.layers.%d.self_attn.k_proj.weight", "visual.transformer.resblocks.%d.attn.in_proj_weight", 1 },
    { "vision_model.encoder.layers.%d.self_attn.v_proj.weight", "visual.transformer.resblocks.%d.attn.in_proj_weight", 2 },
    { "vision_model.encoder.layers.%d.self_attn.q_proj.bias", "visual.transformer.resblocks.%d.attn.in_proj_bias", 0 },
    { "vision_model.encoder.layers.%d.self_attn.k_proj.bias", "visual.transformer.resblocks.%d.attn.in_proj_bias", 1 },
    { "vision_model.encoder.layers.%d.self_attn.v_proj.bias", "visual.transformer.resblocks.%d.attn.in_proj_bias", 2 },
    { "vision_model.encoder.layers.%d.self_attn.out_proj.weight", "visual.transformer.resblocks.%d.attn.out_proj.weight", -1 },
    { "vision_model.encoder.layers.%d.self_attn.out_proj.bias", "visual.transformer.resblocks.%d.attn.out_proj.bias", -1 },
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

static bool is_openai(const safetensors *s) { return safetensors_find(s, "visual.conv1.weight") != NULL; }

/* The array of one row, in the file's family; *third as in names. */
static int find_row(const array **out, int *third, const nn_tensor *row, const safetensors *s, bk_error *err) {
    char name[160];
    *third = -1;
    if (!is_openai(s)) return safetensors_need(out, s, row->name, err);
    const struct name_pair *p = translate(name, sizeof name, row->name);
    if (!p) return bk_fail(err, BK_EFORMAT, "no public name for %s", row->name);
    *third = p->third;
    return safetensors_need(out, s, name, err);
}

static int read_row(float *to, const nn_tensor *row, const safetensors *s, bk_error *err) {
    const array *a;
    int third, code = find_row(&a, &third, row, s, err);
    if (code != BK_OK) return code;
    size_t parts = third < 0 ? 1 : 3;
    if (a->n != row->n * parts)
        return bk_fail(err, BK_EFORMAT, "%s has %zu numbers, the network wants %zu", a->name, a->n, row->n * parts);
    if (third < 0 && strcmp(a->name, "visual.proj") != 0) {
        array_to_floats(to, a);
        return BK_OK;
    }
    float *all = bk_alloc(a->n, sizeof *all);
    if (!all) return bk_fail_memory(err, a->name);
    array_to_floats(all, a);
    if (third >= 0) memcpy(to, all + row->n * (size_t)third, row->n * sizeof *to);
    else /* [width, out] in the file, [out, width] here */
        for (int o = 0; o < row->shape[0]; o++)
            for (int w = 0; w < row->shape[1]; w++) to[o * row->shape[1] + w] = all[w * row->shape[0] + o];
    free(all);
    return BK_OK;
}

static int count_layers(const safetensors *s) {
    int n = 0;
    char name[96];
    do snprintf(name, sizeof name, is_openai(s) ? "visual.transformer.resblocks.%d.ln_1.weight"
                                                : "vision_model.encoder.layers.%d.layer_norm1.weight", n++);
    while (safetensors_find(s, name));
    return n - 1;
}

/* Shapes to numbers. false when the tensors that tell are missing or odd. */
static bool infer(vit_config *c, const safetensors *s) {
    bool openai = is_openai(s);
    const array *patch = safetensors_find(s, openai ? "visual.conv1.weight" : names[2].ours);
    const array *position = safetensors_find(s, openai ? names[1].theirs : names[1].ours);
    const array *project = safetensors_find(s, openai ? "visual.proj" : "visual_projection.weight");
    const array *fc1 = safetensors_find(s, openai ? "visual.transformer.resblocks.0.mlp.c_fc.weight"
                                                  : "vision_model.encoder.layers.0.mlp.fc1.weight");
    if (!patch || patch->n_dims != 4 || !position || position->n_dims != 2 || !project || project->n_dims != 2 || !fc1)
        return false;
    if (patch->shape[0] > 1 << 14 || patch->shape[2] > 4096 || position->shape[0] > 1 << 16 || position->shape[0] < 2 ||
        project->n > 1u << 28 || fc1->shape[0] > 1 << 16)
        return false;
    int side = (int)lround(sqrt((double)position->shape[0] - 1.0));
    *c = (vit_config){ .patch = (int)patch->shape[2], .width = (int)patch->shape[0], .layers = count_layers(s),
                       .mlp = (int)fc1->shape[0], .out = (int)project->shape[openai ? 1 : 0], .act = VIT_QUICK_GELU,
                       .eps = 1e-5f };
    c->picture_h = c->picture_w = side * c->patch;
    c->heads = c->width >= 64 ? c->width / 64 : 1;
    return c->layers > 0 && side > 0;
}

int clip_load(bk_model *m, const safetensors *s, const char *path, bk_error *err) {
    static const float mean[3] = { 0.48145466f, 0.4578275f, 0.40821073f };
    static const float deviation[3] = { 0.26862954f, 0.26130258f, 0.27577711f };
    vit_config c;
    bk_model *fresh = NULL;
    if (!infer(&c, s)) return bk_fail(err, BK_EFORMAT, "%s: neither a bookend model nor CLIP's vision transformer", path);
    int code = bundle_new_encoder(&fresh, m->name, &c, false, NULL, err);
    for (int i = 0; code == BK_OK && i < fresh->vit_rows.n; i++)
        code = read_row(fresh->vit_weights + fresh->vit_rows.rows[i].offset, &fresh->vit_rows.rows[i], s, err);
    if (code == BK_OK) {
        memcpy(fresh->mean, mean, sizeof mean);
        memcpy(fresh->deviation, deviation, sizeof deviation);
        *m = *fresh;
        memset(fresh, 0, sizeof *fresh);
    }
    bk_model_close(&fresh);
    return code;
}
