/* PyTorch's files: state dicts of torch.save() (.pth, .pt, .bin) and TorchScript archives such as OpenAI's
 * CLIP weights, as named arrays; and state dicts that load_state_dict(strict=True) takes. Needs no Python and
 * runs nothing: a pickle that asks for more than tensors and plain values is refused by name.
 * Source: torch/serialization.py, torch/_utils.py, torch/csrc/jit/serialization/pickler.cpp. */
#ifndef BK_STORE_TORCH_H
#define BK_STORE_TORCH_H

#include "store/array.h"

typedef struct torch_file torch_file;

/* Reads the zip format (PyTorch 1.6 and later). An array is named by its keys from the root, joined by
 * points: "visual.conv1.weight", "state_dict.pos". Whatever is no tensor is passed over. BK_EIO, BK_EFORMAT,
 * BK_ENOMEM. Maps the file and keeps it mapped. */
int torch_open(torch_file **out, const char *path, bk_error *err);
/* The same from data[0, size), which must outlive the object. `name` stands in sentences. */
int torch_open_memory(torch_file **out, const void *data, size_t size, const char *name, bk_error *err);
void torch_close(torch_file **t);

/* Arrays in the order of their names; they live as long as t. Tensors that are not contiguous were copied
 * into C order. */
size_t torch_count(const torch_file *t);
const array *torch_at(const torch_file *t, size_t i);
const array *torch_find(const torch_file *t, const char *name);
/* The same, with a sentence that names file and array when there is none. BK_EFORMAT. */
int torch_need(const array **out, const torch_file *t, const char *name, bk_error *err);
/* Whether it is a TorchScript archive: a module that was saved with its code. */
bool torch_is_script(const torch_file *t);
/* The text that torch_save() kept beside the tensors; NULL when there is none. */
const char *torch_about(const torch_file *t);

/* Writes a state dict: an OrderedDict of CPU tensors in the order given, a storage each. about (or NULL): a text
 * that the archive keeps in an entry of its own, bookend.json, which PyTorch passes over. BK_EIO, BK_ENOMEM,
 * BK_EINVAL. */
int torch_save(const char *path, const array *arrays, size_t n, const char *about, bk_error *err);

#endif
