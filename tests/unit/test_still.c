/* media/still.c: picture files that Pillow wrote (tools/pillow_reference.py), against what Pillow reads from them:
 * the same bytes where the format loses nothing, nearly the same elsewhere. And files that are no pictures. */
#include <string.h>

#include "base/file.h"
#include "base/rng.h"
#include "media/still.h"
#include "scratch.h"
#include "tap.h"

static const struct {
    const char *name;
    double mean; /* of the absolute differences, at most */
} pictures[] = {
    { "420.jpg", 1.0 },         { "444.jpg", 0.5 },   { "422.jpg", 1.0 },   { "odd.jpg", 1.5 },
    { "progressive.jpg", 1.0 }, { "gray.jpg", 0.5 },  { "rgb.png", 0 },     { "odd.png", 0 },
    { "gray.png", 0 },          { "alpha.png", 0 },   { "palette.png", 0 }, { "lossless.webp", 0 },
    { "lossy.webp", 1.0 },      { "palette.gif", 0 }, { "rgb.bmp", 0 },     { "rgb.tiff", 0 },
};

static double mean_difference(const still *s, const uint8_t *due) {
    const size_t n = 3 * (size_t)s->width * (size_t)s->height;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += abs(s->rgb[i] - due[i]);
    return sum / (double)n;
}

static void test_pictures(void) {
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        char path[128], due_path[140], *due = NULL;
        size_t n = 0;
        bk_error err = { 0 };
        still s = { 0 };
        snprintf(path, sizeof path, "tests/golden/still/%s", pictures[i].name);
        snprintf(due_path, sizeof due_path, "%s.rgb", path);
        if (!tap_ok(file_read(&due, &n, due_path, 1 << 24, &err) == BK_OK && still_load(&s, path, &err) == BK_OK,
                    "%s %s", path, err.text)) {
            free(due);
            continue;
        }
        const uint8_t *d = (const uint8_t *)due;
        bool size = s.width == (d[0] | d[1] << 8) && s.height == (d[2] | d[3] << 8) &&
                    n == 4 + 3 * (size_t)s.width * (size_t)s.height;
        double mean = size ? mean_difference(&s, d + 4) : 255;
        tap_ok(mean <= pictures[i].mean, "%s: %d x %d, %.3f from Pillow's", pictures[i].name, s.width, s.height,
               mean);
        still_free(&s);
        free(due);
    }
}

static void refused(const uint8_t *bytes, size_t n, const char *what, int code) {
    bk_error err = { 0 };
    still s = { 0 };
    int got = still_decode(&s, bytes, n, what, &err);
    tap_ok(got == code && !s.rgb && !strncmp(err.text, what, strlen(what)), "%s", err.text);
    still_free(&s);
}

static void test_refused(void) {
    uint8_t noise[400];
    char *png = NULL;
    size_t n = 0;
    rng r = rng_make(1, 0);
    bk_error err = { 0 };
    still s = { 0 };
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)rng_u64(&r);
    refused(noise, sizeof noise, "noise.jpg", BK_EFORMAT);
    refused(noise, 0, "empty.jpg", BK_EFORMAT);
    memcpy(noise, "\xff\xd8\xff\xe0", 4);
    refused(noise, sizeof noise, "start.jpg", BK_EFORMAT);
    memcpy(noise, "\x89PNG\r\n\x1a\n", 8);
    refused(noise, sizeof noise, "start.png", BK_EFORMAT);
    refused(noise, 8, "stub.png", BK_EFORMAT);
    tap_ok(still_load(&s, "tests/golden/still/missing.jpg", &err) == BK_EIO, "%s", err.text);
    if (file_read(&png, &n, "tests/golden/still/rgb.png", 1 << 20, NULL) != BK_OK) return;
    memcpy(png + 16, "\0\0\xff\xff\0\0\xff\xff", 8); /* 65535 x 65535, in so few bytes */
    bool held = still_decode(&s, (const uint8_t *)png, n, "huge.png", &err) != BK_OK && !s.rgb;
    tap_ok(held, "%s", err.text);
    still_free(&s);
    free(png);
}

/* Half a file, and files with wrong bytes, give a picture or a sentence: nothing else. */
static void test_damaged(void) {
    int whole = 0, told = 0;
    rng r = rng_make(2, 0);
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        char path[128], *bytes = NULL;
        size_t n = 0;
        snprintf(path, sizeof path, "tests/golden/still/%s", pictures[i].name);
        if (file_read(&bytes, &n, path, 1 << 24, NULL) != BK_OK) continue;
        for (int k = 0; k < 20; k++) {
            bk_error err = { 0 };
            still s = { 0 };
            bytes[rng_below(&r, (uint32_t)n)] = (char)rng_u64(&r);
            int code = still_decode(&s, (const uint8_t *)bytes, k == 19 ? n / 2 : n, "damaged", &err);
            whole += code == BK_OK && s.rgb && s.width > 0;
            told += code != BK_OK && !s.rgb && err.text[0];
            still_free(&s);
        }
        free(bytes);
    }
    tap_ok(whole + told == 20 * (int)(sizeof pictures / sizeof *pictures), "damaged: %d pictures, %d sentences",
           whole, told);
}

/* A gradient with noise on it, out and in again; and into few bytes. */
static void test_jpeg(void) {
    enum { W = 75, H = 41 };
    uint8_t rgb[W * H * 3], *bytes = NULL, *few = NULL;
    size_t n = 0, n_few = 0;
    rng r = rng_make(3, 0);
    bk_error err = { 0 };
    still s = { 0 };
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int k = 0; k < 3; k++) 
                rgb[3 * (y * W + x) + k] = (uint8_t)(60 + x * (k + 1) / 2 + y + (int)(rng_u64(&r) % 8));
    bool ok = still_jpeg(&bytes, &n, rgb, W, H, SIZE_MAX, "x", &err) == BK_OK &&
              still_decode(&s, bytes, n, "x.jpg", &err) == BK_OK && s.width == W && s.height == H;
    tap_ok(ok && mean_difference(&s, rgb) < 4, "a JPEG of %zu bytes, %.2f from what went in %s", n,
           ok ? mean_difference(&s, rgb) : 255, err.text);
    ok = still_jpeg(&few, &n_few, rgb, W, H, n / 2, "x", &err) == BK_OK && n_few < n;
    tap_ok(ok, "in fewer bytes: %zu", n_few);
    free(bytes);
    bytes = NULL;
    tap_ok(still_jpeg(&bytes, &n, rgb, 0, H, 100, "x", &err) == BK_EINVAL && !bytes, "%s", err.text);
    still_free(&s);
    free(few);
}

int main(void) {
    test_jpeg();
    test_pictures();
    test_refused();
    test_damaged();
    return tap_done();
}
