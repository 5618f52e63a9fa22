/* Video in: opening a file, stepping through its frames and seeking, exact to the frame. All times are counted from
 * the first frame that the decoder shows. For api.c's passes over a film. Conversion to pixels is in
 * video_picture.c, what needs only packets in video_times.c. */
#include "media/video.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "media/libav.h"
#include "media/video_inner.h"

#define NEAR_US INT64_C(1000000)      /* without an index: decode this far ahead rather than seek */
#define BACK_US INT64_C(1000000)      /* first step back of a seek that landed late; then doubled */
#define BACK_MAX_US INT64_C(64000000) /* frames that will not come: give up looking for them */

static const AVRational microseconds = { 1, 1000000 };

int64_t video_time_of(const video *v, int64_t pts) {
    return av_rescale_q(pts - v->start_pts, v->st->time_base, microseconds);
}

/* Rounded down, but so that a frame's own time leads to the frame. */
int64_t video_pts_of(const video *v, int64_t time_us) {
    return v->start_pts + av_rescale_q_rnd(time_us + 1, microseconds, v->st->time_base, AV_ROUND_DOWN);
}

int64_t video_length_of(const video *v, const AVFrame *f) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    int64_t length = f ? f->duration : 0;
#else
    int64_t length = f ? f->pkt_duration : 0;
#endif
    const AVRational fps = { v->info.fps_num, v->info.fps_den };
    if (length <= 0 && fps.num > 0) length = av_rescale_q(1, av_inv_q(fps), v->st->time_base);
    return length > 0 ? length : 1;
}

static bool is_key(const AVFrame *f) {
#ifdef AV_FRAME_FLAG_KEY
    return f->flags & AV_FRAME_FLAG_KEY;
#else
    return f->key_frame;
#endif
}

/* ---- packets ------------------------------------------------------------------------------------- */

static int64_t packet_ts(const AVPacket *p) {
    return p->pts != AV_NOPTS_VALUE ? p->pts : p->dts;
}
static int64_t earliest_ts(const AVPacket *p) {
    return p->dts != AV_NOPTS_VALUE ? p->dts : p->pts;
}

/* As the container's index counts: MP4 in order of decoding, Matroska in order of display. */
static int64_t index_ts(const video *v, const AVPacket *p) {
    return demux_is_mp4(v->fmt) ? earliest_ts(p) : packet_ts(p);
}

/* Another demuxer of the same file and stream; full as in demux_open(). */
static int open_again(AVFormatContext **out, const video *v, bool full, bk_error *err) {
    AVFormatContext *fmt = NULL;
    const int stream = v->st->index;
    int code = demux_open(&fmt, v->path, full, v->opt.soundless, err);
    if (code != BK_OK) return code;
    if (stream >= (int)fmt->nb_streams || fmt->streams[stream]->codecpar->codec_id != v->dec->codec_id) {
        demux_close(&fmt);
        return bk_fail(err, BK_EVIDEO, "%s: changed while it was read", v->path);
    }
    demux_only(fmt, stream);
    *out = fmt;
    return BK_OK;
}

/* A new demuxer at the file's first packet: the one way back that always works. */
static int reopen(video *v, bk_error *err) {
    AVFormatContext *fmt = NULL;
    const int stream = v->st->index;
    int code = open_again(&fmt, v, true, err);
    if (code != BK_OK) return code;
    demux_close(&v->fmt);
    v->fmt = fmt;
    v->st = fmt->streams[stream];
    v->check_first = false;
    v->packets = 0;
    return BK_OK;
}

/* To the file's first packet. A seek is cheaper than opening anew, but not every container keeps its word:
 * check_first compares the packet that comes. */
static int rewind_file(video *v, bk_error *err) {
    v->from_start = true;
    v->key_wanted = false;
    v->stamped = 0;
    if (v->untimed || !v->first.known || v->first.ts == AV_NOPTS_VALUE) return reopen(v, err);
    if (av_seek_frame(v->fmt, v->st->index, v->first.ts, AVSEEK_FLAG_BACKWARD) < 0) return reopen(v, err);
    v->check_first = true;
    return BK_OK;
}

