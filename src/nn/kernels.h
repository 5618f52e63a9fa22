/* The loops of the networks that are not matrix products, over rows of floats. kernels.c is compiled once in plain C
 * for any machine (the reference), once for AVX2 and FMA and once for AVX-512, or on 64-bit ARM once by
 * kernels_neon.c with tiles for its registers; nn_kernels_best() picks at run time. No function allocates; NaN in
 * gives NaN out. Where a comment says "may be", the two pointers may be equal; other arrays do not overlap. */
#ifndef BK_NN_KERNELS_H
#define BK_NN_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

/* The numbers of one Adam step, worked out once. */
typedef struct adam_numbers {
    float beta1, beta2, eps;
    float grad_scale; /* multiplies the gradient first */
    float rate;       /* rate / (1 - beta1^step) */
    float root;       /* 1 / sqrt(1 - beta2^step) */
    float shrink;     /* w is multiplied by this first: 1 - rate * decay */
} adam_numbers;

/* A few lines of a convolution. Output pixel (r, p) lies at y + r * next_y + p * ld_y and is made of `run` floats of
 * each of `lines` lines, `pitch` floats apart, from x + r * next_x + p * step on. */
typedef struct conv_strip {
    int rows, pixels;
    int next_x, step, lines, run, pitch;
    int next_y, ld_y;
    int channels; /* of the output, at most nn_kernels.panel */
    bool add;     /* y += ; not in the backward kernel, which always adds */
} conv_strip;

/* n tiles of Winograd's convolution, F(2x2, 3x3), side by side, two pixels apart, and lines `next` floats apart. What
 * is multiplied are sixteen matrices [n, channels], `pitch` floats apart. */
typedef struct winograd_tiles {
    int n, channels; /* a multiple of 16 */
    int next;
    long pitch;
    int ld, pixels, lines; /* of the outputs: floats from pixel to pixel; pixels of a line, 2 n or one less; 1 or 2 */
} winograd_tiles;

typedef enum nn_act { NN_LINEAR, NN_RELU, NN_GELU, NN_QUICK_GELU } nn_act;

/* A few columns of a matrix product, see gemm_strip below. */
typedef struct gemm_strip {
    int m, k, ld;      /* rows of y, `ld` floats apart; length of the sums */
    int columns;       /* nn_kernels.panel or 16 */
    int ld_b;          /* floats from row to row of b; of a whole panel, its columns */
    bool add;          /* y += */
    const float *bias; /* [columns] or NULL */
    nn_act act;
    const float *next; /* what the next call reads as b: fetched into the cache meanwhile */
} gemm_strip;

