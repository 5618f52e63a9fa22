/* safetensors: named arrays behind a JSON header, readable without unpacking. bookend's own models are such
 * files. Layout: u64 header length, header, data; the arrays fill the data without gap or overlap.
 * Source: github.com/huggingface/safetensors, README "Format". */
#ifndef BK_STORE_SAFETENSORS_H
#define BK_STORE_SAFETENSORS_H

#include "base/file.h"
#include "base/text.h"
#include "store/array.h"

/* ---- reading --------------------------------------------------------------------------------------- */

typedef struct safetensors safetensors;

/* Reads the header of data[0, size), which must outlive the object: arrays are views of it, at any
 * alignment. `name` stands in sentences. Every offset is checked; a type outside array.h is refused.
 * BK_EFORMAT, BK_ENOMEM. */
int safetensors_open_memory(safetensors **out, const void *data, size_t size, const char *name, bk_error *err);
/* Maps the file and keeps it mapped. BK_EIO too. */
int safetensors_open(safetensors **out, const char *path, bk_error *err);
void safetensors_close(safetensors **s);

/* Arrays in the order of their names; they live as long as s. */
size_t safetensors_count(const safetensors *s);
const array *safetensors_at(const safetensors *s, size_t i);
const array *safetensors_find(const safetensors *s, const char *name);
/* The same, with a sentence that names file and array when there is none. BK_EFORMAT. */
int safetensors_need(const array **out, const safetensors *s, const char *name, bk_error *err);
/* A string of __metadata__; NULL when there is none of that key. */
const char *safetensors_meta(const safetensors *s, const char *key);
/* The i-th pair, in the order of the file; false behind the last. */
bool safetensors_meta_at(const safetensors *s, size_t i, const char **key, const char **value);

/* ---- writing --------------------------------------------------------------------------------------- */

typedef struct safetensors_pair {
    const char *key, *value;
} safetensors_pair;

/* Writes arrays, metadata and nothing else; both are sorted by name, so the order given does not matter.
 * floats: the type that F32 arrays are stored as, ARRAY_F32 or ARRAY_F16 or ARRAY_BF16; the others are
 * stored as they are. n_meta may be 0. BK_EINVAL for two equal names, BK_EIO, BK_ENOMEM. */
int safetensors_save(const char *path, const array *arrays, size_t n, const safetensors_pair *meta, size_t n_meta,
                     array_type floats, bk_error *err);

#endif
