/* nn/kernels, nn/gemm: forward against plain loops in doubles, backward against central differences; every
 * set of kernels that this machine runs. Links no CBLAS, so that it is built for other machines too. */
#include "nn/kernels.h"

#include <string.h>

#include "nn/gemm.h"
#include "nn_check.h"

/* ---- elementwise kernels over a grid, with their slopes ---- */

static double relu_ref(double x) {
    return x < 0 ? 0 : x;
}
static double gelu_ref(double x) {
    return 0.5 * x * erfc(-x / sqrt(2));
}
static double quick_gelu_ref(double x) {
    return x / (1 + exp(-1.702 * x));
}

typedef struct activation {
    const char *name;
    double (*ref)(double x);
    void (*forward)(float *y, const float *x, long n);
    void (*back)(float *d, float *y, const float *x, long n);
} activation;

static void check_activation(const nn_kernels *k, const activation *a) {
    enum { GRID = 4001 };
    static float x[GRID], y[GRID], d[GRID], again[GRID];
    static double want[GRID], slope[GRID];
    for (int i = 0; i < GRID; i++) {
        x[i] = 0.01f * (float)(i - GRID / 2) + 1e-4f;
        want[i] = a->ref((double)x[i]);
        slope[i] = (a->ref((double)x[i] + 1e-6) - a->ref((double)x[i] - 1e-6)) / 2e-6;
        d[i] = 1;
    }
    a->forward(y, x, GRID);
    tap_ok(worst_of(y, want, GRID) < 1e-6, "%s %s within %.2g", k->name, a->name, worst_of(y, want, GRID));
    if (a->back) {
        a->back(d, again, x, GRID);
        tap_ok(worst_of(again, want, GRID) < 1e-6, "%s %s, again on the way back", k->name, a->name);
    } else {
        k->relu_back(d, y, GRID);
    }
    tap_ok(worst_of(d, slope, GRID) < 2e-6, "%s slope of %s within %.2g", k->name, a->name, worst_of(d, slope, GRID));
    float odd[3] = { NAN, 1e30f, -1e30f };
    a->forward(odd, odd, 3);
    tap_ok(isnan(odd[0]) && odd[1] == 1e30f && fabsf(odd[2]) < 1, "%s %s of NaN and of huge numbers", k->name,
           a->name);
}

static void test_activations(const nn_kernels *k) {
    const activation all[] = { { "relu", relu_ref, k->relu, NULL },
                               { "gelu", gelu_ref, k->gelu, k->gelu_back },
                               { "quick gelu", quick_gelu_ref, k->quick_gelu, k->quick_gelu_back } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) check_activation(k, &all[i]);
}

/* ---- kernels over rows: forward in doubles, backward by differences ---- */

enum { ROWS = 5, MOST_COLS = 48 };

typedef struct rows_job {
    const nn_kernels *k;
    int kind; /* 0 softmax, 1 norm, 2 norm and ReLU */
    int cols;
    float *x, *gain, *bias, *d, *plus, *y, *hat, *rstd;
} rows_job;

static void rows_forward(rows_job *j) {
    if (j->kind == 0) memcpy(j->y, j->x, (size_t)(ROWS * j->cols) * sizeof *j->y);
    if (j->kind == 0) j->k->softmax(j->y, 0.7f, ROWS, j->cols);
    if (j->kind == 1) j->k->norm(j->y, j->hat, j->rstd, j->x, j->gain, j->bias, 1e-5f, ROWS, j->cols);
    if (j->kind == 2) j->k->norm_relu(j->y, j->hat, j->rstd, j->x, j->plus, j->gain, j->bias, 1e-5f, ROWS, j->cols);
}

static double rows_loss(void *arg) {
    rows_job *j = arg;
    rows_forward(j);
    return dot(j->y, j->d, ROWS * j->cols);
}

static void rows_reference(const rows_job *j, double *want) {
    const int cols = j->cols;
    for (int r = 0; r < ROWS; r++, want += cols) {
        const float *x = j->x + r * cols;
        double sum = 0, mean = 0, var = 0;
        for (int i = 0; i < cols; i++) mean += (double)x[i] / cols;
        for (int i = 0; i < cols; i++) var += ((double)x[i] - mean) * ((double)x[i] - mean) / cols;
        for (int i = 0; i < cols; i++) sum += exp((double)0.7f * (double)x[i]);
        for (int i = 0; i < cols; i++) {
            double v = ((double)x[i] - mean) / sqrt(var + 1e-5) * (double)j->gain[i] + (double)j->bias[i];
            want[i] = j->kind == 0 ? exp((double)0.7f * (double)x[i]) / sum : v;
            if (j->kind == 2) want[i] = (v < 0 ? 0 : v) + (double)j->plus[r * cols + i];
        }
    }
}

