/* Picks the kernels that this machine runs. */
#include "nn/kernels.h"

#include <stddef.h>

#ifdef NN_HAVE_AVX
extern const nn_kernels nn_kernels_avx2, nn_kernels_avx512;

/* These ask the processor and whether the system keeps the registers. */
static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

const nn_kernels *nn_kernels_nth(int i) {
    if (i == 0) return &nn_kernels_plain;
    if (i == 1 && has_avx2()) return &nn_kernels_avx2;
    return i == 2 && has_avx512() ? &nn_kernels_avx512 : NULL;
}
#elif defined NN_HAVE_NEON
extern const nn_kernels nn_kernels_neon;

/* Every such machine has them. */
const nn_kernels *nn_kernels_nth(int i) {
    return i == 0 ? &nn_kernels_plain : i == 1 ? &nn_kernels_neon : NULL;
}
#else
const nn_kernels *nn_kernels_nth(int i) {
    return i == 0 ? &nn_kernels_plain : NULL;
}
#endif

static const nn_kernels *used;

void nn_kernels_use(const nn_kernels *k) {
    used = k;
}

const nn_kernels *nn_kernels_best(void) {
    if (used) return used;
    const nn_kernels *best = NULL, *k;
    for (int i = 0; (k = nn_kernels_nth(i)); i++) best = k;
    return best;
}
