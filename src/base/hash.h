/* One hash for names of cache files, fingerprints and splits: FNV-1a, 64 bits (Fowler, Noll and Vo). It tells things
 * apart and guards against nothing. */
#ifndef BK_BASE_HASH_H
#define BK_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The hash of nothing: what the first call goes on from. */
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

/* h and then n bytes. Split as one likes: hash_bytes(hash_bytes(h, "a", 1), "b", 1) is that of "ab". */
uint64_t hash_bytes(uint64_t h, const void *data, size_t n);

/* The same in steps of eight bytes, with more mixing: another value, in an eighth of the time. For megabytes. */
uint64_t hash_words(uint64_t h, const void *data, size_t n);

#endif
