/* The notebook's head as PyTorch saves it: a state dict of ClipAttention60. */
#ifndef BK_MODEL_STATE_DICT_H
#define BK_MODEL_STATE_DICT_H

#include "model/bundle.h"

/* Whether the file opens as a zip archive, as torch.save() writes. */
bool state_dict_is(const char *path);

/* Fills the empty model m with the head of the file. Width, depth and window follow from the shapes; a head has 32
 * numbers an attention head, as the notebook's 512 / 16. BK_EFORMAT, BK_EIO, BK_ENOMEM. */
int state_dict_load_head(bk_model *m, const char *path, bk_error *err);

#endif
