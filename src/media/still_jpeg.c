/* Still pictures out: JPEG through libavcodec, for pages that carry their pictures inside. Small files rather than
 * fine ones: a picture that is hard to pack is written worse, not larger. */
#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "media/libav.h"
#include "media/still.h"

enum { SIDE_MAX = 16384 };

static int fail_av(const char *name, int av, bk_error *err) {
    char why[80];
    if (av == AVERROR(ENOMEM)) return bk_fail_memory(err, "a JPEG");
    return bk_fail(err, BK_EVIDEO, "%s: a picture cannot be written as JPEG: %s", name, libav_says(av, why));
}

/* rgb as the full range BT.601 that JFIF holds. */
static int to_yuv(AVFrame *f, const uint8_t *rgb, int w, int h) {
    f->width = w;
    f->height = h;
    f->format = AV_PIX_FMT_YUV420P;
    f->color_range = AVCOL_RANGE_JPEG;
    int av = av_frame_get_buffer(f, 0);
    if (av < 0) return av;
    struct SwsContext *sws = sws_getContext(w, h, AV_PIX_FMT_RGB24, w, h, AV_PIX_FMT_YUV420P,
                                            SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (!sws) return AVERROR(ENOMEM);
    const int *table = sws_getCoefficients(SWS_CS_ITU601);
    sws_setColorspaceDetails(sws, table, 1, table, 1, 0, 1 << 16, 1 << 16);
    const uint8_t *const from[4] = { rgb };
    const int stride[4] = { 3 * w };
    av = sws_scale(sws, from, stride, 0, h, f->data, f->linesize);
    sws_freeContext(sws);
    return av < 0 ? av : 0;
}

/* One picture by one encoder, since its quality is set when it opens. */
static int encode(AVPacket *packet, const AVCodec *codec, AVFrame *f, int quality) {
    AVCodecContext *enc = avcodec_alloc_context3(codec);
    if (!enc) return AVERROR(ENOMEM);
    enc->width = f->width;
    enc->height = f->height;
    enc->pix_fmt = AV_PIX_FMT_YUV420P;
    enc->color_range = AVCOL_RANGE_JPEG;
    enc->time_base = (AVRational){ 1, 25 };
    enc->thread_count = 1;
    enc->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    enc->global_quality = f->quality = FF_QP2LAMBDA * quality;
    int av = avcodec_open2(enc, codec, NULL);
    if (av == 0) av = avcodec_send_frame(enc, f);
    if (av == 0) av = avcodec_send_frame(enc, NULL);
    if (av == 0) av = avcodec_receive_packet(enc, packet);
    avcodec_free_context(&enc);
    return av;
}

int still_jpeg(uint8_t **out, size_t *n, const uint8_t *rgb, int w, int h, size_t most, const char *name,
               bk_error *err) {
    static const int qualities[] = { 3, 5, 8, 12, 18, 26 };
    enum { WORST = (int)(sizeof qualities / sizeof *qualities) - 1 };
    if (w < 1 || h < 1 || w > SIDE_MAX || h > SIDE_MAX)
        return bk_fail(err, BK_EINVAL, "%s: a JPEG of %d x %d was asked for, a side has 1 to %d pixels", name, w, h,
                       SIDE_MAX);
    libav_quiet();
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    if (!codec) return bk_fail(err, BK_EVIDEO, "%s: this build of FFmpeg cannot write JPEG pictures", name);
    AVFrame *f = av_frame_alloc();
    AVPacket *packet = av_packet_alloc();
    int av = f && packet ? to_yuv(f, rgb, w, h) : AVERROR(ENOMEM);
    for (int i = 0; av == 0; i++) {
        av_packet_unref(packet);
        av = encode(packet, codec, f, qualities[i]);
        if (i == WORST || (size_t)packet->size <= most) break;
    }
    uint8_t *bytes = av == 0 ? bk_alloc((size_t)packet->size, 1) : NULL;
    int code = av < 0 ? fail_av(name, av, err) : bytes ? BK_OK : bk_fail_memory(err, "a JPEG");
    if (code == BK_OK) {
        memcpy(bytes, packet->data, (size_t)packet->size);
        *n = (size_t)packet->size;
        *out = bytes;
    }
    av_frame_free(&f);
    av_packet_free(&packet);
    return code;
}
