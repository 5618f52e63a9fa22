/* Checkpoints of the head's training. */
#include "learn/head_state.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/safetensors.h"

enum { COUNTERS = 5, RUNNING = 3, COLUMNS = 4 };

_Static_assert(sizeof(epoch_row) == COLUMNS * sizeof(double), "history is stored as it lies in memory");

int head_state_open(head_state *out, float *w, size_t n_floats, int max_epochs, bk_error *err) {
    head_state s = { .n_floats = n_floats, .w = w, .max_epochs = max_epochs };
    s.m = bk_zeros(n_floats, sizeof(float));
    s.v = bk_zeros(n_floats, sizeof(float));
    s.best = bk_zeros(n_floats, sizeof(float));
    s.history = bk_zeros((size_t)max_epochs, sizeof *s.history);
    if (!s.m || !s.v || !s.best || !s.history) {
        head_state_close(&s);
        return bk_fail_memory(err, "the optimiser");
    }
    *out = s;
    return BK_OK;
}

void head_state_close(head_state *s) {
    free(s->m);
    free(s->v);
    free(s->best);
    free(s->history);
    *s = (head_state){ 0 };
}

int head_state_save(const head_state *s, const char *path, const char *run, bk_error *err) {
    const int64_t counters[COUNTERS] = { s->step, s->epoch, s->window, s->best_epoch, s->max_epochs };
    const double running[RUNNING] = { s->loss_sum, s->loss_n, s->seconds };
    const size_t n[] = { s->n_floats }, nc[] = { COUNTERS }, nr[] = { RUNNING };
    const size_t rows[] = { (size_t)s->max_epochs, COLUMNS };
    const array arrays[] = {
        array_of_floats("w", s->w, 1, n),
        array_of_floats("m", s->m, 1, n),
        array_of_floats("v", s->v, 1, n),
        array_of_floats("best", s->best, 1, n),
        array_of("counters", ARRAY_I64, counters, 1, nc),
        array_of("running", ARRAY_F64, running, 1, nr),
        array_of("history", ARRAY_F64, s->history, 2, rows),
    };
    const safetensors_pair meta[] = { { "run", run } };
    return safetensors_save(path, arrays, sizeof arrays / sizeof *arrays, meta, 1, ARRAY_F32, err);
}

/* Copies one array of exactly n elements of the type. */
static int take(void *to, const safetensors *f, const char *path, const char *name, array_type type, size_t n,
                bk_error *err) {
    const array *a = NULL;
    int code = safetensors_need(&a, f, name, err);
    if (code != BK_OK) return code;
    if (a->type != type || a->n != n)
        return bk_fail(err, BK_EFORMAT, "%s: %s has %zu numbers, %zu belong there", path, name, a->n, n);
    memcpy(to, a->data, array_bytes(a));
    return BK_OK;
}

static int take_all(head_state *s, const safetensors *f, const char *path, bk_error *err) {
    int64_t c[COUNTERS];
    double r[RUNNING];
    int code = take(c, f, path, "counters", ARRAY_I64, COUNTERS, err);
    if (code == BK_OK &&
        (c[1] < 0 || c[1] > s->max_epochs || c[2] < 0 || c[3] < 0 || c[3] > c[1] || c[4] != s->max_epochs))
        code = bk_fail(err, BK_EFORMAT, "%s: its counters contradict each other", path);
    if (code == BK_OK) code = take(r, f, path, "running", ARRAY_F64, RUNNING, err);
    if (code == BK_OK) code = take(s->w, f, path, "w", ARRAY_F32, s->n_floats, err);
    if (code == BK_OK) code = take(s->m, f, path, "m", ARRAY_F32, s->n_floats, err);
    if (code == BK_OK) code = take(s->v, f, path, "v", ARRAY_F32, s->n_floats, err);
    if (code == BK_OK) code = take(s->best, f, path, "best", ARRAY_F32, s->n_floats, err);
    size_t rows = (size_t)s->max_epochs * COLUMNS;
    if (code == BK_OK) code = take(s->history, f, path, "history", ARRAY_F64, rows, err);
    if (code != BK_OK) return code;
    s->step = c[0];
    s->epoch = (int)c[1];
    s->window = (int)c[2];
    s->best_epoch = (int)c[3];
    s->loss_sum = r[0];
    s->loss_n = r[1];
    s->seconds = r[2];
    return BK_OK;
}

int head_state_load(head_state *s, bool *found, const char *path, const char *run, bk_error *err) {
    *found = false;
    if (access(path, F_OK) != 0) return BK_OK;
    safetensors *f = NULL;
    int code = safetensors_open(&f, path, err);
    if (code != BK_OK) return code;
    const char *of = safetensors_meta(f, "run");
    if (of && strcmp(of, run) == 0) {
        code = take_all(s, f, path, err);
        *found = code == BK_OK;
    }
    safetensors_close(&f);
    return code;
}

int head_state_log(const head_state *s, const char *path, bk_error *err) {
    text t = { 0 };
    text_add(&t, "epoch,train_loss,val_loss,rate,seconds\n");
    for (int i = 0; i < s->epoch; i++) {
        const epoch_row *e = &s->history[i];
        text_addf(&t, "%d,", i + 1);
        text_add_number(&t, e->train_loss, 6);
        text_add(&t, ",");
        text_add_number(&t, e->val_loss, 6);
        text_add(&t, ",");
        text_add_number(&t, e->rate, 9);
        text_add(&t, ",");
        text_add_number(&t, e->seconds, 1);
        text_add(&t, "\n");
    }
    int code = text_ok(&t) ? file_save(path, t.s, t.n, err) : bk_fail_memory(err, "train.csv");
    text_close(&t);
    return code;
}