static void rows_backward(rows_job *j, float *dx, float *g_gain, float *g_bias) {
    if (j->kind == 0) {
        memcpy(dx, j->d, (size_t)(ROWS * j->cols) * sizeof *dx);
        j->k->softmax_back(dx, j->y, 0.7f, ROWS, j->cols);
    } else if (j->kind == 1) {
        j->k->norm_back(dx, g_gain, g_bias, j->d, j->hat, j->rstd, j->gain, ROWS, j->cols);
    } else {
        memcpy(dx, j->hat, (size_t)(ROWS * j->cols) * sizeof *dx);
        j->k->norm_relu_back(dx, g_gain, g_bias, j->d, j->rstd, j->gain, j->bias, ROWS, j->cols);
    }
}

static void test_rows(const nn_kernels *k, int kind, int cols, const char *name) {
    const int all = ROWS * cols;
    rng r = rng_make(4, (uint64_t)kind);
    rows_job j = { k,
                   kind,
                   cols,
                   noise(all, 2, &r),
                   noise(cols, 1, &r),
                   noise(cols, 1, &r),
                   noise(all, 1, &r),
                   noise(all, 1, &r),
                   floats(all),
                   floats(all),
                   floats(ROWS) };
    double want[ROWS * MOST_COLS];
    float *dx = floats(all), *g_gain = floats(cols), *g_bias = floats(cols);
    rows_reference(&j, want);
    rows_loss(&j);
    double e = worst_of(j.y, want, (size_t)all);
    tap_ok(e < 2e-6, "%s %s within %.2g", k->name, name, e);
    rows_backward(&j, dx, g_gain, g_bias);
    e = gradient_error(rows_loss, &j, j.x, dx, all, 0, 2e-3f, &r);
    if (kind) e = worse(e, gradient_error(rows_loss, &j, j.gain, g_gain, cols, 0, 2e-3f, &r));
    if (kind) e = worse(e, gradient_error(rows_loss, &j, j.bias, g_bias, cols, 0, 2e-3f, &r));
    tap_ok(e < 4e-3, "%s gradients of %s, error %.2g", k->name, name, e);
    j.x[cols + 2] = NAN;
    rows_forward(&j);
    tap_ok(isnan(j.y[cols + 2]) && isfinite(j.y[0]) && isfinite(j.y[2 * cols]), "%s %s: NaN stays in its row",
           k->name, name);
    float *made[] = { j.x, j.gain, j.bias, j.d, j.plus, j.y, j.hat, j.rstd, dx, g_gain, g_bias };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) free(made[i]);
}

/* Norm and ReLU of the stem's rows, in place as there: with all that it gives, and without. */
static void test_short_rows(const nn_kernels *k, int rows, int cols, bool all) {
    rng r = rng_make(8, (uint64_t)(rows * cols));
    size_t n = (size_t)(rows * cols);
    float *x = noise(n, 2, &r), *plus = noise(n, 1, &r), *gain = noise((size_t)cols, 1, &r);
    float *bias = noise((size_t)cols, 1, &r), *y = floats(n), *rstd = floats((size_t)rows);
    double *want = bk_zeros(2 * n, sizeof *want), *want_hat = want + n, e = 0;
    if (!want) exit(2);
    for (size_t i = 0; i < n; i++) x[i] += 3;
    for (int at = 0; at < rows * cols; at += cols) {
        double mean = 0, var = 0;
        for (int i = 0; i < cols; i++) mean += (double)x[at + i] / cols;
        for (int i = 0; i < cols; i++) var += ((double)x[at + i] - mean) * ((double)x[at + i] - mean) / cols;
        for (int i = 0; i < cols; i++) {
            want_hat[at + i] = ((double)x[at + i] - mean) / sqrt(var + 1e-5);
            want[at + i] = fmax(0, want_hat[at + i] * (double)gain[i] + (double)bias[i]);
            if (all) want[at + i] += (double)plus[at + i];
        }
    }
    k->norm_relu(all ? y : x, all ? x : NULL, all ? rstd : NULL, x, all ? plus : NULL, gain, bias, 1e-5f, rows, cols);
    if (all) e = worst_of(x, want_hat, n);
    e = worse(e, worst_of(all ? y : x, want, n));
    tap_ok(e < 3e-6, "%s: norm and ReLU of %d x %d%s: %.2g", k->name, rows, cols, all ? ", all that it gives" : "",
           e);
    float *them[] = { x, plus, gain, bias, y, rstd };
    for (size_t i = 0; i < sizeof them / sizeof *them; i++) free(them[i]);
    free(want);
}

