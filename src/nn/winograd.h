/* 3x3 convolutions of stride 1, zero padding 1, channel-last, forward only, by Winograd's minimal filtering
 * F(2x2, 3x3) ("Arithmetic Complexity of Computations", 1980; Lavin and Gray, "Fast Algorithms for Convolutional
 * Neural Networks", 2015): 16 multiplications for four outputs in place of 36. Its numbers are conv.h's up to
 * rounding. */
#ifndef BK_NN_WINOGRAD_H
#define BK_NN_WINOGRAD_H

#include "nn/conv.h"

/* Stride 1, not planar, channels in multiples of 16. */
bool winograd_fits(const conv *c);

/* Weights [cout, 3, 3, cin] transformed, in the order that the kernel reads them; floats, and the work. There is no
 * exact way back. */
size_t winograd_ready_size(const conv *c);
void winograd_ready(const conv *c, const float *weight, float *ready);

/* As conv.h's; a chunk is an even number of lines, or all, and `line` is even. */
int winograd_chunk(const conv *c);
size_t winograd_scratch(const conv *c);
void winograd_forward(const conv *c, const float *x, const float *ready, int line, int lines, float *scratch,
                      float *y);

#endif