/* After a seek some demuxers give the same packet other timestamps, but not another place. */
static bool is_first(const first_packet *f, const AVPacket *p) {
    return f->size == p->size && (f->pos >= 0 ? f->pos == p->pos : f->ts == earliest_ts(p));
}

/* Whether frames that no other needs are left out; where times are counted, none is. */
static bool passes_over(const video *v) {
    return v->mode == VIDEO_REFERENCES && !v->untimed && !v->vague;
}

/* Whether a frame need not be shown: by the mode, or because it comes before the target. */
static bool is_passed_over(const video *v, const AVPacket *p) {
    if (passes_over(v)) return true;
    return !v->untimed && !v->vague && p->pts != AV_NOPTS_VALUE && video_time_of(v, p->pts) < v->target_us;
}

/* Empties the decoder and aims at target_us - back_us. */
static int land(video *v, bk_error *err) {
    avcodec_flush_buffers(v->dec);
    v->dec->skip_frame = v->mode == VIDEO_KEYFRAMES ? AVDISCARD_NONKEY
                         : passes_over(v)           ? AVDISCARD_NONREF
                                                    : AVDISCARD_DEFAULT;
    v->dec->skip_loop_filter = v->mode == VIDEO_ROUGH || passes_over(v) ? AVDISCARD_ALL : AVDISCARD_DEFAULT;
    v->first_ready = v->draining = v->emptying = v->from_start = v->check_first = false;
    v->landing = v->key_wanted = true;
    v->frame_pts = v->key_ts = v->hop_ts = AV_NOPTS_VALUE;
    v->key_us = v->taken_us = INT64_MIN;
    v->hop = v->mode == VIDEO_KEYFRAMES && demux_indexed(v->fmt);
    v->read_errors = 0;
    v->stamped = v->vague && !v->by_dts ? 2 : 0;
    const int64_t aim_us = v->target_us - v->back_us;
    if (aim_us <= 0 || v->untimed) return rewind_file(v, err);
    const int64_t aim = video_pts_of(v, aim_us);
    if (av_seek_frame(v->fmt, v->st->index, aim, AVSEEK_FLAG_BACKWARD) < 0) return rewind_file(v, err);
    return BK_OK;
}

static int land_earlier(video *v, bk_error *err) {
    v->back_us = v->back_us ? v->back_us * 2 : BACK_US;
    return land(v, err);
}

/* Jumps to the keyframe after the one we stand on, when the container's index knows it. */
static void hop(video *v) {
    const int64_t from = v->hop_ts != AV_NOPTS_VALUE ? v->hop_ts : v->key_ts;
    if (!v->hop || from == AV_NOPTS_VALUE) return;
    const AVIndexEntry *e = avformat_index_get_entry_from_timestamp(v->st, from + 1, 0);
    const int64_t ts = e ? e->timestamp : 0;
    if (e && ts > from && av_seek_frame(v->fmt, v->st->index, ts, AVSEEK_FLAG_BACKWARD) >= 0)
        v->hop_ts = ts;
    else
        v->hop = false; /* the last one, or an index that ends early: read on in order */
}

/* Whether a keyframe's packet is to be decoded in VIDEO_KEYFRAMES. */
static bool take_key(video *v, const AVPacket *p) {
    if (v->untimed) v->packet->pts = v->start_pts + v->packets * video_length_of(v, NULL);
    if (v->by_dts) v->packet->pts = v->start_pts + p->dts - v->first.ts;
    if (p->pts == AV_NOPTS_VALUE && p->dts != AV_NOPTS_VALUE) /* else the next keyframe's time would be taken */
        v->packet->pts = p->dts + video_length_of(v, NULL);
    if (packet_ts(p) == AV_NOPTS_VALUE) return true;
    const int64_t us = video_time_of(v, packet_ts(p));
    if (us <= v->key_us) { /* a hop that did not advance */
        v->hop = false;
        return false;
    }
    v->key_us = us;
    if (us < v->target_us || us < v->taken_us + v->key_gap_us) return false;
    v->taken_us = us;
    return true;
}

