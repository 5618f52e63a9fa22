/* The current frame as pixels: RGB of the size asked for, or a small luma picture, turned as the file says it is to
 * be shown. swscale converts; turning happens while the rows are copied to the caller. */
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "media/video_inner.h"

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

/* to u8 [h, w, depth]  <-  from u8 as stored, both with rows so many bytes apart; w and h are those shown. */
static void copy_turned(uint8_t *to, ptrdiff_t to_stride, const uint8_t *from, ptrdiff_t stride, int w, int h,
                        size_t depth, turn t) {
    for (int y = 0; y < h; y++, to += to_stride) {
        const ptrdiff_t across = t.flip_y ? h - 1 - y : y;
        if (!t.transpose && !t.flip_x) {
            memcpy(to, from + across * stride, (size_t)w * depth);
            continue;
        }
        const ptrdiff_t step = t.transpose ? stride : (ptrdiff_t)depth;
        const uint8_t *p = from + (t.transpose ? across * (ptrdiff_t)depth : across * stride);
        if (t.flip_x) p += (w - 1) * step;
        for (int x = 0; x < w; x++, p += t.flip_x ? -step : step)
            for (size_t i = 0; i < depth; i++) to[(size_t)x * depth + i] = p[i];
    }
}

/* Whether each plane can be turned by itself, its chroma subsampled alike in both directions. */
static bool turns_by_plane(const AVPixFmtDescriptor *d) {
    if (!d || d->log2_chroma_w != d->log2_chroma_h ||
        d->flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL))
        return false;
    return d->nb_components == 1 || d->flags & AV_PIX_FMT_FLAG_PLANAR;
}

/* A frame as it is to be shown: the ffmpeg program turns first and converts then, which is not the same where chroma
 * is interpolated in one direction only. */
static int turn_planes(AVFrame **out, const AVFrame *f, turn t, bk_error *err) {
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
    if (!*out && !(*out = av_frame_alloc())) return bk_fail_memory(err, "a frame");
    AVFrame *to = *out;
    av_frame_unref(to);
    to->format = f->format;
    to->width = t.transpose ? f->height : f->width;
    to->height = t.transpose ? f->width : f->height;
    if (av_frame_get_buffer(to, 0) < 0 || av_frame_copy_props(to, f) < 0) return bk_fail_memory(err, "a frame");
    bool done[4] = { false };
    for (int i = 0; i < d->nb_components; i++) {
        const int plane = d->comp[i].plane, shift = i == 1 || i == 2 ? d->log2_chroma_w : 0;
        if (done[plane]) continue; /* two components in one plane, as in NV12 */
        done[plane] = true;
        copy_turned(to->data[plane], to->linesize[plane], f->data[plane], f->linesize[plane],
                    AV_CEIL_RSHIFT(to->width, shift), AV_CEIL_RSHIFT(to->height, shift), (size_t)d->comp[i].step, t);
    }
    return BK_OK;
}

/* ---- colour -------------------------------------------------------------------------------------- */

/* At the frame's own size. */
static int convert_whole(video *v, const AVFrame *f, uint8_t *rgb, bk_error *err) {
    turn t = v->turn;
    const bool turned = t.transpose || t.flip_x || t.flip_y;
    if (turned && turns_by_plane(av_pix_fmt_desc_get(f->format))) {
        int code = turn_planes(&v->turned, f, t, err);
        if (code != BK_OK) return code;
        f = v->turned;
        t = (turn){ 0 };
    }
    int code = converter_run(&v->rgb, f, f->width, f->height, AV_PIX_FMT_RGB24, CONVERT_AS_FFMPEG, v->path, err);
    if (code != BK_OK) return code;
    copy_turned(rgb, 3 * (ptrdiff_t)v->info.width, v->rgb.pixels, v->rgb.stride, v->info.width, v->info.height, 3, t);
    return BK_OK;
}

/* Scaled to w x h as shown. */
static int convert_scaled(video *v, converter *c, const AVFrame *f, uint8_t *rgb, int w, int h, convert_how how,
                          bk_error *err) {
    const int stored_w = v->turn.transpose ? h : w, stored_h = v->turn.transpose ? w : h;
    int code = converter_run(c, f, stored_w, stored_h, AV_PIX_FMT_RGB24, how, v->path, err);
    if (code != BK_OK) return code;
    copy_turned(rgb, 3 * (ptrdiff_t)w, c->pixels, c->stride, w, h, 3, v->turn);
    return BK_OK;
}

int video_convert(video *v, const AVFrame *f, uint8_t *rgb, bk_error *err) {
    const int w = v->opt.width > 0 ? v->opt.width : v->info.width;
    const int h = v->opt.height > 0 ? v->opt.height : v->info.height;
    const int stored_w = v->turn.transpose ? h : w, stored_h = v->turn.transpose ? w : h;
    if (w == v->info.width && h == v->info.height && stored_w == f->width && stored_h == f->height)
        return convert_whole(v, f, rgb, err);
    return convert_scaled(v, &v->rgb, f, rgb, w, h, v->opt.dark ? CONVERT_FINE_DARK : CONVERT_FINE, err);
}

static int no_frame(const video *v, bk_error *err) {
    return bk_fail(err, BK_EINVAL, "%s: there is no current frame", v->path);
}

int video_picture(video *v, uint8_t *rgb, bk_error *err) {
    if (!v->frame->buf[0] || v->first_ready) return no_frame(v, err);
    return video_convert(v, v->frame, rgb, err);
}

int video_thumbnail(video *v, uint8_t *rgb, int width, int height, bk_error *err) {
    if (!v->frame->buf[0] || v->first_ready) return no_frame(v, err);
    if (width < 1 || height < 1 || width > 1 << 15 || height > 1 << 15)
        return bk_fail(err, BK_EINVAL, "%s: a picture of %d x %d was asked for", v->path, width, height);
    return convert_scaled(v, &v->small, v->frame, rgb, width, height, CONVERT_FINE, err);
}

/* ---- luma ---------------------------------------------------------------------------------------- */

/* Whether plane 0 holds luma and nothing else, in bytes or in the machine's words. */
static bool has_luma_plane(const AVPixFmtDescriptor *d) {
    if (!d ||
        d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL))
        return false;
    const AVComponentDescriptor *c = &d->comp[0];
    const bool big = d->flags & AV_PIX_FMT_FLAG_BE;
    return c->plane == 0 && c->offset == 0 && c->step == (c->depth > 8 ? 2 : 1) &&
           (c->depth == 8 || (c->depth > 8 && !big));
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
    if (!bk_grow(&v->columns, &v->columns_cap, need, sizeof *v->columns))
        return bk_fail_memory(err, "a luma picture");
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
    ptrdiff_t stride = w;
    int code;
    if (has_luma_plane(av_pix_fmt_desc_get(v->frame->format))) {
        code = average_stored(v, &small, w, h, err);
    } else {
        code = converter_run(&v->gray, v->frame, w, h, AV_PIX_FMT_GRAY8, CONVERT_AREA, v->path, err);
        small = v->gray.pixels;
        stride = v->gray.stride;
    }
    if (code != BK_OK) return code;
    copy_turned(luma, width, small, stride, width, height, 1, v->turn);
    return BK_OK;
}
