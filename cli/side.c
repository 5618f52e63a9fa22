/* Side files beside videos. Each one written is remembered in the cache, a small file a path, so that a later run may
 * replace it and yet leaves alone what a person or another program has written or changed. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

char *side_path(const char *video, const char *suffix) {
    const char *slash = strrchr(video, '/'), *name = slash ? slash + 1 : video, *dot = strrchr(name, '.');
    size_t n = dot && dot > name ? (size_t)(dot - video) : strlen(video);
    char *path;
    return asprintf(&path, "%.*s%s", (int)n, video, suffix) < 0 ? NULL : path;
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t hash(uint64_t h, const void *data, size_t n) {
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

static const uint64_t HASH_BEGIN = 0xcbf29ce484222325u;

/* Hash of a file's bytes. False: it cannot be read. */
static bool hash_file(uint64_t *out, const char *path) {
    char buf[4096];
    size_t n;
    FILE *f = fopen(path, "r");
    if (!f) return false;
    *out = HASH_BEGIN;
    while ((n = fread(buf, 1, sizeof buf, f)) > 0) *out = hash(*out, buf, n);
    bool ok = !ferror(f);
    fclose(f);
    return ok;
}

/* Where the hash of what was written to a path is kept; to be freed. The file at path must exist. */
static char *memory_path(const char *path, const char *cache) {
    char *real = realpath(path, NULL), *memory = NULL;
    if (real && asprintf(&memory, "%s/side/%016" PRIx64, cache, hash(HASH_BEGIN, real, strlen(real))) < 0)
        memory = NULL;
    free(real);
    return memory;
}

static bool is_ours(const char *path, const char *cache, uint64_t content) {
    char *memory = cache ? memory_path(path, cache) : NULL;
    FILE *f = memory ? fopen(memory, "r") : NULL;
    uint64_t written = 0;
    bool same = f && fscanf(f, "%16" SCNx64, &written) == 1 && written == content;
    if (f) fclose(f);
    free(memory);
    return same;
}

/* Best effort: what cannot be remembered is asked for with --force next time. */
static void remember(const char *path, const char *cache, uint64_t content) {
    char error[OUTPUT_ERROR_MAX], line[32], *folder = NULL, *memory = cache ? memory_path(path, cache) : NULL;
    if (!memory || asprintf(&folder, "%s/side", cache) < 0) folder = NULL;
    int n = snprintf(line, sizeof line, "%016" PRIx64 "\n", content);
    if (folder && output_make_folder(folder, error)) output_save(memory, line, (size_t)n, error);
    free(folder);
    free(memory);
}

bool side_write(const char *path, const char *data, size_t n, const char *cache, bool force,
                char error[OUTPUT_ERROR_MAX]) {
    uint64_t there, ours = hash(HASH_BEGIN, data, n);
    if (!force && access(path, F_OK) == 0) {
        bool readable = hash_file(&there, path);
        if (readable && there == ours) {
            remember(path, cache, ours);
            return true;
        }
        if (!readable || !is_ours(path, cache, there)) {
            snprintf(error, OUTPUT_ERROR_MAX,
                     "%.200s: it is there already and not as bookend wrote it; --force replaces it", path);
            return false;
        }
    }
    if (!output_save(path, data, n, error)) return false;
    remember(path, cache, ours);
    return true;
}
