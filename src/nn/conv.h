/* 3x3 convolution with zero padding 1, channel-last. Forward: a few lines at a time are copied into a frame of zeros,
 * and a kernel works straight from there. Backward the same: the gradient of the input is the forward kernel again,
 * with the weights turned round, once for every phase of the stride; that of the weights has a kernel of its own. */
#ifndef BK_NN_CONV_H
#define BK_NN_CONV_H

#include <stdbool.h>
#include <stddef.h>

typedef struct conv {
    int h, w, cin, cout; /* of the input, one picture */
    int stride;          /* 1 or 2; out: (h + stride - 1) / stride */
    bool planar;         /* the input is [cin, h, w] (a picture), else [h, w, cin] */
} conv;

int conv_out_h(const conv *c);
int conv_out_w(const conv *c);
size_t conv_rows(const conv *c); /* out_h * out_w */

/* Weights [cout, 3, 3, cin] in the order that the kernel reads them; floats, the copying, and the way back. */
size_t conv_ready_size(const conv *c);
void conv_ready(const conv *c, const float *weight, float *ready);
void conv_unready(const conv *c, const float *ready, float *weight);

/* Output lines that one call of conv_forward() may be asked for, so that its work stays in the cache. */
int conv_chunk(const conv *c);
size_t conv_forward_scratch(const conv *c);
/* y [lines * out_w, cout]  <-  output lines [line, line + lines) of one picture x. */
void conv_forward(const conv *c, const float *x, const float *ready, int line, int lines, float *scratch, float *y);

size_t conv_backward_scratch(const conv *c);
/* g_weight += ; d_x = , or with add += (NULL: not wanted)  <-  d_y [n * rows, cout], n pictures x. turned: what
 * conv_turn() made, or NULL where there is no d_x. */
void conv_backward(const conv *c, int n, const float *x, const float *turned, const float *d_y, float *scratch,
                   float *g_weight, bool add, float *d_x);
/* The weights as conv_backward() needs them. */
size_t conv_turn_size(const conv *c);
void conv_turn(const conv *c, const float *weight, float *turned);

#endif
