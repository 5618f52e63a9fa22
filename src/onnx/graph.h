/* An ONNX graph (opset 17) while it is built, and written as a file for ONNX Runtime, TensorRT and others. Values are
 * known by their names; the first size of each input and output is the batch and free. Lack of memory is remembered
 * and told by graph_save(). Source: github.com/onnx/onnx, onnx.proto and docs/Operators.md. */
#ifndef BK_ONNX_GRAPH_H
#define BK_ONNX_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct graph graph;

/* The name of a tensor in the graph, which owns it. */
typedef const char *value;

/* NULL: no memory. */
graph *graph_open(const char *name);
void graph_close(graph **g);

/* Names of the nodes that follow begin with this, "layers.3"; "" for none. */
void graph_scope(graph *g, const char *fmt, ...) BK_PRINTF(2, 3);

/* ---- what comes in and goes out ------------------------------------------------------------------------- */

/* f32 [batch, shape...], n_dims sizes without the batch. about is kept with it. */
value graph_input(graph *g, const char *name, const int *shape, int n_dims, const char *about);
/* x leaves the graph under this name. */
void graph_output(graph *g, value x, const char *name, const int *shape, int n_dims, const char *about);
/* Kept in the file for whoever asks. */
void graph_meta(graph *g, const char *key, const char *text);

/* ---- constants ------------------------------------------------------------------------------------------- */

/* f32 [shape] of the caller's, which must live until graph_save(). */
value graph_weight(graph *g, const char *name, const float *data, const int *shape, int n_dims);
/* The same data [rows, cols], stored as [cols, rows]: what MatMul takes. */
value graph_weight_turned(graph *g, const char *name, const float *data, int rows, int cols);
/* f32 [shape] in the graph's own memory, zeros to be filled; NULL: no memory. */
float *graph_own(graph *g, value *out, const char *name, const int *shape, int n_dims);
value graph_number(graph *g, float x);
value graph_ints(graph *g, const int64_t *x, int n);

/* ---- nodes ------------------------------------------------------------------------------------------------- */

typedef struct attribute {
    const char *name; /* NULL ends a list */
    enum { ATTRIBUTE_INT, ATTRIBUTE_FLOAT, ATTRIBUTE_INTS } kind;
    int64_t i;
    float f;
    const int64_t *ints;
    int n;
} attribute;

/* One operator with its inputs, ended by NULL, and attributes (NULL: none). Its one output. */
value graph_node(graph *g, const char *op, const value *inputs, const attribute *attributes);

value graph_op(graph *g, const char *op, value x);
value graph_op2(graph *g, const char *op, value a, value b);
/* Over x times a number; and plus one. */
value graph_scale(graph *g, value x, float by);
value graph_shift(graph *g, value x, float by);
/* 0 in shape: that size stays; -1: what is left. */
value graph_reshape(graph *g, value x, const int64_t *shape, int n);
value graph_transpose(graph *g, value x, const int64_t *order, int n);
/* ReduceMean, ReduceMax or ReduceMin; keep: as sizes of 1. */
value graph_reduce(graph *g, const char *op, value x, const int64_t *axes, int n, bool keep);
/* x[.., from:to, ..] along axis */
value graph_slice(graph *g, value x, int axis, int from, int to);
value graph_join(graph *g, const value *parts, int axis);
/* Layer norm over the last size. */
value graph_norm(graph *g, value x, value gain, value bias, float eps);

enum { GRAPH_FILE_MAX = INT32_MAX }; /* bytes: protocol buffers' limit */

/* Writes the file: to a temporary name, renamed. BK_EINVAL when it would be over
 * GRAPH_FILE_MAX, BK_EIO, BK_ENOMEM. */
int graph_save(const graph *g, const char *path, bk_error *err);

#endif
