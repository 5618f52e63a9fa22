/* Pillow's antialiased bicubic for u8 RGB, bit for bit (Pillow 9.4, Resample.c, 8 bits a channel): a horizontal
 * pass into bytes, then a vertical one, each with weights rounded to 22 bits after the point.
 * The weights are worked out once for a pair of sizes. Boxes, other filters and alpha are not done here. */
#include "picture/resize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* -DBK_PLAIN_C leaves the plain loops, for machines without SSE2 and for comparing. */
#if defined(__SSE2__) && !defined(BK_PLAIN_C)
#include <emmintrin.h>
#define PAIRS 1
#else
#define PAIRS 0
#endif

#define SIZE_MAX_PX (1 << 15)
#define PADDING 16
#define POINT 22 /* bits after the point of a weight: 32 - 8 bits of pixel - 2 of headroom */

/* What one output pixel (or row) takes: `count` inputs from `first` on. */
typedef struct span {
    int first, count;
} span;

typedef struct axis {
    int from, to;
    int taps;        /* of the longest span */
    span *spans;     /* [to] */
    int32_t *weight; /* [to, taps], 22 bits after the point, zero beyond a span's count */
    int32_t *pairs;  /* [to, taps + 1]: see pair_up(); NULL in plain C */
} axis;

struct resizer {
    axis x, y;
    int first_row, rows; /* input rows the vertical pass will ask for */
    uint8_t *half;       /* [rows, to_w, 3], between the passes */
    int32_t *sums;       /* [to_w * 3] */
    uint8_t *row;        /* [from_w * 3 + PADDING], one input row and zeros */
};

/* Keys' cubic with a = -1/2, as in Pillow: the order of the operations is part of the contract. */
static double cubic(double x) {
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
    return 0.0;
}

/* One output's weights, to sum to one. exact [count] is scratch. */
static void weigh(int32_t *weight, double *exact, span s, double center, double stretch) {
    double sum = 0.0;
    for (int i = 0; i < s.count; i++) {
        exact[i] = cubic((i + s.first - center + 0.5) * (1.0 / stretch));
        sum += exact[i];
    }
    for (int i = 0; i < s.count; i++) {
        double w = sum != 0.0 ? exact[i] / sum : exact[i];
        weight[i] = (int32_t)((w < 0 ? -0.5 : 0.5) + w * (1 << POINT));
    }
}

static int axis_make(axis *a, int from, int to, bk_error *err) {
    const double scale = (double)from / to, stretch = scale < 1.0 ? 1.0 : scale, support = 2.0 * stretch;
    *a = (axis){ .from = from, .to = to, .taps = (int)ceil(support) * 2 + 1 };
    double *exact = bk_alloc((size_t)a->taps, sizeof *exact);
    a->spans = bk_zeros((size_t)to, sizeof *a->spans);
    a->weight = bk_zeros((size_t)to * (size_t)a->taps, sizeof *a->weight);
    int code = exact && a->spans && a->weight ? BK_OK : bk_fail_memory(err, "a resizer");
    for (int i = 0; code == BK_OK && i < to; i++) {
        double center = (i + 0.5) * scale;
        int first = (int)(center - support + 0.5), end = (int)(center + support + 0.5);
        if (first < 0) first = 0;
        if (end > from) end = from;
        a->spans[i] = (span){ first, end - first };
        weigh(a->weight + (size_t)i * (size_t)a->taps, exact, a->spans[i], center, stretch);
    }
    free(exact);
    return code;
}

#if PAIRS
/* SSE2 multiplies 16-bit numbers only, two products to a sum. So a weight is split, w = high * 4096 + low, and those
 * of two neighbours stand in one word: for taps 2 k and 2 k + 1 first the highs, then the lows. */
static int pair_up(axis *a, bk_error *err) {
    const size_t words = (size_t)a->taps + 1; /* taps is odd */
    a->pairs = bk_zeros((size_t)a->to * words, sizeof *a->pairs);
    if (!a->pairs) return bk_fail_memory(err, "a resizer");
    for (int i = 0; i < a->to; i++)
        for (int k = 0; k < a->taps; k++) {
            const int32_t w = a->weight[(size_t)i * (size_t)a->taps + (size_t)k];
            const int shift = k % 2 * 16;
            int32_t *pair = a->pairs + (size_t)i * words + (size_t)(k / 2) * 2;
            pair[0] |= (int32_t)((uint32_t)(uint16_t)(w >> 12) << shift);
            pair[1] |= (int32_t)((uint32_t)(w & 4095) << shift);
        }
    return BK_OK;
}
#endif

static void axis_free(axis *a) {
    free(a->spans);
    free(a->weight);
    free(a->pairs);
}

int resizer_open(resizer **out, int from_w, int from_h, int to_w, int to_h, bk_error *err) {
    const int sizes[4] = { from_w, from_h, to_w, to_h };
    for (int i = 0; i < 4; i++)
        if (sizes[i] < 1 || sizes[i] > SIZE_MAX_PX)
            return bk_fail(err, BK_EINVAL, "cannot resize %d x %d to %d x %d: a side must be 1 to %d", from_w, from_h,
                           to_w, to_h, SIZE_MAX_PX);
    resizer *r = bk_zeros(1, sizeof *r);
    if (!r) return bk_fail_memory(err, "a resizer");
    int code = axis_make(&r->x, from_w, to_w, err);
    if (code == BK_OK) code = axis_make(&r->y, from_h, to_h, err);
#if PAIRS
    if (code == BK_OK) code = pair_up(&r->x, err);
#endif
    if (code == BK_OK) {
        const span last = r->y.spans[to_h - 1];
        r->first_row = r->y.spans[0].first;
        r->rows = last.first + last.count - r->first_row;
        r->half = bk_alloc((size_t)r->rows * (size_t)to_w, 3);
        r->sums = bk_alloc((size_t)to_w * 3, sizeof *r->sums);
        r->row = bk_zeros((size_t)from_w * 3 + PADDING, 1);
        if (!r->half || !r->sums || !r->row) code = bk_fail_memory(err, "a resizer");
    }
    if (code == BK_OK)
        *out = r;
    else
        resizer_close(&r);
    return code;
}

