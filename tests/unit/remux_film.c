/* Writes given chapters into a film, for tests: joined with its own, by stream copy.
 * usage: remux_film FILM [BEGIN NAME]...   (seconds; a name that ends in ! is to be skipped; "" joins nothing) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/remux.h"

static int run(const char *path, int argc, char **argv, bk_error *err) {
    const video_options small = { .threads = 1 };
    chapter_list own = { 0 }, found = { 0 }, joined = { 0 };
    video *v = NULL;
    int code = video_open(&v, path, &small, err);
    if (code == BK_OK) code = remux_can(v, path, err);
    if (code == BK_OK) code = chapters_read(&own, v, err);
    for (int i = 0; code == BK_OK && i + 1 < argc; i += 2) {
        size_t n = strlen(argv[i + 1]);
        chapter c = { .begin_us = (int64_t)(atof(argv[i]) * 1e6), .source = -1, .name = argv[i + 1] };
        c.end_us = i + 2 < argc ? (int64_t)(atof(argv[i + 2]) * 1e6) : video_describe(v)->duration_us;
        if (n && argv[i + 1][n - 1] == '!') {
            argv[i + 1][n - 1] = 0;
            c.skip = true;
        }
        code = chapters_add(&found, c, err);
    }
    if (code == BK_OK) code = chapters_join(&joined, &own, &found, err);
    const int64_t origin = v ? video_origin_us(v) : 0;
    video_close(&v);
    if (code == BK_OK && chapters_changed(&joined, &own)) code = remux_chapters(path, &joined, origin, NULL, err);
    chapters_close(&own);
    chapters_close(&found);
    chapters_close(&joined);
    return code;
}

int main(int argc, char **argv) {
    bk_error err = { 0 };
    if (argc < 2) return 2;
    if (run(argv[1], argc - 2, argv + 2, &err) == BK_OK) return 0;
    fprintf(stderr, "%s\n", err.text);
    return 1;
}
