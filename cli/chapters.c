/* bookend chapters: what was found, written into the films themselves. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "inputs.h"
#include "jobs.h"

typedef struct outcome {
    bool failed;
    bk_error error;
    bk_answer answer;
    bk_chapters *chapters; /* NULL: failed */
} outcome;

typedef struct run_state {
    const settings *s;
    ui *u;
    input_list in;
    bk_model *model;
    char *cache; /* NULL: none */
    outcome *of;
    size_t failures;
} run_state;

/* ---- on the workers' threads ------------------------------------------------------------------------- */

static int find_and_write(run_state *d, const input *in, int worker, outcome *o) {
    const bk_find_options f = { .scan = (bk_scan)d->s->scan,
                                .decision = (bk_decision)d->s->decision,
                                .cache_dir = d->cache,
                                .no_chapters = !d->s->chapters,
                                .hooks = ui_hooks(d->u, worker) };
    int rc = bk_find(&o->answer, in->path, d->model, &f, &o->error);
    const bk_report r = {
        .file = in->path, .answer = &o->answer, .pad_start_s = d->s->pad_start, .pad_end_s = d->s->pad_end
    };
    if (rc == BK_OK) rc = bk_chapters_open(&o->chapters, &r, &o->error);
    if (rc == BK_OK && !d->s->dry_run) rc = bk_chapters_write(o->chapters, &f.hooks, &o->error);
    return rc;
}

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
    int rc = find_and_write(d, in, worker, o);
    ui_end(d->u, worker);
    o->failed = rc != BK_OK;
    return rc != BK_ECANCELED;
}

/* ---- telling, in order of the inputs ------------------------------------------------------------------- */

/* "0:01:32.480" */
static void print_clock(int64_t us) {
    long long ms = us > 0 ? (us + 500) / 1000 : 0;
    printf("%02lld:%02lld:%02lld.%03lld", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

/* A name comes from a file: a terminal should not obey it. */
static void print_name(const char *s) {
    for (; *s; s++) putchar((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
}

static void print_list(const bk_chapters *c) {
    for (int i = 0; i < bk_chapters_count(c); i++) {
        const bk_chapter x = bk_chapters_get(c, i);
        printf("  %c ", x.changed ? '+' : ' ');
        print_clock(x.begin_us);
        fputs(" - ", stdout);
        print_clock(x.end_us);
        fputs("  ", stdout);
        print_name(x.name);
        putchar('\n');
    }
}

static const char *state_of(const run_state *d, const outcome *o) {
    bool unsure = o->answer.start_main.found == BK_UNSURE && o->answer.end_main.found == BK_UNSURE;
    if (bk_chapters_pending(o->chapters)) return d->s->dry_run ? "would be written" : "written";
    return unsure ? o->answer.reason : "nothing to add";
}

static bool tell_one(void *arg, size_t item) {
    run_state *d = arg;
    outcome *o = &d->of[item];
    const input *in = &d->in.at[item];
    if (o->failed) {
        ui_fail(d->u, "%s", o->error.text);
        d->failures++;
    } else if (!d->s->quiet) {
        ui_hide(d->u);
        print_name(in->path);
        printf(": %s\n", state_of(d, o));
        print_list(o->chapters);
        fflush(stdout);
        ui_show(d->u);
    }
    bk_chapters_close(&o->chapters);
    return !ferror(stdout);
}

/* ---- the command ----------------------------------------------------------------------------------------- */

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

int chapters_run(const settings *s, ui *u) {
    run_state d = { .s = s, .u = u };
    int status = EXIT_SOME_FAILED;
    if (prepare(&d)) {
        jobs j = { d.in.n, setup_jobs(s, d.in.n), &d, work_one, tell_one };
        ui_inputs(u, d.in.n, 0, j.workers);
        size_t done = jobs_run(&j);
        if (interrupted_by_user()) ui_fail(u, "stopped; %zu of %zu inputs are done", done, d.in.n);
        if (!d.failures && !interrupted()) status = EXIT_DONE;
    }
    for (size_t i = 0; d.of && i < d.in.n; i++) bk_chapters_close(&d.of[i].chapters);
    bk_model_close(&d.model);
    inputs_close(&d.in);
    free(d.of);
    free(d.cache);
    return status;
}
