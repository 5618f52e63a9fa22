/* CLIP's vision transformer (Radford et al., "Learning Transferable Visual Models From Natural Language
 * Supervision", 2021; Dosovitskiy et al., 2021), any width, depth, heads, patch and picture size, with
 * pre-norm blocks. Instead of the patch embedding it may have a convolutional stem (nn/stem.h), which
 * also gives a map of where lettering stands. Forward and backward. */
#ifndef BK_NN_VIT_H
#define BK_NN_VIT_H

#include "base/pool.h"
#include "nn/stem.h"
#include "nn/tensor.h"

typedef enum vit_act { VIT_QUICK_GELU, VIT_GELU } vit_act;

typedef struct vit_config {
    int picture_h, picture_w;           /* pixels */
    int patch;                          /* side of a patch in pixels; 0: the stem gives the tokens */
    stem_config stem;                   /* used when patch is 0 */
    int width, layers, heads, mlp, out; /* out: numbers in an embedding */
    vit_act act;
    float eps; /* of the layer norms; 1e-5 in CLIP */
} vit_config;

/* BK_EINVAL when the numbers do not fit together (said which), BK_ENOMEM. Tensor names are Hugging
 * Face's (vision_model.embeddings.class_embedding, ..., visual_projection.weight), the stem's begin
 * with "stem.". With a stem there is no pre_layrnorm. width is a multiple of 16. The other functions take only
 * a config that passed here. */
int vit_table(nn_table *out, const vit_config *c, bk_error *err);

/* Tokens of one picture, the class token included. */
int vit_tokens(const vit_config *c);

/* Floats of scratch that a call with n pictures needs; with train it is enough for every mode, and the activations
 * are kept in it for the backward pass. */
size_t vit_scratch(const vit_config *c, int n, bool train);

/* Weights, one block laid out by vit_table(), into the order for NN_READY, in place: or, not ready, from there back.
 * When ready the block is vit_ready_floats() long. False: no memory, and w is of no more use. */
bool vit_order(const vit_config *c, float *w, bool ready);
/* The table's floats, and those that NN_READY has behind them. */
size_t vit_ready_floats(const vit_config *c);

/* emb [n, out]  <-  pixels [n, 3, picture_h, picture_w]. map (NULL, or [n, stem_map_size]): logits of
 * lettering. w: one block laid out by vit_table(), or what vit_order() made of it. One call is one thread, and
 * callers split n; but in NN_READY those threads of team (or NULL) that have nothing to do share its layers. */
void vit_forward(const vit_config *c, const float *w, const float *pixels, int n, float *scratch, nn_mode mode,
                 pool *team, float *emb, float *map);

/* The same for one picture at a time, so that no more than its pixels [3, picture_h, picture_w] need room: vit_take()
 * for each i in [0, n), with a map of its own or NULL, then vit_finish(); NN_INFER or NN_READY, the same scratch and n
 * in all calls. */
void vit_take(const vit_config *c, const float *w, const float *pixels, int i, int n, float *scratch, nn_mode mode,
              float *map);
void vit_finish(const vit_config *c, const float *w, int n, float *scratch, nn_mode mode, pool *team, float *emb);

/* The tokens as the last block reads them, [n, tokens, width], the class token first: what a loss on the parts of a
 * picture is taken from. In the scratch of vit_forward(NN_TRAIN) with the same c and n, until vit_backward(). */
const float *vit_features(const vit_config *c, float *scratch, int n);

/* Adds to g (laid out as w) the gradients of what vit_forward(NN_TRAIN) computed just before with
 * the same arguments; scratch is that call's, and is used up. d_emb [n, out]; d_map [n, stem_map_size] or NULL;
 * d_features as vit_features(), or NULL. */
void vit_backward(const vit_config *c, const float *w, float *g, const float *pixels, int n, float *scratch,
                  const float *d_emb, const float *d_map, const float *d_features);

#endif
