/* nn/layers, nn/conv, nn/winograd, nn/attention, nn/tensor: forward against plain loops in doubles, backward against
 * central differences; on every set of kernels that this machine runs. */
#include "nn/layers.h"

#include <string.h>

#include "nn/attention.h"
#include "nn/conv.h"
#include "nn/kernels.h"
#include "nn/nn_math.h"
#include "nn/winograd.h"
#include "nn_check.h"

/* ---- dropout ---- */

static void test_dropout_keys(void) {
    dropout_key a = { 0.5f, 1, 2, 3 }, b = a;
    tap_ok(dropout_mix(&a, 4, 1) == dropout_mix(&(dropout_key){ 0.5f, 1, 2, 4 }, 4, 0), "first and row add up");
    b.step = 3;
    tap_ok(dropout_mix(&a, 4, 0) != dropout_mix(&b, 4, 0) && dropout_mix(&a, 4, 0) != dropout_mix(&a, 5, 0),
           "step and site change the key");
}

/* ---- linear ---- */

typedef struct linear_job {
    int m, in, out;
    float *x, *w, *b, *y, *d;
} linear_job;

static double linear_loss(void *arg) {
    linear_job *j = arg;
    linear_forward(j->x, j->w, j->b, j->m, j->in, j->out, false, j->y);
    return dot(j->y, j->d, (size_t)(j->m * j->out));
}

