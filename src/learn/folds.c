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

static int add_best(fold_table *t, int k, const csv *c, const char *path, bk_error *err) {
    size_t best = 0, n = csv_rows(c);
    double least = INFINITY;
    for (size_t i = 0; i < n; i++) {
        double loss = cell(c, i, "val_loss");
        if (!(loss < least)) continue;
        least = loss;
        best = i;
    }
    if (!isfinite(least)) return bk_fail(err, BK_EFORMAT, "%s: no row of its %zu has a validation loss", path, n);
    text_addf(&t->rows, "%d,%zu,%zu,", k + 1, n, best + 1);
    text_add_number(&t->rows, cell(c, best, "train_loss"), 6);
    text_add(&t->rows, ",");
    text_add_number(&t->rows, least, 6);
    t->sum += least;
    t->least = t->n ? fmin(t->least, least) : least;
    t->most = t->n ? fmax(t->most, least) : least;
    t->n++;
    return BK_OK;
}

/* The shows held out, blanks between. */
static void add_shows(fold_table *t, const dataset *d) {
    text shows = { 0 };
    const char *before = "";
    for (int i = 0; i < d->n; i++) {
        const episode *e = &d->episodes[i];
        if (!e->held_out || strcmp(e->show, before) == 0) continue;
        text_addf(&shows, shows.n ? " %s" : "%s", e->show);
        before = e->show;
    }
    text_add(&t->rows, ",");
    csv_add_field(&t->rows, text_str(&shows));
    text_add(&t->rows, "\n");
    t->rows.failed = t->rows.failed || shows.failed;
    text_close(&shows);
}

int folds_add(fold_table *t, int k, const dataset *d, const char *log, bk_error *err) {
    text path = { 0 };
    char *source = NULL;
    size_t n = 0;
    csv *c = NULL;
    text_addf(&path, "%s.csv", log);
    int code = text_ok(&path) ? file_read(&source, &n, path.s, LOG_MAX, err) : bk_fail_memory(err, "names of files");
    if (code == BK_OK) code = csv_parse(&c, source, n, path.s, err);
    if (code == BK_OK) code = add_best(t, k, c, path.s, err);
    if (code == BK_OK) add_shows(t, d);
    csv_close(&c);
    free(source);
    text_close(&path);
    return code;
}

int folds_save(const fold_table *t, const char *out, const bk_hooks *hooks, bk_error *err) {
    text path = { 0 }, all = { 0 };
    add_folder(&path, out);
    text_add(&path, "folds.csv");
    text_add(&all, "fold,epochs,best_epoch,train_loss,val_loss,held_out\n");
    text_add(&all, text_str(&t->rows));
    int code = text_ok(&path) && text_ok(&all) && text_ok(&t->rows) ? file_save(path.s, all.s, all.n, err)
                                                                    : bk_fail_memory(err, "folds.csv");
    if (code == BK_OK)
        bk_log(hooks, BK_LOG_INFO, "%d folds: validation loss %.4f, from %.4f to %.4f", t->n,
               t->sum / (t->n ? t->n : 1), t->least, t->most);
    text_close(&path);
    text_close(&all);
    return code;
}
