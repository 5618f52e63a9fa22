/* The layers that both networks are made of, forward and backward side by side. Rows are samples: x [m, in], y
 * [m, out], all row-major. g_*: gradients of weights, added to; d_*: gradients of activations. */
#ifndef BK_NN_LAYERS_H
#define BK_NN_LAYERS_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/gemm.h"

/* y = x w^T + b; w [out, in], b [out] or NULL. add: y += that. */
void linear_forward(const float *x, const float *w, const float *b, int m, int in, int out, bool add, float *y);
/* The same and then act(y), over weights that linear_order() has put in the kernel's order. A
 * layer whose outputs are no multiple of 16 keeps its order, and linear_ready_forward() knows that. */
typedef struct ready_work {
    float *work; /* gemm_work(m) floats */
    pool *team;  /* see gemm_run() */
} ready_work;
/* ready: w into the kernel's order, in place; else back. False: no memory, and w is as it was. */
bool linear_order(float *w, int in, int out, bool ready);
void linear_ready_forward(const float *x, const float *ready, const float *b, int m, int in, int out, bool add,
                          nn_act act, const ready_work *r, float *y);

/* A transformer's MLP, of weights in the kernel's order. */
typedef struct ready_mlp {
    int width, hidden;
    nn_act act;
    const float *fc1, *fc1_bias, *fc2, *fc2_bias; /* [hidden, width], [hidden], [width, hidden], [width] */
} ready_mlp;
/* Floats of room between its layers for m rows. */
size_t ready_mlp_room(int m, int hidden);
/* y [m, width] += fc2 act(fc1 x); y may be x. */
void ready_mlp_forward(const ready_mlp *p, const float *x, int m, const ready_work *r, float *room, float *y);

/* g_w += d_y^T x, g_b += column sums of d_y (NULL: none), d_x = d_y w (NULL: not wanted). */
void linear_backward(const float *d_y, const float *x, const float *w, int m, int in, int out, float *g_w, float *g_b,
                     float *d_x);

/* x [n, per] in place, with the mask of (seed, step, site, first + i) for row i: site tells the places in the network
 * apart. The same call gives the gradient. p = 0 does nothing. */
typedef struct dropout_key {
    float p;
    uint64_t seed, step;
    int first;
} dropout_key;
void dropout_apply(const dropout_key *k, int site, float *x, int n, long per);
/* The key of the mask of one row, for nn_kernels.dropout. */
uint64_t dropout_mix(const dropout_key *k, int site, int row);

float sigmoid(float x);

/* Sum over i of weight[i] (NULL: 1) times the binary cross-entropy of sigmoid(logit[i]) against target[i], in nats;
 * d (NULL: not wanted) = its gradient at the logits. */
double bce_logits(const float *logit, const float *target, const float *weight, int n, float *d);
/* -log softmax(logit)[label] in nats; d (NULL: not wanted) = its gradient. */
double cross_entropy(const float *logit, int n, int label, float *d);

#endif
