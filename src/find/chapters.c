/* A film's own chapters as a prior of the decision. */
#include "find/chapters.h"

#include <math.h>
#include <stdlib.h>

static const float NAMED = 3.0f;  /* nats at the edge that a name tells: 20 to 1 */
static const float EDGE = 0.7f;   /* at an edge whose name tells nothing: 2 to 1 */
static const float STORY = -2.0f; /* inside of a chapter that is story by its name */
static const double NEAR_S = 1.5, INSIDE_S = 3.0;
static const int64_t REACH_US = 3000000, FRAME_US = 60000;

/* Raises bonus[s] to at least `nats` near a time. */
static void raise_near(float *bonus, int len, int64_t us, float nats) {
    double at = (double)us / 1e6;
    for (int s = (int)ceil(at - NEAR_S); s <= at + NEAR_S; s++)
        if (s >= 0 && s <= len && bonus[s] < nats) bonus[s] = nats;
}

static void lower_inside(float *bonus, int len, int64_t begin_us, int64_t end_us) {
    for (int s = (int)ceil((double)begin_us / 1e6 + INSIDE_S); s <= (double)end_us / 1e6 - INSIDE_S && s <= len; s++)
        if (s >= 0) bonus[s] = STORY;
}

static bool opens(const marker *k) {
    return k->kind == MARK_INTRO || k->kind == MARK_RECAP;
}

/* Whether the story goes on behind chapter i: an opening may be several chapters. */
static bool story_follows(const marks *m, size_t i) {
    return i + 1 >= m->n || !opens(&m->at[i + 1]);
}

void chapters_bonus(float *bonus, const marks *m, int len) {
    float *opening = bonus, *credits = bonus + len + 1;
    for (int s = 0; s < 2 * (len + 1); s++) bonus[s] = 0.0f;
    for (size_t i = 0; i < m->n; i++) {
        const marker *k = &m->at[i];
        if (k->begin_us == MARK_OPEN || k->end_us == MARK_OPEN) continue;
        if (k->kind == MARK_STORY) {
            lower_inside(opening, len, k->begin_us, k->end_us);
            lower_inside(credits, len, k->begin_us, k->end_us);
        }
    }
    for (size_t i = 0; i < m->n; i++) {
        const marker *k = &m->at[i];
        if (k->begin_us == MARK_OPEN || k->end_us == MARK_OPEN) continue;
        if (k->begin_us > 0) raise_near(opening, len, k->begin_us, EDGE);
        if (k->begin_us > 0) raise_near(credits, len, k->begin_us, EDGE);
        if (opens(k) && story_follows(m, i)) raise_near(opening, len, k->end_us, NAMED);
        if (k->kind == MARK_CREDITS) raise_near(credits, len, k->begin_us, NAMED);
    }
}

/* ---- the exact frame --------------------------------------------------------------------------------------- */

static bool picture_agrees(const frame_note *f, int n, int i) {
    return i > 0 && (refine_is_cut(f, n, i) || refine_is_black(&f[i - 1]) != refine_is_black(&f[i]));
}

/* Whether titles stand on a looked frame between the chapter's edge and what follows it of the story. */
static bool titles_left(const frame_note *f, int n, int edge, int side) {
    for (int i = side > 0 ? edge : edge - 1; i >= 0 && i < n; i += side)
        if (f[i].looked && f[i].titled > 0.5f) return true;
    return false;
}

static int frame_near(const frame_note *f, int n, int64_t us) {
    int best = 0;
    for (int i = 1; i < n; i++)
        if (llabs(f[i].time_us - us) < llabs(f[best].time_us - us)) best = i;
    return llabs(f[best].time_us - us) <= FRAME_US ? best : -1;
}

int chapters_frame(const frame_note *f, int n, int frame, int side, const marks *m) {
    int best = frame;
    int64_t least = REACH_US + 1;
    for (size_t i = 0; i < m->n; i++) {
        int64_t away = llabs(m->at[i].begin_us - f[frame].time_us);
        int at = m->at[i].begin_us != MARK_OPEN && away < least ? frame_near(f, n, m->at[i].begin_us) : -1;
        if (at < 0 || !picture_agrees(f, n, at) || titles_left(f, n, at, side)) continue;
        best = at;
        least = away;
    }
    return best;
}
