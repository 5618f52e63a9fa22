/* NumPy's .npy: one array behind a header that is a Python literal. Versions 1.0, 2.0 and 3.0; little-endian
 * f2 f4 f8, b1 u1 i1 i2 i4 i8; C order (what is in Fortran order or big-endian is refused by name).
 * Source: numpy/lib/format.py, NEP 1. */
#ifndef BK_STORE_NPY_H
#define BK_STORE_NPY_H

#include "base/text.h"
#include "store/array.h"

/* Parses the whole file data[0, size) into a view of it: out->data lies inside data, out->name is "".
 * `name` stands in sentences. The data must have exactly the length that the header says. BK_EFORMAT. */
int npy_parse(array *out, const void *data, size_t size, const char *name, bk_error *err);

/* Reads the file; the array is a view of *block, aligned for its type, which the caller frees with free().
 * BK_EIO, BK_EFORMAT, BK_ENOMEM. */
int npy_load(array *out, void **block, const char *path, bk_error *err);

/* Appends the header of a: magic, version 1.0, dictionary, padded to a multiple of 64. BF16 does not exist
 * in NumPy: BK_EINVAL. BK_ENOMEM. */
int npy_add_header(text *out, const array *a, bk_error *err);
/* Writes a file. BK_EIO, BK_ENOMEM, BK_EINVAL. */
int npy_save(const char *path, const array *a, bk_error *err);

#endif
