/* Packets out of a file: opening, choosing the stream, reading past damage. For video.c, which decodes, and
 * video_times.c, which only counts. */
#include <libavutil/avstring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "media/libav.h"
#include "media/soundless.h"
#include "media/video_inner.h"

#define READ_ERRORS_MAX 100 /* in a row, then the file counts as ended */

/* FFmpeg's demuxers take text, single pictures and scripts for video, too. */
static bool is_film(const AVInputFormat *f) {
    static const char *const not_film[] = { "tty", "image2", "concat", "lavfi", "bin", "xbin", "adf", "idf" };
    for (size_t i = 0; i < sizeof not_film / sizeof *not_film; i++)
        if (!strcmp(f->name, not_film[i])) return false;
    return !strstr(f->name, "_pipe");
}

void demux_close(AVFormatContext **fmt) {
    AVIOContext *own = *fmt && (*fmt)->flags & AVFMT_FLAG_CUSTOM_IO ? (*fmt)->pb : NULL;
    avformat_close_input(fmt);
    soundless_close(&own);
}

static int open_input(AVFormatContext **fmt, const char *path, bool soundless) {
    char *url = av_asprintf("file:%s", path); /* a name with a colon is not a protocol */
    AVDictionary *opt = NULL;
    if (!url || !(*fmt = avformat_alloc_context())) {
        av_free(url);
        return AVERROR(ENOMEM);
    }
    AVIOContext *own = (*fmt)->pb = soundless ? soundless_open(path) : NULL;
    av_dict_set(&opt, "protocol_whitelist", "file,crypto,data", 0); /* a playlist must not reach the net */
    int av = avformat_open_input(fmt, url, NULL, &opt);
    if (av < 0) soundless_close(&own);
    av_dict_free(&opt);
    av_free(url);
    return av;
}

static int refuse(int av, const char *path, bk_error *err) {
    char why[80];
    struct stat st;
    if (av == AVERROR(ENOMEM)) return bk_fail_memory(err, "a video");
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
        return bk_fail(err, BK_EVIDEO, "%s: the file is empty", path);
    if (av == AVERROR_INVALIDDATA || av == AVERROR_EOF)
        return bk_fail(err, BK_EVIDEO, "%s: not a video, or too damaged to be read", path);
    return bk_fail(err, BK_EIO, "%s: cannot be opened: %s", path, libav_says(av, why));
}

bool demux_is_mp4(const AVFormatContext *fmt) {
    return strstr(fmt->iformat->name, "mp4");
}

bool demux_is_matroska(const AVFormatContext *fmt) {
    return strstr(fmt->iformat->name, "matroska");
}

static bool showable(const AVStream *st) {
    const int aside = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS;
    return st->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !(st->disposition & aside);
}

/* The one video stream, NULL where there are several or none. */
static const AVStream *only_video(const AVFormatContext *fmt) {
    const AVStream *only = NULL;
    for (unsigned i = 0; i < fmt->nb_streams; i++) {
        if (fmt->streams[i]->codecpar->codec_type != AVMEDIA_TYPE_VIDEO) continue;
        if (only) return NULL;
        only = fmt->streams[i];
    }
    return only;
}

/* Whether the header tells all that is asked of a film without its sound. Else FFmpeg decodes the first frames, for
 * the rate and for how many of them are held back to be put in order, which it finds in an MP4's tables as well. */
static bool header_suffices(const AVFormatContext *fmt) {
    const AVStream *st = demux_is_mp4(fmt) ? only_video(fmt) : NULL;
    if (!st) return false;
    const AVCodecParameters *par = st->codecpar;
    return showable(st) && par->codec_id == AV_CODEC_ID_H264 && par->extradata_size > 0 && par->width > 0 &&
           par->height > 0 && st->avg_frame_rate.num > 0 && st->r_frame_rate.num > 0;
}

int demux_open(AVFormatContext **out, const char *path, bool full, bool soundless, bk_error *err) {
    AVFormatContext *fmt = NULL;
    libav_quiet();
    int av = open_input(&fmt, path, soundless);
    if (av < 0) return refuse(av, path, err);
    if (!is_film(fmt->iformat)) {
        int code = bk_fail(err, BK_EVIDEO, "%s: not a video (%s)", path,
                           fmt->iformat->long_name ? fmt->iformat->long_name : fmt->iformat->name);
        demux_close(&fmt);
        return code;
    }
    if (full && !(soundless && header_suffices(fmt)) && (av = avformat_find_stream_info(fmt, NULL)) < 0) {
        demux_close(&fmt);
        return refuse(av, path, err);
    }
    *out = fmt;
    return BK_OK;
}

/* av_find_best_stream() may prefer a cover picture; then the largest of the others. */
int demux_choose(AVFormatContext *fmt) {
    int best = av_find_best_stream(fmt, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (best >= 0 && showable(fmt->streams[best])) return best;
    int64_t most = -1;
    best = -1;
    for (unsigned i = 0; i < fmt->nb_streams; i++) {
        const AVCodecParameters *par = fmt->streams[i]->codecpar;
        int64_t pixels = (int64_t)par->width * par->height;
        if (showable(fmt->streams[i]) && pixels > most) {
            most = pixels;
            best = (int)i;
        }
    }
    return best;
}

void demux_only(AVFormatContext *fmt, int stream) {
    for (unsigned i = 0; i < fmt->nb_streams; i++)
        fmt->streams[i]->discard = (int)i == stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
}

bool demux_next(AVFormatContext *fmt, int stream, AVPacket *packet, int *read_errors) {
    for (;;) {
        int av = av_read_frame(fmt, packet);
        if (av == AVERROR_EOF || (av < 0 && ++*read_errors > READ_ERRORS_MAX)) return false;
        if (av < 0) continue;
        *read_errors = 0;
        if (packet->stream_index == stream) return true;
        av_packet_unref(packet);
    }
}

bool demux_indexed(const AVFormatContext *fmt) {
    return demux_is_mp4(fmt) || demux_is_matroska(fmt);
}
