/* Still pictures in, through libavcodec: JPEG, PNG, WebP, GIF (its first picture), BMP and TIFF, told apart by their
 * first bytes. For folders of frames and for tests. Orientation tags and transparency are passed over, as
 * Pillow's Image.open(f).convert("RGB") passes them over. */
#include "media/still.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "media/convert.h"
#include "media/libav.h"

#define PIXELS_MAX (INT64_C(1) << 28)

typedef struct kind {
    const char *name;
    int offset, length;
    const char *magic;
    enum AVCodecID id;
} kind;

static const kind kinds[] = {
    { "JPEG", 0, 3, "\xff\xd8\xff", AV_CODEC_ID_MJPEG },       { "PNG", 0, 8, "\x89PNG\r\n\x1a\n", AV_CODEC_ID_PNG },
    { "WebP", 8, 4, "WEBP", AV_CODEC_ID_WEBP },                { "GIF", 0, 4, "GIF8", AV_CODEC_ID_GIF },
    { "BMP", 0, 2, "BM", AV_CODEC_ID_BMP },                    { "TIFF", 0, 4, "II*\0", AV_CODEC_ID_TIFF },
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
    if ((int64_t)f->width * f->height > PIXELS_MAX) return AVERROR(ENOMEM);
    return avcodec_default_get_buffer2(dec, f, flags);
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
    int av = n > INT32_MAX / 2 ? AVERROR(ENOMEM) : av_new_packet(packet, (int)n); /* padded as decoders want it */
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

/* Chroma upsampled as libjpeg's fancy upsampling does, nearly; full precision. */
static int to_rgb(still *out, const AVFrame *f, const char *name, bk_error *err) {
    converter c = { 0 };
    const int flags = SWS_BILINEAR | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND;
    int code = converter_run(&c, f, f->width, f->height, AV_PIX_FMT_RGB24, flags, name, err);
    if (code == BK_EVIDEO) code = err ? (err->code = BK_EFORMAT) : BK_EFORMAT;
    still s = { NULL, f->width, f->height };
    if (code == BK_OK && !(s.rgb = bk_alloc((size_t)s.width * (size_t)s.height, 3)))
        code = bk_fail_memory(err, "a picture");
    if (code == BK_OK) {
        for (int y = 0; y < s.height; y++)
            memcpy(s.rgb + (size_t)y * (size_t)c.row, c.pixels + (size_t)y * (size_t)c.stride, (size_t)c.row);
        *out = s;
    }
    converter_free(&c);
    return code;
}

int still_decode(still *out, const uint8_t *bytes, size_t n, const char *name, bk_error *err) {
    char text[80];
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
        code = bk_fail(err, BK_EFORMAT, "%s: damaged %s picture (%s)", name, k->name, libav_says(av, text));
    else
        code = to_rgb(out, f, name, err);
    av_frame_free(&f);
    avcodec_free_context(&dec);
    return code;
}

/* The whole file into *bytes, freed with free(). */
static int read_all(uint8_t **bytes, size_t *n, FILE *file, const char *path, bk_error *err) {
    uint8_t *data = NULL;
    size_t cap = 0, used = 0, got = 0;
    do {
        used += got;
        if (!bk_grow(&data, &cap, used + 65536, 1)) {
            free(data);
            return bk_fail(err, BK_ENOMEM, "%s: out of memory after %zu bytes", path, used);
        }
        got = fread(data + used, 1, cap - used, file);
    } while (got > 0);
    if (ferror(file)) {
        free(data);
        return bk_fail(err, BK_EIO, "%s: cannot be read: %s", path, strerror(errno));
    }
    *bytes = data;
    *n = used;
    return BK_OK;
}

int still_load(still *out, const char *path, bk_error *err) {
    uint8_t *bytes = NULL;
    size_t n = 0;
    FILE *file = fopen(path, "rb");
    if (!file) return bk_fail(err, BK_EIO, "%s: cannot be opened: %s", path, strerror(errno));
    int code = read_all(&bytes, &n, file, path, err);
    fclose(file);
    if (code == BK_OK) code = still_decode(out, bytes, n, path, err);
    free(bytes);
    return code;
}

void still_free(still *s) {
    if (!s) return;
    free(s->rgb);
    *s = (still){ 0 };
}
