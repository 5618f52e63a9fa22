/* The convolutional stem of the small encoder: small letters need pixels. Channel-last inside. Each
 * stage is a 3x3 convolution of stride 2 (zero padding 1), layer norm over channels, ReLU; some stages
 * then add a residual unit x + ReLU(LN(conv3x3(x))). The last stage's rows are the tokens. A 1x1
 * convolution on one of the stages gives the lettering map. */
#ifndef BK_NN_STEM_H
#define BK_NN_STEM_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/tensor.h"

enum { STEM_MAX_STAGES = 6, STEM_MAX_RESIDUAL = 3 };

typedef struct stem_config {
    int n_stages;
    int channels[STEM_MAX_STAGES]; /* the last is the transformer's width */
    int residual[STEM_MAX_STAGES]; /* residual units after the stage's convolution, at most STEM_MAX_RESIDUAL */
    int map_stage;                 /* the stage whose output the lettering map reads; -1: no map */
} stem_config;

/* BK_EINVAL with a sentence when the numbers do not fit together. */
int stem_check(const stem_config *c, bk_error *err);

/* Height and width after stage i of a picture of h x w (each stage: (x + 1) / 2). */
void stem_size(const stem_config *c, int h, int w, int stage, int *out_h, int *out_w);
int stem_map_size(const stem_config *c, int h, int w); /* numbers in a map, out_h * out_w at map_stage; 0: no map */

/* Adds the stem's rows, which must be the first of the table: "stem.N.conv.weight" [cout, 3, 3, cin],
 * "stem.N.norm.weight", "stem.N.norm.bias" [cout], the same under "stem.N.res.K." for residual units, and
 * "stem.map.weight" [1, channels], "stem.map.bias" [1]. Kernels have He et al.'s initialisation. */
void stem_rows(nn_table *t, const stem_config *c);
/* The stem's weights into the kernels' order, in place, or back; a convolution whose channels are no multiple of 16
 * keeps its order, and stem_forward() knows that. So does one that winograd.h takes: what that reads has more floats
 * than the table gives, and goes into more [stem_more()], which the way back does not need. False: no memory. */
bool stem_order(const stem_config *c, float *w, float *more, bool ready);
size_t stem_more(const stem_config *c);
/* Floats of scratch for n pictures of h x w. */
size_t stem_scratch(const stem_config *c, int h, int w, int n, bool train);
/* tokens [n, th * tw, channels[last]] and map [n, map_size] of logits (or NULL)  <-  pixels [n, 3, ph, pw], with
 * the weights w that stem_rows() laid out, or w and more that stem_order() made of them for NN_READY. NN_TRAIN:
 * scratch keeps the activations. */
void stem_forward(const stem_config *c, const float *w, const float *more, const float *pixels, int n, int ph, int pw,
                  float *scratch, nn_mode mode, float *tokens, float *map);
/* g += the gradients of the forward(NN_TRAIN) just before, whose scratch this is; the activations in it are
 * used up. d_map may be NULL. */
void stem_backward(const stem_config *c, const float *w, float *g, const float *pixels, int n, int ph, int pw,
                   float *scratch, const float *d_tokens, const float *d_map);

#endif
