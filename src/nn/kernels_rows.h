/* The kernels over rows: sums, activations, softmax and layer norm. A part of kernels.c, which is compiled more than
 * once; what is defined there before this is used here. */

/* e^x with a relative error below 2e-7: x = n ln 2 + r, and a polynomial in r (coefficients of Cephes' expf). Adding
 * 1.5 * 2^23 rounds to a whole number and leaves it in the low bits. Comparisons keep NaN. */
static inline float exp_of(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    float t = x * 1.44269504f + 12582912.0f, n = t - 12582912.0f;
    float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    uint32_t bits;
    memcpy(&bits, &t, sizeof bits);
    bits = (bits + 127u) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

/* Distribution function of the normal, and *e = exp(-x^2 / 2). Abramowitz and Stegun, 7.1.26. */
static inline float normal_cdf(float x, float *e) {
    float t = 1.0f / (1.0f + 0.2316419f * fabsf(x)), q = exp_of(-0.5f * x * x);
    float p = t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
    float tail = 0.5f * p * q;
    *e = q;
    return x < 0 ? tail : 1.0f - tail;
}

static inline float sigmoid_of(float x) {
    return 1.0f / (1.0f + exp_of(-x));
}

/* ---- sums and biases ---- */

static void add(float *y, const float *x, long n) {
#pragma omp simd
    for (long i = 0; i < n; i++) y[i] += x[i];
}

static void bias_set(float *y, const float *b, int rows, int cols) {
    for (int r = 0; r < rows; r++) memcpy(y + (size_t)r * (size_t)cols, b, (size_t)cols * sizeof *y);
}

static void bias_add(float *y, const float *b, int rows, int cols) {
    for (int r = 0; r < rows; r++) add(y + (size_t)r * (size_t)cols, b, cols);
}

static void column_sums(float *s, const float *x, int rows, int cols) {
    for (int r = 0; r < rows; r++) add(s, x + (size_t)r * (size_t)cols, cols);
}

/* ---- activations ---- */

static void relu(float *y, const float *x, long n) {
#pragma omp simd
    for (long i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

static void relu_back(float *d, const float *y, long n) {
#pragma omp simd
    for (long i = 0; i < n; i++) d[i] = y[i] <= 0 ? 0 : d[i];
}

static void gelu(float *y, const float *x, long n) {
#pragma omp simd
    for (long i = 0; i < n; i++) {
        float e;
        y[i] = x[i] * normal_cdf(x[i], &e);
    }
}

static void gelu_back(float *d, float *y, const float *x, long n) {
#pragma omp simd
    for (long i = 0; i < n; i++) {
        float v = x[i], e, cdf = normal_cdf(v, &e);
        d[i] *= cdf + v * e * 0.39894228f;
        y[i] = v * cdf;
    }
}

static void quick_gelu(float *y, const float *x, long n) {
#pragma omp simd
    for (long i = 0; i < n; i++) y[i] = x[i] * sigmoid_of(1.702f * x[i]);
}

static void quick_gelu_back(float *d, float *y, const float *x, long n) {
#pragma omp simd
    for (long i = 0; i < n; i++) {
        float v = x[i], s = sigmoid_of(1.702f * v);
        d[i] *= s + 1.702f * v * s * (1.0f - s);
        y[i] = v * s;
    }
}

/* ---- four rows at a time: of short rows it is the sums across that take long ---- */

/* As many numbers as the processor adds at once. */
#ifdef __AVX__
typedef vec wide;
#else
typedef quad wide;
#endif
typedef int32_t wide_bits __attribute__((vector_size(sizeof(wide))));
typedef int32_t quad_bits __attribute__((vector_size(sizeof(quad))));
enum { WIDE = sizeof(wide) / sizeof(float) };

/* The larger numbers of two vectors; b's where one is none. */
#define LARGER(v, bits, a, b) ((v)(((bits)(a) & ((a) > (b))) | ((bits)(b) & ~((a) > (b)))))

typedef quad two_to_one(quad a, quad b);
INLINE quad sum_of(quad a, quad b) {
    return a + b;
}
INLINE quad larger_of(quad a, quad b) {
    return LARGER(quad, quad_bits, a, b);
}

/* What is left of a vector: four parts; and of four of these, one number each. */
INLINE quad fold(two_to_one f, wide v) {
#ifdef __AVX512F__
    return f(f(QUAD(v, 0), QUAD(v, 1)), f(QUAD(v, 2), QUAD(v, 3)));
#elif defined __AVX__
    return f(QUAD(v, 0), QUAD(v, 1));
#else
    (void)f;
    return v;
#endif
}
INLINE quad across(two_to_one f, const quad r[4]) {
    quad a = f(__builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7));
    quad b = f(__builtin_shufflevector(r[2], r[3], 0, 4, 1, 5), __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7));
    return f(__builtin_shufflevector(a, b, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7));
}

/* Where fewer than four rows are left from `from` on, the last stands in for those that are not there. */
INLINE void four_rows(const float *row[4], const float *x, int from, int rows, int cols) {
    for (int i = 0; i < 4; i++) row[i] = x + (size_t)(from + i < rows ? from + i : rows - 1) * (size_t)cols;
}

/* ---- softmax ---- */

INLINE wide exp_wide(wide x) {
    float e[WIDE];
    *(wide *)e = x;
#pragma omp simd
    for (int i = 0; i < WIDE; i++) e[i] = exp_of(e[i]);
    return *(wide *)e;
}

/* n a multiple of 16. A maximum that is not a number is passed over: that number is met again below. */
INLINE void softmax_four(float *x, float scale, int n) {
    quad part[4];
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) {
        const float *row = x + r * n;
        wide most = *(const wide *)row;
        for (int i = WIDE; i < n; i += WIDE) {
            wide v = *(const wide *)(row + i);
            most = LARGER(wide, wide_bits, v, most);
        }
        part[r] = fold(larger_of, most);
    }
    quad top = across(larger_of, part);
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) {
        wide sum = { 0 };
        for (int i = 0; i < n; i += WIDE) {
            wide *at = (wide *)(x + r * n + i);
            *at = exp_wide(scale * (*at - top[r]));
            sum += *at;
        }
        part[r] = fold(sum_of, sum);
    }
    quad k = 1.0f / across(sum_of, part);
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++)
        for (int i = 0; i < n; i += WIDE) *(wide *)(x + r * n + i) *= k[r];
}

