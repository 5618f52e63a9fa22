/* What the tests of learn/ share: a folder of their own, made-up tracks and labels in it. */
#ifndef BK_TESTS_LEARN_CHECK_H
#define BK_TESTS_LEARN_CHECK_H

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "find/track.h"
#include "tap.h"

static char folder[200];

__attribute__((unused)) static void make_folder(void) {
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/bookend-test-XXXXXX", base ? base : "/tmp");
    if (mkdtemp(folder)) return;
    printf("Bail out! %s cannot be made\n", folder);
    exit(2);
}

/* A folder and all that is in it. */
__attribute__((unused)) static void remove_tree(const char *path) {
    file_list l = { 0 };
    char inner[600];
    file_list_open(&l, path, NULL, NULL);
    for (size_t i = 0; i < l.n; i++) {
        snprintf(inner, sizeof inner, "%s/%s", path, l.entries[i].name);
        if (l.entries[i].is_folder)
            remove_tree(inner);
        else
            unlink(inner);
    }
    file_list_close(&l);
    rmdir(path);
}

/* A path in the folder; good for eight more calls. */
__attribute__((unused, format(printf, 1, 2))) static const char *in_folder(const char *fmt, ...) {
    static char paths[8][400];
    static int next;
    char *p = paths[next++ % 8];
    va_list ap;
    int n = snprintf(p, sizeof paths[0], "%s/", folder);
    va_start(ap, fmt);
    vsnprintf(p + n, sizeof paths[0] - (size_t)n, fmt, ap);
    va_end(ap);
    return p;
}

__attribute__((unused)) static void write_file(const char *path, const char *s) {
    bk_error err = { 0 };
    if (file_save(path, s, strlen(s), &err) == BK_OK) return;
    printf("Bail out! %s\n", err.text);
    exit(2);
}

/* A track of len seconds in the folder: noise, and in seconds outside [start, end) also a direction that stands for
 * lettering. */
__attribute__((unused)) static void write_track(const char *name, int len, int dim, int start, int end,
                                                uint64_t seed) {
    bk_track *t = NULL;
    rng r = rng_make(seed, 0);
    bool ok = track_open(&t, len, dim, NULL) == BK_OK;
    for (int s = 0; ok && s < len; s++) {
        for (int k = 0; k < dim; k++)
            t->embeddings[s * dim + k] =
                3.0f + rng_normal(&r) + (s < start || s >= end ? (k % 2 ? 1.0f : -1.0f) : 0.0f);
        t->state[s] = SAMPLE_SEEN;
    }
    ok = ok && bk_track_save(t, in_folder("%s_windows.npz", name), NULL) == BK_OK;
    bk_track_close(&t);
    if (ok) return;
    printf("Bail out! the track %s cannot be written\n", name);
    exit(2);
}

#endif
