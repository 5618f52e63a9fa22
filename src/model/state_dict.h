/* The notebook's head as PyTorch saves it: a state dict of ClipAttention60. */
#ifndef BK_MODEL_STATE_DICT_H
#define BK_MODEL_STATE_DICT_H

#include "model/bundle.h"
#include "model/weights.h"

/* Whether w holds such a head; from now on w's names are looked for where it is. */
bool state_dict_is(weight_file *w);

/* Fills the empty model m with the head of w, of which state_dict_is() is true. Width, depth and window follow from
 * the shapes; a head has 32 numbers an attention head, as the notebook's 512 / 16. BK_EFORMAT, BK_ENOMEM. */
int state_dict_load_head(bk_model *m, const weight_file *w, bk_error *err);

/* Writes m's head so that load_state_dict(strict=True) of the notebook's class takes it: the same names in the order
 * of its modules, 32 bits. about: the numbers that go with them, for reading it here again. BK_EMISMATCH when m has
 * no head, BK_EIO, BK_ENOMEM. */
int state_dict_save_head(const bk_model *m, const char *path, const char *about, bk_error *err);

#endif
