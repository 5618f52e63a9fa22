/* A named array as files hold it: what npz, safetensors and PyTorch files are read into and written from.
 * A view: whoever made it says how long `data` lives. Little-endian, C order, any alignment. */
#ifndef BK_STORE_ARRAY_H
#define BK_STORE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the formats are little-endian, and so is this code");

typedef enum array_type {
    ARRAY_F16,
    ARRAY_BF16,
    ARRAY_F32,
    ARRAY_F64,
    ARRAY_BOOL,
    ARRAY_U8,
    ARRAY_I8,
    ARRAY_I16,
    ARRAY_I32,
    ARRAY_I64,
    ARRAY_TYPES
} array_type;

enum { ARRAY_MAX_DIMS = 8 };

typedef struct array {
    const char *name; /* "" for an array that has none */
    array_type type;
    int n_dims; /* 0: one number */
    size_t shape[ARRAY_MAX_DIMS];
    size_t n;         /* elements: the product of the shape */
    const void *data; /* n elements */
} array;

/* Bytes an element, and the type's name as in safetensors: "F32". */
size_t array_type_size(array_type t);
const char *array_type_name(array_type t);

/* A view of floats [shape], for writers. At most ARRAY_MAX_DIMS dimensions. */
array array_of_floats(const char *name, const float *data, int n_dims, const size_t *shape);
/* The same for another type. */
array array_of(const char *name, array_type t, const void *data, int n_dims, const size_t *shape);
/* Sets type, shape, n and *bytes with checked products; false when the size does not fit. n_dims is right. */
bool array_size(array *a, size_t *bytes);
size_t array_bytes(const array *a);
/* Whether the shape is the given one: array_is(a, 3, (size_t[]){ 24, 60, 512 }). 0 stands for any. */
bool array_is(const array *a, int n_dims, const size_t *shape);
/* "[24, 60, 512]" for sentences. Fills and returns buf. */
char *array_shape_text(char buf[128], const array *a);

/* Every element as a float into out [n]. Exact for 16-bit floats; rounded for F64 and large integers. */
void array_to_floats(float *out, const array *a);
/* Every element as an integer into out [n]; false (out half filled) for floats that are not whole or do not fit. */
bool array_to_ints(int64_t *out, const array *a);
/* Floats into 16-bit floats, doubles or floats: t is one of the four float types, out has n of them. */
void array_from_floats(void *out, array_type t, const float *x, size_t n);

#endif
