/* The steps that several commands begin and end with: folders by the XDG rules, the model, how many threads. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "commands.h"
#include "output.h"

static char *xdg_folder(const char *variable, const char *below_home, const char *name) {
    const char *base = getenv(variable), *home = getenv("HOME");
    char *path = NULL;
    int n = -1;
    if (base && base[0] == '/')
        n = asprintf(&path, "%s/%s", base, name);
    else if (home && home[0] == '/')
        n = asprintf(&path, "%s/%s/%s", home, below_home, name);
    return n < 0 ? NULL : path;
}

char *setup_models_folder(void) {
    return xdg_folder("XDG_DATA_HOME", ".local/share", "bookend/models");
}

char *setup_cache_folder(void) {
    return xdg_folder("XDG_CACHE_HOME", ".cache", "bookend");
}

bool setup_is_inside(const char *name) {
    bk_model *m = NULL;
    bk_model_info info = { .name = "" };
    if (bk_model_open(&m, NULL, NULL, NULL) == BK_OK) bk_model_describe(m, &info);
    bk_model_close(&m);
    return !strcmp(info.name, name);
}

bool setup_model_path(char **out, const char *name) {
    *out = NULL;
    if (!name) return true;
    bool is_file = strchr(name, '/') || access(name, F_OK) == 0;
    if (!is_file && setup_is_inside(name)) return true;
    char *folder = is_file ? NULL : setup_models_folder(), *path = NULL;
    if (folder && asprintf(&path, "%s/%s.safetensors", folder, name) < 0) path = NULL;
    if (path && access(path, F_OK) != 0) {
        free(path);
        path = NULL;
    }
    free(folder);
    *out = path ? path : strdup(name);
    return *out != NULL;
}

static int processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

/* A worker and a thread a processor: side by side, inputs never wait for one another, as threads on one input do. */
int setup_jobs(const settings *s, size_t n) {
    enum { USUAL_MAX = 16 }; /* each has a decoder and pictures in memory */
    int cores = processors();
    size_t jobs = s->jobs ? (size_t)s->jobs : (size_t)(cores < USUAL_MAX ? cores : USUAL_MAX);
    if (jobs > n) jobs = n;
    return jobs < 1 ? 1 : jobs > UI_WORKERS_MAX ? UI_WORKERS_MAX : (int)jobs;
}

void setup_nice(const settings *s) {
    enum { IO_WHO_PROCESS = 1, IO_CLASS_IDLE = 3, IO_CLASS_SHIFT = 13 }; /* linux/ioprio.h */
    if (!s->nice) return;
    setpriority(PRIO_PROCESS, 0, 19);
#ifdef SYS_ioprio_set
    syscall(SYS_ioprio_set, IO_WHO_PROCESS, 0, IO_CLASS_IDLE << IO_CLASS_SHIFT);
#endif
}

bool setup_model(bk_model **out, const settings *s, int jobs, ui *u) {
    bk_error err = { 0 };
    char *path;
    if (!setup_model_path(&path, s->model)) {
        ui_fail(u, "out of memory");
        return false;
    }
    int threads = s->threads ? (int)s->threads : processors();
    bk_model_options o = { .head = s->head, .threads = threads > jobs ? threads / jobs : 1 };
    int rc = bk_model_open(out, path, &o, &err);
    if (rc != BK_OK) ui_fail(u, "%s", err.text);
    free(path);
    return rc == BK_OK;
}

bool setup_parent(const char *path, ui *u) {
    char error[OUTPUT_ERROR_MAX] = "out of memory";
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path) return true;
    char *folder = strndup(path, (size_t)(slash - path));
    bool ok = folder && output_make_folder(folder, error);
    if (!ok) ui_fail(u, "%s", error);
    free(folder);
    return ok;
}

int setup_failed(ui *u, const bk_error *err, const char *advice) {
    if (err->code == BK_ECANCELED)
        ui_fail(u, "stopped%s%s", advice ? "; " : "", advice ? advice : "");
    else
        ui_fail(u, "%s", err->text);
    return EXIT_SOME_FAILED;
}
