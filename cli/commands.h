/* What the program's files share: exit statuses, the commands, and the steps that several commands begin with. */
#ifndef BOOKEND_CLI_COMMANDS_H
#define BOOKEND_CLI_COMMANDS_H

#include "bookend/bookend.h"
#include "opts.h"
#include "progress.h"

enum { EXIT_DONE = 0, EXIT_SOME_FAILED = 1, EXIT_USAGE = 2 };

/* One file a command; each returns an exit status. */
int program_run(const settings *s, ui *u);
int detect_run(const settings *s, ui *u);
int report_run(const settings *s, ui *u);
int embed_run(const settings *s, ui *u);
int chapters_run(const settings *s, ui *u);
int verify_run(const settings *s, ui *u);
int train_run(const settings *s, ui *u);
int train_encoder_run(const settings *s, ui *u);
int eval_run(const settings *s, ui *u);
int compose_run(const settings *s, ui *u);
int init_run(const settings *s, ui *u);
int model_list_run(const settings *s, ui *u);
int model_info_run(const settings *s, ui *u);
int model_pack_run(const settings *s, ui *u);
int model_convert_run(const settings *s, ui *u);
int model_export_run(const settings *s, ui *u);
int model_fetch_run(const settings *s, ui *u);

/* ---- setup.c --------------------------------------------------------------------------------------- */

/* Opens what --model and --head name, for `jobs` jobs at once. False: the reason was said. */
bool setup_model(bk_model **out, const settings *s, int jobs, ui *u);
/* The file that a model's name stands for, to be freed: a path as it is, or NAME.safetensors in the folder of models.
 * *out NULL: the model inside the program. False: no memory. */
bool setup_model_path(char **out, const char *name);
/* Whether the model inside the program bears the name. */
bool setup_is_inside(const char *name);
/* $XDG_DATA_HOME/bookend/models or ~/.local/share/bookend/models; the cache is bookend itself under $XDG_CACHE_HOME or ~/.cache. To be freed;
 * NULL where neither variable gives an absolute path. */
char *setup_models_folder(void);
char *setup_cache_folder(void);
/* Side by side for n inputs: --jobs, or one a processor and not more than 16; never more than n. */
int setup_jobs(const settings *s, size_t n);
/* With --nice: the least share of processor and disk from now on, for all threads that are started. */
void setup_nice(const settings *s);
/* Makes the folder that a file is to be written into. False: the reason was said. */
bool setup_parent(const char *path, ui *u);
/* Says what went wrong, or that the run was stopped and what to do then (advice may be NULL). The exit status. */
int setup_failed(ui *u, const bk_error *err, const char *advice);

/* ---- interrupt.c ----------------------------------------------------------------------------------- */

/* From now on a first Ctrl-C (or SIGTERM) only makes interrupted() true; a second one ends the program. */
void interrupt_watch(void);
/* The same without a signal, as when nobody takes the answers any more. */
void interrupt_ask(void);
bool interrupted(void);
bool interrupted_by_user(void);
/* The program ends the way the signal would have ended it, for shells that look. Returns when there was none. */
void interrupt_finish(void);

#endif
