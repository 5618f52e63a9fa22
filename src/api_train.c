/* The public face of training a head: labels and tracks to weights. */
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "bookend/train.h"
#include "learn/head_loop.h"

/* Whether the head is there already, and no interrupted run is to be gone on with. */
static bool is_done(const bk_train_options *opt) {
    text state = { 0 };
    text_addf(&state, "%s.state", opt->out);
    bool done = !opt->force && access(opt->out, F_OK) == 0 && access(text_str(&state), F_OK) != 0;
    text_close(&state);
    return done;
}

static int split(dataset *d, const bk_train_options *opt, bk_error *err) {
    if (opt->val_shows) return dataset_hold_out(d, opt->val_shows, err);
    if (opt->recipe == BK_RECIPE_NOTEBOOK) return dataset_hold_out(d, "show2", err);
    return dataset_hold_out_some(d, err);
}

int bk_train_head(bk_train_result *out, const bk_train_options *opt, bk_error *err) {
    dataset d = { 0 };
    head_recipe r;
    if (!opt->out) return bk_fail(err, BK_EINVAL, "where the head shall go must be given");
    if (is_done(opt)) {
        bk_log(&opt->hooks, BK_LOG_INFO, "%s is there already: training skipped", opt->out);
        *out = (bk_train_result){ .skipped = 1 };
        return BK_OK;
    }
    int code = dataset_open(&d, opt->labels, opt->embeddings, NULL, &opt->hooks, err);
    if (code == BK_OK) code = split(&d, opt, err);
    if (code == BK_OK) code = dataset_load_all(&d, err);
    if (code == BK_OK) code = recipe_make(&r, opt, d.dim, err);
    if (code == BK_OK && opt->recipe == BK_RECIPE_NOTEBOOK) dataset_whole_seconds(&d);
    if (code == BK_OK) code = head_train(out, &r, &d, opt->out, opt->threads, &opt->hooks, err);
    dataset_close(&d);
    return code;
}