static void test_linear(void) {
    rng r = rng_make(6, 6);
    linear_job j = { 4, 7, 5, noise(28, 1, &r), noise(35, 1, &r), noise(5, 1, &r), floats(20), noise(20, 1, &r) };
    double want[20];
    float *g_w = floats(35), *g_b = floats(5), *d_x = floats(28);
    for (int i = 0; i < 20; i++) {
        want[i] = (double)j.b[i % 5];
        for (int c = 0; c < 7; c++) want[i] += (double)j.x[i / 5 * 7 + c] * (double)j.w[i % 5 * 7 + c];
    }
    linear_loss(&j);
    tap_ok(worst_of(j.y, want, 20) < 1e-5, "linear");
    linear_forward(j.x, j.w, j.b, 4, 7, 5, true, j.y);
    for (int i = 0; i < 20; i++) want[i] *= 2;
    tap_ok(worst_of(j.y, want, 20) < 1e-5, "linear, added");
    linear_backward(j.d, j.x, j.w, 4, 7, 5, g_w, g_b, d_x);
    tap_ok(gradient_error(linear_loss, &j, j.x, d_x, 28, 0, 1e-2f, &r) < 1e-3, "linear: gradient of x");
    tap_ok(gradient_error(linear_loss, &j, j.w, g_w, 35, 0, 1e-2f, &r) < 1e-3, "linear: gradient of w");
    tap_ok(gradient_error(linear_loss, &j, j.b, g_b, 5, 0, 1e-2f, &r) < 1e-3, "linear: gradient of b");
    float *all[] = { j.x, j.w, j.b, j.y, j.d, g_w, g_b, d_x };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

/* ---- convolution ---- */

typedef struct conv_job {
    conv c;
    int n;
    float *x, *w, *y, *d, *ready, *scratch;
} conv_job;

static double conv_loss(void *arg) {
    conv_job *j = arg;
    int all = conv_out_h(&j->c), chunk = conv_chunk(&j->c), row = conv_out_w(&j->c) * j->c.cout;
    size_t in = (size_t)(j->c.h * j->c.w * j->c.cin), out = (size_t)(all * row);
    conv_ready(&j->c, j->w, j->ready);
    for (size_t i = 0; i < (size_t)j->n; i++)
        for (int line = 0; line < all; line += chunk)
            conv_forward(&j->c, j->x + i * in, j->ready, line, chunk < all - line ? chunk : all - line, j->scratch,
                         j->y + i * out + line * row);
    return dot(j->y, j->d, (size_t)j->n * out);
}

static double conv_at(const conv_job *j, int n, int oy, int ox, int o) {
    const conv *c = &j->c;
    double sum = 0;
    for (int tap = 0; tap < 9 * c->cin; tap++) {
        int k = tap % c->cin, x = ox * c->stride - 1 + tap / c->cin % 3, y = oy * c->stride - 1 + tap / c->cin / 3;
        if (x < 0 || y < 0 || x >= c->w || y >= c->h) continue;
        int at = c->planar ? ((n * c->cin + k) * c->h + y) * c->w + x : ((n * c->h + y) * c->w + x) * c->cin + k;
        sum += (double)j->x[at] * (double)j->w[o * 9 * c->cin + tap];
    }
    return sum;
}

static void test_conv(int n, conv c) {
    rng r = rng_make(9, 9);
    size_t nx = (size_t)(n * c.h * c.w * c.cin), nw = (size_t)(c.cout * 9 * c.cin);
    size_t ny = (size_t)n * conv_rows(&c) * (size_t)c.cout;
    conv_job j = { .c = c, .n = n, .x = noise(nx, 1, &r), .w = noise(nw, 1, &r), .d = noise(ny, 1, &r) };
    j.y = floats(ny);
    j.ready = floats(conv_ready_size(&c));
    j.scratch = floats(conv_forward_scratch(&c));
    double *want = bk_zeros(ny, sizeof *want);
    int oh = conv_out_h(&c), ow = conv_out_w(&c);
    if (!want) exit(2);
    for (int i = 0; i < (int)ny; i++)
        want[i] = conv_at(&j, i / c.cout / ow / oh, i / c.cout / ow % oh, i / c.cout % ow, i % c.cout);
    conv_loss(&j);
    double e = worst_of(j.y, want, ny);
    tap_ok(e < 2e-5, "convolution %d x %d x %d x %d to %d, stride %d%s: %.2g", n, c.h, c.w, c.cin, c.cout, c.stride,
           c.planar ? ", planar" : "", e);
    float *g_w = floats(nw), *d_x = floats(nx), *turned = floats(conv_turn_size(&c));
    float *scratch = floats(conv_backward_scratch(&c));
    conv_turn(&c, j.w, turned);
    conv_backward(&c, n, j.x, turned, j.d, scratch, g_w, false, c.planar ? NULL : d_x);
    e = gradient_error(conv_loss, &j, j.w, g_w, nw, 40, 2e-2f, &r);
    if (!c.planar) e = worse(e, gradient_error(conv_loss, &j, j.x, d_x, nx, 40, 2e-2f, &r));
    tap_ok(e < 2e-3, "its gradients, error %.2g", e);
    float *all[] = { j.x, j.w, j.y, j.d, j.ready, j.scratch, g_w, d_x, turned, scratch };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    free(want);
}

static void test_convs(void) {
    static const struct {
        int n;
        conv c;
    } all[] = {
        { 2, { 7, 9, 3, 4, 2, true } },      { 1, { 8, 6, 3, 16, 2, true } },     { 1, { 1, 1, 3, 2, 2, true } },
        { 2, { 7, 9, 5, 4, 2, false } },     { 3, { 6, 4, 4, 4, 1, false } },     { 2, { 1, 3, 2, 3, 1, false } },
        { 1, { 3, 1, 2, 3, 2, false } },     { 2, { 90, 80, 2, 3, 1, false } },   { 2, { 21, 40, 16, 32, 2, false } },
        { 1, { 120, 101, 3, 16, 2, true } }, { 2, { 40, 37, 16, 24, 1, false } }, { 3, { 9, 31, 40, 17, 2, false } },
        { 9, { 14, 13, 33, 16, 1, false } },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) test_conv(all[i].n, all[i].c);
}

/* The other way to the same numbers; weights as large as leave the outputs about 1. */
static void test_winograd(conv c) {
    rng r = rng_make(9, 10);
    int chunk = winograd_chunk(&c), row = c.w * c.cout, taps = 9 * c.cin;
    size_t ny = conv_rows(&c) * (size_t)c.cout;
    conv_job j = { .c = c, .n = 1, .x = noise((size_t)(c.h * c.w * c.cin), 1, &r) };
    j.w = noise((size_t)(c.cout * taps), 1 / sqrtf((float)taps), &r);
    j.y = noise(ny, 1, &r);
    j.ready = floats(winograd_ready_size(&c));
    j.scratch = noise(winograd_scratch(&c), 1, &r);
    double *want = bk_zeros(ny, sizeof *want);
    if (!want) exit(2);
    for (int i = 0; i < (int)ny; i++) want[i] = conv_at(&j, 0, i / row, i / c.cout % c.w, i % c.cout);
    winograd_ready(&c, j.w, j.ready);
    for (int line = 0; line < c.h; line += chunk)
        winograd_forward(&c, j.x, j.ready, line, chunk < c.h - line ? chunk : c.h - line, j.scratch,
                         j.y + line * row);
    double e = worst_of(j.y, want, ny);
    tap_ok(winograd_fits(&c) && e < 1e-5, "Winograd's %d x %d x %d to %d: %.2g", c.h, c.w, c.cin, c.cout, e);
    float *all[] = { j.x, j.w, j.y, j.ready, j.scratch };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    free(want);
}

static void test_winograds(void) {
    static const conv all[] = { { 1, 1, 16, 16, 1, false },     { 1, 9, 16, 48, 1, false },
                                { 8, 1, 32, 16, 1, false },     { 2, 2, 16, 16, 1, false },
                                { 3, 4, 48, 32, 1, false },     { 11, 10, 64, 64, 1, false },
                                { 14, 25, 128, 112, 1, false }, { 5, 95, 32, 32, 1, false },
                                { 6, 96, 16, 80, 1, false } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) test_winograd(all[i]);
    tap_ok(!winograd_fits(&(conv){ 4, 4, 16, 16, 2, false }) && !winograd_fits(&(conv){ 4, 4, 16, 24, 1, false }) &&
               !winograd_fits(&(conv){ 4, 4, 24, 16, 1, false }) && !winograd_fits(&(conv){ 4, 4, 16, 16, 1, true }),
           "not for a stride, nor for some channels");
}

/* ---- attention ---- */

typedef struct attention_job {
    attention a;
    float *qkv, *probs, *temp, *out, *d;
} attention_job;

static double attention_loss(void *arg) {
    attention_job *j = arg;
    attention_forward(&j->a, j->qkv, j->probs, j->temp, j->out);
    return dot(j->out, j->d, (size_t)(j->a.n * j->a.queries * j->a.heads * j->a.head_width));
}

/* One output number, from the formula. */
static double attention_at(const attention_job *j, int i, int q, int h, int e) {
    const attention *a = &j->a;
    int hw = a->head_width, width = a->heads * hw;
    const float *rows = j->qkv + i * a->keys * 3 * width + h * hw;
    double sum = 0, top = 0;
    for (int t = 0; t < a->keys; t++) {
        double s = 0;
        for (int c = 0; c < hw; c++) s += (double)rows[q * 3 * width + c] * (double)rows[(t * 3 + 1) * width + c];
        s = exp(s / sqrt(hw));
        sum += s;
        top += s * (double)rows[(t * 3 + 2) * width + e];
    }
    return top / sum;
}

static void test_attention(int queries, const dropout_key *drop) {
    rng r = rng_make(2, 9);
    attention_job j = {
        .a = { .n = 2, .heads = 3, .head_width = 4, .queries = queries, .keys = 6, .drop = drop, .site = 1 }
    };
    int width = 12, n = 2 * queries * width;
    j.qkv = noise(2 * 6 * 3 * 12, 1, &r);
    j.probs = floats((size_t)attention_probs(&j.a));
    j.temp = floats(2 * 6 * 6);
    j.out = floats((size_t)n);
    j.d = noise((size_t)n, 1, &r);
    double *want = bk_zeros((size_t)n, sizeof *want);
    if (!want) exit(2);
    for (int i = 0; i < n; i++)
        want[i] = attention_at(&j, i / width / queries, i / width % queries, i % width / 4, i % 4);
    attention_loss(&j);
    double e = worst_of(j.out, want, (size_t)n);
    tap_ok(drop ? e > 1e-2 : e < 2e-6, "attention of %d queries%s: %.2g", queries, drop ? ", dropout" : "", e);
    float *d_qkv = floats(2 * 6 * 3 * 12);
    attention_backward(&j.a, j.qkv, j.probs, j.d, j.temp, d_qkv);
    e = gradient_error(attention_loss, &j, j.qkv, d_qkv, 2 * 6 * 3 * 12, 0, 5e-3f, &r);
    tap_ok(e < 2e-3, "its gradient, error %.2g", e);
    float *all[] = { j.qkv, j.probs, j.temp, j.out, j.d, d_qkv };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    free(want);
}

/* The kernels' own way against the matrix products of the CBLAS. */
static void test_attention_work(int queries, int keys, int head_width, pool *team) {
    rng r = rng_make(2, 10);
    attention a = { .n = 2, .heads = 3, .head_width = head_width, .queries = queries, .keys = keys };
    size_t n_out = (size_t)(2 * queries * 3 * head_width), n_qkv = (size_t)(2 * keys * 9 * head_width);
    float *qkv = noise(n_qkv, 1, &r), *probs = floats((size_t)attention_probs(&a)), *out = floats(n_out);
    float *other = floats(n_out), *work = floats(attention_work(&a));
    attention_forward(&a, qkv, probs, NULL, out);
    a.work = work;
    a.team = team;
    attention_forward(&a, qkv, probs, NULL, other);
    double e = 0;
    for (size_t i = 0; i < n_out; i++) e = worse(e, fabs((double)(out[i] - other[i])));
    tap_ok(e < 2e-6, "attention of %d to %d, %d wide%s, the kernels' own way: %.2g", queries, keys, head_width,
           team ? ", by a team" : "", e);
    float *all[] = { qkv, probs, out, other, work };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

/* ---- losses ---- */

typedef struct loss_job {
    float x[4], t[4], weight[4];
    bool soft;
} loss_job;

static double loss_loss(void *arg) {
    loss_job *j = arg;
    return j->soft ? cross_entropy(j->x, 4, 2, NULL) : bce_logits(j->x, j->t, j->weight, 4, NULL);
}

static void test_losses(void) {
    loss_job j = { { 0.3f, -2, 1.5f, 0 }, { 1, 0, 0.25f, 1 }, { 1, 2, 3, 0 }, false };
    rng r = rng_make(1, 1);
    float d[4];
    double want = 0;
    for (int i = 0; i < 4; i++) {
        double p = 1 / (1 + exp(-(double)j.x[i])), t = (double)j.t[i];
        want -= (double)j.weight[i] * (t * log(p) + (1 - t) * log(1 - p));
    }
    tap_near(bce_logits(j.x, j.t, j.weight, 4, d), want, 1e-9, "binary cross-entropy");
    tap_ok(gradient_error(loss_loss, &j, j.x, d, 4, 0, 1e-3f, &r) < 1e-5, "its gradient");
    float far[2] = { 500, -500 }, one[2] = { 0, 1 };
    tap_near(bce_logits(far, one, NULL, 2, d), 1000, 1e-9, "far logits do not overflow");
    tap_ok(d[0] == 1 && d[1] == -1, "nor do their gradients");
    tap_near((double)sigmoid(-2), 1 / (1 + exp(2)), 1e-7, "sigmoid");
    j.soft = true;
    want = -log(exp(1.5) / (exp((double)0.3f) + exp(-2) + exp(1.5) + 1));
    tap_near(cross_entropy(j.x, 4, 2, d), want, 1e-9, "cross-entropy");
    tap_ok(gradient_error(loss_loss, &j, j.x, d, 4, 0, 1e-3f, &r) < 1e-5, "its gradient");
    far[0] = NAN;
    tap_ok(isnan(bce_logits(far, one, NULL, 2, NULL)) && isnan(cross_entropy(far, 2, 1, NULL)), "NaN is told");
}

/* ---- tables ---- */

static void test_table(void) {
    nn_table t = { 0 }, counting = { .counting = true };
    nn_table *both[] = { &t, &counting };
    for (int i = 0; i < 2; i++) {
        nn_table_add(both[i], "a", (int[4]){ 3, 5 }, NN_NORMAL, 2, true);
        size_t at = nn_table_add(both[i], "b", (int[4]){ 1 }, NN_ONES, 0, false);
        nn_table_add(both[i], "c", (int[4]){ 2, 3, 4, 1 }, NN_UNIFORM, 0.5f, true);
        tap_ok(at == 16 && both[i]->n_floats == 64, "offsets in steps of 16");
    }
    float block[64];
    rng r = rng_make(1, 2);
    nn_table_init(&t, block, &r);
    bool right = block[16] == 1 && block[17] == 0 && block[15] == 0 && block[0] != block[1];
    for (int i = 32; i < 56; i++) right = right && fabsf(block[i]) <= 0.5f;
    tap_ok(right && t.n == 3 && counting.n == 0 && !counting.rows, "initialised; counting keeps no rows");
    tap_ok(nn_table_find(&t, "c") == &t.rows[2] && nn_table_find(&t, "c")->n_dims == 4 && !nn_table_find(&t, "d"),
           "found by name");
    nn_table_add(&t, "too big", (int[4]){ 1 << 30, 1 << 30, 1 << 30 }, NN_ZEROS, 0, false);
    tap_ok(!nn_table_ok(&t) && t.n == 3, "a size that overflows is told");
    nn_table_close(&t);
}

/* What is built on the kernels, by each set of them. */
static void test_layers(const nn_kernels *k, pool *team) {
    nn_kernels_use(k);
    test_linear();
    test_convs();
    test_winograds();
    test_attention_work(61, 61, 32, NULL);
    test_attention_work(1, 50, 64, team);
    test_attention_work(7, 32, 16, team);
    test_attention_work(9, 33, 48, NULL);
    test_attention(6, NULL);
    test_attention(1, NULL);
    test_attention(6, &(dropout_key){ 0.3f, 1, 2, 0 });
}

int main(void) {
    pool *team;
    if (pool_open(&team, 3, NULL)) return 2;
    nn_math_single_thread();
    const nn_kernels *k;
    for (int i = 0; (k = nn_kernels_nth(i)); i++) test_layers(k, team);
    pool_close(&team);
    test_dropout_keys();
    test_losses();
    test_table();
    return tap_done();
}
