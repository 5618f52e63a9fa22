/* Matrix products with weights that stay: packed once, in the order in which the kernel reads them. With 50 rows (the
 * tokens of one picture) a CBLAS spends a third of its time on packing, and its kernel waits for memory; with many
 * rows both are about equal (bench/RESULTS.md). Weights that change, as in training, go through mm(), which packs
 * both sides anew (gemm_once) where the kernels are faster than the CBLAS's. */
#ifndef BK_NN_GEMM_H
#define BK_NN_GEMM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/pool.h"
#include "nn/kernels.h"

/* Whether a matrix of n columns of output can be packed: a multiple of 16. The packed one has as many floats. */
bool gemm_packs(int n);
/* packed  <-  w [n, k], row-major, of a layer y = x w^T, for the kernels of this machine; and back. */
void gemm_pack(const float *w, int n, int k, float *packed);
void gemm_unpack(const float *packed, int n, int k, float *w);

typedef struct gemm {
    int m, n, k;
    int from, to;      /* columns of y to be worked out, multiples of 16 in [0, n] */
    int ld_x, ld_y;    /* floats from row to row */
    const float *bias; /* [n] or NULL */
    bool add;          /* y = act(y + ...) */
    nn_act act;
} gemm;

enum { GEMM_TEAM = 8 };

/* Of how many a loop that is shared out now is made: the caller, and those threads of a team (or NULL) that have
 * nothing to do; at most GEMM_TEAM. */
int gemm_hands(pool *team);

/* Floats of work for products of up to m rows. */
size_t gemm_work(int m);
/* y [m, n] = act(x [m, k] w^T + bias), columns [from, to). The threads of team (or NULL) that have nothing to do share
 * the columns. */
void gemm_run(const gemm *g, const float *x, const float *packed, float *work, pool *team, float *y);

/* Whether gemm_once() is the faster way: only kernels of wide panels gain more than the packing takes, and only in
 * products that are not too thin. */
bool gemm_once_pays(int m, int n, int k);
/* mm() of nn_math.h, by the kernels. */
void gemm_once(bool a_t, bool b_t, int m, int n, int k, const float *a, int lda, const float *b, int ldb, bool add,
               float *c, int ldc);

#endif
