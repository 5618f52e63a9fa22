/* --format comskip: Comskip's NAME.txt, which Kodi and many DVR tools read. It counts frames, so it needs
 * the frame rate, and says that in hundredths only: a reader that turns frames into time by the header is
 * off by up to 0.2 s in 20 minutes at 23.976. Where a choice exists, edl is exact. */
#include <math.h>

#include "out/out.h"

static long frame_at(int64_t us, double fps) {
    return lround((double)us / 1e6 * fps);
}

int out_comskip(text *t, const bk_report *r, bk_error *err) {
    out_skip skips[BK_SEGMENTS_MAX];
    double fps = r->answer->fps;
    if (!(fps > 0))
        return bk_fail(err, BK_EINVAL, "%s: comskip counts frames, and the frame rate is not known", r->file);
    int n = out_skips(skips, r, true);
    text_addf(t, "FILE PROCESSING COMPLETE %6li FRAMES AT %5i\n-------------------\n",
              frame_at(r->answer->duration_us, fps), (int)lround(fps * 100));
    for (int i = 0; i < n; i++)
        text_addf(t, "%li\t%li\n", frame_at(skips[i].begin_us, fps), frame_at(skips[i].end_us, fps));
    return BK_OK;
}
