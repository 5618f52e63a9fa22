/* Workers take the next item until none is left or a stop is asked for; the calling thread delivers. */
#define _GNU_SOURCE
#include "jobs.h"

#include <pthread.h>
#include <stdlib.h>

#include "commands.h"

enum { WAITING, FINISHED, DROPPED };

typedef struct crew {
    const jobs *j;
    pthread_mutex_t lock;
    pthread_cond_t news;  /* an item's state, or `live`, has changed */
    size_t next;          /* item to be taken */
    int live;             /* workers that run */
    int hired;            /* workers that were started: the number of the next */
    unsigned char *state; /* [n] */
} crew;

static size_t run_alone(const jobs *j) {
    size_t delivered = 0;
    for (size_t i = 0; i < j->n && !interrupted(); i++) {
        if (!j->work(j->arg, i, 0)) continue;
        if (!j->deliver(j->arg, i)) break;
        delivered++;
    }
    return delivered;
}

static void *worker_main(void *arg) {
    crew *c = arg;
    pthread_mutex_lock(&c->lock);
    int me = c->hired++;
    while (c->next < c->j->n && !interrupted()) {
        size_t item = c->next++;
        pthread_mutex_unlock(&c->lock);
        bool finished = c->j->work(c->j->arg, item, me);
        pthread_mutex_lock(&c->lock);
        c->state[item] = finished ? FINISHED : DROPPED;
        pthread_cond_signal(&c->news);
    }
    c->live--;
    pthread_cond_signal(&c->news);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Waits until the item is finished, or nobody is left who could finish it. */
static bool wait_for(crew *c, size_t item) {
    pthread_mutex_lock(&c->lock);
    while (c->state[item] == WAITING && c->live > 0) pthread_cond_wait(&c->news, &c->lock);
    bool finished = c->state[item] == FINISHED;
    pthread_mutex_unlock(&c->lock);
    return finished;
}

static size_t deliver_all(crew *c) {
    const jobs *j = c->j;
    size_t delivered = 0;
    for (size_t i = 0; i < j->n; i++) {
        if (!wait_for(c, i)) continue;
        if (!j->deliver(j->arg, i)) {
            interrupt_ask(); /* what is under way would be for nothing */
            break;
        }
        delivered++;
    }
    return delivered;
}

size_t jobs_run(const jobs *j) {
    size_t workers = j->workers > 0 && (size_t)j->workers < j->n ? (size_t)j->workers : j->n;
    if (workers <= 1) return run_alone(j);
    crew c = { .j = j, .state = calloc(j->n, 1) };
    pthread_t *threads = calloc(workers, sizeof *threads);
    size_t started = 0, delivered = 0;
    pthread_mutex_init(&c.lock, NULL);
    pthread_cond_init(&c.news, NULL);
    pthread_mutex_lock(&c.lock); /* so that `live` is whole before a worker ends */
    while (c.state && threads && started < workers && !pthread_create(&threads[started], NULL, worker_main, &c))
        started++;
    c.live = (int)started;
    pthread_mutex_unlock(&c.lock);
    delivered = started ? deliver_all(&c) : run_alone(j);
    for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    pthread_cond_destroy(&c.news);
    pthread_mutex_destroy(&c.lock);
    free(threads);
    free(c.state);
    return delivered;
}