void resizer_close(resizer **r) {
    if (!r || !*r) return;
    axis_free(&(*r)->x);
    axis_free(&(*r)->y);
    free((*r)->half);
    free((*r)->sums);
    free((*r)->row);
    free(*r);
    *r = NULL;
}

static inline uint8_t rounded(int32_t sum) {
    sum >>= POINT;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

#if PAIRS
static inline __m128i load_pixel(const uint8_t *p) {
    int32_t word;
    memcpy(&word, p, sizeof word);
    return _mm_cvtsi32_si128(word);
}

/* to u8 [to, 3]  <-  from u8 [from, 3] and PADDING: one row, narrower or wider. Sums wrap as in plain C. */
static void across(uint8_t *to, const uint8_t *from, const axis *a) {
    const __m128i zero = _mm_setzero_si128();
    for (int i = 0; i < a->to; i++) {
        const int32_t *w = a->pairs + (size_t)i * ((size_t)a->taps + 1);
        const uint8_t *p = from + 3 * (size_t)a->spans[i].first;
        __m128i high = zero, low = _mm_set1_epi32(1 << (POINT - 1));
        for (int k = 0; k < a->spans[i].count; k += 2, p += 6, w += 2) {
            const __m128i two = _mm_unpacklo_epi8(load_pixel(p), load_pixel(p + 3)); /* r r g g b b . . */
            const __m128i words = _mm_unpacklo_epi8(two, zero);
            high = _mm_add_epi32(high, _mm_madd_epi16(words, _mm_set1_epi32(w[0])));
            low = _mm_add_epi32(low, _mm_madd_epi16(words, _mm_set1_epi32(w[1])));
        }
        __m128i sum = _mm_srai_epi32(_mm_add_epi32(_mm_slli_epi32(high, 12), low), POINT);
        sum = _mm_packus_epi16(_mm_packs_epi32(sum, zero), zero);
        const int32_t rgb = _mm_cvtsi128_si32(sum);
        memcpy(to + 3 * (size_t)i, &rgb, 3);
    }
}
#else
/* The same: the reference. */
static void across(uint8_t *to, const uint8_t *from, const axis *a) {
    for (int i = 0; i < a->to; i++) {
        const int32_t *w = a->weight + (size_t)i * (size_t)a->taps;
        const uint8_t *p = from + 3 * (size_t)a->spans[i].first;
        int32_t red = 1 << (POINT - 1), green = red, blue = red;
        for (int k = 0; k < a->spans[i].count; k++, p += 3) {
            red += p[0] * w[k];
            green += p[1] * w[k];
            blue += p[2] * w[k];
        }
        to[3 * i] = rounded(red);
        to[3 * i + 1] = rounded(green);
        to[3 * i + 2] = rounded(blue);
    }
}
#endif

/* to u8 [n]  <-  the rows of `from` u8 [.., n] that s names, weighted by w. sums [n] is scratch. */
static void down(uint8_t *to, const uint8_t *from, span s, const int32_t *w, int n, int32_t *restrict sums) {
    for (int i = 0; i < n; i++) sums[i] = 1 << (POINT - 1);
    for (int k = 0; k < s.count; k++) {
        const uint8_t *restrict row = from + (size_t)(s.first + k) * (size_t)n;
        const int32_t weight = w[k];
        for (int i = 0; i < n; i++) sums[i] += row[i] * weight;
    }
    for (int i = 0; i < n; i++) to[i] = rounded(sums[i]);
}

/* Pillow leaves out the pass whose size does not change; so do we. */
void resizer_run(resizer *r, uint8_t *to, const uint8_t *from) {
    const axis *x = &r->x, *y = &r->y;
    const size_t from_row = (size_t)x->from * 3, to_row = (size_t)x->to * 3;
    const uint8_t *half = from + (size_t)r->first_row * from_row;
    if (x->from != x->to) {
        for (int i = 0; i < r->rows; i++) {
            memcpy(r->row, half + (size_t)i * from_row, from_row);
            across(r->half + (size_t)i * to_row, r->row, x);
        }
        half = r->half;
    }
    if (y->from == y->to) {
        memcpy(to, half, (size_t)y->to * to_row);
        return;
    }
    for (int i = 0; i < y->to; i++) {
        const span s = { y->spans[i].first - r->first_row, y->spans[i].count };
        down(to + (size_t)i * to_row, half, s, y->weight + (size_t)i * (size_t)y->taps, (int)to_row, r->sums);
    }
}

void picture_normalise(float *to, const uint8_t *from, int w, int h, const float mean[3], const float deviation[3]) {
    float table[3][256];
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 256; i++) table[c][i] = ((float)i / 255.0F - mean[c]) / deviation[c];
    const size_t n = (size_t)w * (size_t)h;
    for (size_t i = 0; i < n; i++) {
        to[i] = table[0][from[3 * i]];
        to[n + i] = table[1][from[3 * i + 1]];
        to[2 * n + i] = table[2][from[3 * i + 2]];
    }
}
