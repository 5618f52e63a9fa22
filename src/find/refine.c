/* The exact frame. The credits are the opening seen backwards, so one walk serves both: `side` is +1 where
 * the story lies after the titles, -1 where it lies before them. */
#include "find/refine.h"

#include <math.h>
#include <stdlib.h>

static const float TITLED = 0.5f; /* titles stand on this frame */
static const float CUT = 0.07f;   /* change of a hard cut, and how far it stands over its neighbours */
static const float CUT_RATIO = 2.5f;
static const int64_t SUSTAINED_US = 1500000; /* titles last this long, or they are a flash */
static const int64_t REACH_US = 1600000;     /* from the letters to a cut that belongs to them: they fade within a second or so */
static const int64_t GAP_US = 1200000;       /* from the letters to the black that belongs to them */
static const int64_t BLACK_US = 8000000;     /* longest black that belongs to the titles */
static const int64_t NUDGE_US = 1500000;     /* how far a mark moves to a cut when no letters are known */
static const float SEES = 3.0f;              /* the picture's own log odds are cut to this, a second of it */
static const float KNOWS = 4.0f;             /* and those of the head, which saw the neighbours too */
static const int64_t BEYOND_US = 400000;     /* letters this far past the change still belong to the titles */
static const float STAYS = 0.35f;            /* nats that each second away from the mark costs */

frame_note refine_note(int64_t time_us, const uint8_t *luma, const uint8_t *before) {
    enum { N = NOTE_THUMB_W * NOTE_THUMB_H };
    int sum = 0, change = 0, histogram[256] = { 0 }, top = 255;
    for (int i = 0; i < N; i++) {
        sum += luma[i];
        histogram[luma[i]]++;
        if (before) change += abs(luma[i] - before[i]);
    }
    for (int above = 0; top > 0 && (above += histogram[top]) <= N / 50;) top--;
    return (frame_note){ .time_us = time_us,
                         .mean = (float)sum / N / 255.0f,
                         .top = (float)top / 255.0f,
                         .change = (float)change / N / 255.0f };
}

/* Limited range black is 16 of 255; codecs and grain lift it a little. */
bool refine_is_black(const frame_note *f) {
    return f->mean < 0.085f && f->top < 0.11f;
}

static bool inside(int i, int n) {
    return i >= 0 && i < n;
}

static int64_t apart(const frame_note *f, int a, int b) {
    return llabs(f[a].time_us - f[b].time_us);
}

/* A hard cut between frame i - 1 and i. */
bool refine_is_cut(const frame_note *f, int n, int i) {
    if (i <= 0 || f[i].change < CUT) return false;
    float around = 0.0f;
    int count = 0;
    for (int k = i - 3; k <= i + 3; k++)
        if (k != i && k > 0 && k < n) {
            around += f[k].change;
            count++;
        }
    return count == 0 || f[i].change > CUT_RATIO * around / (float)count;
}

/* Whether titles stand on most looked frames within SUSTAINED_US from i on, away from the story. */
static bool sustained(const frame_note *f, int n, int i, int side) {
    int titled = 0, looked = 0;
    for (int k = i; inside(k, n) && apart(f, k, i) <= SUSTAINED_US; k -= side)
        if (f[k].looked) {
            looked++;
            titled += f[k].titled > TITLED;
        }
    return 2 * titled > looked;
}

static float log_odds(float p, float cap) {
    float q = fminf(fmaxf(p, 1e-4f), 1.0f - 1e-4f), l = logf(q / (1.0f - q));
    return fminf(fmaxf(l, -cap), cap);
}

static double seconds(const frame_note *f, int a, int b) {
    return (double)(f[b].time_us - f[a].time_us) / 1e6;
}

/* Nats that speak for frame i not being of the story, looked frames standing for the time around them. Black
 * belongs to either. last: the looked frame before i, or -1. */
static double evidence(const frame_note *f, int n, int i, int last) {
    double head = (double)log_odds(f[i].outside, KNOWS) * (i > 0 ? seconds(f, i - 1, i) : 0.0);
    if (!f[i].looked || refine_is_black(&f[i])) return head;
    int next = i + 1 < n ? i + 1 : i;
    while (next + 1 < n && !f[next].looked) next++;
    double stands_for = fmin(0.5 * (seconds(f, last < 0 ? i : last, i) + seconds(f, i, next)), 0.5);
    return head + (double)log_odds(f[i].titled, SEES) * stands_for;
}

/* The place i, f[0 .. i) on one side and f[i .. n) on the other, that parts titles from story best, given every
 * note at once and that the mark is not far off. */
static int change_point(const frame_note *f, int n, int64_t coarse_us, int side) {
    double sum = 0.0, most = -INFINITY;
    int best = 0, last = -1;
    for (int i = 0; i < n; i++) {
        double here = side * sum - (double)STAYS * fabs((double)(f[i].time_us - coarse_us)) / 1e6;
        if (here > most) {
            most = here;
            best = i;
        }
        sum += evidence(f, n, i, last);
        if (f[i].looked) last = i;
    }
    return best;
}

