/* The one list of Python globals that a file of weights may mention. */
#include "store/torch_names.h"

#include <string.h>

static const char *const storages[ARRAY_TYPES] = {
    [ARRAY_F16] = "HalfStorage",   [ARRAY_BF16] = "BFloat16Storage", [ARRAY_F32] = "FloatStorage",
    [ARRAY_F64] = "DoubleStorage", [ARRAY_BOOL] = "BoolStorage",     [ARRAY_U8] = "ByteStorage",
    [ARRAY_I8] = "CharStorage",    [ARRAY_I16] = "ShortStorage",     [ARRAY_I32] = "IntStorage",
    [ARRAY_I64] = "LongStorage",
};

static const struct {
    const char *global;
    torch_role role;
} known[] = {
    { "collections.OrderedDict", TORCH_DICT },
    { "torch._utils._rebuild_tensor", TORCH_TENSOR },
    { "torch._utils._rebuild_tensor_v2", TORCH_TENSOR },
    { "torch._utils._rebuild_parameter", TORCH_WRAPPER },
    { "torch._utils._rebuild_parameter_with_state", TORCH_WRAPPER },
    { "torch.jit._pickle.build_tensorlist", TORCH_WRAPPER },
    { "torch.jit._pickle.restore_type_tag", TORCH_WRAPPER },
    { "torch.jit._pickle.build_intlist", TORCH_IGNORED },
    { "torch.jit._pickle.build_doublelist", TORCH_IGNORED },
    { "torch.jit._pickle.build_boollist", TORCH_IGNORED },
    { "torch.Size", TORCH_IGNORED },
    { "torch.device", TORCH_IGNORED },
};

bool torch_storage_type(const char *global, array_type *out) {
    if (strncmp(global, "torch.", 6) != 0) return false;
    for (int t = 0; t < ARRAY_TYPES; t++)
        if (strcmp(global + 6, storages[t]) == 0) {
            *out = (array_type)t;
            return true;
        }
    return false;
}

const char *torch_storage_name(array_type t) {
    return storages[t];
}

torch_role torch_global_role(const char *global) {
    array_type t;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(global, known[i].global) == 0) return known[i].role;
    if (strncmp(global, "__torch__.", 10) == 0) return TORCH_MODULE;
    return torch_storage_type(global, &t) ? TORCH_STORAGE : TORCH_REFUSED;
}

bool torch_global_allowed(const char *global) {
    return torch_global_role(global) != TORCH_REFUSED;
}
