/* The command line: one table of options and one of commands. Each row drives parsing, the range check, --help,
 * completion and the check of the man page. Knows nothing of what the commands do. */
#ifndef BOOKEND_CLI_OPTS_H
#define BOOKEND_CLI_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Values in the order they came; the strings belong to argv. */
typedef struct string_list {
    const char **at;
    size_t n, cap;
} string_list;

/* What all rows fill, one field a row. Fields of options that were not given hold the row's preset, else 0. */
typedef struct settings {
    string_list paths; /* what is not an option */
    uint64_t given[4]; /* a bit a row of opt_table: what was on the command line */
    bool help, version, list_options;
    int completion; /* index of the shell, from 1 */
    bool quiet, verbose, force;
    const char *out, *model, *head;
    int64_t jobs, threads;
    int format, scan, decision; /* scan and decision are bk_scan and bk_decision */
    bool write, cache, nice, folder_files;
    int plot; /* bk_plot; 0: none */
    double pad_start, pad_end, start_within, end_within;
    bool skip; /* of a folder's file only */
    bool chapters, dry_run;
    const char *markers;
    double tolerance;
    int verify_format;
    const char *frames;
    const char *labels, *embeddings, *val_shows, *segments, *through, *shows;
    int recipe; /* bk_recipe */
    int64_t epochs, batch, width, layers, heads, mlp, patience, steps, seed;
    double rate, dropout, hours;
    bool augment, shuffle;
    string_list material;
    bool encoder_mode;
    const char *encoder, *from, *onnx, *url, *sha256;
    int activation; /* bk_activation */
    int64_t episodes, first, height, fps;
    double min_seconds, max_seconds, last_words;
    bool held_out, tracks, clean, example;
    int64_t n_shows, folds;
    const char *openings, *credits;
} settings;

typedef enum command_id {
    CMD_NONE, /* the program's own options, before any command */
    CMD_DETECT,
    CMD_REPORT,
    CMD_CHAPTERS,
    CMD_VERIFY,
    CMD_EMBED,
    CMD_TRAIN,
    CMD_TRAIN_ENCODER,
    CMD_EVAL,
    CMD_COMPOSE,
    CMD_INIT,
    CMD_MODEL_LIST,
    CMD_MODEL_INFO,
    CMD_MODEL_PACK,
    CMD_MODEL_CONVERT,
    CMD_MODEL_FETCH,
    CMD_MODEL_EXPORT
} command_id;

/* The set of one command, for the masks of option rows. */
#define FOR(id) (1u << (id))

typedef enum opt_kind {
    OPT_FLAG,   /* bool; --no-NAME switches it off */
    OPT_INT,    /* int64_t in [lo, hi] */
    OPT_NUMBER, /* double in [lo, hi] */
    OPT_TIME,   /* double, seconds in [lo, hi]: "90", "1:30", "1:02:03.5" */
    OPT_TEXT,   /* const char * */
    OPT_FILE,   /* const char *, completed as a file */
    OPT_FOLDER, /* const char *, completed as a folder */
    OPT_MANY,   /* string_list of folders: every value up to the next option */
    OPT_CHOICE  /* int, the index of the name in choice(), from lo on */
} opt_kind;

typedef struct opt {
    const char *name; /* without the dashes */
    char letter;      /* its one-letter form, 0 for none */
    opt_kind kind;
    unsigned commands; /* which take it */
    unsigned needed;   /* which cannot do without it */
    size_t field;      /* offset in settings */
    double lo, hi;
    const char *(*choice)(int i);       /* OPT_CHOICE: the i-th name, NULL past the last */
    const char *(*choice_about)(int i); /* a line about it for help; NULL: help does not list the names */
    const char *value;                  /* how help names the value, "FILE" */
    const char *preset;                 /* the value when it is not given, as one would type it; NULL: 0. A flag whose
                                           preset is "yes" is shown as --no-NAME */
    const char *help;                   /* one sentence, no capital, no full stop; NULL: not shown */
    bool folder; /* a line NAME = VALUE of a folder's file may set it; without commands: nothing else may */
} opt;

typedef struct ui ui;

typedef struct command {
    command_id id;
    const char *name;  /* "detect", or two words, "model list"; "" for CMD_NONE */
    const char *about; /* one line */
    const char *paths; /* how help names what is not an option, "PATH..."; NULL: there is none */
    int min_paths, max_paths;
    int (*run)(const settings *s, ui *u); /* returns the exit status */
    const char *examples;                 /* lines for help, each "  bookend ..." */
    const char *notes;                    /* a paragraph for help, may be NULL */
} command;

/* Both end with a row whose name is NULL. */
extern const opt opt_table[];
extern const command command_table[];

/* The command that argv[1..] names, and in *words how many words that took. NULL: *error says what is wrong, with the
 * nearest name. `train --encoder` is a command of its own, wherever the option stands. */
enum { OPT_ERROR_MAX = 400 };
const command *opts_command(int argc, char *const *argv, int *words, char error[OPT_ERROR_MAX]);

/* Parses the arguments that follow the command's name. 0, or -1 with a sentence in error. A missing path or option is
 * no error when --help is given. *out may be closed in either case. */
int opts_parse(settings *out, const command *c, int argc, char *const *argv, char error[OPT_ERROR_MAX]);
void opts_close(settings *s);

/* A setting of a folder's file, which the command line overrules: as if --NAME VALUE were among the options of the
 * command, but for rows marked `folder` alone. 0, or -1 with a sentence in error. */
int opts_set(settings *s, command_id id, const char *name, const char *value, char error[OPT_ERROR_MAX]);

/* How many single edits (insert, delete, replace, swap neighbours) turn a into b; names longer than 63 bytes are cut.
 */
int opts_distance(const char *a, const char *b);

/* Whether help shows the row as --no-NAME. */
bool opts_shown_off(const opt *o);

/* help.c: what `bookend`, `bookend --help` and `bookend COMMAND --help` print. */
void help_usage(FILE *to);
void help_program(FILE *to, bool colour);
void help_command(FILE *to, const command *c, bool colour);

/* completion.c: the names of the shells from 1 on, and a completion script for one of them. */
const char *completion_shell(int i);
void completion_print(FILE *to, int shell);
/* Every option of every command, one "COMMAND --NAME" a line. */
void completion_list(FILE *to);

#endif
