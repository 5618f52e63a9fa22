/* Still pictures in, through libavcodec: JPEG, PNG, WebP, GIF (its first picture), BMP and TIFF, told apart by their
 * first bytes. For folders of frames and for tests. Orientation tags and transparency are passed over, as
 * Pillow's Image.open(f).convert("RGB") passes them over. */
#include "media/still.h"

#include <libavcodec/avcodec.h>
#include <libavutil/pixdesc.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "media/convert.h"
#include "media/libav.h"

#define PIXELS_MAX (INT64_C(1) << 28)
#define BYTES_MAX ((size_t)1 << 30)

typedef struct kind {
    const char *name;
    int offset, length;
    const char *magic;
    enum AVCodecID id;
} kind;

static const kind kinds[] = {
    { "JPEG", 0, 3, "\xff\xd8\xff", AV_CODEC_ID_MJPEG },
    { "PNG", 0, 8, "\x89PNG\r\n\x1a\n", AV_CODEC_ID_PNG },
    { "WebP", 8, 4, "WEBP", AV_CODEC_ID_WEBP },
    { "GIF", 0, 4, "GIF8", AV_CODEC_ID_GIF },
    { "BMP", 0, 2, "BM", AV_CODEC_ID_BMP },
    { "TIFF", 0, 4, "II*\0", AV_CODEC_ID_TIFF },
    { "TIFF", 0, 4, "MM\0*", AV_CODEC_ID_TIFF },
};

static const kind *recognise(const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const kind *k = &kinds[i];
        if (n >= (size_t)(k->offset + k->length) && !memcmp(bytes + k->offset, k->magic, (size_t)k->length)) return k;
    }
    return NULL;
}

/* The decoder asks here for its memory: a small file may claim a huge picture. */
static int bounded_buffer(AVCodecContext *dec, AVFrame *f, int flags) {
    const int w = f->width, h = f->height;
    if ((int64_t)w * h > PIXELS_MAX) return AVERROR(ENOMEM);
    f->width += w & 1; /* room for make_even() */
    f->height += h & 1;
    int av = avcodec_default_get_buffer2(dec, f, flags);
    f->width = w;
    f->height = h;
    return av;
}

static int decoder_open(AVCodecContext **out, const kind *k, const char *name, bk_error *err) {
    const AVCodec *codec = avcodec_find_decoder(k->id);
    if (!codec) return bk_fail(err, BK_EFORMAT, "%s: this build of FFmpeg cannot read %s pictures", name, k->name);
    AVCodecContext *dec = avcodec_alloc_context3(codec);
    if (!dec) return bk_fail_memory(err, "a picture's decoder");
    dec->get_buffer2 = bounded_buffer;
    dec->thread_count = 1;
    if (avcodec_open2(dec, codec, NULL) < 0) {
        avcodec_free_context(&dec);
        return bk_fail(err, BK_EFORMAT, "%s: FFmpeg's %s decoder does not open", name, k->name);
    }
    *out = dec;
    return BK_OK;
}

/* One packet in, one frame out. An FFmpeg code. */
static int decode_one(AVCodecContext *dec, AVFrame *f, const uint8_t *bytes, size_t n) {
    AVPacket *packet = av_packet_alloc();
    if (!packet) return AVERROR(ENOMEM);
    int av = n > BYTES_MAX ? AVERROR(ENOMEM) : av_new_packet(packet, (int)n); /* padded as decoders want it */
    if (av == 0) {
        memcpy(packet->data, bytes, n);
        packet->flags |= AV_PKT_FLAG_KEY;
        av = avcodec_send_packet(dec, packet);
    }
    if (av == 0) av = avcodec_send_packet(dec, NULL);
    if (av == 0) av = avcodec_receive_frame(dec, f);
    av_packet_free(&packet);
    return av;
}

/* Halved chroma of an odd side covers one pixel more than the picture has: swscale would spread it over the picture
 * and shift the colours. JPEG's and WebP's decoders fill whole blocks, so that pixel is there; convert it too. */
static void make_even(AVFrame *f, enum AVCodecID id) {
    if (id != AV_CODEC_ID_MJPEG && id != AV_CODEC_ID_WEBP) return;
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
    if (d && d->log2_chroma_w == 1) f->width += f->width & 1;
    if (d && d->log2_chroma_h == 1) f->height += f->height & 1;
}

static int to_rgb(still *out, AVFrame *f, enum AVCodecID id, const char *name, bk_error *err) {
    converter c = { 0 };
    still s = { NULL, f->width, f->height };
    make_even(f, id);
    int code = converter_run(&c, f, f->width, f->height, AV_PIX_FMT_RGB24, CONVERT_FINE, name, err);
    if (code == BK_EVIDEO) code = bk_fail(err, BK_EFORMAT, "%s: a picture of a kind that cannot be converted", name);
    if (code == BK_OK && !(s.rgb = bk_alloc((size_t)s.width * (size_t)s.height, 3)))
        code = bk_fail_memory(err, "a picture");
    if (code == BK_OK) {
        const size_t row = (size_t)s.width * 3;
        for (int y = 0; y < s.height; y++)
            memcpy(s.rgb + (size_t)y * row, c.pixels + (size_t)y * (size_t)c.stride, row);
        *out = s;
    }
    converter_free(&c);
    return code;
}

int still_decode(still *out, const uint8_t *bytes, size_t n, const char *name, bk_error *err) {
    char why[80];
    AVCodecContext *dec = NULL;
    libav_quiet();
    const kind *k = recognise(bytes, n);
    if (!k) return bk_fail(err, BK_EFORMAT, "%s: not a JPEG, PNG, WebP, GIF, BMP or TIFF picture", name);
    int code = decoder_open(&dec, k, name, err);
    if (code != BK_OK) return code;
    AVFrame *f = av_frame_alloc();
    int av = f ? decode_one(dec, f, bytes, n) : AVERROR(ENOMEM);
    if (av == AVERROR(ENOMEM))
        code = bk_fail(err, BK_ENOMEM, "%s: out of memory for a %s picture of %d x %d", name, k->name, dec->width,
                       dec->height);
    else if (av < 0)
        code = bk_fail(err, BK_EFORMAT, "%s: damaged %s picture (%s)", name, k->name, libav_says(av, why));
    else
        code = to_rgb(out, f, k->id, name, err);
    av_frame_free(&f);
    avcodec_free_context(&dec);
    return code;
}

int still_load(still *out, const char *path, bk_error *err) {
    char *bytes = NULL;
    size_t n = 0;
    int code = file_read(&bytes, &n, path, BYTES_MAX, err);
    if (code == BK_OK) code = still_decode(out, (const uint8_t *)bytes, n, path, err);
    free(bytes);
    return code;
}

void still_free(still *s) {
    if (!s) return;
    free(s->rgb);
    *s = (still){ 0 };
}
