/* Video out: frames to H.264 (MPEG-4 where FFmpeg was built without x264) in MP4 or Matroska. For the generator's
 * films and for tests; written to NAME.part and renamed when it is complete. No sound. */
#include "media/record.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "media/libav.h"

struct record {
    char *path, *temporary;
    record_options opt;
    AVFormatContext *fmt;
    AVStream *st;
    AVCodecContext *enc;
    AVFrame *frame;
    AVPacket *packet;
    struct SwsContext *sws;
    int64_t frames;
    bool created; /* the temporary file is there */
};

static int fail_av(const record *r, int av, const char *what, bk_error *err) {
    char why[80];
    if (av == AVERROR(ENOMEM)) return bk_fail_memory(err, "writing a video");
    return bk_fail(err, BK_EIO, "%s: %s: %s", r->path, what, libav_says(av, why));
}

static int open_encoder(record *r, bk_error *err) {
    const record_options *o = &r->opt;
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    const bool x264 = codec != NULL;
    if (!codec) codec = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    if (!codec) return bk_fail(err, BK_EVIDEO, "%s: this build of FFmpeg has no H.264 or MPEG-4 encoder", r->path);
    AVCodecContext *enc = r->enc = avcodec_alloc_context3(codec);
    if (!enc) return bk_fail_memory(err, "a video encoder");
    enc->width = o->width;
    enc->height = o->height;
    enc->pix_fmt = AV_PIX_FMT_YUV420P;
    enc->time_base = (AVRational){ o->fps_den, o->fps_num };
    enc->framerate = (AVRational){ o->fps_num, o->fps_den };
    enc->gop_size = o->keyframe_every;
    enc->flags |= AV_CODEC_FLAG_BITEXACT;
    if (r->fmt->oformat->flags & AVFMT_GLOBALHEADER) enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (x264) {
        av_opt_set_double(enc->priv_data, "crf", o->crf, 0);
        av_opt_set(enc->priv_data, "preset", "veryfast", 0);
    } else {
        enc->flags |= AV_CODEC_FLAG_QSCALE;
        enc->global_quality = FF_QP2LAMBDA * (o->crf > 17 ? o->crf / 6 : 2);
    }
    int av = avcodec_open2(enc, codec, NULL);
    return av < 0 ? fail_av(r, av, "the encoder does not open", err) : BK_OK;
}

static int open_file(record *r, bk_error *err) {
    const AVOutputFormat *format = av_guess_format(NULL, r->path, NULL);
    if (!format || format->video_codec == AV_CODEC_ID_NONE)
        return bk_fail(err, BK_EINVAL, "%s: a video's name must end in .mp4 or .mkv", r->path);
    int av = avformat_alloc_output_context2(&r->fmt, format, NULL, r->temporary);
    if (av < 0) return fail_av(r, av, "cannot be written", err);
    r->fmt->flags |= AVFMT_FLAG_BITEXACT;
    int code = open_encoder(r, err);
    if (code != BK_OK) return code;
    r->st = avformat_new_stream(r->fmt, NULL);
    if (!r->st || avcodec_parameters_from_context(r->st->codecpar, r->enc) < 0)
        return bk_fail_memory(err, "a video stream");
    r->st->time_base = r->enc->time_base;
    r->st->avg_frame_rate = r->enc->framerate;
    char *url = av_asprintf("file:%s", r->temporary);
    if (!url) return bk_fail_memory(err, "a name");
    av = avio_open(&r->fmt->pb, url, AVIO_FLAG_WRITE);
    av_free(url);
    if (av < 0) return fail_av(r, av, "cannot be created", err);
    r->created = true;
    av = avformat_write_header(r->fmt, NULL);
    return av < 0 ? fail_av(r, av, "its header cannot be written", err) : BK_OK;
}

static int open_picture(record *r, bk_error *err) {
    const int w = r->opt.width, h = r->opt.height;
    r->packet = av_packet_alloc();
    r->frame = av_frame_alloc();
    if (!r->packet || !r->frame) return bk_fail_memory(err, "a frame");
    r->frame->width = w;
    r->frame->height = h;
    r->frame->format = AV_PIX_FMT_YUV420P;
    r->sws = sws_getContext(w, h, AV_PIX_FMT_RGB24, w, h, AV_PIX_FMT_YUV420P, SWS_BICUBIC, NULL, NULL, NULL);
    if (!r->sws || av_frame_get_buffer(r->frame, 0) < 0) return bk_fail_memory(err, "a frame");
    return BK_OK;
}

