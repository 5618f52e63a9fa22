/* Attention in a last block on weights that are ready, where only the class token asks. Keys and values are not worked
 * out: with y the rows that the block attends to, head h's score of row j is q_h . (K_h y_j) = (K_h^T q_h) . y_j, and
 * what comes out is V_h (sum of p_j y_j), so that each of the matrices meets one row a picture and not one a token.
 * The bias of the keys adds the same to all scores of a head, which softmax does not see. */
#ifndef BK_NN_CLASS_ATTENTION_H
#define BK_NN_CLASS_ATTENTION_H

#include "nn/layers.h"

typedef struct class_attention {
    int n, tokens, heads, head_width;
    pool *team;  /* its threads that have nothing to do share the heads; or NULL */
    float *work; /* class_attention_work() floats */
} class_attention;

/* Whether the kernels can work on single heads: these are a multiple of 16 wide. Else none of the following. */
bool class_attention_fits(int head_width);
size_t class_attention_work(const class_attention *a);

/* As linear_order(), of the three matrices [width, width] of q, k and v; half of them may be ordered when memory ran
 * out. */
bool class_attention_order(float *qkv, int heads, int head_width, bool ready);

/* out [n, width], the heads' output for the class tokens  <-  y [n, tokens, width], qkv in order, bias [3 width]. */
void class_attention_forward(const class_attention *a, const float *qkv, const float *bias, const float *y, float *out);

#endif
