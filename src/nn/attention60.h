/* ClipAttention60, the head: a window of embeddings in, one logit a sample out. As the notebook's PyTorch
 * module: learned positions, post-norm encoder layers (self-attention, ReLU feed-forward, dropout), one
 * separate linear head a position. Vaswani et al., 2017. Forward and backward. */
#ifndef BK_NN_ATTENTION60_H
#define BK_NN_ATTENTION60_H

#include <stdbool.h>
#include <stdint.h>

#include "base/pool.h"
#include "nn/tensor.h"

typedef struct attention60_config {
    int window;             /* samples, 60 */
    int in;                 /* numbers in an embedding, 512 */
    int width;              /* of the transformer; where it is not `in`, a linear layer in_proj goes first */
    int layers, heads, mlp; /* the notebook's: 16, 16, 2048 */
    float dropout;          /* 0.1; used in training only */
} attention60_config;

/* Tensor names and shapes are those of PyTorch's state_dict of the notebook's class: "pos" [60, 512],
 * "encoder.layers.0.self_attn.in_proj_weight" [3 w, w], ..., "classifiers.59.bias" [1]; and "in_proj.weight",
 * "in_proj.bias" where there is one. Initialised as PyTorch does. BK_EINVAL, BK_ENOMEM. */
int attention60_table(nn_table *out, const attention60_config *c, bk_error *err);

/* As vit_order(), of a block laid out by attention60_table(). */
bool attention60_order(const attention60_config *c, float *w, bool ready);

/* Floats of scratch for n windows; with train enough for every mode. */
size_t attention60_scratch(const attention60_config *c, int n, bool train);

/* logits [n, window]  <-  x [n, window, in]. NN_TRAIN: activations are kept in scratch and dropout is drawn
 * from (seed, step), so that the same pair gives the same masks; masks are made again in the backward pass, not
 * stored. One call is one thread, and callers split n; but in NN_READY those threads of team (or NULL) that have
 * nothing to do share its layers. first: index of x's first window in the batch, so that masks do not depend on how
 * callers split. */
void attention60_forward(const attention60_config *c, const float *w, const float *x, int n, float *scratch,
                         nn_mode mode, pool *team, uint64_t seed, uint64_t step, int first, float *logits);

/* Adds to g the gradients of the forward(NN_TRAIN) just before with the same arguments. d_logits
 * [n, window]. */
void attention60_backward(const attention60_config *c, const float *w, float *g, const float *x, int n,
                          float *scratch, uint64_t seed, uint64_t step, int first, const float *d_logits);

#endif
