/* Matrix products over CBLAS or our own kernels, and the scratch arena. Nothing else in bookend includes cblas.h. */
#include "nn/nn_math.h"

#include <cblas.h>

#include "nn/gemm.h"

/* Absent from other CBLAS libraries, hence weak. */
void openblas_set_num_threads(int n) __attribute__((weak));

void nn_math_single_thread(void) {
    if (openblas_set_num_threads) openblas_set_num_threads(1);
}

void mm(bool a_t, bool b_t, int m, int n, int k, const float *a, int lda, const float *b, int ldb, bool add, float *c,
        int ldc) {
    if (gemm_once_pays(m, n, k)) {
        gemm_once(a_t, b_t, m, n, k, a, lda, b, ldb, add, c, ldc);
        return;
    }
    cblas_sgemm(CblasRowMajor, a_t ? CblasTrans : CblasNoTrans, b_t ? CblasTrans : CblasNoTrans, m, n, k, 1.0f, a,
                lda, b, ldb, add ? 1.0f : 0.0f, c, ldc);
}

float *nn_take(nn_arena *a, size_t n) {
    float *p = a->base ? a->base + a->used : NULL;
    a->used += (n + 15) & ~(size_t)15;
    return p;
}
