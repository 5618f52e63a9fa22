/* A few threads that wait for work. One job at a time; items are taken one by one under a lock, since
 * an item here is a tenth of a millisecond of work or more. */
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

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    void (*fn)(void *, int, int);
    void *arg;
    int next, n, busy;
    unsigned turn; /* moves on when there is work, when it is done and at the end */
    bool quit;
    int n_threads; /* started, the caller's not counted */
    struct worker {
        pool *p;
        int index;
        pthread_t thread;
    } *workers;
};

int pool_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? n : 1;
}

/* With the lock held, as `c` is signalled. */
static void next_turn(pool *p, pthread_cond_t *c) {
    __atomic_add_fetch(&p->turn, 1, __ATOMIC_RELEASE);
    pthread_cond_broadcast(c);
}

/* Waits for the next turn, with the lock held before and after. A layer of a small network is done sooner than a
 * sleeping thread is woken, hence the looks. */
static void wait_turn(pool *p, pthread_cond_t *c) {
    unsigned turn = p->turn;
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < LOOKS && __atomic_load_n(&p->turn, __ATOMIC_ACQUIRE) == turn; i++) sched_yield();
    pthread_mutex_lock(&p->lock);
    if (p->turn == turn) pthread_cond_wait(c, &p->lock);
}

/* Takes items until none is left. Called and left with the lock held. */
static void work(pool *p, int worker) {
    while (p->next < p->n) {
        int item = p->next++;
        p->busy++;
        pthread_mutex_unlock(&p->lock);
        p->fn(p->arg, item, worker);
        pthread_mutex_lock(&p->lock);
        p->busy--;
    }
    if (p->busy == 0) next_turn(p, &p->idle);
}

static void *thread_main(void *arg) {
    struct worker *w = arg;
    pool *p = w->p;
    pthread_mutex_lock(&p->lock);
    while (!p->quit) {
        if (p->next < p->n) work(p, w->index);
        else wait_turn(p, &p->work);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* With room for the blocks that matrix products pack on the stack, whatever the C library's default. */
static bool start_thread(struct worker *w) {
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0) return false;
    bool started = pthread_attr_setstacksize(&attr, STACK_BYTES) == 0 && pthread_create(&w->thread, &attr, thread_main, w) == 0;
    pthread_attr_destroy(&attr);
    return started;
}

int pool_open(pool **out, int n, bk_error *err) {
    if (n <= 0) n = pool_cores();
    pool *p = bk_zeros(1, sizeof *p);
    if (!p) return bk_fail_memory(err, "threads");
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->idle, NULL);
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
    next_turn(p, &p->work);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_threads; i++) pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->idle);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p->workers);
    free(p);
    *pp = NULL;
}

int pool_size(const pool *p) { return p ? p->n_threads + 1 : 1; }

void pool_run(pool *p, void (*fn)(void *, int, int), void *arg, int n) {
    if (!p || p->n_threads == 0 || n <= 1) {
        for (int i = 0; i < n; i++) fn(arg, i, 0);
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->fn = fn;
    p->arg = arg;
    p->next = 0;
    p->n = n;
    next_turn(p, &p->work);
    work(p, 0);
    while (p->busy > 0) wait_turn(p, &p->idle);
    p->n = p->next = 0;
    pthread_mutex_unlock(&p->lock);
}
