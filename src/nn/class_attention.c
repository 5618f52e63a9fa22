/* The class token's attention, without keys and values of the others. */
#include "nn/class_attention.h"

#include <math.h>
#include <stdlib.h>

#include "nn/attention.h"
#include "nn/kernels.h"
#include "nn/nn_math.h"
#include "nn/tensor.h"

bool class_attention_fits(int head_width) {
    return gemm_packs(head_width);
}

/* ---- weights ---- */

/* to [columns, rows] = from [rows, columns] */
static void transpose(const float *from, int rows, int columns, float *to) {
    for (int c = 0; c < columns; c++)
        for (int r = 0; r < rows; r++) *to++ = from[(size_t)r * (size_t)columns + (size_t)c];
}

/* A head's rows of k [head_width, width]: the layer goes the other way, from the head's numbers to the width. */
static bool keys_order(float *k, int head_width, int width, bool ready) {
    float *from = nn_copy(k, (size_t)head_width * (size_t)width);
    if (!from) return false;
    if (ready) transpose(from, head_width, width, k);
    bool ok = linear_order(ready ? k : from, head_width, width, ready);
    if (ok && !ready) transpose(from, width, head_width, k);
    free(from);
    return ok;
}

bool class_attention_order(float *qkv, int heads, int head_width, bool ready) {
    const int width = heads * head_width;
    const size_t square = (size_t)width * (size_t)width, rows = (size_t)head_width * (size_t)width;
    bool ok = linear_order(qkv, width, width, ready) && linear_order(qkv + 2 * square, width, width, ready);
    for (int h = 0; ok && h < heads; h++) ok = keys_order(qkv + square + (size_t)h * rows, head_width, width, ready);
    return ok;
}

/* ---- forward ---- */

typedef struct forward {
    const class_attention *a;
    const float *qkv, *bias, *y;
    float *q;     /* [n, width] */
    float *rows;  /* [n, heads, width], first K_h^T q_h, then the sums of y */
    float *probs; /* [heads, tokens] of one picture */
    float *work;  /* gemm_work(n) floats a part */
    float *out;
} forward;

static size_t room_make(forward *f, const class_attention *a) {
    nn_arena m = { .base = a->work };
    const size_t n = (size_t)a->n, heads = (size_t)a->heads, width = heads * (size_t)a->head_width;
    f->q = nn_take(&m, n * width);
    f->rows = nn_take(&m, n * heads * width);
    f->probs = nn_take(&m, heads * (size_t)a->tokens);
    f->work = nn_take(&m, gemm_work(a->n) * GEMM_TEAM);
    return m.used;
}

size_t class_attention_work(const class_attention *a) {
    forward unused;
    class_attention counted = *a;
    counted.work = NULL;
    return room_make(&unused, &counted);
}

static float *work_of(const forward *f, int part) {
    return f->work + (size_t)part * gemm_work(f->a->n);
}

/* K_h^T q_h of all pictures. */
static void ask_head(void *arg, int h, int part) {
    const forward *f = arg;
    const int hw = f->a->head_width, width = f->a->heads * hw;
    const size_t square = (size_t)width * (size_t)width;
    const gemm g = { f->a->n, width, hw, 0, width, width, f->a->heads * width, NULL, false, NN_LINEAR };
    gemm_run(&g, f->q + h * hw, f->qkv + square + (size_t)h * (size_t)hw * (size_t)width, work_of(f, part), NULL,
             f->rows + (size_t)h * (size_t)width);
}

/* V_h times the sum that head h has of the rows, of all pictures. */
static void answer_head(void *arg, int h, int part) {
    const forward *f = arg;
    const int hw = f->a->head_width, width = f->a->heads * hw;
    const size_t square = (size_t)width * (size_t)width;
    const gemm g = { f->a->n, width,    width, h * hw, (h + 1) * hw, f->a->heads * width, width, f->bias + 2 * width,
                     false,   NN_LINEAR };
    gemm_run(&g, f->rows + (size_t)h * (size_t)width, f->qkv + 2 * square, work_of(f, part), NULL, f->out);
}

/* A picture's rows become sums of y, weighted by how much they look like each of its rows. */
static void weigh(const forward *f, int picture) {
    const int heads = f->a->heads, tokens = f->a->tokens, width = heads * f->a->head_width;
    float *rows = f->rows + (size_t)picture * (size_t)heads * (size_t)width;
    const float *y = f->y + (size_t)picture * (size_t)tokens * (size_t)width;
    mm(false, true, heads, tokens, width, rows, width, y, width, false, f->probs, tokens);
    nn_kernels_best()->softmax(f->probs, 1.0f / sqrtf((float)f->a->head_width), heads, tokens);
    mm(false, false, heads, width, tokens, f->probs, tokens, y, width, false, rows, width);
}

void class_attention_forward(const class_attention *a, const float *qkv, const float *bias, const float *y,
                             float *out) {
    const int width = a->heads * a->head_width;
    forward f = { .a = a, .qkv = qkv, .bias = bias, .y = y, .out = out };
    room_make(&f, a);
    const gemm q = { a->n, width, width, 0, width, a->tokens * width, width, bias, false, NN_LINEAR };
    gemm_run(&q, y, qkv, f.work, a->team, f.q);
    attention_share(a->team, a->heads, ask_head, &f);
    for (int i = 0; i < a->n; i++) weigh(&f, i);
    attention_share(a->team, a->heads, answer_head, &f);
}