typedef struct nn_kernels {
    const char *name;
    int panel; /* columns of a matrix product, and channels of a convolution, that one call works on at best: 16 or 32
                */

    void (*add)(float *y, const float *x, long n);                     /* y += x */
    void (*bias_set)(float *y, const float *b, int rows, int cols);    /* every row = b */
    void (*bias_add)(float *y, const float *b, int rows, int cols);    /* every row += b */
    void (*column_sums)(float *s, const float *x, int rows, int cols); /* s [cols] += x [rows, cols] */

    /* y = act(x); y may be x. *_back: d (gradient of y) becomes the gradient of x, and y is
     * computed again. GELU within 1e-6 of the exact one. */
    void (*relu)(float *y, const float *x, long n);
    void (*relu_back)(float *d, const float *y, long n); /* from the output: d = y > 0 ? d : 0 */
    void (*gelu)(float *y, const float *x, long n);
    void (*gelu_back)(float *d, float *y, const float *x, long n);
    void (*quick_gelu)(float *y, const float *x, long n); /* x sigmoid(1.702 x) */
    void (*quick_gelu_back)(float *d, float *y, const float *x, long n);

    /* Each row of x [rows, cols] becomes softmax(scale * row), scale > 0. */
    void (*softmax)(float *x, float scale, int rows, int cols);
    /* d, the gradient of p = softmax(scale * x), becomes that of x. */
    void (*softmax_back)(float *d, const float *p, float scale, int rows, int cols);

    /* Layer norm over each row: hat = (x - mean) / sqrt(var + eps), y = hat * gain + bias. hat may be x or
     * NULL, rstd [rows] may be NULL, y may be x or NULL. */
    void (*norm)(float *y, float *hat, float *rstd, const float *x, const float *gain, const float *bias, float eps,
                 int rows, int cols);
    /* y = hat * gain + bias, once more. */
    void (*norm_again)(float *y, const float *hat, const float *gain, const float *bias, int rows, int cols);
    /* dx += gradient of x; g_gain, g_bias [cols] += theirs. */
    void (*norm_back)(float *dx, float *g_gain, float *g_bias, const float *dy, const float *hat, const float *rstd,
                      const float *gain, int rows, int cols);

    /* The stem's unit: y = add + relu(norm(x)), add NULL or [rows, cols]. hat may be x or NULL; y may be x
     * when hat is NULL. */
    void (*norm_relu)(float *y, float *hat, float *rstd, const float *x, const float *add, const float *gain,
                      const float *bias, float eps, int rows, int cols);
    /* hat becomes the gradient of x. */
    void (*norm_relu_back)(float *hat, float *g_gain, float *g_bias, const float *dy, const float *rstd,
                           const float *gain, const float *bias, int rows, int cols);

    /* Convolution, for up to `panel` output channels: y  <-  x and weight, for each 16 channels [lines * run, 16],
     * filled up with zeros. */
    void (*conv_strip)(float *y, const float *x, const float *weight, const conv_strip *s);
    /* The gradient of the weight: g, in the same order, += x d, d laid out as y, with its channels filled up to 16
     * or 32. */
    void (*conv_strip_back)(float *g, const float *x, const float *d, const conv_strip *s);

    /* Winograd's convolution but for the products. The matrices v  <-  B^T d B, d [4, 4] each tile of x, whose pixels
     * are `channels` floats apart. */
    void (*winograd_in)(float *v, const float *x, const winograd_tiles *s);
    /* y, each tile [2, 2]  <-  A^T d A, d [4, 4] its numbers in the matrices m. */
    void (*winograd_out)(float *y, const float *m, const winograd_tiles *s);

    /* to [m * k]  <-  x [m, k], rows ld floats apart, in tiles of a few rows with the rows of a tile side by side. */
    void (*gemm_rows)(float *to, const float *x, int m, int k, int ld);
    /* The same from x [k, m], the other way round. */
    void (*gemm_columns)(float *to, const float *x, int m, int k, int ld);
    /* to [k, n]  <-  x [rows, k], rows ld floats apart, n a multiple of 16; columns from `rows` on become 0. */
    void (*gemm_turn)(float *to, const float *x, int rows, int n, int k, int ld);
    /* The same from x [k, columns], rows ld floats apart. */
    void (*gemm_lines)(float *to, const float *x, int columns, int n, int k, int ld);
    /* y [m, columns] = act(a b + bias), a from gemm_rows(), b [k, columns]. */
    void (*gemm_strip)(float *y, const float *a, const float *b, const gemm_strip *s);

    /* y [i] = kept(key, i) ? x [i] / (1 - p) : 0; y may be x. */
    void (*dropout)(float *y, const float *x, long n, float p, uint64_t key);

    void (*adam)(float *w, float *m, float *v, const float *g, long n, const adam_numbers *c);
} nn_kernels;

extern const nn_kernels nn_kernels_plain;
/* Those that this machine runs, the slowest (0, plain C) first; NULL when there are no more. */
const nn_kernels *nn_kernels_nth(int i);
/* The fastest of them. */
const nn_kernels *nn_kernels_best(void);
/* For tests and measurements, while nothing else works: nn_kernels_best() becomes k. Weights in the kernels' order
 * are then to be made again. */
void nn_kernels_use(const nn_kernels *k);

#endif
