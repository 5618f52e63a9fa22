/* --format aniskip: the reply of AniSkip v2 to GET /skip-times, on one line. Seconds. Ids are the service's
 * to give. Nothing to skip is its 404, as there. */
#include "out/out.h"

static void add_result(text *t, const out_skip *s, int64_t duration_us) {
    static const char *const type[] = { [OUT_INTRO] = "op", [OUT_OUTRO] = "ed", [OUT_RECAP] = "recap" };
    text_add(t, "{\"interval\":{\"startTime\":");
    out_add_seconds(t, s->begin_us);
    text_add(t, ",\"endTime\":");
    out_add_seconds(t, s->end_us);
    text_addf(t, "},\"skipType\":\"%s\",\"skipId\":\"00000000-0000-0000-0000-000000000000\",\"episodeLength\":",
              type[s->role]);
    out_add_seconds(t, duration_us);
    text_add(t, "}");
}

int out_aniskip(text *t, const bk_report *r, bk_error *err) {
    out_skip skips[BK_SEGMENTS_MAX];
    int n = out_skips(skips, r, false);
    text_addf(t, "{\"found\":%s,\"results\":[", n ? "true" : "false");
    for (int i = 0; i < n; i++) {
        if (i) text_add(t, ",");
        add_result(t, &skips[i], r->answer->duration_us);
    }
    text_addf(t, "],\"message\":\"%s\",\"statusCode\":%d}\n",
              n ? "Successfully found skip times" : "No skip times found for the given parameters", n ? 200 : 404);
    return BK_OK;
}
