/* Someone else's marker against the picture: whether it would skip story, or leave openings or credits in. Pure. */
#ifndef BK_FIND_JUDGE_H
#define BK_FIND_JUDGE_H

#include "find/decide.h"

/* A stretch to be skipped, in seconds. */
typedef struct stretch {
    double begin, end; /* NAN: not told, on the side of the film's edge */
} stretch;

typedef struct judge_rules {
    decide_rules decide;
    double tolerance_s; /* so far off a marker may be */
} judge_rules;

/* probs f32 [len], P(opening or credits) a second, NaN where it is not known; stretches[n] at the film's beginning,
 * or with at_end nonzero at its end, in order of time. marker_us of the answer is not set.
 *
 * Each edge of a stretch parts titles from story, and may be anywhere: what an edge at second S weighs against the
 * marker's is the evidence of the seconds between, as in decide_map() with a flat prior. Where at least JUDGE_SURE of
 * the posterior lies further than the tolerance on one side, the marker skips story, or leaves titles in, by the
 * distance to the best edge. The walk away from the marker ends where clear seconds of the other kind begin: a marker
 * after a title card is not measured by the opening that a cold open parts from it. A long run of clear story inside
 * of a stretch is skipped, too; not so where the stretch's other edge is not told. Where the picture is not sure, the
 * marker is not contradicted: it agrees. */
bk_judgement judge_side(const float *probs, int len, const stretch *stretches, int n, int at_end,
                        const judge_rules *r);

#define JUDGE_SURE 0.8

#endif
