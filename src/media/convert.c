/* A decoded frame to packed bytes, by swscale, as FFmpeg's scale filter does it: the same flags give the
 * same bytes as the ffmpeg program. Rotation is not done here. */
#include "media/convert.h"

#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* Scaling compared with the full picture resized exactly, on three films at 224 x 224: rms 1.3 levels, in a quarter
 * of the time. SWS_AREA and SWS_BILINEAR: 1.9 to 2.7; without full chroma: 1.4 to 2.2. */
enum { FINE = SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND };
static const struct {
    int flags;
    double cubic;  /* Keys' -a; 0: swscale's own, 0.6 */
    double halved; /* and of frames that were halved before, to make up for what their means took */
    int darker;    /* 256ths of a level of luma */
} ways[] = {
    [CONVERT_AS_FFMPEG] = { SWS_BICUBIC, 0, 0, 0 },
    [CONVERT_FINE] = { FINE, 0.5, 0.55, 0 },
    [CONVERT_FINE_DARK] = { FINE, 0.5, 0.55, 220 },
    [CONVERT_AREA] = { SWS_AREA, 0, 0, 0 },
};

/* The tables swscale has; any other matrix counts as BT.601, as in the scale filter. */
static const int *matrix_table(int matrix) {
    if (matrix < 1 || matrix > 10 || matrix == 8) matrix = AVCOL_SPC_BT470BG;
    return sws_getCoefficients(matrix);
}

static bool is_fine(const converter_key *k) {
    return ways[k->how].flags == FINE;
}

/* Without SWS_ACCURATE_RND red, green and blue of these come out 0.9, 1.5 and 0.9 levels lower where luma has 8 bits,
 * 1.8, 1.2 and 1.5 where it has 10; others do not. */
static bool has_coarse_chroma(int format) {
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(format);
    return d && (d->log2_chroma_w || d->log2_chroma_h);
}

static void set_colours(struct SwsContext *sws, const converter_key *k) {
    int *from_table, *to_table, from_full, to_full, brightness, contrast, saturation;
    if (sws_getColorspaceDetails(sws, &from_table, &from_full, &to_table, &to_full, &brightness, &contrast,
                                 &saturation) < 0)
        return; /* between two RGB formats there is nothing to set */
    if (k->range != AVCOL_RANGE_UNSPECIFIED) from_full = k->range == AVCOL_RANGE_JPEG;
    if (k->to_format == AV_PIX_FMT_GRAY8) to_full = 1;
    if (has_coarse_chroma(k->from_format)) brightness -= ways[k->how].darker;
    const int *table = matrix_table(k->matrix);
    sws_setColorspaceDetails(sws, table, from_full, table, to_full, brightness, contrast, saturation);
}

/* Where luma and chroma are given, swscale writes planes of green, blue and red two to four times as fast as packed
 * bytes, and the same values. */
static bool by_planes(const converter_key *k) {
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(k->from_format);
    return is_fine(k) && k->to_format == AV_PIX_FMT_RGB24 && d && d->nb_components >= 3 &&
           !(d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL));
}

static struct SwsContext *sws_make(const converter_key *k, const halver *half) {
    const AVFrame *halved = half->n ? half->step[half->n - 1] : NULL;
    struct SwsContext *sws = sws_alloc_context();
    if (!sws) return NULL;
    av_opt_set_int(sws, "srcw", halved ? halved->width : k->from_w, 0);
    av_opt_set_int(sws, "srch", halved ? halved->height : k->from_h, 0);
    av_opt_set_int(sws, "src_format", k->from_format, 0);
    av_opt_set_int(sws, "dstw", k->to_w, 0);
    av_opt_set_int(sws, "dsth", k->to_h, 0);
    av_opt_set_int(sws, "dst_format", by_planes(k) ? AV_PIX_FMT_GBRP : k->to_format, 0);
    av_opt_set_int(sws, "sws_flags", ways[k->how].flags, 0);
    if (ways[k->how].cubic > 0) {
        av_opt_set_double(sws, "param0", 0, 0);
        av_opt_set_double(sws, "param1", halved ? ways[k->how].halved : ways[k->how].cubic, 0);
    }
    if (sws_init_context(sws, NULL, NULL) < 0) {
        sws_freeContext(sws);
        return NULL;
    }
    set_colours(sws, k);
    return sws;
}

