/* Messages and progress on stderr. The lines of progress stand below everything else: they are taken away before a
 * message or an answer is printed and drawn again after it. */
#define _GNU_SOURCE
#include "progress.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "columns.h"
#include "commands.h"

static const double REDRAW_S = 0.1, ESTIMATE_AFTER_S = 1.5;

/* One worker, and what it is at. */
typedef struct slot {
    ui *u;
    bool active;
    char label[300], stage[16], note[100];
    double share, first; /* done of the input, or of the stage; and when `began` was set, as after a resume */
    bool counts;         /* the share is known */
    double began;
} slot;

struct ui {
    pthread_mutex_t lock;
    ui_level level;
    bool draws, colour, utf8;
    size_t inputs, known, ended; /* ended: worked on */
    ui_stage stages[UI_STAGES_MAX];
    int n_stages;
    int workers, drawn; /* drawn: lines on the terminal now */
    int hidden;         /* ui_hide() without its ui_show() */
    double began, drawn_at;
    slot slots[UI_WORKERS_MAX];
};

double ui_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool on_terminal(int fd) {
    const char *term = getenv("TERM");
    return isatty(fd) && !(term && !strcmp(term, "dumb"));
}

bool ui_colour(int fd) {
    const char *no = getenv("NO_COLOR");
    return on_terminal(fd) && !(no && *no);
}

ui *ui_open(ui_level level) {
    ui *u = calloc(1, sizeof *u);
    if (!u) return NULL;
    pthread_mutex_init(&u->lock, NULL);
    u->level = level;
    u->draws = level != UI_QUIET && on_terminal(STDERR_FILENO);
    u->colour = ui_colour(STDERR_FILENO);
    u->utf8 = columns_utf8();
    if (u->draws) setvbuf(stderr, NULL, _IOFBF, 1 << 14); /* a picture of progress is one write */
    u->workers = 1;
    for (int i = 0; i < UI_WORKERS_MAX; i++) u->slots[i].u = u;
    return u;
}

void ui_talk(ui *u, ui_level least) {
    if (u->level != UI_QUIET && u->level < least) u->level = least;
}

/* ---- drawing: with the lock held ------------------------------------------------------------------- */

static void erase(ui *u) {
    if (u->drawn > 1) fprintf(stderr, "\033[%dA", u->drawn - 1);
    if (u->drawn) fputs("\r\033[J", stderr);
    u->drawn = 0;
}

static void terminal_size(int *columns, int *rows) {
    struct winsize w;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 && w.ws_row > 0;
    *columns = known ? w.ws_col : 80;
    *rows = known ? w.ws_row : 24;
}

static void print_left(double seconds) {
    long s = (long)(seconds + 0.5);
    if (s >= 3600)
        fprintf(stderr, "  %ld:%02ld:%02ld left", s / 3600, s / 60 % 60, s % 60);
    else
        fprintf(stderr, "  %ld:%02ld left", s / 60, s % 60);
}

static void print_share(const slot *s, double now) {
    fprintf(stderr, " %3d %%", (int)(s->share * 100));
    double spent = now - s->began, gained = s->share - s->first;
    if (spent > ESTIMATE_AFTER_S && gained > 0) print_left(spent * (1 - s->share) / gained);
}

/* How it goes takes the room of the bar and most of that of the label. */
static void print_slot_note(const slot *s, int columns, double now) {
    enum { SHARE = 22, LABEL_MAX = 30, LABEL_MIN = 8 }; /* SHARE: share and time left, in columns */
    char name[sizeof s->label];
    int room = columns - 1 - SHARE - 2, label = room - (int)strlen(s->note);
    if (label > LABEL_MAX) label = LABEL_MAX;
    if (label < LABEL_MIN) label = 0;
    if (label) {
        columns_fit(name, sizeof name, s->label, label, s->u->utf8);
        fputs(name, stderr);
    }
    if (s->counts) print_share(s, now);
    if (room - label > 0) fprintf(stderr, "  %.*s", room - label, s->note);
}

/* "name  stage  bar  share  time left" */
static void print_slot(const slot *s, int columns, double now) {
    enum { FIXED = 32, NAME_MAX_COLUMNS = 48, BAR_MAX = 30 }; /* FIXED: stage, share and time left */
    char name[sizeof s->label], bar[3 * BAR_MAX + 1];
    int room = columns - 1 - FIXED, wide = room / 3 < BAR_MAX ? room / 3 : BAR_MAX, label = room - wide;
    if (label > NAME_MAX_COLUMNS) label = NAME_MAX_COLUMNS;
    if (s->note[0]) {
        print_slot_note(s, columns, now);
        return;
    }
    columns_fit(name, sizeof name, s->label, label > 8 ? label : 8, s->u->utf8);
    fprintf(stderr, "%s  %-7.7s", name, s->stage);
    if (!s->counts) return;
    if (wide >= 4) {
        columns_bar(bar, sizeof bar, s->share, wide, s->u->utf8);
        fprintf(stderr, s->u->colour ? "\033[32m%s\033[0m" : "%s", bar);
    }
    print_share(s, now);
}

/* "12 of 200 done", and how long the rest takes if it goes on as it went. */
static void print_total(const ui *u, double now) {
    double worked = (double)u->ended, left = (double)(u->inputs - u->known - u->ended);
    fprintf(stderr, "%zu of %zu done", u->known + u->ended, u->inputs);
    for (int i = 0; i < u->workers; i++)
        if (u->slots[i].active) {
            worked += u->slots[i].share;
            left -= u->slots[i].share;
        }
    if (u->n_stages == 0) worked = (double)u->ended; /* shares are of stages */
    if (worked > 0 && left > 0 && now - u->began > ESTIMATE_AFTER_S) print_left((now - u->began) / worked * left);
}

