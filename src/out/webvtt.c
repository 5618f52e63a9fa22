/* --format webvtt: for <track kind="chapters">. Titles are fixed words, so that no cue needs an escape. */
#include "out/out.h"

int out_webvtt(text *t, const bk_report *r, bk_error *err) {
    out_timeline line;
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    out_timeline_make(&line, r);
    text_add(t, "WEBVTT\n");
    for (int i = 0; i < line.n; i++) {
        const bk_segment *s = &line.seg[i];
        text_addf(t, "\n%d\n%s --> %s\n%s\n", i + 1, text_clock(from, s->begin_us), text_clock(to, s->end_us),
                  out_title(&line, i));
    }
    return BK_OK;
}
