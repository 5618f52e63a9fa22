/* The command line: what the table makes of arguments, and that the table itself is sound. */
#include "tap.h"

#include <string.h>

#include "bookend/bookend.h"
#include "opts.h"

enum { MOST = 24, TEXT = 400 };

typedef struct words {
    char text[TEXT];
    char *argv[MOST];
    int argc;
} words;

/* Arguments parted by one space; "''" is an empty one. */
static void split(words *w, const char *line) {
    w->argc = 0;
    snprintf(w->text, sizeof w->text, "bookend %s", line);
    for (char *p = strtok(w->text, " "); p && w->argc < MOST; p = strtok(NULL, " "))
        w->argv[w->argc++] = strcmp(p, "''") ? p : p + 2;
}

static void add(char *to, const char *s) {
    strncat(to, s, TEXT - 1 - strlen(to));
}

static void add_list(char *to, const char *name, const string_list *l) {
    if (!l->n) return;
    add(to, name);
    for (size_t i = 0; i < l->n; i++) {
        add(to, i ? "|" : "[");
        add(to, l->at[i]);
    }
    add(to, "] ");
}

static void add_value(char *to, const opt *o, const void *field) {
    char value[TEXT] = "";
    switch (o->kind) {
    case OPT_FLAG: snprintf(value, sizeof value, "%s", *(const bool *)field ? "yes" : "no"); break;
    case OPT_INT: snprintf(value, sizeof value, "%lld", (long long)*(const int64_t *)field); break;
    case OPT_NUMBER:
    case OPT_TIME: snprintf(value, sizeof value, "%g", *(const double *)field); break;
    case OPT_CHOICE: snprintf(value, sizeof value, "%s", o->choice(*(const int *)field)); break;
    case OPT_MANY: add_list(to, o->name, field); return;
    default: snprintf(value, sizeof value, "%s", *(const char *const *)field); break;
    }
    add(to, o->name);
    add(to, "=");
    add(to, value);
    add(to, " ");
}

static size_t size_of(opt_kind k) {
    switch (k) {
    case OPT_FLAG: return sizeof(bool);
    case OPT_INT: return sizeof(int64_t);
    case OPT_NUMBER:
    case OPT_TIME: return sizeof(double);
    case OPT_CHOICE: return sizeof(int);
    case OPT_MANY: return sizeof(string_list);
    default: return sizeof(const char *);
    }
}

/* What differs from the presets, in the order of the table: "format=json jobs=4 paths[a|b] ", or the error. */
static void parsed(char to[TEXT], const char *line) {
    char error[OPT_ERROR_MAX] = "", scratch[OPT_ERROR_MAX];
    char *help = "--help";
    words w;
    settings s, usual;
    int n;
    to[0] = 0;
    split(&w, line);
    const command *c = opts_command(w.argc, w.argv, &n, error);
    if (!c || opts_parse(&s, c, w.argc - 1 - n, w.argv + 1 + n, error) != 0) {
        snprintf(to, TEXT, "error: %s", error);
        if (c) opts_close(&s);
        return;
    }
    opts_parse(&usual, c, 1, &help, scratch);
    usual.help = false;
    for (const opt *o = opt_table; o->name; o++) {
        const char *a = (const char *)&s + o->field, *b = (const char *)&usual + o->field;
        if ((o->commands & FOR(c->id)) && memcmp(a, b, size_of(o->kind)) != 0) add_value(to, o, a);
    }
    add_list(to, "paths", &s.paths);
    opts_close(&usual);
    opts_close(&s);
}

