/* The notebook's decision to the letter, for whoever compares with it. Where the notebook's arithmetic is
 * in float32 (its smoothing runs on float32 arrays) it is here too. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "find/decide.h"

enum { MEAN = 3, MEDIAN = 7, RUN_SET = 5, RUN_CLEAR = 10 };

/* scipy's mode "reflect": d c b a | a b c d | d c b a. */
static int reflect(int i, int n) {
    int period = 2 * n;
    i %= period;
    if (i < 0) i += period;
    return i < n ? i : period - 1 - i;
}

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* scipy.ndimage.uniform_filter1d(p, 3): a running mean in double. */
static void mean_filter(float *to, const float *p, int len) {
    double mean = 0.0;
    for (int k = -(MEAN / 2); k <= MEAN / 2; k++) mean += (double)p[reflect(k, len)];
    mean /= MEAN;
    for (int t = 0; t < len; t++) {
        to[t] = (float)mean;
        mean += ((double)p[reflect(t + MEAN / 2 + 1, len)] - (double)p[reflect(t - MEAN / 2, len)]) / MEAN;
    }
}

/* scipy.ndimage.median_filter(p, 7). */
static void median_filter(float *to, const float *p, int len) {
    for (int t = 0; t < len; t++) {
        float w[MEDIAN];
        for (int k = 0; k < MEDIAN; k++) w[k] = p[reflect(t + k - MEDIAN / 2, len)];
        qsort(w, MEDIAN, sizeof *w, by_value);
        to[t] = w[MEDIAN / 2];
    }
}

/* numpy.percentile's linear interpolation on a sorted array, in double but for the difference, as numpy
 * does for float32. */
static double percentile(const float *sorted, int n, double q) {
    double at = q * (n - 1);
    int i = (int)floor(at);
    if (i >= n - 1) return (double)sorted[n - 1];
    double gamma = at - i, step = (double)(sorted[i + 1] - sorted[i]);
    return gamma >= 0.5 ? (double)sorted[i + 1] - step * (1.0 - gamma) : (double)sorted[i] + step * gamma;
}

/* numpy.median of a sorted float32 array. */
static float median(const float *sorted, int n) {
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0f;
}

/* Walks p from the first sample to the last (dir 1) or back (dir -1) to the end of the first run of >= 5
 * over the threshold that >= 10 under it follow: the index of the first of those, or otherwise. */
static int find_block(const float *p, int len, float threshold, int dir, int otherwise) {
    int set = 0, clear = 0;
    for (int k = 0; k < len; k++) {
        int i = dir > 0 ? k : len - 1 - k;
        if (p[i] > threshold) {
            set++;
            clear = 0;
        } else if (++clear >= RUN_CLEAR && set >= RUN_SET) {
            return i - dir * (clear - 1);
        }
    }
    return otherwise;
}

int decide_notebook(notebook_result *out, const float *p, int len, float *smooth, bk_error *err) {
    if (len <= 0) return bk_fail(err, BK_EINVAL, "no probabilities to decide on");
    float *mean = bk_alloc((size_t)len, sizeof *mean), *s = bk_alloc((size_t)len, sizeof *s);
    float *sorted = bk_alloc((size_t)len, sizeof *sorted);
    int code = BK_OK;
    if (!mean || !s || !sorted) {
        code = bk_fail_memory(err, "the decision");
        goto done;
    }
    mean_filter(mean, p, len);
    median_filter(s, mean, len);
    memcpy(sorted, s, (size_t)len * sizeof *s);
    qsort(sorted, (size_t)len, sizeof *sorted, by_value);
    float base = median(sorted, len);
    out->threshold_end = percentile(sorted, len, 0.7);
    for (int t = 0; t < len; t++) sorted[t] = fabsf(s[t] - base);
    qsort(sorted, (size_t)len, sizeof *sorted, by_value);
    out->threshold_start = (double)base + 2.0 * (double)median(sorted, len);
    int tail = (int)(len * 0.5);
    out->start = find_block(s, len, (float)out->threshold_start, 1, 0);
    out->end = tail + find_block(s + tail, len - tail, (float)out->threshold_end, -1, len - tail - 1);
    if (smooth) memcpy(smooth, s, (size_t)len * sizeof *s);
done:
    free(mean);
    free(s);
    free(sorted);
    return code;
}
