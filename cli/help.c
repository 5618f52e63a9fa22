/* What the program says about itself: usage, --help, a command's --help. Written by the tables, examples first. */
#include <string.h>

#include "bookend/bookend.h"
#include "opts.h"

enum { COLUMNS = 100, INDENT = 27 };

typedef struct style {
    const char *bold, *plain;
} style;

static style style_of(bool colour) {
    return colour ? (style){ "\033[1m", "\033[0m" } : (style){ "", "" };
}

/* Words of s, wrapped, each further line indented; `at` is the column already reached. */
static void print_wrapped(FILE *to, const char *s, int at, int indent) {
    while (*s) {
        int n = (int)strcspn(s, " ");
        if (at > indent && at + 1 + n > COLUMNS) {
            fprintf(to, "\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            fputc(' ', to);
            at++;
        }
        fprintf(to, "%.*s", n, s);
        at += n;
        s += n;
        s += strspn(s, " ");
    }
    fputc('\n', to);
}

static void print_choices(FILE *to, const opt *o) {
    const char *name;
    for (int i = (int)o->lo; (name = o->choice(i)); i++)
        fprintf(to, "%*s%-12s %s\n", INDENT + 1, "", name, o->choice_about(i));
}

/* The words of help, with what the value is when it is not given. */
static void print_help_text(FILE *to, const opt *o, bool needed) {
    char text[300];
    bool says = o->preset && o->kind != OPT_FLAG;
    snprintf(text, sizeof text, "%s%s%s", o->help,
             needed ? " (needed)"
             : says ? "; default: "
                    : "",
             says && !needed ? o->preset : "");
    print_wrapped(to, text, INDENT, INDENT);
}

static void print_option(FILE *to, const opt *o, bool needed) {
    char left[64], letter[8] = "    ";
    if (o->letter) snprintf(letter, sizeof letter, "-%c, ", o->letter);
    int n = snprintf(left, sizeof left, "  %s--%s%s%s%s", letter, opts_shown_off(o) ? "no-" : "", o->name,
                     o->value ? " " : "", o->value ? o->value : "");
    if (n + 1 > INDENT)
        fprintf(to, "%s\n%*s", left, INDENT, "");
    else
        fprintf(to, "%-*s", INDENT, left);
    print_help_text(to, o, needed);
    if (o->choice_about) print_choices(to, o);
}

static void print_options(FILE *to, const command *c) {
    for (int needed = 1; needed >= 0; needed--)
        for (const opt *o = opt_table; o->name; o++)
            if ((o->commands & FOR(c->id)) && o->help && !(o->needed & FOR(c->id)) == !needed)
                print_option(to, o, needed);
}

void help_usage(FILE *to) {
    fputs("usage: bookend COMMAND [options] ...\n"
          "       bookend detect film.mkv     where the story begins and ends\n"
          "       bookend --help              all commands, with examples\n",
          to);
}

void help_program(FILE *to, bool colour) {
    style s = style_of(colour);
    fprintf(to,
            "bookend %s finds the two ends of the story in a video: where the opening is over, and where the end\n"
            "credits begin. It works on one file at a time, without a network.\n\n%sExamples%s\n",
            bk_version(), s.bold, s.plain);
    const command *all = command_table;
    for (const command *c = all; c->name; c++)
        if (c->examples && c->id != CMD_TRAIN_ENCODER)
            fprintf(to, "%.*s\n", (int)strcspn(c->examples, "\n"), c->examples);
    fprintf(to, "\n%sCommands%s\n", s.bold, s.plain);
    for (const command *c = all; c->name; c++)
        if (c->id != CMD_NONE) fprintf(to, "  %-18s %s\n", c->name, c->about);
    fprintf(to, "\n%sOptions%s\n", s.bold, s.plain);
    print_options(to, all);
    fprintf(to, "\n`bookend COMMAND --help` explains a command, `man bookend` everything.\n"
                "Exit status: 0 all done, 1 an input failed (the others are done), 2 wrong usage.\n");
}

void help_command(FILE *to, const command *c, bool colour) {
    style s = style_of(colour);
    fprintf(to, "bookend %s: %s\n\n%sUsage%s\n  bookend %s", c->name, c->about, s.bold, s.plain, c->name);
    for (const opt *o = opt_table; o->name; o++)
        if (o->needed & FOR(c->id)) fprintf(to, " --%s %s", o->name, o->value);
    fprintf(to, " [options]%s%s\n\n%sExamples%s\n%s\n%sOptions%s\n", c->paths ? " " : "", c->paths ? c->paths : "",
            s.bold, s.plain, c->examples, s.bold, s.plain);
    print_options(to, c);
    if (!c->notes) return;
    fputc('\n', to);
    print_wrapped(to, c->notes, 0, 0);
}