/* What to do with the packet just read: 1 decode it, 0 pass over it, < 0 failure. */
static int judge(video *v, bk_error *err) {
    const AVPacket *p = v->packet;
    const bool key = p->flags & AV_PKT_FLAG_KEY;
    if (v->check_first) {
        v->check_first = false;
        if (!is_first(&v->first, p)) return reopen(v, err);
    }
    if (!v->first.known) v->first = (first_packet){ true, p->pts != AV_NOPTS_VALUE, earliest_ts(p), p->pos, p->size };
    if (v->stamped > 0 && p->pos >= 0) v->stamped--;
    if (v->key_wanted && v->stamped > 0) return 0; /* cut off from the timestamp that it needs */
    if (!key) return !v->key_wanted && v->mode != VIDEO_KEYFRAMES && !(is_passed_over(v, p) && video_unneeded(v, p));
    if (v->key_wanted && packet_ts(p) != AV_NOPTS_VALUE &&
        video_time_of(v, packet_ts(p)) + v->margin_us > v->target_us)
        return land_earlier(v, err);
    v->key_wanted = false;
    v->key_ts = index_ts(v, p);
    return v->mode != VIDEO_KEYFRAMES || take_key(v, p);
}

/* Whether the keyframe just read is one that nobody wants any more. */
static bool is_beyond(const video *v) {
    return v->mode == VIDEO_KEYFRAMES && v->key_end_us > 0 && v->key_us >= v->key_end_us;
}

/* The next packet to decode: 1 in v->packet, 0 at the end, < 0 on failure. */
static int next_packet(video *v, bk_error *err) {
    for (;;) {
        if (v->mode == VIDEO_KEYFRAMES) hop(v);
        if (!demux_next(v->fmt, v->st->index, v->packet, &v->read_errors)) {
            if (!v->key_wanted || v->from_start) return 0;
            int code = land_earlier(v, err); /* after the last keyframe */
            if (code != BK_OK) return code;
            continue;
        }
        int verdict = judge(v, err);
        v->packets++;
        const bool beyond = verdict >= 0 && is_beyond(v);
        if (verdict != 0 && !beyond) return verdict;
        av_packet_unref(v->packet);
        if (beyond) return 0;
    }
}

/* ---- frames -------------------------------------------------------------------------------------- */

/* Whether a keyframe is asked for at once. A decoder that puts frames in order would have the next ones first, and
 * the last keyframe of each stretch would cost two. With several threads it is to work at the next ones, though. */
static bool one_by_one(const video *v) {
    return v->mode == VIDEO_KEYFRAMES && v->dec->codec->capabilities & AV_CODEC_CAP_DELAY &&
           !(v->dec->active_thread_type & FF_THREAD_FRAME);
}

/* Gives the decoder a packet, or its end. */
static int feed(video *v, bk_error *err) {
    int got = next_packet(v, err);
    if (got < 0) return got;
    int av = avcodec_send_packet(v->dec, got ? v->packet : NULL);
    if (!got) v->draining = true;
    if (got && av >= 0 && one_by_one(v)) v->emptying = avcodec_send_packet(v->dec, NULL) >= 0;
    av_packet_unref(v->packet);
    if (av == AVERROR(ENOMEM)) return bk_fail_memory(err, "decoding");
    if (av < 0 && got) v->damaged++;
    return BK_OK;
}

static void stamp(video *v) {
    int64_t pts = v->frame->best_effort_timestamp;
    if (pts == AV_NOPTS_VALUE)
        pts = v->frame_pts == AV_NOPTS_VALUE ? v->start_pts : v->frame_pts + video_length_of(v, v->frame);
    v->frame_pts = pts;
    v->time_us = video_time_of(v, pts);
}

/* The next frame out of the decoder: 1, 0 at the end, < 0 on failure. */
static int decode(video *v, bk_error *err) {
    for (int failures = 0;;) {
        int av = avcodec_receive_frame(v->dec, v->frame);
        if (av == 0) {
            v->decoded++;
            stamp(v);
            return 1;
        }
        if (av == AVERROR_EOF && v->emptying) {
            v->emptying = false;
            avcodec_flush_buffers(v->dec);
            av = AVERROR(EAGAIN);
        }
        if (av == AVERROR_EOF) return 0;
        if (av == AVERROR(ENOMEM)) return bk_fail_memory(err, "decoding");
        if (av != AVERROR(EAGAIN)) {
            v->damaged++;
            if (v->draining && ++failures > 100) return 0;
            continue;
        }
        if (v->draining) return 0;
        int code = feed(v, err);
        if (code != BK_OK) return code;
    }
}

