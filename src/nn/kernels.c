/* The inner loops of the networks: convolutions and matrix products here, loops over rows in kernels_rows.h. Plain C
 * that compilers vectorise: "omp simd" (used without OpenMP, by -fopenmp-simd) allows a loop's sum to be reordered
 * and its arrays to be the same one. Compiled more than once: NN_KERNELS is the name of the table, NN_KERNELS_NAME
 * what it is called, NN_LANES how many floats a vector of the matrix products has and NN_TILE how many rows of two
 * vectors fit the registers. NN_OWN_TILES: what includes this has gemm_rows() and the three tiles of its own. */
#include "nn/kernels.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#ifndef NN_KERNELS
#define NN_KERNELS nn_kernels_plain
#define NN_KERNELS_NAME "plain"
#endif
#ifndef NN_LANES
#define NN_LANES 8
#define NN_TILE 6
#endif

extern const nn_kernels NN_KERNELS;

enum { TILE = NN_TILE, LANES = NN_LANES, PANEL = 2 * LANES, GROUP = 16 };
typedef float vec __attribute__((vector_size(4 * NN_LANES), aligned(4), may_alias));
typedef float quad __attribute__((vector_size(16), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define QUAD(v, q) __builtin_shufflevector(v, v, 4 * (q), 4 * (q) + 1, 4 * (q) + 2, 4 * (q) + 3)

#include "nn/kernels_rows.h"

/* ---- tiles of two vectors a row ---- */

_Static_assert(TILE == 6 || TILE == 12, "RUN_TILE knows these");
_Static_assert(LANES == GROUP / 2 || LANES == GROUP, "conv_tile knows these");

/* m rows are cut into tiles as even as they get: the first ones may have one row more. */
static int tiles_of(int m) {
    return (m + TILE - 1) / TILE;
}
static int tile_rows(int m, int tile) {
    int tiles = tiles_of(m);
    return m / tiles + (tile < m % tiles);
}

/* F(n) with n a constant: each number of rows has code of its own, whose sums stay in registers. */
#define CASE(F, n)                                                                                                   \
    case n:                                                                                                          \
        F(n);                                                                                                        \
        break;
#define CASES_TO_6(F)                                                                                                \
    CASE(F, 6)                                                                                                       \
    CASE(F, 5)                                                                                                       \
    CASE(F, 4)                                                                                                       \
    CASE(F, 3)                                                                                                       \
    CASE(F, 2)                                                                                                       \
    default:                                                                                                         \
        F(1);
#if NN_TILE == 12
#define RUN_TILE(F, rows)                                                                                            \
    switch (rows) {                                                                                                  \
        CASE(F, 12)                                                                                                  \
        CASE(F, 11)                                                                                                  \
        CASE(F, 10)                                                                                                  \
        CASE(F, 9)                                                                                                   \
        CASE(F, 8)                                                                                                   \
        CASE(F, 7)                                                                                                   \
        CASES_TO_6(F)                                                                                                \
    }
#else
#define RUN_TILE(F, rows)                                                                                            \
    switch (rows) { CASES_TO_6(F) }
#endif

/* ---- convolution ---- */

/* Where the second vector of a strip's weights lies, after the first: in the same group of channels or the next. */
static inline long second_part(const conv_strip *s) {
    return LANES < GROUP ? (long)LANES : (long)s->lines * s->run * GROUP;
}

#ifndef NN_OWN_TILES
/* `channels` numbers, fewer than two vectors. */
static void get_some(vec to[2], const float *x, int channels) {
    float whole[PANEL] = { 0 };
    memcpy(whole, x, (size_t)channels * sizeof *x);
    to[0] = *(const vec *)whole;
    to[1] = *(const vec *)(whole + LANES);
}

static void put_some(float *x, const vec from[2], int channels) {
    float whole[PANEL];
    *(vec *)whole = from[0];
    *(vec *)(whole + LANES) = from[1];
    memcpy(x, whole, (size_t)channels * sizeof *x);
}

/* `pixels` x `parts` vectors of channels (constants where this is inlined) in registers. some: not 0: only so many
 * channels of them. */
INLINE void conv_tile(float *y, const float *x, const float *weight, int pixels, int parts, int some,
                      const conv_strip *s) {
    vec sum[TILE][2] = { 0 };
    if (s->add)
#pragma GCC unroll 16
        for (int p = 0; p < pixels; p++) {
            const float *at = y + p * s->ld_y;
            if (some)
                get_some(sum[p], at, some);
            else
                for (int i = 0; i < parts; i++) sum[p][i] = *(const vec *)(at + i * LANES);
        }
    int run = s->run, step = s->step;
    const float *second = weight + (parts > 1 ? second_part(s) : 0);
    for (int line = 0; line < s->lines; line++, x += s->pitch)
        for (int i = 0; i < run; i++, weight += GROUP, second += GROUP) {
            vec w0 = *(const vec *)weight, w1 = w0;
            if (parts > 1) w1 = *(const vec *)second;
#pragma GCC unroll 16
            for (int p = 0; p < pixels; p++) {
                sum[p][0] += x[p * step + i] * w0;
                if (parts > 1) sum[p][1] += x[p * step + i] * w1;
            }
        }
#pragma GCC unroll 16
    for (int p = 0; p < pixels; p++) {
        float *at = y + p * s->ld_y;
        if (some)
            put_some(at, sum[p], some);
        else
            for (int i = 0; i < parts; i++) *(vec *)(at + i * LANES) = sum[p][i];
    }
}
#endif

#define CONV_ROWS(n) conv_tile(y, x, weight, n, parts, 0, s)
INLINE void conv_line(float *y, const float *x, const float *weight, int parts, const conv_strip *s) {
    for (int t = 0; t < tiles_of(s->pixels); t++) {
        int n = tile_rows(s->pixels, t);
        RUN_TILE(CONV_ROWS, n)
        y += n * s->ld_y;
        x += n * s->step;
    }
}

static void conv_strip_forward(float *y, const float *x, const float *weight, const conv_strip *s) {
    int all = s->channels;
    for (int r = 0; r < s->rows; r++, y += s->next_y, x += s->next_x)
        if (all == PANEL)
            conv_line(y, x, weight, 2, s);
        else if (all == LANES)
            conv_line(y, x, weight, 1, s);
        else
            for (int p = 0; p < s->pixels; p++)
                conv_tile(y + p * s->ld_y, x + p * s->step, weight, 1, all > LANES ? 2 : 1, all, s);
}

#ifndef NN_OWN_TILES
/* `taps` rows of the weight's gradient over all pixels of the strip, held in registers. */
INLINE void conv_back_tile(float *g, const float *x, const float *d, int taps, int parts, const conv_strip *s) {
    vec sum[TILE][2];
    float *second = g + (parts > 1 ? second_part(s) : 0);
#pragma GCC unroll 16
    for (int i = 0; i < taps; i++) {
        sum[i][0] = *(const vec *)(g + i * GROUP);
        if (parts > 1) sum[i][1] = *(const vec *)(second + i * GROUP);
    }
    int step = s->step, ld = s->ld_y;
    for (int r = 0; r < s->rows; r++, x += s->next_x, d += s->next_y)
        for (int p = 0; p < s->pixels; p++) {
            vec d0 = *(const vec *)(d + p * ld), d1 = d0;
            if (parts > 1) d1 = *(const vec *)(d + p * ld + LANES);
#pragma GCC unroll 16
            for (int i = 0; i < taps; i++) {
                sum[i][0] += x[p * step + i] * d0;
                if (parts > 1) sum[i][1] += x[p * step + i] * d1;
            }
        }
#pragma GCC unroll 16
    for (int i = 0; i < taps; i++) {
        *(vec *)(g + i * GROUP) = sum[i][0];
        if (parts > 1) *(vec *)(second + i * GROUP) = sum[i][1];
    }
}
#endif

#define BACK_ROWS(n) conv_back_tile(g, at, d, n, parts, s)
INLINE void conv_back_line(float *g, const float *x, const float *d, int parts, const conv_strip *s) {
    const float *at = x;
    for (int t = 0; t < tiles_of(s->run); t++) {
        int n = tile_rows(s->run, t);
        RUN_TILE(BACK_ROWS, n)
        g += n * GROUP;
        at += n;
    }
}

static void conv_strip_back(float *g, const float *x, const float *d, const conv_strip *s) {
    for (int line = 0; line < s->lines; line++, x += s->pitch, g += (size_t)s->run * GROUP)
        if (LANES < GROUP || s->channels > GROUP)
            conv_back_line(g, x, d, 2, s);
        else
            conv_back_line(g, x, d, 1, s);
}

/* ---- Winograd's convolution ---- */

/* b [4] = B^T d */
#define WINOGRAD_IN(b0, b1, b2, b3, d0, d1, d2, d3) b0 = d0 - d2, b1 = d1 + d2, b2 = d2 - d1, b3 = d1 - d3

/* Sixteen channels of a tile. */
INLINE void winograd_in_group(float *v, const float *x, const winograd_tiles *s) {
    long pitch = s->pitch, step = s->channels, next = s->next;
#pragma omp simd
    for (int i = 0; i < GROUP; i++) {
        float b[4][4];
#pragma GCC unroll 4
        for (int p = 0; p < 4; p++) {
            const float *d = x + p * step + i;
            WINOGRAD_IN(b[0][p], b[1][p], b[2][p], b[3][p], d[0], d[next], d[2 * next], d[3 * next]);
        }
#pragma GCC unroll 4
        for (int r = 0; r < 4; r++) {
            float *to = v + 4 * r * pitch + i;
            WINOGRAD_IN(to[0], to[pitch], to[2 * pitch], to[3 * pitch], b[r][0], b[r][1], b[r][2], b[r][3]);
        }
    }
}

static void winograd_in(float *v, const float *x, const winograd_tiles *s) {
    for (int t = 0; t < s->n; t++, x += s->channels)
        for (int i = 0; i < s->channels; i += GROUP, x += GROUP, v += GROUP) winograd_in_group(v, x, s);
}

/* Where the picture ends within the tile, right or down is 0: what lies past the end is written first, then over. */
INLINE void winograd_out_group(float *y, const float *m, long pitch, long right, long down) {
#pragma omp simd
    for (int i = 0; i < GROUP; i++) {
        float a[2][4];
#pragma GCC unroll 4
        for (int p = 0; p < 4; p++) {
            const float *d = m + p * pitch + i;
            a[0][p] = d[0] + d[4 * pitch] + d[8 * pitch];
            a[1][p] = d[4 * pitch] - d[8 * pitch] - d[12 * pitch];
        }
        y[down + right + i] = a[1][1] - a[1][2] - a[1][3];
        y[down + i] = a[1][0] + a[1][1] + a[1][2];
        y[right + i] = a[0][1] - a[0][2] - a[0][3];
        y[i] = a[0][0] + a[0][1] + a[0][2];
    }
}

static void winograd_out(float *y, const float *m, const winograd_tiles *s) {
    for (int t = 0; t < s->n; t++, y += 2 * s->ld)
        for (int i = 0; i < s->channels; i += GROUP, m += GROUP)
            winograd_out_group(y + i, m, s->pitch, 2 * t + 1 < s->pixels ? s->ld : 0, s->lines > 1 ? s->next : 0);
}

/* ---- matrix products ---- */

#if NN_LANES == 16
/* x [rows, 16], up to four rows of it, as columns: number p of quad q of to[u] is row p at column 4 q + u. */
INLINE void turn_four(vec to[4], const float *x, int rows, int ld) {
    vec r[4] = { 0 };
#pragma GCC unroll 4
    for (int i = 0; i < 4 && i < rows; i++) r[i] = *(const vec *)(x + i * ld);
    for (int i = 0; i < 2; i++) {
        vec low =
            __builtin_shufflevector(r[2 * i], r[2 * i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
        vec high = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30,
                                           15, 31);
        r[2 * i] = low;
        r[2 * i + 1] = high;
    }
    for (int i = 0; i < 2; i++) {
        to[2 * i] = __builtin_shufflevector(r[i], r[i + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
        to[2 * i + 1] =
            __builtin_shufflevector(r[i], r[i + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    }
}

#define PUT_QUADS(q)                                                                                                 \
    for (int u = 0; u < 4; u++) *(quad *)(to + (4 * (q) + u) * n) = QUAD(column[u], q)

/* These columns, n floats apart, the first one first. */
INLINE void put_four(float *to, const float *x, int rows, int n, int ld) {
    vec column[4];
    turn_four(column, x, rows, ld);
    PUT_QUADS(0);
    PUT_QUADS(1);
    PUT_QUADS(2);
    PUT_QUADS(3);
}

/* Sixteen columns, n numbers each, of which `rows` are of x and the others 0; n a multiple of four. */
INLINE void turn_sixteen(float *to, const float *x, int rows, int n, int ld) {
    for (int from = 0; from < n; from += 4)
        put_four(to + from, x + (from < rows ? from : 0) * ld, rows - from, n, ld);
}

/* Sixteen columns of `rows` rows side by side. Where these are no multiple of four, what is written past a column's
 * end is written over by the next column, and so the last rows come first. */
INLINE void sixteen(float *to, const float *x, int rows, int ld) {
#pragma GCC unroll 3
    for (int from = (rows - 1) / 4 * 4; from >= 0; from -= 4)
        put_four(to + from, x + from * ld, rows - from, rows, ld);
}
#else
INLINE void turn_sixteen(float *to, const float *x, int rows, int n, int ld) {
    for (int u = 0; u < GROUP; u++, to += n)
#pragma GCC unroll 16
        for (int r = 0; r < n; r++) to[r] = r < rows ? x[r * ld + u] : 0;
}

INLINE void sixteen(float *to, const float *x, int rows, int ld) {
    turn_sixteen(to, x, rows, rows, ld);
}
#endif

#ifndef NN_OWN_TILES
/* `rows` (a constant where this is inlined) rows side by side. Each lies in a place of its own, more of them than
 * the processor foresees, and so is asked for two lines ahead. sixteen() may write past its columns, but not past
 * sixteen more; the last ones go by way of `whole`. */
INLINE void side_by_side(float *to, const float *x, int rows, int k, int ld) {
    int i = 0;
    for (; i + 2 * GROUP <= k; i += GROUP) {
#pragma GCC unroll 16
        for (int r = 0; r < rows; r++) __builtin_prefetch(x + r * ld + i + 2 * GROUP);
        sixteen(to + i * rows, x + i, rows, ld);
    }
    if (k < GROUP) {
        for (; i < k; i++)
            for (int r = 0; r < rows; r++) to[i * rows + r] = x[r * ld + i];
        return;
    }
    for (; i < k; i += GROUP) { /* some of the last sixteen may be done already */
        float whole[(TILE + 1) * GROUP];
        if (i + GROUP > k) i = k - GROUP;
        sixteen(whole, x + i, rows, ld);
        memcpy(to + i * rows, whole, (size_t)(GROUP * rows) * sizeof *to);
    }
}

#define SIDE_ROWS(n) side_by_side(to, x, n, k, ld)
static void gemm_rows(float *to, const float *x, int m, int k, int ld) {
    for (int t = 0; t < tiles_of(m); t++) {
        int rows = tile_rows(m, t);
        RUN_TILE(SIDE_ROWS, rows)
        to += (size_t)rows * (size_t)k;
        x += (size_t)rows * (size_t)ld;
    }
}
#endif

static void gemm_turn(float *to, const float *x, int rows, int n, int k, int ld) {
    int i = 0;
    for (; i + GROUP <= k; i += GROUP, to += GROUP * n) turn_sixteen(to, x + i, rows, n, ld);
    for (; i < k; i++)
        for (int r = 0; r < n; r++) *to++ = r < rows ? x[r * ld + i] : 0;
}

/* n, a constant where this is inlined, numbers a row. */
INLINE void lines(float *to, const float *x, int n, int k, int ld) {
    for (int i = 0; i < k; i++, to += n, x += ld) memcpy(to, x, (size_t)n * sizeof *to);
}

static void gemm_lines(float *to, const float *x, int columns, int n, int k, int ld) {
    if (columns == 2 * GROUP && n == columns)
        lines(to, x, 2 * GROUP, k, ld);
    else if (columns == GROUP && n == columns)
        lines(to, x, GROUP, k, ld);
    else
        for (int i = 0; i < k; i++, x += ld)
            for (int j = 0; j < n; j++) *to++ = j < columns ? x[j] : 0;
}

static void gemm_columns(float *to, const float *x, int m, int k, int ld) {
    for (int t = 0; t < tiles_of(m); t++) {
        int rows = tile_rows(m, t);
        if (rows == TILE)
            for (int i = 0; i < k; i++, to += TILE) memcpy(to, x + (size_t)i * (size_t)ld, TILE * sizeof *to);
        else
            for (int i = 0; i < k; i++, to += rows) memcpy(to, x + (size_t)i * (size_t)ld, (size_t)rows * sizeof *to);
        x += rows;
    }
}

/* Floats of the next panel that are asked for every eight steps. */
enum { AHEAD = LANES < GROUP ? 16 : 64 };

#ifndef NN_OWN_TILES
INLINE void gemm_step(vec sum[TILE][2], const float *a, const float *b, int rows, int parts) {
    vec b0 = *(const vec *)b, b1 = b0;
    if (parts > 1) b1 = *(const vec *)(b + LANES);
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
        sum[r][0] += a[r] * b0;
        if (parts > 1) sum[r][1] += a[r] * b1;
    }
}

/* `rows` x `parts` vectors (constants where this is inlined) of sums in registers. What is added at the end, and the
 * next panel, are asked for early. */
INLINE void gemm_tile(float *y, const float *a, const float *b, const float *next, int rows, int parts,
                      const gemm_strip *s) {
    vec sum[TILE][2] = { 0 };
    int k = s->k, ld = parts > 1 ? PANEL : s->ld_b, i = 0;
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++)
        for (int p = 0; p < parts; p++) __builtin_prefetch(y + r * s->ld + p * LANES, 1, 3);
    for (; i + 8 <= k; i += 8, a += 8 * rows, b += 8 * ld, next += AHEAD) {
#pragma GCC unroll 4
        for (int u = 0; u < AHEAD; u += 16) __builtin_prefetch(next + u, 0, 3);
#pragma GCC unroll 8
        for (int u = 0; u < 8; u++) gemm_step(sum, a + u * rows, b + u * ld, rows, parts);
    }
    for (; i < k; i++, a += rows, b += ld) gemm_step(sum, a, b, rows, parts);
    vec bias[2] = { 0 };
    for (int p = 0; s->bias && p < parts; p++) bias[p] = *(const vec *)(s->bias + p * LANES);
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++, y += s->ld)
#pragma GCC unroll 2
        for (int p = 0; p < parts; p++) {
            vec *at = (vec *)(y + p * LANES);
            if (s->add) sum[r][p] += *at;
            *at = sum[r][p] + bias[p];
        }
}
#endif

/* While the tile is in the first-level cache: from row to row may be far enough that a strip is not. */
INLINE void gemm_act(float *y, int rows, int columns, const gemm_strip *s) {
    if (s->act == NN_LINEAR) return;
    for (int r = 0; r < rows; r++, y += s->ld)
        (s->act == NN_RELU ? relu : s->act == NN_GELU ? gelu : quick_gelu)(y, y, columns);
}

#define GEMM_ROWS(n) gemm_tile(y, a, b, next, n, parts, s)
INLINE void gemm_tiles(float *y, const float *a, const float *b, int parts, const gemm_strip *s) {
    const float *next = s->next;
    for (int t = 0; t < tiles_of(s->m); t++) {
        int rows = tile_rows(s->m, t);
        RUN_TILE(GEMM_ROWS, rows)
        gemm_act(y, rows, parts * LANES, s);
        if (t + 1 < 8 * PANEL / AHEAD) next += (size_t)(s->k / 8) * AHEAD; /* so many tiles fetch the whole panel */
        y += (size_t)rows * (size_t)s->ld;
        a += (size_t)rows * (size_t)s->k;
    }
}

static void gemm_strip_run(float *y, const float *a, const float *b, const gemm_strip *s) {
    if (s->columns == PANEL)
        gemm_tiles(y, a, b, 2, s);
    else
        gemm_tiles(y, a, b, 1, s);
}

/* ---- dropout ---- */

/* A hash of (key, i), two rounds of a 32-bit mixer with low bias, so that masks are made again in the
 * backward pass instead of being kept. */
static inline uint32_t hash_of(uint32_t low, uint32_t high, uint32_t i) {
    uint32_t x = i ^ low;
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    x = (x ^ (x >> 16)) + high;
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

static void dropout(float *y, const float *x, long n, float p, uint64_t key) {
    uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32), limit = (uint32_t)(p * 0x1p24f);
    float k = 1.0f / (1.0f - p);
#pragma omp simd
    for (long i = 0; i < n; i++) {
        /* 24 bits: compared as signed numbers, which every vector unit can. */
        int32_t draw = (int32_t)(hash_of(low, high, (uint32_t)i) >> 8);
        y[i] = x[i] * (draw < (int32_t)limit ? 0.0f : k);
    }
}

/* ---- Adam ---- */

static void adam(float *w, float *m, float *v, const float *g, long n, const adam_numbers *c) {
    const adam_numbers k = *c;
#pragma omp simd
    for (long i = 0; i < n; i++) {
        float d = g[i] * k.grad_scale;
        m[i] = k.beta1 * m[i] + (1.0f - k.beta1) * d;
        v[i] = k.beta2 * v[i] + (1.0f - k.beta2) * d * d;
        w[i] = w[i] * k.shrink - k.rate * m[i] / (sqrtf(v[i]) * k.root + k.eps);
    }
}

const nn_kernels NN_KERNELS = {
    .name = NN_KERNELS_NAME,
    .panel = PANEL,
    .add = add,
    .bias_set = bias_set,
    .bias_add = bias_add,
    .column_sums = column_sums,
    .relu = relu,
    .relu_back = relu_back,
    .gelu = gelu,
    .gelu_back = gelu_back,
    .quick_gelu = quick_gelu,
    .quick_gelu_back = quick_gelu_back,
    .softmax = softmax,
    .softmax_back = softmax_back,
    .norm = norm,
    .norm_again = norm_again,
    .norm_back = norm_back,
    .norm_relu = norm_relu,
    .norm_relu_back = norm_relu_back,
    .conv_strip = conv_strip_forward,
    .conv_strip_back = conv_strip_back,
    .winograd_in = winograd_in,
    .winograd_out = winograd_out,
    .gemm_rows = gemm_rows,
    .gemm_columns = gemm_columns,
    .gemm_turn = gemm_turn,
    .gemm_lines = gemm_lines,
    .gemm_strip = gemm_strip_run,
    .dropout = dropout,
    .adam = adam,
};
