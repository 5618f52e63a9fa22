/* The tensor table: one list a network of every weight tensor's name, offset and shape. Load, save,
 * init, optimiser, gradient check and `bookend model info` all walk it. */
#ifndef BK_NN_TENSOR_H
#define BK_NN_TENSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rng.h"
#include "bookend/bookend.h"

enum { NN_MAX_DIMS = 4 };

/* How a tensor starts, and whether weight decay pulls at it. */
typedef enum nn_init { NN_ZEROS, NN_ONES, NN_NORMAL /* N(0, scale^2) */, NN_UNIFORM /* U(-scale, scale) */ } nn_init;

typedef struct nn_tensor {
    char name[96];
    size_t offset; /* in floats from the start of the network's one block */
    size_t n;      /* floats */
    int n_dims, shape[NN_MAX_DIMS];
    nn_init init;
    float scale;
    bool decay; /* matrices and kernels; not biases, norms, positions */
} nn_tensor;

/* How a forward pass runs: without or with what the backward pass needs, or, without, on weights that *_order() has
 * put in the kernels' order. */
typedef enum nn_mode { NN_INFER, NN_TRAIN, NN_READY } nn_mode;

typedef struct nn_table {
    nn_tensor *rows;
    int n;
    size_t cap, n_floats; /* n_floats: the whole block; offsets are multiples of 16 floats */
    bool counting;        /* set by hand before the first row: offsets are given out, but no row is kept and
                             no memory taken, so that a network finds its offsets by the same walk */
    bool failed;          /* memory ran out */
} nn_table;

/* Adds a row at the end and returns its offset; shape ends with a 0 when shorter than four. On lack of
 * memory the table is marked (nn_table_ok() says false). */
size_t nn_table_add(nn_table *t, const char *name, const int shape[NN_MAX_DIMS], nn_init init, float scale,
                    bool decay);
bool nn_table_ok(const nn_table *t);
const nn_tensor *nn_table_find(const nn_table *t, const char *name);
/* Fills the block [n_floats] as the rows say. */
void nn_table_init(const nn_table *t, float *block, rng *r);
void nn_table_close(nn_table *t);

/* A copy of x [n], the caller's to free(); NULL: no memory. */
float *nn_copy(const float *x, size_t n);

#endif
