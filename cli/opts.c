/* Parsing the command line by the tables. Values are checked here, so that commands meet only values they know. */
#define _GNU_SOURCE
#include "opts.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct parser {
    const command *c;
    settings *out;
    char *error;
} parser;

__attribute__((format(printf, 2, 3))) static int fail(char *error, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(error, OPT_ERROR_MAX, fmt, ap);
    va_end(ap);
    return -1;
}

/* ---- nearest names --------------------------------------------------------------------------------- */

static int min3(int a, int b, int c) {
    return a < b ? (a < c ? a : c) : (b < c ? b : c);
}

int opts_distance(const char *a, const char *b) {
    enum { MOST = 63 };
    int n = (int)strnlen(a, MOST), m = (int)strnlen(b, MOST);
    int d[MOST + 1][MOST + 1];
    for (int i = 0; i <= n; i++) d[i][0] = i;
    for (int j = 0; j <= m; j++) d[0][j] = j;
    for (int i = 1; i <= n; i++)
        for (int j = 1; j <= m; j++) {
            d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    return d[n][m];
}

typedef struct nearest {
    const char *word;
    const char *best;
    int distance;
} nearest;

/* A name that the word begins counts as one edit: --form means --format. */
static void nearest_try(nearest *n, const char *name) {
    char first[64]; /* of "model list" the word "model" */
    snprintf(first, sizeof first, "%.*s", (int)strcspn(name, " "), name);
    int d = opts_distance(n->word, first);
    size_t len = strlen(n->word);
    if (len > 1 && !strncmp(n->word, name, len)) d = 1;
    if (d <= 1 + (int)len / 4 && (!n->best || d < n->distance)) {
        n->best = name;
        n->distance = d;
    }
}

/* ---- commands -------------------------------------------------------------------------------------- */

/* How many words of argv[1..] spell the name; 0 when they do not. */
static int command_words(const char *name, int argc, char *const *argv) {
    int words = 0;
    for (const char *p = name; *p; words++) {
        size_t n = strcspn(p, " ");
        if (1 + words >= argc || strlen(argv[1 + words]) != n || strncmp(argv[1 + words], p, n) != 0) return 0;
        p += n + (p[n] == ' ');
    }
    return words;
}

static bool asks_encoder(int argc, char *const *argv) {
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], "--encoder")) return true;
    return false;
}

static const command *command_by_id(command_id id) {
    const command *c = command_table;
    while (c->name && c->id != id) c++;
    return c;
}

/* "model" alone, or "model lost": the words that may follow. */
static bool explain_group(const char *word, char *error) {
    size_t n = strlen(word);
    int at = 0;
    for (const command *c = command_table; c->name; c++) {
        if (strncmp(c->name, word, n) != 0 || c->name[n] != ' ' || c->name[n + 1] == '-') continue;
        const char *before = at ? " or" : " is followed by";
        if (!at) at = snprintf(error, OPT_ERROR_MAX, "%s", word);
        at += snprintf(error + at, (size_t)(OPT_ERROR_MAX - at), "%s %s", before, c->name + n + 1);
    }
    return at > 0;
}

const command *opts_command(int argc, char *const *argv, int *words, char error[OPT_ERROR_MAX]) {
    *words = 0;
    if (argc < 2 || argv[1][0] == '-') return command_by_id(CMD_NONE);
    for (const command *c = command_table; c->name; c++) {
        int n = command_words(c->name, argc, argv);
        if (!n) continue;
        *words = c->id == CMD_TRAIN_ENCODER ? 1 : n;
        return c->id == CMD_TRAIN && asks_encoder(argc, argv) ? command_by_id(CMD_TRAIN_ENCODER) : c;
    }
    if (explain_group(argv[1], error)) return NULL;
    nearest near = { argv[1], NULL, 0 };
    for (const command *c = command_table; c->name; c++)
        if (c->id != CMD_NONE) nearest_try(&near, c->name);
    if (near.best)
        fail(error, "there is no command '%.100s'; did you mean '%s'?", argv[1], near.best);
    else
        fail(error, "there is no command '%.100s'", argv[1]);
    return NULL;
}

