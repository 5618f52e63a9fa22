/* One pre-norm transformer block of the vision transformer: x += attention(norm(x)); x += mlp(norm(x)). For vit.c
 * only. */
#ifndef BK_NN_VIT_BLOCK_H
#define BK_NN_VIT_BLOCK_H

#include "nn/layers.h"
#include "nn/tensor.h"
#include "nn/vit.h"

/* Offsets of a block's tensors. q, k and v lie side by side, so that they are one [3 width, width] matrix and one
 * [3 width] bias. */
typedef struct block_at {
    size_t norm1_gain, norm1_bias, qkv, qkv_bias, join, join_bias;
    size_t norm2_gain, norm2_bias, fc1, fc1_bias, fc2, fc2_bias;
} block_at;

/* Floats of block_temp.attention. */
size_t block_attention_work(const vit_config *c, int tokens);

/* Floats of block_kept.qkv for n pictures, in any block. */
size_t block_qkv(const vit_config *c, int n, int tokens);

void block_rows(nn_table *t, const vit_config *c, int layer, block_at *at);

/* Activations of a block. t = n * tokens rows; r = n rows in the last block, where only the class token goes on,
 * else t. Kept apart for every layer in training; hat and rstd are NULL otherwise. */
typedef struct block_kept {
    float *hat1, *rstd1; /* [t, width], [t] */
    float *qkv;          /* block_qkv() floats: [t, 3 width], or room for class_attention.h */
    float *probs;        /* [n, heads, r / n, tokens] */
    float *joined;       /* [r, width], the heads' output */
    float *hat2, *rstd2; /* [r, width], [r] */
    float *hidden;       /* [r, mlp], before the activation; or ready_mlp_room() */
} block_kept;

/* Shared by all blocks. */
typedef struct block_temp {
    float *y; /* [t, width] */
    ready_work ready;
    float *attention;        /* attention_work() floats, on weights that are ready */
    float *act;              /* [t, mlp]; in inference the same as hidden */
    float *d_y, *d_act;      /* [t, width], [t, mlp]; training only */
    float *d_qkv, *d_square; /* [t, 3 width], [2 * tokens * tokens]; training only */
} block_temp;

typedef struct block_call {
    const vit_config *c;
    const block_at *at;
    const block_kept *kept;
    const block_temp *temp;
    int n, tokens;
    bool last, ready; /* ready: w is in the kernels' order */
} block_call;

/* As vit_order(), a block's weights. */
bool block_order(const vit_config *c, const block_at *at, float *w, bool last, bool ready);

/* x [t, width] in place; in the last block it becomes [n, width], the class tokens. */
void block_forward(const block_call *b, const float *w, float *x);
/* d: the gradient of what x became, turned into that of what x was. */
void block_backward(const block_call *b, const float *w, float *g, float *d);

#endif
