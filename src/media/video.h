/* Video in: demuxing, decoding and conversion to RGB, through FFmpeg's libraries. video.c is the only
 * file of the library that reads video; nothing of libav* shows in this header. */
#ifndef BK_MEDIA_VIDEO_H
#define BK_MEDIA_VIDEO_H

#include <stdbool.h>
#include <stdint.h>

#include "bookend/bookend.h"

typedef struct video video;

typedef struct video_options {
    int width, height; /* of the pictures given, in pixels; 0: the display size of the video, rotation
                          and odd sizes kept, sample aspect ratio NOT applied (as ffmpeg to JPEG) */
    int threads;       /* of the decoder; 0: pool_cores() */
    int readers;       /* that threads are divided among where video_shares(); 0: 1. With more than 1 a video stands
                          nowhere at first: seek before stepping */
    bool soundless;    /* sound does not matter: not for video_next_second(), which begins when the file's first
                          stream does */
    bool dark;         /* pictures of another size than the video's are as dark as those of its own, whose colours are
                          rounded down as the ffmpeg program rounds them: about a level */
} video_options;

typedef struct video_info {
    int64_t duration_us;  /* from the first frame shown to the end of the last; measured by demuxing
                             when the header does not say */
    int width, height;    /* display size after rotation, in pixels */
    double aspect;        /* width to height on a screen: the sample aspect ratio applied */
    int fps_num, fps_den; /* average frame rate */
    bool constant_rate;   /* every frame lasts fps_den/fps_num s, as far as the header tells */
    char codec[32];
} video_info;

/* Which frames video_step() stops at. */
typedef enum video_mode {
    VIDEO_ALL,        /* every frame, in order of display */
    VIDEO_ROUGH,      /* every frame, edges between blocks left as they are: a quarter cheaper */
    VIDEO_REFERENCES, /* the same, and frames that no other frame needs may be left out: about twice as fast */
    VIDEO_KEYFRAMES   /* keyframes only */
} video_mode;

/* Opens the best video stream that is not an attached picture. BK_EIO, BK_EVIDEO ("x.mkv: no video
 * stream"), BK_ENOMEM. */
int video_open(video **out, const char *path, const video_options *opt, bk_error *err);
/* A second reader of the same video, for a thread of its own: it costs a decoder's memory, and next to no time. It
 * stands nowhere: video_seek() comes first. BK_EIO, BK_EVIDEO, BK_ENOMEM. */
int video_again(video **out, const video *v, bk_error *err);
/* Whether that pays: not where the place in the file has to be counted, or where its index takes much memory. */
bool video_shares(const video *v);
void video_close(video **v);
const video_info *video_describe(const video *v);
/* Where the container's clock stands when the first frame is shown: what is added to our times to give its. */
int64_t video_origin_us(const video *v);

/* Takes effect at the next video_seek(). A video starts at its first frame in VIDEO_ALL. */
void video_set_mode(video *v, video_mode mode);

/* In VIDEO_KEYFRAMES: from the next packet on, keyframes closer than this to the last one given are passed over, and
 * cost nothing. 0 at first. */
void video_set_key_gap(video *v, int64_t gap_us);
/* In VIDEO_KEYFRAMES: at a keyframe of end_us or later the video ends, until the next seek, so that it need not be
 * decoded; 0: no such end. */
void video_set_key_end(video *v, int64_t end_us);

/* The next video_step() stops at the first frame of the mode at or after time_us; frames before it are
 * decoded where needed and passed over. In VIDEO_KEYFRAMES of files without times of showing (AVI, raw
 * streams) a keyframe's time may be a few frames early. BK_EVIDEO, BK_ENOMEM. */
int video_seek(video *v, int64_t time_us, bk_error *err);

typedef struct video_frame {
    int64_t time_us; /* from the first frame shown */
    bool key;
} video_frame;

/* Goes to the next frame: 1 and *f filled, 0 at the end, < 0 on failure. A damaged frame is passed over
 * and counted; where the decoder can patch the damage the frame is shown, as by the ffmpeg program. What
 * cannot be read any more ends the video. Converts nothing. BK_ENOMEM, BK_EVIDEO (the file is gone). */
int video_step(video *v, video_frame *f, bk_error *err);

/* Converts the current frame to rgb, u8 [height, width, 3] of the size that was asked for, in the
 * caller's memory. Colours by the stream's matrix and range (BT.601 when it does not say, as FFmpeg's
 * default). With width and height 0 the bytes are those of `ffmpeg -pix_fmt rgb24`; scaled ones are near
 * Pillow's bicubic of them (rms 1.3 levels), for a quarter of its time. BK_EVIDEO, BK_ENOMEM. */
int video_picture(video *v, uint8_t *rgb, bk_error *err);

/* The current frame as video_picture() gives it, in any size asked for here: pictures for people. BK_EVIDEO,
 * BK_ENOMEM, BK_EINVAL. */
int video_thumbnail(video *v, uint8_t *rgb, int width, int height, bk_error *err);

/* Luma of the current frame, u8 [height, width] of any size asked for here, averaged over boxes of whole
 * pixels: cheap pictures for finding cuts and fades. 0 is black and 255 white in either range. BK_EVIDEO,
 * BK_ENOMEM, BK_EINVAL. */
int video_luma(video *v, uint8_t *luma, int width, int height, bk_error *err);

/* Damaged frames passed over so far. */
int64_t video_damaged(const video *v);
/* Frames that came out of the decoder so far: what a pass cost. */
int64_t video_decoded(const video *v);

/* The index from 0, in order of display, of the frame shown at time_us; from the end of the last frame on,
 * the number of frames. From the frame rate when the header says that it is constant and the packets at a few
 * places agree, else by demuxing the file once. BK_EIO, BK_EVIDEO, BK_ENOMEM. */
int video_frame_index(video *v, int64_t time_us, int64_t *index, bk_error *err);

/* The plan `full`: the next of the frames that `ffmpeg -vf fps=1` writes, one a second. 1 with *second
 * (0, 1, 2 ...) and the picture in rgb; 0 at the end; < 0 on failure. Starts at the first frame; not to
 * be mixed with video_seek(). */
int video_next_second(video *v, int64_t *second, uint8_t *rgb, bk_error *err);

#endif
