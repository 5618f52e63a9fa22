/* Windows of tracks: which ones an epoch sees, and what the head is shown of each. */
#ifndef BK_LEARN_WINDOWS_H
#define BK_LEARN_WINDOWS_H

#include "base/rng.h"
#include "learn/dataset.h"

typedef struct window {
    int episode, begin;
} window;

typedef struct window_list {
    window *w; /* starts as { 0 }; free(list.w) */
    int n;
    size_t cap;
} window_list;

/* Each function empties the list first and takes the episodes whose held_out is as asked. BK_ENOMEM. */

/* The notebook's: one behind the other, as long as they are full. */
int windows_end_to_end(window_list *l, const dataset *d, bool held_out, int size, bk_error *err);
/* Windows `stride` apart that cover each track to its last second, as scanning lays them. */
int windows_cover(window_list *l, const dataset *d, bool held_out, int size, int stride, bk_error *err);
/* The first and the last window of each track, and at random offsets one more for every 20 s of it. The
 * number of windows does not depend on r. */
int windows_draw(window_list *l, const dataset *d, bool held_out, int size, rng *r, bk_error *err);
/* Fisher and Yates. */
void windows_shuffle(window_list *l, rng *r);

/* One window as the head sees it. What stands behind the end of the track is dataset.pad. */
typedef struct sample {
    float *x;      /* [size, dim] */
    float *y;      /* [size]: 1 opening or credits */
    float *weight; /* [size]: 0 behind the end and where the track was not looked at, else 1 */
    int n;         /* seconds of the track in it, from its first on */
} sample;

/* pace: seconds of the track a sample; 1 outside augmentation. */
void sample_fill(sample *s, const dataset *d, const window *w, int size, float pace);

/* From some moment on s, which sample_fill() made of w, goes on in another episode of d, at a moment with the same
 * labels on either side and in the same half of its film; does nothing where none is found. */
void sample_graft(sample *s, const dataset *d, const window *w, int size, rng *r);

#endif
