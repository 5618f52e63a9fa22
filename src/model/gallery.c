/* Pictures gathered one by one and embedded a batch at a time, by a thread of its own while the caller decodes on, or
 * by the caller. A picture like the one before it, as in still cards and black, is not embedded twice. */
#include "model/gallery.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/least.h"
#include "base/mem.h"

typedef struct batch {
    uint8_t *rgb; /* [size + 1, h, w, 3]; slot 0 is the last picture of the batch before */
    int n;
    float *embeddings, *moments, *lettered;
} batch;

struct gallery {
    pool *p;
    embed_team *team;
    bool own;            /* the team */
    int size, tolerance; /* size: pictures a batch */
    size_t picture;      /* bytes */
    batch at[2];         /* one fills while the other is embedded; without a painter there is only the first */
    int filling;
    bool has_last;
    int n, done, dim; /* pictures added, and those whose results are there */
    int64_t encoded;
    size_t cap_seconds, cap_same, cap_emb, cap_moments, cap_lettered;
    double *seconds;
    uint8_t *same; /* the picture is like the one before it */
    float *embeddings, *moments, *lettered;

    bool threaded; /* the painter below runs */
    pthread_t painter;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    batch *work;       /* what the painter embeds; NULL: nothing */
    bool handed, quit; /* handed: the other batch's results are not collected yet */
};

/* ---- embedding ----------------------------------------------------------------------------------------- */

typedef struct task {
    gallery *g;
    batch *b;
    int each; /* pictures a call */
} task;

static void embed_some(void *arg, int item, int worker) {
    const task *t = arg;
    gallery *g = t->g;
    batch *b = t->b;
    int first = item * t->each, n = least(b->n - first, t->each);
    (void)worker;
    embedder *e = embed_team_take(g->team);
    embedder_run(e, b->rgb + (size_t)(first + 1) * g->picture, n, g->p,
                 b->embeddings + (size_t)first * (size_t)g->dim, b->moments + (size_t)first * MOMENTS,
                 b->lettered + first);
    embed_team_give(g->team, e);
}

/* Few pictures are shared out evenly among all threads of a pool of the gallery's own, else among those that have
 * nothing to do; a single one's layers are, and those of the last to be ready. */
static void embed(gallery *g, batch *b) {
    const int ready = g->own ? pool_size(g->p) : 1 + pool_idle(g->p), size = embed_team_size(g->team);
    const int hands = least(ready, size), each = (b->n + hands - 1) / hands;
    task t = { g, b, least(each, GALLERY_AT_ONCE) };
    if (b->n) pool_run(g->p, embed_some, &t, (b->n + t.each - 1) / t.each);
}

