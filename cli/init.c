/* bookend init: a folder to work in, laid out as the notebook's: labels, folders, a page with the commands, and,
 * where the library has its generator, three small shows to try them on. Never touches what is there already. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bookend/train.h"
#include "commands.h"
#include "output.h"

enum { FILMS = 9, SHOWS = 3, WIDTH = 256, HEIGHT = 144, FPS = 8 };

static const char labels_example[] = "file,start_main,end_main\n"
                                     "show1/s01e01.mkv,00:01:02,00:41:07.500\n";

static const char readme[] =
    "# A study with bookend\n"
    "\n"
    "- `data/films/`: the videos, `SHOW_EPISODE.mp4` or `SHOW/EPISODE.mp4`; or `data/frames/SHOW/EPISODE/*.jpg`, "
    "one\n"
    "  picture a second.\n"
    "- `data/labels.csv`: `file,start_main,end_main`, times `HH:MM:SS` or `HH:MM:SS.sss`. The story begins at\n"
    "  start_main and ends at end_main. `bookend detect --format csv data/films` writes a first draft to correct.\n"
    "- `data/clip_windows/`: an embedding a second of each episode, `SHOW_EPISODE_windows.npz`.\n"
    "- `model_weights/`: heads and how their training went. `report/`: figures and plots.\n"
    "\n"
    "Run these here, in this order; each may be stopped and run again:\n"
    "\n"
    "```\n"
    "bookend embed --out data/clip_windows data/films          # or: --frames data/frames\n"
    "bookend train --labels data/labels.csv --embeddings data/clip_windows --val-shows show2 \\\n"
    "    --out model_weights/head.safetensors\n"
    "bookend eval --labels data/labels.csv --embeddings data/clip_windows --shows show2 \\\n"
    "    --head model_weights/head.safetensors --out report\n"
    "bookend detect --head model_weights/head.safetensors data/films\n"
    "```\n"
    "\n"
    "`--from bookend-small` starts the training from the head that ships instead of from nothing; `--folds 3` holds "
    "out\n"
    "each show in turn; `--recipe notebook` trains as the notebook does.\n";

/* DIR/NAME, to be freed. */
static char *below(const char *dir, const char *name) {
    char *path;
    return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

static bool make_folders(const char *dir, char error[OUTPUT_ERROR_MAX]) {
    static const char *const names[] = { "data/films", "data/frames", "data/clip_windows", "model_weights" };
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof names / sizeof *names; i++) {
        char *path = below(dir, names[i]);
        snprintf(error, OUTPUT_ERROR_MAX, "out of memory");
        ok = path && output_make_folder(path, error);
        free(path);
    }
    return ok;
}

/* A file that is not there yet. */
static bool write_new(const char *path, const char *content, size_t n, ui *u) {
    char error[OUTPUT_ERROR_MAX];
    if (access(path, F_OK) == 0) {
        ui_say(u, "%s: there already, left as it is", path);
        return true;
    }
    bool ok = output_save(path, content, n, error);
    if (!ok) ui_fail(u, "%s", error);
    return ok;
}

/* The example's films, and their labels to where the study has its own. BK_EINVAL: no generator. */
static int compose(const char *films, const char *labels, ui *u, bk_error *err) {
    const bk_compose_options o = { .out_dir = films,
                                   .episodes = FILMS,
                                   .shows = SHOWS,
                                   .openings = "logo,title_card,montage",
                                   .credits = "roll_black,cards_black,cards_art",
                                   .clean = 1,
                                   .min_s = 66,
                                   .max_s = 84,
                                   .width = WIDTH,
                                   .height = HEIGHT,
                                   .fps = FPS,
                                   .hooks = ui_hooks(u, 0) };
    ui_begin(u, 0, films);
    int rc = bk_compose(&o, err);
    ui_end(u, 0);
    char *made = rc == BK_OK ? below(films, "labels.csv") : NULL;
    if (rc == BK_OK && (!made || rename(made, labels) != 0)) {
        rc = err->code = BK_EIO;
        snprintf(err->text, sizeof err->text, "%.200s: %s", labels, made ? strerror(errno) : "out of memory");
    }
    free(made);
    return rc;
}

/* The labels of the example, or a line that shows their form. The exit status. */
static int write_labels(const settings *s, const char *films, const char *labels, ui *u) {
    bk_error err = { 0 };
    int rc = s->example ? compose(films, labels, u, &err) : BK_EINVAL;
    if (rc == BK_OK) {
        ui_say(u, "%s: %d films of %d shows, composed; %s: where their stories begin and end", films, FILMS, SHOWS,
               labels);
        return EXIT_DONE;
    }
    if (rc != BK_EINVAL) return setup_failed(u, &err, NULL);
    if (s->example) ui_say(u, "no example: %s", err.text);
    return write_new(labels, labels_example, sizeof labels_example - 1, u) ? EXIT_DONE : EXIT_SOME_FAILED;
}

int init_run(const settings *s, ui *u) {
    const char *dir = s->paths.at[0];
    char error[OUTPUT_ERROR_MAX], *films = below(dir, "data/films"), *labels = below(dir, "data/labels.csv");
    char *page = below(dir, "README.md");
    int status = EXIT_SOME_FAILED;
    if (!films || !labels || !page)
        ui_fail(u, "out of memory");
    else if (access(labels, F_OK) == 0)
        ui_fail(u, "%s: there already; this folder is left as it is", labels);
    else if (!make_folders(dir, error))
        ui_fail(u, "%s", error);
    else if (write_new(page, readme, sizeof readme - 1, u))
        status = write_labels(s, films, labels, u);
    if (status == EXIT_DONE) ui_say(u, "%s: how to go on", page);
    free(films);
    free(labels);
    free(page);
    return status;
}