/* Frames come only from after the target, or not at all: the seek landed late. */
static bool landed_late(const video *v, int got) {
    if (!v->landing || v->from_start || v->mode == VIDEO_KEYFRAMES || v->back_us >= BACK_MAX_US) return false;
    return got == 0 || v->time_us > v->target_us;
}

int video_step(video *v, video_frame *f, bk_error *err) {
    if (v->first_ready) {
        v->first_ready = false;
    } else {
        for (;;) {
            int got = decode(v, err);
            if (got < 0) return got;
            if (landed_late(v, got)) {
                int code = land_earlier(v, err);
                if (code != BK_OK) return code;
                continue;
            }
            if (got == 0) return 0;
            v->landing = false;
            if (v->time_us >= v->target_us) break;
        }
    }
    *f = (video_frame){ v->time_us, is_key(v->frame) };
    return 1;
}

/* ---- seeking ------------------------------------------------------------------------------------- */

void video_set_mode(video *v, video_mode mode) {
    v->wanted_mode = mode;
}

void video_set_key_gap(video *v, int64_t gap_us) {
    v->key_gap_us = gap_us;
}

void video_set_key_end(video *v, int64_t end_us) {
    v->key_end_us = end_us;
}

/* Whether going on is the shortest way: the frame is ahead and no keyframe lies between. */
static bool reach_by_stepping(video *v, int64_t time_us) {
    if (v->mode != v->wanted_mode || v->mode == VIDEO_KEYFRAMES || v->landing || v->draining) return false;
    if (time_us <= v->time_us) return v->first_ready;
    if (v->untimed) return true;
    if (time_us - v->time_us < NEAR_US && !demux_indexed(v->fmt)) return true;
    const int n = avformat_index_get_entries_count(v->st);
    const int64_t pts = video_pts_of(v, time_us);
    const AVIndexEntry *last = n ? avformat_index_get_entry(v->st, n - 1) : NULL;
    if (!demux_indexed(v->fmt) || !last || last->timestamp < pts || v->key_ts == AV_NOPTS_VALUE)
        return time_us - v->time_us < NEAR_US;
    const AVIndexEntry *e = avformat_index_get_entry_from_timestamp(v->st, pts, AVSEEK_FLAG_BACKWARD);
    return e && e->timestamp <= v->key_ts;
}

int video_seek(video *v, int64_t time_us, bk_error *err) {
    const bool step = reach_by_stepping(v, time_us);
    v->target_us = time_us;
    if (step) {
        if (time_us > v->time_us) v->first_ready = false;
        return BK_OK;
    }
    v->mode = v->wanted_mode;
    v->back_us = v->margin_us;
    return land(v, err);
}

/* Lands at a time in the mode as it is, and stands on the frame there. */
static int stand_at(video *v, int64_t time_us, bk_error *err) {
    video_frame unused;
    v->target_us = time_us;
    v->back_us = v->margin_us;
    int code = land(v, err);
    if (code != BK_OK) return code;
    int got = video_step(v, &unused, err);
    return got == 0 ? bk_fail(err, BK_EVIDEO, "%s: changed while it was read", v->path) : got < 0 ? got : BK_OK;
}

int video_return(video *v, bk_error *err) {
    v->moved = false;
    bool first = v->first_ready;
    int code = stand_at(v, v->time_us, err);
    if (code == BK_OK) v->first_ready = first;
    return code;
}

/* ---- opening ------------------------------------------------------------------------------------- */

bool video_shares(const video *v) {
    return !v->untimed && avformat_index_get_entries_count(v->st) < BORROW_FRAMES;
}

