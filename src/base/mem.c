/* Checked sizes and aligned memory. */
#define _GNU_SOURCE
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 1 << 21 };

bool bk_size_mul(size_t *out, size_t a, size_t b) {
    if (a && b > SIZE_MAX / a) return false;
    *out = a * b;
    return true;
}

bool bk_size_add(size_t *out, size_t a, size_t b) {
    if (b > SIZE_MAX - a) return false;
    *out = a + b;
    return true;
}

/* Of size or more, memory is asked for in huge pages: touching it for the first time costs a five hundredth. A system
 * without them gives small ones. */
static void *alloc_huge(size_t bytes) {
    const size_t page = HUGE_PAGE, whole = bytes & ~(page - 1);
    size_t padded;
    if (!bk_size_add(&padded, bytes, page - 1)) return NULL;
    void *p = aligned_alloc(page, padded & ~(page - 1));
#ifdef MADV_HUGEPAGE
    if (p) madvise(p, whole, MADV_HUGEPAGE);
#else
    (void)whole;
#endif
    return p;
}

void *bk_alloc(size_t n, size_t size) {
    size_t bytes, padded;
    if (!bk_size_mul(&bytes, n, size) || !bk_size_add(&padded, bytes, 64)) return NULL;
    return bytes >= HUGE_PAGE ? alloc_huge(bytes) : aligned_alloc(64, padded & ~(size_t)63);
}

void *bk_zeros(size_t n, size_t size) {
    void *p = bk_alloc(n, size);
    if (p) memset(p, 0, n * size);
    return p;
}

bool bk_grow(void *p, size_t *cap, size_t need, size_t size) {
    if (need <= *cap) return true;
    size_t want = *cap ? *cap : 16, bytes;
    while (want < need)
        if (!bk_size_mul(&want, want, 2)) return false;
    if (!bk_size_mul(&bytes, want, size)) return false;
    void *old, *grown;
    memcpy(&old, p, sizeof old);
    grown = realloc(old, bytes);
    if (!grown) return false;
    memcpy(p, &grown, sizeof grown);
    *cap = want;
    return true;
}
