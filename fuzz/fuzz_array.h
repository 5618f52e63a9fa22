/* Reads every element of an array, so that a sanitizer sees a view that lies. */
#ifndef BK_FUZZ_ARRAY_H
#define BK_FUZZ_ARRAY_H

#include "fuzz.h"
#include "store/array.h"

static inline void touch_array(const array *a) {
    char shape[128];
    float *x = malloc((a->n + 1) * sizeof *x);
    int64_t *n = malloc((a->n + 1) * sizeof *n);
    if (x) array_to_floats(x, a);
    if (n) array_to_ints(n, a);
    array_shape_text(shape, a);
    HOLDS(a->name && a->n_dims >= 0 && a->n_dims <= ARRAY_MAX_DIMS);
    free(x);
    free(n);
}

#endif
