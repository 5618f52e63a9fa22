/* What the parts of the video reader share: video.c (opening, stepping, seeking), demux.c and video_packets.c (packets),
 * video_picture.c (conversion), video_times.c (durations and frame indices), video_second.c (one frame a second). */
#ifndef BK_MEDIA_VIDEO_INNER_H
#define BK_MEDIA_VIDEO_INNER_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "media/convert.h"
#include "media/frame_store.h"
#include "media/video.h"

/* How a stored picture is turned for showing: first transposed, then mirrored. */
typedef struct turn {
    bool transpose, flip_x, flip_y;
} turn;

/* From so many frames on, an index is not loaded twice: that of an MP4 takes 50 bytes a frame, and twice that while it is
 * read. */
#ifndef BORROW_FRAMES
#define BORROW_FRAMES 400000
#endif

/* The times of all frames, for files whose rate is not constant. */
typedef struct frame_list {
    int64_t *time_us; /* [n], rising */
    size_t n, cap;
} frame_list;

/* The first packet of the stream, by which the beginning of the file is known again. */
typedef struct first_packet {
    bool known;
    bool shown_ts; /* ts is a time of showing */
    int64_t ts, pos;
    int size;
} first_packet;

/* video_next_second()'s place: what FFmpeg's fps filter keeps. Seconds are of the file, not of the first frame. */
typedef struct second_plan {
    bool begun, ahead, ended;
    AVFrame *held;         /* the frame to write next */
    int64_t next;          /* the second it would be written for */
    int64_t ahead_second;  /* of the current frame, when `ahead`: not judged yet */
    int64_t end_second;    /* of the stream's end, once `ended` */
    int64_t written, fill; /* pictures given; copies of the first one still to give */
} second_plan;

struct video {
    char *path;
    video_options opt;
    video_info info;
    turn turn;

    AVFormatContext *fmt;
    AVStream *st;
    AVCodecContext *dec;
    frame_store store; /* of dec's frames */
    AVPacket *packet;
    first_packet first;
    int64_t start_pts; /* of the first frame shown, in st->time_base */
    bool by_dts;       /* timestamps are of decoding only: shown times are those, some frames late (AVI) */
    bool vague;        /* so are some frames' of a program stream: they are right only after a while */
    int64_t margin_us; /* land this long before the target, therefore */
    bool untimed;      /* a raw stream without timestamps: frames are counted */
    int64_t packets;   /* read since the beginning, for those */

    AVFrame *frame;    /* the current one */
    int64_t frame_pts; /* of the current one, in st->time_base; AV_NOPTS_VALUE after a seek */
    int64_t time_us;
    bool moved;       /* video_times.c has read with the demuxer: video_return() is due */
    bool first_ready; /* decoded while opening, not yet handed out */
    bool draining;    /* the file is read, the decoder is giving its last frames */
    bool emptying;    /* it is giving what it has of one keyframe, and takes the next after that */
    int64_t damaged, decoded;
    int read_errors; /* in a row */

    video_mode mode, wanted_mode;
    int64_t target_us; /* frames before it are passed over */
    int64_t back_us;   /* how far before the target the last seek aimed */
    bool landing;      /* from a seek until a frame at or before the target is seen */
    bool key_wanted;   /* packets before the next keyframe are passed over */
    int stamped;       /* packets with a timestamp of their own to come before a keyframe counts */
    bool check_first;  /* the next packet must be the file's first */
    bool from_start;   /* reading began at the file's first packet */
    int64_t key_ts;    /* the last keyframe packet read, as the container's index counts */
    int64_t key_us;    /* VIDEO_KEYFRAMES: time of the last one */
    int64_t taken_us;  /* VIDEO_KEYFRAMES: time of the last one decoded */
    int64_t key_gap_us, key_end_us;
    bool hop;          /* VIDEO_KEYFRAMES: from keyframe to keyframe by the container's index */
    int64_t hop_ts;    /* the index entry we stand on */

    converter rgb, gray, small;
    AVFrame *turned;   /* a frame as shown, where its own planes must be turned */
    uint32_t *columns; /* sums of luma */
    size_t columns_cap;
    frame_list list;
    int rate; /* of the indices: 0 not judged yet, 1 constant indeed, -1 by the list */
    second_plan plan;
};

/* ---- video.c */
/* Microseconds from the first frame shown to a timestamp of the stream, and back. */
int64_t video_time_of(const video *v, int64_t pts);
int64_t video_pts_of(const video *v, int64_t time_us);
/* To the current frame once more, after video_times.c has read with the demuxer. BK_EVIDEO, BK_ENOMEM. */
int video_return(video *v, bk_error *err);
/* How long a frame lasts in the stream's time base; the average where the file does not say. At least 1. */
int64_t video_length_of(const video *v, const AVFrame *f);

/* ---- demux.c */
/* Opens a file's demuxer, and with full also its streams' details; soundless: sound tracks need not be among them.
 * Only local files are reached. BK_EIO, BK_EVIDEO. */
int demux_open(AVFormatContext **out, const char *path, bool full, bool soundless, bk_error *err);
/* Accepts NULL and leaves it. */
void demux_close(AVFormatContext **fmt);
/* The stream to show, or -1. */
int demux_choose(AVFormatContext *fmt);
/* Only packets of this stream are wanted from here on. */
void demux_only(AVFormatContext *fmt, int stream);
/* Reads the next packet of the stream: true, or false when nothing more can be read. */
bool demux_next(AVFormatContext *fmt, int stream, AVPacket *packet, int *read_errors);
/* Whether the file is an MP4 or of its kin, as MOV is: FFmpeg has one demuxer for them all. */
bool demux_is_mp4(const AVFormatContext *fmt);
/* Or a Matroska file, as WebM is. */
bool demux_is_matroska(const AVFormatContext *fmt);
/* Whether the container holds an index of its keyframes that can be relied on. */
bool demux_indexed(const AVFormatContext *fmt);

/* ---- video_packets.c */
/* Whether no other frame needs the one in this packet, as far as the packet tells. */
bool video_unneeded(const video *v, const AVPacket *p);

/* ---- video_picture.c */
turn turn_of(const AVStream *st, const AVFrame *f);
/* Converts any frame, not just the current one. */
int video_convert(video *v, const AVFrame *f, uint8_t *rgb, bk_error *err);

/* ---- video_times.c */
/* Fills info.duration_us, and the rate where the header has none. */
int video_measure(video *v, bk_error *err);

#endif
