/* The encoder as an ONNX graph: nn/vit.c and nn/stem.c, node by node, between normalisation and measured evidence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "onnx/evidence_graph.h"
#include "onnx/export.h"
#include "onnx/net.h"

enum { MAP_WIDEST = 512 };           /* evidence counts no more columns */
static const float STEM_EPS = 1e-5f; /* as in nn/stem.c */

typedef struct encoder {
    const bk_model *m;
    net n;
    value map; /* [batch, 1, map_h, map_w]; NULL without a stem's map */
    evidence_sizes sizes;
} encoder;

/* ---- pictures to tokens ------------------------------------------------------------------------------ */

/* (x / 255 - mean) / deviation */
static value normalised(encoder *e, value pixels) {
    value scale, shift;
    float *a = graph_own(e->n.g, &scale, "scale", (int[]){ 3, 1, 1 }, 3);
    float *b = graph_own(e->n.g, &shift, "shift", (int[]){ 3, 1, 1 }, 3);
    for (int c = 0; a && b && c < 3; c++) {
        a[c] = 1 / (255 * e->m->deviation[c]);
        b[c] = -e->m->mean[c] / e->m->deviation[c];
    }
    return graph_op2(e->n.g, "Add", graph_op2(e->n.g, "Mul", pixels, scale), shift);
}

static value convolution(graph *g, value x, value kernel, int side, int stride, int padding) {
    const int64_t shape[] = { side, side }, strides[] = { stride, stride };
    const int64_t pads[] = { padding, padding, padding, padding };
    const attribute how[] = { { .name = "kernel_shape", .kind = ATTRIBUTE_INTS, .ints = shape, .n = 2 },
                              { .name = "strides", .kind = ATTRIBUTE_INTS, .ints = strides, .n = 2 },
                              { .name = "pads", .kind = ATTRIBUTE_INTS, .ints = pads, .n = 4 },
                              { .name = NULL } };
    return graph_node(g, "Conv", (value[]){ x, kernel, NULL }, how);
}

/* Kernels [out, 3, 3, in] as ONNX has them, [out, in, 3, 3]. */
static value kernel_of(net *n, const char *name) {
    const nn_tensor *row = net_row(n, name);
    const float *from = net_data(n, name);
    int out = row->shape[0], in = row->shape[3];
    value v;
    float *to = graph_own(n->g, &v, name, (int[]){ out, in, 3, 3 }, 4);
    for (int o = 0; to && o < out; o++)
        for (int t = 0; t < 9; t++)
            for (int i = 0; i < in; i++) to[(o * in + i) * 9 + t] = from[(o * 9 + t) * in + i];
    return v;
}

/* Planes [batch, c, h, w] to channels last, and back. */
static value channels_last(graph *g, value x) {
    return graph_transpose(g, x, (int64_t[]){ 0, 2, 3, 1 }, 4);
}
static value planes(graph *g, value x) {
    return graph_transpose(g, x, (int64_t[]){ 0, 3, 1, 2 }, 4);
}

/* Convolution, layer norm over channels, ReLU; from planes to channels last. */
static value unit(net *n, value x, int stride) {
    value z = channels_last(n->g, convolution(n->g, x, kernel_of(n, "conv.weight"), 3, stride, 1));
    return graph_op(n->g, "Relu", net_norm(n, z, "norm", STEM_EPS));
}

static value stage(net *n, value x, int s, int residual) {
    net_at(n, "stem.%d.", s);
    value y = unit(n, x, 2);
    for (int r = 0; r < residual; r++) {
        net_at(n, "stem.%d.res.%d.", s, r);
        y = graph_op2(n->g, "Add", y, unit(n, planes(n->g, y), 1));
    }
    return y;
}

/* [batch, tokens, width] */
static value stem(encoder *e, value x) {
    const vit_config *c = &e->m->vit;
    value y = NULL;
    for (int s = 0; s < c->stem.n_stages; s++) {
        y = stage(&e->n, s ? planes(e->n.g, y) : x, s, c->stem.residual[s]);
        if (s != c->stem.map_stage) continue;
        net_at(&e->n, "stem.");
        e->map = planes(e->n.g, net_linear(&e->n, y, "map"));
    }
    net_at(&e->n, "%s", "");
    return graph_reshape(e->n.g, y, (int64_t[]){ 0, -1, c->width }, 3);
}

static value patches(encoder *e, value x) {
    const vit_config *c = &e->m->vit;
    value kernel = net_weight(&e->n, "vision_model.embeddings.patch_embedding.weight");
    value y = convolution(e->n.g, x, kernel, c->patch, c->patch, 0);
    value rows = graph_reshape(e->n.g, y, (int64_t[]){ 0, c->width, -1 }, 3);
    return graph_transpose(e->n.g, rows, (int64_t[]){ 0, 2, 1 }, 3);
}

/* A row of zeros goes before the tokens, and the positions, whose first row holds the class token too, are added:
 * so the class token needs no copy for each picture of the batch. */
