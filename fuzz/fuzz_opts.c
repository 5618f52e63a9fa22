/* The command line: any bytes, an argument a line. What is accepted lies in the ranges of the table; what is not
 * comes with a sentence. */
#include "fuzz.h"

#include <string.h>

#include "opts.h"

enum { MOST = 64 };

/* Cuts the text at its line feeds, in place. */
static int split(char *text, char **argv) {
    int argc = 0;
    for (char *p = text; p && argc < MOST; argc++) {
        argv[argc] = p;
        p = strchr(p, '\n');
        if (p) *p++ = 0;
    }
    return argc;
}

static void check_field(const settings *s, const opt *o) {
    const void *field = (const char *)s + o->field;
    if (o->kind == OPT_INT) {
        double x = (double)*(const int64_t *)field;
        HOLDS(x == 0 || (x >= o->lo && x <= o->hi));
    } else if (o->kind == OPT_NUMBER || o->kind == OPT_TIME) {
        double x = *(const double *)field;
        HOLDS(x == 0 || (x >= o->lo && x <= o->hi));
    } else if (o->kind == OPT_CHOICE) {
        int i = *(const int *)field;
        HOLDS(i == 0 || o->choice(i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1), *argv[MOST + 1] = { NULL }, error[OPT_ERROR_MAX] = "";
    settings s;
    int words;
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = 0;
    int argc = split(text, argv);
    const command *c = opts_command(argc, argv, &words, error);
    HOLDS(c || error[0]);
    if (c && argc > words) {
        HOLDS(words >= 0);
        bool ok = opts_parse(&s, c, argc - 1 - words, argv + 1 + words, error) == 0;
        HOLDS(ok || error[0]);
        for (const opt *o = opt_table; ok && o->name; o++)
            if (o->commands & FOR(c->id)) check_field(&s, o);
        opts_close(&s);
    }
    free(text);
    return 0;
}
