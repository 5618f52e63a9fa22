/* 3x3 convolution with zero padding 1, channel-last, as one matrix product over gathered patches; a few output
 * lines at a time, so that the patches stay in the cache. */
#ifndef BK_NN_CONV_H
#define BK_NN_CONV_H

#include <stdbool.h>
#include <stddef.h>

typedef struct conv {
    int n, h, w, cin, cout;
    int stride;  /* 1 or 2; out: (h + stride - 1) / stride */
    bool planar; /* the input is [n, cin, h, w] (a picture), else [n, h, w, cin] */
} conv;

int conv_out_h(const conv *c);
int conv_out_w(const conv *c);
size_t conv_rows(const conv *c); /* n * out_h * out_w */
/* Output lines (of all n pictures, in order) worked on at a time. */
int conv_chunk(const conv *c);
/* Floats of scratch for the gathered patches of a chunk. */
size_t conv_scratch(const conv *c);

/* y [lines * out_w, cout]: output lines [line, line + lines) of x under weight [cout, 3, 3, cin]; lines <=
 * conv_chunk(). */
void conv_forward(const conv *c, const float *x, const float *weight, int line, int lines, float *scratch, float *y);
/* g_weight += , d_x += (NULL: not wanted)  <-  d_y [rows, cout], all lines. */
void conv_backward(const conv *c, const float *x, const float *weight, const float *d_y, float *scratch,
                   float *g_weight, float *d_x);

#endif
