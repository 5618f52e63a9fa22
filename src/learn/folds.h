/* Cross-validation by shows: names of the folds' files and their table. */
#ifndef BK_LEARN_FOLDS_H
#define BK_LEARN_FOLDS_H

#include "base/text.h"
#include "learn/dataset.h"

/* Appends the path of fold k's head, k from 0: of "a/head.safetensors" "a/head.fold1.safetensors". */
void folds_head(text *t, const char *out, int k);
/* Appends the path of its log without ending: "a/train.fold1". */
void folds_log(text *t, const char *out, int k);

/* folds.csv, row by row, and the sum of the validation losses. */
typedef struct fold_table {
    text rows;
    double sum, least, most;
    int n;
} fold_table;

/* Adds fold k from its log LOG.csv: its best epoch, and the shows that d holds out (d split by fold k). BK_EIO,
 * BK_EFORMAT, BK_ENOMEM. */
int folds_add(fold_table *t, int k, const dataset *d, const char *log, bk_error *err);
/* Writes the table to folds.csv beside out and says the mean in the log. BK_EIO, BK_ENOMEM. */
int folds_save(const fold_table *t, const char *out, const bk_hooks *hooks, bk_error *err);

#endif
