/* The current frame as pixels: RGB of the size asked for, or a small luma picture, turned as the file says it is to be
 * shown. swscale converts; turning happens while the rows are copied to the caller. */
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "media/video_inner.h"

#define SCALE_FLAGS SWS_BICUBIC

/* ---- turning ------------------------------------------------------------------------------------- */

static const int32_t *matrix_of(const AVStream *st, const AVFrame *f) {
    const uint8_t *m = NULL;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
    const AVPacketSideData *side = av_packet_side_data_get(
        st->codecpar->coded_side_data, st->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    if (side && side->size >= 9 * sizeof(int32_t)) m = side->data;
#else
    size_t size = 0;
    m = av_stream_get_side_data(st, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (size < 9 * sizeof(int32_t)) m = NULL;
#endif
    const AVFrameSideData *side_of_frame = av_frame_get_side_data(f, AV_FRAME_DATA_DISPLAYMATRIX);
    if (side_of_frame && side_of_frame->size >= 9 * sizeof(int32_t)) m = side_of_frame->data;
    return (const int32_t *)(const void *)m;
}

/* The display matrix sends stored (x, y) to shown (m0 x + m3 y, m1 x + m4 y); angles between the right ones are
 * taken as the nearest. */
turn turn_of(const AVStream *st, const AVFrame *f) {
    const int32_t *m = matrix_of(st, f);
    if (!m) return (turn){ 0 };
    const int64_t straight = llabs((int64_t)m[0]) + llabs((int64_t)m[4]);
    const int64_t across = llabs((int64_t)m[1]) + llabs((int64_t)m[3]);
    if (across > straight) return (turn){ true, m[3] < 0, m[1] < 0 };
    return (turn){ false, m[0] < 0, m[4] < 0 };
}

/* to u8 [h, w, depth]  <-  from u8 [.., stride] as stored; w and h are those shown. */
static void copy_turned(uint8_t *to, const uint8_t *from, size_t stride, int w, int h, size_t depth, turn t) {
    for (int y = 0; y < h; y++) {
        const size_t across = (size_t)(t.flip_y ? h - 1 - y : y);
        if (!t.transpose && !t.flip_x) {
            memcpy(to, from + across * stride, (size_t)w * depth);
            to += (size_t)w * depth;
            continue;
        }
        for (int x = 0; x < w; x++, to += depth) {
            const size_t along = (size_t)(t.flip_x ? w - 1 - x : x);
            const uint8_t *p = t.transpose ? from + along * stride + across * depth
                                           : from + across * stride + along * depth;
            for (size_t i = 0; i < depth; i++) to[i] = p[i];
        }
    }
}

/* ---- colour -------------------------------------------------------------------------------------- */

int video_convert(video *v, const AVFrame *f, uint8_t *rgb, bk_error *err) {
    const int w = v->opt.width > 0 ? v->opt.width : v->info.width;
    const int h = v->opt.height > 0 ? v->opt.height : v->info.height;
    const bool across = v->turn.transpose, as_is = (across ? h : w) == f->width && (across ? w : h) == f->height;
    int code = converter_run(&v->rgb, f, across ? h : w, across ? w : h, AV_PIX_FMT_RGB24,
                             as_is ? SWS_BICUBIC : SCALE_FLAGS, v->path, err);
    if (code != BK_OK) return code;
    copy_turned(rgb, v->rgb.pixels, (size_t)v->rgb.stride, w, h, 3, v->turn);
    return BK_OK;
}

static int no_frame(const video *v, bk_error *err) {
    return bk_fail(err, BK_EINVAL, "%s: there is no current frame", v->path);
}

int video_picture(video *v, uint8_t *rgb, bk_error *err) {
    if (!v->frame->buf[0] || v->first_ready) return no_frame(v, err);
    return video_convert(v, v->frame, rgb, err);
}

/* ---- luma ---------------------------------------------------------------------------------------- */

/* Whether plane 0 holds luma and nothing else, in bytes or in the machine's words. */
static bool has_luma_plane(const AVPixFmtDescriptor *d) {
    if (!d || d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL))
        return false;
    const AVComponentDescriptor *c = &d->comp[0];
    const bool big = d->flags & AV_PIX_FMT_FLAG_BE;
    return c->plane == 0 && c->offset == 0 && c->step == (c->depth > 8 ? 2 : 1) && (c->depth == 8 || (c->depth > 8 && !big));
}

static void add_bytes(uint32_t *restrict sums, const uint8_t *restrict row, int n) {
    for (int i = 0; i < n; i++) sums[i] += row[i];
}

static void add_words(uint32_t *restrict sums, const uint8_t *row, int n, int shift) {
    const uint16_t *restrict words = (const uint16_t *)(const void *)row;
    for (int i = 0; i < n; i++) sums[i] += words[i] >> shift;
}

/* Black at `floor` and white at floor + range become 0 and 255. */
static uint8_t level(uint32_t sum, uint32_t count, int floor, int range) {
    const float mean = (float)sum / (float)count, x = (mean - (float)floor) * 255.0F / (float)range;
    return (uint8_t)(x <= 0.0F ? 0.0F : x >= 255.0F ? 255.0F : x + 0.5F);
}

/* to u8 [h, w]  <-  plane 0 of f: means over boxes of whole pixels. sums [f->width] is scratch. */
static void average(uint8_t *to, int w, int h, const AVFrame *f, const AVComponentDescriptor *c, uint32_t *sums) {
    const bool full = f->color_range == AVCOL_RANGE_JPEG || f->format == AV_PIX_FMT_YUVJ420P ||
                      f->format == AV_PIX_FMT_YUVJ422P || f->format == AV_PIX_FMT_YUVJ444P;
    const int floor = full ? 0 : 16, range = full ? 255 : 219;
    for (int y = 0; y < h; y++) {
        int top = (int)((int64_t)y * f->height / h), bottom = (int)((int64_t)(y + 1) * f->height / h);
        if (bottom <= top) bottom = top + 1;
        memset(sums, 0, (size_t)f->width * sizeof *sums);
        for (int i = top; i < bottom; i++) {
            const uint8_t *row = f->data[0] + (ptrdiff_t)i * f->linesize[0];
            if (c->depth == 8)
                add_bytes(sums, row, f->width);
            else
                add_words(sums, row, f->width, c->shift + c->depth - 8);
        }
        for (int x = 0; x < w; x++) {
            int left = (int)((int64_t)x * f->width / w), right = (int)((int64_t)(x + 1) * f->width / w);
            if (right <= left) right = left + 1;
            uint32_t sum = 0;
            for (int i = left; i < right; i++) sum += sums[i];
            *to++ = level(sum, (uint32_t)(right - left) * (uint32_t)(bottom - top), floor, range);
        }
    }
}

/* The small picture as stored, in the columns' memory after the sums: [h, w]. */
static int average_stored(video *v, uint8_t **small, int w, int h, bk_error *err) {
    const AVFrame *f = v->frame;
    size_t need = (size_t)f->width + ((size_t)w * (size_t)h + 3) / 4;
    if (!bk_grow(&v->columns, &v->columns_cap, need, sizeof *v->columns)) return bk_fail_memory(err, "a luma picture");
    *small = (uint8_t *)(v->columns + f->width);
    average(*small, w, h, f, &av_pix_fmt_desc_get(f->format)->comp[0], v->columns);
    return BK_OK;
}

int video_luma(video *v, uint8_t *luma, int width, int height, bk_error *err) {
    if (!v->frame->buf[0] || v->first_ready) return no_frame(v, err);
    if (width < 1 || height < 1 || width > 1 << 15 || height > 1 << 15)
        return bk_fail(err, BK_EINVAL, "%s: a luma picture of %d x %d was asked for", v->path, width, height);
    const int w = v->turn.transpose ? height : width, h = v->turn.transpose ? width : height;
    uint8_t *small = NULL;
    size_t stride = (size_t)w;
    int code;
    if (has_luma_plane(av_pix_fmt_desc_get(v->frame->format))) {
        code = average_stored(v, &small, w, h, err);
    } else {
        code = converter_run(&v->gray, v->frame, w, h, AV_PIX_FMT_GRAY8, SWS_AREA, v->path, err);
        small = v->gray.pixels;
        stride = (size_t)v->gray.stride;
    }
    if (code != BK_OK) return code;
    copy_turned(luma, small, stride, width, height, 1, v->turn);
    return BK_OK;
}
