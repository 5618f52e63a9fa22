/* The labels of episodes, as the notebook keeps them: a CSV file with the columns file, start_main and
 * end_main, times HH:MM:SS or HH:MM:SS.sss. Other columns may stand beside these, in any order. */
#ifndef BK_STORE_LABELS_H
#define BK_STORE_LABELS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/arena.h"

typedef struct label {
    const char *file;         /* as written: a path, or just a name */
    const char *stem;         /* its name without ending: the notebook's key of an episode */
    int64_t start_us, end_us; /* the story: start_us <= end_us */
    int line;                 /* of the file, for sentences */
} label;

typedef struct labels {
    label *rows; /* in the order of the file */
    size_t n;
    arena memory;
} labels;

/* Errors name file and line: "labels.csv:7: ...". BK_EIO, BK_EFORMAT, BK_ENOMEM. */
int labels_load(labels *out, const char *path, bk_error *err);
/* The same from memory. */
int labels_parse(labels *out, const char *source, size_t n, const char *name, bk_error *err);
/* Accepts { 0 } and leaves it. */
void labels_close(labels *l);

/* The row of that stem; NULL when there is none. Of several the last, as in the notebook. */
const label *labels_find(const labels *l, const char *stem);

/* Writes file, start_us and end_us of n rows, to the millisecond. BK_EIO, BK_ENOMEM. */
int labels_save(const char *path, const label *rows, size_t n, bk_error *err);

#endif
