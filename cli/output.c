/* Files that are there whole or not at all: written under a temporary name in the same folder, synced, renamed. */
#define _GNU_SOURCE
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(char *error, const char *path, const char *what) {
    snprintf(error, OUTPUT_ERROR_MAX, "%.200s: %s: %s", path, what, strerror(errno));
    return false;
}

/* mkstemp() makes files that only the owner may read: what the user's mask allows is wanted. */
static mode_t usual_mode(void) {
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Opens a file of a random name beside o->path, and names it in o->temp. */
static int open_random(output *o) {
    const char *slash = strrchr(o->path, '/');
    int folder = slash ? (int)(slash + 1 - o->path) : 0;
    if (asprintf(&o->temp, "%.*s.%s.XXXXXX", folder, o->path, o->path + folder) < 0) {
        o->temp = NULL;
        return -1;
    }
    return mkstemp(o->temp);
}

static bool same_file(int fd, const char *path) {
    struct stat a, b;
    return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Opens, locks and empties PATH.partial. The run that held the lock may have renamed the file meanwhile: then again.
 */
static int open_partial(output *o) {
    if (asprintf(&o->temp, "%s" OUTPUT_PARTIAL, o->path) < 0) {
        o->temp = NULL;
        return -1;
    }
    for (;;) {
        int fd = open(o->temp, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0) return -1;
        bool busy = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK, same = same_file(fd, o->temp);
        if (!busy && same && ftruncate(fd, 0) == 0) return fd;
        int why = busy ? EBUSY : errno;
        close(fd);
        errno = why;
        if (busy || same) return -1;
    }
}

static bool open_temporary(output *o, const char *path, int (*open_beside)(output *)) {
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (there && !S_ISREG(st.st_mode)) {
        o->to = fopen(path, "w");
        return o->to != NULL;
    }
    o->path = there ? realpath(path, NULL) : strdup(path);
    if (!o->path) return false;
    int fd = open_beside(o);
    if (fd < 0) {
        free(o->temp); /* not ours to remove */
        o->temp = NULL;
        return false;
    }
    fchmod(fd, there ? st.st_mode & 07777 : usual_mode());
    o->to = fdopen(fd, "w");
    if (!o->to) close(fd);
    return o->to != NULL;
}

static bool open_by(output *o, const char *path, int (*open_beside)(output *), char *error) {
    *o = (output){ .to = stdout };
    if (!path) return true;
    o->to = NULL;
    if (open_temporary(o, path, open_beside)) return true;
    if (errno == EBUSY)
        snprintf(error, OUTPUT_ERROR_MAX, "%.200s: another run is writing it", path);
    else
        fail(error, path, "cannot be written");
    output_abandon(o);
    return false;
}

bool output_open(output *o, const char *path, char error[OUTPUT_ERROR_MAX]) {
    return open_by(o, path, open_random, error);
}

bool output_open_partial(output *o, const char *path, char error[OUTPUT_ERROR_MAX]) {
    return open_by(o, path, open_partial, error);
}

void output_keep_partial(output *o) {
    free(o->temp); /* output_abandon() has nothing to remove */
    o->temp = NULL;
    output_abandon(o);
}

bool output_commit(output *o, char error[OUTPUT_ERROR_MAX]) {
    const char *name = o->path ? o->path : o->to == stdout ? "standard output" : "the output";
    bool ok = !ferror(o->to) && fflush(o->to) == 0;
    if (ok && o->temp) ok = fsync(fileno(o->to)) == 0;
    if (!ok) fail(error, name, "could not be written");
    if (o->to != stdout && fclose(o->to) != 0 && ok) ok = fail(error, name, "could not be written");
    o->to = NULL;
    if (ok && o->temp && rename(o->temp, o->path) != 0) ok = fail(error, name, "could not be put in its place");
    if (ok) {
        free(o->temp); /* it is no more: output_abandon() has nothing to remove */
        o->temp = NULL;
    }
    output_abandon(o);
    return ok;
}

void output_abandon(output *o) {
    if (o->to && o->to != stdout) fclose(o->to);
    if (o->temp) unlink(o->temp);
    free(o->temp);
    free(o->path);
    *o = (output){ 0 };
}

bool output_save(const char *path, const char *data, size_t n, char error[OUTPUT_ERROR_MAX]) {
    output o;
    if (!output_open(&o, path, error)) return false;
    fwrite(data, 1, n, o.to);
    return output_commit(&o, error);
}

bool output_make_folder(const char *path, char error[OUTPUT_ERROR_MAX]) {
    char *part = strdup(path);
    struct stat st;
    bool ok = part != NULL;
    for (char *p = part; ok && *p; p++) {
        p += strspn(p, "/");
        p += strcspn(p, "/");
        char end = *p;
        *p = 0;
        ok = mkdir(part, 0777) == 0 || (errno == EEXIST && stat(part, &st) == 0 && S_ISDIR(st.st_mode));
        *p = end;
        if (!end) break;
    }
    if (!ok) fail(error, path, "the folder cannot be made");
    free(part);
    return ok;
}
