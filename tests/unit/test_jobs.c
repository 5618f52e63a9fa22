/* Items side by side: delivered in order, each once, by workers that do not share a number; and stopping. */
#include "tap.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "jobs.h"

enum { MOST = 64 };

typedef struct trial {
    atomic_int worked[MOST], busy[MOST]; /* busy: a worker's number is in use */
    atomic_int clashes;
    size_t order[MOST], n_order;
    size_t drop;   /* this item is given up half-way */
    size_t enough; /* deliveries after which no more are wanted */
} trial;

static bool work(void *arg, size_t item, int worker) {
    trial *t = arg;
    struct timespec pause = { 0, (long)(item * 7 % 5) * 300000 }; /* later items often end first */
    if (atomic_exchange(&t->busy[worker], 1)) t->clashes++;
    nanosleep(&pause, NULL);
    t->worked[item]++;
    t->busy[worker] = 0;
    return item != t->drop;
}

static bool deliver(void *arg, size_t item) {
    trial *t = arg;
    t->order[t->n_order++] = item;
    return t->n_order < t->enough;
}

static bool in_order(const trial *t) {
    for (size_t i = 1; i < t->n_order; i++)
        if (t->order[i] <= t->order[i - 1]) return false;
    return true;
}

static bool each_once(const trial *t, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (t->worked[i] != 1) return false;
    return true;
}

int main(void) {
    static const struct {
        size_t n;
        int workers;
    } cases[] = { { 0, 1 }, { 0, 4 }, { 1, 1 }, { 1, 4 }, { 7, 1 }, { 7, 3 }, { 40, 8 }, { 64, 64 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = cases[i].n;
        trial t = { .drop = MOST, .enough = MOST + 1 };
        const jobs j = { n, cases[i].workers, &t, work, deliver };
        size_t delivered = jobs_run(&j);
        tap_ok(delivered == n && t.n_order == n && in_order(&t) && each_once(&t, n) && !t.clashes,
               "%zu items, %d workers: %zu delivered", n, cases[i].workers, delivered);
    }
    for (int workers = 1; workers <= 4; workers += 3) {
        trial t = { .drop = 3, .enough = MOST + 1 };
        const jobs j = { 10, workers, &t, work, deliver };
        tap_ok(jobs_run(&j) == 9 && t.n_order == 9 && in_order(&t) && each_once(&t, 10),
               "what was given up is not delivered, %d workers", workers);
    }
    /* Last: whoever wants no more asks for a stop, and that lasts. */
    trial t = { .drop = MOST, .enough = 5 };
    const jobs j = { 60, 2, &t, work, deliver };
    size_t delivered = jobs_run(&j), begun = 0;
    for (size_t i = 0; i < 60; i++) begun += t.worked[i] > 0;
    tap_ok(delivered == 4 && t.n_order == 5 && begun < 60, "nobody wants more after 5: %zu of 60 were begun", begun);
    tap_ok(interrupted() && !interrupted_by_user(), "a stop was asked for, not by the user");
    return tap_done();
}
