/* Files as the rest of the library wants them: whole, mapped, or replaced in one step. Every error names
 * the file and what the system said. Paths are bytes; nothing here changes the current folder. */
#ifndef BK_BASE_FILE_H
#define BK_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

/* ---- reading --------------------------------------------------------------------------------------- */

/* The whole file, or pipe, in memory of the caller's (free()), with a 0 byte behind it that *size does not
 * count. More than limit bytes is BK_EFORMAT. BK_EIO, BK_ENOMEM. */
int file_read(char **out, size_t *size, const char *path, size_t limit, bk_error *err);

/* A read-only view of a regular file. */
typedef struct file_view {
    const unsigned char *data; /* page-aligned; a valid pointer for an empty file too */
    size_t size;
} file_view;

/* Maps the file; file_unmap() ends the view and accepts { 0 }. A file that another program cuts while it
 * is mapped faults on access: files of ours are replaced by rename, never cut. BK_EIO. */
int file_map(file_view *out, const char *path, bk_error *err);
void file_unmap(file_view *v);
/* Lets go of the memory that what was read of a view, or of a part of one, takes; the next access reads it again. */
void file_forget(const file_view *v);

/* ---- writing --------------------------------------------------------------------------------------- */

/* A file on its way to `path`: written under a temporary name in the same folder and renamed on commit, so
 * that path holds the old bytes or all the new ones. Devices and pipes are written directly. */
typedef struct file_out {
    FILE *to;   /* write here; errors are caught by file_commit() at the latest */
    char *path; /* where it shall end: the target of a symbolic link */
    char *temp; /* NULL when written directly */
} file_out;

/* BK_EIO, BK_ENOMEM. */
int file_out_open(file_out *out, const char *path, bk_error *err);
/* Flushes, syncs, renames and leaves { 0 }. On failure, as with a full disk, the temporary file is removed
 * and path is as it was. BK_EIO. */
int file_commit(file_out *o, bk_error *err);
/* Removes the temporary file; path is as it was. Leaves { 0 }, accepts { 0 }. */
void file_abandon(file_out *o);
/* After a rename: syncs the folder that path lies in, so that the new name is on disk too. */
void file_sync_folder(const char *path);
/* All of it: n bytes become the file. */
int file_save(const char *path, const void *data, size_t n, bk_error *err);

/* ---- the file system ------------------------------------------------------------------------------- */

/* What tells that a file changed; part of cache keys. */
typedef struct file_id {
    int64_t size, mtime_ns;
} file_id;

int file_identify(file_id *out, const char *path, bk_error *err);
/* A hash of a regular file's size and of 16 KiB each at its beginning, middle and end: tells files apart that only
 * claim to be the same, in the time of three reads. BK_EIO. */
int file_sample(uint64_t *out, const char *path, bk_error *err);
bool file_is_folder(const char *path);
/* mkdir -p; it is no error when the folder exists. BK_EIO. */
int file_make_folders(const char *path, bk_error *err);
/* Appends $XDG_CACHE_HOME/bookend/NAME, or ~/.cache/bookend/NAME; makes nothing. BK_EIO when neither
 * variable gives an absolute path (XDG Base Directory Specification). */
int file_cache_path(text *out, const char *name, bk_error *err);

typedef struct file_entry {
    char *name; /* without the folder */
    bool is_folder;
} file_entry;

/* Entries of a folder in the order of strcmp(). */
typedef struct file_list {
    file_entry *entries;
    size_t n, cap;
} file_list;

/* All entries but "." and ".."; with `endings` (NULL: all; else ended by a NULL) only names that end in one
 * of them, ASCII case ignored. BK_EIO, BK_ENOMEM. */
int file_list_open(file_list *out, const char *folder, const char *const *endings, bk_error *err);
/* Accepts { 0 } and leaves it. */
void file_list_close(file_list *l);

#endif
