/* An ONNX graph while it is built. Weights stay where they are; graph_write.c writes them. */
#include "onnx/graph_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "onnx/proto.h"

/* Field numbers of onnx.proto. */
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5 };
enum {
    ATTR_NAME = 1,
    ATTR_F = 2,
    ATTR_I = 3,
    ATTR_INTS = 8,
    ATTR_TYPE = 20,
    TYPE_FLOAT = 1,
    TYPE_INT = 2,
    TYPE_INTS = 7
};
enum {
    INFO_NAME = 1,
    INFO_TYPE = 2,
    INFO_DOC = 3,
    TYPE_TENSOR = 1,
    TENSOR_ELEM = 1,
    TENSOR_SHAPE = 2,
    SHAPE_DIM = 1
};
enum { DIM_VALUE = 1, DIM_PARAM = 2, META_KEY = 1, META_VALUE = 2 };

graph *graph_open(const char *name) {
    graph *g = bk_zeros(1, sizeof *g);
    if (g) snprintf(g->name, sizeof g->name, "%s", name);
    return g;
}

void graph_close(graph **gp) {
    graph *g = *gp;
    if (!g) return;
    text_close(&g->nodes);
    text_close(&g->inputs);
    text_close(&g->outputs);
    text_close(&g->meta);
    free(g->constants);
    arena_close(&g->memory);
    free(g);
    *gp = NULL;
}

void graph_scope(graph *g, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(g->scope, sizeof g->scope, fmt, args);
    va_end(args);
}

static value keep(graph *g, const char *name) {
    const char *kept = arena_text(&g->memory, name, strlen(name));
    if (!kept) g->failed = true;
    return kept ? kept : "";
}

/* A name that no other value has. */
static value fresh(graph *g, const char *what) {
    char name[160];
    snprintf(name, sizeof name, "%s%s%s_%d", g->scope, g->scope[0] ? "/" : "", what, g->n_named++);
    return keep(g, name);
}

/* ---- what comes in and goes out ---------------------------------------------------------------------- */

static void add_dim(text *shape, int64_t size) {
    text dim = { 0 };
    if (size < 0)
        proto_text(&dim, DIM_PARAM, "batch");
    else
        proto_int(&dim, DIM_VALUE, size);
    proto_message(shape, SHAPE_DIM, &dim);
    text_close(&dim);
}

static void add_info(text *to, int field, const char *name, const int *sizes, int n, const char *about) {
    text shape = { 0 }, tensor = { 0 }, type = { 0 }, info = { 0 };
    add_dim(&shape, -1);
    for (int i = 0; i < n; i++) add_dim(&shape, sizes[i]);
    proto_int(&tensor, TENSOR_ELEM, GRAPH_F32);
    proto_message(&tensor, TENSOR_SHAPE, &shape);
    proto_message(&type, TYPE_TENSOR, &tensor);
    proto_text(&info, INFO_NAME, name);
    proto_message(&info, INFO_TYPE, &type);
    proto_text(&info, INFO_DOC, about);
    proto_message(to, field, &info);
    text_close(&shape);
    text_close(&tensor);
    text_close(&type);
    text_close(&info);
}

value graph_input(graph *g, const char *name, const int *shape, int n_dims, const char *about) {
    add_info(&g->inputs, GRAPH_INPUT, name, shape, n_dims, about);
    return keep(g, name);
}

void graph_meta(graph *g, const char *key, const char *what) {
    text pair = { 0 };
    proto_text(&pair, META_KEY, key);
    proto_text(&pair, META_VALUE, what);
    proto_message(&g->meta, MODEL_META, &pair);
    text_close(&pair);
}

/* ---- constants --------------------------------------------------------------------------------------- */

static value add_constant(graph *g, const constant *c) {
    if (!bk_grow(&g->constants, &g->cap, g->n + 1, sizeof *g->constants)) {
        g->failed = true;
        return "";
    }
    g->constants[g->n++] = *c;
    return c->name;
}

static constant constant_of(const char *name, const void *data, const int *shape, int n_dims) {
    constant c = { .name = name, .type = GRAPH_F32, .data = data, .n_dims = n_dims, .n = 1 };
    for (int i = 0; i < n_dims; i++) c.n *= (size_t)(c.shape[i] = shape[i]);
    return c;
}

value graph_weight(graph *g, const char *name, const float *data, const int *shape, int n_dims) {
    const constant c = constant_of(keep(g, name), data, shape, n_dims);
    return add_constant(g, &c);
}

value graph_weight_turned(graph *g, const char *name, const float *data, int rows, int cols) {
    constant c = constant_of(keep(g, name), data, (int[]){ cols, rows }, 2);
    c.turned = true;
    return add_constant(g, &c);
}

float *graph_own(graph *g, value *out, const char *name, const int *shape, int n_dims) {
    constant c = constant_of(fresh(g, name), NULL, shape, n_dims);
    float *own = arena_take(&g->memory, c.n * sizeof *own);
    c.data = own;
    if (!own) g->failed = true;
    *out = own ? add_constant(g, &c) : "";
    return own;
}