static void test_all_short_rows(const nn_kernels *k) {
    static const int cols[] = { 16, 32, 48, 64, 128 };
    for (size_t i = 0; i < sizeof cols / sizeof *cols; i++)
        for (int rows = 1; rows <= 6; rows++) test_short_rows(k, rows, cols[i], (rows + (int)i) % 2);
}

/* ---- dropout ---- */

static void test_dropout(const nn_kernels *k) {
    enum { MANY = 200000 };
    static float x[MANY], y[MANY], plain[MANY];
    double zeros = 0, runs = 0;
    for (int i = 0; i < MANY; i++) x[i] = 1;
    k->dropout(y, x, MANY, 0.1f, 77);
    nn_kernels_plain.dropout(plain, x, MANY, 0.1f, 77);
    for (int i = 0; i < MANY; i++) {
        zeros += y[i] == 0;
        runs += i > 0 && y[i] == 0 && y[i - 1] == 0;
        if (y[i] != 0 && fabsf(y[i] - 1 / 0.9f) > 1e-6f) zeros = NAN;
    }
    tap_near(zeros / MANY, 0.1, 0.003, "a tenth is dropped");
    tap_near(runs / MANY, 0.01, 0.001, "neighbours are dropped independently");
    tap_ok(memcmp(y, plain, sizeof y) == 0, "%s draws the masks of the plain kernels", k->name);
    k->dropout(y, x, MANY, 0.1f, 78);
    double both = 0;
    for (int i = 0; i < MANY; i++) both += y[i] == 0 && plain[i] == 0;
    tap_near(both / MANY, 0.01, 0.001, "masks of two keys are independent");
}

/* ---- strips of a convolution ---- */

/* One strip of each kind against plain loops, for every set of kernels; of its channels, those that it takes. */
static void test_strips(const nn_kernels *k, int channels, int across, bool add) {
    enum { DOWN = 3, STEP = 5, LINES = 2, RUN = 10, PITCH = 180, NEXT = 181, X = 900, TAPS = LINES * RUN };
    int ld = channels > 16 ? 32 : 16, n = DOWN * across * ld, taps = TAPS * ld;
    rng r = rng_make(5, (uint64_t)channels);
    float *x = noise(X, 1, &r), *w = noise((size_t)taps, 1, &r), *y = noise((size_t)n, 1, &r);
    float *g = noise((size_t)taps, 1, &r), *d = noise((size_t)n, 1, &r);
    double *want = bk_zeros((size_t)n, sizeof *want), *want_g = bk_zeros((size_t)taps, sizeof *want_g);
    if (!want || !want_g) exit(2);
    conv_strip s = { DOWN, across, NEXT, STEP, LINES, RUN, PITCH, across * ld, ld, channels, add };
    for (int i = 0; i < n; i++) want[i] = i % ld >= channels || add ? (double)y[i] : 0;
    for (int i = 0; i < taps; i++) want_g[i] = (double)g[i];
    for (int p = 0; p < DOWN * across; p++)
        for (int t = 0; t < TAPS; t++) {
            double v = (double)x[p / across * NEXT + p % across * STEP + t / RUN * PITCH + t % RUN];
            for (int c = 0; c < ld; c++) {
                int at = c / 16 * TAPS * 16 + t * 16 + c % 16;
                if (c < channels) want[p * ld + c] += v * (double)w[at];
                want_g[at] += v * (double)d[p * ld + c];
            }
        }
    k->conv_strip(y, x, w, &s);
    k->conv_strip_back(g, x, d, &s);
    double e = worst_of(y, want, (size_t)n), back = worst_of(g, want_g, (size_t)taps);
    tap_ok(e < 1e-5 && back < 1e-5, "%s: strips of %d pixels, %d channels%s: %.2g, %.2g", k->name, across, channels,
           add ? ", added" : "", e, back);
    float *all[] = { x, w, y, g, d };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    free(want);
    free(want_g);
}

