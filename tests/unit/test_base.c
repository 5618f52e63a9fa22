/* base/: errors, checked sizes, random numbers, threads. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"
#include "base/sha256.h"
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

/* Values from the authors' page of test vectors. */
static void test_hash(void) {
    tap_ok(hash_bytes(HASH_BEGIN, "", 0) == 0xcbf29ce484222325u, "the hash of nothing");
    tap_ok(hash_bytes(HASH_BEGIN, "a", 1) == 0xaf63dc4c8601ec8cu, "of a letter");
    tap_ok(hash_bytes(HASH_BEGIN, "foobar", 6) == 0x85944171f73967e8u, "of a word");
    tap_ok(hash_bytes(hash_bytes(HASH_BEGIN, "foo", 3), "bar", 3) == 0x85944171f73967e8u, "of its halves");
    tap_ok(hash_words(HASH_BEGIN, "foobar", 6) == 0x85944171f73967e8u, "by words, where there is none whole");
    tap_ok(hash_words(HASH_BEGIN, "foobarfoo", 9) != hash_words(HASH_BEGIN, "foobarfop", 9) &&
               hash_words(HASH_BEGIN, "goobarfoo", 9) != hash_words(HASH_BEGIN, "foobarfoo", 9),
           "by words, each byte counts");
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

/* An item that begins a loop of its own; the other ones are done at once. */
typedef struct inner {
    pool *p;
    long sum;
    int at_work[4]; /* by worker */
    bool shared, helped;
} inner;

static void inner_item(void *arg, int item, int worker) {
    inner *in = arg;
    if (__atomic_fetch_add(&in->at_work[worker], 1, __ATOMIC_RELAXED) > 0) in->shared = true;
    __atomic_fetch_add(&in->sum, item, __ATOMIC_RELAXED);
    if (worker > 0) __atomic_store_n(&in->helped, true, __ATOMIC_RELAXED);
    for (int i = 0; i < 2000 && !__atomic_load_n(&in->helped, __ATOMIC_RELAXED); i++) nanosleep(&(struct timespec){ 0, 1000 }, NULL);
    __atomic_fetch_sub(&in->at_work[worker], 1, __ATOMIC_RELAXED);
}

static void outer_item(void *arg, int item, int worker) {
    inner *in = arg;
    (void)worker;
    if (item == 0) pool_run(in->p, inner_item, in, 100);
}

static void deeper(void *arg, int item, int worker) {
    (void)item, (void)worker;
    pool_run(((inner *)arg)->p, inner_item, arg, 7);
}

static void test_nested(void) {
    inner in = { 0 };
    if (pool_open(&in.p, 4, NULL) != BK_OK) exit(2);
    pool_run(in.p, outer_item, &in, 4);
    tap_ok(in.sum == 4950 && !in.shared, "a loop inside a loop: each item once, each worker one at a time");
    tap_ok(in.helped, "threads that have nothing to do help with it");
    in.sum = 0;
    for (int round = 0; round < 200; round++) pool_run(in.p, deeper, &in, 9);
    tap_ok(in.sum == 200 * 9 * 21 && !in.shared, "loops begun from all threads at once");
    tap_ok(pool_idle(in.p) <= 3 && pool_idle(NULL) == 0, "the caller is not idle");
    pool_close(&in.p);
}

/* Three threads: the first waits for the third, which helps it, and the second begins a loop meanwhile. */
typedef struct two_loops {
    pool *p;
    int helped, released; /* steps that were reached */
    int by[2];            /* who did the second loop's items */
} two_loops;

static void wait_for(const int *step, int ms) {
    for (int i = 0; i < ms && !__atomic_load_n(step, __ATOMIC_ACQUIRE); i++) nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
}

static void reached(int *step) { __atomic_store_n(step, 1, __ATOMIC_RELEASE); }

static void long_item(void *arg, int item, int worker) {
    two_loops *t = arg;
    (void)worker;
    if (item == 0) {
        wait_for(&t->helped, 5000);
        return;
    }
    reached(&t->helped);
    wait_for(&t->released, 5000);
}

static void short_item(void *arg, int item, int worker) {
    two_loops *t = arg;
    t->by[item] = worker;
    if (item == 0) wait_for(&t->released, 30); /* time enough for others to take the next one */
}

static void one_of_two(void *arg, int item, int worker) {
    two_loops *t = arg;
    (void)worker;
    if (item == 0) {
        pool_run(t->p, long_item, t, 2);
    } else {
        wait_for(&t->helped, 5000);
        pool_run(t->p, short_item, t, 2);
        reached(&t->released);
    }
}

static void test_waiting(void) {
    two_loops t = { 0 };
    if (pool_open(&t.p, 3, NULL) != BK_OK) exit(2);
    pool_run(t.p, one_of_two, &t, 2);
    tap_ok(t.helped && t.released && t.by[0] == t.by[1], "who waits for a loop takes no items of another's: %d, %d", t.by[0], t.by[1]);
    pool_close(&t.p);
}

/* The examples of FIPS 180-4 and of NIST's SHAVS, each at once and byte by byte. */
static void test_sha256(void) {
    static char million[1000000];
    memset(million, 'a', sizeof million);
    const struct {
        const char *text, *hex;
        size_t n;
    } cases[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0 },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3 },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 56 },
        { million, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34", 63 },
        { million, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb", 64 },
        { million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", 1000000 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char sum[2][SHA256_BYTES];
        char hex[2 * SHA256_BYTES + 1];
        sha256 whole = sha256_start(), bytes = sha256_start();
        sha256_add(&whole, cases[i].text, cases[i].n);
        for (size_t k = 0; k < cases[i].n; k++) sha256_add(&bytes, cases[i].text + k, 1);
        sha256_end(&whole, sum[0]);
        sha256_end(&bytes, sum[1]);
        for (int k = 0; k < SHA256_BYTES; k++) snprintf(hex + 2 * k, 3, "%02x", sum[0][k]);
        tap_ok(strcmp(hex, cases[i].hex) == 0 && !memcmp(sum[0], sum[1], sizeof *sum), "SHA-256 of %zu bytes %s", cases[i].n, hex);
    }
}

int main(void) {
    test_errors();
    test_hash();
    test_sizes();
    test_rng();
    test_pool();
    test_nested();
    test_waiting();
    test_sha256();
    return tap_done();
}
