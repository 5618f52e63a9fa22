/* The measured evidence as ONNX nodes: every number of picture/evidence.c, in its order. Sums over cells of a grid
 * are products with matrices of zeros and ones. */
#include "onnx/evidence_graph.h"

#include <string.h>

#include "picture/evidence.h"

enum { DARK = 40, BLACK = 20, WHITE = 225, GRID = 3 }; /* as in picture/evidence.c */

static const int64_t PLANE[] = { 2, 3 };

static value mean(graph *g, value x) {
    return graph_reduce(g, "ReduceMean", x, PLANE, 2, false);
}

/* 2 x - 1 */
static value centred(graph *g, value x) {
    return graph_shift(g, graph_scale(g, x, 2), -1);
}

/* 0 and 1 in f32  <-  x `op` limit */
static value flags(graph *g, const char *op, value x, float limit) {
    const attribute to[] = { { .name = "to", .kind = ATTRIBUTE_INT, .i = 1 }, { .name = NULL } };
    value is = graph_op2(g, op, x, graph_number(g, limit));
    return graph_node(g, "Cast", (value[]){ is, NULL }, to);
}

/* BT.601 luma in 8 bits, [batch, 1, h, w]: (77 r + 150 g + 29 b) >> 8, exact in floats. */
static value luma(graph *g, value pixels) {
    static const float share[3] = { 77, 150, 29 };
    value v;
    float *kernel = graph_own(g, &v, "luma", (int[]){ 1, 3, 1, 1 }, 4);
    if (kernel) memcpy(kernel, share, sizeof share);
    return graph_op(g, "Floor", graph_scale(g, graph_op2(g, "Conv", pixels, v), 1.0f / 256));
}

/* Sums of cells [batch, 1, rows, cols] of x [batch, 1, h, w], times scale. Pixel i of n is in cell i * cells / n. */
static value cells(graph *g, value x, int h, int w, int rows, int cols, float scale) {
    value over_y, over_x;
    float *y = graph_own(g, &over_y, "rows", (int[]){ rows, h }, 2),
          *z = graph_own(g, &over_x, "columns", (int[]){ w, cols }, 2);
    for (int i = 0; y && i < h; i++) y[(size_t)(i * rows / h) * (size_t)h + (size_t)i] = 1;
    for (int i = 0; z && i < w; i++) z[(size_t)i * (size_t)cols + (size_t)(i * cols / w)] = scale;
    return graph_op2(g, "MatMul", graph_op2(g, "MatMul", over_y, x), over_x);
}

/* Mean difference of neighbours along axis, over all pixels of the plane and by 8. */
static value detail(graph *g, value y, int axis, int n, int pixels) {
    value a = graph_slice(g, y, axis, 1, n), b = graph_slice(g, y, axis, 0, n - 1);
    value steps = graph_op(g, "Abs", graph_op2(g, "Sub", a, b));
    int others = pixels / n * (n - 1); /* of which ReduceMean makes the mean */
    return graph_scale(g, mean(g, steps), (float)others / (float)pixels / 8);
}

static value deviation(graph *g, value y) {
    value apart = graph_op2(g, "Sub", y, graph_reduce(g, "ReduceMean", y, PLANE, 2, true));
    return graph_op(g, "Sqrt", mean(g, graph_op2(g, "Mul", apart, apart)));
}

static value chroma(graph *g, value pixels) {
    const int64_t colours[] = { 1 };
    value high = graph_reduce(g, "ReduceMax", pixels, colours, 1, true);
    return mean(g, graph_op2(g, "Sub", high, graph_reduce(g, "ReduceMin", pixels, colours, 1, true)));
}

static value thumbnail(graph *g, const evidence_sizes *s, value y) {
    const int rows = EVIDENCE_THUMB_H, cols = EVIDENCE_THUMB_W;
    const int64_t flat[] = { 0, rows * cols };
    double per_cell = (double)s->w * s->h / (rows * cols);
    value grid = cells(g, y, s->h, s->w, rows, cols, (float)(1 / per_cell / 255));
    return centred(g, graph_reshape(g, graph_op2(g, "Min", grid, graph_number(g, 1)), flat, 2));
}

