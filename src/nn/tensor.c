/* The tensor table: rows of names, offsets and shapes, and how the weights start. Does not read or write
 * files; whoever does walks the rows. */
#include "nn/tensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Offsets are multiples of 64 bytes, so that no two tensors share a cache line. */
static size_t round_up(size_t n) {
    return (n + 15) & ~(size_t)15;
}

static bool shape_size(const int shape[NN_MAX_DIMS], int *n_dims, size_t *n) {
    *n = 1;
    for (*n_dims = 0; *n_dims < NN_MAX_DIMS && shape[*n_dims] > 0; ++*n_dims)
        if (!bk_size_mul(n, *n, (size_t)shape[*n_dims])) return false;
    return *n < (size_t)1 << 40;
}

size_t nn_table_add(nn_table *t, const char *name, const int shape[NN_MAX_DIMS], nn_init init, float scale,
                    bool decay) {
    nn_tensor row = { .offset = t->n_floats, .init = init, .scale = scale, .decay = decay };
    if (!shape_size(shape, &row.n_dims, &row.n)) {
        t->failed = true;
        return 0;
    }
    t->n_floats += round_up(row.n);
    if (t->counting || t->failed) return row.offset;
    if (!bk_grow(&t->rows, &t->cap, (size_t)t->n + 1, sizeof *t->rows)) {
        t->failed = true;
        return row.offset;
    }
    snprintf(row.name, sizeof row.name, "%s", name);
    memcpy(row.shape, shape, (size_t)row.n_dims * sizeof *shape);
    t->rows[t->n++] = row;
    return row.offset;
}

bool nn_table_ok(const nn_table *t) {
    return !t->failed;
}

const nn_tensor *nn_table_find(const nn_table *t, const char *name) {
    for (int i = 0; i < t->n; i++)
        if (strcmp(t->rows[i].name, name) == 0) return &t->rows[i];
    return NULL;
}

static void tensor_init(const nn_tensor *row, float *w, rng *r) {
    for (size_t i = 0; i < row->n; i++) switch (row->init) {
        case NN_ZEROS: w[i] = 0; break;
        case NN_ONES: w[i] = 1; break;
        case NN_NORMAL: w[i] = row->scale * rng_normal(r); break;
        case NN_UNIFORM: w[i] = rng_range(r, -row->scale, row->scale); break;
        }
}

void nn_table_init(const nn_table *t, float *block, rng *r) {
    memset(block, 0, t->n_floats * sizeof *block);
    for (int i = 0; i < t->n; i++) tensor_init(&t->rows[i], block + t->rows[i].offset, r);
}

void nn_table_close(nn_table *t) {
    if (!t) return;
    free(t->rows);
    *t = (nn_table){ 0 };
}

float *nn_copy(const float *x, size_t n) {
    float *copy = bk_alloc(n, sizeof *copy);
    if (copy) memcpy(copy, x, n * sizeof *copy);
    return copy;
}
