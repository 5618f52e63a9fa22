/* What a CLIP's tensors do not tell: read from the configuration beside the file, or told by rule. */
#include "model/clip_numbers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "store/json.h"

enum { CONFIG_MAX = 1 << 20 };

clip_numbers clip_numbers_none(void) {
    return (clip_numbers){ .activation = CLIP_UNKNOWN,
                           .heads = CLIP_UNKNOWN,
                           .mean = { 0.48145466f, 0.4578275f, 0.40821073f },
                           .deviation = { 0.26862954f, 0.26130258f, 0.27577711f } };
}

static void set_activation(clip_numbers *c, int act, const char *why) {
    if (c->activation != CLIP_UNKNOWN) return;
    c->activation = act;
    snprintf(c->activation_why, sizeof c->activation_why, "%s", why);
}

static void set_heads(clip_numbers *c, int heads, const char *why) {
    if (c->heads != CLIP_UNKNOWN) return;
    c->heads = heads;
    snprintf(c->heads_why, sizeof c->heads_why, "%s", why);
}

/* ---- a configuration beside the file ----------------------------------------------------------------- */

/* FOLDER/NAME of the file's folder, parsed; false when there is none that reads. */
static bool open_beside(json_doc *doc, const char *path, const char *name) {
    text beside = { 0 };
    char *source = NULL;
    size_t n = 0;
    text_add_n(&beside, path, (size_t)(path_name(path) - path));
    text_add(&beside, name);
    bool ok = text_ok(&beside) && file_read(&source, &n, text_str(&beside), CONFIG_MAX, NULL) == BK_OK &&
              json_parse(doc, source, n, name, NULL) == BK_OK;
    free(source);
    text_close(&beside);
    return ok;
}

/* A number that may be left out, then it is the preset. */
static int number(const json *of, const char *key, int preset) {
    int64_t x = preset;
    json_int(json_get(of, key), 0, 1 << 20, &x);
    return (int)x;
}

static bool three(const json *list, double lo, float out[3]) {
    float x[3];
    int n = 0;
    if (json_count(list) != 3) return false;
    for (const json *v = list->u.first; v; v = v->next) {
        double y;
        if (!json_number(v, lo, 10, &y)) return false;
        x[n++] = (float)y;
    }
    memcpy(out, x, sizeof x);
    return true;
}

/* Hugging Face: CLIPConfig with its vision_config, or CLIPVisionConfig. What is left out has its presets. */
static void read_hugging_face(clip_numbers *c, const json *root, int width, int patch) {
    const json *v = json_get(root, "vision_config");
    const char *act, *kind = json_string(json_get(root, "model_type"));
    if (!v) v = root;
    if (!kind || strncmp(kind, "clip", 4) != 0) return;
    if (number(v, "hidden_size", 768) != width || number(v, "patch_size", 32) != patch) return;
    act = json_string(json_get(v, "hidden_act"));
    if (!act || strcmp(act, "quick_gelu") == 0)
        set_activation(c, VIT_QUICK_GELU, "config.json beside it says so");
    else if (strncmp(act, "gelu", 4) == 0)
        set_activation(c, VIT_GELU, "config.json beside it says so");
    set_heads(c, number(v, "num_attention_heads", 12), "config.json beside it says so");
}

static void read_open_clip(clip_numbers *c, const json *root, int width, int patch) {
    const json *model = json_get(root, "model_cfg"), *v = json_get(model, "vision_cfg");
    const json *quick = json_get(model, "quick_gelu"), *pictures = json_get(root, "preprocess_cfg");
    int per_head = number(v, "head_width", 64);
    if (!v || number(v, "width", 768) != width || number(v, "patch_size", 16) != patch) return;
    bool is_quick = quick && quick->type == JSON_BOOL && quick->truth;
    set_activation(c, is_quick ? VIT_QUICK_GELU : VIT_GELU, "open_clip_config.json beside it says so");
    if (per_head) set_heads(c, width / per_head, "open_clip_config.json beside it says so");
    three(json_get(pictures, "mean"), -10, c->mean);
    three(json_get(pictures, "std"), 1e-6, c->deviation);
}

/* ---- by rule --------------------------------------------------------------------------------------------- */

static void guess(clip_numbers *c, int width, bool script) {
    if (script) set_activation(c, VIT_QUICK_GELU, "as in OpenAI's TorchScript archives");
    c->guessed = c->activation == CLIP_UNKNOWN;
    set_activation(c, VIT_QUICK_GELU, "a guess: OpenAI's networks use it, most of open_clip's own do not");
    if (width == 1280 || width == 1408 || width == 1664) set_heads(c, 16, "as in open_clip's networks of this width");
    set_heads(c, width >= 64 ? width / 64 : 1, "64 numbers a head, as in OpenAI's networks");
}

void clip_numbers_find(clip_numbers *c, const char *path, int width, int patch, bool script) {
    json_doc doc = { 0 };
    if (open_beside(&doc, path, "config.json")) read_hugging_face(c, doc.root, width, patch);
    json_close(&doc);
    if (open_beside(&doc, path, "open_clip_config.json")) read_open_clip(c, doc.root, width, patch);
    json_close(&doc);
    guess(c, width, script);
}
