/* Picks the kernels that this machine runs. */
#include "nn/kernels.h"

#ifdef NN_HAVE_AVX2
extern const nn_kernels nn_kernels_avx2;

const nn_kernels *nn_kernels_best(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &nn_kernels_avx2 : &nn_kernels_plain;
}
#else
const nn_kernels *nn_kernels_best(void) {
    return &nn_kernels_plain;
}
#endif
