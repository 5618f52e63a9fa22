/* The public face of training a head: labels and tracks to weights. */
#include <unistd.h>

#include "api_judge.h"
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

/* The last thing of all: until then a run that is killed is gone on with. */
static void forget_state(const char *path) {
    text state = { 0 };
    text_addf(&state, "%s.state", path);
    if (text_ok(&state)) unlink(text_str(&state));
    text_close(&state);
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
    if (code == BK_OK) forget_state(path);
    dataset_close(&d);
    return code;
}

/* ---- cross-validation ------------------------------------------------------------------------------- */

/* How the head at path does on the episodes that d holds out. */
static int judge_fold(bk_fold *f, const bk_train_options *opt, const char *path, dataset *d, bk_error *err) {
    bk_model *m = NULL;
    evaluation *e = NULL;
    pool *p = NULL;
    bk_eval_result r;
    int code = bundle_load(&m, path, NULL, 0, err);
    if (code == BK_OK) code = evaluation_open(&e, NULL, err);
    if (code == BK_OK) code = pool_open(&p, opt->threads, err);
    for (int i = 0; i < d->n && code == BK_OK; i++) {
        if (!d->episodes[i].held_out) continue;
        code = judge_episode(e, d, &d->episodes[i], m, BK_DECISION_MAP, p, err);
        episode_unload(&d->episodes[i]);
    }
    if (code == BK_OK) code = evaluation_finish(&r, e, m->name, NULL, err);
    if (code == BK_OK) {
        f->f1 = r.f1;
        f->average_precision = r.average_precision;
        f->mae_start_s = r.mae_start_s;
        f->mae_end_s = r.mae_end_s;
    }
    pool_close(&p);
    evaluation_close(&e);
    bk_model_close(&m);
    return code;
}

/* Fold k: trained unless it is there already, judged, and added to the table. d is split by it. */
static int run_fold(fold_table *table, const bk_train_options *opt, dataset *d, int k, bk_error *err) {
    text path = { 0 }, log = { 0 }, shows = { 0 };
    bk_train_result r;
    bk_fold f = { .fold = k + 1, .folds = opt->folds };
    folds_head(&path, opt->out, k);
    folds_log(&log, opt->out, k);
    folds_held_out(&shows, d);
    f.held_out = text_str(&shows);
    int code = text_ok(&path) && text_ok(&log) && text_ok(&shows) ? BK_OK : bk_fail_memory(err, "folds");
    if (code == BK_OK) {
        bk_log(&opt->hooks, BK_LOG_INFO, "fold %d of %d, without %s: %s", k + 1, opt->folds, f.held_out, path.s);
        if (!is_done(path.s)) code = train(&r, opt, path.s, log.s, k, err);
    }
    if (code == BK_OK) code = folds_read_log(&f, log.s, err);
    if (code == BK_OK) code = judge_fold(&f, opt, path.s, d, err);
    if (code == BK_OK) folds_add(table, &f);
    if (code == BK_OK && opt->fold) opt->fold(opt->hooks.user, &f);
    text_close(&path);
    text_close(&log);
    text_close(&shows);
    return code;
}

/* A head a fold, those that are there already passed over, and folds.csv. */
static int cross_validate(const bk_train_options *opt, bk_error *err) {
    dataset d = { 0 };
    fold_table table = { 0 };
    int code = dataset_open(&d, opt->labels, opt->embeddings, NULL, NULL, err);
    for (int k = 0; k < opt->folds && code == BK_OK; k++) {
        code = dataset_fold(&d, k, opt->folds, err);
        if (code == BK_OK) code = run_fold(&table, opt, &d, k, err);
    }
    if (code == BK_OK) code = folds_save(&table, opt->out, err);
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