static void softmax_row(float *x, float scale, int n) {
    float top = x[0], sum = 0;
#pragma omp simd reduction(max : top)
    for (int i = 0; i < n; i++) top = x[i] > top ? x[i] : top;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++) {
        x[i] = exp_of(scale * (x[i] - top));
        sum += x[i];
    }
    float k = 1.0f / sum;
#pragma omp simd
    for (int i = 0; i < n; i++) x[i] *= k;
}

static void softmax(float *x, float scale, int rows, int cols) {
    int r = 0;
    for (; cols % GROUP == 0 && r + 4 <= rows; r += 4, x += 4 * (size_t)cols) softmax_four(x, scale, cols);
    for (; r < rows; r++, x += cols) softmax_row(x, scale, cols);
}

/* ds = scale * p * (dp - sum(dp * p)) */
static void softmax_back(float *d, const float *p, float scale, int rows, int cols) {
    for (int r = 0; r < rows; r++, d += cols, p += cols) {
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int i = 0; i < cols; i++) sum += d[i] * p[i];
#pragma omp simd
        for (int i = 0; i < cols; i++) d[i] = scale * p[i] * (d[i] - sum);
    }
}

/* ---- layer norm ---- */

/* Mean and 1 / sqrt(var + eps) of a row; two passes, as the numbers may be far from zero. */
INLINE float row_moments(const float *x, int n, float eps, float *rstd) {
    float sum = 0, square = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++) sum += x[i];
    float mean = sum / (float)n;
#pragma omp simd reduction(+ : square)
    for (int i = 0; i < n; i++) square += (x[i] - mean) * (x[i] - mean);
    *rstd = 1.0f / sqrtf(square / (float)n + eps);
    return mean;
}

/* row_moments() of four rows, n a multiple of 16. */
INLINE void four_moments(const float *const x[4], int n, float eps, float mean[4], float rstd[4]) {
    wide sum[4] = { 0 }, square[4] = { 0 };
    quad part[4];
    for (int i = 0; i < n; i += WIDE)
#pragma GCC unroll 4
        for (int r = 0; r < 4; r++) sum[r] += *(const wide *)(x[r] + i);
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) part[r] = fold(sum_of, sum[r]);
    quad m = across(sum_of, part) / (float)n;
    for (int i = 0; i < n; i += WIDE)
#pragma GCC unroll 4
        for (int r = 0; r < 4; r++) {
            wide d = *(const wide *)(x[r] + i) - m[r];
            square[r] += d * d;
        }
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) part[r] = fold(sum_of, square[r]);
    quad var = across(sum_of, part) / (float)n + eps;
#pragma omp simd
    for (int r = 0; r < 4; r++) rstd[r] = 1.0f / sqrtf(var[r]);
    *(quad *)mean = m;
}

/* What norm() and norm_relu() have in common, all but the sizes; a constant where it is used. */
typedef struct norming {
    float *y, *hat, *rstd;
    const float *x, *plus, *gain, *bias;
    float eps;
    bool relu;
} norming;

/* The row that starts at `at` and whose moments are known. */
INLINE void norm_row(const norming *n, size_t at, float mean, float k, int cols) {
    const float *x = n->x + at, *plus = n->plus ? n->plus + at : NULL, *gain = n->gain, *bias = n->bias;
    if (n->hat) {
        float *hat = n->hat + at;
#pragma omp simd
        for (int i = 0; i < cols; i++) hat[i] = (x[i] - mean) * k;
        x = hat, mean = 0, k = 1;
        if (!n->y) return;
    }
    float *y = n->y + at;
#pragma omp simd
    for (int i = 0; i < cols; i++) {
        float v = (x[i] - mean) * k * gain[i] + bias[i];
        if (n->relu) v = v < 0 ? 0 : v;
        y[i] = plus ? v + plus[i] : v;
    }
}

