/* --format ffmetadata: chapters for `ffmpeg -i VIDEO -i THIS -map 0 -map_chapters 1` and for mpv's
 * --chapters-file. Milliseconds. No title or other tag of the file, which -map_metadata would carry over. */
#include "out/out.h"

int out_ffmetadata(text *t, const bk_report *r, bk_error *err) {
    out_timeline line;
    out_timeline_make(&line, r);
    text_add(t, ";FFMETADATA1\n");
    for (int i = 0; i < line.n; i++) {
        const bk_segment *s = &line.seg[i];
        text_addf(t, "[CHAPTER]\nTIMEBASE=1/1000\nSTART=%lld\nEND=%lld\ntitle=%s\n", (long long)out_ms(s->begin_us),
                  (long long)out_ms(s->end_us), out_title(&line, i));
    }
    return BK_OK;
}
