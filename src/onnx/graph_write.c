/* Writes a graph as an ONNX file. Sizes are counted first, so that weights go straight from their memory to the file.
 */
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "onnx/graph_inner.h"
#include "onnx/proto.h"

/* Field numbers of onnx.proto; ONNX's IR version 8 is that of opset 17. */
enum {
    MODEL_IR = 1,
    MODEL_PRODUCER = 2,
    MODEL_PRODUCER_VERSION = 3,
    MODEL_GRAPH = 7,
    MODEL_OPSET = 8,
    IR = 8,
    OPSET = 17
};
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2, TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9 };

static size_t bytes_of(const constant *c) {
    return c->n * (c->type == GRAPH_I64 ? sizeof(int64_t) : sizeof(float));
}

/* All of a constant up to its data. */
static void add_head(text *t, const constant *c) {
    text tensor = { 0 };
    for (int i = 0; i < c->n_dims; i++) proto_int(&tensor, TENSOR_DIMS, c->shape[i]);
    proto_int(&tensor, TENSOR_TYPE, c->type);
    proto_text(&tensor, TENSOR_NAME, c->name);
    proto_length(&tensor, TENSOR_RAW, bytes_of(c));
    proto_length(t, GRAPH_INITIALIZER, tensor.n + bytes_of(c));
    text_add_n(t, text_str(&tensor), tensor.n);
    if (!text_ok(&tensor)) t->failed = true;
    text_close(&tensor);
}

/* Column by column, so that the file holds the transpose. */
static void write_turned(FILE *to, const constant *c, float *column) {
    const float *x = c->data;
    size_t rows = (size_t)c->shape[1], cols = (size_t)c->shape[0];
    for (size_t k = 0; k < cols; k++) {
        for (size_t r = 0; r < rows; r++) column[r] = x[r * cols + k];
        fwrite(column, sizeof *column, rows, to);
    }
}

static int write_constant(FILE *to, const constant *c, bk_error *err) {
    text head = { 0 };
    float *column = c->turned ? bk_alloc((size_t)c->shape[1], sizeof *column) : NULL;
    add_head(&head, c);
    bool ok = text_ok(&head) && (column || !c->turned);
    if (ok) {
        fwrite(head.s, 1, head.n, to);
        if (c->turned)
            write_turned(to, c, column);
        else
            fwrite(c->data, 1, bytes_of(c), to);
    }
    free(column);
    text_close(&head);
    return ok ? BK_OK : bk_fail_memory(err, c->name);
}

/* Everything of the model that stands before the graph's fields; graph_size is their length. */
static void add_model(text *t, const graph *g, uint64_t graph_size) {
    text opset = { 0 };
    proto_text(&opset, OPSET_DOMAIN, "");
    proto_int(&opset, OPSET_VERSION, OPSET);
    proto_int(t, MODEL_IR, IR);
    proto_text(t, MODEL_PRODUCER, "bookend");
    proto_text(t, MODEL_PRODUCER_VERSION, BK_VERSION);
    proto_message(t, MODEL_OPSET, &opset);
    text_add_n(t, text_str(&g->meta), g->meta.n);
    proto_length(t, MODEL_GRAPH, graph_size);
    text_close(&opset);
}

static uint64_t constants_size(const graph *g, bool *failed) {
    uint64_t n = 0;
    text head = { 0 };
    for (size_t i = 0; i < g->n; i++) {
        text_clear(&head);
        add_head(&head, &g->constants[i]);
        n += head.n + bytes_of(&g->constants[i]);
    }
    *failed = head.failed;
    text_close(&head);
    return n;
}

static int write_all(FILE *to, const graph *g, const text *model, const text *rest, bk_error *err) {
    int code = BK_OK;
    fwrite(model->s, 1, model->n, to);
    fwrite(rest->s, 1, rest->n, to);
    for (size_t i = 0; i < g->n && code == BK_OK; i++) code = write_constant(to, &g->constants[i], err);
    return code;
}

int graph_save(const graph *g, const char *path, bk_error *err) {
    text rest = { 0 }, model = { 0 };
    file_out o = { 0 };
    bool failed;
    text_add_n(&rest, text_str(&g->nodes), g->nodes.n);
    proto_text(&rest, GRAPH_NAME, g->name);
    text_add_n(&rest, text_str(&g->inputs), g->inputs.n);
    text_add_n(&rest, text_str(&g->outputs), g->outputs.n);
    uint64_t size = rest.n + constants_size(g, &failed);
    add_model(&model, g, size);
    int code = BK_OK;
    if (failed || g->failed || g->nodes.failed || g->inputs.failed || g->outputs.failed || g->meta.failed ||
        !text_ok(&rest) || !text_ok(&model))
        code = bk_fail_memory(err, path);
    else if (size + model.n > GRAPH_FILE_MAX)
        code = bk_fail(err, BK_EINVAL, "%s: an ONNX file holds at most %d bytes, this network needs %llu", path,
                       GRAPH_FILE_MAX, (unsigned long long)(size + model.n));
    if (code == BK_OK) code = file_out_open(&o, path, err);
    if (code == BK_OK) code = write_all(o.to, g, &model, &rest, err);
    if (code == BK_OK) code = file_commit(&o, err);
    file_abandon(&o);
    text_close(&rest);
    text_close(&model);
    return code;
}
