/* bookend train: a head on labels and tracks; bookend train --encoder: the small encoder on composed pictures. */
#include "bookend/train.h"

#include <stdio.h>
#include <stdlib.h>

#include "commands.h"

enum { FOLDS_MAX = 64 };
static const char GO_ON[] = "the same command goes on from where it was";

static bk_train_options head_options(const settings *s, ui *u) {
    return (bk_train_options){
        .labels = s->labels,
        .segments = s->segments,
        .embeddings = s->embeddings,
        .out = s->out,
        .recipe = (bk_recipe)s->recipe,
        .val_shows = s->val_shows,
        .epochs = (int)s->epochs,
        .batch = (int)s->batch,
        .rate = (float)s->rate,
        .seed = (uint64_t)s->seed,
        .width = (int)s->width,
        .layers = (int)s->layers,
        .heads = (int)s->heads,
        .mlp = (int)s->mlp,
        .dropout = s->dropout > 0 ? (float)s->dropout : -1.0f, /* to the library 0 is "as usual" */
        .patience = (int)s->patience,
        .no_augment = !s->augment,
        .no_shuffle = !s->shuffle,
        .threads = (int)s->threads,
        .force = s->force,
        .folds = (int)s->folds,
        .hooks = ui_hooks(u, 0),
    };
}

/* The model of --through or --from; *out stays NULL without the option. */
static bool open_other(bk_model **out, const char *name, ui *u) {
    char *path = NULL;
    bk_error err = { 0 };
    if (!name) return true;
    bool opened = setup_model_path(&path, name) && bk_model_open(out, path, NULL, &err) == BK_OK;
    if (!opened) setup_failed(u, &err, NULL);
    free(path);
    return opened;
}

/* ---- the table of a cross-validation --------------------------------------------------------------- */

/* The heads of all folds, for the table at the end. The library's callbacks come with the hooks of the ui, so the
 * table goes along in them. */
typedef struct fold_rows {
    bk_hooks inner;
    bk_fold at[FOLDS_MAX];
    char shows[FOLDS_MAX][60];
    int n;
} fold_rows;

static void on_fold(void *user, const bk_fold *f) {
    fold_rows *rows = user;
    if (rows->n == FOLDS_MAX) return;
    rows->at[rows->n] = *f;
    snprintf(rows->shows[rows->n++], sizeof rows->shows[0], "%s", f->held_out);
}

static int on_progress(void *user, const bk_progress *p) {
    const fold_rows *rows = user;
    return rows->inner.progress(rows->inner.user, p);
}

static void on_log(void *user, bk_level level, const char *line) {
    const fold_rows *rows = user;
    rows->inner.log(rows->inner.user, level, line);
}

static void print_fold(const char *name, const bk_fold *f, const char *shows) {
    printf("%-5s %10.4f %7.1f %% %7.1f %% %9.2f s %9.2f s   %s\n", name, f->val_loss, 100 * f->f1,
           100 * f->average_precision, f->mae_start_s, f->mae_end_s, shows);
}

static void print_folds(const fold_rows *rows) {
    bk_fold mean = { 0 };
    if (!rows->n) return;
    printf("%-5s %10s %9s %9s %11s %11s   %s\n", "fold", "validation", "F1", "av. prec.", "start off", "end off",
           "held out");
    for (int i = 0; i < rows->n; i++) {
        const bk_fold *f = &rows->at[i];
        char name[16];
        snprintf(name, sizeof name, "%d", f->fold);
        print_fold(name, f, rows->shows[i]);
        mean.val_loss += f->val_loss / rows->n;
        mean.f1 += f->f1 / rows->n;
        mean.average_precision += f->average_precision / rows->n;
        mean.mae_start_s += f->mae_start_s / rows->n;
        mean.mae_end_s += f->mae_end_s / rows->n;
    }
    print_fold("mean", &mean, "");
}

/* ---- the commands ---------------------------------------------------------------------------------- */

static void print_result(const char *out, const bk_train_result *r) {
    printf("%s: epoch %d of %d was the best: loss %.4f on %d windows, %.4f on %d held out\n", out, r->best_epoch,
           r->epochs, (double)r->train_loss, r->train_windows, (double)r->val_loss, r->val_windows);
}

int train_run(const settings *s, ui *u) {
    bk_train_options o = head_options(s, u);
    bk_train_result r;
    bk_error err = { 0 };
    bk_model *through = NULL, *from = NULL;
    fold_rows rows = { .inner = o.hooks };
    int rc = BK_EINVAL;
    if (!setup_parent(s->out, u) || !open_other(&through, s->through, u) || !open_other(&from, s->from, u)) goto done;
    o.through = through;
    o.from = from;
    o.fold = on_fold;
    o.hooks = (bk_hooks){ .user = &rows, .log = on_log, .progress = on_progress };
    ui_talk(u, UI_STEPS);
    ui_begin(u, 0, s->out);
    rc = bk_train_head(&r, &o, &err);
    ui_end(u, 0);
    if (rc != BK_OK)
        setup_failed(u, &err, GO_ON);
    else if (r.skipped)
        ui_say(u, "--force trains it anew");
    else {
        print_folds(&rows);
        print_result(s->out, &r);
    }
done:
    bk_model_close(&through);
    bk_model_close(&from);
    return rc == BK_OK ? EXIT_DONE : EXIT_SOME_FAILED;
}

int train_encoder_run(const settings *s, ui *u) {
    const bk_encoder_options o = {
        .material = { .folders = s->material.at, .n_folders = (int)s->material.n },
        .out = s->out,
        .from = s->from,
        .steps = s->steps,
        .batch = (int)s->batch,
        .rate = (float)s->rate,
        .max_hours = s->hours,
        .seed = (uint64_t)s->seed,
        .threads = (int)s->threads,
        .hooks = ui_hooks(u, 0),
    };
    bk_error err = { 0 };
    if (!setup_parent(s->out, u)) return EXIT_SOME_FAILED;
    ui_talk(u, UI_STEPS);
    ui_begin(u, 0, s->out);
    int rc = bk_train_encoder(&o, &err);
    ui_end(u, 0);
    if (rc != BK_OK) return setup_failed(u, &err, GO_ON);
    printf("%s: written\n", s->out);
    return EXIT_DONE;
}
