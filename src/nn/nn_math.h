/* Matrix products, all row-major, over CBLAS; and memory handed out of one block. */
#ifndef BK_NN_NN_MATH_H
#define BK_NN_NN_MATH_H

#include <stdbool.h>
#include <stddef.h>

/* To be called once before threads of our own share the work: keeps OpenBLAS to one thread a call, when
 * the CBLAS is OpenBLAS. */
void nn_math_single_thread(void);

/* c [m, n] = a [m, k] b [k, n] + (add ? c : 0), where a_t, b_t say that the matrix is stored transposed. ld*: floats
 * from one stored row to the next. */
void mm(bool a_t, bool b_t, int m, int n, int k, const float *a, int lda, const float *b, int ldb, bool add, float *c,
        int ldc);

/* Hands out pieces of one block of floats, each aligned to 64 bytes when the block is. With base NULL it
 * only counts: the same walk gives the size and the pointers. */
typedef struct nn_arena {
    float *base;
    size_t used;
} nn_arena;

float *nn_take(nn_arena *a, size_t n);

#endif
