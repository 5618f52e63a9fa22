/* Element types, shapes and conversions shared by the array formats. */
#include "store/array.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/half.h"
#include "base/mem.h"

static const struct {
    const char *name;
    size_t size;
} types[ARRAY_TYPES] = {
    [ARRAY_F16] = { "F16", 2 }, [ARRAY_BF16] = { "BF16", 2 }, [ARRAY_F32] = { "F32", 4 },
    [ARRAY_F64] = { "F64", 8 }, [ARRAY_BOOL] = { "BOOL", 1 }, [ARRAY_U8] = { "U8", 1 },
    [ARRAY_I8] = { "I8", 1 },   [ARRAY_I16] = { "I16", 2 },   [ARRAY_I32] = { "I32", 4 },
    [ARRAY_I64] = { "I64", 8 },
};

size_t array_type_size(array_type t) {
    return types[t].size;
}

const char *array_type_name(array_type t) {
    return types[t].name;
}

bool array_size(array *a, size_t *bytes) {
    size_t n = 1;
    for (int i = 0; i < a->n_dims; i++)
        if (!bk_size_mul(&n, n, a->shape[i])) return false;
    a->n = n;
    return bk_size_mul(bytes, n, types[a->type].size);
}

size_t array_bytes(const array *a) {
    return a->n * types[a->type].size;
}

array array_of(const char *name, array_type t, const void *data, int n_dims, const size_t *shape) {
    array a = { .name = name, .type = t, .n_dims = n_dims, .data = data };
    size_t bytes;
    for (int i = 0; i < n_dims; i++) a.shape[i] = shape[i];
    array_size(&a, &bytes); /* data exists, so its size fits */
    return a;
}

array array_of_floats(const char *name, const float *data, int n_dims, const size_t *shape) {
    return array_of(name, ARRAY_F32, data, n_dims, shape);
}

bool array_is(const array *a, int n_dims, const size_t *shape) {
    if (a->n_dims != n_dims) return false;
    for (int i = 0; i < n_dims; i++)
        if (shape[i] && a->shape[i] != shape[i]) return false;
    return true;
}

char *array_shape_text(char buf[128], const array *a) {
    int n = snprintf(buf, 128, "[");
    for (int i = 0; i < a->n_dims && n < 100; i++)
        n += snprintf(buf + n, 128 - (size_t)n, i ? ", %zu" : "%zu", a->shape[i]);
    snprintf(buf + n, 128 - (size_t)n, "]");
    return buf;
}

/* Element i of an array at any alignment. */
#define DEFINE_LOAD(name, ctype)                                                                                     \
    static inline ctype load_##name(const void *p, size_t i) {                                                       \
        ctype x;                                                                                                     \
        memcpy(&x, (const unsigned char *)p + i * sizeof x, sizeof x);                                               \
        return x;                                                                                                    \
    }
DEFINE_LOAD(u16, uint16_t)
DEFINE_LOAD(f64, double)
DEFINE_LOAD(i8, int8_t)
DEFINE_LOAD(i16, int16_t)
DEFINE_LOAD(i32, int32_t)
DEFINE_LOAD(i64, int64_t)

static int64_t load_int(const array *a, size_t i) {
    switch (a->type) {
    case ARRAY_BOOL: return ((const unsigned char *)a->data)[i] != 0;
    case ARRAY_U8: return ((const unsigned char *)a->data)[i];
    case ARRAY_I8: return load_i8(a->data, i);
    case ARRAY_I16: return load_i16(a->data, i);
    case ARRAY_I32: return load_i32(a->data, i);
    default: return load_i64(a->data, i);
    }
}

void array_to_floats(float *out, const array *a) {
    const void *p = a->data;
    size_t n = a->n;
    switch (a->type) {
    case ARRAY_F32:
        if (n) memcpy(out, p, n * sizeof *out);
        break;
    case ARRAY_F16:
        for (size_t i = 0; i < n; i++) out[i] = half_to_float(load_u16(p, i));
        break;
    case ARRAY_BF16:
        for (size_t i = 0; i < n; i++) out[i] = half_from_bf16(load_u16(p, i));
        break;
    case ARRAY_F64:
        for (size_t i = 0; i < n; i++) out[i] = (float)load_f64(p, i);
        break;
    default:
        for (size_t i = 0; i < n; i++) out[i] = (float)load_int(a, i);
    }
}

static double load_float(const array *a, size_t i) {
    float x;
    if (a->type == ARRAY_F64) return load_f64(a->data, i);
    if (a->type == ARRAY_F16) return (double)half_to_float(load_u16(a->data, i));
    if (a->type == ARRAY_BF16) return (double)half_from_bf16(load_u16(a->data, i));
    memcpy(&x, (const unsigned char *)a->data + i * sizeof x, sizeof x);
    return (double)x;
}

bool array_to_ints(int64_t *out, const array *a) {
    bool floats = a->type <= ARRAY_F64;
    for (size_t i = 0; i < a->n; i++) {
        if (!floats) {
            out[i] = load_int(a, i);
            continue;
        }
        double x = load_float(a, i);
        if (!(x >= -0x1p63 && x < 0x1p63) || x != floor(x)) return false;
        out[i] = (int64_t)x;
    }
    return true;
}

void array_from_floats(void *out, array_type t, const float *x, size_t n) {
    if (t == ARRAY_F32 && n) memcpy(out, x, n * sizeof *x);
    for (size_t i = 0; i < n && t == ARRAY_F64; i++) ((double *)out)[i] = (double)x[i];
    for (size_t i = 0; i < n && t == ARRAY_F16; i++) ((uint16_t *)out)[i] = half_from_float(x[i]);
    for (size_t i = 0; i < n && t == ARRAY_BF16; i++) ((uint16_t *)out)[i] = half_to_bf16(x[i]);
}
