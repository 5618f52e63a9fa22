/* Whole files, mapped files, files replaced in one step, folders. POSIX. */
#define _GNU_SOURCE
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"

/* "PATH: cannot DO: what errno says" */
static int fail_io(bk_error *err, const char *path, const char *act) {
    return bk_fail(err, BK_EIO, "%s: cannot %s: %m", path, act);
}

/* ---- reading --------------------------------------------------------------------------------------- */

/* Reads fd to its end into *buf, growing it; leaves room for a terminator. */
static int read_all(int fd, char **buf, size_t *n, const char *path, size_t limit, bk_error *err) {
    size_t cap = 0;
    struct stat st;
    /* a regular file is read into one allocation of its size; the size may lie (/proc), so it is a hint */
    size_t want =
        fstat(fd, &st) == 0 && st.st_size > 0 && (uint64_t)st.st_size <= limit ? (size_t)st.st_size + 2 : 4096;
    if (!bk_grow(buf, &cap, want, 1)) return bk_fail_memory(err, path);
    for (;;) {
        if (*n + 1 >= cap && !bk_grow(buf, &cap, cap + 1, 1)) return bk_fail_memory(err, path);
        ssize_t got = read(fd, *buf + *n, cap - *n - 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_io(err, path, "read");
        if (got == 0) return BK_OK;
        *n += (size_t)got;
        if (*n > limit) return bk_fail(err, BK_EFORMAT, "%s: larger than the %zu bytes allowed here", path, limit);
    }
}

int file_read(char **out, size_t *size, const char *path, size_t limit, bk_error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail_io(err, path, "open");
    char *buf = NULL;
    size_t n = 0;
    int rc = read_all(fd, &buf, &n, path, limit, err);
    close(fd);
    if (rc != BK_OK) {
        free(buf);
        return rc;
    }
    buf[n] = 0;
    *out = buf;
    *size = n;
    return BK_OK;
}

static int map_fd(file_view *out, int fd, const char *path, bk_error *err) {
    struct stat st;
    if (fstat(fd, &st) != 0) return fail_io(err, path, "stat");
    if (!S_ISREG(st.st_mode)) return bk_fail(err, BK_EIO, "%s: not a regular file", path);
    file_view v = { (const unsigned char *)"", (size_t)st.st_size };
    if (v.size) {
        void *p = mmap(NULL, v.size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED) return fail_io(err, path, "map");
        v.data = p;
    }
    *out = v;
    return BK_OK;
}

int file_map(file_view *out, const char *path, bk_error *err) {
    /* O_NONBLOCK: opening a pipe would wait for its other end before we can refuse it */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return fail_io(err, path, "open");
    int rc = map_fd(out, fd, path, err);
    close(fd);
    return rc;
}

void file_unmap(file_view *v) {
    if (!v) return;
    if (v->size) munmap((void *)v->data, v->size);
    *v = (file_view){ 0 };
}

void file_forget(const file_view *v) {
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = (uintptr_t)v->data;
    const uintptr_t from = (first + page - 1) / page * page, to = (first + v->size) / page * page;
    if (from < to) madvise((void *)from, to - from, MADV_DONTNEED);
}

/* ---- writing --------------------------------------------------------------------------------------- */

/* Opens a new file beside o->path. Its name is short and its own, since path's may have the longest length
 * that the file system allows; mkstemp() would make it private whatever the umask says. */
static int open_temp(file_out *o, bk_error *err) {
    size_t folder = (size_t)(path_name(o->path) - o->path), cap = folder + 64;
    o->temp = malloc(cap);
    if (!o->temp) return bk_fail_memory(err, o->path);
    int fd = -1;
    for (int i = 0; fd < 0 && i < 10000; i++) {
        snprintf(o->temp, cap, "%.*s.bookend-%ld-%d.tmp", (int)folder, o->path, (long)getpid(), i);
        fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST) break;
    }
    if (fd < 0) {
        int rc = fail_io(err, o->path, "write");
        free(o->temp);
        o->temp = NULL; /* not ours to remove */
        return rc;
    }
    struct stat st;
    if (stat(o->path, &st) == 0 && fchmod(fd, st.st_mode & 07777) != 0) errno = 0; /* a courtesy only */
    o->to = fdopen(fd, "wb");
    if (o->to) return BK_OK;
    close(fd);
    return fail_io(err, o->path, "write");
}

int file_out_open(file_out *out, const char *path, bk_error *err) {
    file_out o = { 0 };
    struct stat st;
    bool exists = stat(path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode)) return bk_fail(err, BK_EIO, "%s: cannot write: is a folder", path);
    o.path = exists ? realpath(path, NULL) : strdup(path);
    if (!o.path) return exists ? fail_io(err, path, "write") : bk_fail_memory(err, path);
    int rc = BK_OK;
    if (!exists || S_ISREG(st.st_mode))
        rc = open_temp(&o, err);
    else if (!(o.to = fopen(path, "wbe")))
        rc = fail_io(err, path, "write");
    if (rc != BK_OK) {
        file_abandon(&o);
        return rc;
    }
    *out = o;
    return BK_OK;
}

