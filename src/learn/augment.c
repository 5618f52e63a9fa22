/* Augmentation of windows, the notebook's and bookend's. */
#include "learn/augment.h"

#include <math.h>
#include <string.h>

enum { SIZE_MAX_S = 256, GAP_MAX_S = 10, TURN_MAX_S = 5 };

static void copy_frame(float *to, const float *from, int dim) {
    memcpy(to, from, (size_t)dim * sizeof *to);
}

/* ---- the notebook's -------------------------------------------------------------------------------- */

void augment_turn(sample *s, int size, int dim, int by, float *spare) {
    float *y = spare + (size_t)size * (size_t)dim;
    for (int i = 0; i < size; i++) {
        int to = ((i + by) % size + size) % size;
        copy_frame(spare + (size_t)to * (size_t)dim, s->x + (size_t)i * (size_t)dim, dim);
        y[to] = s->y[i];
    }
    memcpy(s->x, spare, (size_t)size * (size_t)dim * sizeof *s->x);
    memcpy(s->y, y, (size_t)size * sizeof *s->y);
}

static void permutation(int *to, int n, rng *r) {
    for (int i = 0; i < n; i++) to[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int k = (int)rng_below(r, (uint32_t)i + 1), t = to[i];
        to[i] = to[k];
        to[k] = t;
    }
}

/* Each of the first n frames becomes, with probability share, the one that a permutation puts there. */
static void replace(sample *s, int n, int dim, float share, rng *r, float *spare) {
    int from[SIZE_MAX_S];
    if (n > SIZE_MAX_S) return;
    permutation(from, n, r);
    memcpy(spare, s->x, (size_t)n * (size_t)dim * sizeof *spare);
    for (int i = 0; i < n; i++)
        if (rng_chance(r, share))
            copy_frame(s->x + (size_t)i * (size_t)dim, spare + (size_t)from[i] * (size_t)dim, dim);
}

void augment_notebook(sample *s, int size, int dim, rng *r, float *spare) {
    int by = (int)rng_below(r, 2 * TURN_MAX_S + 1) - TURN_MAX_S;
    if (by) augment_turn(s, size, dim, by, spare);
    replace(s, size, dim, rng_range(r, 0.1f, 0.3f), r, spare);
}

/* ---- bookend's ------------------------------------------------------------------------------------- */

float augment_pace(rng *r) {
    return rng_chance(r, 0.3f) ? rng_range(r, 0.8f, 1.25f) : 1.0f;
}

void augment_hold(sample *s, int dim, const float *keys, int n, int from, int to, float *spare) {
    if (n < 1) return;
    memcpy(spare, s->x, (size_t)s->n * (size_t)dim * sizeof *spare);
    for (int i = 0, k = 0; i < s->n; i++) {
        while (k + 1 < n && fabsf(keys[k + 1] - (float)i) <= fabsf(keys[k] - (float)i)) k++;
        if (i >= from && i < to) continue;
        int key = (int)keys[k] < s->n ? (int)keys[k] : s->n - 1;
        copy_frame(s->x + (size_t)i * (size_t)dim, spare + (size_t)key * (size_t)dim, dim);
    }
}

/* Times of keyframes in [0, n), gaps of 1 s up to what this film's encoder allowed. */
static int draw_keys(float *keys, int n, rng *r) {
    float widest = rng_range(r, 2.0f, GAP_MAX_S), at = rng_range(r, 0.0f, widest) * 0.5f;
    int count = 0;
    for (; at < (float)n && count < SIZE_MAX_S; at += rng_range(r, 1.0f, widest)) keys[count++] = at;
    return count;
}

/* Normal to the eye: the sum of four uniform numbers (Irwin and Hall), spread 1. */
static float about_normal(rng *r) {
    uint64_t u = rng_u64(r);
    float sum = (float)((u & 0xffff) + (u >> 16 & 0xffff) + (u >> 32 & 0xffff) + (u >> 48));
    return (sum * 0x1p-16f - 2.0f) * 1.7320508f;
}

void augment_bookend(sample *s, int size, int dim, const float *spread, rng *r, float *spare) {
    float keys[SIZE_MAX_S];
    if (rng_chance(r, 0.5f)) {
        int n = draw_keys(keys, s->n, r), from = 0, to = 0;
        if (rng_chance(r, 0.5f)) {
            from = (int)rng_below(r, (uint32_t)size);
            to = from + 5 + (int)rng_below(r, (uint32_t)size);
        }
        augment_hold(s, dim, keys, n, from, to, spare);
    }
    if (rng_chance(r, 0.2f)) replace(s, s->n, dim, rng_range(r, 0.0f, 0.06f), r, spare);
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < dim; k++)
            s->x[(size_t)i * (size_t)dim + (size_t)k] += 0.05f * spread[k] * about_normal(r);
}
