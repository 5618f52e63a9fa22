/* --format mplayer-edl: for `mplayer -edl FILE`. Action 0 skips; there is no other that does. */
#include <string.h>

#include "out/out.h"

/* Two decimals as in MPlayer's manual, a third where it says something. */
static void add_time(text *t, int64_t us) {
    char s[TEXT_TIME_MAX];
    size_t n = strlen(text_seconds(s, us));
    text_add_n(t, s, s[n - 1] == '0' ? n - 1 : n);
    text_add(t, " ");
}

int out_mplayer_edl(text *t, const bk_report *r, bk_error *err) {
    out_skip skips[BK_SEGMENTS_MAX];
    int n = out_skips(skips, r, true);
    for (int i = 0; i < n; i++) {
        add_time(t, skips[i].begin_us);
        add_time(t, skips[i].end_us);
        text_add(t, "0\n");
    }
    return BK_OK;
}
