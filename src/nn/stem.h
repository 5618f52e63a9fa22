/* The convolutional stem of the small encoder: small letters need pixels. Channel-last inside. Each
 * stage is a 3x3 convolution of stride 2 (zero padding 1), layer norm over channels, ReLU; some stages
 * then add a residual unit x + ReLU(LN(conv3x3(x))). The last stage's rows are the tokens. A 1x1
 * convolution on one of the stages gives the lettering map. */
#ifndef BK_NN_STEM_H
#define BK_NN_STEM_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/tensor.h"

enum { STEM_MAX_STAGES = 6 };

typedef struct stem_config {
    int n_stages;
    int channels[STEM_MAX_STAGES];  /* the last is the transformer's width */
    int residual[STEM_MAX_STAGES];  /* residual units after the stage's convolution */
    int map_stage;                  /* the stage whose output the lettering map reads; stride 2^(map_stage+1) */
} stem_config;

/* Height and width after stage i of a picture of h x w (each stage: (x + 1) / 2). */
void stem_size(const stem_config *c, int h, int w, int stage, int *out_h, int *out_w);
int stem_map_size(const stem_config *c, int h, int w); /* numbers in a map, out_h * out_w at map_stage */

/* Adds the rows "stem.N.conv.weight" [cout, 3, 3, cin] ... "stem.map.weight" [1, channels], with He
 * initialisation. */
void stem_rows(nn_table *t, const stem_config *c);
size_t stem_scratch(const stem_config *c, int h, int w, int n, bool train);
/* tokens [n, th * tw, channels[last]] and map [n, map_size] (or NULL)  <-  pixels [n, 3, h, w]. */
void stem_forward(const stem_config *c, const nn_table *t, const float *w, const float *pixels, int n, int ph, int pw,
                  float *scratch, bool train, float *tokens, float *map);
void stem_backward(const stem_config *c, const nn_table *t, const float *w, float *g, const float *pixels, int n, int ph,
                   int pw, float *scratch, const float *d_tokens, const float *d_map);

#endif
