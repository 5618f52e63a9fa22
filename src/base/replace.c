/* Replacing a file through a locked temporary file. POSIX. For media/, whose library writes files by name; what
 * writes to a stream uses base/file.h. */
#define _GNU_SOURCE
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static int fail_io(bk_error *err, const char *path, const char *act) {
    return bk_fail(err, BK_EIO, "%s: cannot %s: %m", path, act);
}

/* FNV-1a of the name: the temporary name is short, whatever the name's own length. */
static uint64_t hash_name(const char *s) {
    uint64_t h = 0xcbf29ce484222325u;
    for (; *s; s++) h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h;
}

/* The lock may have been got on a file that its former holder has just renamed into place. */
static bool still_named(int fd, const char *path) {
    struct stat a, b;
    return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static int lock_temp(replacement *r, bk_error *err) {
    r->fd = open(r->temp, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (r->fd < 0) return fail_io(err, r->path, "be written anew beside itself");
    if (flock(r->fd, LOCK_EX | LOCK_NB) != 0 || !still_named(r->fd, r->temp)) {
        close(r->fd); /* not ours to remove */
        r->fd = -1;
        return bk_fail(err, BK_EIO, "%s: another process is writing it", r->path);
    }
    return ftruncate(r->fd, 0) == 0 ? BK_OK : fail_io(err, r->path, "be written anew beside itself");
}

int replace_begin(replacement *out, const char *path, bk_error *err) {
    replacement r = { .fd = -1 };
    struct stat st;
    r.path = realpath(path, NULL);
    if (!r.path || stat(r.path, &st) != 0) {
        free(r.path);
        return fail_io(err, path, "open");
    }
    int folder = (int)(path_name(r.path) - r.path), code = BK_OK;
    if (!S_ISREG(st.st_mode)) code = bk_fail(err, BK_EIO, "%s: not a regular file", path);
    if (code == BK_OK && access(r.path, W_OK) != 0) code = fail_io(err, path, "write");
    if (code == BK_OK &&
        asprintf(&r.temp, "%.*s.bookend-%016" PRIx64 ".part", folder, r.path, hash_name(path_name(r.path))) < 0) {
        r.temp = NULL;
        code = bk_fail_memory(err, path);
    }
    if (code == BK_OK) code = lock_temp(&r, err);
    if (code == BK_OK)
        *out = r;
    else
        replace_abandon(&r);
    return code;
}

/* The owner first: changing it clears bits of the mode. */
static int take_rights(const replacement *r, bk_error *err) {
    struct stat st;
    if (stat(r->path, &st) != 0) return fail_io(err, r->path, "stat");
    if (fchown(r->fd, st.st_uid, st.st_gid) != 0 && fchown(r->fd, (uid_t)-1, st.st_gid) != 0)
        errno = 0; /* a courtesy */
    return fchmod(r->fd, st.st_mode & 07777) == 0 ? BK_OK : fail_io(err, r->path, "keep the permissions");
}

int replace_commit(replacement *r, bk_error *err) {
    int code = take_rights(r, err);
    if (code == BK_OK && fsync(r->fd) != 0) code = fail_io(err, r->path, "write");
    if (code == BK_OK && rename(r->temp, r->path) != 0) code = fail_io(err, r->path, "replace");
    if (code == BK_OK) {
        file_sync_folder(r->path);
        free(r->temp);
        r->temp = NULL;
    }
    replace_abandon(r);
    return code;
}

void replace_abandon(replacement *r) {
    if (!r->path) return;
    if (r->fd >= 0) {
        if (r->temp) unlink(r->temp);
        close(r->fd);
    }
    free(r->temp);
    free(r->path);
    *r = (replacement){ 0 };
}
