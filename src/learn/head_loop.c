/* The training loop of the head: epochs, learning rate, validation, checkpoints. */
#include "learn/head_loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "learn/head_batch.h"
#include "learn/head_state.h"
#include "learn/training_plot.h"
#include "model/bundle.h"
#include "nn/adam.h"
#include "nn/nn_math.h"

enum { CHECKPOINT_S = 55 };

typedef struct loop {
    const head_recipe *r;
    dataset *d;
    bk_model *m;
    head_state s;
    pool *p;
    head_batch *b;
    const bk_hooks *hooks;
    text run, state_path; /* what run it is; OUT.state */
    window_list train, val;
    double saved_at, told_at;
} loop;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- an epoch -------------------------------------------------------------------------------------- */

static int64_t batches(const loop *l) {
    return (l->train.n + l->r->batch - 1) / l->r->batch;
}

static int64_t total_steps(const loop *l) {
    return batches(l) * l->r->epochs;
}

/* One step of the optimiser along the gradient g of a summed loss over `valid` samples. */
static void step(loop *l, const float *g, double valid) {
    const head_recipe *r = l->r;
    double scale = 1.0 / valid, norm = r->clip > 0.0f ? adam_norm(g, l->s.n_floats, l->p) * scale : 0.0;
    if (norm > (double)r->clip) scale *= (double)r->clip / norm;
    const adam_config c = { .rate = recipe_rate(r, l->s.step, total_steps(l)),
                            .beta1 = 0.9f,
                            .beta2 = 0.999f,
                            .eps = 1e-8f,
                            .decay = r->decay };
    adam_step(&c, &l->m->head_rows, l->s.w, l->s.m, l->s.v, g, (float)scale, l->s.step, l->p);
}

static void train_batch(loop *l) {
    head_state *s = &l->s;
    int n = l->train.n - s->window < l->r->batch ? l->train.n - s->window : l->r->batch;
    batch_sum sum = { 0 };
    s->step++;
    const float *g = head_batch_train(l->b, s->w, &l->train, s->window, n, s->epoch, s->step, &sum);
    if (sum.valid > 0) step(l, g, sum.valid);
    s->window += n;
    s->loss_sum += sum.loss;
    s->loss_n += sum.valid;
}

static int save_state(loop *l, bk_error *err) {
    l->saved_at = now();
    return head_state_save(&l->s, text_str(&l->state_path), text_str(&l->run), err);
}

static int tell(const loop *l, bk_error *err) {
    const head_state *s = &l->s;
    char note[96];
    int n = snprintf(note, sizeof note, "epoch %d of %d", s->epoch + 1, l->r->epochs);
    if (s->loss_n > 0) n += snprintf(note + n, sizeof note - (size_t)n, ", loss %.4f", s->loss_sum / s->loss_n);
    snprintf(note + n, sizeof note - (size_t)n, ", rate %.2g", (double)recipe_rate(l->r, s->step, total_steps(l)));
    return bk_tell_note(l->hooks, "train", s->step, total_steps(l), note, err);
}

/* Counts the time, tells of the progress and writes the checkpoint that is due. */
static int look_up(loop *l, bk_error *err) {
    double t = now();
    l->s.seconds += t - l->told_at;
    l->told_at = t;
    if (t - l->saved_at < CHECKPOINT_S) return tell(l, err);
    int code = save_state(l, err);
    return code == BK_OK ? tell(l, err) : code;
}

/* Mean loss over the validation windows. */
static int validate(loop *l, double *mean, bk_error *err) {
    batch_sum sum = { 0 };
    int room = head_batch_room(l->b);
    for (int first = 0; first < l->val.n; first += room) {
        head_batch_measure(l->b, l->s.w, &l->val, first, l->val.n - first < room ? l->val.n - first : room, &sum);
        int code = look_up(l, err);
        if (code != BK_OK) return code;
    }
    *mean = sum.loss / fmax(sum.valid, 1.0);
    return BK_OK;
}

/* The windows of the running epoch, the same whenever it is asked for. */
static int lay_out_epoch(loop *l, bk_error *err) {
    const head_recipe *r = l->r;
    rng draw = head_stream(r, DRAW_WINDOWS, l->s.epoch, 0), order = head_stream(r, DRAW_ORDER, l->s.epoch, 0);
    int code = r->overlap ? windows_draw(&l->train, l->d, false, r->head.window, &draw, err)
                          : windows_end_to_end(&l->train, l->d, false, r->head.window, err);
    if (code == BK_OK && r->shuffle) windows_shuffle(&l->train, &order);
    return code;
}

