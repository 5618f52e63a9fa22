/* Films for the tests of media/: each frame carries its index as a pattern of blocks, so that a test can tell which
 * frame it was given whatever the codec did to it. Kinds that record.c does not make are made from those by
 * the ffmpeg program, where there is one. */
#ifndef BK_TESTS_FILMS_H
#define BK_TESTS_FILMS_H

#include <stdarg.h>
#include <stdint.h>

#include "base/file.h"
#include "media/record.h"
#include "media/video.h"
#include "scratch.h"
#include "tap.h"

enum { FILM_W = 96, FILM_H = 64, FILM_BLOCK = 16, FILM_BITS = 12 };

/* Runs a command in the folder, silently; whether it went well. */
__attribute__((format(printf, 2, 3), unused)) static bool film_run(scratch *s, const char *fmt, ...) {
    char line[2048], all[3072];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    snprintf(all, sizeof all, "cd '%s' && { %s ; } >/dev/null 2>&1 </dev/null", s->folder, line);
    return system(all) == 0;
}

__attribute__((unused)) static bool film_have_ffmpeg(scratch *s) {
    return film_run(s, "ffmpeg -version");
}

/* Frame `index`: its bits from the top left, 6 blocks a row, each row of bits followed by its opposite. */
__attribute__((unused)) static void film_stamp(uint8_t *rgb, int index) {
    for (int y = 0; y < FILM_H; y++)
        for (int x = 0; x < FILM_W; x++) {
            int row = y / FILM_BLOCK, bit = row / 2 * 6 + x / FILM_BLOCK;
            bool on = (index >> bit & 1) != (row & 1);
            uint8_t *p = rgb + 3 * (y * FILM_W + x);
            p[0] = on ? 220 : 30;
            p[1] = on ? 200 : 50;
            p[2] = on ? 180 : 20;
        }
}

static int film_green(const uint8_t *rgb, int w, int column, int row) {
    return rgb[3 * ((row * FILM_BLOCK + FILM_BLOCK / 2) * w + column * FILM_BLOCK + FILM_BLOCK / 2) + 1];
}

/* The index that a picture of at least 90 x 60 carries, -1 when it carries none. */
__attribute__((unused)) static int film_read(const uint8_t *rgb, int w) {
    int index = 0;
    for (int bit = 0; bit < FILM_BITS; bit++) {
        int a = film_green(rgb, w, bit % 6, bit / 6 * 2), b = film_green(rgb, w, bit % 6, bit / 6 * 2 + 1);
        if (abs(a - b) < 60) return -1;
        index |= (a > b) << bit;
    }
    return index;
}

/* A film of n frames; false when it could not be written. */
__attribute__((unused)) static bool film_make(scratch *s, const char *name, int n, const record_options *opt) {
    uint8_t rgb[FILM_W * FILM_H * 3];
    bk_error err = { 0 };
    record *r = NULL;
    record_options o = *opt;
    o.width = FILM_W;
    o.height = FILM_H;
    int code = record_open(&r, scratch_path(s, name), &o, &err);
    for (int i = 0; code == BK_OK && i < n; i++) {
        film_stamp(rgb, i);
        code = record_frame(r, rgb, &err);
    }
    if (code == BK_OK) code = record_finish(&r, &err);
    record_close(&r);
    if (code != BK_OK) printf("# %s\n", err.text);
    return code == BK_OK;
}

/* The bytes of a file in the folder, NULL when it cannot be read; freed by the caller. */
__attribute__((unused)) static uint8_t *film_bytes(scratch *s, const char *name, size_t *n) {
    char *bytes = NULL;
    return file_read(&bytes, n, scratch_path(s, name), (size_t)1 << 30, NULL) == BK_OK ? (uint8_t *)bytes : NULL;
}

__attribute__((unused)) static void film_write(scratch *s, const char *name, const uint8_t *bytes, size_t n) {
    if (file_save(scratch_path(s, name), bytes, n, NULL) != BK_OK) printf("# %s could not be written\n", name);
}

/* Opens a film of the folder; a failed check when that does not work. */
__attribute__((unused)) static video *film_open(scratch *s, const char *name, const video_options *opt) {
    bk_error err = { 0 };
    video *v = NULL;
    if (video_open(&v, scratch_path(s, name), opt, &err) != BK_OK) tap_ok(false, "opens: %s", err.text);
    return v;
}

#endif
