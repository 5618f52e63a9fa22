/* Pictures gathered one by one and embedded many at a time. A picture equal to the one before it, as in
 * still cards and black, is not embedded twice. */
#include "model/gallery.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { AT_ONCE = 4, ROUNDS = 3 }; /* pictures an encoder call, and calls a worker in one batch */

struct gallery {
    const bk_model *m;
    pool *p;
    embedder **workers; /* [pool_size] */
    int n_workers, batch, waiting;
    size_t picture;     /* bytes */
    uint8_t *rgb;       /* [batch + 1, h, w, 3]; slot 0 is the last picture of the batch before */
    int *same;          /* [batch]: the picture equals the one before it */
    bool has_last;
    int n, dim;
    size_t cap_seconds, cap_emb, cap_moments, cap_lettered;
    double *seconds;
    float *embeddings, *moments, *lettered;
};

int gallery_open(gallery **out, const bk_model *m, pool *p, bk_error *err) {
    gallery *g = bk_zeros(1, sizeof *g);
    if (!g) return bk_fail_memory(err, "pictures");
    g->m = m;
    g->p = p;
    g->n_workers = pool_size(p);
    g->batch = AT_ONCE * ROUNDS * g->n_workers;
    g->picture = (size_t)m->vit.picture_h * (size_t)m->vit.picture_w * 3;
    g->dim = bundle_dim(m);
    g->rgb = bk_alloc((size_t)g->batch + 1, g->picture);
    g->same = bk_zeros((size_t)g->batch, sizeof *g->same);
    g->workers = bk_zeros((size_t)g->n_workers, sizeof *g->workers);
    int code = g->rgb && g->same && g->workers ? BK_OK : bk_fail_memory(err, "pictures");
    for (int i = 0; code == BK_OK && i < g->n_workers; i++) code = embedder_open(&g->workers[i], m, AT_ONCE, err);
    if (code == BK_OK) *out = g;
    else gallery_close(&g);
    return code;
}

void gallery_close(gallery **gp) {
    gallery *g = *gp;
    if (!g) return;
    for (int i = 0; g->workers && i < g->n_workers; i++) embedder_close(&g->workers[i]);
    free(g->workers);
    free(g->rgb);
    free(g->same);
    free(g->seconds);
    free(g->embeddings);
    free(g->moments);
    free(g->lettered);
    free(g);
    *gp = NULL;
}

uint8_t *gallery_slot(gallery *g) { return g->rgb + (size_t)(g->waiting + 1) * g->picture; }

static bool make_room(gallery *g, size_t n) {
    return bk_grow(&g->seconds, &g->cap_seconds, n, sizeof *g->seconds) &&
           bk_grow(&g->embeddings, &g->cap_emb, n, (size_t)g->dim * sizeof(float)) &&
           bk_grow(&g->moments, &g->cap_moments, n, MOMENTS * sizeof(float)) &&
           bk_grow(&g->lettered, &g->cap_lettered, n, sizeof(float));
}

int gallery_add(gallery *g, double seconds, bk_error *err) {
    if (!make_room(g, (size_t)g->n + (size_t)g->waiting + 1)) return bk_fail_memory(err, "embeddings");
    uint8_t *now = gallery_slot(g);
    bool before = g->waiting > 0 || g->has_last;
    g->same[g->waiting] = before && memcmp(now, now - g->picture, g->picture) == 0;
    g->seconds[g->n + g->waiting++] = seconds;
    if (g->waiting == g->batch) gallery_flush(g);
    return BK_OK;
}

/* One call of the encoder: pictures that wait, from item * AT_ONCE on. */
static void embed_some(void *arg, int item, int worker) {
    gallery *g = arg;
    int first = item * AT_ONCE, n = g->waiting - first < AT_ONCE ? g->waiting - first : AT_ONCE, at = g->n + first;
    bool any = false;
    for (int i = 0; i < n; i++) any = any || !g->same[first + i];
    if (!any) return;
    embedder_run(g->workers[worker], g->rgb + (size_t)(first + 1) * g->picture, n, g->waiting == 1 ? g->p : NULL, g->embeddings + (size_t)at * (size_t)g->dim,
                 g->moments + (size_t)at * MOMENTS, g->lettered + at);
}

/* Results of pictures that equal the one before them are the ones of that. */
static void copy_same(gallery *g) {
    for (int i = 0; i < g->waiting; i++) {
        int at = g->n + i;
        if (!g->same[i] || at == 0) continue;
        memcpy(g->embeddings + (size_t)at * (size_t)g->dim, g->embeddings + (size_t)(at - 1) * (size_t)g->dim,
               (size_t)g->dim * sizeof(float));
        memcpy(g->moments + (size_t)at * MOMENTS, g->moments + (size_t)(at - 1) * MOMENTS, MOMENTS * sizeof(float));
        g->lettered[at] = g->lettered[at - 1];
    }
}

void gallery_flush(gallery *g) {
    if (!g->waiting) return;
    pool_run(g->p, embed_some, g, (g->waiting + AT_ONCE - 1) / AT_ONCE);
    copy_same(g);
    memcpy(g->rgb, g->rgb + (size_t)g->waiting * g->picture, g->picture);
    g->has_last = true;
    g->n += g->waiting;
    g->waiting = 0;
}

void gallery_clear(gallery *g) {
    g->n = g->waiting = 0;
    g->has_last = false;
}

gallery_view gallery_look(const gallery *g) {
    return (gallery_view){ g->n, g->seconds, g->embeddings, g->moments, g->lettered };
}