/* Eight numbers of light, and the thumbnail. */
static void light(graph *g, const evidence_sizes *s, value pixels, value out[EVIDENCE_LIGHT + 1]) {
    value y = luma(g, pixels);
    int n = s->w * s->h;
    out[0] = centred(g, graph_scale(g, mean(g, y), 1.0f / 255));
    out[1] = graph_scale(g, deviation(g, y), 1.0f / 64);
    out[2] = centred(g, mean(g, flags(g, "Less", y, DARK)));
    out[3] = centred(g, mean(g, flags(g, "Less", y, BLACK)));
    out[4] = centred(g, mean(g, flags(g, "Greater", y, WHITE)));
    out[5] = graph_scale(g, chroma(g, pixels), 1.0f / 64);
    out[6] = detail(g, y, 3, s->w, n);
    out[7] = detail(g, y, 2, s->h, n);
    out[8] = thumbnail(g, s, y);
}

/* Twice the square root. */
static value root(graph *g, value x) {
    return graph_scale(g, graph_op(g, "Sqrt", x), 2);
}

/* The share of rows (looked along axis 3) or columns (axis 2) with any lettering, centred. */
static value share_of_lines(graph *g, value on, int64_t axis) {
    return centred(g, mean(g, graph_reduce(g, "ReduceMax", on, &axis, 1, true)));
}

/* Where the lettering's middle lies along a line of n, centred; at is shaped to be multiplied with p. */
static value middle(graph *g, value p, value sum_and_one, int n, const int *shape, int n_dims, float area) {
    value at;
    float *x = graph_own(g, &at, "places", shape, n_dims);
    for (int i = 0; x && i < n; i++) x[i] = (float)i + 0.5f;
    value weighed = graph_scale(g, mean(g, graph_op2(g, "Mul", p, at)), area);
    value share = graph_op2(g, "Div", graph_shift(g, weighed, 0.5f * (float)n), sum_and_one);
    return centred(g, graph_scale(g, share, 1.0f / (float)n));
}

/* The sixteen numbers of the lettering map, as eight values. */
static void letters(graph *g, const evidence_sizes *s, value map, value out[8]) {
    const int64_t flat[] = { 0, GRID * GRID };
    float area = (float)s->map_w * (float)s->map_h;
    value p = graph_op(g, "Sigmoid", map), on = flags(g, "Greater", map, 0), share = mean(g, p);
    value sum_and_one = graph_shift(g, graph_scale(g, share, area), 1);
    out[0] = root(g, share);
    out[1] = centred(g, graph_reduce(g, "ReduceMax", p, PLANE, 2, false));
    out[2] = root(g, mean(g, on));
    out[3] = share_of_lines(g, on, 3);
    out[4] = share_of_lines(g, on, 2);
    out[5] = middle(g, p, sum_and_one, s->map_w, (int[]){ s->map_w }, 1, area);
    out[6] = middle(g, p, sum_and_one, s->map_h, (int[]){ s->map_h, 1 }, 2, area);
    value grid = cells(g, p, s->map_h, s->map_w, GRID, GRID, GRID * GRID / area);
    out[7] = root(g, graph_reshape(g, grid, flat, 2));
}

value evidence_graph(graph *g, const evidence_sizes *s, value pixels, value map) {
    value parts[EVIDENCE_LIGHT + 1 + 8 + 1] = { NULL };
    graph_scope(g, "evidence");
    light(g, s, pixels, parts);
    if (s->map_w) letters(g, s, map, parts + EVIDENCE_LIGHT + 1);
    value all = graph_join(g, parts, 1);
    graph_scope(g, "%s", "");
    if (s->map_w) return all;
    value ends = graph_ints(g, (int64_t[]){ 0, 0, 0, EVIDENCE_LETTERS }, 4);
    return graph_op2(g, "Pad", all, ends);
}