static void note_epoch(loop *l, double val_loss) {
    head_state *s = &l->s;
    epoch_row *row = &s->history[s->epoch];
    *row = (epoch_row){ s->loss_sum / fmax(s->loss_n, 1.0), val_loss,
                        (double)recipe_rate(l->r, s->step, total_steps(l)), s->seconds };
    double before = s->best_epoch ? s->history[s->best_epoch - 1].val_loss : NAN;
    bool better = isnan(before) || val_loss < before;
    s->epoch++;
    if (better) {
        s->best_epoch = s->epoch;
        memcpy(s->best, s->w, s->n_floats * sizeof *s->w);
    }
    s->window = 0;
    s->loss_sum = s->loss_n = s->seconds = 0;
    bk_log(l->hooks, BK_LOG_INFO, "epoch %d of %d: loss %.4f, validation %.4f%s, rate %.2g, %.1f s", s->epoch,
           l->r->epochs, row->train_loss, val_loss, better ? " (best)" : "", row->rate, row->seconds);
}

static int run_epoch(loop *l, bk_error *err) {
    double val_loss = 0;
    int code = lay_out_epoch(l, err);
    while (code == BK_OK && l->s.window < l->train.n) {
        train_batch(l);
        code = look_up(l, err);
    }
    if (code == BK_OK) code = validate(l, &val_loss, err);
    if (code == BK_OK) note_epoch(l, val_loss);
    return code;
}

static bool finished(const loop *l) {
    const head_state *s = &l->s;
    return s->epoch >= l->r->epochs || (l->r->patience > 0 && s->epoch - s->best_epoch >= l->r->patience);
}

/* ---- standardised embeddings ------------------------------------------------------------------------ */

/* The rows of in_proj; false where there is none, or nothing was standardised. */
static bool in_proj(const bk_model *m, float *w, const dataset *d, float **weight, float **bias) {
    const nn_tensor *rows = nn_table_find(&m->head_rows, "in_proj.weight");
    const nn_tensor *shift = nn_table_find(&m->head_rows, "in_proj.bias");
    if (!d->scale || !rows || !shift) return false;
    *weight = w + rows->offset;
    *bias = w + shift->offset;
    return true;
}

/* The head that takes embeddings as they are: in_proj of (x - mean) / scale is in_proj of x with other numbers. */
static void fold_standard(const bk_model *m, float *w, const dataset *d) {
    float *weight, *bias;
    if (!in_proj(m, w, d, &weight, &bias)) return;
    for (int o = 0; o < m->head.width; o++) {
        float *row = weight + (size_t)o * (size_t)m->head.in;
        double shift = 0;
        for (int k = 0; k < m->head.in; k++) {
            row[k] /= d->scale[k];
            shift += (double)row[k] * (double)d->mean[k];
        }
        bias[o] -= (float)shift;
    }
}

/* The opposite, for a head to begin with. */
static void unfold_standard(const bk_model *m, float *w, const dataset *d) {
    float *weight, *bias;
    if (!in_proj(m, w, d, &weight, &bias)) return;
    for (int o = 0; o < m->head.width; o++) {
        float *row = weight + (size_t)o * (size_t)m->head.in;
        double shift = 0;
        for (int k = 0; k < m->head.in; k++) {
            shift += (double)row[k] * (double)d->mean[k];
            row[k] *= d->scale[k];
        }
        bias[o] += (float)shift;
    }
}

/* ---- beginning ------------------------------------------------------------------------------------- */

/* One line that two runs share only when they do the same. */
static void describe_run(loop *l) {
    const head_recipe *r = l->r;
    const attention60_config *h = &r->head;
    text_addf(&l->run, "head 1 kind %d seed %llu data %016llx", (int)r->kind, (unsigned long long)r->seed,
              (unsigned long long)dataset_fingerprint(l->d));
    text_addf(&l->run, " shape %d %d %d %d %d %d dropout %.9g", h->window, h->in, h->width, h->layers, h->heads,
              h->mlp, (double)h->dropout);
    text_addf(&l->run, " epochs %d batch %d patience %d rate %.9g decay %.9g clip %.9g warm %.9g", r->epochs,
              r->batch, r->patience, (double)r->rate, (double)r->decay, (double)r->clip, (double)r->warm_up);
    text_addf(&l->run, " flags %d%d%d%d%d%d", r->cosine, r->overlap, r->balance, r->standardise, r->augment,
              r->shuffle);
    if (r->from) text_addf(&l->run, " from %s", r->from->fingerprint);
}

