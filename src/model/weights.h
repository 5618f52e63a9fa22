/* A file of weights, whichever of the public formats it is in: safetensors, or PyTorch's (a state dict, or a
 * TorchScript archive such as OpenAI's). For clip.c and state_dict.c, which know the names. */
#ifndef BK_MODEL_WEIGHTS_H
#define BK_MODEL_WEIGHTS_H

#include "nn/attention60.h"
#include "nn/vit.h"
#include "store/array.h"

typedef struct weight_file weight_file;

/* With data, size bytes of a file in memory are read, which must outlive the object, and path is only its name.
 * BK_EIO, BK_EFORMAT (a pickle that asks for more than tensors is refused by the name of what it asks for),
 * BK_ENOMEM. */
int weights_open(weight_file **out, const char *path, const void *data, size_t size, bk_error *err);
void weights_close(weight_file **w);

/* bookend's own numbers, JSON, which bundle_save() put beside the tensors; NULL for a file of others. */
const char *weights_about(const weight_file *w);
/* Whether it is a TorchScript archive: a module with its code, which is never looked at. */
bool weights_is_script(const weight_file *w);
const char *weights_path(const weight_file *w);

/* From now on names are looked for below the prefix that stands before `mark` in the file: "state_dict.module." where
 * that holds "state_dict.module.visual.proj" and mark is "visual.proj". The shortest one is taken. False, and nothing
 * changed, when no array's name ends in mark. */
bool weights_below(weight_file *w, const char *mark);

/* NULL when there is none. */
const array *weights_find(const weight_file *w, const char *name);
/* The same, with a sentence that names file and array when there is none. BK_EFORMAT. */
int weights_need(const array **out, const weight_file *w, const char *name, bk_error *err);

/* Every number of a, one of w's, as a float into to [a->n]; memory that the file's bytes took is let go. */
void weights_read(float *to, const weight_file *w, const array *a);

/* Whether the file has at least half as many numbers as a network of that configuration, so that a few bytes cannot
 * ask for all memory. BK_EINVAL for a configuration that there is not, BK_EFORMAT, BK_ENOMEM. */
int weights_hold_encoder(const weight_file *w, const vit_config *c, bk_error *err);
int weights_hold_head(const weight_file *w, const attention60_config *c, bk_error *err);

#endif
