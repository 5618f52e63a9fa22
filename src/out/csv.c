/* --format csv: a row of the notebook's labels, so that what was found and checked by eye can be trained
 * on. Quoted as RFC 4180 says; a boundary that is not known is an empty field. The header is in formats.c. */
#include <string.h>

#include "out/out.h"

static void add_field(text *t, const char *s) {
    if (!s[strcspn(s, ",\"\r\n")]) {
        text_add(t, s);
        return;
    }
    text_add(t, "\"");
    for (; *s; s++) text_add_n(t, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
    text_add(t, "\"");
}

static void add_time(text *t, const bk_mark *m, int64_t none_us) {
    char clock[TEXT_TIME_MAX];
    text_add(t, ",");
    if (m->found != BK_UNSURE) text_add(t, text_clock(clock, m->found == BK_NONE ? none_us : m->time_us));
}

int out_csv(text *t, const bk_report *r, bk_error *err) {
    add_field(t, r->file);
    add_time(t, &r->answer->start_main, 0);
    add_time(t, &r->answer->end_main, r->answer->duration_us);
    text_add(t, "\n");
    return BK_OK;
}
