/* Lays windows over tracks and copies them out. */
#include "learn/windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "find/scan.h"

enum { SECONDS_A_WINDOW = 20 };

static int add(window_list *l, int which, int begin, bk_error *err) {
    if (!bk_grow(&l->w, &l->cap, (size_t)l->n + 1, sizeof *l->w)) return bk_fail_memory(err, "windows");
    l->w[l->n++] = (window){ which, begin };
    return BK_OK;
}

int windows_end_to_end(window_list *l, const dataset *d, bool held_out, int size, bk_error *err) {
    int code = BK_OK;
    l->n = 0;
    for (int i = 0; i < d->n; i++) {
        if (d->episodes[i].held_out != held_out) continue;
        for (int s = 0; s + size <= d->episodes[i].track->len && code == BK_OK; s += size) code = add(l, i, s, err);
    }
    return code;
}

int windows_cover(window_list *l, const dataset *d, bool held_out, int size, int stride, bk_error *err) {
    int code = BK_OK;
    l->n = 0;
    for (int i = 0; i < d->n && code == BK_OK; i++) {
        int len = d->episodes[i].track->len;
        if (d->episodes[i].held_out != held_out || len == 0) continue;
        int n = scan_windows(NULL, len, size, stride), *starts = bk_alloc((size_t)n, sizeof *starts);
        if (!starts) return bk_fail_memory(err, "windows");
        scan_windows(starts, len, size, stride);
        for (int k = 0; k < n && code == BK_OK; k++) code = add(l, i, starts[k], err);
        free(starts);
    }
    return code;
}

int windows_draw(window_list *l, const dataset *d, bool held_out, int size, rng *r, bk_error *err) {
    int code = BK_OK;
    l->n = 0;
    for (int i = 0; i < d->n && code == BK_OK; i++) {
        int len = d->episodes[i].track->len, last = len - size;
        if (d->episodes[i].held_out != held_out || len == 0) continue;
        code = add(l, i, 0, err);
        if (last > 0 && code == BK_OK) code = add(l, i, last, err);
        for (int k = 0; last > 0 && k < len / SECONDS_A_WINDOW && code == BK_OK; k++)
            code = add(l, i, (int)rng_below(r, (uint32_t)last + 1), err);
    }
    return code;
}

void windows_shuffle(window_list *l, rng *r) {
    for (int i = l->n - 1; i > 0; i--) {
        int k = (int)rng_below(r, (uint32_t)i + 1);
        window t = l->w[i];
        l->w[i] = l->w[k];
        l->w[k] = t;
    }
}

/* Second t of an episode as the sample's i-th, or the pad where the track has ended. */
static void put(sample *s, int i, const dataset *d, const episode *e, int t) {
    size_t dim = (size_t)d->dim;
    bool inside = t < e->track->len;
    memcpy(s->x + (size_t)i * dim, inside ? e->track->embeddings + (size_t)t * dim : d->pad, dim * sizeof *s->x);
    s->y[i] = inside ? (float)episode_truth(e, t) : 0.0f;
    s->weight[i] = inside && e->track->state[t] != SAMPLE_NONE ? 1.0f : 0.0f;
    s->n += inside;
}

void sample_fill(sample *s, const dataset *d, const window *w, int size, float pace) {
    s->n = 0;
    for (int i = 0; i < size; i++) put(s, i, d, &d->episodes[w->episode], w->begin + (int)lrintf((float)i * pace));
}

/* A moment of e in the half [from, to) at which the labels before and after it are these; searched from a random one
 * on, all round; -1: none. */
static int moment_like(const episode *e, int from, int to, int before, int after, rng *r) {
    int n = to - from;
    if (n < 1) return -1;
    int at = (int)rng_below(r, (uint32_t)n);
    for (int k = 0; k < n; k++) {
        int t = from + (at + k) % n;
        if (t > 0 && episode_truth(e, t - 1) == before && episode_truth(e, t) == after) return t;
    }
    return -1;
}

/* Where in the window to cut: at a change of the label when one is wanted and there, else anywhere. */
static int graft_at(const sample *s, rng *r) {
    int at = 1 + (int)rng_below(r, (uint32_t)s->n - 1);
    if (rng_chance(r, 0.5f)) return at;
    for (int k = 0; k < s->n - 1; k++) {
        int i = 1 + (at - 1 + k) % (s->n - 1);
        if (s->y[i - 1] != s->y[i]) return i;
    }
    return at;
}

void sample_graft(sample *s, const dataset *d, const window *w, int size, rng *r) {
    const episode *a = &d->episodes[w->episode], *b = &d->episodes[rng_below(r, (uint32_t)d->n)];
    if (s->n < 2 || b->held_out != a->held_out || !b->track) return;
    int i = graft_at(s, r), half = b->track->len / 2;
    bool late = 2 * (w->begin + i) >= a->track->len;
    int t = moment_like(b, late ? half : 0, late ? b->track->len : half, s->y[i - 1] > 0.5f, s->y[i] > 0.5f, r);
    if (t < 0) return;
    s->n = i;
    for (; i < size; i++, t++) put(s, i, d, b, t);
}
