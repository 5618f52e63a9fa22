/* What a person sees on stderr: messages, and on a terminal a line a worker with stage, share done and time left. All
 * functions may be called from any thread, ui_open(), ui_inputs() and ui_close() excepted. */
#ifndef BOOKEND_CLI_PROGRESS_H
#define BOOKEND_CLI_PROGRESS_H

#include <stdbool.h>

#include "bookend/bookend.h"

#define UI_PRINTF(f, a) __attribute__((format(printf, f, a)))

typedef struct ui ui;

enum { UI_WORKERS_MAX = 256 };

typedef enum ui_level {
    UI_QUIET,  /* errors only */
    UI_NORMAL, /* and remarks and the library's warnings, and progress on a terminal */
    UI_STEPS,  /* and what the library decides once a stage */
    UI_ALL
} ui_level;

/* NULL: no memory. */
ui *ui_open(ui_level level);
/* Takes the lines off the terminal and frees. Accepts NULL. */
void ui_close(ui *u);
/* Raises the level, unless it is UI_QUIET: for trainings, whose steps are the news. */
void ui_talk(ui *u, ui_level least);

/* An error: always shown, after "bookend: ". A remark: not when quiet, and as it is. */
void ui_fail(ui *u, const char *fmt, ...) UI_PRINTF(2, 3);
void ui_say(ui *u, const char *fmt, ...) UI_PRINTF(2, 3);

/* Round anything else that writes to the terminal, as answers on stdout do. */
void ui_hide(ui *u);
void ui_show(ui *u);

/* How many inputs there are, for the line that counts them, and how many of them need no work; lines are drawn for
 * that many workers, 1 to UI_WORKERS_MAX. */
void ui_inputs(ui *u, size_t inputs, size_t known, int workers);
/* The stages that the work on an input has, in order, and what share of its time each takes; n is at most
 * UI_STAGES_MAX. Not given: every stage is a whole. */
typedef struct ui_stage {
    const char *name; /* static string */
    double share;
} ui_stage;
enum { UI_STAGES_MAX = 8 };
void ui_stages(ui *u, const ui_stage *stages, int n);
/* Worker (from 0) starts on what label names, or has ended it. */
void ui_begin(ui *u, int worker, const char *label);
void ui_end(ui *u, int worker);

/* Hooks that draw the worker's line, pass log lines on and stop when Ctrl-C was pressed. Valid until ui_close(). */
bk_hooks ui_hooks(ui *u, int worker);

/* Whether colours may be used on that stream: a terminal, and neither NO_COLOR nor TERM=dumb is set. */
bool ui_colour(int fd);
/* Seconds of a clock that only goes forward. */
double ui_now(void);

#endif
