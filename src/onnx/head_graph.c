/* The head as an ONNX graph: nn/attention60.c, node by node, and the probability of each logit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "onnx/export.h"
#include "onnx/net.h"

static const float EPS = 1e-5f; /* as in nn/attention60.c */

/* Post-norm: x = norm(x + attention(x)), x = norm(x + mlp(x)). */
static value layer(net *n, const attention60_config *c, value x, int i) {
    net_attention a = { c->window, c->window, c->width, c->heads };
    net_at(n, "encoder.layers.%d.", i);
    value part[3];
    for (int k = 0; k < 3; k++) part[k] = net_linear_third(n, x, "self_attn.in_proj_", k);
    value mixed = net_linear(n, net_attend(n, &a, part[0], part[1], part[2]), "self_attn.out_proj");
    x = net_norm(n, graph_op2(n->g, "Add", x, mixed), "norm1", EPS);
    value h = graph_op(n->g, "Relu", net_linear(n, x, "linear1"));
    value out = net_linear(n, h, "linear2");
    return net_norm(n, graph_op2(n->g, "Add", x, out), "norm2", EPS);
}

/* A classifier a sample: logits [batch, window] = sum over width of x * weights [window, width], plus bias. */
static value classified(net *n, const attention60_config *c, value x) {
    value weight, bias;
    float *w = graph_own(n->g, &weight, "classifiers.weight", (int[]){ c->window, c->width }, 2);
    float *b = graph_own(n->g, &bias, "classifiers.bias", &c->window, 1);
    for (int t = 0; w && b && t < c->window; t++) {
        char name[64];
        snprintf(name, sizeof name, "classifiers.%d.weight", t);
        memcpy(w + (size_t)t * (size_t)c->width, net_data(n, name), (size_t)c->width * sizeof *w);
        snprintf(name, sizeof name, "classifiers.%d.bias", t);
        b[t] = *net_data(n, name);
    }
    const attribute flat[] = { { .name = "keepdims", .kind = ATTRIBUTE_INT, .i = 0 }, { .name = NULL } };
    value products = graph_op2(n->g, "Mul", x, weight), last = graph_ints(n->g, (int64_t[]){ -1 }, 1);
    value sums = graph_node(n->g, "ReduceSum", (value[]){ products, last, NULL }, flat);
    return graph_op2(n->g, "Add", sums, bias);
}

static void build(net *n, const bk_model *m) {
    const attention60_config *c = &m->head;
    value x = graph_input(n->g, "windows", (int[]){ c->window, c->in }, 2, "embeddings of one sample a second");
    if (c->in != c->width) x = net_linear(n, x, "in_proj");
    x = graph_op2(n->g, "Add", x, net_weight(n, "pos"));
    for (int i = 0; i < c->layers; i++) x = layer(n, c, x, i);
    net_at(n, "%s", "");
    value probs = graph_op(n->g, "Sigmoid", classified(n, c, x));
    graph_output(n->g, probs, "probabilities", &c->window, 1, "P(opening or credits) of each sample");
    char number[16];
    snprintf(number, sizeof number, "%d", m->stride);
    graph_meta(n->g, "model", m->name);
    graph_meta(n->g, "fingerprint", m->fingerprint);
    graph_meta(n->g, "stride", number);
}

int onnx_save_head(const bk_model *m, const char *path, bk_error *err) {
    if (!m->has_head) return bk_fail(err, BK_EMISMATCH, "%s has no head", m->name);
    int code = net_fits(&m->head_rows, path, err);
    if (code != BK_OK) return code;
    float *weights = bundle_head_weights(m);
    net n = { graph_open("head"), &m->head_rows, weights, "" };
    if (!weights || !n.g) code = bk_fail_memory(err, path);
    if (code == BK_OK) build(&n, m);
    if (code == BK_OK) code = graph_save(n.g, path, err);
    graph_close(&n.g);
    free(weights);
    return code;
}
