/* Probabilities to two boundaries. Pure: everything here is a function of its arguments. */
#ifndef BK_FIND_DECIDE_H
#define BK_FIND_DECIDE_H

#include "bookend/bookend.h"

/* The numbers of the decision; they belong to a model and come from its file. */
typedef struct decide_rules {
    float scale;           /* nats of evidence a nat of log odds: seconds are not independent */
    float shift;           /* taken off the log odds first */
    float cap;             /* the log odds are cut to +-cap */
    float p_opening;       /* prior that there is an opening */
    float p_credits;       /* prior that there are credits */
    float p_at_edge;       /* prior that the opening begins with the file, that the credits end with it */
    float length_s;        /* mean of the exponential prior on a sequence's length */
    float opening_share;   /* an opening ends within this share of the film ... */
    float opening_max_s;   /* ... and before this time */
    float credits_share;   /* credits begin after this share of the film */
    float certain;         /* calibration: confidence = sigmoid(certain * logit(mass) + certain_shift) */
    float certain_shift;
    float unsure;          /* below this confidence the answer is "unsure" */
} decide_rules;

/* Prior that a block which begins later has another before it, at the film's edge. */
#define DECIDE_TWO 0.3
/* Blocks are of two kinds: this share is short, of this mean length - logos, a title - and the others are sequences. */
#define DECIDE_SHORT 0.5
#define DECIDE_SHORT_S 10.0

/* Values for a head that brings none of its own. */
decide_rules decide_defaults(void);

/* One end of the story as the posterior sees it. The block is what can be skipped there. */
typedef struct decide_end {
    int begin, end;   /* the block [begin, end) in seconds; equal when there is nothing to skip */
    float mass;       /* posterior mass of boundaries within 2 s of this one */
    int rival;        /* the best boundary further away, and its mass; -1 when there is none */
    int rival_far;    /* the other end of its block */
    float rival_mass;
} decide_end;

typedef struct decide_result {
    decide_end opening, credits;
} decide_result;

/* The most probable pair of boundaries given all probabilities at once: p f32 [len], P(opening or
 * credits) a second, NaN where it is not known (no evidence either way). Model: outside an opening block
 * and a credits block every second is story; each block may be absent; the opening may begin after a cold open,
 * which may have logos before it; the credits may end before a last scene, with more credits after it. Exact in
 * O(len): prefix sums, and the block's far end summed out. posterior (NULL, or f32 [2, len + 1]): the mass of each boundary, for callers that look
 * closer where it is spread. BK_ENOMEM. */
int decide_map(decide_result *out, const float *p, int len, const decide_rules *r, float *posterior, bk_error *err);

/* The same with what is known besides the picture: bonus (NULL, or f32 [2, len + 1]) in nats for each boundary, as
 * posterior is laid out. */
int decide_map_known(decide_result *out, const float *p, int len, const decide_rules *r, const float *bonus,
                     float *posterior, bk_error *err);

/* What a second's probability says for opening or credits, in nats: the terms whose sum weighs a sequence. */
double decide_evidence(float p, const decide_rules *r);

/* In a film of len seconds an opening ends by the first second, and credits begin from the second on. */
int decide_opening_limit(int len, const decide_rules *r);
int decide_credits_from(int len, const decide_rules *r);

/* Calibrated confidence of a posterior mass. */
float decide_confidence(float mass, const decide_rules *r);

/* The rules of the notebook to the letter, on raw probabilities p [len]: mean of 3, median of 7 (as
 * scipy's uniform_filter1d and median_filter, mode reflect), thresholds median + 2 MAD and the 70th
 * percentile, the first block of >= 5 followed by >= 10, the last in the second half. smooth (NULL, or
 * [len]) gets the smoothed probabilities. BK_ENOMEM. */
typedef struct notebook_result {
    int start, end; /* seconds */
    double threshold_start, threshold_end;
} notebook_result;

int decide_notebook(notebook_result *out, const float *p, int len, float *smooth, bk_error *err);

#endif