static const struct {
    const char *line, *want; /* want "error: ..." : that much of it must be in the message */
} cases[] = {
    { "detect a", "paths[a] " },
    { "detect a b", "paths[a|b] " },
    { "detect --jobs 4 a", "jobs=4 paths[a] " },
    { "detect --jobs=4 a", "jobs=4 paths[a] " },
    { "detect a --jobs 4", "jobs=4 paths[a] " },
    { "detect -j 4 a", "jobs=4 paths[a] " },
    { "detect -j4 a", "jobs=4 paths[a] " },
    { "detect -qvj4 a", "jobs=4 quiet=yes verbose=yes paths[a] " },
    { "detect --jobs 4 --jobs 5 a", "jobs=5 paths[a] " },
    { "detect --jobs 256 a", "jobs=256 paths[a] " },
    { "detect --jobs 257 a", "error: --jobs '257': a whole number from 1 to 256" },
    { "detect --jobs 0 a", "error: --jobs '0'" },
    { "detect --jobs -1 a", "error: --jobs '-1'" },
    { "detect --jobs 4x a", "error: --jobs '4x'" },
    { "detect --jobs 0x4 a", "error: --jobs '0x4'" },
    { "detect --jobs 99999999999999999999 a", "error: --jobs '99999999999999999999'" },
    { "detect --jobs= a", "error: --jobs ''" },
    { "detect --jobs", "error: --jobs needs a value: N" },
    { "detect a --jobs --quiet", "error: --jobs needs a value" },
    { "detect -j", "error: --jobs needs a value" },
    { "detect --pad-end 2.5 a", "pad-end=2.5 paths[a] " },
    { "detect --pad-end 1e1 a", "pad-end=10 paths[a] " },
    { "detect --pad-end nan a", "error: --pad-end 'nan'" },
    { "detect --pad-end inf a", "error: --pad-end 'inf'" },
    { "detect --pad-end 0x10 a", "error: --pad-end '0x10'" },
    { "detect --pad-end -1 a", "error: a number from 0 to 600" },
    { "detect --pad-end 601 a", "error: a number from 0 to 600" },
    { "detect --start-within 5:00 a", "start-within=300 paths[a] " },
    { "detect --start-within 90 a", "start-within=90 paths[a] " },
    { "detect --start-within 1:02:03.5 a", "start-within=3723.5 paths[a] " },
    { "detect --start-within 100:00 a", "start-within=6000 paths[a] " },
    { "detect --start-within 1:60 a", "error: --start-within '1:60': a time from 1 to 360000 seconds" },
    { "detect --start-within 1:2 a", "error: --start-within '1:2'" },
    { "detect --start-within 1:02: a", "error: --start-within '1:02:'" },
    { "detect --start-within 1:02:03:04 a", "error: --start-within '1:02:03:04'" },
    { "detect --start-within 0 a", "error: --start-within '0'" },
    { "detect --end-within 1. a", "error: --end-within '1.'" },
    { "detect --end-within -5 a", "error: --end-within '-5'" },
    { "detect --skip a", "error: there is no option --skip" },
    { "detect --format json a", "format=json paths[a] " },
    { "detect --format theintrodb a", "format=theintrodb paths[a] " },
    { "detect --format jsn a", "error: did you mean json?" },
    { "detect --format zzzzzz a", "error: it is one of text json csv edl" },
    { "detect --scan full --decision notebook a", "decision=notebook scan=full paths[a] " },
    { "detect --scan smart a", "paths[a] " },
    { "embed --scan smart a", "scan=smart paths[a] " },
    { "detect --no-cache a", "cache=no paths[a] " },
    { "detect --no-cache --cache a", "paths[a] " },
    { "detect --quiet --no-quiet a", "paths[a] " },
    { "detect --no-jobs a", "error: --jobs cannot be switched off" },
    { "detect --quiet=1 a", "error: --quiet takes no value" },
    { "detect --no-quiet=1 a", "error: --no-quiet takes no value" },
    { "detect --frmat json a", "error: did you mean --format?" },
    { "detect --form json a", "error: did you mean --format?" },
    { "detect --no-cahce a", "error: did you mean --no-cache?" },
    { "detect --xyzzy a", "error: there is no option --xyzzy" },
    { "detect -x a", "error: there is no option -x" },
    { "detect", "error: no PATH... was given" },
    { "detect -- -j4 --jobs", "paths[-j4|--jobs] " },
    { "detect a --", "paths[a] " },
    { "detect -", "paths[-] " },
    { "detect --out '' a", "error: --out: its value is empty" },
    { "detect --out= a", "error: --out: its value is empty" },
    { "detect --out -x a", "out=-x paths[a] " },
    { "detect --help", "help=yes " },
    { "detect --epochs 3 a", "error: there is no option --epochs" },
    { "train --labels l --embeddings e --out o", "labels=l embeddings=e out=o " },
    { "train --labels l --out o", "error: --embeddings DIR is needed" },
    { "train --labels l --embeddings e --out o p", "error: 'p' is one argument too many" },
    { "train --labels l --embeddings e --out o --no-augment --dropout 0",
      "labels=l embeddings=e out=o dropout=0 augment=no " },
    { "train --encoder --out o", "encoder=yes out=o " },
    { "train --out o --encoder --material a b c", "encoder=yes material[a|b|c] out=o " },
    { "train --encoder --material a b --out o --material c", "encoder=yes material[a|b|c] out=o " },
    { "train --encoder --material=a --out o", "encoder=yes material[a] out=o " },
    { "train --encoder --material --out o", "error: --material needs a value" },
    { "train --encoder --out o --labels l", "error: there is no option --labels" },
    { "train --seed 9007199254740991 --labels l --embeddings e --out o",
      "labels=l embeddings=e out=o seed=9007199254740991 " },
    { "compose --out o", "error: --episodes N is needed" },
    { "compose --out o -n 3 --held-out", "out=o episodes=3 held-out=yes " },
    { "model list", "" },
    { "model info", "" },
    { "model info a", "paths[a] " },
    { "model info a b", "error: 'b' is one argument too many" },
    { "model", "error: model is followed by list or info or pack" },
    { "model lst", "error: model is followed by list or info or pack" },
    { "detct a", "error: did you mean 'detect'?" },
    { "xyzzy", "error: there is no command 'xyzzy'" },
    { "--version", "version=yes " },
    { "--completion fish", "completion=fish " },
    { "--completion none", "error: --completion 'none'" },
    { "--quiet detect a", "error: --quiet follows the name of a command" },
};