/* Every line but the last ends in a line feed, so that the terminal does not scroll. */
static void draw(ui *u) {
    int columns, rows;
    double now = ui_now();
    if (!u->draws || u->hidden) return;
    terminal_size(&columns, &rows);
    erase(u);
    u->drawn_at = now;
    for (int i = 0; i < u->workers && u->drawn < rows - 2; i++) {
        if (!u->slots[i].active) continue;
        if (u->drawn++) fputc('\n', stderr);
        print_slot(&u->slots[i], columns, now);
    }
    if (u->drawn && u->inputs > 1) {
        fputc('\n', stderr);
        u->drawn++;
        print_total(u, now);
    }
    fflush(stderr);
}

void ui_close(ui *u) {
    if (!u) return;
    erase(u);
    fflush(stderr);
    pthread_mutex_destroy(&u->lock);
    free(u);
}

void ui_hide(ui *u) {
    pthread_mutex_lock(&u->lock);
    u->hidden++;
    erase(u);
    fflush(stderr);
    pthread_mutex_unlock(&u->lock);
}

void ui_show(ui *u) {
    pthread_mutex_lock(&u->lock);
    u->hidden--;
    draw(u);
    pthread_mutex_unlock(&u->lock);
}

/* ---- messages -------------------------------------------------------------------------------------- */

/* A name may hold anything; a terminal should not obey it. */
static void print_line(ui *u, bool failure, char *line) {
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f) *p = '?';
    pthread_mutex_lock(&u->lock);
    erase(u);
    if (failure) fputs(u->colour ? "\033[1;31mbookend:\033[0m " : "bookend: ", stderr);
    fprintf(stderr, "%s\n", line);
    fflush(stderr);
    draw(u);
    pthread_mutex_unlock(&u->lock);
}

void ui_fail(ui *u, const char *fmt, ...) {
    char line[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    print_line(u, true, line);
}

void ui_say(ui *u, const char *fmt, ...) {
    char line[1024];
    va_list ap;
    if (u->level == UI_QUIET) return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    print_line(u, false, line);
}

/* ---- progress -------------------------------------------------------------------------------------- */

void ui_inputs(ui *u, size_t inputs, size_t known, int workers) {
    u->inputs = inputs;
    u->known = known;
    u->ended = 0;
    u->workers = workers < 1 ? 1 : workers > UI_WORKERS_MAX ? UI_WORKERS_MAX : workers;
    u->began = ui_now();
}

void ui_stages(ui *u, const ui_stage *stages, int n) {
    u->n_stages = n < UI_STAGES_MAX ? n : UI_STAGES_MAX;
    for (int i = 0; i < u->n_stages; i++) u->stages[i] = stages[i];
}

void ui_begin(ui *u, int worker, const char *label) {
    slot *s = &u->slots[worker];
    pthread_mutex_lock(&u->lock);
    *s = (slot){ .u = u, .active = true, .began = ui_now() };
    snprintf(s->label, sizeof s->label, "%s", label);
    draw(u);
    pthread_mutex_unlock(&u->lock);
}

void ui_end(ui *u, int worker) {
    pthread_mutex_lock(&u->lock);
    u->slots[worker].active = false;
    u->ended++;
    draw(u);
    pthread_mutex_unlock(&u->lock);
}

/* What of an input is done when so much of this stage is; never less than before, since a stage may come twice. */
static double share_of(const slot *s, const bk_progress *p) {
    double within = (double)p->done / (double)p->total, before = 0;
    within = within < 0 ? 0 : within > 1 ? 1 : within;
    for (int i = 0; i < s->u->n_stages; before += s->u->stages[i++].share)
        if (!strcmp(s->u->stages[i].name, p->stage)) {
            double share = before + within * s->u->stages[i].share;
            return share > s->share ? share : s->share;
        }
    return within;
}

static int on_progress(void *user, const bk_progress *p) {
    slot *s = user;
    pthread_mutex_lock(&s->u->lock);
    double now = ui_now();
    bool new_stage = strncmp(s->stage, p->stage, sizeof s->stage - 1) != 0;
    if (new_stage) snprintf(s->stage, sizeof s->stage, "%s", p->stage);
    s->counts = p->total > 0;
    if (s->counts) s->share = share_of(s, p);
    if (new_stage && s->u->n_stages == 0) {
        s->first = s->share;
        s->began = now;
    }
    snprintf(s->note, sizeof s->note, "%s", p->note ? p->note : "");
    if (now - s->u->drawn_at >= REDRAW_S) draw(s->u);
    pthread_mutex_unlock(&s->u->lock);
    return interrupted();
}

static void on_log(void *user, bk_level level, const char *line) {
    ui *u = ((slot *)user)->u;
    ui_level from = level == BK_LOG_WARN ? UI_NORMAL : level == BK_LOG_INFO ? UI_STEPS : UI_ALL;
    if (u->level >= from) ui_say(u, "%s%s", level == BK_LOG_WARN ? "warning: " : "", line);
}

bk_hooks ui_hooks(ui *u, int worker) {
    return (bk_hooks){ .user = &u->slots[worker], .log = on_log, .progress = on_progress };
}
