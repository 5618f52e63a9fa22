/* bookend detect: the two ends of the story in each video, on stdout, in a file, or in side files. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bookend/explain.h"
#include "commands.h"
#include "folder.h"
#include "inputs.h"
#include "jobs.h"
#include "output.h"

/* An input, and what came of it. */
typedef struct finding {
    const settings *s; /* the command line's with its folder's */
    bool known;        /* from the cache */
    bool failed;
    bk_answer answer;
    bk_error error;
    char model[64];
    double elapsed_s;
    char *plot; /* with --plot, [plot_size]; NULL: none */
    size_t plot_size;
} finding;

typedef struct detect {
    const settings *s;
    ui *u;
    input_list in;
    folder_list folders;
    bk_model *model; /* NULL while every answer is known */
    char *model_path;
    bk_model_info info;
    char *cache; /* NULL: none */
    finding *found;
    size_t known; /* findings that are */
    output out;
    size_t failures, written;
    bool lost; /* the answers cannot be written any more */
} detect;

/* ---- finding: on the workers' threads -------------------------------------------------------------- */

/* The answer, and for --plot the drawing. */
static int find_and_draw(detect *d, const input *in, finding *f, const bk_find_options *o) {
    bk_explanation *e = NULL;
    const bk_explain_options all = { .find = *o };
    const bk_report r = { .file = in->path };
    int rc = bk_explain(&e, in->path, d->model, &all, &f->error);
    FILE *to = rc == BK_OK ? open_memstream(&f->plot, &f->plot_size) : NULL;
    if (rc == BK_OK) f->answer = e->answer;
    if (to) rc = bk_write_plot(to, (bk_plot)d->s->plot, &r, e, &f->error);
    if (rc == BK_OK && (!to || fflush(to) != 0)) {
        rc = BK_ENOMEM;
        snprintf(f->error.text, sizeof f->error.text, "%s: out of memory for its plot", in->path);
    }
    if (to) fclose(to);
    bk_explanation_close(&e);
    return rc;
}

static bk_find_options options_of(const detect *d, const finding *f) {
    return (bk_find_options){ .scan = (bk_scan)f->s->scan,
                              .decision = (bk_decision)f->s->decision,
                              .cache_dir = d->cache,
                              .no_chapters = !f->s->chapters,
                              .start_within_us = (int64_t)(f->s->start_within * 1e6),
                              .end_within_us = (int64_t)(f->s->end_within * 1e6) };
}

static bool find_one(void *arg, size_t item, int worker) {
    detect *d = arg;
    const input *in = &d->in.at[item];
    finding *f = &d->found[item];
    double began = ui_now();
    if (f->known) return true;
    if (in->error) {
        f->failed = true;
        snprintf(f->error.text, sizeof f->error.text, "%s", in->error);
        return true;
    }
    ui_begin(d->u, worker, in->name);
    bk_find_options o = options_of(d, f);
    o.hooks = ui_hooks(d->u, worker);
    int rc = d->s->plot ? find_and_draw(d, in, f, &o) : bk_find(&f->answer, in->path, d->model, &o, &f->error);
    ui_end(d->u, worker);
    f->failed = rc != BK_OK;
    memcpy(f->model, d->info.name, sizeof f->model);
    f->elapsed_s = ui_now() - began;
    return rc != BK_ECANCELED;
}

/* ---- telling: on the main thread, in order of the inputs ------------------------------------------- */

/* A folder may choose the format of its side files. What goes into one stream is of one format. */
static int format_of(const detect *d, const finding *f) {
    return d->s->write ? f->s->format : d->s->format;
}

/* A report as text, to be freed. NULL: *err says why. */
static char *render(const detect *d, const input *in, const finding *f, size_t *n, bk_error *err) {
    char *text = NULL;
    FILE *to = open_memstream(&text, n);
    const bk_report r = { .file = in->path,
                          .answer = f->failed ? NULL : &f->answer,
                          .error = f->failed ? f->error.text : NULL,
                          .model = f->model,
                          .elapsed_s = f->elapsed_s,
                          .pad_start_s = f->s->pad_start,
                          .pad_end_s = f->s->pad_end };
    int rc = to ? bk_write(to, format_of(d, f), &r, err) : BK_ENOMEM;
    if (!to || (fclose(to) != 0 && rc == BK_OK)) {
        rc = BK_ENOMEM;
        snprintf(err->text, sizeof err->text, "%s: out of memory for its report", in->path);
    }
    if (rc == BK_OK) return text;
    free(text);
    return NULL;
}

