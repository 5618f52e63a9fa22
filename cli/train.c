/* bookend train: a head on labels and tracks; bookend train --encoder: the small encoder on composed pictures. */
#include "bookend/train.h"

#include <stdlib.h>

#include "commands.h"

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
        .hooks = ui_hooks(u, 0),
    };
}

/* The model of --through; *out stays NULL without the option. */
static bool open_through(bk_model **out, const settings *s, ui *u) {
    char *path = NULL;
    bk_error err = { 0 };
    if (!s->through) return true;
    bool opened = setup_model_path(&path, s->through) && bk_model_open(out, path, NULL, &err) == BK_OK;
    if (!opened) setup_failed(u, &err, NULL);
    free(path);
    return opened;
}

int train_run(const settings *s, ui *u) {
    bk_train_options o = head_options(s, u);
    bk_train_result r;
    bk_error err = { 0 };
    bk_model *through = NULL;
    if (!setup_parent(s->out, u) || !open_through(&through, s, u)) return EXIT_SOME_FAILED;
    o.through = through;
    ui_talk(u, UI_STEPS);
    ui_begin(u, 0, s->out);
    int rc = bk_train_head(&r, &o, &err);
    ui_end(u, 0);
    bk_model_close(&through);
    if (rc != BK_OK) return setup_failed(u, &err, GO_ON);
    if (r.skipped) {
        ui_say(u, "--force trains it anew");
        return EXIT_DONE;
    }
    printf("%s: epoch %d of %d was the best: loss %.4f on %d windows, %.4f on %d held out\n", s->out, r.best_epoch,
           r.epochs, (double)r.train_loss, r.train_windows, (double)r.val_loss, r.val_windows);
    return EXIT_DONE;
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
