/* What a video's packets tell without decoding: how long it is and which frame is shown when. Reads with a demuxer
 * of its own, so that the place of the one that plays is not lost; but with that one where a second index would take
 * too much memory. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "media/video_inner.h"

#define TAIL_US INT64_C(2000000) /* before the expected end, to look for the last packet; then more */
#define REORDER 32               /* the frame shown last is among so many packets of the end */
#define WINDOWS 8                /* places where a rate is checked */
#define WINDOW_PACKETS 96

/* A second look at the file. */
typedef struct look {
    AVFormatContext *fmt;
    AVPacket *packet;
    int stream, read_errors;
} look;

/* Takes the video's own demuxer, at the beginning of the file. video_return() is due then. */
static bool look_borrow(look *l, video *v) {
    if (avformat_index_get_entries_count(v->st) < BORROW_FRAMES || !demux_is_mp4(v->fmt)) return false;
    if (av_seek_frame(v->fmt, l->stream, v->first.ts, AVSEEK_FLAG_BACKWARD) < 0) return false;
    l->fmt = v->fmt;
    v->moved = true;
    return true;
}

static void look_close(look *l, const video *v) {
    if (l->fmt != v->fmt) demux_close(&l->fmt);
    av_packet_free(&l->packet);
}

static int look_open(look *l, video *v, bk_error *err) {
    *l = (look){ .stream = v->st->index };
    int code = look_borrow(l, v) ? BK_OK : demux_open(&l->fmt, v->path, false, v->opt.soundless, err);
    if (code != BK_OK) return code;
    if (l->stream >= (int)l->fmt->nb_streams && avformat_find_stream_info(l->fmt, NULL) < 0)
        return bk_fail(err, BK_EVIDEO, "%s: changed while it was read", v->path);
    demux_only(l->fmt, l->stream);
    l->packet = av_packet_alloc();
    return l->packet ? BK_OK : bk_fail_memory(err, "a packet");
}

/* VP8 hides frames that are only referred to: they have packets, and are never shown. */
static bool is_shown(const video *v, const AVPacket *p) {
    if (p->flags & AV_PKT_FLAG_DISCARD) return false;
    return v->dec->codec_id != AV_CODEC_ID_VP8 || p->size < 1 || p->data[0] & 0x10;
}

/* The next packet that holds a shown frame. */
static bool look_next(look *l, const video *v) {
    do {
        av_packet_unref(l->packet);
        if (!demux_next(l->fmt, l->stream, l->packet, &l->read_errors)) return false;
    } while (!is_shown(v, l->packet));
    return true;
}

/* ---- the duration -------------------------------------------------------------------------------- */

typedef struct extent {
    int64_t packets, end_dts, end_pts;
} extent;

/* Reads to the end of the file and notes how far the timestamps go. Only the last packets count: one damaged
 * timestamp somewhere would lengthen the film at will. */
static extent look_to_end(look *l, const video *v) {
    extent e = { 0, AV_NOPTS_VALUE, AV_NOPTS_VALUE };
    int64_t last[REORDER]; /* where each of them ends */
    while (look_next(l, v)) {
        const AVPacket *p = l->packet;
        int64_t length = video_length_of(v, NULL); /* at a constant rate better than the packet: of fields, say */
        if (p->duration > 0 && !v->info.constant_rate) length = p->duration;
        if (p->dts != AV_NOPTS_VALUE) e.end_dts = p->dts + length;
        last[e.packets++ % REORDER] = p->pts != AV_NOPTS_VALUE ? p->pts + length : AV_NOPTS_VALUE;
    }
    for (int i = 0; i < REORDER && i < e.packets; i++) /* AV_NOPTS_VALUE is the least of all */
        if (last[i] > e.end_pts) e.end_pts = last[i];
    return e;
}

static bool header_tells(const AVFormatContext *fmt) {
    return fmt->duration != AV_NOPTS_VALUE && fmt->duration > 0 && fmt->pb &&
           fmt->pb->seekable & AVIO_SEEKABLE_NORMAL && fmt->duration_estimation_method != AVFMT_DURATION_FROM_BITRATE;
}

/* The last packets, found from what the header says; false when they are not there. */
static bool look_at_tail(look *l, const video *v, extent *e) {
    const int64_t start = v->fmt->start_time != AV_NOPTS_VALUE ? v->fmt->start_time : 0,
                  end = start + v->fmt->duration;
    for (int64_t back = TAIL_US; back < v->fmt->duration && back < 64 * TAIL_US; back *= 4) {
        const int64_t ts = av_rescale_q(end - back, AV_TIME_BASE_Q, l->fmt->streams[l->stream]->time_base);
        if (av_seek_frame(l->fmt, l->stream, ts, AVSEEK_FLAG_BACKWARD) < 0) return false;
        *e = look_to_end(l, v);
        if (e->packets >= REORDER) return true;
    }
    return false;
}

/* In the stream's time base, from the first frame shown; <= 0 when the packets do not tell. */
static int64_t length_of(const video *v, const extent *e) {
    if (v->untimed) return e->packets * video_length_of(v, v->frame);
    const int64_t shown = e->end_pts != AV_NOPTS_VALUE && !v->by_dts ? e->end_pts - v->start_pts : 0;
    const int64_t decoded = e->end_dts != AV_NOPTS_VALUE && (v->vague || !shown) ? e->end_dts - v->first.ts : 0;
    return shown > decoded ? shown : decoded;
}

