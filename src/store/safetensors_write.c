/* Writes safetensors files. Large types first and then by name, after a header padded to 8 bytes: the same
 * arrays give the same file, and every array is aligned to its type. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/bytes.h"
#include "store/safetensors.h"

/* Pointers in the order of the file. */
static int by_name(const void *a, const void *b) {
    return strcmp((*(const array *const *)a)->name, (*(const array *const *)b)->name);
}

static int by_key(const void *a, const void *b) {
    return strcmp((*(const safetensors_pair *const *)a)->key, (*(const safetensors_pair *const *)b)->key);
}

static array_type stored_type(const array *a, array_type floats) {
    return a->type == ARRAY_F32 ? floats : a->type;
}

static size_t stored_bytes(const array *a, array_type floats) {
    return a->n * array_type_size(stored_type(a, floats));
}

static void add_meta(text *h, const safetensors_pair *const *meta, size_t n) {
    if (n == 0) return;
    text_add(h, "\"__metadata__\":{");
    for (size_t i = 0; i < n; i++) {
        if (i) text_add(h, ",");
        text_add_json(h, meta[i]->key);
        text_add(h, ":");
        text_add_json(h, meta[i]->value);
    }
    text_add(h, "}");
}

static void add_array(text *h, const array *a, array_type floats, size_t *at) {
    if (h->n > 1) text_add(h, ",");
    text_add_json(h, a->name);
    text_addf(h, ":{\"dtype\":\"%s\",\"shape\":[", array_type_name(stored_type(a, floats)));
    for (int i = 0; i < a->n_dims; i++) text_addf(h, i ? ",%zu" : "%zu", a->shape[i]);
    text_addf(h, "],\"data_offsets\":[%zu,%zu]}", *at, *at + stored_bytes(a, floats));
    *at += stored_bytes(a, floats);
}

/* Floats as 16 bits, piece by piece: the whole array is never held twice. */
static bool write_converted(FILE *to, const array *a, array_type floats) {
    uint16_t part[4096];
    const float *x = a->data;
    for (size_t i = 0; i < a->n; i += 4096) {
        size_t n = a->n - i < 4096 ? a->n - i : 4096;
        array_from_floats(part, floats, x + i, n);
        if (fwrite(part, sizeof *part, n, to) != n) return false;
    }
    return true;
}

static bool write_array(FILE *to, const array *a, array_type floats) {
    if (stored_type(a, floats) != a->type) return write_converted(to, a, floats);
    size_t n = array_bytes(a);
    return n == 0 || fwrite(a->data, 1, n, to) == n;
}

static int write_file(const char *path, const text *h, const array *const *sorted, size_t n, array_type floats,
                      bk_error *err) {
    file_out o = { 0 };
    unsigned char length[8];
    int rc = file_out_open(&o, path, err);
    if (rc != BK_OK) return rc;
    put(length, h->n, 8);
    bool ok = fwrite(length, 1, 8, o.to) == 8 && fwrite(h->s, 1, h->n, o.to) == h->n;
    for (size_t i = 0; ok && i < n; i++) ok = write_array(o.to, sorted[i], floats);
    if (ok) return file_commit(&o, err);
    rc = bk_fail(err, BK_EIO, "%s: cannot write: %m", path);
    file_abandon(&o);
    return rc;
}

static int sort_names(const array **names, const array *arrays, size_t n, const char *path, bk_error *err) {
    for (size_t i = 0; i < n; i++) names[i] = &arrays[i];
    if (n) qsort(names, n, sizeof *names, by_name);
    for (size_t i = 1; i < n; i++)
        if (strcmp(names[i - 1]->name, names[i]->name) == 0)
            return bk_fail(err, BK_EINVAL, "%s: two arrays are named %s", path, names[i]->name);
    return BK_OK;
}

/* The order of the file: by bytes an element as stored, then by name. */
static void sort_sizes(const array **sorted, const array *const *names, size_t n, array_type floats) {
    size_t k = 0;
    for (size_t size = 8; size > 0; size /= 2)
        for (size_t i = 0; i < n; i++)
            if (array_type_size(stored_type(names[i], floats)) == size) sorted[k++] = names[i];
}

static void add_header(text *h, const safetensors_pair *const *meta, size_t n_meta, const array *const *sorted,
                       size_t n, array_type floats) {
    size_t at = 0;
    text_add(h, "{");
    add_meta(h, meta, n_meta);
    for (size_t i = 0; i < n; i++) add_array(h, sorted[i], floats, &at);
    text_add(h, "}");
    while (h->n % 8 && text_ok(h)) text_add(h, " ");
}

int safetensors_save(const char *path, const array *arrays, size_t n, const safetensors_pair *meta, size_t n_meta,
                     array_type floats, bk_error *err) {
    text h = { 0 };
    const array **names = bk_zeros(n, sizeof *names), **sorted = bk_zeros(n, sizeof *sorted);
    const safetensors_pair **pairs = bk_zeros(n_meta, sizeof *pairs);
    int rc = names && sorted && pairs ? sort_names(names, arrays, n, path, err) : bk_fail_memory(err, path);
    if (rc != BK_OK) goto done;
    sort_sizes(sorted, names, n, floats);
    for (size_t i = 0; i < n_meta; i++) pairs[i] = &meta[i];
    if (n_meta) qsort(pairs, n_meta, sizeof *pairs, by_key);
    add_header(&h, pairs, n_meta, sorted, n, floats);
    rc = text_ok(&h) ? write_file(path, &h, sorted, n, floats, err) : bk_fail_memory(err, path);
done:
    free(pairs);
    free(sorted);
    free(names);
    text_close(&h);
    return rc;
}
