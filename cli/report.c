/* bookend report: a page for each video on which a person sees whether its two ends are right, and one over all. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bookend/explain.h"
#include "commands.h"
#include "inputs.h"
#include "jobs.h"
#include "output.h"

static const char INDEX[] = "index.html";

/* What came of one input. */
typedef struct finding {
    bool failed, told;
    bk_answer answer;
    bk_error error; /* with an answer: the page could not be written */
    char *name;     /* of the page, below the folder for pages */
    char *page;     /* [size], until it is written */
    size_t size;
} finding;

typedef struct reports {
    const settings *s;
    ui *u;
    input_list in;
    bk_model *model;
    bk_model_info info;
    char *cache; /* NULL: none */
    finding *found;
    size_t failures;
    bool many; /* there is an index */
} reports;

/* ---- names ------------------------------------------------------------------------------------------ */

static bool is_taken(const reports *d, size_t n, const char *name) {
    if (d->many && !strcmp(name, INDEX)) return true;
    for (size_t i = 0; i < n; i++)
        if (!strcmp(d->found[i].name, name)) return true;
    return false;
}

/* film.html for film.mkv; film.mkv.html where that is another's, and then film.mkv-2.html. */
static char *choose_name(const reports *d, size_t item) {
    const char *own = d->in.at[item].name;
    char *name = side_path(own, ".html");
    for (int i = 1; name && is_taken(d, item, name); i++) {
        free(name);
        int n = i == 1 ? asprintf(&name, "%s.html", own) : asprintf(&name, "%s-%d.html", own, i);
        if (n < 0) name = NULL;
    }
    return name;
}

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* ---- finding: on the workers' threads ---------------------------------------------------------------- */

/* The page as text in f. */
static int render(reports *d, const input *in, finding *f, const bk_explanation *e, double elapsed_s) {
    FILE *to = open_memstream(&f->page, &f->size);
    const bk_report r = { .file = in->path, .model = d->info.name, .elapsed_s = elapsed_s };
    int rc = to ? bk_write_page(to, &r, e, &f->error) : BK_ENOMEM;
    if (!to || (fclose(to) != 0 && rc == BK_OK)) {
        rc = BK_ENOMEM;
        snprintf(f->error.text, sizeof f->error.text, "%s: out of memory for its page", in->path);
    }
    return rc;
}

static bool find_one(void *arg, size_t item, int worker) {
    reports *d = arg;
    const input *in = &d->in.at[item];
    finding *f = &d->found[item];
    double began = ui_now();
    if (in->error) {
        f->failed = true;
        snprintf(f->error.text, sizeof f->error.text, "%s", in->error);
        return true;
    }
    ui_begin(d->u, worker, in->name);
    const bk_explain_options o = { .find = { .scan = (bk_scan)d->s->scan,
                                             .decision = (bk_decision)d->s->decision,
                                             .cache_dir = d->cache,
                                             .no_chapters = !d->s->chapters,
                                             .hooks = ui_hooks(d->u, worker) },
                                   .pictures = 1 };
    bk_explanation *e = NULL;
    int rc = bk_explain(&e, in->path, d->model, &o, &f->error);
    ui_end(d->u, worker);
    if (rc == BK_OK) {
        f->answer = e->answer;
        rc = render(d, in, f, e, ui_now() - began);
    }
    bk_explanation_close(&e);
    f->failed = rc != BK_OK;
    return rc != BK_ECANCELED;
}

/* ---- telling: on the main thread, in order of the inputs --------------------------------------------- */

static bool put(reports *d, const char *name, const char *data, size_t n, char error[OUTPUT_ERROR_MAX]) {
    char *path = NULL;
    bool ok = asprintf(&path, "%s/%s", d->s->out, name) >= 0;
    if (!ok) path = NULL;
    const char *shown = path && !strncmp(path, "./", 2) ? path + 2 : path;
    snprintf(error, OUTPUT_ERROR_MAX, "out of memory");
    if (ok) {
        char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
        ok = folder && output_make_folder(folder, error) && side_write(shown, data, n, d->cache, d->s->force, error);
        free(folder);
    }
    if (ok)
        ui_say(d->u, "%s", shown);
    else {
        ui_fail(d->u, "%s", error);
        d->failures++;
    }
    free(path);
    return ok;
}