/* ---- values ---------------------------------------------------------------------------------------- */

static void *field(settings *s, const opt *o) {
    return (char *)s + o->field;
}

static bool list_add(string_list *l, const char *s) {
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 16;
        const char **at = reallocarray(l->at, cap, sizeof *at);
        if (!at) return false;
        l->at = at;
        l->cap = cap;
    }
    l->at[l->n++] = s;
    return true;
}

static int set_int(int64_t *out, const opt *o, const char *value, char *error) {
    char *end;
    errno = 0;
    long long x = strtoll(value, &end, 10);
    bool digits = value[0] >= '0' && value[0] <= '9';
    if (!digits || *end || errno || (double)x < o->lo || (double)x > o->hi)
        return fail(error, "--%s '%.60s': a whole number from %.0f to %.0f was expected", o->name, value, o->lo,
                    o->hi);
    *out = x;
    return 0;
}

static int set_number(double *out, const opt *o, const char *value, char *error) {
    char *end;
    double x = strtod(value, &end);
    bool plain = *value && strspn(value, "0123456789.eE+-") == strlen(value); /* strtod also takes hex, inf and nan */
    if (!plain || *end || !(x >= o->lo && x <= o->hi))
        return fail(error, "--%s '%.60s': a number from %g to %g was expected", o->name, value, o->lo, o->hi);
    *out = x;
    return 0;
}

/* Digits of a field of a clock: below 60, or any number in the first. */
static bool clock_field(const char **s, bool first, double *seconds) {
    size_t n = strspn(*s, "0123456789");
    long x = n > 0 && n < 7 ? strtol(*s, NULL, 10) : -1;
    if (x < 0 || (!first && (x >= 60 || n != 2))) return false;
    *seconds = 60 * *seconds + (double)x;
    *s += n;
    return true;
}

static bool parse_clock(const char *s, double *seconds) {
    int fields = 0;
    *seconds = 0;
    do
        if (fields == 3 || !clock_field(&s, fields == 0, seconds)) return false;
    while (fields++, *s == ':' && s++);
    if (*s != '.') return *s == 0;
    size_t n = strspn(s + 1, "0123456789");
    if (n == 0 || n > 6 || s[1 + n]) return false;
    double unit = 1;
    for (size_t i = 1; i <= n; i++) *seconds += (s[i] - '0') * (unit /= 10);
    return true;
}

static int set_time(double *out, const opt *o, const char *value, char *error) {
    double x;
    if (!parse_clock(value, &x) || x < o->lo || x > o->hi)
        return fail(error, "--%s '%.60s': a time from %g to %g seconds was expected, as 90 or 1:30", o->name, value,
                    o->lo, o->hi);
    *out = x;
    return 0;
}

static int set_choice(int *out, const opt *o, const char *value, char *error) {
    nearest near = { value, NULL, 0 };
    const char *name;
    for (int i = (int)o->lo; (name = o->choice(i)); i++) {
        if (!strcmp(name, value)) {
            *out = i;
            return 0;
        }
        nearest_try(&near, name);
    }
    if (near.best) return fail(error, "--%s '%.60s': did you mean %s?", o->name, value, near.best);
    int at = snprintf(error, OPT_ERROR_MAX, "--%s '%.60s': it is one of", o->name, value);
    for (int i = (int)o->lo; (name = o->choice(i)) && at < OPT_ERROR_MAX; i++)
        at += snprintf(error + at, (size_t)(OPT_ERROR_MAX - at), " %s", name);
    return -1;
}

static int set_value(settings *s, const opt *o, const char *value, char *error) {
    void *to = field(s, o);
    switch (o->kind) {
    case OPT_FLAG: *(bool *)to = !strcmp(value, "yes"); return 0;
    case OPT_INT: return set_int(to, o, value, error);
    case OPT_NUMBER: return set_number(to, o, value, error);
    case OPT_TIME: return set_time(to, o, value, error);
    case OPT_CHOICE: return set_choice(to, o, value, error);
    case OPT_TEXT:
    case OPT_FILE:
    case OPT_FOLDER:
        if (!*value) return fail(error, "--%s: its value is empty", o->name);
        *(const char **)to = value;
        return 0;
    case OPT_MANY:
        if (!*value) return fail(error, "--%s: its value is empty", o->name);
        return list_add(to, value) ? 0 : fail(error, "out of memory");
    }
    return 0;
}

