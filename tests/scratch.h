/* A temporary folder for a test, removed with what is in it. */
#ifndef BK_TESTS_SCRATCH_H
#define BK_TESTS_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct scratch {
    char folder[512];
    char path[1024]; /* of the last scratch_path() */
} scratch;

/* Ends the program when no folder can be made: there is nothing to test then. */
__attribute__((unused)) static void scratch_open(scratch *s) {
    const char *tmp = getenv("TMPDIR");
    snprintf(s->folder, sizeof s->folder, "%s/bookend-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (mkdtemp(s->folder)) return;
    printf("Bail out! no temporary folder %s\n", s->folder);
    exit(1);
}

/* The path of a file in the folder; valid until the next call. */
__attribute__((unused)) static const char *scratch_path(scratch *s, const char *name) {
    snprintf(s->path, sizeof s->path, "%s/%s", s->folder, name);
    return s->path;
}

__attribute__((unused)) static void scratch_remove(const char *path) {
    struct stat st;
    if (lstat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
        unlink(path);
        return;
    }
    DIR *d = opendir(path);
    for (const struct dirent *e; d && (e = readdir(d)) != NULL;) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        char below[2048];
        snprintf(below, sizeof below, "%s/%s", path, e->d_name);
        scratch_remove(below);
    }
    if (d) closedir(d);
    rmdir(path);
}

__attribute__((unused)) static void scratch_close(scratch *s) {
    scratch_remove(s->folder);
}

#endif