/* par: of the stream; its own, or those of a reader that has read further. */
static int open_decoder(video *v, const AVCodecParameters *par, bk_error *err) {
    const AVCodec *codec = avcodec_find_decoder(par->codec_id);
    const char *name = avcodec_get_name(par->codec_id);
    snprintf(v->info.codec, sizeof v->info.codec, "%s", name);
    if (!codec) return bk_fail(err, BK_EVIDEO, "%s: this build of FFmpeg cannot decode %s", v->path, name);
    v->dec = avcodec_alloc_context3(codec);
    if (!v->dec || avcodec_parameters_to_context(v->dec, par) < 0) return bk_fail_memory(err, "a video decoder");
    v->dec->pkt_timebase = v->st->time_base;
    const int threads = v->opt.threads > 0 ? v->opt.threads : pool_cores();
    const int readers = v->opt.readers > 0 && video_shares(v) ? v->opt.readers : 1;
    v->dec->thread_count = threads > readers ? threads / readers : 1;
    frame_store_for(v->dec, &v->store);
    int av = avcodec_open2(v->dec, codec, NULL);
    char why[80];
    if (av < 0)
        return bk_fail(err, BK_EVIDEO, "%s: FFmpeg's decoder for %s does not open: %s", v->path, name,
                       libav_says(av, why));
    return BK_OK;
}

static bool usable(AVRational r) {
    return r.num > 0 && r.den > 0;
}

static void describe(video *v) {
    AVRational fps = v->st->avg_frame_rate, base = v->st->r_frame_rate;
    v->info.constant_rate = usable(fps) && usable(base) && av_cmp_q(fps, base) == 0;
    if (!usable(fps)) fps = usable(base) ? base : (AVRational){ 0, 1 };
    v->info.fps_num = fps.num;
    v->info.fps_den = fps.den;
}

/* Nonsense in a header counts as square pixels. */
static double aspect_of(const video *v) {
    const AVRational sample = av_guess_sample_aspect_ratio(v->fmt, v->st, v->frame);
    double pixel = usable(sample) ? av_q2d(sample) : 1.0;
    if (!(pixel >= 0.25 && pixel <= 4.0)) pixel = 1.0;
    const double stored = pixel * v->frame->width / v->frame->height;
    return v->turn.transpose ? 1.0 / stored : stored;
}

/* Whether no packet to come is shown before pts. */
static bool leads(video *v, int64_t pts) {
    enum { PEEKED = 32 }; /* no more than that are put in order */
    for (int i = 0; i < PEEKED; i++) {
        if (!demux_next(v->fmt, v->st->index, v->packet, &v->read_errors)) return true;
        const int64_t next = v->packet->pts, dts = v->packet->dts;
        av_packet_unref(v->packet);
        if (next == AV_NOPTS_VALUE || dts == AV_NOPTS_VALUE || next < pts) return false;
        if (dts >= pts) return true;
    }
    return false;
}

/* The first packet's frame, without the next ones that a decoder wants so as to put them in order: 1, or 0 where
 * another may be shown before it. Only for a video that is one of several readers, which seek before they step. */
static int decode_alone(video *v, bk_error *err) {
    if (v->opt.readers <= 1 || !demux_indexed(v->fmt) || v->dec->active_thread_type & FF_THREAD_FRAME) return 0;
    const int got = next_packet(v, err);
    if (got <= 0) return got;
    const int64_t pts = v->packet->pts;
    bool shown = v->packet->flags & AV_PKT_FLAG_KEY && pts != AV_NOPTS_VALUE &&
                 avcodec_send_packet(v->dec, v->packet) >= 0 && avcodec_send_packet(v->dec, NULL) >= 0 &&
                 avcodec_receive_frame(v->dec, v->frame) == 0 && v->frame->best_effort_timestamp == pts;
    av_packet_unref(v->packet);
    if (shown && leads(v, pts)) {
        v->decoded++;
        v->landing = true;
        stamp(v);
        return 1;
    }
    avcodec_flush_buffers(v->dec);
    return rewind_file(v, err);
}

/* Decodes the first frame: it sets the clock and proves that there is something to see. */
static int decode_first(video *v, bk_error *err) {
    v->frame_pts = v->key_ts = v->hop_ts = AV_NOPTS_VALUE;
    v->from_start = true;
    int got = decode_alone(v, err);
    if (got == 0) got = decode(v, err);
    if (got < 0) return got;
    if (got == 0)
        return bk_fail(err, BK_EVIDEO, "%s: no frame of its %s video could be decoded", v->path, v->info.codec);
    v->untimed = v->frame->best_effort_timestamp == AV_NOPTS_VALUE;
    v->by_dts = !v->untimed && !v->first.shown_ts && v->first.ts != AV_NOPTS_VALUE;
    v->vague = v->by_dts || !strcmp(v->fmt->iformat->name, "mpeg");
    v->margin_us = v->vague ? BACK_US : 0;
    v->start_pts = v->frame_pts;
    v->time_us = 0;
    v->first_ready = !v->landing;
    v->turn = turn_of(v->st, v->frame);
    v->info.width = v->turn.transpose ? v->frame->height : v->frame->width;
    v->info.height = v->turn.transpose ? v->frame->width : v->frame->height;
    v->info.aspect = aspect_of(v);
    return BK_OK;
}

