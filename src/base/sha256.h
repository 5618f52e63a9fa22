/* SHA-256 (FIPS 180-4): whether a file is the one that was meant. */
#ifndef BK_BASE_SHA256_H
#define BK_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

typedef struct sha256 {
    uint32_t h[8];
    uint64_t n; /* bytes so far */
    unsigned char block[64];
} sha256;

enum { SHA256_BYTES = 32 };

sha256 sha256_start(void);
void sha256_add(sha256 *s, const void *data, size_t n);
void sha256_end(sha256 *s, unsigned char out[SHA256_BYTES]);

#endif
