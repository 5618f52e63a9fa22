/* --format jellyfin: the reply of GET /MediaSegments/{itemId}, on one line. Ticks of 100 ns. The ids are
 * the server's to give, so they are the empty GUID. */
#include "out/out.h"

static const char empty_id[] = "00000000-0000-0000-0000-000000000000";

int out_jellyfin(text *t, const bk_report *r, bk_error *err) {
    static const char *const type[] = { [OUT_INTRO] = "Intro", [OUT_OUTRO] = "Outro", [OUT_RECAP] = "Recap" };
    out_skip skips[BK_SEGMENTS_MAX];
    int n = out_skips(skips, r, false);
    text_add(t, "{\"Items\":[");
    for (int i = 0; i < n; i++)
        text_addf(t, "%s{\"Id\":\"%s\",\"ItemId\":\"%s\",\"Type\":\"%s\",\"StartTicks\":%lld,\"EndTicks\":%lld}",
                  i ? "," : "", empty_id, empty_id, type[skips[i].role], (long long)skips[i].begin_us * 10,
                  (long long)skips[i].end_us * 10);
    text_addf(t, "],\"TotalRecordCount\":%d,\"StartIndex\":0}\n", n);
    return BK_OK;
}
