/* The plan smart: which seconds of a film are worth a look. */
#include "find/plan.h"

#include <stdbool.h>
#include <string.h>

#include "base/least.h"

static const int ZONE_MIN_S = 240, OPENING_ZONE_MAX_S = 900, CREDITS_ZONE_MAX_S = 1800;
static const int MARGIN_S = 60;             /* what a window of the head sees beyond the last second that counts */
static const int FIRST_S = 10, NEAR_S = 60; /* looked at most closely, and closely */
static const int WIDER_EVERY_S = 8;         /* beyond, the spacing grows by a second in so many */
static const int AT_BEGIN_S = 2, WIDEST_S = 8;
static const int LOOKS = 60, LEAST_S = 3; /* a film that so many looks cover has no wider spacing, but for this one */
static const float SETTLED = 0.98f;       /* posterior mass of a boundary that has no rival */
static const float SPREAD = 0.02f;        /* posterior mass that makes a boundary worth a closer look */
static const float LIKELY = 0.1f;         /* and that makes it worth one at once */
static const int UNLIKELY_S = 12;         /* spacing where no boundary is to be expected */
enum { AROUND_S = 8, AT_BOUNDARY_S = 3, OTHER = 1, EVERY = 2 };

/* A window that was asked for, in seconds and with its margin; 0: none was. */
static int asked(int64_t within_us) {
    const int64_t longest_us = INT64_C(1000000) * 1000000;
    return within_us > 0 ? (int)((within_us < longest_us ? within_us : longest_us) / 1000000) + MARGIN_S : 0;
}

/* Wide enough for what films do. */
plan plan_of(int len, int64_t start_within_us, int64_t end_within_us) {
    int start = asked(start_within_us), end = asked(end_within_us);
    if (!start) start = least(OPENING_ZONE_MAX_S, most(ZONE_MIN_S, len / 4));
    if (!end) end = least(CREDITS_ZONE_MAX_S, most(ZONE_MIN_S, len * 2 / 5));
    return (plan){ len, least(len, start), most(0, len - end) };
}

/* Far from the edges, and where credits are: they are longer than titles, and the longer the film is. */
static int widest(const plan *p) {
    return least(WIDEST_S, most(LEAST_S, p->len / LOOKS));
}

/* Logos and short titles stand in the very first seconds. */
static int from_begin(const plan *p, int s) {
    return s < FIRST_S ? 1 : least(widest(p), AT_BEGIN_S + most(0, s - NEAR_S) / WIDER_EVERY_S);
}

int plan_spacing(const plan *p, int s) {
    if (s < p->opening) return from_begin(p, s);
    return s >= p->credits ? widest(p) : 0;
}

/* Posterior mass of boundaries in [a, b], but for the one which says that there is no block. */
static float mass_in(const float *posterior, int len, int a, int b, int none) {
    float mass = 0.0f;
    for (int k = most(a, 0); k <= least(b, len); k++)
        if (k != none) mass += posterior[k];
    return mass;
}

/* Whether a boundary may lie between the seconds a and b. In the first minute one always may: a title of three
 * seconds leaves no trace in what was seen before and behind it. */
static bool may_end(const float *posterior, int len, int a, int b) {
    if (!posterior || a < NEAR_S) return true;
    return mass_in(posterior, len, a - 1, b + 1, 0) >= SPREAD ||
           mass_in(posterior + len + 1, len, a - 1, b + 1, len) >= SPREAD;
}

/* What the plan asks for at s, but no less than least_s; 0 in no zone. */
static int spacing_of(const plan *p, int s, int least_s) {
    int step = plan_spacing(p, s);
    return step > 0 ? most(step, least_s) : 0;
}

/* Between the seconds a and b, which are seen or lie just outside of a zone, as long as more than half as far again
 * as is asked for is left: less is not worth decoding. That narrow rest comes last, since what lies before a look has
 * to be decoded for it. */
static int fill(uint8_t *wanted, const plan *p, int a, int b, int least_s) {
    int count = 0;
    for (int s = a, step; (step = spacing_of(p, s + 1, least_s)) > 0 && 2 * (b - s) > 3 * step; count++)
        wanted[s += step] = 1;
    return count;
}

/* The gaps of [from, to), of which nothing is known before and behind. */
static int fill_zone(uint8_t *wanted, const uint8_t *state, const plan *p, const float *posterior, int from, int to) {
    int before = from - 1, count = 0;
    for (int s = from; s <= to; s++) {
        if (s < to && state[s] != SAMPLE_SEEN) continue;
        count += fill(wanted, p, before, s, may_end(posterior, p->len, before, s) ? 0 : UNLIKELY_S);
        before = s;
    }
    return count;
}

int plan_gaps(uint8_t *wanted, const uint8_t *state, const plan *p, const float *posterior) {
    if (p->opening >= p->credits) return fill_zone(wanted, state, p, posterior, 0, p->len);
    return fill_zone(wanted, state, p, posterior, 0, p->opening) +
           fill_zone(wanted, state, p, posterior, p->credits, p->len);
}

/* Whether a second or a neighbour of it was seen. */
static bool known(const uint8_t *state, int len, int s) {
    return state[s] == SAMPLE_SEEN || (s > 0 && state[s - 1] == SAMPLE_SEEN) ||
           (s + 1 < len && state[s + 1] == SAMPLE_SEEN);
}

/* The mass of a boundary and those next to it; none: the one which says that there is no block. */
static float mass_near(const float *posterior, int len, int b, int none) {
    return b == none ? posterior[b] : mass_in(posterior, len, b - 2, b + 2, none);
}

/* Whether there is no question between boundaries; the others need no look then. */
static bool settled(const float *posterior, int len, int none) {
    for (int b = 0; b <= len; b++)
        if (mass_near(posterior, len, b, none) >= SETTLED) return true;
    return false;
}

/* Every second at a heavy boundary, every other one further round it: EVERY and OTHER are what wanted is set to. */
static void mark_round(uint8_t *wanted, int len, int b) {
    for (int s = most(b - AROUND_S, 0); s < least(b + AROUND_S, len); s++)
        if (wanted[s] != EVERY) wanted[s] = s >= b - AT_BOUNDARY_S && s < b + AT_BOUNDARY_S ? EVERY : OTHER;
}

int plan_closer(uint8_t *wanted, const uint8_t *state, int len, const float *posterior, bool first) {
    const float worth = first ? LIKELY : SPREAD;
    int count = 0;
    memset(wanted, 0, (size_t)len);
    for (int side = 0; side < 2; side++) {
        const float *mass = posterior + side * (len + 1);
        const int none = side ? len : 0;
        const float enough = settled(mass, len, none) ? SETTLED : worth;
        for (int b = 0; b <= len; b++)
            if (b != none && mass_near(mass, len, b, none) >= enough) mark_round(wanted, len, b);
    }
    for (int s = 0; s < len; s++) {
        bool open = wanted[s] == EVERY ? state[s] != SAMPLE_SEEN
                                       : wanted[s] == OTHER && !known(state, len, s) && !(s > 0 && wanted[s - 1]);
        wanted[s] = open;
        count += open;
    }
    return count;
}
