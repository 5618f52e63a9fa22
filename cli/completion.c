/* Completion scripts for shells, and the list of all options for the check of the man page. */
#include <string.h>

#include "opts.h"

const char *completion_shell(int i) {
    static const char *const names[] = { "none", "bash", "zsh", "fish" };
    return i >= 0 && i < 4 ? names[i] : NULL;
}

static bool takes(const command *c, const opt *o) {
    return (o->commands & FOR(c->id)) && o->help;
}

/* The name as help shows it, without dashes. */
static void print_name(FILE *to, const opt *o) {
    fprintf(to, "%s%s", opts_shown_off(o) ? "no-" : "", o->name);
}

static void print_choices(FILE *to, const opt *o) {
    const char *name;
    for (int i = (int)o->lo; (name = o->choice(i)); i++) fprintf(to, "%s%s", i > (int)o->lo ? " " : "", name);
}

void completion_list(FILE *to) {
    for (const command *c = command_table; c->name; c++)
        for (const opt *o = opt_table; o->name; o++) {
            if (!takes(c, o)) continue;
            fprintf(to, "%s%s--", c->name, *c->name ? " " : "");
            print_name(to, o);
            fputc('\n', to);
        }
}

/* The first word of each command's name once: rows of one group are neighbours. */
static bool first_of_group(const command *c) {
    size_t n = strcspn(c->name, " ");
    return c->id != CMD_NONE && (strncmp(c->name, c[-1].name, n) != 0 || strcspn(c[-1].name, " ") != n);
}

static void print_commands(FILE *to) {
    const char *space = "";
    for (const command *c = command_table; c->name; c++)
        if (first_of_group(c)) {
            fprintf(to, "%s%.*s", space, (int)strcspn(c->name, " "), c->name);
            space = " ";
        }
}

/* ---- bash ------------------------------------------------------------------------------------------ */

/* A line a value: what follows "COMMAND --NAME". */
static void bash_values(FILE *to, const command *c) {
    for (const opt *o = opt_table; o->name; o++) {
        if (!takes(c, o) || o->kind == OPT_FLAG) continue;
        fprintf(to, "    '%s --%s'", c->name, o->name);
        if (o->letter) fprintf(to, "|'%s -%c'", c->name, o->letter);
        if (o->kind == OPT_CHOICE) {
            fputs(") COMPREPLY=($(compgen -W '", to);
            print_choices(to, o);
            fputs("' -- \"$cur\")); return ;;\n", to);
        } else if (o->kind == OPT_FILE)
            fputs(") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", to);
        else if (o->kind == OPT_FOLDER || o->kind == OPT_MANY)
            fputs(") COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n", to);
        else
            fputs(") return ;;\n", to);
    }
}

static void bash_options(FILE *to, const command *c) {
    fprintf(to, "    '%s') words='", c->name);
    for (const opt *o = opt_table; o->name; o++) {
        if (!takes(c, o)) continue;
        fputs("--", to);
        print_name(to, o);
        fputc(' ', to);
    }
    fputs("' ;;\n", to);
}

static void print_bash(FILE *to) {
    fputs("# bash completion for bookend: source <(bookend --completion bash)\n"
          "_bookend() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words command=\n"
          "    [ \"$COMP_CWORD\" -gt 1 ] && command=${COMP_WORDS[1]}\n"
          "    case $command in -*) command= ;; esac\n"
          "    case $command in\n"
          "    model) [ \"$COMP_CWORD\" -gt 2 ] && command=\"model ${COMP_WORDS[2]}\" ;;\n"
          "    train) case \" ${COMP_WORDS[*]} \" in *' --encoder '*) command='train --encoder' ;; esac ;;\n"
          "    esac\n"
          "    case \"$command $prev\" in\n",
          to);
    for (const command *c = command_table; c->name; c++) bash_values(to, c);
    fputs("    esac\n    case $command in\n", to);
    for (const command *c = command_table; c->name; c++) bash_options(to, c);
    fputs("    model) words= ;;\n    esac\n    case $cur in\n"
          "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
          "    *)\n"
          "        if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W '",
          to);
    print_commands(to);
    fputs("' -- \"$cur\"))\n        elif [ \"$command\" = model ]; then COMPREPLY=($(compgen -W '", to);
    for (const command *c = command_table; c->name; c++)
        if (!strncmp(c->name, "model ", 6)) fprintf(to, "%s ", c->name + 6);
    fputs("' -- \"$cur\"))\n        else COMPREPLY=($(compgen -f -- \"$cur\")); fi ;;\n    esac\n}\n"
          "complete -o filenames -F _bookend bookend\n",
          to);
}

/* ---- zsh ------------------------------------------------------------------------------------------- */

/* Text for a specification in single quotes: what would end it is left out. */
static void zsh_text(FILE *to, const char *s) {
    for (; *s; s++) {
        if (*s == '[' || *s == ']' || *s == ':' || *s == '\\') fputc('\\', to);
        if (*s != '\'' && *s != '`') fputc(*s, to);
    }
}