static bool tell_one(void *arg, size_t item) {
    reports *d = arg;
    const input *in = &d->in.at[item];
    finding *f = &d->found[item];
    char error[OUTPUT_ERROR_MAX];
    f->told = true;
    if (f->failed) {
        bool named = !strncmp(f->error.text, in->path, strlen(in->path));
        ui_fail(d->u, "%s%s%s", named ? "" : in->path, named ? "" : ": ", f->error.text);
        d->failures++;
    } else if (!put(d, f->name, f->page, f->size, error))
        snprintf(f->error.text, sizeof f->error.text, "%.*s", (int)sizeof f->error.text - 1, error);
    free(f->page);
    f->page = NULL;
    return true;
}

static bk_page_row row_of(const reports *d, size_t item) {
    const finding *f = &d->found[item];
    bool written = !f->failed && !*f->error.text;
    return (bk_page_row){ .file = d->in.at[item].name,
                          .page = written ? f->name : NULL,
                          .answer = f->failed ? NULL : &f->answer,
                          .error = *f->error.text ? f->error.text : NULL };
}

/* Over the inputs that were done. */
static void put_index(reports *d) {
    bk_page_row *rows = calloc(d->in.n + 1, sizeof *rows);
    char *page = NULL, error[OUTPUT_ERROR_MAX];
    size_t size = 0, n = 0;
    bk_error err = { 0 };
    FILE *to = rows ? open_memstream(&page, &size) : NULL;
    for (size_t i = 0; to && i < d->in.n; i++)
        if (d->found[i].told) rows[n++] = row_of(d, i);
    int rc = to ? bk_write_index(to, rows, n, d->info.name, &err) : BK_ENOMEM;
    if (to && fclose(to) != 0) rc = BK_ENOMEM;
    if (rc == BK_OK)
        put(d, INDEX, page, size, error);
    else {
        ui_fail(d->u, "%s", *err.text ? err.text : "out of memory for the index of pages");
        d->failures++;
    }
    free(page);
    free(rows);
}

/* ---- the command ------------------------------------------------------------------------------------- */

static bool prepare(reports *d) {
    const settings *s = d->s;
    bool ok = true;
    for (size_t i = 0; ok && i < s->paths.n; i++) {
        ok = inputs_add(&d->in, s->paths.at[i], INPUTS_VIDEOS);
        d->many |= is_folder(s->paths.at[i]);
    }
    d->many |= d->in.n > 1;
    d->found = ok ? calloc(d->in.n + 1, sizeof *d->found) : NULL;
    for (size_t i = 0; d->found && i < d->in.n; i++) ok = ok && (d->found[i].name = choose_name(d, i));
    if (!ok || !d->found) {
        ui_fail(d->u, "out of memory");
        return false;
    }
    d->cache = s->cache ? setup_cache_folder() : NULL;
    if (!setup_model(&d->model, s, setup_jobs(s, d->in.n), d->u)) return false;
    bk_model_describe(d->model, &d->info);
    return true;
}

static int run(reports *d) {
    jobs j = { d->in.n, setup_jobs(d->s, d->in.n), d, find_one, tell_one };
    ui_inputs(d->u, d->in.n, 0, j.workers);
    size_t done = jobs_run(&j);
    if (d->many && done) put_index(d);
    if (interrupted_by_user()) ui_fail(d->u, "stopped; %zu of %zu inputs are done", done, d->in.n);
    return d->failures || interrupted() ? EXIT_SOME_FAILED : EXIT_DONE;
}

int report_run(const settings *s, ui *u) {
    reports d = { .s = s, .u = u };
    int status = prepare(&d) ? run(&d) : EXIT_SOME_FAILED;
    bk_model_close(&d.model);
    for (size_t i = 0; d.found && i < d.in.n; i++) {
        free(d.found[i].name);
        free(d.found[i].page);
    }
    inputs_close(&d.in);
    free(d.found);
    free(d.cache);
    return status;
}
