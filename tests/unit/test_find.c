/* bk_find: several lookers at one film give the answer of one, and talk to the caller in his own thread. */
#include <pthread.h>
#include <string.h>

#include "films.h"

/* A raw stream has one reader with all threads. Those are FFmpeg's, which is not built for the thread sanitizer. */
#if defined __has_feature
#if __has_feature(thread_sanitizer)
#define ONE_READER
#endif
#endif
#ifndef ONE_READER
#define ONE_READER "film.h264"
#endif

/* What the callbacks saw. */
typedef struct witness {
    pthread_t caller;
    int told, logged, abroad; /* abroad: from another thread */
    int refined;              /* told of frames on the way to an exact one */
    int stop_at;              /* cancels then; 0: never */
} witness;

static int on_progress(void *user, const bk_progress *p) {
    witness *w = user;
    w->told++;
    w->refined += !strcmp(p->stage, "refine");
    w->abroad += !pthread_equal(pthread_self(), w->caller);
    return w->stop_at && w->told >= w->stop_at;
}

static void on_log(void *user, bk_level level, const char *line) {
    witness *w = user;
    (void)level;
    (void)line;
    w->logged++;
    w->abroad += !pthread_equal(pthread_self(), w->caller);
}

static int find(bk_answer *a, const char *film, int threads, witness *w, bk_error *err) {
    const bk_model_options few = { .threads = threads };
    const bk_find_options opt = { .hooks = { .user = w, .log = on_log, .progress = on_progress } };
    bk_model *m = NULL;
    memset(a, 0, sizeof *a);
    w->caller = pthread_self();
    int code = bk_model_open(&m, NULL, &few, err);
    if (code == BK_OK) code = bk_find(a, film, m, &opt, err);
    bk_model_close(&m);
    return code;
}

static bool same(const bk_mark *a, const bk_mark *b) {
    return a->time_us == b->time_us && a->frame == b->frame && a->found == b->found && a->confidence == b->confidence;
}

static void test_film(const char *film, const char *name) {
    bk_answer alone, many;
    bk_error err = { 0 };
    witness w = { 0 };
    tap_ok(find(&alone, film, 1, &w, &err) == BK_OK && w.told > 0 && w.logged > 0, "%s: one looker %s", name,
           err.text);
    for (int n = 2; n <= 5; n += 3) {
        w = (witness){ 0 };
        int code = find(&many, film, n, &w, &err);
        tap_ok(code == BK_OK && same(&alone.start_main, &many.start_main) && same(&alone.end_main, &many.end_main),
               "%s: %d threads, the same answer %s", name, n, err.text);
        tap_ok(w.told > 0 && w.logged > 0 && w.abroad == 0, "%s: told %d times, by the caller's thread", name,
               w.told);
    }
    w = (witness){ .stop_at = 1 };
    int code = find(&many, film, 2, &w, &err);
    tap_ok(code == BK_ECANCELED && err.code == code && w.told == 1, "%s: called off: %s", name, err.text);
}

/* Where there is no story there are no first and last frames of it to be looked for. */
static void test_titles(const char *film) {
    bk_answer a;
    bk_error err = { 0 };
    witness w = { 0 };
    int code = find(&a, film, 2, &w, &err);
    tap_ok(code == BK_OK && a.start_main.found == BK_FOUND && a.end_main.found == BK_FOUND &&
               a.start_main.time_us == a.end_main.time_us && a.end_main.frame == a.start_main.frame - 1,
           "nothing but titles: the story ends where it begins %s", err.text);
    tap_ok(w.told > 0 && w.refined == 0, "and no exact frame is looked for");
}

int main(void) {
    /* Letters, a dark pause, moving pictures, and keyframes far enough apart that there are gaps between them. */
    static const char *const picture = "ffmpeg -v error -y -f lavfi -i testsrc2=s=192x108:r=10:d=20 -vf "
                                       "fade=in:st=4:d=1,drawbox=c=black:t=fill:enable='lt(t\\,4)',drawbox=x=40:y=40:"
                                       "w=90:h=8:c=white:t=fill:enable='lt(t\\,3)' "
                                       "-c:v libx264 -g 70 %s";
    static const char *const names[] = { "film.mp4", "film.ts", ONE_READER };
    scratch s;
    scratch_open(&s);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char line[600];
        snprintf(line, sizeof line, picture, names[i]);
        if (film_run(&s, "%s", line))
            test_film(scratch_path(&s, names[i]), names[i]);
        else
            tap_skip(names[i], "this ffmpeg program cannot make it, or there is none");
    }
    if (film_run(&s, "ffmpeg -v error -y -f lavfi -i color=c=black:s=384x216:r=10:d=8 -vf \"drawtext=text='Directed "
                     "by':fontcolor=white:fontsize=24:x=120:y=70,drawtext=text='Somebody Else':fontcolor=white:"
                     "fontsize=30:x=90:y=110\" -c:v libx264 -g 70 titles.mp4"))
        test_titles(scratch_path(&s, "titles.mp4"));
    else
        tap_skip("titles.mp4", "this ffmpeg program has no letters, or there is none");
    scratch_close(&s);
    return tap_done();
}
