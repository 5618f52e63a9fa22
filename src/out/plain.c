/* --format text: a block a file, for people at a terminal. Times are what was measured, without safety. */
#include <math.h>
#include <string.h>

#include "out/out.h"

/* A name may hold anything; a terminal should not obey it. */
static void add_visible(text *t, const char *s) {
    for (; *s; s++) text_add_n(t, (unsigned char)*s < 0x20 || *s == 0x7f ? "?" : s, 1);
}

static int percent(float confidence) {
    return confidence > 0 ? (int)lroundf(fminf(confidence, 1) * 100) : 0;
}

static void add_mark(text *t, const bk_mark *m, const bk_answer *a, const char *verb, const char *none) {
    char clock[TEXT_TIME_MAX];
    text_addf(t, "  story %-6s  ", verb);
    if (m->found == BK_FOUND)
        text_addf(t, "%s  frame %-9lld %3d %% sure\n", text_clock(clock, m->time_us), (long long)m->frame,
                  percent(m->confidence));
    else if (m->found == BK_NONE)
        text_addf(t, "%s\n", none);
    else {
        text_add(t, "not sure");
        if (a->reason[0]) text_add(t, ": ");
        add_visible(t, a->reason);
        text_add(t, "\n");
    }
}

static void add_failure(text *t, const bk_report *r) {
    const char *why = r->error ? r->error : "no answer";
    size_t n = strlen(r->file);
    /* Sentences of the library open with the name, which stands above already. */
    if (strncmp(why, r->file, n) == 0 && why[n] == ':' && why[n + 1] == ' ') why += n + 2;
    text_add(t, "  failed: ");
    add_visible(t, why);
    text_add(t, "\n");
}

int out_plain(text *t, const bk_report *r, bk_error *err) {
    const bk_answer *a = r->answer;
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    add_visible(t, r->file);
    text_add(t, "\n");
    if (!a) {
        add_failure(t, r);
        return BK_OK;
    }
    add_mark(t, &a->start_main, a, "begins", "with the file, nothing to skip");
    add_mark(t, &a->end_main, a, "ends", "with the file, nothing to skip");
    for (int i = 0; i < a->n_segments; i++) {
        const bk_segment *s = &a->segments[i];
        text_addf(t, "  %-12s  %s - %s   %3d %% sure\n", bk_kind_name(s->kind), text_clock(from, s->begin_us),
                  text_clock(to, s->end_us), percent(s->confidence));
    }
    return BK_OK;
}