/* Some of swscale's paths write past the row's end. */
static int aligned(int row) {
    return (row + 63 + 64) & ~63;
}

static int prepare(converter *c, const converter_key *k, const char *name, bk_error *err) {
    converter_free(c);
    c->row = k->to_w * (k->to_format == AV_PIX_FMT_GRAY8 ? 1 : 3);
    c->stride = aligned(c->row);
    c->pixels = bk_zeros((size_t)c->stride, (size_t)k->to_h + 1);
    c->plane_stride = aligned(k->to_w);
    const bool planar = by_planes(k);
    if (planar) c->planes = bk_zeros((size_t)c->plane_stride, 3 * (size_t)k->to_h + 1);
    if (!c->pixels || (planar && !c->planes)) return bk_fail_memory(err, "a picture");
    if (is_fine(k)) {
        int code = halver_open(&c->half, k->from_format, k->from_w, k->from_h, k->to_w, k->to_h, err);
        if (code != BK_OK) return code;
    }
    c->sws = sws_make(k, &c->half);
    if (!c->sws) {
        const char *from = av_get_pix_fmt_name(k->from_format);
        return bk_fail(err, BK_EVIDEO, "%s: cannot convert %d x %d %s pixels to %d x %d", name, k->from_w, k->from_h,
                       from ? from : "unknown", k->to_w, k->to_h);
    }
    c->key = *k;
    return BK_OK;
}

/* to u8 [n, 3]  <-  u8 [n] of each */
static void interleave(uint8_t *restrict to, const uint8_t *restrict red, const uint8_t *restrict green,
                       const uint8_t *restrict blue, int n) {
    for (int i = 0; i < n; i++) {
        to[3 * i] = red[i];
        to[3 * i + 1] = green[i];
        to[3 * i + 2] = blue[i];
    }
}

static int scale_by_planes(converter *c, const AVFrame *f) {
    const int stride = c->plane_stride, h = c->key.to_h;
    uint8_t *const green = c->planes, *const blue = green + (ptrdiff_t)h * stride;
    uint8_t *const red = blue + (ptrdiff_t)h * stride, *const to[4] = { green, blue, red };
    const int strides[4] = { stride, stride, stride };
    int av = sws_scale(c->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, to, strides);
    for (ptrdiff_t y = 0; av >= 0 && y < h; y++)
        interleave(c->pixels + y * c->stride, red + y * stride, green + y * stride, blue + y * stride, c->key.to_w);
    return av;
}

static int scale(converter *c, const AVFrame *f) {
    uint8_t *const to[4] = { c->pixels };
    const int stride[4] = { c->stride };
    return sws_scale(c->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, to, stride);
}

int converter_run(converter *c, const AVFrame *f, int w, int h, enum AVPixelFormat format, convert_how how,
                  const char *name, bk_error *err) {
    const converter_key k = { f->width, f->height, f->format, f->colorspace, f->color_range, w, h, format, how };
    if (!c->sws || memcmp(&k, &c->key, sizeof k) != 0) {
        int code = prepare(c, &k, name, err);
        if (code != BK_OK) return code;
    }
    f = halver_run(&c->half, f);
    if ((c->planes ? scale_by_planes(c, f) : scale(c, f)) < 0)
        return bk_fail(err, BK_EVIDEO, "%s: a frame of %d x %d could not be converted", name, f->width, f->height);
    return BK_OK;
}

void converter_free(converter *c) {
    halver_close(&c->half);
    sws_freeContext(c->sws);
    free(c->pixels);
    free(c->planes);
    *c = (converter){ 0 };
}
