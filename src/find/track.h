/* A track: one embedding a second of a video, [len, dim], and how each was come by. The one joint of the
 * road where work stops and resumes. */
#ifndef BK_FIND_TRACK_H
#define BK_FIND_TRACK_H

#include "bookend/bookend.h"

/* How a second's embedding was come by. */
typedef enum sample_state {
    SAMPLE_NONE, /* not looked at: its embedding is zeros, its probability unknown */
    SAMPLE_HELD, /* the embedding of the nearest second that was seen, held */
    SAMPLE_SEEN  /* a frame of that second itself */
} sample_state;

/* What second s of a track shows: the last frame before s + 1/2, as `ffmpeg -vf fps=1` picks it. Its middle
 * lies about this long after s. */
#define TRACK_SAMPLE_S 0.46

struct bk_track {
    int len, dim;
    float *embeddings; /* [len, dim] */
    uint8_t *state;    /* [len], of sample_state */
    int64_t duration_us;
    double fps;
};

/* A track of len seconds, none of them looked at. BK_ENOMEM. */
int track_open(bk_track **out, int len, int dim, bk_error *err);

/* Gives every second in [from, to) that was not seen the embedding of the nearest one there that was. */
void track_hold(bk_track *t, int from, int to);

/* Puts the embedding of second s, seen. */
void track_put(bk_track *t, int s, const float *embedding);

#endif
