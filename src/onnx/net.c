/* Parts of networks as ONNX nodes. */
#include "onnx/net.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

int net_fits(const nn_table *rows, const char *path, bk_error *err) {
    if (rows->n_floats <= GRAPH_FILE_MAX / sizeof(float)) return BK_OK;
    return bk_fail(err, BK_EINVAL, "%s: an ONNX file holds at most %d bytes, these weights are %zu", path,
                   GRAPH_FILE_MAX, rows->n_floats * sizeof(float));
}

void net_at(net *n, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(n->at, sizeof n->at, fmt, args);
    va_end(args);
    int whole = (int)strlen(n->at);
    graph_scope(n->g, "%.*s", whole ? whole - 1 : 0, n->at); /* without the point */
}

enum { NAME_MAX_BYTES = 160 };

static char *named(char buf[NAME_MAX_BYTES], const net *n, const char *name, const char *rest) {
    snprintf(buf, NAME_MAX_BYTES, "%s%s%s", n->at, name, rest);
    return buf;
}

static const nn_tensor *find(const net *n, const char *whole) {
    const nn_tensor *row = nn_table_find(n->rows, whole);
    assert(row);
    return row;
}

const nn_tensor *net_row(const net *n, const char *name) {
    char whole[NAME_MAX_BYTES];
    return find(n, named(whole, n, name, ""));
}

const float *net_data(const net *n, const char *name) {
    return n->weights + net_row(n, name)->offset;
}

static value constant_of(net *n, const char *name, const char *rest) {
    char whole[NAME_MAX_BYTES];
    const nn_tensor *row = find(n, named(whole, n, name, rest));
    return graph_weight(n->g, whole, n->weights + row->offset, row->shape, row->n_dims);
}

value net_weight(net *n, const char *name) {
    return constant_of(n, name, "");
}

value net_norm(net *n, value x, const char *name, float eps) {
    value gain = constant_of(n, name, ".weight");
    return graph_norm(n->g, x, gain, constant_of(n, name, ".bias"), eps);
}

value net_linear(net *n, value x, const char *name) {
    char whole[NAME_MAX_BYTES];
    const nn_tensor *row = find(n, named(whole, n, name, ".weight"));
    value w = graph_weight_turned(n->g, whole, n->weights + row->offset, row->shape[0], row->shape[1]);
    value b = constant_of(n, name, ".bias");
    return graph_op2(n->g, "Add", graph_op2(n->g, "MatMul", x, w), b);
}

value net_linear_third(net *n, value x, const char *name, int third) {
    static const char *const rest[2][3] = { { "weight.q", "weight.k", "weight.v" },
                                            { "bias.q", "bias.k", "bias.v" } };
    char whole[NAME_MAX_BYTES];
    const nn_tensor *row = find(n, named(whole, n, name, "weight")), *bias = find(n, named(whole, n, name, "bias"));
    int out = row->shape[0] / 3, in = row->shape[1];
    const float *weight = n->weights + row->offset + (size_t)third * (size_t)out * (size_t)in;
    value w = graph_weight_turned(n->g, named(whole, n, name, rest[0][third]), weight, out, in);
    const float *shift = n->weights + bias->offset + (size_t)third * (size_t)out;
    value b = graph_weight(n->g, named(whole, n, name, rest[1][third]), shift, &out, 1);
    return graph_op2(n->g, "Add", graph_op2(n->g, "MatMul", x, w), b);
}

/* [batch, heads, tokens, width / heads], or with the last two turned for k. */
static value split_heads(net *n, const net_attention *a, value x, int tokens, bool turned) {
    const int64_t shape[] = { 0, tokens, a->heads, a->width / a->heads };
    const int64_t order[] = { 0, 2, turned ? 3 : 1, turned ? 1 : 3 };
    return graph_transpose(n->g, graph_reshape(n->g, x, shape, COUNT(shape)), order, COUNT(order));
}

value net_attend(net *n, const net_attention *a, value q, value k, value v) {
    const int64_t back[] = { 0, 2, 1, 3 }, shape[] = { 0, a->queries, a->width };
    const attribute last[] = { { .name = "axis", .kind = ATTRIBUTE_INT, .i = -1 }, { .name = NULL } };
    value scaled = graph_scale(n->g, q, 1.0f / sqrtf((float)a->width / (float)a->heads));
    value scores =
        graph_op2(n->g, "MatMul", split_heads(n, a, scaled, a->queries, false), split_heads(n, a, k, a->keys, true));
    value probs = graph_node(n->g, "Softmax", (value[]){ scores, NULL }, last);
    value mixed = graph_op2(n->g, "MatMul", probs, split_heads(n, a, v, a->keys, false));
    return graph_reshape(n->g, graph_transpose(n->g, mixed, back, COUNT(back)), shape, COUNT(shape));
}