static void test_all_strips(const nn_kernels *k) {
    static const int channels[] = { 5, 8, 12, 16, 17, 32 };
    for (size_t i = 0; i < sizeof channels / sizeof *channels && channels[i] <= k->panel; i++)
        for (int across = 1; across <= 27; across += across < 13 ? 1 : 7)
            test_strips(k, channels[i], across, across % 2);
}

/* ---- Winograd's convolution ---- */

/* A number of m d m^T, d [4, 4] with `step` floats from column to column and `next` from line to line. */
static double both_sides(const double m[][4], const float *d, long next, long step, int line, int column) {
    double sum = 0;
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++) sum += m[line][i] * m[column][k] * (double)d[i * next + k * step];
    return sum;
}

/* Against Lavin and Gray's matrices; what lies past the picture's end, and between, stays as it is. */
static void test_winograd(const nn_kernels *k, int n, int channels, int pixels, int lines) {
    static const double b_t[4][4] = { { 1, 0, -1, 0 }, { 0, 1, 1, 0 }, { 0, -1, 1, 0 }, { 0, 1, 0, -1 } };
    static const double a_t[2][4] = { { 1, 1, 1, 0 }, { 0, 1, -1, -1 } };
    rng r = rng_make(7, (uint64_t)(n * channels));
    int matrix = n * channels, pitch = matrix + 3, ld = channels + 5, in = (2 * n + 2) * channels + 7;
    int out = 2 * n * ld + 9, ny = 2 * out;
    float *x = noise((size_t)(4 * in), 1, &r), *v = noise((size_t)(16 * pitch), 1, &r), *y = noise((size_t)ny, 1, &r);
    double *want = bk_zeros((size_t)ny, sizeof *want), e = 0;
    if (!want) exit(2);
    for (int i = 0; i < ny; i++) {
        int line = i / out, p = i % out / ld, c = i % out % ld;
        bool ours = line < lines && p < pixels && c < channels;
        want[i] = ours ? both_sides(a_t, v + p / 2 * channels + c, 4 * pitch, pitch, line, p % 2) : (double)y[i];
    }
    k->winograd_out(y, v, &(winograd_tiles){ n, channels, out, pitch, ld, pixels, lines });
    double put = worst_of(y, want, (size_t)ny);
    k->winograd_in(v, x, &(winograd_tiles){ .n = n, .channels = channels, .next = in, .pitch = pitch });
    for (int i = 0; i < 16 * matrix; i++) {
        int at = i / matrix, t = i % matrix / channels, c = i % channels;
        double d = both_sides(b_t, x + 2 * t * channels + c, in, channels, at / 4, at % 4);
        e = worse(e, fabs((double)v[at * pitch + i % matrix] - d));
    }
    tap_ok(e < 2e-6 && put < 2e-6, "%s: Winograd's %d tiles of %d channels, %d x %d pixels: %.2g, %.2g", k->name, n,
           channels, pixels, lines, e, put);
    free(x);
    free(v);
    free(y);
    free(want);
}

static void test_winograds(const nn_kernels *k) {
    test_winograd(k, 1, 16, 1, 1);
    test_winograd(k, 3, 16, 6, 2);
    test_winograd(k, 2, 48, 3, 2);
    test_winograd(k, 5, 32, 10, 1);
}

/* ---- matrix products over packed weights ---- */

static double act_of(nn_act act, double x) {
    if (act == NN_RELU) return x < 0 ? 0 : x;
    if (act == NN_GELU) return 0.5 * x * (1 + erf(x / sqrt(2)));
    return act == NN_QUICK_GELU ? x / (1 + exp(-1.702 * x)) : x;
}

