/* --format theintrodb: the reply of TheIntroDB v3 to GET /media, on one line. Milliseconds; null stands for
 * the file's begin or end; a kind that is missing has no segment. What the video is, only its owner knows:
 * tmdb_id and type are null. */
#include "out/out.h"

/* A number, or null at the edge of the file. */
static void add_edge(text *t, const char *name, int64_t us, bool edge) {
    if (edge)
        text_addf(t, "\"%s\":null", name);
    else
        text_addf(t, "\"%s\":%lld", name, (long long)out_ms(us));
}

static void add_role(text *t, const char *name, const out_skip *skips, int n, out_role role, int64_t duration_us) {
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (skips[i].role != role) continue;
        if (count++)
            text_add(t, ",{");
        else
            text_addf(t, ",\"%s\":[{", name);
        add_edge(t, "start_ms", skips[i].begin_us, skips[i].begin_us <= 0);
        text_add(t, ",");
        add_edge(t, "end_ms", skips[i].end_us, duration_us > 0 && skips[i].end_us >= duration_us);
        text_add(t, "}");
    }
    if (count) text_add(t, "]");
}

int out_theintrodb(text *t, const bk_report *r, bk_error *err) {
    out_skip skips[BK_SEGMENTS_MAX];
    int n = out_skips(skips, r, false);
    text_add(t, "{\"tmdb_id\":null,\"type\":null");
    add_role(t, "intro", skips, n, OUT_INTRO, r->answer->duration_us);
    add_role(t, "recap", skips, n, OUT_RECAP, r->answer->duration_us);
    add_role(t, "credits", skips, n, OUT_OUTRO, r->answer->duration_us);
    text_add(t, "}\n");
    return BK_OK;
}