static int open_model(loop *l, const char *path, bk_error *err) {
    text name = { 0 };
    rng r = head_stream(l->r, DRAW_WEIGHTS, 0, 0);
    path_add_stem(&name, path);
    int code = bundle_new_head(&l->m, text_str(&name), &l->r->head, &r, err);
    text_close(&name);
    if (code == BK_OK) code = head_state_open(&l->s, l->m->head_weights, l->m->head_rows.n_floats, l->r->epochs, err);
    if (code == BK_OK && l->r->from) {
        float *from = bundle_head_weights(l->r->from); /* of the same shape */
        if (!from) return bk_fail_memory(err, "a head");
        memcpy(l->m->head_weights, from, l->s.n_floats * sizeof *from);
        unfold_standard(l->m, l->m->head_weights, l->d);
        free(from);
    }
    return code;
}

/* The validation windows, and how many an epoch has. */
static int lay_out(loop *l, bk_error *err) {
    const head_recipe *r = l->r;
    int size = r->head.window;
    int code = r->overlap ? windows_cover(&l->val, l->d, true, size, l->m->stride, err)
                          : windows_end_to_end(&l->val, l->d, true, size, err);
    if (code == BK_OK) code = lay_out_epoch(l, err);
    if (code == BK_OK && (l->train.n == 0 || l->val.n == 0))
        code = bk_fail(err, BK_EINVAL, "%d windows of %d s to train on and %d to validate on: both need one",
                       l->train.n, size, l->val.n);
    return code;
}

static int start(loop *l, const char *path, int threads, bk_error *err) {
    bool resumed = false;
    int code = pool_open(&l->p, threads, err);
    nn_math_single_thread();
    if (code == BK_OK) code = dataset_measure(l->d, err);
    if (code == BK_OK && l->r->standardise) code = dataset_standardise(l->d, err);
    if (code == BK_OK) code = open_model(l, path, err);
    if (code == BK_OK) code = head_batch_open(&l->b, l->r, l->d, l->s.n_floats, l->p, err);
    if (code == BK_OK) code = lay_out(l, err);
    if (code != BK_OK) return code;
    describe_run(l);
    text_addf(&l->state_path, "%s.state", path);
    if (!text_ok(&l->run) || !text_ok(&l->state_path)) return bk_fail_memory(err, "names of files");
    code = head_state_load(&l->s, &resumed, text_str(&l->state_path), text_str(&l->run), err);
    if (resumed)
        bk_log(l->hooks, BK_LOG_INFO, "going on in epoch %d from %s", l->s.epoch + 1, text_str(&l->state_path));
    l->saved_at = l->told_at = now();
    return code;
}

/* ---- ending ---------------------------------------------------------------------------------------- */

/* The table of epochs and its chart. */
static int write_log(const loop *l, const char *log, bk_error *err) {
    text t = { 0 };
    text_addf(&t, "%s.csv", log);
    int code = text_ok(&t) ? head_state_log(&l->s, t.s, err) : bk_fail_memory(err, "names of files");
    text_close(&t);
    return code == BK_OK ? training_plot(log, l->s.history, l->s.epoch, l->s.best_epoch, err) : code;
}

static int finish(loop *l, bk_train_result *out, const char *path, bk_error *err) {
    head_state *s = &l->s;
    const epoch_row *best = &s->history[s->best_epoch - 1];
    memcpy(s->w, s->best, s->n_floats * sizeof *s->w);
    fold_standard(l->m, s->w, l->d);
    int code = bundle_save(l->m, path, BUNDLE_F32, err);
    if (code != BK_OK) return code;
    *out = (bk_train_result){ .epochs = s->epoch,
                              .best_epoch = s->best_epoch,
                              .train_loss = (float)best->train_loss,
                              .val_loss = (float)best->val_loss,
                              .train_windows = l->train.n,
                              .val_windows = l->val.n };
    return BK_OK;
}

static void close_loop(loop *l) {
    head_batch_close(&l->b);
    free(l->train.w);
    free(l->val.w);
    text_close(&l->run);
    text_close(&l->state_path);
    head_state_close(&l->s);
    bk_model_close(&l->m);
    pool_close(&l->p);
}

int head_train(bk_train_result *out, const head_recipe *r, dataset *d, const char *path, const char *log, int threads,
               const bk_hooks *hooks, bk_error *err) {
    loop l = { .r = r, .d = d, .hooks = hooks };
    int code = start(&l, path, threads, err);
    while (code == BK_OK && !finished(&l)) {
        code = run_epoch(&l, err);
        if (code == BK_OK) code = save_state(&l, err);
        if (code == BK_OK)
            code = write_log(&l, log, err);
        else if (code == BK_ECANCELED)
            save_state(&l, NULL);
    }
    if (code == BK_OK) code = finish(&l, out, path, err);
    close_loop(&l);
    return code;
}
