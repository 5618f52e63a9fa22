/* Memory that is taken piece by piece and freed all at once: what parsers build their trees in. */
#ifndef BK_STORE_ARENA_H
#define BK_STORE_ARENA_H

#include <stddef.h>

/* Starts as { 0 }. */
typedef struct arena {
    struct arena_block *last;
    size_t used, cap; /* of the last block */
} arena;

/* n zeroed bytes, aligned to 16; NULL when memory is out. n = 0 gives a valid pointer. */
void *arena_take(arena *a, size_t n);
/* A terminated copy of s[0, n). */
char *arena_text(arena *a, const char *s, size_t n);
/* Frees everything; leaves { 0 }. */
void arena_close(arena *a);

#endif
