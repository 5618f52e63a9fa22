/* bookend model: the models at hand, what is in one, joining an encoder and a head, and weights from other programs
 * and for them. Fetching is fetch.c. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bookend/train.h"
#include "bookend/weights.h"
#include "commands.h"

static const char ENDING[] = ".safetensors";

/* ---- list ------------------------------------------------------------------------------------------ */

/* name NULL: the model's own. False: it cannot be opened, and that was said. */
static bool list_one(const char *path, const char *name, ui *u) {
    bk_model *m = NULL;
    bk_model_info i;
    bk_error err = { 0 };
    if (bk_model_open(&m, path, NULL, &err) != BK_OK) {
        ui_fail(u, "%s", err.text);
        return false;
    }
    bk_model_describe(m, &i);
    printf("%-24s %s  %s%s\n", name ? name : i.name, i.fingerprint, path ? path : "inside the program",
           i.window ? "" : "  (no head)");
    bk_model_close(&m);
    return true;
}

static int is_model(const struct dirent *d) {
    size_t n = strlen(d->d_name), k = sizeof ENDING - 1;
    return d->d_name[0] != '.' && n > k && !strcmp(d->d_name + n - k, ENDING);
}

int model_list_run(const settings *s, ui *u) {
    struct dirent **entries = NULL;
    char *folder = setup_models_folder();
    int n = folder ? scandir(folder, &entries, is_model, alphasort) : 0;
    bool ok = list_one(NULL, NULL, u);
    for (int i = 0; i < n; i++) {
        char *path, *name = entries[i]->d_name;
        if (asprintf(&path, "%s/%s", folder, name) < 0) path = NULL;
        name[strlen(name) - (sizeof ENDING - 1)] = 0;
        ok &= path && list_one(path, name, u);
        free(path);
        free(entries[i]);
    }
    free(entries);
    free(folder);
    return ok ? EXIT_DONE : EXIT_SOME_FAILED;
}

/* ---- info ------------------------------------------------------------------------------------------ */

static void print_info(const bk_model_info *i) {
    printf("name          %s\nabout         %s\nfingerprint   %s\n", i->name, i->about ? i->about : "",
           i->fingerprint);
    if (i->encoder_parameters)
        printf("picture       %d x %d pixels\nencoder       %lld parameters\n", i->picture_w, i->picture_h,
               (long long)i->encoder_parameters);
    printf("embedding     %d numbers\n", i->embedding);
    if (i->window)
        printf("window        %d samples\nhead          %lld parameters\n", i->window, (long long)i->head_parameters);
    else
        printf("head          none\n");
}

int model_info_run(const settings *s, ui *u) {
    settings chosen = *s;
    bk_model *m = NULL;
    bk_model_info i;
    bk_error err = { 0 };
    chosen.model = s->paths.n ? s->paths.at[0] : NULL;
    if (!setup_model(&m, &chosen, 1, u)) return EXIT_SOME_FAILED;
    bk_model_describe(m, &i);
    print_info(&i);
    int rc = s->verbose ? bk_model_print(m, stdout, &err) : BK_OK;
    bk_model_close(&m);
    return rc == BK_OK ? EXIT_DONE : setup_failed(u, &err, NULL);
}

/* ---- pack ------------------------------------------------------------------------------------------ */

/* False: there is something already and it stays, which was said. */
static bool is_free(const char *path, bool force, ui *u) {
    if (force || access(path, F_OK) != 0) return true;
    ui_fail(u, "%s: it is there already; --force replaces it", path);
    return false;
}

int model_pack_run(const settings *s, ui *u) {
    bk_error err = { 0 };
    if (!is_free(s->out, s->force, u) || !setup_parent(s->out, u)) return EXIT_SOME_FAILED;
    if (bk_model_pack(s->out, s->encoder, s->head, &err) != BK_OK) return setup_failed(u, &err, NULL);
    ui_say(u, "%s: written", s->out);
    return EXIT_DONE;
}

/* ---- convert ----------------------------------------------------------------------------------------- */

int model_convert_run(const settings *s, ui *u) {
    bk_error err = { 0 };
    bk_convert_options o = { .activation = (bk_activation)s->activation, .heads = (int)s->heads };
    char *in;
    if (!is_free(s->out, s->force, u) || !setup_parent(s->out, u)) return EXIT_SOME_FAILED;
    if (!setup_model_path(&in, s->paths.at[0])) {
        ui_fail(u, "out of memory");
        return EXIT_SOME_FAILED;
    }
    ui_talk(u, UI_STEPS); /* what was taken for the numbers that the file lacks is the news */
    ui_inputs(u, 1, 0, 1);
    o.hooks = ui_hooks(u, 0);
    int rc = bk_model_convert(s->out, in, &o, &err);
    free(in);
    if (rc != BK_OK) return setup_failed(u, &err, NULL);
    ui_say(u, "%s: written", s->out);
    return EXIT_DONE;
}

/* ---- export ------------------------------------------------------------------------------------------ */

/* Whether both files may be written; false: that was said. */
static bool onnx_is_free(const settings *s, ui *u) {
    static const char *const names[] = { "encoder.onnx", "head.onnx" };
    bool ok = true;
    for (int i = 0; i < 2 && ok; i++) {
        char *path;
        if (asprintf(&path, "%s/%s", s->onnx, names[i]) < 0) return false;
        ok = is_free(path, s->force, u);
        free(path);
    }
    return ok;
}

int model_export_run(const settings *s, ui *u) {
    bk_error err = { 0 };
    bk_model *m = NULL;
    if (!onnx_is_free(s, u) || !setup_model(&m, s, 1, u)) return EXIT_SOME_FAILED;
    int rc = bk_model_export_onnx(m, s->onnx, &err);
    bk_model_close(&m);
    if (rc != BK_OK) return setup_failed(u, &err, NULL);
    ui_say(u, "%s: written", s->onnx);
    return EXIT_DONE;
}
