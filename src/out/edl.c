/* --format edl: Kodi's edit decision list, NAME.edl beside NAME.mkv; intro-skipper and LosslessCut read it
 * too. Action 3, a break that is skipped once and can be rewound into, leaves the timeline whole.
 * Kodi refuses an edit that touches the one before, hence stretches of any role are joined. */
#include "out/out.h"

int out_edl(text *t, const bk_report *r, bk_error *err) {
    out_skip skips[BK_SEGMENTS_MAX];
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    int n = out_skips(skips, r, true);
    for (int i = 0; i < n; i++)
        text_addf(t, "%s\t%s\t3\n", text_seconds(from, skips[i].begin_us), text_seconds(to, skips[i].end_us));
    return BK_OK;
}
