/* Parts that the encoder's and the head's graphs share: weights by their names in the tensor table, linear layers,
 * attention. Shapes are those of nn/. */
#ifndef BK_ONNX_NET_H
#define BK_ONNX_NET_H

#include "nn/tensor.h"
#include "onnx/graph.h"

typedef struct net {
    graph *g;
    const nn_table *rows;
    const float *weights; /* laid out as rows */
    char at[64];          /* what the names of rows begin with, "encoder.layers.3." */
} net;

/* BK_EINVAL when that many weights cannot be in one file (see graph_save()): before any of them is touched. */
int net_fits(const nn_table *rows, const char *path, bk_error *err);

/* From now on names of rows, and of nodes, begin so; "" for none. */
void net_at(net *n, const char *fmt, ...) BK_PRINTF(2, 3);
/* A row and where its numbers are. Names are ours: it is there. */
const nn_tensor *net_row(const net *n, const char *name);
const float *net_data(const net *n, const char *name);
/* The row as a constant of its own shape. */
value net_weight(net *n, const char *name);
/* The layer norm NAME.weight, NAME.bias over the last size. */
value net_norm(net *n, value x, const char *name, float eps);
/* x [.., in] -> [.., out] by NAME.weight [out, in] and NAME.bias. */
value net_linear(net *n, value x, const char *name);
/* By the third (0, 1, 2) of a fused NAMEweight [3 out, in] and NAMEbias. */
value net_linear_third(net *n, value x, const char *name, int third);

/* What attention needs to know. */
typedef struct net_attention {
    int queries, keys, width, heads;
} net_attention;

/* [batch, queries, width]  <-  q [batch, queries, width], k and v [batch, keys, width] */
value net_attend(net *n, const net_attention *a, value q, value k, value v);

#endif