static void *paint(void *arg) {
    gallery *g = arg;
    pthread_mutex_lock(&g->lock);
    while (!g->quit) {
        if (!g->work) {
            pthread_cond_wait(&g->changed, &g->lock);
            continue;
        }
        pthread_mutex_unlock(&g->lock);
        embed(g, g->work);
        pthread_mutex_lock(&g->lock);
        g->work = NULL;
        pthread_cond_broadcast(&g->changed);
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* Results of b in the order of arrival; those of pictures like the one before them are the ones of that. */
static void collect(gallery *g, batch *b) {
    int k = 0;
    size_t dim = (size_t)g->dim;
    for (; g->done < g->n && (g->same[g->done] || k < b->n); g->done++) {
        size_t at = (size_t)g->done, from = g->same[at] ? at - 1 : (size_t)k;
        bool before = g->same[at];
        memcpy(g->embeddings + at * dim, (before ? g->embeddings : b->embeddings) + from * dim, dim * sizeof(float));
        memcpy(g->moments + at * MOMENTS, (before ? g->moments : b->moments) + from * MOMENTS,
               MOMENTS * sizeof(float));
        g->lettered[at] = (before ? g->lettered : b->lettered)[from];
        k += !before;
    }
    g->encoded += b->n;
    b->n = 0;
}

/* Waits for the painter, and takes what it has made. */
static void await(gallery *g) {
    if (!g->handed) return;
    pthread_mutex_lock(&g->lock);
    while (g->work) pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
    g->handed = false;
    collect(g, &g->at[!g->filling]);
}

/* A full batch goes to the painter. */
static void hand_over(gallery *g) {
    batch *full = &g->at[g->filling], *next = &g->at[!g->filling];
    await(g);
    memcpy(next->rgb, full->rgb + (size_t)full->n * g->picture, g->picture);
    g->filling = !g->filling;
    g->handed = true;
    pthread_mutex_lock(&g->lock);
    g->work = full;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

/* ---- opening ------------------------------------------------------------------------------------------- */

static bool batch_open(batch *b, const gallery *g) {
    size_t n = (size_t)g->size;
    b->rgb = bk_alloc(n + 1, g->picture);
    b->embeddings = bk_alloc(n * (size_t)g->dim, sizeof(float));
    b->moments = bk_alloc(n * MOMENTS, sizeof(float));
    b->lettered = bk_alloc(n, sizeof(float));
    return b->rgb && b->embeddings && b->moments && b->lettered;
}

static void batch_close(batch *b) {
    free(b->rgb);
    free(b->embeddings);
    free(b->moments);
    free(b->lettered);
}

/* Who asked for a single thread gets no second one; where none can be started, the caller's must do. */
static void start_painter(gallery *g) {
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    g->threaded = g->own && pool_size(g->p) > 1 && pthread_create(&g->painter, NULL, paint, g) == 0;
}

static void stop_painter(gallery *g) {
    pthread_mutex_lock(&g->lock);
    g->quit = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
    if (g->threaded) pthread_join(g->painter, NULL);
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->lock);
}

/* own: the team becomes the gallery's, also on failure. */
static int open_with(gallery **out, const bk_model *m, pool *p, embed_team *team, bool own, bk_error *err) {
    gallery *g = bk_zeros(1, sizeof *g);
    if (!g) {
        if (own) embed_team_close(&team);
        return bk_fail_memory(err, "pictures");
    }
    g->p = p;
    g->team = team;
    g->own = own;
    g->size = GALLERY_AT_ONCE * (own ? pool_size(p) : 1);
    g->picture = (size_t)m->vit.picture_h * (size_t)m->vit.picture_w * 3;
    g->dim = bundle_dim(m);
    start_painter(g);
    if (batch_open(&g->at[0], g) && (!g->threaded || batch_open(&g->at[1], g))) {
        *out = g;
        return BK_OK;
    }
    gallery_close(&g);
    return bk_fail_memory(err, "pictures");
}

int gallery_open(gallery **out, const bk_model *m, pool *p, bk_error *err) {
    embed_team *team;
    int code = embed_team_open(&team, m, pool_size(p), GALLERY_AT_ONCE, err);
    return code == BK_OK ? open_with(out, m, p, team, true, err) : code;
}

int gallery_open_shared(gallery **out, const bk_model *m, pool *p, embed_team *team, bk_error *err) {
    return open_with(out, m, p, team, false, err);
}

void gallery_close(gallery **gp) {
    gallery *g = *gp;
    if (!g) return;
    stop_painter(g);
    if (g->own) embed_team_close(&g->team);
    batch_close(&g->at[0]);
    batch_close(&g->at[1]);
    free(g->seconds);
    free(g->same);
    free(g->embeddings);
    free(g->moments);
    free(g->lettered);
    free(g);
    *gp = NULL;
}

/* ---- filling ------------------------------------------------------------------------------------------- */

void gallery_tolerate(gallery *g, int levels) {
    g->tolerance = levels;
}

void gallery_turn(gallery *g) {
    g->has_last = false;
}

uint8_t *gallery_slot(gallery *g) {
    batch *b = &g->at[g->filling];
    return b->rgb + (size_t)(b->n + 1) * g->picture;
}

bool gallery_alike(const uint8_t *a, const uint8_t *b, size_t n, int levels) {
    enum { RUN = 4096 }; /* bytes between two looks at the result */
    if (levels == 0) return memcmp(a, b, n) == 0;
    for (size_t at = 0; at < n; at += RUN) {
        size_t end = n - at < RUN ? n : at + RUN;
        int most = 0;
        for (size_t i = at; i < end; i++) {
            int d = abs(a[i] - b[i]);
            most = d > most ? d : most;
        }
        if (most > levels) return false;
    }
    return true;
}

static bool make_room(gallery *g, size_t n) {
    return bk_grow(&g->seconds, &g->cap_seconds, n, sizeof *g->seconds) &&
           bk_grow(&g->same, &g->cap_same, n, sizeof *g->same) &&
           bk_grow(&g->embeddings, &g->cap_emb, n, (size_t)g->dim * sizeof(float)) &&
           bk_grow(&g->moments, &g->cap_moments, n, MOMENTS * sizeof(float)) &&
           bk_grow(&g->lettered, &g->cap_lettered, n, sizeof(float));
}

/* Compared is with the last picture that was embedded, so that a slow fade cannot creep past. */
int gallery_add(gallery *g, double seconds, bk_error *err) {
    if (!make_room(g, (size_t)g->n + 1)) return bk_fail_memory(err, "embeddings");
    const uint8_t *now = gallery_slot(g);
    bool same = g->has_last && gallery_alike(now, now - g->picture, g->picture, g->tolerance);
    g->seconds[g->n] = seconds;
    g->same[g->n++] = same;
    g->has_last = true;
    if (!same && ++g->at[g->filling].n == g->size) (g->threaded ? hand_over : gallery_flush)(g);
    return BK_OK;
}

void gallery_flush(gallery *g) {
    batch *b = &g->at[g->filling];
    await(g);
    int n = b->n;
    embed(g, b);
    collect(g, b);
    if (n) memcpy(b->rgb, b->rgb + (size_t)n * g->picture, g->picture);
}

void gallery_clear(gallery *g) {
    await(g);
    g->n = g->done = g->at[g->filling].n = 0;
    g->has_last = false;
}

gallery_view gallery_look(const gallery *g) {
    return (gallery_view){ g->done, g->seconds, g->embeddings, g->moments, g->lettered };
}

int64_t gallery_encoded(const gallery *g) {
    return g->encoded;
}
