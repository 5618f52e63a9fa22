/* picture/resize.c: bit for bit what Pillow gives. The pictures are made by a formula, here and in
 * tools/pillow_reference.py, which wrote tests/golden/resize*. */
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "picture/resize.h"
#include "tap.h"

static uint8_t pixel(uint32_t x, uint32_t y, uint32_t c) {
    const uint32_t patch = x / 5 + y / 3;
    if ((patch & 3) == 0) return (patch >> 2 & 1) ? 255 : 0;
    uint32_t n =
        (uint32_t)(x * UINT64_C(73856093)) ^ (uint32_t)(y * UINT64_C(19349663)) ^ (uint32_t)(c * UINT64_C(83492791));
    n *= 2654435761U;
    n ^= n >> 15;
    return (uint8_t)n;
}

static uint8_t *make_picture(int w, int h) {
    uint8_t *p = malloc((size_t)w * (size_t)h * 3);
    for (int y = 0, i = 0; p && y < h; y++)
        for (int x = 0; x < w; x++)
            for (int c = 0; c < 3; c++) p[i++] = pixel((uint32_t)x, (uint32_t)y, (uint32_t)c);
    return p;
}

static uint64_t fnv(const uint8_t *p, size_t n) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    return h;
}

/* A small case's bytes, where they are stored: the first that differs is told. */
static void compare_bytes(const int size[4], const uint8_t *got, size_t n) {
    char path[128], *bytes = NULL;
    size_t stored = 0, at = 0;
    snprintf(path, sizeof path, "tests/golden/resize_%dx%d_%dx%d.bin", size[0], size[1], size[2], size[3]);
    if (file_read(&bytes, &stored, path, 1 << 20, NULL) != BK_OK) return;
    while (at < n && at < stored && (uint8_t)bytes[at] == got[at]) at++;
    tap_ok(at == n && at == stored, "%s: the first %zu of %zu bytes are the same", path, at, stored);
    free(bytes);
}

static void test_case(const int size[4], uint64_t hash) {
    bk_error err = { 0 };
    resizer *r = NULL;
    const size_t n = (size_t)size[2] * (size_t)size[3] * 3;
    uint8_t *from = make_picture(size[0], size[1]), *to = malloc(n);
    if (!from || !to || resizer_open(&r, size[0], size[1], size[2], size[3], &err) != BK_OK) {
        tap_ok(false, "a resizer opens: %s", err.text);
    } else {
        resizer_run(r, to, from);
        tap_ok(fnv(to, n) == hash, "%d x %d to %d x %d as Pillow: %016" PRIx64, size[0], size[1], size[2], size[3],
               fnv(to, n));
        compare_bytes(size, to, n);
        memset(to, 0, n);
        resizer_run(r, to, from);
        tap_ok(fnv(to, n) == hash, "and again");
    }
    resizer_close(&r);
    free(from);
    free(to);
}

static void test_golden(void) {
    int size[4];
    uint64_t hash;
    FILE *f = fopen("tests/golden/resize.txt", "r");
    tap_ok(f != NULL, "tests/golden/resize.txt opens");
    while (f && fscanf(f, "%d %d %d %d %" SCNx64, &size[0], &size[1], &size[2], &size[3], &hash) == 5)
        test_case(size, hash);
    if (f) fclose(f);
}

static void test_refused(void) {
    static const int sizes[][4] = { { 0, 1, 1, 1 }, { 1, 1, 1, -3 }, { 40000, 1, 1, 1 }, { 1, 1, 1, 1 << 30 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bk_error err = { 0 };
        resizer *r = NULL;
        const int *s = sizes[i], code = resizer_open(&r, s[0], s[1], s[2], s[3], &err);
        tap_ok(code == BK_EINVAL && !r, "%s", err.text);
    }
    resizer *none = NULL;
    resizer_close(&none);
    resizer_close(NULL);
}

static void test_normalise(void) {
    static const uint8_t from[2 * 3] = { 0, 128, 255, 10, 20, 30 };
    const float mean[3] = { 0.5F, 0.25F, 0.125F }, deviation[3] = { 0.5F, 0.25F, 2.0F };
    float to[6];
    picture_normalise(to, from, 2, 1, mean, deviation);
    for (int i = 0; i < 6; i++) {
        int c = i / 2, x = i % 2;
        tap_near((double)to[i], ((double)from[3 * x + c] / 255 - (double)mean[c]) / (double)deviation[c], 1e-6,
                 "normalised");
    }
}

int main(void) {
    test_golden();
    test_refused();
    test_normalise();
    return tap_done();
}