/* The rename is on disk only when its folder is; a file system that cannot sync folders is no error. */
void file_sync_folder(const char *path) {
    size_t n = (size_t)(path_name(path) - path);
    char *folder = n ? strndup(path, n) : strdup(".");
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

/* A write failed some time ago and its errno is gone. One more write, to a file that is given up anyway,
 * mostly fails for the same cause: a full disk should be called so. */
static void find_cause(FILE *to) {
    static const char probe[4096];
    errno = 0;
    if (write(fileno(to), probe, sizeof probe) >= 0 || errno == 0) errno = EIO;
}

/* Everything written so far reaches the disk; false and errno when it does not. */
static bool finish(FILE *to, bool sync) {
    if (ferror(to)) {
        find_cause(to);
        return false;
    }
    return fflush(to) == 0 && (!sync || fsync(fileno(to)) == 0);
}

int file_commit(file_out *o, bk_error *err) {
    int rc = BK_OK;
    if (!finish(o->to, o->temp != NULL)) rc = fail_io(err, o->path, "write");
    if (fclose(o->to) != 0 && rc == BK_OK) rc = fail_io(err, o->path, "write");
    o->to = NULL;
    if (rc == BK_OK && o->temp) {
        if (rename(o->temp, o->path) != 0)
            rc = fail_io(err, o->path, "replace");
        else {
            file_sync_folder(o->path);
            free(o->temp);
            o->temp = NULL;
        }
    }
    file_abandon(o);
    return rc;
}

void file_abandon(file_out *o) {
    if (!o) return;
    if (o->to) fclose(o->to);
    if (o->temp) unlink(o->temp);
    free(o->temp);
    free(o->path);
    *o = (file_out){ 0 };
}

int file_save(const char *path, const void *data, size_t n, bk_error *err) {
    file_out o = { 0 };
    int rc = file_out_open(&o, path, err);
    if (rc != BK_OK) return rc;
    if (n && fwrite(data, 1, n, o.to) != n) {
        rc = fail_io(err, path, "write");
        file_abandon(&o);
        return rc;
    }
    return file_commit(&o, err);
}

/* ---- the file system ------------------------------------------------------------------------------- */

int file_identify(file_id *out, const char *path, bk_error *err) {
    struct stat st;
    if (stat(path, &st) != 0) return fail_io(err, path, "stat");
    *out = (file_id){ st.st_size, (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec };
    return BK_OK;
}

/* Hashes up to n bytes at `at`; fewer where the file ends. */
static bool sample_at(uint64_t *h, int fd, off_t at, size_t n) {
    unsigned char buf[1 << 14];
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(fd, buf, n - done < sizeof buf ? n - done : sizeof buf, at + (off_t)done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        if (got == 0) break;
        *h = hash_bytes(*h, buf, (size_t)got);
        done += (size_t)got;
    }
    return true;
}

int file_sample(uint64_t *out, const char *path, bk_error *err) {
    enum { PIECE = 1 << 14 };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return fail_io(err, path, "open");
    struct stat st;
    uint64_t h = HASH_BEGIN;
    int rc = BK_OK;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        rc = bk_fail(err, BK_EIO, "%s: not a regular file", path);
        goto done;
    }
    const off_t end = st.st_size > PIECE ? st.st_size - PIECE : 0;
    h = hash_bytes(h, &st.st_size, sizeof st.st_size);
    if (!sample_at(&h, fd, 0, PIECE) || !sample_at(&h, fd, end / 2, PIECE) || !sample_at(&h, fd, end, PIECE))
        rc = fail_io(err, path, "read");
    if (rc == BK_OK) *out = h;
done:
    close(fd);
    return rc;
}

bool file_is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int file_make_folders(const char *path, bk_error *err) {
    char *p = strdup(path);
    if (!p) return bk_fail_memory(err, path);
    int rc = BK_OK;
    for (char *at = p; rc == BK_OK && *at;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char kept = *at;
        *at = 0;
        if (*p && mkdir(p, 0777) != 0 && !file_is_folder(p)) rc = fail_io(err, p, "make the folder");
        *at = kept;
    }
    free(p);
    return rc;
}

int file_cache_path(text *out, const char *name, bk_error *err) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/')
        text_add(out, cache);
    else if (home && home[0] == '/')
        path_add_join(out, home, ".cache");
    else
        return bk_fail(err, BK_EIO, "no place for a cache: neither XDG_CACHE_HOME nor HOME is an absolute path");
    text_addf(out, "/bookend/%s", name);
    return text_ok(out) ? BK_OK : bk_fail_memory(err, "a path");
}

static bool wanted(const char *name, const char *const *endings) {
    if (!strcmp(name, ".") || !strcmp(name, "..")) return false;
    if (!endings) return true;
    for (; *endings; endings++)
        if (path_ends(name, *endings)) return true;
    return false;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const file_entry *)a)->name, ((const file_entry *)b)->name);
}

static bool add_entry(file_list *l, DIR *d, const char *name) {
    struct stat st;
    if (!bk_grow(&l->entries, &l->cap, l->n + 1, sizeof *l->entries)) return false;
    file_entry *e = &l->entries[l->n];
    e->is_folder = fstatat(dirfd(d), name, &st, 0) == 0 && S_ISDIR(st.st_mode);
    e->name = strdup(name);
    if (!e->name) return false;
    l->n++;
    return true;
}

int file_list_open(file_list *out, const char *folder, const char *const *endings, bk_error *err) {
    DIR *d = opendir(folder);
    if (!d) return fail_io(err, folder, "open the folder");
    file_list l = { 0 };
    int rc = BK_OK;
    const struct dirent *e;
    while (rc == BK_OK && (errno = 0, e = readdir(d)) != NULL)
        if (wanted(e->d_name, endings) && !add_entry(&l, d, e->d_name)) rc = bk_fail_memory(err, folder);
    if (rc == BK_OK && errno) rc = fail_io(err, folder, "read the folder");
    closedir(d);
    if (rc != BK_OK) {
        file_list_close(&l);
        return rc;
    }
    if (l.n) qsort(l.entries, l.n, sizeof *l.entries, by_name);
    *out = l;
    return BK_OK;
}

void file_list_close(file_list *l) {
    if (!l) return;
    for (size_t i = 0; i < l->n; i++) free(l->entries[i].name);
    free(l->entries);
    *l = (file_list){ 0 };
}
