/* One frame a second, the very ones that `ffmpeg -i FILE -vf fps=1` writes: FFmpeg's fps filter (rounding "near") and
 * the constant rate of its output. A frame belongs to the second its time in the FILE rounds to; of a second's
 * frames the last is written; a second without a frame gets the one before; the first one fills the seconds
 * before it. */
#include "base/err.h"
#include "media/video_inner.h"

/* Where the ffmpeg program puts time 0, in the stream's time base: at the start of the file's earliest stream or, in
 * broadcast formats, of the streams in use. */
static int64_t origin(const video *v) {
    if (v->fmt->iformat->flags & AVFMT_TS_DISCONT && v->st->start_time != AV_NOPTS_VALUE) return v->st->start_time;
    if (v->fmt->start_time == AV_NOPTS_VALUE) return 0;
    return av_rescale_q(v->fmt->start_time, AV_TIME_BASE_Q, v->st->time_base);
}

/* The second a timestamp rounds to. */
static int64_t second_of(const video *v, int64_t pts) {
    pts -= origin(v);
    return av_rescale_q_rnd(pts, v->st->time_base, (AVRational){ 1, 1 }, AV_ROUND_NEAR_INF);
}

/* Steps on: the current frame becomes the one ahead, or the end is noted. */
static int look_ahead(video *v, bk_error *err) {
    second_plan *p = &v->plan;
    video_frame f;
    const int64_t pts = v->frame_pts, length = video_length_of(v, v->frame);
    int got = video_step(v, &f, err);
    if (got < 0) return got;
    p->ahead = got == 1;
    p->ended = got == 0;
    if (p->ahead) p->ahead_second = second_of(v, v->frame_pts);
    if (p->ended) p->end_second = second_of(v, pts + length);
    return BK_OK;
}

static int hold(video *v, bk_error *err) {
    if (!v->plan.held && !(v->plan.held = av_frame_alloc())) return bk_fail_memory(err, "a frame");
    av_frame_unref(v->plan.held);
    if (av_frame_ref(v->plan.held, v->frame) < 0) return bk_fail_memory(err, "a frame");
    v->plan.ahead = false;
    return BK_OK;
}

static int begin(video *v, bk_error *err) {
    second_plan *p = &v->plan;
    int code = look_ahead(v, err);
    if (code != BK_OK || p->ended) return code;
    p->next = p->ahead_second;
    p->fill = v->fmt->nb_streams > 1 && p->next > 0 ? p->next : 0; /* the program fills only beside other streams */
    p->begun = true;
    return hold(v, err);
}

/* Drops frames until the held one is the last for p->next, or the end is reached. */
static int settle(video *v, bk_error *err) {
    second_plan *p = &v->plan;
    for (;;) {
        int code = BK_OK;
        if (!p->ahead && !p->ended) code = look_ahead(v, err);
        if (code != BK_OK || !p->ahead || p->ahead_second > p->next) return code;
        code = hold(v, err);
        if (code != BK_OK) return code;
    }
}

int video_next_second(video *v, int64_t *second, uint8_t *rgb, bk_error *err) {
    second_plan *p = &v->plan;
    int code = BK_OK;
    if (!p->begun && !p->ended) code = begin(v, err);
    if (code == BK_OK && p->begun) code = settle(v, err);
    if (code != BK_OK) return code;
    if (p->ended && (!p->begun || p->end_second <= p->next)) return 0;
    code = video_convert(v, p->held, rgb, err);
    if (code != BK_OK) return code;
    *second = p->written++;
    if (p->fill > 0)
        p->fill--;
    else
        p->next++;
    return 1;
}