int video_measure(video *v, bk_error *err) {
    look l;
    extent e = { 0 };
    int code = look_open(&l, v, err);
    if (code == BK_OK && !(header_tells(v->fmt) && !v->untimed && look_at_tail(&l, v, &e))) {
        look_close(&l, v);
        code = look_open(&l, v, err);
        if (code == BK_OK) e = look_to_end(&l, v);
    }
    look_close(&l, v);
    if (code == BK_OK && v->moved) code = video_return(v, err);
    if (code != BK_OK) return code;
    const int64_t least = video_length_of(v, v->frame), length = length_of(v, &e);
    v->info.duration_us = video_time_of(v, v->start_pts + (length > least ? length : least));
    if (v->info.fps_num <= 0)
        v->info.fps_num = 1000000, v->info.fps_den = (int)video_time_of(v, v->start_pts + least);
    return BK_OK;
}

/* ---- indices ------------------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Times of shown packets, at most `most`, sorted. */
static int look_times(look *l, const video *v, size_t most, frame_list *list, bk_error *err) {
    list->n = 0;
    while (list->n < most && look_next(l, v)) {
        const AVPacket *p = l->packet;
        const int64_t pts = v->vague ? p->dts - v->first.ts + v->start_pts : p->pts;
        if ((v->vague ? p->dts : p->pts) == AV_NOPTS_VALUE || pts < v->start_pts)
            continue; /* a field, or not shown */
        if (!bk_grow(&list->time_us, &list->cap, list->n + 1, sizeof *list->time_us))
            return bk_fail_memory(err, "the times of a video's frames");
        list->time_us[list->n++] = video_time_of(v, pts);
    }
    if (list->n) qsort(list->time_us, list->n, sizeof *list->time_us, by_time);
    return BK_OK;
}

/* How far a container that rounds times may put a frame from where the rate says. */
static int64_t rounding_us(const video *v) {
    const int64_t tick = video_time_of(v, v->start_pts + 1);
    const int64_t frame = INT64_C(1000000) * v->info.fps_den / v->info.fps_num;
    return (tick < frame / 4 ? tick : frame / 4) + 2;
}

/* Where a time falls on the grid of the constant rate, in frames. */
static int64_t on_grid(const video *v, int64_t time_us) {
    return av_rescale_rnd(time_us + rounding_us(v), v->info.fps_num, INT64_C(1000000) * v->info.fps_den,
                          AV_ROUND_DOWN);
}

/* Whether neighbours in the list are one frame apart, each where the rate says. The last few are left out:
 * frames that are shown between them may not be read yet. */
static bool is_regular(const video *v, const frame_list *list) {
    for (size_t i = 0; i + 17 < list->n; i++) {
        const int64_t index = on_grid(v, list->time_us[i]);
        const int64_t due = av_rescale(index, INT64_C(1000000) * v->info.fps_den, v->info.fps_num);
        if (llabs(list->time_us[i] - due) > 2 * rounding_us(v) || on_grid(v, list->time_us[i + 1]) != index + 1)
            return false;
    }
    return true;
}

/* Headers that promise a constant rate are wrong now and then: looks at a few places. */
static bool rate_holds(const video *v, look *l) {
    frame_list list = { 0 };
    const int64_t frames = on_grid(v, v->info.duration_us);
    bool holds = v->info.constant_rate && (!v->st->nb_frames || llabs(v->st->nb_frames - frames) <= 1);
    for (int i = 0; holds && i < (v->vague ? 1 : WINDOWS); i++) {
        const int64_t time_us = v->info.duration_us / WINDOWS * i;
        if (i && av_seek_frame(l->fmt, l->stream, video_pts_of(v, time_us), AVSEEK_FLAG_BACKWARD) < 0)
            holds = false;
        else
            holds = look_times(l, v, WINDOW_PACKETS, &list, NULL) == BK_OK && is_regular(v, &list);
    }
    free(list.time_us);
    return holds;
}

/* Decides how indices are found: by the rate (1) or by a list of all frames (-1). */
static int judge_rate(video *v, bk_error *err) {
    look l;
    if (v->untimed) {
        v->rate = 1;
        return BK_OK;
    }
    int code = look_open(&l, v, err);
    const bool holds = code == BK_OK && rate_holds(v, &l);
    look_close(&l, v);
    if (code == BK_OK && !holds) {
        code = look_open(&l, v, err);
        if (code == BK_OK) code = look_times(&l, v, SIZE_MAX, &v->list, err);
        look_close(&l, v);
    }
    if (code == BK_OK && v->moved) code = video_return(v, err);
    if (code == BK_OK) v->rate = holds ? 1 : -1;
    return code;
}

/* The last frame of the list at or before a time. */
static int64_t in_list(const frame_list *list, int64_t time_us) {
    size_t lo = 0, hi = list->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (list->time_us[mid] <= time_us)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo ? (int64_t)lo - 1 : 0;
}

int video_frame_index(video *v, int64_t time_us, int64_t *index, bk_error *err) {
    if (!v->rate) {
        int code = judge_rate(v, err);
        if (code != BK_OK) return code;
    }
    if (time_us < 0) time_us = 0;
    if (time_us > v->info.duration_us) time_us = v->info.duration_us;
    const bool over = time_us + rounding_us(v) > v->info.duration_us;
    *index = v->rate > 0 ? on_grid(v, time_us) : over ? (int64_t)v->list.n : in_list(&v->list, time_us);
    return BK_OK;
}