/* cols a multiple of 16. */
INLINE void norm_fours(const norming *n, int rows, int cols) {
    for (int from = 0; from < rows; from += 4) {
        const float *row[4];
        float mean[4], k[4];
        four_rows(row, n->x, from, rows, cols);
        four_moments(row, cols, n->eps, mean, k);
        for (int i = 0; i < 4 && from + i < rows; i++) {
            if (n->rstd) n->rstd[from + i] = k[i];
            norm_row(n, (size_t)(from + i) * (size_t)cols, mean[i], k[i], cols);
        }
    }
}

INLINE void norm_rows(const norming *n, int rows, int cols) {
    if (cols % GROUP == 0) {
        norm_fours(n, rows, cols);
        return;
    }
    for (int r = 0; r < rows; r++) {
        size_t at = (size_t)r * (size_t)cols;
        float k, mean = row_moments(n->x + at, cols, n->eps, &k);
        if (n->rstd) n->rstd[r] = k;
        norm_row(n, at, mean, k, cols);
    }
}

static void norm(float *y, float *hat, float *rstd, const float *x, const float *gain, const float *bias, float eps,
                 int rows, int cols) {
    norm_rows(&(norming){ y, hat, rstd, x, NULL, gain, bias, eps, false }, rows, cols);
}

/* The stem's rows are many and short: loops of a known length take half the time. */
static void norm_relu(float *y, float *hat, float *rstd, const float *x, const float *plus, const float *gain,
                      const float *bias, float eps, int rows, int cols) {
    const norming n = { y, hat, rstd, x, plus, gain, bias, eps, true };
    if (cols == 16)
        norm_fours(&n, rows, 16);
    else if (cols == 32)
        norm_fours(&n, rows, 32);
    else if (cols == 64)
        norm_fours(&n, rows, 64);
    else
        norm_rows(&n, rows, cols);
}

static void norm_again(float *y, const float *hat, const float *gain, const float *bias, int rows, int cols) {
    for (int r = 0; r < rows; r++, y += cols, hat += cols) {
#pragma omp simd
        for (int i = 0; i < cols; i++) y[i] = hat[i] * gain[i] + bias[i];
    }
}

/* dx = rstd * (d - mean(d) - hat * mean(d * hat)), d = dy * gain */
static void norm_back(float *dx, float *g_gain, float *g_bias, const float *dy, const float *hat, const float *rstd,
                      const float *gain, int rows, int cols) {
    for (int r = 0; r < rows; r++, dx += cols, dy += cols, hat += cols) {
        float sum = 0, dot = 0;
#pragma omp simd reduction(+ : sum, dot)
        for (int i = 0; i < cols; i++) {
            float d = dy[i] * gain[i];
            sum += d;
            dot += d * hat[i];
        }
        sum /= (float)cols;
        dot /= (float)cols;
#pragma omp simd
        for (int i = 0; i < cols; i++) {
            g_gain[i] += dy[i] * hat[i];
            g_bias[i] += dy[i];
            dx[i] += rstd[r] * (dy[i] * gain[i] - sum - hat[i] * dot);
        }
    }
}

static inline __attribute__((always_inline)) void norm_relu_back_rows(float *hat, float *g_gain, float *g_bias,
                                                                      const float *dy, const float *rstd,
                                                                      const float *gain, const float *bias, int rows,
                                                                      int cols) {
    for (int r = 0; r < rows; r++, dy += cols, hat += cols) {
        float sum = 0, dot = 0;
#pragma omp simd reduction(+ : sum, dot)
        for (int i = 0; i < cols; i++) {
            float d = dy[i];
            d = hat[i] * gain[i] + bias[i] <= 0 ? 0 : d;
            g_gain[i] += d * hat[i];
            g_bias[i] += d;
            sum += d * gain[i];
            dot += d * gain[i] * hat[i];
        }
        sum /= (float)cols;
        dot /= (float)cols;
#pragma omp simd
        for (int i = 0; i < cols; i++) {
            float d = dy[i];
            d = hat[i] * gain[i] + bias[i] <= 0 ? 0 : d;
            hat[i] = rstd[r] * (d * gain[i] - sum - hat[i] * dot);
        }
    }
}

static void norm_relu_back(float *hat, float *g_gain, float *g_bias, const float *dy, const float *rstd,
                           const float *gain, const float *bias, int rows, int cols) {
    if (cols == 16)
        norm_relu_back_rows(hat, g_gain, g_bias, dy, rstd, gain, bias, rows, 16);
    else if (cols == 32)
        norm_relu_back_rows(hat, g_gain, g_bias, dy, rstd, gain, bias, rows, 32);
    else if (cols == 64)
        norm_relu_back_rows(hat, g_gain, g_bias, dy, rstd, gain, bias, rows, 64);
    else
        norm_relu_back_rows(hat, g_gain, g_bias, dy, rstd, gain, bias, rows, cols);
}
