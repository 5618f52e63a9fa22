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

void sample_fill(sample *s, const dataset *d, const window *w, int size, float pace) {
    const episode *e = &d->episodes[w->episode];
    size_t dim = (size_t)d->dim;
    s->n = 0;
    for (int i = 0; i < size; i++) {
        int t = w->begin + (int)lrintf((float)i * pace);
        bool inside = t < e->track->len;
        memcpy(s->x + (size_t)i * dim, inside ? e->track->embeddings + (size_t)t * dim : d->pad, dim * sizeof *s->x);
        s->y[i] = inside ? (float)episode_truth(e, t) : 0.0f;
        s->weight[i] = inside && e->track->state[t] != SAMPLE_NONE ? 1.0f : 0.0f;
        s->n += inside;
    }
}