/* Sentences of the library open with the file's name, but not where they speak of another file. */
static void tell_failure(detect *d, const input *in, const char *why) {
    size_t n = strlen(in->path);
    bool named = !strncmp(why, in->path, n);
    ui_fail(d->u, "%s%s%s", named ? "" : in->path, named ? "" : ": ", why);
}

static void put_side(detect *d, const input *in, const char *suffix, const char *data, size_t n) {
    char error[OUTPUT_ERROR_MAX];
    char *path = side_path(in->path, suffix);
    if (path && side_write(path, data, n, d->cache, d->s->force, error)) {
        ui_say(d->u, "%s", path);
        d->written++;
    } else {
        ui_fail(d->u, "%s", path ? error : "out of memory");
        d->failures++;
    }
    free(path);
}

static void put_beside(detect *d, const input *in, const finding *f, const char *text, size_t n) {
    bool unsure = f->answer.start_main.found == BK_UNSURE && f->answer.end_main.found == BK_UNSURE;
    if (unsure || n == 0) {
        ui_say(d->u, "%s: no side file: %s", in->path, unsure ? f->answer.reason : "there is nothing to skip");
        return;
    }
    put_side(d, in, bk_format_suffix(f->s->format), text, n);
}

static void put_out(detect *d, const char *text, size_t n) {
    ui_hide(d->u);
    d->lost = fwrite(text, 1, n, d->out.to) != n || fflush(d->out.to) != 0;
    ui_show(d->u);
}

static bool tell_one(void *arg, size_t item) {
    detect *d = arg;
    const input *in = &d->in.at[item];
    finding *f = &d->found[item];
    bk_error err = { 0 };
    size_t n = 0;
    char *text = render(d, in, f, &n, &err);
    /* On a terminal the answer itself has said it already. */
    bool seen = text && n > 0 && d->out.to == stdout && isatty(STDOUT_FILENO) && !d->s->write;
    if (f->failed && !seen) tell_failure(d, in, f->error.text);
    if (!text) tell_failure(d, in, err.text);
    if (f->failed || !text) d->failures++;
    if (text && d->s->write && !f->failed)
        put_beside(d, in, f, text, n);
    else if (text && !d->s->write)
        put_out(d, text, n);
    if (f->plot && !f->failed)
        put_side(d, in, d->s->plot == BK_PLOT_PNG ? ".bookend.png" : ".bookend.svg", f->plot, f->plot_size);
    free(f->plot);
    f->plot = NULL;
    free(text);
    return !d->lost;
}

/* ---- the command ----------------------------------------------------------------------------------- */

/* Every input gets its folder's settings. Those that are to be left alone leave the list; those whose folder's file
 * is no good fail. */
static bool read_folders(detect *d) {
    size_t n = 0;
    for (size_t i = 0; i < d->in.n; i++) {
        input *in = &d->in.at[i], kept;
        const folder *f = in->error ? NULL : folder_of(&d->folders, in->path, d->s);
        if (!f && !in->error) return false;
        if (f && f->failed && !(in->error = strdup(f->error))) return false;
        if (f && f->s.skip) {
            ui_say(d->u, "%s: left alone, as %s says", in->path, f->file);
            input_free(in);
            continue;
        }
        d->found[n].s = f && !f->failed ? &f->s : d->s;
        kept = *in;
        *in = (input){ 0 };
        d->in.at[n++] = kept;
    }
    d->in.n = n;
    return true;
}

