/* The exact frame: notes of every frame of a few seconds round a mark, to the frame where the story begins
 * or ends. Pure; who takes the notes decodes the film a second time. */
#ifndef BK_FIND_REFINE_H
#define BK_FIND_REFINE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/bundle.h"

enum { NOTE_THUMB_W = 32, NOTE_THUMB_H = 18 }; /* pixels of the luma thumbnails that notes are taken from */

/* What is known of one frame. */
typedef struct frame_note {
    int64_t time_us;
    float mean, top;      /* luma of the thumbnail, in [0, 1]: its mean, and its 98th percentile */
    float change;         /* mean absolute difference to the thumbnail of the frame before, in [0, 1] */
    bool looked;          /* the encoder saw this frame, and titled is known */
    float titled;         /* P(this frame shows titles, credits or a logo), seen by itself */
    float outside;        /* P(its second is of the opening or the credits), known from all; 0.5: not known */
    float kinds[MOMENTS]; /* the encoder's classifier, of a looked frame */
} frame_note;

/* A note of a frame from its thumbnail and the one before (NULL at the start). */
frame_note refine_note(int64_t time_us, const uint8_t *luma, const uint8_t *before);

bool refine_is_black(const frame_note *f);
/* A hard cut between frames i - 1 and i of f[n]. */
bool refine_is_cut(const frame_note *f, int n, int i);

/* What a boundary was found by. */
typedef enum refine_by { REFINE_COARSE, REFINE_LETTERS, REFINE_CUT, REFINE_BLACK } refine_by;

typedef struct refine_result {
    int frame; /* index into the notes: the first frame of the story; or the first frame after it */
    refine_by by;
    int edge;   /* the last frame of the opening's titles (the first of the credits') among looked frames */
    int titles; /* = edge where titles were seen, else -1 */
    int beyond; /* the next looked frame on the story's side: the true edge lies between; = edge when known
                   exactly, or when letters did not decide */
} refine_result;

/* Notes f[n] in order of time, n > 0; coarse_us: the mark to the second. */
refine_result refine_opening(const frame_note *f, int n, int64_t coarse_us);
refine_result refine_credits(const frame_note *f, int n, int64_t coarse_us);

#endif