static value with_class(encoder *e, value tokens) {
    const vit_config *c = &e->m->vit;
    int n = vit_tokens(c);
    value places, ends = graph_ints(e->n.g, (int64_t[]){ 0, 1, 0, 0, 0, 0 }, 6);
    float *x = graph_own(e->n.g, &places, "class_and_positions", (int[]){ n, c->width }, 2);
    const float *class_token = net_data(&e->n, "vision_model.embeddings.class_embedding");
    if (x)
        memcpy(x, net_data(&e->n, "vision_model.embeddings.position_embedding.weight"),
               (size_t)n * (size_t)c->width * sizeof *x);
    for (int i = 0; x && i < c->width; i++) x[i] += class_token[i];
    return graph_op2(e->n.g, "Add", graph_op2(e->n.g, "Pad", tokens, ends), places);
}

/* ---- the transformer --------------------------------------------------------------------------------- */

static value activation(graph *g, vit_act act, value x) {
    if (act == VIT_QUICK_GELU) return graph_op2(g, "Mul", x, graph_op(g, "Sigmoid", graph_scale(g, x, 1.702f)));
    value erf = graph_op(g, "Erf", graph_scale(g, x, 0.70710678f));
    return graph_op2(g, "Mul", graph_scale(g, x, 0.5f), graph_shift(g, erf, 1));
}

/* The last block goes on with the class token alone. */
static value block(encoder *e, value x, int layer) {
    const vit_config *c = &e->m->vit;
    graph *g = e->n.g;
    bool last = layer == c->layers - 1;
    net_attention a = { last ? 1 : vit_tokens(c), vit_tokens(c), c->width, c->heads };
    net_at(&e->n, "vision_model.encoder.layers.%d.", layer);
    value y = net_norm(&e->n, x, "layer_norm1", c->eps);
    value q = net_linear(&e->n, last ? graph_slice(g, y, 1, 0, 1) : y, "self_attn.q_proj");
    value k = net_linear(&e->n, y, "self_attn.k_proj"), v = net_linear(&e->n, y, "self_attn.v_proj");
    value mixed = net_linear(&e->n, net_attend(&e->n, &a, q, k, v), "self_attn.out_proj");
    x = graph_op2(g, "Add", last ? graph_slice(g, x, 1, 0, 1) : x, mixed);
    value h = net_linear(&e->n, net_norm(&e->n, x, "layer_norm2", c->eps), "mlp.fc1");
    return graph_op2(g, "Add", x, net_linear(&e->n, activation(g, c->act, h), "mlp.fc2"));
}

/* [batch, out]  <-  pixels, 0 to 255 */
static value learned(encoder *e, value pixels) {
    const vit_config *c = &e->m->vit;
    graph *g = e->n.g;
    value x = normalised(e, pixels);
    x = with_class(e, c->patch ? patches(e, x) : stem(e, x));
    if (c->patch) x = net_norm(&e->n, x, "vision_model.pre_layrnorm", c->eps);
    for (int i = 0; i < c->layers; i++) x = block(e, x, i);
    net_at(&e->n, "%s", "");
    x = net_norm(&e->n, x, "vision_model.post_layernorm", c->eps);
    const float *project = net_data(&e->n, "visual_projection.weight");
    value w = graph_weight_turned(g, "visual_projection.weight", project, c->out, c->width);
    return graph_reshape(g, graph_op2(g, "MatMul", x, w), (int64_t[]){ 0, c->out }, 2);
}

/* ---- the file ---------------------------------------------------------------------------------------- */

static void build(encoder *e) {
    const bk_model *m = e->m;
    const vit_config *c = &m->vit;
    graph *g = e->n.g;
    int dim = bundle_dim(m);
    value pixels = graph_input(g, "pixels", (int[]){ 3, c->picture_h, c->picture_w }, 3,
                               "RGB, 0 to 255: the whole picture resized as Pillow's BICUBIC does, rounded");
    value x = learned(e, pixels);
    if (m->evidence) x = graph_join(g, (value[]){ x, evidence_graph(g, &e->sizes, pixels, e->map), NULL }, 1);
    graph_output(g, x, "embedding", &dim, 1, "an embedding a picture, not normalised");
    graph_meta(g, "model", m->name);
    graph_meta(g, "fingerprint", m->fingerprint);
}

int onnx_save_encoder(const bk_model *m, const char *path, bk_error *err) {
    if (!m->has_encoder) return bk_fail(err, BK_EMISMATCH, "%s has no encoder", m->name);
    int code = net_fits(&m->vit_rows, path, err);
    if (code != BK_OK) return code;
    const vit_config *c = &m->vit;
    float *weights = bundle_encoder_weights(m);
    encoder e = { .m = m,
                  .n = { graph_open("encoder"), &m->vit_rows, weights, "" },
                  .sizes = { c->picture_w, c->picture_h, 0, 0 } };
    if (!c->patch && c->stem.map_stage >= 0)
        stem_size(&c->stem, c->picture_h, c->picture_w, c->stem.map_stage, &e.sizes.map_h, &e.sizes.map_w);
    if (!weights || !e.n.g) code = bk_fail_memory(err, path);
    if (code == BK_OK && m->evidence && e.sizes.map_w > MAP_WIDEST)
        code = bk_fail(err, BK_EINVAL, "%s: a lettering map %d wide; at most %d can be exported", m->name,
                       e.sizes.map_w, MAP_WIDEST);
    if (code == BK_OK) build(&e);
    if (code == BK_OK) code = graph_save(e.n.g, path, err);
    graph_close(&e.n.g);
    free(weights);
    return code;
}
