/* bookend verify: someone else's markers judged by the picture, a line an input. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "inputs.h"
#include "jobs.h"

enum { FORMAT_TEXT, FORMAT_JSON };

typedef struct outcome {
    bool failed;
    bk_error error;
    bk_verification v;
} outcome;

typedef struct run_state {
    const settings *s;
    ui *u;
    input_list in;
    bk_model *model;
    char *cache; /* NULL: none */
    outcome *of;
    size_t failures, skipping;
} run_state;

static bool work_one(void *arg, size_t item, int worker) {
    run_state *d = arg;
    const input *in = &d->in.at[item];
    outcome *o = &d->of[item];
    if (in->error) {
        o->failed = true;
        snprintf(o->error.text, sizeof o->error.text, "%s", in->error);
        return true;
    }
    ui_begin(d->u, worker, in->name);
    const bk_find_options f = { .cache_dir = d->cache, .hooks = ui_hooks(d->u, worker) };
    int rc = bk_verify(&o->v, in->path, d->s->markers, d->model, &f, d->s->tolerance, &o->error);
    ui_end(d->u, worker);
    o->failed = rc != BK_OK;
    return rc != BK_ECANCELED;
}

/* ---- telling ----------------------------------------------------------------------------------------------- */

static bool tell_one(void *arg, size_t item) {
    run_state *d = arg;
    const outcome *o = &d->of[item];
    const input *in = &d->in.at[item];
    if (o->failed) {
        ui_fail(d->u, "%s", o->error.text);
        d->failures++;
    } else
        d->skipping += o->v.start.verdict == BK_SKIPS_STORY || o->v.end.verdict == BK_SKIPS_STORY;
    ui_hide(d->u);
    bk_error err;
    bool written = bk_verification_write(stdout, d->s->verify_format == FORMAT_JSON, in->path,
                                         o->failed ? NULL : &o->v, o->failed ? o->error.text : NULL, &err) == BK_OK;
    ui_show(d->u);
    return written;
}

/* ---- the command --------------------------------------------------------------------------------------------- */

static bool prepare(run_state *d) {
    const settings *s = d->s;
    bool ok = true;
    for (size_t i = 0; ok && i < s->paths.n; i++) ok = inputs_add(&d->in, s->paths.at[i], INPUTS_VIDEOS);
    d->of = ok ? calloc(d->in.n + 1, sizeof *d->of) : NULL;
    if (!d->of) {
        ui_fail(d->u, "out of memory");
        return false;
    }
    d->cache = s->cache ? setup_cache_folder() : NULL;
    return setup_model(&d->model, s, setup_jobs(s, d->in.n), d->u);
}

int verify_run(const settings *s, ui *u) {
    run_state d = { .s = s, .u = u };
    int status = EXIT_SOME_FAILED;
    if (prepare(&d)) {
        jobs j = { d.in.n, setup_jobs(s, d.in.n), &d, work_one, tell_one };
        ui_inputs(u, d.in.n, 0, j.workers);
        size_t done = jobs_run(&j);
        if (interrupted_by_user()) ui_fail(u, "stopped; %zu of %zu inputs are done", done, d.in.n);
        if (!d.failures && !d.skipping && !interrupted()) status = EXIT_DONE;
    }
    bk_model_close(&d.model);
    inputs_close(&d.in);
    free(d.of);
    free(d.cache);
    return status;
}