static void zsh_option(FILE *to, const opt *o) {
    fputs(" \\\n        '", to);
    if (o->kind == OPT_MANY) fputc('*', to);
    fputs("--", to);
    print_name(to, o);
    fputc('[', to);
    zsh_text(to, o->help);
    fputc(']', to);
    switch (o->kind) {
    case OPT_FLAG: break;
    case OPT_CHOICE:
        fprintf(to, ":%s:(", o->value);
        print_choices(to, o);
        fputc(')', to);
        break;
    case OPT_FILE: fprintf(to, ":%s:_files", o->value); break;
    case OPT_FOLDER:
    case OPT_MANY: fprintf(to, ":%s:_files -/", o->value); break;
    default: fprintf(to, ":%s: ", o->value);
    }
    fputc('\'', to);
}

static void zsh_command(FILE *to, const command *c) {
    fprintf(to, "    '%s') _arguments -s", c->name);
    for (const opt *o = opt_table; o->name; o++)
        if (takes(c, o)) zsh_option(to, o);
    if (c->paths) fputs(" \\\n        '*:path:_files'", to);
    fputs(" ;;\n", to);
}

static void print_zsh(FILE *to) {
    fputs("#compdef bookend\n"
          "# zsh completion for bookend: bookend --completion zsh >~/.zfunc/_bookend\n"
          "_bookend() {\n"
          "    local command=\n"
          "    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n        compadd -- ",
          to);
    print_commands(to);
    fputs("\n        return\n    fi\n"
          "    [[ $words[2] != -* ]] && command=$words[2]\n"
          "    if [[ $command == model ]]; then\n"
          "        if (( CURRENT == 3 )); then compadd -- ",
          to);
    for (const command *c = command_table; c->name; c++)
        if (!strncmp(c->name, "model ", 6)) fprintf(to, "%s ", c->name + 6);
    fputs("; return; fi\n        command=\"model $words[3]\"\n        shift words; (( CURRENT-- ))\n    fi\n"
          "    [[ $command == train && ${words[(Ie)--encoder]} -gt 0 ]] && command='train --encoder'\n"
          "    if [[ -n $command ]]; then shift words; (( CURRENT-- )); fi\n"
          "    case $command in\n",
          to);
    for (const command *c = command_table; c->name; c++) zsh_command(to, c);
    fputs("    esac\n}\n"
          "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _bookend \"$@\"; else compdef _bookend bookend; fi\n",
          to);
}

/* ---- fish ------------------------------------------------------------------------------------------ */

/* Inside double quotes: fish expands $ and commands in $(...) there. */
static void fish_text(FILE *to, const char *s) {
    for (; *s; s++) {
        if (*s == '"' || *s == '\\' || *s == '$') fputc('\\', to);
        fputc(*s, to);
    }
}

static void fish_condition(FILE *to, const command *c) {
    if (c->id == CMD_NONE)
        fputs("__fish_use_subcommand", to);
    else if (c->id == CMD_TRAIN_ENCODER)
        fputs("__fish_seen_subcommand_from train; and __fish_contains_opt encoder", to);
    else if (strchr(c->name, ' '))
        fprintf(to, "__fish_seen_subcommand_from %.*s; and __fish_seen_subcommand_from %s",
                (int)strcspn(c->name, " "), c->name, strchr(c->name, ' ') + 1);
    else
        fprintf(to, "__fish_seen_subcommand_from %s", c->name);
}

static void fish_option(FILE *to, const command *c, const opt *o) {
    fputs("complete -c bookend -n \"", to);
    fish_condition(to, c);
    fputs("\" -l ", to);
    print_name(to, o);
    if (o->letter) fprintf(to, " -s %c", o->letter);
    switch (o->kind) {
    case OPT_FLAG: break;
    case OPT_CHOICE:
        fputs(" -x -a \"", to);
        print_choices(to, o);
        fputc('"', to);
        break;
    case OPT_FILE: fputs(" -r -F", to); break;
    case OPT_FOLDER:
    case OPT_MANY: fputs(" -x -a \"(__fish_complete_directories)\"", to); break;
    default: fputs(" -x", to);
    }
    fputs(" -d \"", to);
    fish_text(to, o->help);
    fputs("\"\n", to);
}

static void print_fish(FILE *to) {
    fputs("# fish completion for bookend: bookend --completion fish >~/.config/fish/completions/bookend.fish\n", to);
    for (const command *c = command_table; c->name; c++) {
        if (first_of_group(c)) {
            fprintf(to, "complete -c bookend -n __fish_use_subcommand -f -a %.*s -d \"", (int)strcspn(c->name, " "),
                    c->name);
            fish_text(to, c->about);
            fputs("\"\n", to);
        }
        if (!strncmp(c->name, "model ", 6))
            fprintf(to, "complete -c bookend -n \"__fish_seen_subcommand_from model\" -f -a %s -d \"%s\"\n",
                    c->name + 6, c->about);
        for (const opt *o = opt_table; o->name; o++)
            if (takes(c, o)) fish_option(to, c, o);
    }
}

void completion_print(FILE *to, int shell) {
    void (*const print[])(FILE *) = { NULL, print_bash, print_zsh, print_fish };
    print[shell](to);
}
