/* What graph.c builds and graph_write.c writes. */
#ifndef BK_ONNX_GRAPH_INNER_H
#define BK_ONNX_GRAPH_INNER_H

#include "base/text.h"
#include "onnx/graph.h"
#include "store/arena.h"

/* Element types and field numbers of onnx.proto. */
enum { GRAPH_F32 = 1, GRAPH_I64 = 7 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12, MODEL_META = 14 };

typedef struct constant {
    const char *name;
    int type; /* GRAPH_F32 or GRAPH_I64 */
    int n_dims, shape[4];
    size_t n;
    const void *data;
    bool turned; /* data is [shape[1], shape[0]] */
} constant;

struct graph {
    char name[64], scope[96];
    int n_named;
    bool failed;
    text nodes, inputs, outputs; /* fields of GraphProto */
    text meta;                   /* of ModelProto */
    constant *constants;
    size_t n, cap;
    arena memory; /* names and own constants */
};

#endif
