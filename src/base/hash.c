/* FNV-1a, by bytes and by words of eight. For whoever names or compares things; no cryptography. */
#include "base/hash.h"

#include <string.h>

static const uint64_t PRIME = UINT64_C(0x100000001b3);

uint64_t hash_bytes(uint64_t h, const void *data, size_t n) {
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * PRIME;
    return h;
}

uint64_t hash_words(uint64_t h, const void *data, size_t n) {
    const unsigned char *p = data;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t x;
        memcpy(&x, p, 8);
        h = (h ^ x) * PRIME;
        h ^= h >> 29; /* a multiplication carries upwards only */
    }
    return hash_bytes(h, p, n);
}
