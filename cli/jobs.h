/* Several inputs side by side, their answers in the order of the inputs. */
#ifndef BOOKEND_CLI_JOBS_H
#define BOOKEND_CLI_JOBS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct jobs {
    size_t n;    /* items */
    int workers; /* threads at most; 1: everything happens on the calling thread */
    void *arg;
    /* Works on an item, from several threads at once; worker is from 0 and distinct among calls that run at the same
     * time. True: there is an answer (or a failure to tell of); false: it was stopped half-way. */
    bool (*work)(void *arg, size_t item, int worker);
    /* Hands an answer on: called on the calling thread, in order of the items. False: the rest is not wanted. */
    bool (*deliver)(void *arg, size_t item);
} jobs;

/* After Ctrl-C no item is begun, and all answers that are finished are still delivered. Returns the number of items
 * delivered. */
size_t jobs_run(const jobs *j);

#endif
