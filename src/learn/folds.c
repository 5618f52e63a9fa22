/* The table of a cross-validation, made from the logs of its folds, so that folds that were trained earlier count
 * like those of this run. */
#include "learn/folds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "store/csv.h"

enum { LOG_MAX = 1 << 24 };

void folds_head(text *t, const char *out, int k) {
    const char *ending = path_ending(out);
    text_add_n(t, out, strlen(out) - strlen(ending));
    text_addf(t, ".fold%d%s", k + 1, ending);
}

static void add_folder(text *t, const char *out) {
    text_add_n(t, out, (size_t)(path_name(out) - out));
}

void folds_log(text *t, const char *out, int k) {
    add_folder(t, out);
    text_addf(t, "train.fold%d", k + 1);
}

/* ---- a row ----------------------------------------------------------------------------------------- */

/* A cell of the log; NaN where it is none of a number. */
static double cell(const csv *c, size_t row, const char *column) {
    int k = csv_column(c, column);
    double x = NAN;
    if (k >= 0) text_parse_number(csv_field(c, row, k), 0, 1e12, &x);
    return x;
}

static int read_best(bk_fold *f, const csv *c, const char *path, bk_error *err) {
    size_t best = 0, n = csv_rows(c);
    double least = INFINITY;
    for (size_t i = 0; i < n; i++) {
        double loss = cell(c, i, "val_loss");
        if (!(loss < least)) continue;
        least = loss;
        best = i;
    }
    if (!isfinite(least)) return bk_fail(err, BK_EFORMAT, "%s: no row of its %zu has a validation loss", path, n);
    f->epochs = (int)n;
    f->best_epoch = (int)best + 1;
    f->train_loss = cell(c, best, "train_loss");
    f->val_loss = least;
    return BK_OK;
}

int folds_read_log(bk_fold *f, const char *log, bk_error *err) {
    text path = { 0 };
    char *source = NULL;
    size_t n = 0;
    csv *c = NULL;
    text_addf(&path, "%s.csv", log);
    int code = text_ok(&path) ? file_read(&source, &n, path.s, LOG_MAX, err) : bk_fail_memory(err, "names of files");
    if (code == BK_OK) code = csv_parse(&c, source, n, path.s, err);
    if (code == BK_OK) code = read_best(f, c, path.s, err);
    csv_close(&c);
    free(source);
    text_close(&path);
    return code;
}

void folds_held_out(text *t, const dataset *d) {
    const char *before = "";
    for (int i = 0; i < d->n; i++) {
        const episode *e = &d->episodes[i];
        if (!e->held_out || strcmp(e->show, before) == 0) continue;
        text_addf(t, t->n ? " %s" : "%s", e->show);
        before = e->show;
    }
}

/* ---- the table ------------------------------------------------------------------------------------- */

static void add_number(text *t, double x, int decimals) {
    text_add(t, ",");
    if (isfinite(x)) text_add_number(t, x, decimals);
}

static void add_figures(text *t, double loss, double f1, double precision, double start_s, double end_s) {
    add_number(t, loss, 6);
    add_number(t, f1, 6);
    add_number(t, precision, 6);
    add_number(t, start_s, 4);
    add_number(t, end_s, 4);
}

void folds_add(fold_table *t, const bk_fold *f) {
    text_addf(&t->rows, "%d,%d,%d", f->fold, f->epochs, f->best_epoch);
    add_number(&t->rows, f->train_loss, 6);
    add_figures(&t->rows, f->val_loss, f->f1, f->average_precision, f->mae_start_s, f->mae_end_s);
    text_add(&t->rows, ",");
    csv_add_field(&t->rows, f->held_out);
    text_add(&t->rows, "\n");
    t->loss += f->val_loss;
    t->f1 += f->f1;
    t->average_precision += f->average_precision;
    t->mae_start_s += f->mae_start_s;
    t->mae_end_s += f->mae_end_s;
    t->n++;
}

int folds_save(const fold_table *t, const char *out, bk_error *err) {
    text path = { 0 }, all = { 0 };
    double n = t->n ? t->n : 1;
    add_folder(&path, out);
    text_add(&path, "folds.csv");
    text_add(&all,
             "fold,epochs,best_epoch,train_loss,val_loss,f1,average_precision,mae_start_s,mae_end_s,held_out\n");
    text_add(&all, text_str(&t->rows));
    text_add(&all, "mean,,,");
    add_figures(&all, t->loss / n, t->f1 / n, t->average_precision / n, t->mae_start_s / n, t->mae_end_s / n);
    text_add(&all, ",\n");
    int code = text_ok(&path) && text_ok(&all) && text_ok(&t->rows) ? file_save(path.s, all.s, all.n, err)
                                                                    : bk_fail_memory(err, "folds.csv");
    text_close(&path);
    text_close(&all);
    return code;
}
