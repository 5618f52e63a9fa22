/* Checked sizes and aligned memory. Sizes that come from a file pass through here before malloc. */
#ifndef BK_BASE_MEM_H
#define BK_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* *out = a * b; false (and *out untouched) when that does not fit in size_t. */
bool bk_size_mul(size_t *out, size_t a, size_t b);
/* *out = a + b; false (and *out untouched) when that does not fit. */
bool bk_size_add(size_t *out, size_t a, size_t b);

/* n * size bytes of zeros, aligned to 64; NULL when that overflows or memory is out. n = 0 gives a
 * valid pointer. Freed with free(). */
void *bk_zeros(size_t n, size_t size);
/* The same, not cleared. */
void *bk_alloc(size_t n, size_t size);
/* Grows the array *p of elements of `size` bytes to hold at least need; *cap is its capacity in
 * elements. Doubles; false and nothing changed when memory is out. Memory from realloc(). */
bool bk_grow(void *p, size_t *cap, size_t need, size_t size);

#endif
