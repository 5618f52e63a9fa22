/* A few threads that wait for work. Loops may be begun from inside others: threads that have nothing to do take items
 * of the newest that has any, one by one under a lock, since an item here is a tenth of a millisecond of work or
 * more. Who waits for the end of a loop of his own takes only what that loop needs: items of loops begun inside it. */
#define _GNU_SOURCE
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

/* LOOKS: how often a thread looks for a change, and lets others have its core, before it sleeps: about 0.1 ms. */
enum { STACK_BYTES = 8 << 20, LOOKS = 200 };

/* One call of pool_run(), on its caller's stack. */
typedef struct loop {
    void (*fn)(void *, int, int);
    void *arg;
    int next, n, busy; /* the next item, all items, those at work */
    struct loop *older;
    const struct loop *inside; /* the loop that it was begun from; NULL: none */
} loop;

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    loop *newest;
    unsigned turn; /* moves on when a loop begins or ends, and at the end */
    int waiting;   /* threads with nothing to do */
    bool quit;
    int n_threads; /* started, the caller's not counted */
    struct worker {
        pool *p;
        int index;
        pthread_t thread;
    } *workers;
};

/* Which of a pool's threads one is, while it works for it, and on what. */
typedef struct place {
    const pool *of;
    int index;
    const loop *at;
} place;
static _Thread_local place me;

int pool_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? n : 1;
}

/* With the lock held. */
static void next_turn(pool *p) {
    __atomic_add_fetch(&p->turn, 1, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&p->changed);
}

/* Waits for the next turn, with the lock held before and after. A layer of a small network is done sooner than a
 * sleeping thread is woken, hence the looks. */
static void wait_turn(pool *p) {
    const unsigned turn = p->turn;
    __atomic_add_fetch(&p->waiting, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < LOOKS && __atomic_load_n(&p->turn, __ATOMIC_ACQUIRE) == turn; i++) sched_yield();
    pthread_mutex_lock(&p->lock);
    if (p->turn == turn) pthread_cond_wait(&p->changed, &p->lock);
    __atomic_sub_fetch(&p->waiting, 1, __ATOMIC_RELAXED);
}

/* Takes items of a loop until none is left. Called and left with the lock held. */
static void work(pool *p, loop *l, int worker) {
    const loop *was = me.at;
    me.at = l;
    while (l->next < l->n) {
        const int item = l->next++;
        l->busy++;
        pthread_mutex_unlock(&p->lock);
        l->fn(l->arg, item, worker);
        pthread_mutex_lock(&p->lock);
        l->busy--;
    }
    me.at = was;
    if (l->busy == 0) next_turn(p);
}

/* Whether l was begun inside a loop, by however many loops between; NULL: any was. */
static bool begun_inside(const loop *l, const loop *of) {
    while (l != of && l) l = l->inside;
    return l == of;
}

/* Works on the newest loop that has items left, of those begun inside one (NULL: of all); else waits for a turn. */
static void help(pool *p, const loop *of, int worker) {
    loop *l = p->newest;
    while (l && (l->next == l->n || !begun_inside(l, of))) l = l->older;
    if (l)
        work(p, l, worker);
    else
        wait_turn(p);
}

static void *thread_main(void *arg) {
    const struct worker *w = arg;
    pool *p = w->p;
    me = (place){ p, w->index, NULL };
    pthread_mutex_lock(&p->lock);
    while (!p->quit) help(p, NULL, w->index);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* With room for the blocks that matrix products pack on the stack, whatever the C library's default. */
static bool start_thread(struct worker *w) {
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0) return false;
    bool started =
        pthread_attr_setstacksize(&attr, STACK_BYTES) == 0 && pthread_create(&w->thread, &attr, thread_main, w) == 0;
    pthread_attr_destroy(&attr);
    return started;
}

int pool_open(pool **out, int n, bk_error *err) {
    if (n <= 0) n = pool_cores();
    pool *p = bk_zeros(1, sizeof *p);
    if (!p) return bk_fail_memory(err, "threads");
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    p->workers = bk_zeros((size_t)n, sizeof *p->workers);
    if (!p->workers) {
        pool_close(&p);
        return bk_fail_memory(err, "threads");
    }
    for (int i = 0; i < n - 1; i++) {
        p->workers[i] = (struct worker){ .p = p, .index = i + 1 };
        if (!start_thread(&p->workers[i])) {
            pool_close(&p);
            return bk_fail(err, BK_EIO, "cannot start thread %d of %d", i + 2, n);
        }
        p->n_threads++;
    }
    *out = p;
    return BK_OK;
}

void pool_close(pool **pp) {
    pool *p = *pp;
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->quit = true;
    next_turn(p);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_threads; i++) pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p->workers);
    free(p);
    *pp = NULL;
}

int pool_size(const pool *p) {
    return p ? p->n_threads + 1 : 1;
}

int pool_idle(pool *p) {
    return p ? __atomic_load_n(&p->waiting, __ATOMIC_RELAXED) : 0;
}

/* Once all its items are done; loops of other threads may have begun since. */
static void unlink_loop(pool *p, const loop *l) {
    loop **at = &p->newest;
    while (*at != l) at = &(*at)->older;
    *at = l->older;
}

void pool_run(pool *p, void (*fn)(void *, int, int), void *arg, int n) {
    const bool inside = p && me.of == p;
    const int worker = inside ? me.index : 0;
    if (!p || p->n_threads == 0 || n <= 1) {
        for (int i = 0; i < n; i++) fn(arg, i, worker);
        return;
    }
    const place was = me;
    me = (place){ p, worker, inside ? was.at : NULL };
    pthread_mutex_lock(&p->lock);
    loop l = { .fn = fn, .arg = arg, .n = n, .older = p->newest, .inside = me.at };
    p->newest = &l;
    next_turn(p);
    work(p, &l, worker);
    while (l.busy > 0) help(p, &l, worker);
    unlink_loop(p, &l);
    pthread_mutex_unlock(&p->lock);
    me = was;
}
