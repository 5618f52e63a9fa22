/* The kernels for 64-bit ARM: kernels.c, whose other loops compilers vectorise as they are, with tiles of its own. Of
 * the 32 registers of four floats 24 hold sums, 6 rows of 16 columns; GCC 12 keeps kernels.c's vectors of eight
 * floats in memory instead. No time was ever taken on such a machine: what is known is that the inner loops put
 * nothing on the stack, and 24 multiply-adds of four floats take 32 instructions (of a convolution, 36). */
#include "nn/kernels.h"

#include <arm_neon.h>
#include <string.h>

#define NN_KERNELS nn_kernels_neon
#define NN_KERNELS_NAME "NEON"
#define NN_OWN_TILES
#define NN_LANES 8 /* two registers */
#define NN_TILE 6

#define INLINE static inline __attribute__((always_inline))

/* Stays in registers: where it is used, the number of rows, and of parts of 8 columns, is a constant. */
typedef float32x4_t sums[NN_TILE][4];

/* sum [rows, 8 parts] += a [rows] b [8 parts]; a is packed, or its numbers lie `stride` apart. Then no more than two
 * are read ahead of their use: to have all six at hand, GCC would put sums on the stack. */
INLINE void tile_step(sums sum, const float *a, bool packed, int stride, const float *b, int rows, int parts) {
    float32x4_t row[4], four = packed && rows >= 4 ? vld1q_f32(a) : vdupq_n_f32(0);
#pragma GCC unroll 4
    for (int p = 0; p < 2 * parts; p++) row[p] = vld1q_f32(b + 4 * p);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        float a_r = packed && r < rows / 4 * 4 ? four[r] : a[r * stride];
#pragma GCC unroll 4
        for (int p = 0; p < 2 * parts; p++) sum[r][p] = vfmaq_n_f32(sum[r][p], row[p], a_r);
        if (!packed && r % 2) __asm__ volatile("" ::: "memory");
    }
}

/* sum += y, its rows ld apart. */
INLINE void tile_add(sums sum, const float *y, int ld, int rows, int parts) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++, y += ld)
#pragma GCC unroll 4
        for (int p = 0; p < 2 * parts; p++) sum[r][p] = vaddq_f32(sum[r][p], vld1q_f32(y + 4 * p));
}

INLINE void tile_put(float *y, int ld, sums sum, int rows, int parts) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++, y += ld)
#pragma GCC unroll 4
        for (int p = 0; p < 2 * parts; p++) vst1q_f32(y + 4 * p, sum[r][p]);
}

INLINE void conv_tile(float *y, const float *x, const float *weight, int pixels, int parts, int some,
                      const conv_strip *s) {
    sums sum = { 0 };
    float whole[16] = { 0 }, *at = some ? whole : y;
    if (some) memcpy(whole, y, (size_t)some * sizeof *y);
    if (s->add) tile_add(sum, at, s->ld_y, pixels, parts);
    int run = s->run, step = s->step;
    for (int line = 0; line < s->lines; line++, x += s->pitch)
        for (int i = 0; i < run; i++, weight += 16) tile_step(sum, x + i, false, step, weight, pixels, parts);
    tile_put(at, s->ld_y, sum, pixels, parts);
    if (some) memcpy(y, whole, (size_t)some * sizeof *y);
}

INLINE void conv_back_tile(float *g, const float *x, const float *d, int taps, int parts, const conv_strip *s) {
    sums sum = { 0 };
    int step = s->step, ld = s->ld_y;
    tile_add(sum, g, 16, taps, parts);
    for (int r = 0; r < s->rows; r++, x += s->next_x, d += s->next_y)
        for (int p = 0; p < s->pixels; p++) tile_step(sum, x + p * step, true, 1, d + p * ld, taps, parts);
    tile_put(g, 16, sum, taps, parts);
}

/* The next panel is left to the processor's own prefetcher. */
INLINE void gemm_tile(float *y, const float *a, const float *b, const float *next, int rows, int parts,
                      const gemm_strip *s) {
    sums sum = { 0 };
    int k = s->k, ld = parts > 1 ? 16 : s->ld_b;
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) __builtin_prefetch(y + r * s->ld, 1, 3);
    for (int i = 0; i < k; i++, a += rows, b += ld) tile_step(sum, a, true, 1, b, rows, parts);
    if (s->bias) tile_add(sum, s->bias, 0, rows, parts);
    if (s->add) tile_add(sum, y, s->ld, rows, parts);
    tile_put(y, s->ld, sum, rows, parts);
}

/* kernels.c has these. */
static int tiles_of(int m);
static int tile_rows(int m, int tile);

/* Two rows of a tile of `rows`: to [k, rows]  <-  x [2, k], ld floats apart. */
INLINE void pack_two(float *to, const float *x, int rows, int k, int ld) {
    int i = 0;
    for (; i + 4 <= k; i += 4, to += 4 * rows) {
        float32x4x2_t four = vzipq_f32(vld1q_f32(x + i), vld1q_f32(x + ld + i));
        vst1_f32(to, vget_low_f32(four.val[0]));
        vst1_f32(to + rows, vget_high_f32(four.val[0]));
        vst1_f32(to + 2 * rows, vget_low_f32(four.val[1]));
        vst1_f32(to + 3 * rows, vget_high_f32(four.val[1]));
    }
    for (; i < k; i++, to += rows) to[0] = x[i], to[1] = x[ld + i];
}

static void gemm_rows(float *to, const float *x, int m, int k, int ld) {
    for (int t = 0; t < tiles_of(m); t++) {
        int rows = tile_rows(m, t), last = rows - 1;
        for (int r = 0; r < last; r += 2) pack_two(to + r, x + r * ld, rows, k, ld);
        for (int i = 0; rows % 2 && i < k; i++) to[i * rows + last] = x[last * ld + i];
        to += (size_t)rows * (size_t)k;
        x += (size_t)rows * (size_t)ld;
    }
}

#include "nn/kernels.c"
