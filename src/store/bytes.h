/* Little-endian numbers inside byte buffers, for the binary formats. The caller has checked the bounds. */
#ifndef BK_STORE_BYTES_H
#define BK_STORE_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t get16(const unsigned char *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get32(const unsigned char *p) {
    return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static inline uint64_t get64(const unsigned char *p) {
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}

/* The low n bytes of x to p; returns what is behind them. */
static inline unsigned char *put(unsigned char *p, uint64_t x, int n) {
    for (; n > 0; n--, x >>= 8) *p++ = (unsigned char)x;
    return p;
}

#endif
