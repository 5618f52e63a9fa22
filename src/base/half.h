/* 16-bit floats: IEEE 754 binary16 ("half") and bfloat16, to and from float. Rounds to nearest, ties to
 * even; infinities and NaN are kept. Plain integer arithmetic, the same result on every machine. */
#ifndef BK_BASE_HALF_H
#define BK_BASE_HALF_H

#include <stdint.h>
#include <string.h>

static inline uint32_t half_bits(float x) {
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static inline float half_value(uint32_t u) {
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* Without branches, so that compilers do several at once: the bits moved to their place in a float are the number times
 * 2^-112, subnormal or not, and that product is exact. Infinities and NaN get the exponent that says so. */
static inline float half_to_float(uint16_t h) {
    const uint32_t sign = (uint32_t)(h & 0x8000) << 16, moved = (uint32_t)(h & 0x7fff) << 13;
    const uint32_t number = half_bits(half_value(moved) * 0x1p112f);
    const uint32_t beyond = (h & 0x7c00) == 0x7c00 ? 0x7f800000 : 0;
    return half_value(sign | number | beyond);
}

static inline uint16_t half_from_float(float x) {
    uint32_t u = half_bits(x), sign = (u >> 16) & 0x8000, a = u & 0x7fffffff;
    if (a > 0x7f800000) return (uint16_t)(sign | 0x7e00);  /* NaN */
    if (a >= 0x477ff000) return (uint16_t)(sign | 0x7c00); /* 65520 and more round to infinity */
    if (a < 0x38800000) {
        /* below 2^-14: adding 0.5 leaves x / 2^-24, rounded to even, in the low bits of the sum */
        return (uint16_t)(sign | (half_bits(half_value(a) + 0.5f) - half_bits(0.5f)));
    }
    uint32_t odd = (a >> 13) & 1;
    return (uint16_t)(sign | ((a - 0x38000000 + 0xfff + odd) >> 13));
}

static inline float half_from_bf16(uint16_t b) {
    return half_value((uint32_t)b << 16);
}

static inline uint16_t half_to_bf16(float x) {
    uint32_t u = half_bits(x);
    if ((u & 0x7fffffff) > 0x7f800000) return (uint16_t)(u >> 16 | 0x40);
    return (uint16_t)((u + 0x7fff + ((u >> 16) & 1)) >> 16);
}

#endif
