/* The plan smart: which seconds of a film are worth a look. Pure; api_look.c looks. */
#ifndef BK_FIND_PLAN_H
#define BK_FIND_PLAN_H

#include <stdbool.h>

#include "find/track.h"

/* Where an opening can end and where credits can begin, in seconds of a film of len. Where opening > credits the two
 * overlap, and the whole film is looked at. */
typedef struct plan {
    int len, opening, credits; /* [0, opening) and [credits, len) */
} plan;

/* start_within_us, end_within_us: windows that were asked for; 0: none. */
plan plan_of(int len, int64_t start_within_us, int64_t end_within_us);

/* Seconds from one look to the next that place s of the film asks for; 0: it is in no zone. Close where an opening
 * is likely to end, so that a title of three seconds is seen; wider further in, as blocks are longer there. */
int plan_spacing(const plan *p, int s);

/* Marks (wanted u8 [len] becomes 1) evenly spaced seconds in the gaps between seconds that were seen (state u8 [len],
 * of sample_state) where those are too wide: where keyframes are rare. Beyond the first minute gaps may be wide in
 * which no boundary is to be expected by the posterior [2, len + 1] (as decide_map() gives it) of what was seen;
 * NULL: one is to be expected everywhere. Returns how many. */
int plan_gaps(uint8_t *wanted, const uint8_t *state, const plan *p, const float *posterior);

/* Marks (wanted u8 [len], set whole) seconds near boundaries that hold some of the posterior and have no seen
 * neighbour; first: some more of it, as the first of several looks. Returns how many. */
int plan_closer(uint8_t *wanted, const uint8_t *state, int len, const float *posterior, bool first);

#endif
