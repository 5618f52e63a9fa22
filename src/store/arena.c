/* Memory freed all at once: a chain of blocks. */
#include "store/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct arena_block {
    struct arena_block *before;
    _Alignas(16) unsigned char bytes[];
};

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20 };

static int grow(arena *a, size_t need) {
    size_t cap = a->cap < BLOCK_MIN ? BLOCK_MIN : a->cap < BLOCK_MAX ? a->cap * 2 : a->cap, bytes;
    if (cap < need) cap = need;
    if (!bk_size_add(&bytes, cap, sizeof(struct arena_block))) return 0;
    struct arena_block *b = calloc(1, bytes);
    if (!b) return 0;
    b->before = a->last;
    *a = (arena){ .last = b, .cap = cap };
    return 1;
}

void *arena_take(arena *a, size_t n) {
    size_t padded;
    if (!bk_size_add(&padded, n, 15)) return NULL;
    padded &= ~(size_t)15;
    if ((!a->last || padded > a->cap - a->used) && !grow(a, padded)) return NULL;
    void *p = a->last->bytes + a->used;
    a->used += padded;
    return p;
}

char *arena_text(arena *a, const char *s, size_t n) {
    char *p = n < (size_t)-1 ? arena_take(a, n + 1) : NULL;
    if (p && n) memcpy(p, s, n);
    return p;
}

void arena_close(arena *a) {
    for (struct arena_block *b = a->last; b;) {
        struct arena_block *before = b->before;
        free(b);
        b = before;
    }
    *a = (arena){ 0 };
}