/* ---- options --------------------------------------------------------------------------------------- */

bool opts_shown_off(const opt *o) {
    return o->kind == OPT_FLAG && o->preset && !strcmp(o->preset, "yes");
}

static const opt *find_name(const command *c, const char *name, size_t n) {
    for (const opt *o = opt_table; o->name; o++)
        if ((o->commands & FOR(c->id)) && strlen(o->name) == n && !strncmp(o->name, name, n)) return o;
    return NULL;
}

static const opt *find_letter(const command *c, char letter) {
    for (const opt *o = opt_table; o->name; o++)
        if ((o->commands & FOR(c->id)) && o->letter == letter) return o;
    return NULL;
}

static void mark(parser *p, const opt *o) {
    size_t i = (size_t)(o - opt_table);
    assert(i / 64 < 4);
    p->out->given[i / 64] |= (uint64_t)1 << i % 64;
}

static bool was_given(const settings *s, const opt *o) {
    size_t i = (size_t)(o - opt_table);
    return s->given[i / 64] >> i % 64 & 1;
}

static int unknown_name(const parser *p, const char *arg, size_t n) {
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)(n < 63 ? n : 63), arg);
    nearest near = { word, NULL, 0 };
    const opt *elsewhere = NULL;
    for (const opt *o = opt_table; o->name; o++) {
        if ((o->commands & FOR(p->c->id)) && o->help) nearest_try(&near, o->name);
        if (!strcmp(o->name, word)) elsewhere = o;
    }
    if (p->c->id == CMD_NONE && elsewhere)
        return fail(p->error, "--%s follows the name of a command, as in: bookend detect --%s", word, word);
    if (near.best) {
        bool off = opts_shown_off(find_name(p->c, near.best, strlen(near.best)));
        return fail(p->error, "there is no option --%s; did you mean --%s%s?", word, off ? "no-" : "", near.best);
    }
    return fail(p->error, "there is no option --%s", word);
}

/* Takes the value of o from argv[*i + 1], or for OPT_MANY from all that follow up to the next option. */
static int take_next(parser *p, const opt *o, int argc, char *const *argv, int *i) {
    int from = *i;
    while (*i + 1 < argc &&
           (argv[*i + 1][0] != '-' || (*i == from && argv[*i + 1][1] != '-' && o->kind != OPT_MANY))) {
        if (set_value(p->out, o, argv[++*i], p->error)) return -1;
        if (o->kind != OPT_MANY) break;
    }
    if (*i == from) return fail(p->error, "--%s needs a value: %s", o->name, o->value);
    return 0;
}

static int parse_long(parser *p, int argc, char *const *argv, int *i) {
    const char *arg = argv[*i] + 2, *equals = strchr(arg, '=');
    size_t n = equals ? (size_t)(equals - arg) : strlen(arg);
    bool off = false;
    const opt *o = find_name(p->c, arg, n);
    if (!o && n > 3 && !strncmp(arg, "no-", 3)) {
        o = find_name(p->c, arg + 3, n - 3);
        off = true;
        if (o && o->kind != OPT_FLAG)
            return fail(p->error, "--%s cannot be switched off by --no-%s", o->name, o->name);
        if (!o) arg += 3, n -= 3;
    }
    if (!o) return unknown_name(p, arg, n);
    mark(p, o);
    if (o->kind == OPT_FLAG && equals) return fail(p->error, "--%.*s takes no value", (int)n, arg);
    if (o->kind == OPT_FLAG) return set_value(p->out, o, off ? "no" : "yes", p->error);
    return equals ? set_value(p->out, o, equals + 1, p->error) : take_next(p, o, argc, argv, i);
}