static void test_cases(void) {
    char got[TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *want = cases[i].want;
        parsed(got, cases[i].line);
        bool error = !strncmp(want, "error: ", 7);
        bool held = error ? !strncmp(got, "error: ", 7) && strstr(got, want + 7) : !strcmp(got, want);
        tap_ok(held, "%s: %s", cases[i].line, got);
    }
}

static void test_distance(void) {
    static const struct {
        const char *a, *b;
        int want;
    } pairs[] = { { "", "", 0 },
                  { "", "abc", 3 },
                  { "abc", "", 3 },
                  { "format", "format", 0 },
                  { "frmat", "format", 1 },
                  { "fromat", "format", 1 },
                  { "kitten", "sitting", 3 },
                  { "ab", "ba", 1 } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        int got = opts_distance(pairs[i].a, pairs[i].b);
        tap_ok(got == pairs[i].want, "'%s' to '%s' takes %d", pairs[i].a, pairs[i].b, got);
    }
    char wide[200];
    memset(wide, 'x', sizeof wide - 1);
    wide[sizeof wide - 1] = 0;
    tap_ok(opts_distance(wide, "") == 63, "long names are cut");
}

/* Of two rows that one command takes: one could not be reached. */
static bool clash(const opt *a, const opt *b) {
    if (!(a->commands & b->commands)) return false;
    return !strcmp(a->name, b->name) || (a->letter && a->letter == b->letter);
}

static void test_rows(void) {
    int n = 0, hidden_needed = 0;
    for (const opt *o = opt_table; o->name; o++, n++) {
        for (const opt *p = opt_table; p < o; p++)
            if (clash(o, p)) tap_ok(false, "--%s and --%s are told apart", o->name, p->name);
        if (o->needed & ~o->commands) hidden_needed++;
        bool value = o->kind == OPT_FLAG ? !o->value : o->value != NULL;
        bool range = (o->kind != OPT_INT && o->kind != OPT_NUMBER && o->kind != OPT_TIME) || o->lo < o->hi;
        bool choice = o->kind != OPT_CHOICE || (o->choice && o->choice((int)o->lo));
        bool text = !o->help || (o->help[0] && o->help[strlen(o->help) - 1] != '.');
        tap_ok(value && range && choice && text && (o->commands || o->folder), "row %d, --%s, is whole", n, o->name);
    }
    tap_ok(hidden_needed == 0, "what a command needs it takes");
    tap_ok(n < 256, "%d rows have a bit each", n);
}

static void test_commands(void) {
    for (const command *c = command_table; c->name; c++) {
        bool many = false;
        for (const opt *o = opt_table; o->name; o++) many |= o->kind == OPT_MANY && (o->commands & FOR(c->id));
        tap_ok(c->id == (command_id)(c - command_table) && c->run && c->about, "the row of '%s' is whole", c->name);
        tap_ok(!many || !c->paths, "'%s' has no arguments that a list of values would swallow", c->name);
    }
}

int main(void) {
    test_cases();
    test_distance();
    test_rows();
    test_commands();
    return tap_done();
}