value graph_number(graph *g, float x) {
    value v;
    float *at = graph_own(g, &v, "number", NULL, 0);
    if (at) *at = x;
    return v;
}

value graph_ints(graph *g, const int64_t *x, int n) {
    int64_t *own = arena_take(&g->memory, (size_t)n * sizeof *own);
    if (!own) {
        g->failed = true;
        return "";
    }
    memcpy(own, x, (size_t)n * sizeof *own);
    constant c = constant_of(fresh(g, "ints"), own, (int[]){ n }, 1);
    c.type = GRAPH_I64;
    return add_constant(g, &c);
}

/* ---- nodes ------------------------------------------------------------------------------------------- */

static void add_attribute(text *node, const attribute *a) {
    text t = { 0 };
    proto_text(&t, ATTR_NAME, a->name);
    if (a->kind == ATTRIBUTE_FLOAT) proto_float(&t, ATTR_F, a->f);
    if (a->kind == ATTRIBUTE_INT) proto_int(&t, ATTR_I, a->i);
    for (int i = 0; a->kind == ATTRIBUTE_INTS && i < a->n; i++) proto_int(&t, ATTR_INTS, a->ints[i]);
    proto_int(&t, ATTR_TYPE,
              a->kind == ATTRIBUTE_FLOAT ? TYPE_FLOAT
              : a->kind == ATTRIBUTE_INT ? TYPE_INT
                                         : TYPE_INTS);
    proto_message(node, NODE_ATTRIBUTE, &t);
    text_close(&t);
}

static void add_node(graph *g, const char *op, const value *inputs, const attribute *attributes, value output) {
    text t = { 0 };
    for (; *inputs; inputs++) proto_text(&t, NODE_INPUT, *inputs);
    proto_text(&t, NODE_OUTPUT, output);
    proto_text(&t, NODE_NAME, output);
    proto_text(&t, NODE_OP, op);
    for (; attributes && attributes->name; attributes++) add_attribute(&t, attributes);
    proto_message(&g->nodes, GRAPH_NODE, &t);
    text_close(&t);
}

value graph_node(graph *g, const char *op, const value *inputs, const attribute *attributes) {
    value out = fresh(g, op);
    add_node(g, op, inputs, attributes, out);
    return out;
}

void graph_output(graph *g, value x, const char *name, const int *shape, int n_dims, const char *about) {
    add_node(g, "Identity", (value[]){ x, NULL }, NULL, name);
    add_info(&g->outputs, GRAPH_OUTPUT, name, shape, n_dims, about);
}

value graph_op(graph *g, const char *op, value x) {
    return graph_node(g, op, (value[]){ x, NULL }, NULL);
}

value graph_op2(graph *g, const char *op, value a, value b) {
    return graph_node(g, op, (value[]){ a, b, NULL }, NULL);
}

value graph_scale(graph *g, value x, float by) {
    return graph_op2(g, "Mul", x, graph_number(g, by));
}

value graph_shift(graph *g, value x, float by) {
    return graph_op2(g, "Add", x, graph_number(g, by));
}

value graph_reshape(graph *g, value x, const int64_t *shape, int n) {
    return graph_op2(g, "Reshape", x, graph_ints(g, shape, n));
}

value graph_transpose(graph *g, value x, const int64_t *order, int n) {
    const attribute perm[] = { { .name = "perm", .kind = ATTRIBUTE_INTS, .ints = order, .n = n }, { .name = NULL } };
    return graph_node(g, "Transpose", (value[]){ x, NULL }, perm);
}

value graph_reduce(graph *g, const char *op, value x, const int64_t *axes, int n, bool keep_sizes) {
    const attribute how[] = { { .name = "axes", .kind = ATTRIBUTE_INTS, .ints = axes, .n = n },
                              { .name = "keepdims", .kind = ATTRIBUTE_INT, .i = keep_sizes },
                              { .name = NULL } };
    return graph_node(g, op, (value[]){ x, NULL }, how);
}

value graph_slice(graph *g, value x, int axis, int from, int to) {
    value begin = graph_ints(g, (int64_t[]){ from }, 1), end = graph_ints(g, (int64_t[]){ to }, 1);
    return graph_node(g, "Slice", (value[]){ x, begin, end, graph_ints(g, (int64_t[]){ axis }, 1), NULL }, NULL);
}

value graph_join(graph *g, const value *parts, int axis) {
    const attribute how[] = { { .name = "axis", .kind = ATTRIBUTE_INT, .i = axis }, { .name = NULL } };
    return graph_node(g, "Concat", parts, how);
}

value graph_norm(graph *g, value x, value gain, value bias, float eps) {
    const attribute how[] = { { .name = "axis", .kind = ATTRIBUTE_INT, .i = -1 },
                              { .name = "epsilon", .kind = ATTRIBUTE_FLOAT, .f = eps },
                              { .name = NULL } };
    return graph_node(g, "LayerNormalization", (value[]){ x, gain, bias, NULL }, how);
}
