/* --format ogm: the simple chapters of the OGM tools, which mkvmerge and others take. Starts only. */
#include "out/out.h"

int out_ogm(text *t, const bk_report *r, bk_error *err) {
    out_timeline line;
    char clock[TEXT_TIME_MAX];
    out_timeline_make(&line, r);
    for (int i = 0; i < line.n; i++) {
        const bk_segment *s = &line.seg[i];
        text_addf(t, "CHAPTER%02d=%s\nCHAPTER%02dNAME=%s\n", i + 1, text_clock(clock, s->begin_us), i + 1,
                  out_title(&line, i));
    }
    return BK_OK;
}