/* "-qv", "-j4", "-j 4". */
static int parse_letters(parser *p, int argc, char *const *argv, int *i) {
    for (const char *letter = argv[*i] + 1; *letter; letter++) {
        const opt *o = find_letter(p->c, *letter);
        if (!o) return fail(p->error, "there is no option -%c", *letter >= ' ' ? *letter : '?');
        mark(p, o);
        if (o->kind == OPT_FLAG) {
            if (set_value(p->out, o, "yes", p->error)) return -1;
            continue;
        }
        return letter[1] ? set_value(p->out, o, letter + 1, p->error) : take_next(p, o, argc, argv, i);
    }
    return 0;
}

static int parse_all(parser *p, int argc, char *const *argv) {
    bool only_paths = false;
    for (int i = 0; i < argc; i++) {
        const char *a = argv[i];
        int rc = 0;
        if (!only_paths && !strcmp(a, "--"))
            only_paths = true;
        else if (!only_paths && a[0] == '-' && a[1] == '-')
            rc = parse_long(p, argc, argv, &i);
        else if (!only_paths && a[0] == '-' && a[1])
            rc = parse_letters(p, argc, argv, &i);
        else if (!list_add(&p->out->paths, a))
            rc = fail(p->error, "out of memory");
        if (rc) return rc;
    }
    return 0;
}

static int check_whole(const parser *p) {
    const command *c = p->c;
    size_t n = p->out->paths.n;
    if (c->max_paths >= 0 && n > (size_t)c->max_paths)
        return fail(p->error, "'%.200s' is one argument too many", p->out->paths.at[c->max_paths]);
    if (n < (size_t)c->min_paths) return fail(p->error, "no %s was given", c->paths);
    for (const opt *o = opt_table; o->name; o++)
        if ((o->needed & FOR(c->id)) && !was_given(p->out, o))
            return fail(p->error, "--%s %s is needed", o->name, o->value);
    return 0;
}

int opts_parse(settings *out, const command *c, int argc, char *const *argv, char error[OPT_ERROR_MAX]) {
    *out = (settings){ 0 };
    parser p = { c, out, error };
    for (const opt *o = opt_table; o->name; o++)
        if ((o->commands & FOR(c->id)) && o->preset && set_value(out, o, o->preset, error)) return -1;
    if (parse_all(&p, argc, argv)) return -1;
    return out->help ? 0 : check_whole(&p);
}

/* ---- a folder's file ------------------------------------------------------------------------------- */

static int unknown_setting(const char *name, char *error) {
    nearest near = { name, NULL, 0 };
    for (const opt *o = opt_table; o->name; o++)
        if (o->folder) nearest_try(&near, o->name);
    if (near.best) return fail(error, "there is no setting '%.60s'; did you mean %s?", name, near.best);
    int at = snprintf(error, OPT_ERROR_MAX, "there is no setting '%.60s'; there are", name);
    for (const opt *o = opt_table; o->name && at < OPT_ERROR_MAX; o++)
        if (o->folder) at += snprintf(error + at, (size_t)(OPT_ERROR_MAX - at), " %s", o->name);
    return -1;
}

int opts_set(settings *s, command_id id, const char *name, const char *value, char error[OPT_ERROR_MAX]) {
    const opt *o = opt_table;
    while (o->name && !(o->folder && (!o->commands || (o->commands & FOR(id))) && !strcmp(o->name, name))) o++;
    if (!o->name) return unknown_setting(name, error);
    bool yes = !strcmp(value, "yes") || !strcmp(value, "true"), no = !strcmp(value, "no") || !strcmp(value, "false");
    if (o->kind == OPT_FLAG && !yes && !no)
        return fail(error, "--%s '%.60s': true or false was expected", name, value);
    settings overruled = *s;
    return set_value(was_given(s, o) ? &overruled : s, o, o->kind == OPT_FLAG ? (yes ? "yes" : "no") : value, error);
}

void opts_close(settings *s) {
    free(s->paths.at);
    free(s->material.at);
    *s = (settings){ 0 };
}
