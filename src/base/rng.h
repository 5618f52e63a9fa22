/* Seeded random numbers: the same seed gives the same stream on every machine. Not for secrets.
 * xoshiro256** seeded by splitmix64 (Blackman and Vigna, 2018). */
#ifndef BK_BASE_RNG_H
#define BK_BASE_RNG_H

#include <stdint.h>

typedef struct rng {
    uint64_t s[4];
} rng;

/* A stream for (seed, stream): distinct pairs give independent streams. */
rng rng_make(uint64_t seed, uint64_t stream);
uint64_t rng_u64(rng *r);
/* Whole number in [0, n); n must be > 0. Without bias. */
uint32_t rng_below(rng *r, uint32_t n);
/* Uniform in [0, 1), 24 bits. */
float rng_float(rng *r);
/* Uniform in [lo, hi). */
float rng_range(rng *r, float lo, float hi);
/* Standard normal (Box-Muller). */
float rng_normal(rng *r);
/* 1 with probability p, else 0. */
int rng_chance(rng *r, float p);

#endif
