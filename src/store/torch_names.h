/* The Python globals that stand in PyTorch's files of weights: what may be read, and what it means. */
#ifndef BK_STORE_TORCH_NAMES_H
#define BK_STORE_TORCH_NAMES_H

#include <stdbool.h>

#include "store/array.h"

/* The entry that keeps bookend's own numbers. */
#define TORCH_ABOUT "bookend.json"

typedef enum torch_role {
    TORCH_REFUSED,
    TORCH_TENSOR,  /* a call with (storage, offset, size, stride, ...) */
    TORCH_WRAPPER, /* a call whose first argument is the thing itself */
    TORCH_DICT,    /* a call that makes a dict, filled afterwards */
    TORCH_MODULE,  /* a TorchScript object: its state is its attributes */
    TORCH_STORAGE, /* a type of storage, never called */
    TORCH_IGNORED, /* harmless, and no tensor */
} torch_role;

torch_role torch_global_role(const char *global);
bool torch_global_allowed(const char *global);
/* "torch.FloatStorage" -> ARRAY_F32; false for what is no storage that array.h can hold. */
bool torch_storage_type(const char *global, array_type *out);
/* ARRAY_F32 -> "FloatStorage" */
const char *torch_storage_name(array_type t);

#endif
