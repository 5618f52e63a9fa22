/* Changes to a window that leave its meaning: on the copy that the head is shown, never on the track. */
#ifndef BK_LEARN_AUGMENT_H
#define BK_LEARN_AUGMENT_H

#include "learn/windows.h"

/* The notebook's: a turn of the whole window by -5..5 seconds, then 10..30 % of its frames replaced by others
 * of it; labels turn with the frames and stay where frames are replaced. spare [size * (dim + 1)]. */
void augment_notebook(sample *s, int size, int dim, rng *r, float *spare);

/* Seconds of the track a sample: mostly 1, else between 0.8 and 1.25. */
float augment_pace(rng *r);

/* bookend's: every other window loses all frames but its keyframes, which are held (what the smart scan
 * sees), often with a stretch that keeps them; 0..15 % of the frames replaced by others; a little noise.
 * spread [dim]: of each number. spare [size * dim]. */
void augment_bookend(sample *s, int size, int dim, const float *spread, rng *r, float *spare);

/* Parts of the above. */
void augment_turn(sample *s, int size, int dim, int by, float *spare);
/* Each second in [0, s->n) outside [from, to) gets the frame of the nearest of n seconds `keys`, ascending. */
void augment_hold(sample *s, int dim, const float *keys, int n, int from, int to, float *spare);

#endif
