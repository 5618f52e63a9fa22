/* Matrix products over packed weights: blocked so that the weights come from memory once, a block of x and one of the
 * weights stay in the second-level cache, and a panel of weights in the first (Goto and van de Geijn, "Anatomy of
 * High-Performance Matrix Multiplication", 2008). */
#include "nn/gemm.h"

#include <string.h>

#include "base/least.h"

/* A block of x, BLOCK_M x BLOCK_K, and one of the weights, BLOCK_N x BLOCK_K, share the second-level cache with that
 * of y. SLAB rows of x are worked on for each reading of the weights. CHUNK blocks of k are summed up in one block of
 * y before the next, so that y comes from the third-level cache and goes back there once for all of them; what is
 * read again instead, x, is read only. FEW rows are sooner packed than fetched from another core's cache. */
enum { GROUP = 16, BLOCK_K = 256, BLOCK_M = 240, BLOCK_N = 128, SLAB = 480, CHUNK = 3, FEW = 64 };

bool gemm_packs(int n) {
    return n % GROUP == 0;
}

/* n is cut into parts about as long as one another, of at most `longest`. */
static int part_of(int n, int longest) {
    int parts = (n + longest - 1) / longest;
    return (n + parts - 1) / parts;
}

/* Packed is [blocks of k][panels of columns][k of the block][columns]; the last panel may have 16 columns in place of
 * 32. */
static void move(const float *from, int n, int k, bool pack, float *to) {
    int step = part_of(k, BLOCK_K), columns = nn_kernels_best()->panel;
    size_t packed = 0;
    for (int block = 0; block < k; block += step)
        for (int panel = 0; panel < n; panel += columns)
            for (int i = block; i < least(block + step, k); i++)
                for (int j = panel; j < least(panel + columns, n); j++, packed++) {
                    size_t plain = (size_t)j * (size_t)k + (size_t)i;
                    to[pack ? packed : plain] = from[pack ? plain : packed];
                }
}

void gemm_pack(const float *w, int n, int k, float *packed) {
    move(w, n, k, true, packed);
}

void gemm_unpack(const float *packed, int n, int k, float *w) {
    move(packed, n, k, false, w);
}

int gemm_hands(pool *team) {
    return least(1 + pool_idle(team), GEMM_TEAM);
}

size_t gemm_work(int m) {
    return (size_t)most(least(m, FEW) * GEMM_TEAM, least(m, SLAB) * CHUNK) * BLOCK_K;
}

/* Columns [j, j + n) of y, rows [i, i + m), the part of the sum that `from` and k say. a: these rows, from
 * gemm_rows(). A part of a panel, where j or its end fall into one, is done by 16 columns. */
static void run_block(const gemm *g, int i, int m, int j, int n, int from, int k, const float *a, const float *packed,
                      float *y) {
    const nn_kernels *f = nn_kernels_best();
    bool last = from + k == g->k;
    gemm_strip s = { .m = m, .k = k, .ld = g->ld_y, .add = g->add || from > 0, .act = last ? g->act : NN_LINEAR };
    y += (size_t)i * (size_t)g->ld_y;
    packed += (size_t)from * (size_t)g->n;
    for (int end = j + n; j < end; j += s.columns) {
        int first = j / f->panel * f->panel;
        const float *b = packed + (size_t)first * (size_t)k + (j - first);
        s.ld_b = least(f->panel, g->n - first);
        s.columns = j == first && first + s.ld_b <= end ? s.ld_b : GROUP;
        s.next = packed + (size_t)(j + s.columns) * (size_t)k;
        s.bias = last && g->bias ? g->bias + j : NULL;
        f->gemm_strip(y + j, a, b, &s);
    }
}

/* Where the sums of `from` on lie among the rows that lie side by side from `chunk` on, m in all, those from i on. */
static size_t laid_at(int m, int chunk, int from, int k, int i) {
    return (size_t)(from - chunk) * (size_t)m + (size_t)i * (size_t)k;
}

/* Where part `part` of `parts` of the columns starts, at a whole panel. */
static int column(const gemm *g, int part, int parts) {
    int unit = nn_kernels_best()->panel, n = g->to - g->from;
    return part == parts ? g->to : g->from + (int)((long)n / unit * part / parts) * unit;
}

/* Some rows of a product and a part of the sum, for which x lies packed in work. */
typedef struct slab {
    const gemm *g;
    int m, rows;          /* all, and those of a block */
    int chunk, end, step; /* of the sum, and of a block of it */
    const float *packed, *work;
    float *y;
    int parts; /* of the columns */
} slab;

static void run_columns(void *arg, int part, int worker) {
    const slab *s = arg;
    const int to = column(s->g, part + 1, s->parts);
    (void)worker;
    for (int j = column(s->g, part, s->parts); j < to; j += BLOCK_N)
        for (int from = s->chunk; from < s->end; from += s->step)
            for (int i = 0, k = least(s->step, s->end - from); i < s->m; i += s->rows)
                run_block(s->g, i, least(s->rows, s->m - i), j, least(BLOCK_N, to - j), from, k,
                          s->work + laid_at(s->m, s->chunk, from, k, i), s->packed, s->y);
}