/* Columns [from, to) only; the others stay as they are. */
static void test_gemm(int m, int n, int k, int from, int to, bool add, bool bias, nn_act act, pool *team) {
    rng r = rng_make(3, (uint64_t)(m * n * k));
    float *x = noise((size_t)(m * (k + 3)), 1, &r), *w = noise((size_t)(n * k), 0.2f, &r),
          *b = noise((size_t)n, 1, &r);
    float *y = noise((size_t)(m * (n + 2)), 1, &r), *packed = floats((size_t)(n * k)), *work = floats(gemm_work(m));
    double *want = bk_zeros((size_t)(m * (n + 2)), sizeof *want);
    if (!want) exit(2);
    for (int i = 0; i < m * (n + 2); i++) {
        int row = i / (n + 2), c = i % (n + 2);
        want[i] = (double)y[i];
        if (c < from || c >= to) continue;
        double sum = (add ? want[i] : 0) + (bias ? (double)b[c] : 0);
        for (int t = 0; t < k; t++) sum += (double)x[row * (k + 3) + t] * (double)w[c * k + t];
        want[i] = act_of(act, sum);
    }
    gemm_pack(w, n, k, packed);
    gemm_run(&(gemm){ m, n, k, from, to, k + 3, n + 2, bias ? b : NULL, add, act }, x, packed, work, team, y);
    double e = worst_of(y, want, (size_t)(m * (n + 2)));
    tap_ok(e < 2e-5, "product %d x %d x %d, columns %d to %d%s%s, activation %d: %.2g", m, n, k, from, to,
           add ? ", added" : "", bias ? ", bias" : "", (int)act, e);
    float *all[] = { x, w, b, y, packed, work };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    free(want);
}

static void test_gemms(pool *team) {
    tap_ok(gemm_packs(32) && !gemm_packs(20), "matrices of whole panels can be packed");
    test_gemm(1, 16, 1, 0, 16, false, false, NN_LINEAR, NULL);
    test_gemm(50, 48, 70, 0, 48, false, true, NN_QUICK_GELU, NULL);
    test_gemm(7, 160, 300, 0, 160, true, true, NN_GELU, NULL);
    test_gemm(2, 32, 256, 16, 32, true, false, NN_RELU, NULL);
    test_gemm(247, 272, 19, 0, 272, false, true, NN_RELU, NULL);
    test_gemm(491, 64, 515, 16, 48, true, true, NN_LINEAR, NULL);
    test_gemm(50, 80, 300, 0, 80, false, true, NN_GELU, team);
    test_gemm(3, 16, 5, 0, 16, false, true, NN_LINEAR, team);
    test_gemm(29, 112, 40, 16, 80, true, true, NN_GELU, NULL);
    test_gemm(13, 208, 300, 48, 208, false, true, NN_RELU, team);
}

/* Both sides packed at once, each either way round; rows of 3 floats more than needed. */
static void test_gemm_once(int m, int n, int k, int way, bool add) {
    rng r = rng_make(3, (uint64_t)(m * n * k));
    bool a_t = way & 1, b_t = way & 2;
    int lda = (a_t ? m : k) + 3, ldb = (b_t ? k : n) + 3, ldc = n + 3;
    float *a = noise((size_t)((a_t ? k : m) * lda), 1, &r), *b = noise((size_t)((b_t ? n : k) * ldb), 0.2f, &r);
    float *c = noise((size_t)(m * ldc), 1, &r);
    double *want = bk_zeros((size_t)(m * ldc), sizeof *want);
    if (!want) exit(2);
    for (int i = 0; i < m * ldc; i++) {
        int row = i / ldc, column = i % ldc;
        want[i] = column >= n || add ? (double)c[i] : 0;
        for (int t = 0; column < n && t < k; t++)
            want[i] +=
                (double)a[a_t ? t * lda + row : row * lda + t] * (double)b[b_t ? column * ldb + t : t * ldb + column];
    }
    gemm_once(a_t, b_t, m, n, k, a, lda, b, ldb, add, c, ldc);
    double e = worst_of(c, want, (size_t)(m * ldc));
    tap_ok(e < 2e-5, "product %d x %d x %d packed at once%s%s%s: %.2g", m, n, k, a_t ? ", a turned" : "",
           b_t ? ", b turned" : "", add ? ", added" : "", e);
    float *all[] = { a, b, c };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    free(want);
}

