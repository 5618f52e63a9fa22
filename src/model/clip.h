/* Public CLIP files: the vision transformer under the names of Hugging Face (vision_model.*) and of OpenAI
 * and open_clip (visual.*). */
#ifndef BK_MODEL_CLIP_H
#define BK_MODEL_CLIP_H

#include "model/bundle.h"
#include "model/clip_numbers.h"
#include "model/weights.h"

/* Whether there is a vision transformer of either family in w; from now on w's names are looked for where it is. */
bool clip_is(weight_file *w);

/* Fills the empty model m with the encoder of w, of which clip_is() is true. Width, depth, patch, picture and
 * embedding follow from the shapes; the rest is in *numbers, unknown or given, and complete afterwards (NULL: nothing
 * is given). BK_EFORMAT when the network is of a kind that is not built here, or its tensors do not fit together;
 * BK_ENOMEM. */
int clip_load(bk_model *m, weight_file *w, clip_numbers *numbers, bk_error *err);

#endif
