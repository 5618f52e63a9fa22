/* The public face of training a head: labels and tracks to weights. */
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "bookend/train.h"
#include "learn/calibrate.h"
#include "learn/folds.h"
#include "learn/head_loop.h"
#include "learn/through.h"

/* Whether the head is there already, and no interrupted run is to be gone on with. */
static bool is_done(const char *path) {
    text state = { 0 };
    text_addf(&state, "%s.state", path);
    bool done = access(path, F_OK) == 0 && access(text_str(&state), F_OK) != 0;
    text_close(&state);
    return done;
}

/* fold -1: the split that the options say. */
static int split(dataset *d, const bk_train_options *opt, int fold, bk_error *err) {
    if (fold >= 0) return dataset_fold(d, fold, opt->folds, err);
    if (opt->val_shows) return dataset_hold_out(d, opt->val_shows, err);
    if (opt->recipe == BK_RECIPE_NOTEBOOK) return dataset_hold_out(d, "show2", err);
    return dataset_hold_out_some(d, err);
}

/* The decision's numbers for the head that was just written. */
static int calibrate(const bk_train_options *opt, const char *path, dataset *d, bk_error *err) {
    bk_model *m = NULL;
    pool *p = NULL;
    int code = bundle_load(&m, path, NULL, 0, err);
    if (code == BK_OK) code = pool_open(&p, opt->threads, err);
    if (code == BK_OK) code = calibrate_head(m, d, p, &opt->hooks, err);
    if (code == BK_OK) code = bundle_save(m, path, BUNDLE_F32, err);
    pool_close(&p);
    bk_model_close(&m);
    return code;
}

/* One head to path, and its log; what is held out is fold, or by the options. */
static int train(bk_train_result *out, const bk_train_options *opt, const char *path, const char *log, int fold,
                 bk_error *err) {
    dataset d = { 0 };
    head_recipe r;
    int code = dataset_open(&d, opt->labels, opt->embeddings, NULL, &opt->hooks, err);
    if (code == BK_OK) code = split(&d, opt, fold, err);
    if (code == BK_OK) code = dataset_load_all(&d, err);
    if (code == BK_OK && opt->segments) code = dataset_segments(&d, opt->segments, err);
    if (code == BK_OK && opt->through) code = through_narrow(&d, opt->through, err);
    if (code == BK_OK) code = recipe_make(&r, opt, d.dim, err);
    if (code == BK_OK) opt->recipe == BK_RECIPE_NOTEBOOK ? dataset_whole_seconds(&d) : dataset_at_samples(&d);
    if (code == BK_OK) code = head_train(out, &r, &d, path, log, opt->threads, &opt->hooks, err);
    if (code == BK_OK && opt->through) code = through_widen(path, &d, opt->through, err);
    if (code == BK_OK && opt->recipe == BK_RECIPE_BOOKEND) code = calibrate(opt, path, &d, err);
    dataset_close(&d);
    return code;
}

/* A head a fold, those that are there already passed over, and folds.csv. */
static int cross_validate(const bk_train_options *opt, bk_error *err) {
    dataset d = { 0 };
    fold_table table = { 0 };
    text path = { 0 }, log = { 0 };
    bk_train_result r;
    int code = dataset_open(&d, opt->labels, opt->embeddings, NULL, NULL, err);
    for (int k = 0; k < opt->folds && code == BK_OK; k++) {
        text_clear(&path);
        text_clear(&log);
        folds_head(&path, opt->out, k);
        folds_log(&log, opt->out, k);
        code = text_ok(&path) && text_ok(&log) ? dataset_fold(&d, k, opt->folds, err) : bk_fail_memory(err, "folds");
        if (code == BK_OK) bk_log(&opt->hooks, BK_LOG_INFO, "fold %d of %d: %s", k + 1, opt->folds, path.s);
        if (code == BK_OK && !is_done(path.s)) code = train(&r, opt, path.s, log.s, k, err);
        if (code == BK_OK) code = folds_add(&table, k, &d, log.s, err);
    }
    if (code == BK_OK) code = folds_save(&table, opt->out, &opt->hooks, err);
    text_close(&path);
    text_close(&log);
    text_close(&table.rows);
    dataset_close(&d);
    return code;
}

int bk_train_head(bk_train_result *out, const bk_train_options *opt, bk_error *err) {
    if (!opt->out) return bk_fail(err, BK_EINVAL, "where the head shall go must be given");
    if (opt->folds < 0 || opt->folds == 1) return bk_fail(err, BK_EINVAL, "%d folds: it takes two", opt->folds);
    if (!opt->force && is_done(opt->out)) {
        bk_log(&opt->hooks, BK_LOG_INFO, "%s is there already: training skipped", opt->out);
        *out = (bk_train_result){ .skipped = 1 };
        return BK_OK;
    }
    text log = { 0 };
    text_add_n(&log, opt->out, (size_t)(path_name(opt->out) - opt->out));
    text_add(&log, "train");
    int code = text_ok(&log) ? BK_OK : bk_fail_memory(err, "names of files");
    if (code == BK_OK && opt->folds) code = cross_validate(opt, err);
    if (code == BK_OK) code = train(out, opt, opt->out, log.s, -1, err);
    text_close(&log);
    return code;
}
