/* A file of weights, by name, whichever format it is in. */
#include "model/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/safetensors.h"
#include "store/torch.h"

enum { NAME_MAX_BYTES = 512 };

struct weight_file {
    file_view map; /* of a path */
    safetensors *safe;
    torch_file *torch; /* one of the two */
    char *path;
    char prefix[256];
};

/* Zip archives, and the pickles that PyTorch wrote before it wrote archives. */
static bool is_torch(const unsigned char *p, size_t n) {
    return n >= 4 && (memcmp(p, "PK\3\4", 4) == 0 || memcmp(p, "\x80\x02\x8a\x0a", 4) == 0);
}

static int open_memory(weight_file *w, const void *data, size_t size, bk_error *err) {
    if (is_torch(data, size)) return torch_open_memory(&w->torch, data, size, w->path, err);
    return safetensors_open_memory(&w->safe, data, size, w->path, err);
}

int weights_open(weight_file **out, const char *path, const void *data, size_t size, bk_error *err) {
    weight_file *w = bk_zeros(1, sizeof *w);
    if (w) w->path = strdup(path);
    int code = w && w->path ? BK_OK : bk_fail_memory(err, path);
    if (code == BK_OK && !data) code = file_map(&w->map, path, err);
    if (code == BK_OK) code = open_memory(w, data ? data : w->map.data, data ? size : w->map.size, err);
    if (code == BK_OK) {
        file_forget(&w->map); /* all of a zip was read, to see that it is whole */
        *out = w;
    } else
        weights_close(&w);
    return code;
}

void weights_close(weight_file **wp) {
    weight_file *w = *wp;
    if (!w) return;
    safetensors_close(&w->safe);
    torch_close(&w->torch);
    file_unmap(&w->map);
    free(w->path);
    free(w);
    *wp = NULL;
}

const char *weights_about(const weight_file *w) {
    return w->safe ? safetensors_meta(w->safe, "bookend") : torch_about(w->torch);
}

bool weights_is_script(const weight_file *w) {
    return w->torch && torch_is_script(w->torch);
}

const char *weights_path(const weight_file *w) {
    return w->path;
}

static size_t count(const weight_file *w) {
    return w->safe ? safetensors_count(w->safe) : torch_count(w->torch);
}

static const array *at(const weight_file *w, size_t i) {
    return w->safe ? safetensors_at(w->safe, i) : torch_at(w->torch, i);
}

/* Bytes before mark in a name that ends in it, at a border of names; SIZE_MAX when it does not. */
static size_t before(const char *name, const char *mark) {
    size_t n = strlen(name), k = strlen(mark);
    if (n < k || strcmp(name + n - k, mark) != 0 || (n > k && name[n - k - 1] != '.')) return SIZE_MAX;
    return n - k;
}

bool weights_below(weight_file *w, const char *mark) {
    size_t best = sizeof w->prefix;
    for (size_t i = 0; i < count(w); i++) {
        size_t n = before(at(w, i)->name, mark);
        if (n >= best) continue;
        best = n;
        memcpy(w->prefix, at(w, i)->name, n);
        w->prefix[n] = 0;
    }
    return best < sizeof w->prefix;
}

const array *weights_find(const weight_file *w, const char *name) {
    char whole[NAME_MAX_BYTES];
    if ((size_t)snprintf(whole, sizeof whole, "%s%s", w->prefix, name) >= sizeof whole) return NULL;
    return w->safe ? safetensors_find(w->safe, whole) : torch_find(w->torch, whole);
}

int weights_need(const array **out, const weight_file *w, const char *name, bk_error *err) {
    const array *a = weights_find(w, name);
    if (!a) return bk_fail(err, BK_EFORMAT, "%s: no tensor named %s%s", w->path, w->prefix, name);
    *out = a;
    return BK_OK;
}

void weights_read(float *to, const weight_file *w, const array *a) {
    array_to_floats(to, a);
    file_forget(&w->map);
}

/* Closes t. */
static int hold(const weight_file *w, nn_table *t, bk_error *err) {
    size_t need = 0, have = 0;
    for (int i = 0; i < t->n; i++) need += t->rows[i].n;
    for (size_t i = 0; i < count(w); i++) have += at(w, i)->n;
    nn_table_close(t);
    if (need / 2 <= have) return BK_OK; /* if a little is lacking, it is told by its name */
    return bk_fail(err, BK_EFORMAT, "%s: holds %zu numbers, its network would have %zu", w->path, have, need);
}

int weights_hold_encoder(const weight_file *w, const vit_config *c, bk_error *err) {
    nn_table t = { 0 };
    int code = vit_table(&t, c, err);
    return code == BK_OK ? hold(w, &t, err) : code;
}

int weights_hold_head(const weight_file *w, const attention60_config *c, bk_error *err) {
    nn_table t = { 0 };
    int code = attention60_table(&t, c, err);
    return code == BK_OK ? hold(w, &t, err) : code;
}
