/* Seeded random numbers. */
#include "base/rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

rng rng_make(uint64_t seed, uint64_t stream) {
    uint64_t x = seed;
    uint64_t y = splitmix(&x) ^ (stream * 0xd1342543de82ef95u);
    rng r;
    for (int i = 0; i < 4; i++) r.s[i] = splitmix(&y);
    return r;
}

uint64_t rng_u64(rng *r) {
    uint64_t *s = r->s, out = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return out;
}

uint32_t rng_below(rng *r, uint32_t n) {
    uint32_t limit = UINT32_MAX - UINT32_MAX % n, x;
    do x = (uint32_t)(rng_u64(r) >> 32);
    while (x >= limit);
    return x % n;
}

float rng_float(rng *r) { return (float)(rng_u64(r) >> 40) * 0x1p-24f; }

float rng_range(rng *r, float lo, float hi) { return lo + (hi - lo) * rng_float(r); }

float rng_normal(rng *r) {
    float u = 1.0f - rng_float(r), v = rng_float(r);
    return sqrtf(-2.0f * logf(u)) * cosf(6.28318530718f * v);
}

int rng_chance(rng *r, float p) { return rng_float(r) < p; }
