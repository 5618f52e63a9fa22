/* bookend embed: the tracks of videos and of folders of frames, under the notebook's names. What is there already is
 * kept, so that a run that was stopped goes on. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "inputs.h"
#include "jobs.h"
#include "output.h"

enum { NOTEBOOK_WINDOW = 60 };

typedef enum fate { FAILED, CACHED, SHORT, SAVED } fate;

/* One input and its track. */
typedef struct piece {
    char *out;
    fate fate;
    int seconds;
    bk_error error;
} piece;

typedef struct embed {
    const settings *s;
    ui *u;
    input_list in;
    piece *pieces; /* [in.n] */
    bk_model *model;
    int window; /* samples; less is passed over */
    char *cache;
    size_t failures;
} embed;

/* ---- making tracks: on the workers' threads -------------------------------------------------------- */

static int make_track(bk_track **t, embed *e, const input *in, int worker, bk_error *err) {
    const bk_find_options o = { .scan = (bk_scan)e->s->scan, .cache_dir = e->cache, .hooks = ui_hooks(e->u, worker) };
    return in->frames ? bk_track_from_frames(t, in->path, e->model, &o, err)
                      : bk_track_from_video(t, in->path, e->model, &o, err);
}

static bool embed_one(void *arg, size_t item, int worker) {
    embed *e = arg;
    const input *in = &e->in.at[item];
    piece *p = &e->pieces[item];
    bk_track *t = NULL;
    if (in->error) snprintf(p->error.text, sizeof p->error.text, "%s", in->error);
    if (in->error || p->error.text[0]) return true; /* FAILED already */
    if (!e->s->force && access(p->out, F_OK) == 0) {
        p->fate = CACHED;
        return true;
    }
    ui_begin(e->u, worker, in->name);
    int rc = make_track(&t, e, in, worker, &p->error);
    p->seconds = rc == BK_OK ? bk_track_length(t) : 0;
    bool is_short = p->seconds < e->window;
    if (rc == BK_OK && !is_short) rc = bk_track_save(t, p->out, &p->error);
    if (rc == BK_OK) p->fate = is_short ? SHORT : SAVED;
    bk_track_close(&t);
    ui_end(e->u, worker);
    return rc != BK_ECANCELED;
}

static bool tell_one(void *arg, size_t item) {
    embed *e = arg;
    const input *in = &e->in.at[item];
    const piece *p = &e->pieces[item];
    switch (p->fate) {
    case FAILED:
        ui_fail(e->u, "%s", p->error.text);
        e->failures++;
        break;
    case CACHED: ui_say(e->u, "%s: cached", in->name); break;
    case SHORT:
        ui_say(e->u, "%s: %d %s, fewer than the %d of a window: skipped", in->name, p->seconds,
               in->frames ? "frames" : "seconds", e->window);
        break;
    case SAVED: ui_say(e->u, "%s: %d windows -> %s", in->name, p->seconds / e->window, p->out); break;
    }
    return true;
}

/* ---- names ----------------------------------------------------------------------------------------- */

/* "show1/s01e02.mkv" gives "OUT/show1_s01e02_windows.npz"; folders keep their points. To be freed. */
static char *track_path(const char *folder, const input *in) {
    char *path, *name = strdup(in->name);
    if (!name) return NULL;
    char *slash = strrchr(name, '/'), *dot = strrchr(name, '.');
    if (dot && !in->frames && dot > (slash ? slash + 1 : name)) *dot = 0;
    for (char *p = name; *p; p++)
        if (*p == '/') *p = '_';
    size_t n = strlen(folder);
    int made = asprintf(&path, "%s%s%s_windows.npz", folder, n && folder[n - 1] == '/' ? "" : "/", name);
    free(name);
    return made < 0 ? NULL : path;
}

static bool is_npz(const char *path) {
    size_t n = strlen(path);
    struct stat st;
    return n > 4 && !strcasecmp(path + n - 4, ".npz") && !(stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/* Two inputs of one name would overwrite each other: the second one fails. */
static void refuse_twins(embed *e) {
    for (size_t i = 1; i < e->in.n; i++)
        for (size_t k = 0; k < i; k++)
            if (!e->pieces[i].error.text[0] && !strcmp(e->pieces[i].out, e->pieces[k].out)) {
                snprintf(e->pieces[i].error.text, sizeof e->pieces[i].error.text,
                         "%.100s: its track would have the name of that of %.100s", e->in.at[i].path,
                         e->in.at[k].path);
                break;
            }
}

static bool name_tracks(embed *e) {
    for (size_t i = 0; i < e->in.n; i++) {
        e->pieces[i].out = is_npz(e->s->out) ? strdup(e->s->out) : track_path(e->s->out, &e->in.at[i]);
        if (!e->pieces[i].out) return false;
    }
    refuse_twins(e);
    return true;
}

/* ---- the command ----------------------------------------------------------------------------------- */

static bool find_inputs(embed *e) {
    const settings *s = e->s;
    bool ok = true;
    for (size_t i = 0; ok && i < s->paths.n; i++)
        ok = inputs_add(&e->in, s->paths.at[i], INPUTS_VIDEOS | INPUTS_FRAMES);
    if (ok && s->frames) ok = inputs_add(&e->in, s->frames, INPUTS_FRAMES);
    if (ok) e->pieces = calloc(e->in.n + 1, sizeof *e->pieces);
    ok = ok && e->pieces && name_tracks(e);
    if (!ok) ui_fail(e->u, "out of memory");
    return ok;
}

static int run(embed *e) {
    char error[OUTPUT_ERROR_MAX];
    bk_model_info info;
    jobs j = { e->in.n, setup_jobs(e->s, e->in.n), e, embed_one, tell_one };
    if (!is_npz(e->s->out) && !output_make_folder(e->s->out, error)) {
        ui_fail(e->u, "%s", error);
        return EXIT_SOME_FAILED;
    }
    if (!setup_model(&e->model, e->s, j.workers, e->u)) return EXIT_SOME_FAILED;
    bk_model_describe(e->model, &info);
    e->window = info.window ? info.window : NOTEBOOK_WINDOW;
    ui_inputs(e->u, e->in.n, 0, j.workers);
    size_t done = jobs_run(&j);
    if (interrupted_by_user())
        ui_fail(e->u, "stopped; %zu of %zu inputs are done, the same command goes on with the rest", done, e->in.n);
    return e->failures || interrupted() ? EXIT_SOME_FAILED : EXIT_DONE;
}

int embed_run(const settings *s, ui *u) {
    embed e = { .s = s, .u = u, .cache = s->cache ? setup_cache_folder() : NULL };
    int status = EXIT_SOME_FAILED;
    setup_nice(s);
    if (!s->paths.n && !s->frames) {
        ui_fail(u, "no PATH and no --frames DIR was given");
        status = EXIT_USAGE;
    } else if (find_inputs(&e)) {
        if (is_npz(s->out) && e.in.n > 1) {
            ui_fail(u, "--out %s: one file, but there are %zu inputs; a folder was expected", s->out, e.in.n);
            status = EXIT_USAGE;
        } else
            status = run(&e);
    }
    bk_model_close(&e.model);
    for (size_t i = 0; e.pieces && i < e.in.n; i++) free(e.pieces[i].out);
    free(e.pieces);
    inputs_close(&e.in);
    free(e.cache);
    return status;
}
