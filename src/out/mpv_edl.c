/* --format mpv-edl: mpv's own EDL (DOCS/edl-mpv.rst), which lists what to play, not what to skip. Names are
 * looked for beside the EDL, hence the folder is left off. */
#include <string.h>

#include "out/out.h"

/* `%bytes%name` takes any name: commas, newlines and percent signs need no escape. */
static void add_part(text *t, const char *file, int64_t begin_us, int64_t end_us) {
    const char *name = path_name(file);
    char from[TEXT_TIME_MAX], length[TEXT_TIME_MAX];
    /* From rounded ends, so that two parts neither overlap nor leave a gap. */
    int64_t length_us = (out_ms(end_us) - out_ms(begin_us)) * 1000;
    text_addf(t, "%%%zu%%%s,%s,%s\n", strlen(name), name, text_seconds(from, begin_us),
              text_seconds(length, length_us));
}

/* What the skips leave. A list without parts would be an error to mpv: then all is played. */
static int add_parts(text *t, const char *file, const out_skip *skips, int n, int64_t duration_us) {
    int parts = 0;
    int64_t at = 0;
    for (int i = 0; i <= n; i++) {
        int64_t until = i < n ? skips[i].begin_us : duration_us;
        if (out_ms(until) > out_ms(at)) {
            add_part(t, file, at, until);
            parts++;
        }
        if (i < n) at = skips[i].end_us;
    }
    return parts;
}

int out_mpv_edl(text *t, const bk_report *r, bk_error *err) {
    out_skip skips[BK_SEGMENTS_MAX];
    int n = out_skips(skips, r, true);
    const char *name = path_name(r->file);
    text_add(t, "# mpv EDL v0\n");
    if (add_parts(t, r->file, skips, n, r->answer->duration_us) == 0) text_addf(t, "%%%zu%%%s\n", strlen(name), name);
    return BK_OK;
}
