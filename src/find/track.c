/* A track in memory. Files of tracks are find/track_file.c. */
#include "find/track.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

int track_open(bk_track **out, int len, int dim, bk_error *err) {
    bk_track *t = bk_zeros(1, sizeof *t);
    size_t n;
    if (!t || !bk_size_mul(&n, (size_t)len, (size_t)dim)) goto fail;
    t->len = len;
    t->dim = dim;
    t->embeddings = calloc(n + 1, sizeof(float)); /* not bk_zeros(): seconds that nobody looks at take no memory */
    t->state = bk_zeros((size_t)len, 1);
    if (!t->embeddings || !t->state) goto fail;
    *out = t;
    return BK_OK;
fail:
    bk_track_close(&t);
    return bk_fail(err, BK_ENOMEM, "out of memory for a track of %d seconds", len);
}

void bk_track_close(bk_track **t) {
    if (!*t) return;
    free((*t)->embeddings);
    free((*t)->state);
    free(*t);
    *t = NULL;
}

int bk_track_length(const bk_track *t) {
    return t->len;
}

const float *bk_track_embeddings(const bk_track *t) {
    return t->embeddings;
}

static void place(bk_track *t, int s, const float *embedding, sample_state state) {
    memcpy(t->embeddings + (size_t)s * (size_t)t->dim, embedding, (size_t)t->dim * sizeof(float));
    t->state[s] = (uint8_t)state;
}

void track_put(bk_track *t, int s, const float *embedding) {
    if (s >= 0 && s < t->len) place(t, s, embedding, SAMPLE_SEEN);
}

/* The seen second in [from, to) nearest to s, of two the later; before: the last one up to s, or -1. */
static int nearest_seen(const bk_track *t, int s, int before, int to) {
    int after = s;
    while (after < to && t->state[after] != SAMPLE_SEEN && (before < 0 || after - s <= s - before)) after++;
    bool found = after < to && t->state[after] == SAMPLE_SEEN;
    return found && (before < 0 || after - s <= s - before) ? after : before;
}

void track_hold(bk_track *t, int from, int to) {
    int before = -1;
    if (from < 0) from = 0;
    if (to > t->len) to = t->len;
    for (int s = from; s < to; s++) {
        if (t->state[s] == SAMPLE_SEEN) {
            before = s;
            continue;
        }
        int k = nearest_seen(t, s, before, to);
        if (k < 0) return;
        place(t, s, t->embeddings + (size_t)k * (size_t)t->dim, SAMPLE_HELD);
    }
}
