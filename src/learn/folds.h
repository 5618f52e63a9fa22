/* Cross-validation by shows: names of the folds' files and their table. */
#ifndef BK_LEARN_FOLDS_H
#define BK_LEARN_FOLDS_H

#include "base/text.h"
#include "bookend/train.h"
#include "learn/dataset.h"

/* Appends the path of fold k's head, k from 0: of "a/head.safetensors" "a/head.fold1.safetensors". */
void folds_head(text *t, const char *out, int k);
/* Appends the path of its log without ending: "a/train.fold1". */
void folds_log(text *t, const char *out, int k);

/* folds.csv, row by row, and the sums of its columns. */
typedef struct fold_table {
    text rows;
    double loss, f1, average_precision, mae_start_s, mae_end_s; /* summed */
    int n;
} fold_table;

/* Fills in epochs, best_epoch and the losses of f from the log LOG.csv of its training. BK_EIO, BK_EFORMAT,
 * BK_ENOMEM. */
int folds_read_log(bk_fold *f, const char *log, bk_error *err);
/* Appends the names of the shows that d holds out, blanks between. */
void folds_held_out(text *t, const dataset *d);
/* Adds a row. */
void folds_add(fold_table *t, const bk_fold *f);
/* Writes the table, with a last row of means, to folds.csv beside out. BK_EIO, BK_ENOMEM. */
int folds_save(const fold_table *t, const char *out, bk_error *err);

#endif
