/* Public CLIP files: the vision transformer under the names of Hugging Face (vision_model.*) and of OpenAI
 * and open_clip (visual.*). */
#ifndef BK_MODEL_CLIP_H
#define BK_MODEL_CLIP_H

#include "model/bundle.h"
#include "store/safetensors.h"

/* Fills the empty model m with the encoder of s. Width, depth, patch, picture and embedding follow from the
 * shapes; heads are of 64 numbers, mean and deviation are CLIP's (Radford et al., 2021). BK_EFORMAT when s
 * holds no such network, or one that does not fit together; BK_ENOMEM. */
int clip_load(bk_model *m, const safetensors *s, const char *path, bk_error *err);

#endif