/* The looked frame with titles nearest to the change point, a little beyond it or at most REACH_US before it; -1
 * when there is none. */
static int title_edge(const frame_note *f, int n, int change, int side) {
    int from = change;
    while (inside(from + side, n) && apart(f, from + side, change) <= BEYOND_US) from += side;
    for (int i = from; inside(i, n) && (apart(f, i, change) <= REACH_US || (i - change) * side > 0); i -= side)
        if (f[i].looked && f[i].titled > TITLED && sustained(f, n, i, side)) return i;
    return -1;
}

/* The next looked frame from i towards the story; i itself when there is none. */
static int next_looked(const frame_note *f, int n, int i, int side) {
    for (int k = i + side; inside(k, n); k += side)
        if (f[k].looked) return k;
    return i;
}

/* The first frame of the story after a cut lies at i itself, the last before a cut at i - 1: boundaries are
 * given as the first frame of what follows, on both sides. */
static refine_result at(int frame, refine_by by, int edge, int beyond) {
    return (refine_result){ .frame = frame, .by = by, .edge = edge, .titles = -1, .beyond = beyond };
}

/* Black between titles and story. A few words on black are nearly black, but not to the encoder: a card of the story. */
static bool is_gap(const frame_note *f) {
    return refine_is_black(f) && !(f->looked && f->kinds[MOMENT_CAPTIONED] > TITLED);
}

/* From the titles' edge through black that touches it to the story's first full frame; -1 without black. */
static int through_black(const frame_note *f, int n, int edge, int side) {
    int i = edge;
    while (inside(i, n) && !is_gap(&f[i]) && apart(f, i, edge) <= GAP_US) i += side;
    if (!inside(i, n) || !is_gap(&f[i])) return -1;
    int black = i;
    while (inside(i, n) && is_gap(&f[i]) && apart(f, i, black) <= BLACK_US) i += side;
    if (!inside(i, n)) return -1;
    return side > 0 ? i : i + 1;
}

/* The cut next to the edge, on the story's side; -1 when there is none in reach. */
static int next_cut(const frame_note *f, int n, int edge, int side) {
    for (int i = side > 0 ? edge + 1 : edge; inside(i, n) && apart(f, i, edge) <= REACH_US; i += side)
        if (refine_is_cut(f, n, i)) return i;
    return -1;
}

static bool any_titled(const frame_note *f, int n) {
    for (int i = 0; i < n; i++)
        if (f[i].looked && f[i].titled > TITLED) return true;
    return false;
}

static int nearest(const frame_note *f, int n, int64_t time_us) {
    int best = 0;
    for (int i = 1; i < n; i++)
        if (llabs(f[i].time_us - time_us) < llabs(f[best].time_us - time_us)) best = i;
    return best;
}

/* Without letters to go by: the strongest cut, or the edge of black, near the change. */
static refine_result by_picture(const frame_note *f, int n, int centre, int side) {
    int best = -1;
    for (int i = 1; i < n; i++) {
        if (apart(f, i, centre) > NUDGE_US) continue;
        bool leaves = side > 0 ? refine_is_black(&f[i - 1]) && !refine_is_black(&f[i])
                               : !refine_is_black(&f[i - 1]) && refine_is_black(&f[i]);
        if (leaves) return at(i, REFINE_BLACK, i, i);
        if (refine_is_cut(f, n, i) && (best < 0 || f[i].change > f[best].change)) best = i;
    }
    return best < 0 ? at(centre, REFINE_COARSE, centre, centre) : at(best, REFINE_CUT, best, best);
}

static refine_result by_titles(const frame_note *f, int n, int edge, int side) {
    int black = through_black(f, n, edge, side);
    if (black >= 0) return at(black, REFINE_BLACK, edge, edge);
    int cut = next_cut(f, n, edge, side);
    if (cut >= 0) return at(cut, REFINE_CUT, edge, edge);
    int frame = side > 0 ? edge + 1 : edge;
    return at(frame < n ? frame : n - 1, REFINE_LETTERS, edge, next_looked(f, n, edge, side));
}

static refine_result refine(const frame_note *f, int n, int64_t coarse_us, int side) {
    if (!any_titled(f, n)) return by_picture(f, n, nearest(f, n, coarse_us), side);
    int change = change_point(f, n, coarse_us, side), edge = title_edge(f, n, change, side);
    if (edge < 0) return by_picture(f, n, change, side);
    refine_result r = by_titles(f, n, edge, side);
    r.titles = edge;
    return r;
}

refine_result refine_opening(const frame_note *f, int n, int64_t coarse_us) {
    return refine(f, n, coarse_us, 1);
}

refine_result refine_credits(const frame_note *f, int n, int64_t coarse_us) {
    return refine(f, n, coarse_us, -1);
}
