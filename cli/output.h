/* Where results go: stdout, or a file that is replaced in one step. And side files, which spare what others wrote. */
#ifndef BOOKEND_CLI_OUTPUT_H
#define BOOKEND_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct output {
    FILE *to;
    char *path, *temp; /* where it shall end, and where it is until then; NULL: written directly */
} output;

enum { OUTPUT_ERROR_MAX = 300 };

/* What a file is called while answers come in. */
#define OUTPUT_PARTIAL ".partial"

/* path NULL: stdout. Symbolic links are followed; devices and pipes are written directly. False: error says why. */
bool output_open(output *o, const char *path, char error[OUTPUT_ERROR_MAX]);
/* The same, but until it is whole the file is PATH.partial, for everybody to see, and locked: what is written in
 * hours shall not be lost with the program. One that an earlier run left is written anew. */
bool output_open_partial(output *o, const char *path, char error[OUTPUT_ERROR_MAX]);
/* Flushes and, for a file, puts it in its place. On failure, as with a full disk, what stood there still does. */
bool output_commit(output *o, char error[OUTPUT_ERROR_MAX]);
/* Closes PATH.partial and lets it be, with what was written; what stood at PATH still does. */
void output_keep_partial(output *o);
/* Leaves what stood there; accepts { 0 }. */
void output_abandon(output *o);
/* All at once. */
bool output_save(const char *path, const char *data, size_t n, char error[OUTPUT_ERROR_MAX]);
/* mkdir -p; no error when it is there already. */
bool output_make_folder(const char *path, char error[OUTPUT_ERROR_MAX]);

/* ---- side.c ---------------------------------------------------------------------------------------- */

/* "season/s01e01.edl" for "season/s01e01.mkv" and ".edl"; to be freed, NULL: no memory. */
char *side_path(const char *video, const char *suffix);
/* Writes a side file. One that is there already is replaced only with force, or when it is one that bookend wrote and
 * nobody has changed since: a hash of each is kept in the folder `cache` (NULL: nothing is known). */
bool side_write(const char *path, const char *data, size_t n, const char *cache, bool force,
                char error[OUTPUT_ERROR_MAX]);

#endif
