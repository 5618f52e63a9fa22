/* base/: errors, checked sizes, random numbers, threads. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"
#include "tap.h"

static void test_errors(void) {
    bk_error err = { 0 };
    tap_ok(bk_fail(&err, BK_EIO, "%s: line\nbreak", "x") == BK_EIO && err.code == BK_EIO, "bk_fail returns its code");
    tap_ok(strcmp(err.text, "x: line break") == 0, "one line: %s", err.text);
    tap_ok(bk_fail(NULL, BK_EINVAL, "nobody listens") == BK_EINVAL, "a NULL error is allowed");
    char big[600];
    memset(big, 'a', sizeof big - 1);
    big[sizeof big - 1] = 0;
    bk_fail(&err, BK_EIO, "%s", big);
    tap_ok(strlen(err.text) == sizeof err.text - 1, "a long sentence is cut");
}

static void test_sizes(void) {
    size_t x = 7;
    tap_ok(!bk_size_mul(&x, SIZE_MAX / 2, 3) && x == 7, "overflow is told");
    tap_ok(bk_size_mul(&x, 6, 7) && x == 42, "products");
    tap_ok(bk_zeros(SIZE_MAX / 8, 16) == NULL, "an overflowing allocation fails");
    int *p = NULL;
    size_t cap = 0;
    tap_ok(bk_grow(&p, &cap, 100, sizeof *p) && cap >= 100, "an array grows");
    tap_ok(!bk_grow(&p, &cap, SIZE_MAX / 2, sizeof *p) && cap >= 100, "or says that it cannot");
    free(p);
}

static void test_rng(void) {
    rng a = rng_make(42, 0), b = rng_make(42, 0), c = rng_make(42, 1);
    tap_ok(rng_u64(&a) == rng_u64(&b), "same seed, same stream");
    tap_ok(rng_u64(&a) != rng_u64(&c), "another stream");
    double sum = 0, square = 0;
    for (int i = 0; i < 100000; i++) {
        double x = (double)rng_normal(&a);
        sum += x;
        square += x * x;
    }
    tap_near(sum / 1e5, 0, 0.02, "mean of a normal");
    tap_near(square / 1e5, 1, 0.03, "variance of a normal");
}

static void add(void *arg, int item, int worker) { __atomic_fetch_add((long *)arg + (worker * 0), item, __ATOMIC_RELAXED); }

static void test_pool(void) {
    pool *p = NULL;
    tap_ok(pool_open(&p, 4, NULL) == BK_OK && pool_size(p) == 4, "a pool of four");
    bool right = true;
    for (int round = 0; round < 200; round++) {
        long sum = 0;
        pool_run(p, add, &sum, 100);
        right = right && sum == 4950;
    }
    tap_ok(right, "each item runs once");
    pool_close(&p);
    pool_close(&p);
    long sum = 0;
    pool_run(NULL, add, &sum, 10);
    tap_ok(p == NULL && sum == 45, "no pool is a plain loop");
}

int main(void) {
    test_errors();
    test_sizes();
    test_rng();
    test_pool();
    return tap_done();
}