static void run_slab(const gemm *g, int m, const float *x, const float *packed, float *work, pool *team, int hands,
                     float *y) {
    const nn_kernels *f = nn_kernels_best();
    slab s = { .g = g, .m = m, .packed = packed, .work = work, .y = y, .parts = hands };
    s.rows = part_of(m, BLOCK_M);
    s.step = part_of(g->k, BLOCK_K);
    const int blocks = m > BLOCK_M || hands > 1 ? CHUNK : 1;
    for (; s.chunk < g->k; s.chunk = s.end) {
        s.end = least(s.chunk + blocks * s.step, g->k);
        for (int from = s.chunk; from < s.end; from += s.step)
            for (int i = 0, k = least(s.step, s.end - from); i < m; i += s.rows)
                f->gemm_rows(work + laid_at(m, s.chunk, from, k, i), x + (size_t)i * (size_t)g->ld_x + from,
                             least(s.rows, m - i), k, g->ld_x);
        pool_run(team, run_columns, &s, hands);
    }
}

/* A product of few rows: each thread packs them for itself. */
typedef struct few {
    const gemm *g;
    const float *x, *packed;
    float *work, *y;
    int parts;
} few;

static void run_few(void *arg, int part, int worker) {
    const few *s = arg;
    gemm g = *s->g;
    (void)worker;
    g.from = column(s->g, part, s->parts);
    g.to = column(s->g, part + 1, s->parts);
    run_slab(&g, g.m, s->x, s->packed, s->work + (size_t)part * (size_t)g.m * BLOCK_K, NULL, 1, s->y);
}

void gemm_run(const gemm *g, const float *x, const float *packed, float *work, pool *team, float *y) {
    const int rows = part_of(g->m, SLAB), hands = gemm_hands(team);
    if (g->m <= FEW) {
        few s = { g, x, packed, work, y, hands };
        pool_run(team, run_few, &s, hands);
        return;
    }
    for (int i = 0; i < g->m; i += rows)
        run_slab(g, least(rows, g->m - i), x + (size_t)i * (size_t)g->ld_x, packed, work, team, hands,
                 y + (size_t)i * (size_t)g->ld_y);
}

/* ---- both sides packed for one product ---- */

/* A block of a and one of b lie on the stack, and in the second-level cache. */
enum { ONCE_M = 240, ONCE_N = 384, ONCE_K = 256 };

typedef struct once {
    const nn_kernels *f;
    int m, n, k; /* of the block */
    bool b_t, add;
    const float *b;
    int ldb, ldc;
    float *packed_a, *packed_b, *edge;
} once;

bool gemm_once_pays(int m, int n, int k) {
    return nn_kernels_best()->panel > GROUP && m >= 8 && n >= GROUP && k >= GROUP;
}

/* Columns of the panel that starts at `from`, a multiple of 16. */
static int once_columns(const once *o, int from) {
    return least(o->f->panel, (o->n - from + GROUP - 1) / GROUP * GROUP);
}

/* `columns` columns of b from j on, `have` of which there are. */
static void once_panel(const once *o, int j, int columns, int have, float *to) {
    if (o->b_t)
        o->f->gemm_turn(to, o->b + (size_t)j * (size_t)o->ldb, have, columns, o->k, o->ldb);
    else
        o->f->gemm_lines(to, o->b + j, have, columns, o->k, o->ldb);
}

static void once_pack(const once *o) {
    for (int j = 0, columns; j < o->n; j += columns) {
        columns = once_columns(o, j);
        once_panel(o, j, columns, least(columns, o->n - j), o->packed_b + (size_t)j * (size_t)o->k);
    }
}

/* The block of c; where its columns end within a panel, this goes by way of o->edge. */
static void once_block(const once *o, float *c) {
    for (int j = 0, columns; j < o->n; j += columns) {
        const float *panel = o->packed_b + (size_t)j * (size_t)o->k;
        columns = once_columns(o, j);
        bool whole = j + columns <= o->n;
        const gemm_strip s = { .m = o->m,
                               .k = o->k,
                               .ld = whole ? o->ldc : columns,
                               .columns = columns,
                               .ld_b = columns,
                               .add = whole && o->add,
                               .next = panel + o->k * columns };
        o->f->gemm_strip(whole ? c + j : o->edge, o->packed_a, panel, &s);
        for (int i = 0; !whole && i < o->m; i++)
            for (int x = j; x < o->n; x++) {
                float *to = c + (size_t)i * (size_t)o->ldc + x;
                *to = (o->add ? *to : 0) + o->edge[i * columns + x - j];
            }
    }
}

void gemm_once(bool a_t, bool b_t, int m, int n, int k, const float *a, int lda, const float *b, int ldb, bool add,
               float *c, int ldc) {
    _Alignas(64) float packed_a[ONCE_M * ONCE_K], packed_b[ONCE_N * ONCE_K], edge[ONCE_M * 32];
    int rows = part_of(m, ONCE_M), columns = (part_of(n, ONCE_N) + 31) / 32 * 32, step = part_of(k, ONCE_K);
    once o = { .f = nn_kernels_best(),
               .b_t = b_t,
               .ldb = ldb,
               .ldc = ldc,
               .packed_a = packed_a,
               .packed_b = packed_b,
               .edge = edge };
    for (int j = 0; j < n; j += columns)
        for (int from = 0; from < k; from += step) {
            o.n = least(columns, n - j);
            o.k = least(step, k - from);
            o.b = b + (b_t ? (size_t)j * (size_t)ldb + (size_t)from : (size_t)from * (size_t)ldb + (size_t)j);
            o.add = add || from > 0;
            once_pack(&o);
            for (int i = 0; i < m; i += rows) {
                o.m = least(rows, m - i);
                if (a_t)
                    o.f->gemm_columns(packed_a, a + (size_t)from * (size_t)lda + i, o.m, o.k, lda);
                else
                    o.f->gemm_rows(packed_a, a + (size_t)i * (size_t)lda + from, o.m, o.k, lda);
                once_block(&o, c + (size_t)i * (size_t)ldc + j);
            }
        }
}
