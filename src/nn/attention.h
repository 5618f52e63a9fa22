/* Multi-head scaled dot-product attention (Vaswani et al., 2017) over [n, tokens, width], between the
 * linear layers that make q, k, v and the one that joins the heads. */
#ifndef BK_NN_ATTENTION_H
#define BK_NN_ATTENTION_H

#include "nn/layers.h"

typedef struct attention {
    int n, heads, head_width;
    int queries;             /* rows that ask, of each sample: all of its tokens, or 1, the first */
    int keys;                /* tokens of a sample */
    const dropout_key *drop; /* of the probabilities; NULL: none */
    int site;
    float *work; /* attention_work() floats: the forward pass runs in the kernels' own way, and keeps no probs; or
                    NULL */
    pool *team;  /* its threads that have nothing to do share the heads of a forward pass without dropout; or NULL */
} attention;

/* Calls one(arg, head, part) for each of the heads, which those threads of team (or NULL) that have nothing to do
 * share; heads of one part, below GEMM_TEAM, go one after the other, so that it can index scratch memory. */
void attention_share(pool *team, int heads, void (*one)(void *arg, int head, int part), void *arg);

/* Floats of the probabilities [n, heads, queries, keys] of one call. */
long attention_probs(const attention *a);

/* Floats of work; 0 where heads are no multiple of 16 wide, which have no way of their own. */
size_t attention_work(const attention *a);

/* out [n * queries, width]  <-  qkv [n * keys, 3 width]: q, k, v of a token side by side (q is read from the first
 * `queries` rows of a sample only). probs [attention_probs()] are kept for the backward pass, before dropout. temp
 * [queries * keys] is used when drop is given. */
void attention_forward(const attention *a, const float *qkv, float *probs, float *temp, float *out);

/* d_qkv = gradient of qkv, in all of its elements that the forward pass read. temp [2 * queries * keys]. */
void attention_backward(const attention *a, const float *qkv, const float *probs, const float *d_out, float *temp,
                        float *d_qkv);

#endif