int record_open(record **out, const char *path, const record_options *opt, bk_error *err) {
    libav_quiet();
    if (opt->width < 2 || opt->height < 2 || opt->width % 2 || opt->height % 2 || opt->width > 1 << 14 ||
        opt->height > 1 << 14)
        return bk_fail(err, BK_EINVAL, "%s: cannot write a video of %d x %d: both must be even, 2 to %d", path,
                       opt->width, opt->height, 1 << 14);
    record *r = bk_zeros(1, sizeof *r);
    if (!r) return bk_fail_memory(err, "a video");
    r->opt = *opt;
    if (r->opt.fps_num <= 0 || r->opt.fps_den <= 0) r->opt.fps_num = 24, r->opt.fps_den = 1;
    if (r->opt.crf <= 0) r->opt.crf = 23;
    if (r->opt.keyframe_every <= 0) r->opt.keyframe_every = 250;
    r->path = strdup(path);
    r->temporary = av_asprintf("%s.part", path);
    int code = r->path && r->temporary ? BK_OK : bk_fail_memory(err, "a name");
    if (code == BK_OK) code = open_file(r, err);
    if (code == BK_OK) code = open_picture(r, err);
    if (code == BK_OK)
        *out = r;
    else
        record_close(&r);
    return code;
}

/* Gives the encoder a frame (NULL: the end) and writes what it has ready. */
static int encode(record *r, const AVFrame *f, bk_error *err) {
    int av = avcodec_send_frame(r->enc, f);
    while (av >= 0) {
        av = avcodec_receive_packet(r->enc, r->packet);
        if (av == AVERROR(EAGAIN) || av == AVERROR_EOF) return BK_OK;
        if (av < 0) break;
        r->packet->stream_index = r->st->index;
        if (r->packet->duration <= 0) r->packet->duration = 1;
        av_packet_rescale_ts(r->packet, r->enc->time_base, r->st->time_base);
        av = av_interleaved_write_frame(r->fmt, r->packet);
    }
    return fail_av(r, av, "cannot be written", err);
}

int record_frame(record *r, const uint8_t *rgb, bk_error *err) {
    int av = av_frame_make_writable(r->frame);
    if (av < 0) return fail_av(r, av, "a frame", err);
    const uint8_t *const from[4] = { rgb };
    const int stride[4] = { r->opt.width * 3 };
    if (sws_scale(r->sws, from, stride, 0, r->opt.height, r->frame->data, r->frame->linesize) < 0)
        return bk_fail(err, BK_EVIDEO, "%s: frame %lld could not be converted", r->path, (long long)r->frames);
    r->frame->pts = r->frames++;
    return encode(r, r->frame, err);
}

int record_finish(record **p, bk_error *err) {
    record *r = *p;
    int code = encode(r, NULL, err);
    if (code == BK_OK) {
        int av = av_write_trailer(r->fmt);
        if (av >= 0) av = avio_closep(&r->fmt->pb);
        if (av < 0) code = fail_av(r, av, "cannot be completed", err);
    }
    if (code == BK_OK && rename(r->temporary, r->path) != 0)
        code = bk_fail(err, BK_EIO, "%s: cannot be renamed to %s: %s", r->temporary, r->path, strerror(errno));
    if (code == BK_OK) r->created = false;
    record_close(p);
    return code;
}

void record_close(record **p) {
    if (!p || !*p) return;
    record *r = *p;
    if (r->fmt && r->fmt->pb) avio_closep(&r->fmt->pb);
    if (r->created) remove(r->temporary);
    avformat_free_context(r->fmt);
    avcodec_free_context(&r->enc);
    av_frame_free(&r->frame);
    av_packet_free(&r->packet);
    sws_freeContext(r->sws);
    av_free(r->temporary);
    free(r->path);
    free(r);
    *p = NULL;
}
