/* bookend compose: labelled episodes, as films or as tracks of a model. */
#include "bookend/train.h"
#include "commands.h"

static bool check_options(const settings *s, ui *u) {
    bool lengths = !s->min_seconds || !s->max_seconds || s->min_seconds <= s->max_seconds;
    if (!lengths)
        ui_fail(u, "--min-seconds %g is more than --max-seconds %g", s->min_seconds, s->max_seconds);
    else if (s->model && !s->tracks)
        ui_fail(u, "--model goes with --tracks: films need none");
    return lengths && (!s->model || s->tracks);
}

int compose_run(const settings *s, ui *u) {
    bk_model *m = NULL;
    bk_error err = { 0 };
    if (!check_options(s, u)) return EXIT_USAGE;
    if (s->tracks && !setup_model(&m, s, 1, u)) return EXIT_SOME_FAILED;
    const bk_compose_options o = {
        .material = { .folders = s->material.at, .n_folders = (int)s->material.n, .held_out = s->held_out },
        .out_dir = s->out,
        .episodes = (int)s->episodes,
        .first = (int)s->first,
        .min_s = s->min_seconds,
        .max_s = s->max_seconds,
        .seed = (uint64_t)s->seed,
        .model = m,
        .width = (int)s->width,
        .height = (int)s->height,
        .fps = (int)s->fps,
        .shows = (int)s->n_shows,
        .openings = s->openings,
        .credits = s->credits,
        .last_words = s->last_words,
        .clean = s->clean,
        .threads = (int)s->threads,
        .hooks = ui_hooks(u, 0),
    };
    ui_begin(u, 0, s->out);
    int rc = bk_compose(&o, &err);
    ui_end(u, 0);
    bk_model_close(&m);
    if (rc != BK_OK) return setup_failed(u, &err, NULL);
    ui_say(u, "%s: %lld episodes", s->out, (long long)s->episodes);
    return EXIT_DONE;
}