static int open_stream(video *v, bk_error *err) {
    int code = demux_open(&v->fmt, v->path, true, v->opt.soundless, err);
    if (code != BK_OK) return code;
    const int stream = demux_choose(v->fmt);
    if (stream < 0) return bk_fail(err, BK_EVIDEO, "%s: no video stream", v->path);
    v->st = v->fmt->streams[stream];
    demux_only(v->fmt, stream);
    describe(v);
    return open_decoder(v, v->st->codecpar, err);
}

/* It turned out that there can be one reader only. */
static int take_all_threads(video *v, bk_error *err) {
    avcodec_free_context(&v->dec);
    int code = open_decoder(v, v->st->codecpar, err);
    if (code == BK_OK) code = stand_at(v, 0, err);
    v->first_ready = code == BK_OK;
    return code;
}

static int allocate(video **out, const char *path, bk_error *err) {
    video *v = *out = bk_zeros(1, sizeof *v);
    if (!v) return bk_fail_memory(err, "a video");
    v->path = strdup(path);
    v->packet = av_packet_alloc();
    v->frame = av_frame_alloc();
    return v->path && v->packet && v->frame ? BK_OK : bk_fail_memory(err, "a video");
}

int video_open(video **out, const char *path, const video_options *opt, bk_error *err) {
    video *v;
    int code = allocate(&v, path, err);
    if (code == BK_OK && opt) v->opt = *opt;
    if (code == BK_OK) code = open_stream(v, err);
    if (code == BK_OK) code = decode_first(v, err);
    if (code == BK_OK && v->untimed && v->opt.readers > 1) code = take_all_threads(v, err);
    if (code == BK_OK) code = video_measure(v, err);
    if (code == BK_OK)
        *out = v;
    else
        video_close(&v);
    return code;
}

/* What video_open() has found out is taken over; the decoder stands nowhere, as after a seek that has not landed. */
int video_again(video **out, const video *from, bk_error *err) {
    video *v;
    int code = allocate(&v, from->path, err);
    if (code == BK_OK) code = open_again(&v->fmt, from, !demux_indexed(from->fmt), err);
    if (code == BK_OK) {
        v->opt = from->opt;
        v->info = from->info;
        v->turn = from->turn;
        v->st = v->fmt->streams[from->st->index];
        v->first = from->first;
        v->start_pts = from->start_pts;
        v->by_dts = from->by_dts;
        v->vague = from->vague;
        v->margin_us = from->margin_us;
        v->untimed = from->untimed;
        v->landing = true;
        code = open_decoder(v, from->st->codecpar, err);
    }
    if (code == BK_OK)
        *out = v;
    else
        video_close(&v);
    return code;
}

void video_close(video **p) {
    if (!p || !*p) return;
    video *v = *p;
    avcodec_free_context(&v->dec);
    demux_close(&v->fmt);
    av_packet_free(&v->packet);
    av_frame_free(&v->frame);
    av_frame_free(&v->turned);
    av_frame_free(&v->plan.held);
    frame_store_close(&v->store);
    converter_free(&v->rgb);
    converter_free(&v->gray);
    converter_free(&v->small);
    free(v->columns);
    free(v->list.time_us);
    free(v->path);
    free(v);
    *p = NULL;
}

const video_info *video_describe(const video *v) {
    return &v->info;
}

int64_t video_origin_us(const video *v) {
    return av_rescale_q(v->start_pts, v->st->time_base, microseconds);
}

int64_t video_damaged(const video *v) {
    return v->damaged;
}

int64_t video_decoded(const video *v) {
    return v->decoded;
}
