/* A few threads that wait for work: parallel loops over pictures, windows and files. */
#ifndef BK_BASE_POOL_H
#define BK_BASE_POOL_H

#include "bookend/bookend.h"

typedef struct pool pool;

/* Threads this process may use: its CPU affinity, at least 1. */
int pool_cores(void);

/* n threads in all, the caller's included (n <= 0: pool_cores()). BK_ENOMEM, BK_EIO. */
int pool_open(pool **out, int n, bk_error *err);
void pool_close(pool **p);
/* Threads in all; 1 for NULL. */
int pool_size(const pool *p);

/* Threads that have nothing to do just now. */
int pool_idle(pool *p);

/* Calls fn(arg, item, worker) once for every item in [0, n), from several threads at once, and returns
 * when all are done. worker is in [0, pool_size) and distinct among calls that run at the same time, so
 * it can index scratch memory. Item 0 is done by the caller's own thread. NULL pool, or n of 1: a plain loop. From
 * inside fn it may be called again: threads that have nothing to do help, and worker stays each thread's own. From
 * outside, one thread at a time. */
void pool_run(pool *p, void (*fn)(void *arg, int item, int worker), void *arg, int n);

#endif
