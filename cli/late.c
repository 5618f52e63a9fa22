/* The library, loaded when it is first needed. FFmpeg alone takes the dynamic loader longer than a cached answer, a
 * page of help or a completion takes the program; those come from the few parts of the library that are in the
 * program itself (cli/meson.build). Here stand all other functions of the library that the program calls: each is
 * looked up by its name. dlopen() counts; the library stays. A new one is a line here. Left out where everything is
 * linked statically. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "bookend/explain.h"
#include "bookend/train.h"
#include "bookend/weights.h"
#include "commands.h"

/* As the dynamic loader ends a program whose library is missing. */
enum { EXIT_NO_LIBRARY = 127 };

/* The library's threads are its own: OpenBLAS, loaded with it, need not start any, which spin when they are new. */
static void keep_blas_alone(void) {
    setenv("OPENBLAS_NUM_THREADS", "1", 0);
}

static void *look_up(const char *name) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, keep_blas_alone);
    void *library = dlopen(BOOKEND_LIBRARY, RTLD_LAZY | RTLD_LOCAL), *found = library ? dlsym(library, name) : NULL;
    if (found) return found;
    fprintf(stderr, "bookend: %s\n", dlerror());
    _exit(EXIT_NO_LIBRARY);
}

/* POSIX has a void * from dlsym() become a function by way of its bytes; GCC and Clang allow the cast. */
#define LATE(type, name, parameters, arguments)                                                                      \
    type name parameters {                                                                                           \
        return ((type(*) parameters)look_up(#name))arguments;                                                        \
    }

LATE(int, bk_model_open, (bk_model * *out, const char *path, const bk_model_options *o, bk_error *err),
     (out, path, o, err))
LATE(int, bk_model_print, (const bk_model *m, FILE *to, bk_error *err), (m, to, err))
LATE(int, bk_model_pack, (const char *out, const char *encoder, const char *head, bk_error *err),
     (out, encoder, head, err))
LATE(int, bk_find, (bk_answer * out, const char *path, const bk_model *m, const bk_find_options *o, bk_error *err),
     (out, path, m, o, err))
LATE(int, bk_explain,
     (bk_explanation * *out, const char *path, const bk_model *m, const bk_explain_options *o, bk_error *err),
     (out, path, m, o, err))
LATE(int, bk_model_convert, (const char *out, const char *in, const bk_convert_options *o, bk_error *err),
     (out, in, o, err))
LATE(int, bk_model_export_onnx, (const bk_model *m, const char *folder, bk_error *err), (m, folder, err))
LATE(int, bk_file_sha256, (char hex[65], const char *path, bk_error *err), (hex, path, err))
LATE(int, bk_track_from_video,
     (bk_track * *out, const char *path, const bk_model *m, const bk_find_options *o, bk_error *err),
     (out, path, m, o, err))
LATE(int, bk_track_from_frames,
     (bk_track * *out, const char *folder, const bk_model *m, const bk_find_options *o, bk_error *err),
     (out, folder, m, o, err))
LATE(int, bk_track_save, (const bk_track *t, const char *path, bk_error *err), (t, path, err))
LATE(int, bk_track_length, (const bk_track *t), (t))
LATE(int, bk_train_head, (bk_train_result * out, const bk_train_options *o, bk_error *err), (out, o, err))
LATE(int, bk_train_encoder, (const bk_encoder_options *o, bk_error *err), (o, err))
LATE(int, bk_evaluate, (bk_eval_result * out, const bk_model *m, const bk_eval_options *o, bk_error *err),
     (out, m, o, err))
LATE(int, bk_evaluate_both, (bk_eval_result out[2], const bk_model *m, const bk_eval_options *o, bk_error *err),
     (out, m, o, err))
LATE(int, bk_chapters_open, (bk_chapters * *out, const bk_report *r, bk_error *err), (out, r, err))
LATE(int, bk_chapters_count, (const bk_chapters *c), (c))
LATE(bk_chapter, bk_chapters_get, (const bk_chapters *c, int i), (c, i))
LATE(int, bk_chapters_pending, (const bk_chapters *c), (c))
LATE(int, bk_chapters_write, (const bk_chapters *c, const bk_hooks *hooks, bk_error *err), (c, hooks, err))
LATE(int, bk_verify,
     (bk_verification * out, const char *path, const char *markers, const bk_model *m, const bk_find_options *o,
      double tolerance_s, bk_error *err),
     (out, path, markers, m, o, tolerance_s, err))
LATE(int, bk_compose, (const bk_compose_options *o, bk_error *err), (o, err))

void bk_model_describe(const bk_model *m, bk_model_info *out) {
    ((void (*)(const bk_model *, bk_model_info *))look_up("bk_model_describe"))(m, out);
}

/* Nothing to close is no reason to load. */
void bk_model_close(bk_model **m) {
    if (m && *m) ((void (*)(bk_model **))look_up("bk_model_close"))(m);
}

void bk_explanation_close(bk_explanation **e) {
    if (e && *e) ((void (*)(bk_explanation **))look_up("bk_explanation_close"))(e);
}

void bk_chapters_close(bk_chapters **c) {
    if (c && *c) ((void (*)(bk_chapters **))look_up("bk_chapters_close"))(c);
}

void bk_track_close(bk_track **t) {
    if (t && *t) ((void (*)(bk_track **))look_up("bk_track_close"))(t);
}
