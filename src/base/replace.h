/* A file that is written anew by someone who wants a name rather than a stream, and then takes the place of the
 * old one in one step. The temporary file lies in the same folder under a name made from the old one's, so that a
 * run that was killed leaves one file at most, which the next run writes over. */
#ifndef BK_BASE_REPLACE_H
#define BK_BASE_REPLACE_H

#include "base/err.h"

typedef struct replacement {
    char *path; /* the file, symbolic links followed */
    char *temp; /* write here */
    int fd;     /* of temp; it holds a lock */
} replacement;

/* Begins to replace the regular file at path; temp is there and empty. BK_EIO (also when another process is at it,
 * or when the file may not be written), BK_ENOMEM. */
int replace_begin(replacement *out, const char *path, bk_error *err);
/* Gives temp the owner, where that is allowed, and the permissions of the old file, syncs it, renames it over the
 * old one, and syncs the folder. Leaves { 0 }; on failure the old file is as it was. BK_EIO. */
int replace_commit(replacement *r, bk_error *err);
/* Removes temp; the old file is as it was. Leaves { 0 }, accepts { 0 }. */
void replace_abandon(replacement *r);

#endif
