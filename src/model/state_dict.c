/* The notebook's head as PyTorch saves it. */
#include "model/state_dict.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "store/torch.h"

enum { PER_HEAD = 32 };

bool state_dict_is(const char *path) {
    char magic[4] = { 0 };
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    bool zip = fread(magic, 1, 4, f) == 4 && memcmp(magic, "PK\3\4", 4) == 0;
    fclose(f);
    return zip;
}

static int count(const torch_file *t, const char *pattern_head, const char *pattern_tail) {
    char name[96];
    int n = 0;
    do snprintf(name, sizeof name, "%s%d%s", pattern_head, n++, pattern_tail);
    while (torch_find(t, name));
    return n - 1;
}

static bool infer(attention60_config *c, const torch_file *t) {
    const array *pos = torch_find(t, "pos"), *up = torch_find(t, "encoder.layers.0.linear1.weight");
    const array *in = torch_find(t, "in_proj.weight");
    if (!pos || pos->n_dims != 2 || !up || up->n_dims != 2 || (in && in->n_dims != 2)) return false;
    if (pos->shape[0] > 4096 || pos->shape[1] > 1 << 14 || up->shape[0] > 1 << 16 || (in && in->shape[1] > 1 << 14)) return false;
    *c = (attention60_config){ .window = (int)pos->shape[0], .width = (int)pos->shape[1], .mlp = (int)up->shape[0],
                               .in = (int)(in ? in->shape[1] : pos->shape[1]), .dropout = 0.1f,
                               .layers = count(t, "encoder.layers.", ".linear1.weight") };
    c->heads = c->width >= PER_HEAD ? c->width / PER_HEAD : 1;
    return count(t, "classifiers.", ".weight") == c->window;
}

int state_dict_load_head(bk_model *m, const char *path, bk_error *err) {
    torch_file *t = NULL;
    attention60_config c;
    bk_model *fresh = NULL;
    int code = torch_open(&t, path, err);
    if (code == BK_OK && !infer(&c, t)) code = bk_fail(err, BK_EFORMAT, "%s: not a state dict of ClipAttention60", path);
    if (code == BK_OK) code = bundle_new_head(&fresh, m->name, &c, NULL, err);
    for (int i = 0; code == BK_OK && i < fresh->head_rows.n; i++) {
        const nn_tensor *row = &fresh->head_rows.rows[i];
        const array *a;
        code = torch_need(&a, t, row->name, err);
        if (code == BK_OK && a->n != row->n)
            code = bk_fail(err, BK_EFORMAT, "%s: %s has %zu numbers, not %zu", path, row->name, a->n, row->n);
        if (code == BK_OK) array_to_floats(fresh->head_weights + row->offset, a);
    }
    if (code == BK_OK) code = bundle_take_head(m, fresh, err);
    bk_model_close(&fresh);
    torch_close(&t);
    return code;
}
