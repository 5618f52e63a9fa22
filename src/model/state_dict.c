/* The notebook's head as PyTorch saves it, read and written. */
#include "model/state_dict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/torch.h"

enum { PER_HEAD = 32 };
static const char MARK[] = "encoder.layers.0.linear1.weight";

bool state_dict_is(weight_file *w) {
    return weights_below(w, MARK) && weights_find(w, "pos");
}

static int count(const weight_file *w, const char *pattern_head, const char *pattern_tail) {
    char name[96];
    int n = 0;
    do snprintf(name, sizeof name, "%s%d%s", pattern_head, n++, pattern_tail);
    while (weights_find(w, name));
    return n - 1;
}

static bool infer(attention60_config *c, const weight_file *w) {
    const array *pos = weights_find(w, "pos"), *up = weights_find(w, MARK), *in = weights_find(w, "in_proj.weight");
    if (!pos || pos->n_dims != 2 || !up || up->n_dims != 2 || (in && in->n_dims != 2)) return false;
    if (pos->shape[0] > 4096 || pos->shape[1] > 1 << 14 || up->shape[0] > 1 << 16 || (in && in->shape[1] > 1 << 14))
        return false;
    *c = (attention60_config){ .window = (int)pos->shape[0],
                               .width = (int)pos->shape[1],
                               .mlp = (int)up->shape[0],
                               .in = (int)(in ? in->shape[1] : pos->shape[1]),
                               .dropout = 0.1f,
                               .layers = count(w, "encoder.layers.", ".linear1.weight") };
    c->heads = c->width >= PER_HEAD ? c->width / PER_HEAD : 1;
    return count(w, "classifiers.", ".weight") == c->window;
}

int state_dict_load_head(bk_model *m, const weight_file *w, bk_error *err) {
    attention60_config c;
    bk_model *fresh = NULL;
    if (!infer(&c, w))
        return bk_fail(err, BK_EFORMAT, "%s: tensors of ClipAttention60 that do not fit together", weights_path(w));
    int code = weights_hold_head(w, &c, err);
    if (code == BK_OK) code = bundle_new_head(&fresh, m->name, &c, NULL, err);
    for (int i = 0; code == BK_OK && i < fresh->head_rows.n; i++) {
        const nn_tensor *row = &fresh->head_rows.rows[i];
        const array *a;
        code = weights_need(&a, w, row->name, err);
        if (code == BK_OK && a->n != row->n)
            code =
                bk_fail(err, BK_EFORMAT, "%s: %s has %zu numbers, not %zu", weights_path(w), row->name, a->n, row->n);
        if (code == BK_OK) weights_read(fresh->head_weights + row->offset, w, a);
    }
    if (code == BK_OK) code = bundle_take_head(m, fresh, err);
    bk_model_close(&fresh);
    return code;
}

int state_dict_save_head(const bk_model *m, const char *path, const char *about, bk_error *err) {
    if (!m->has_head) return bk_fail(err, BK_EMISMATCH, "%s: %s has no head to write as a state dict", path, m->name);
    array *arrays = bk_zeros((size_t)m->head_rows.n, sizeof *arrays);
    if (!arrays) return bk_fail_memory(err, path);
    for (int i = 0; i < m->head_rows.n; i++) arrays[i] = bundle_view(&m->head_rows.rows[i], m->head_weights);
    int code = torch_save(path, arrays, (size_t)m->head_rows.n, about, err);
    free(arrays);
    return code;
}