static void test_gemms_once(void) {
    static const int sizes[][3] = { { 1, 1, 1 }, { 85, 85, 32 }, { 9, 33, 300 }, { 250, 400, 20 }, { 31, 48, 517 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int way = 0; way < 4; way++)
            test_gemm_once(sizes[i][0], sizes[i][1], sizes[i][2], way, (way + (int)i) % 2);
}

/* Columns side by side, of tiles as the kernel cuts them: some are no multiple of four rows, and the last columns no
 * sixteen. */
static void test_gemm_rows(const nn_kernels *k) {
    enum { MOST = 50, K = 67 };
    static const int lengths[] = { 1, 9, 16, 17, 31, 32, 60, 64 };
    float x[MOST * K], a[MOST * K + 1], turned[MOST * K], other[MOST * K];
    rng r = rng_make(3, 3);
    int wrong = 0;
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = rng_range(&r, -1, 1);
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
        for (int m = 1; m <= MOST; m++) {
            const int n = lengths[l];
            for (int i = 0; i < n; i++)
                for (int row = 0; row < m; row++) turned[i * m + row] = x[row * K + i];
            a[m * n] = 7;
            k->gemm_rows(a, x, m, n, K);
            const float after = a[m * n];
            k->gemm_columns(other, turned, m, n, m);
            wrong += after != 7 || memcmp(a, other, (size_t)(m * n) * sizeof *a) != 0;
        }
    tap_ok(wrong == 0, "%s: rows side by side are those of the matrix turned round: %d wrong", k->name, wrong);
}

static void test_gemm_turn(const nn_kernels *k) {
    enum { N = 32, K = 37 };
    float x[N * K], to[N * K + 1];
    rng r = rng_make(4, 4);
    int wrong = 0;
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = rng_range(&r, -1, 1);
    for (int n = 16; n <= N; n += 16)
        for (int rows = 1; rows <= n; rows++)
            for (int len = 1; len <= K; len++) {
                to[len * n] = 7;
                k->gemm_turn(to, x, rows, n, len, K);
                for (int i = 0; i < len * n; i++) wrong += to[i] != (i % n < rows ? x[i % n * K + i / n] : 0);
                wrong += to[len * n] != 7;
                if (len > N) continue; /* x has N lines */
                k->gemm_lines(to, x, rows, n, len, K);
                for (int i = 0; i < len * n; i++) wrong += to[i] != (i % n < rows ? x[i / n * K + i % n] : 0);
                wrong += len < K && to[len * n] != 7;
            }
    tap_ok(wrong == 0, "%s: panels of a matrix and of one turned round, %d wrong", k->name, wrong);
}

/* The kernel alone, for every set. */
static void test_gemm_strip(const nn_kernels *k, int columns, int ld_b) {
    enum { MOST = 25, K = 9 };
    float x[MOST * K], b[K * 32 + 64 * K], a[MOST * K], y[MOST * 32];
    double want[MOST * 32];
    rng r = rng_make(2, 2);
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = rng_range(&r, -1, 1);
    for (size_t i = 0; i < sizeof b / sizeof *b; i++) b[i] = rng_range(&r, -1, 1);
    double worst = 0;
    for (int m = 1; m <= MOST; m++) {
        for (int i = 0; i < m * columns; i++) {
            want[i] = (double)b[i % columns];
            for (int t = 0; t < K; t++) want[i] += (double)x[i / columns * K + t] * (double)b[t * ld_b + i % columns];
        }
        k->gemm_rows(a, x, m, K, K);
        const gemm_strip s = {
            .m = m, .k = K, .ld = columns, .columns = columns, .ld_b = ld_b, .bias = b, .next = b
        };
        k->gemm_strip(y, a, b, &s);
        worst = worse(worst, worst_of(y, want, (size_t)(m * columns)));
    }
    tap_ok(worst < 2e-6, "%s: strips of %d of %d columns of a matrix product: %.2g", k->name, columns, ld_b, worst);
}

/* Each set of kernels, and what is built on it. */
static void test_kernels(const nn_kernels *k, pool *team) {
    test_activations(k);
    for (int cols = 37; cols <= MOST_COLS; cols += 11) { /* any number of them, and a multiple of 16 */
        test_rows(k, 0, cols, "softmax");
        test_rows(k, 1, cols, "layer norm");
        test_rows(k, 2, cols, "layer norm and ReLU");
    }
    test_all_short_rows(k);
    test_dropout(k);
    test_all_strips(k);
    test_winograds(k);
    test_gemm_rows(k);
    test_gemm_turn(k);
    test_gemm_strip(k, k->panel, k->panel);
    if (k->panel > 16) test_gemm_strip(k, 16, 16);
    if (k->panel > 16) test_gemm_strip(k, 16, 32);
    nn_kernels_use(k);
    test_gemms(team);
    test_gemms_once();
}

int main(void) {
    pool *team;
    if (pool_open(&team, 3, NULL)) return 2;
    const nn_kernels *k, *best = nn_kernels_best();
    for (int i = 0; (k = nn_kernels_nth(i)); i++) {
        test_kernels(k, team);
        if (!nn_kernels_nth(i + 1)) tap_ok(k == best, "%s is the best", k->name);
    }
    pool_close(&team);
    return tap_done();
}
