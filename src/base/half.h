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

/* Both conversions compute every case and select, without branches: loops over them vectorise. */
static inline float half_to_float(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31, fraction = h & 1023;
    uint32_t small = half_bits((float)(int32_t)fraction * 0x1p-24f); /* zero and subnormals, exactly */
    uint32_t normal = ((exponent == 31 ? 255 : exponent + 112) << 23) | fraction << 13;
    return half_value(sign | (exponent ? normal : small));
}

static inline uint16_t half_from_float(float x) {
    uint32_t u = half_bits(x), sign = (u >> 16) & 0x8000, a = u & 0x7fffffff;
    uint32_t normal = (a - 0x38000000 + 0xfff + ((a >> 13) & 1)) >> 13;
    /* below 2^-14: adding 0.5 leaves x / 2^-24, rounded to even, in the low bits of the sum */
    uint32_t small = half_bits(half_value(a < 0x38800000 ? a : 0) + 0.5f) - half_bits(0.5f);
    uint32_t finite = a < 0x38800000 ? small : normal;
    uint32_t huge = a > 0x7f800000 ? 0x7e00 : 0x7c00; /* NaN; infinity, and what rounds to it from 65520 on */
    return (uint16_t)(sign | (a >= 0x477ff000 ? huge : finite));
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
