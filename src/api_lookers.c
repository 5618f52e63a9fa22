/* Lookers: several readers of one film at once, each with its own place in it and its own pictures. What is to be
 * looked at is cut into items, of which each looker takes the next that nobody has: an item's results do not depend
 * on who took it. */
#include <stdatomic.h>

#include "api.h"
#include "base/err.h"

enum { LIKE = 8 /* levels: what a codec makes of a still card */ };

typedef struct share {
    job *j;
    int (*look)(looker *l, int item, void *arg, bk_error *err);
    void *arg;
    int n;
    atomic_int next;
    struct outcome {
        int code;
        bk_error err;
    } of[LOOKERS_MAX];
} share;

/* One who looks alone has all threads to embed what it sees; of several, each does so itself, and those that have
 * nothing to look at help. */
static int open_gallery(looker *l, job *j, bk_error *err) {
    if (j->crew == 1) return gallery_open(&l->g, j->m, j->p, err);
    int code = j->painters ? BK_OK : embed_team_open(&j->painters, j->m, j->crew, GALLERY_AT_ONCE, err);
    return code == BK_OK ? gallery_open_shared(&l->g, j->m, j->p, j->painters, err) : code;
}

/* While no other looks: it reads what the first one has. */
static int looker_open(looker *l, job *j, bk_error *err) {
    int code = BK_OK;
    if (l == j->at)
        l->v = j->v;
    else
        code = video_again(&l->v, j->v, err);
    if (code == BK_OK) code = open_gallery(l, j, err);
    if (code == BK_OK) gallery_tolerate(l->g, LIKE);
    l->j = j;
    return code;
}

void lookers_log(const job *j, const char *what) {
    int64_t encoded = 0, decoded = 0;
    for (int i = 0; i < LOOKERS_MAX; i++)
        if (j->at[i].g) {
            encoded += gallery_encoded(j->at[i].g);
            decoded += video_decoded(j->at[i].v);
        }
    bk_log(&j->opt->hooks, BK_LOG_DEBUG, "%s: %s; %lld pictures encoded, %lld frames decoded so far", j->path, what,
           (long long)encoded, (long long)decoded);
}

void lookers_close(job *j) {
    for (int i = 0; i < LOOKERS_MAX; i++) {
        gallery_close(&j->at[i].g);
        if (i > 0) video_close(&j->at[i].v);
        j->at[i].v = NULL;
    }
    embed_team_close(&j->painters);
}

/* One looker's part. The first is the caller's own thread: see pool_run(). */
static void drain(void *arg, int item, int worker) {
    share *s = arg;
    looker *l = &s->j->at[item];
    struct outcome *o = &s->of[item];
    int none = -1;
    (void)worker;
    for (int i; o->code == BK_OK && (i = atomic_fetch_add(&s->next, 1)) < s->n;) {
        gallery_turn(l->g);
        o->code = s->look(l, i, s->arg, &o->err);
    }
    if (o->code == BK_OK)
        gallery_flush(l->g);
    else
        atomic_compare_exchange_strong(&s->j->failed, &none, item);
}

int lookers_share(job *j, int (*look)(looker *l, int item, void *arg, bk_error *err), void *arg, int n,
                  bk_error *err) {
    share s = { .j = j, .look = look, .arg = arg, .n = n };
    const int crew = n < j->crew ? n : j->crew;
    int code = BK_OK;
    for (int i = 0; code == BK_OK && i < crew; i++)
        if (!j->at[i].g) code = looker_open(&j->at[i], j, err);
    if (code != BK_OK) return code;
    for (int i = 0; i < LOOKERS_MAX; i++)
        if (j->at[i].g) gallery_clear(j->at[i].g);
    atomic_store(&j->failed, -1);
    pool_run(j->p, drain, &s, crew);
    const int failed = atomic_load(&j->failed);
    if (failed < 0) return BK_OK;
    if (err) *err = s.of[failed].err;
    return s.of[failed].code;
}

int looker_tell(const looker *l, const char *stage, int64_t done_us, bk_error *err) {
    const job *j = l->j;
    if (atomic_load(&j->failed) >= 0) return BK_ECANCELED;
    return l == j->at ? bk_tell(&j->opt->hooks, stage, done_us, j->t->duration_us, err) : BK_OK;
}
