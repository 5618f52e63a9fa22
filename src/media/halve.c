/* A scaler's cubic reads each pixel as often as it is wide, so that nearly all of its time goes into the first steps
 * of a large frame's way down. There, means over two by two pixels do as well. */
#include "media/halve.h"

#include <libavutil/pixdesc.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"

/* Whether luma and chroma are bytes, each in a plane of its own. */
static bool is_planes_of_bytes(const AVPixFmtDescriptor *d) {
    if (!d || d->nb_components != 3 || d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_HWACCEL)) return false;
    for (int i = 0; i < 3; i++)
        if (d->comp[i].plane != i || d->comp[i].depth != 8 || d->comp[i].step != 1) return false;
    return true;
}

/* Whether w pixels with chroma 2^shift times as coarse are so many that they may be halved on the way to to_w. */
static bool is_large(int w, int shift, int to_w) {
    return 2 * w >= 7 * to_w && w % (2 << shift) == 0;
}

int halver_open(halver *half, int format, int w, int h, int to_w, int to_h, bk_error *err) {
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(format);
    halver_close(half);
    if (!is_planes_of_bytes(d)) return BK_OK;
    while (half->n < HALVINGS_MAX && is_large(w, d->log2_chroma_w, to_w) && is_large(h, d->log2_chroma_h, to_h)) {
        AVFrame *f = half->step[half->n++] = av_frame_alloc();
        if (!f) return bk_fail_memory(err, "a frame");
        f->format = format;
        f->width = w /= 2;
        f->height = h /= 2;
        if (av_frame_get_buffer(f, 0) < 0) return bk_fail_memory(err, "a frame");
    }
    return BK_OK;
}

/* to u8 [n]  <-  two rows u8 [2 n]. Halves are rounded to even: upwards alone, a dark picture would not be as dark.
 */
static void halve_rows(uint8_t *restrict to, const uint8_t *restrict a, const uint8_t *restrict b, int n) {
    for (int i = 0; i < n; i++) {
        uint16_t x, y; /* two pixels each, in either order */
        memcpy(&x, a + 2 * i, sizeof x);
        memcpy(&y, b + 2 * i, sizeof y);
        const uint16_t sum = (uint16_t)((x & 255) + (x >> 8) + (y & 255) + (y >> 8));
        to[i] = (uint8_t)((uint16_t)(sum + 1 + (sum >> 2 & 1)) >> 2);
    }
}

static void halve(AVFrame *to, const AVFrame *f) {
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
    for (int i = 0; i < 3; i++) {
        const int w = to->width >> (i ? d->log2_chroma_w : 0), h = to->height >> (i ? d->log2_chroma_h : 0);
        for (ptrdiff_t y = 0; y < h; y++) {
            const uint8_t *rows = f->data[i] + 2 * y * f->linesize[i];
            halve_rows(to->data[i] + y * to->linesize[i], rows, rows + f->linesize[i], w);
        }
    }
}

const AVFrame *halver_run(halver *half, const AVFrame *f) {
    for (int i = 0; i < half->n; i++) {
        halve(half->step[i], f);
        f = half->step[i];
    }
    return f;
}

void halver_close(halver *half) {
    for (int i = 0; i < half->n; i++) av_frame_free(&half->step[i]);
    half->n = 0;
}
