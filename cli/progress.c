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

#include "commands.h"

static const double REDRAW_S = 0.1, ESTIMATE_AFTER_S = 1.5;

/* One worker, and what it is at. */
typedef struct slot {
    ui *u;
    bool active;
    char label[120], stage[16], note[100];
    int64_t done, total, first; /* first: done when the stage began, as after a resume */
    double began;               /* the stage */
} slot;

struct ui {
    pthread_mutex_t lock;
    ui_level level;
    bool draws, colour;
    size_t inputs, ended;
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

/* Prints at most `columns` characters of s, the end of it when it is longer, and spaces up to there. Characters are
 * counted, not their width: a line of wide ones is cut by the terminal. */
static void print_label(const char *s, int columns) {
    int n = 0;
    for (const char *p = s; *p; p++) n += (*p & 0xc0) != 0x80;
    for (; *s && n > columns; s++) n -= (s[1] & 0xc0) != 0x80;
    for (; *s; s++) fputc((unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s, stderr);
    for (; n < columns; n++) fputc(' ', stderr);
}

static void print_left(double seconds) {
    long s = (long)(seconds + 0.5);
    if (s >= 3600)
        fprintf(stderr, "  %ld:%02ld:%02ld left", s / 3600, s / 60 % 60, s % 60);
    else
        fprintf(stderr, "  %ld:%02ld left", s / 60, s % 60);
}

static void print_share(const slot *s, double now) {
    double share = (double)s->done / (double)s->total, spent = now - s->began;
    fprintf(stderr, " %3d %%", (int)((share > 1 ? 1 : share) * 100));
    if (spent > ESTIMATE_AFTER_S && s->done > s->first)
        print_left(spent * (double)(s->total - s->done) / (double)(s->done - s->first));
}

static void print_bar(const slot *s, int columns) {
    double share = (double)s->done / (double)s->total;
    if (columns < 4) return;
    fputc('[', stderr);
    for (int i = 0; i < columns; i++) fputc(i < (int)(share * columns) ? '#' : '.', stderr);
    fputc(']', stderr);
}

/* How it goes takes the room of the bar and most of that of the label. */
static void print_slot_note(const slot *s, int columns, double now) {
    enum { SHARE = 22 }; /* share and time left, in columns */
    int room = columns - 1 - SHARE - 2, note = (int)strlen(s->note), label = room - note;
    if (label > 30) label = 30;
    if (label >= 8)
        print_label(s->label, label);
    else
        label = 0;
    if (s->total > 0) print_share(s, now);
    if (room - label > 0) fprintf(stderr, "  %.*s", room - label, s->note);
}

static void print_slot(const slot *s, int columns, double now) {
    enum { FIXED = 32 }; /* stage, share and time left */
    int room = columns - 1 - FIXED, bar = room / 3 < 30 ? room / 3 : 30, label = room - bar;
    if (s->note[0]) {
        print_slot_note(s, columns, now);
        return;
    }
    if (label > 40) label = 40;
    print_label(s->label, label > 8 ? label : 8);
    fprintf(stderr, "  %-7.7s", s->stage);
    if (s->total <= 0) return;
    print_bar(s, bar);
    print_share(s, now);
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
        fprintf(stderr, "\n%zu of %zu done", u->ended, u->inputs);
        u->drawn++;
        if (u->ended) print_left((now - u->began) / (double)u->ended * (double)(u->inputs - u->ended));
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

void ui_inputs(ui *u, size_t inputs, int workers) {
    u->inputs = inputs;
    u->ended = 0;
    u->workers = workers < 1 ? 1 : workers > UI_WORKERS_MAX ? UI_WORKERS_MAX : workers;
    u->began = ui_now();
}

void ui_begin(ui *u, int worker, const char *label) {
    slot *s = &u->slots[worker];
    pthread_mutex_lock(&u->lock);
    *s = (slot){ .u = u, .active = true, .began = ui_now() };
    size_t n = strlen(label), skip = n < sizeof s->label ? 0 : n - (sizeof s->label - 1);
    while ((label[skip] & 0xc0) == 0x80) skip++;
    snprintf(s->label, sizeof s->label, "%s", label + skip);
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

static int on_progress(void *user, const bk_progress *p) {
    slot *s = user;
    pthread_mutex_lock(&s->u->lock);
    double now = ui_now();
    if (strncmp(s->stage, p->stage, sizeof s->stage - 1) != 0) {
        snprintf(s->stage, sizeof s->stage, "%s", p->stage);
        s->first = p->done;
        s->began = now;
    }
    s->done = p->done;
    s->total = p->total;
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