static int check_formats(const detect *d) {
    if (!d->s->write) return EXIT_DONE;
    if (d->s->out) {
        ui_fail(d->u, "--write puts files beside the videos, --out elsewhere: only one of them can be had");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < d->in.n; i++) {
        int format = d->found[i].s->format;
        if (bk_format_suffix(format)) continue;
        ui_fail(d->u, "--write: %s has no side file; choose another --format, such as edl", bk_format_name(format));
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

/* Whatever is known from an earlier run needs no model: so a run goes on where it was stopped. A drawing shows more than
 * the answer, and is not known. */
static void look_up_answers(detect *d) {
    for (size_t i = 0; i < d->in.n && d->cache && !d->s->plot && !interrupted(); i++) {
        finding *f = &d->found[i];
        const bk_find_options o = options_of(d, f);
        double began = ui_now();
        f->known = !d->in.at[i].error &&
                   bk_find_cached(&f->answer, f->model, d->in.at[i].path, d->model_path, d->s->head, &o);
        f->elapsed_s = ui_now() - began;
        d->known += f->known;
    }
}

static size_t unknown(const detect *d) {
    return d->in.n - d->known;
}

static int prepare(detect *d) {
    const settings *s = d->s;
    bool ok = true;
    for (size_t i = 0; ok && i < s->paths.n; i++) ok = inputs_add(&d->in, s->paths.at[i], INPUTS_VIDEOS);
    d->found = ok ? calloc(d->in.n + 1, sizeof *d->found) : NULL;
    if (!d->found || !read_folders(d) || !setup_model_path(&d->model_path, s->model)) {
        ui_fail(d->u, "out of memory");
        return EXIT_SOME_FAILED;
    }
    int status = check_formats(d);
    if (status != EXIT_DONE) return status;
    d->cache = s->cache ? setup_cache_folder() : NULL;
    look_up_answers(d);
    if (unknown(d) == 0) return EXIT_DONE;
    if (!setup_model(&d->model, s, setup_jobs(s, unknown(d)), d->u)) return EXIT_SOME_FAILED;
    bk_model_describe(d->model, &d->info);
    return EXIT_DONE;
}

/* The answers take their place, or, when the run was stopped, stay beside it. */
static void finish_output(detect *d, size_t done) {
    char error[OUTPUT_ERROR_MAX], kept[OUTPUT_ERROR_MAX] = "";
    if (interrupted_by_user() && done > 0 && d->out.temp) {
        snprintf(kept, sizeof kept, " and kept in %.200s", d->out.temp);
        output_keep_partial(&d->out);
    } else if (interrupted_by_user() && d->out.temp) {
        output_abandon(&d->out);
    } else if (!output_commit(&d->out, error)) {
        ui_fail(d->u, "%s", error);
        d->failures++;
    }
    if (interrupted_by_user())
        ui_fail(d->u, "stopped; %zu of %zu inputs are done%s%s", done, d->in.n, kept,
                d->cache ? "; the same command goes on with the rest" : "");
}

static int run(detect *d) {
    static const ui_stage smart[] = { { "scan", 0.5 }, { "look", 0.2 }, { "refine", 0.3 } },
                          full[] = { { "scan", 0.95 }, { "look", 0 }, { "refine", 0.05 } };
    char error[OUTPUT_ERROR_MAX];
    bk_error err = { 0 };
    jobs j = { d->in.n, setup_jobs(d->s, unknown(d)), d, find_one, tell_one };
    if (!output_open_partial(&d->out, d->s->out, error)) {
        ui_fail(d->u, "%s", error);
        return EXIT_SOME_FAILED;
    }
    ui_stages(d->u, d->s->scan == BK_SCAN_FULL ? full : smart, 3);
    ui_inputs(d->u, d->in.n, d->known, j.workers);
    if (!d->s->write) d->lost = bk_write_header(d->out.to, d->s->format, &err) != BK_OK;
    finish_output(d, d->lost ? 0 : jobs_run(&j));
    return d->failures || d->lost || interrupted() ? EXIT_SOME_FAILED : EXIT_DONE;
}

int detect_run(const settings *s, ui *u) {
    detect d = { .s = s, .u = u };
    setup_nice(s);
    int status = prepare(&d);
    if (status == EXIT_DONE) status = run(&d);
    bk_model_close(&d.model);
    for (size_t i = 0; d.found && i < d.in.n; i++) free(d.found[i].plot);
    inputs_close(&d.in);
    folder_list_close(&d.folders);
    free(d.model_path);
    free(d.found);
    free(d.cache);
    return status;
}
