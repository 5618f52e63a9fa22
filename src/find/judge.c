/* Judging markers: the posterior of each edge, given the probabilities near it. */
#include "find/judge.h"

#include <math.h>
#include <stdbool.h>

/* In seconds of the strongest evidence that a second can give, as its nats differ from model to model. */
static const double STOP_S = 2.5;   /* of evidence against: an edge beyond so much of the other kind is another block's */
static const double INSIDE_S = 4.0; /* of story that a run inside of a stretch must hold: such scenes are rare */

/* One side of the film, seconds counted from the film's edge on that side. */
typedef struct side {
    const float *p;
    int len;
    bool mirrored;
    const judge_rules *r;
} side;

/* Nats for "titles" in second t. */
static double titles(const side *s, int t) {
    if (t < 0 || t >= s->len) return 0.0;
    return decide_evidence(s->p[s->mirrored ? s->len - 1 - t : t], &s->r->decide);
}

/* Nats of a second about which there is no doubt. */
static double no_doubt(const side *s) {
    return (double)(s->r->decide.scale * s->r->decide.cap);
}

/* Nats for titles in [a, b); parts of a second count as parts. */
static double between(const side *s, double a, double b) {
    double sum = 0.0;
    for (int t = (int)floor(a); t < b; t++) sum += titles(s, t) * (fmin(b, t + 1) - fmax(a, t));
    return sum;
}

/* What the picture says of an edge at `mark`: titles lie before it and story behind (way 1), or the other way round
 * (way -1). */
typedef struct edge_view {
    double before, after; /* posterior mass of edges further than the tolerance to each side */
    double best;          /* the best edge */
} edge_view;

static edge_view look_at_edge(const side *s, double mark, double lo, double hi, int way) {
    double tolerance = s->r->tolerance_s, total = 1.0, most = 1.0; /* the marker's own edge weighs 1 */
    edge_view v = { .best = mark };
    for (int side_of = -1; side_of <= 1; side_of += 2) {
        double sum = 0.0, peak = 0.0, from = mark;
        int step = side_of < 0 ? (int)ceil(mark) - 1 : (int)floor(mark) + 1;
        for (; step >= lo && step <= hi; from = step, step += side_of) {
            sum += way * (side_of < 0 ? -between(s, step, from) : between(s, from, step));
            peak = fmax(peak, sum);
            if (sum < peak - STOP_S * no_doubt(s)) break;
            double weight = exp(fmin(sum, 300.0));
            total += weight;
            if (side_of < 0 && step < mark - tolerance) v.before += weight;
            if (side_of > 0 && step > mark + tolerance) v.after += weight;
            if (weight > most) {
                most = weight;
                v.best = step;
            }
        }
    }
    v.before /= total;
    v.after /= total;
    return v;
}

/* The longest sum of story in a row inside [a, b): Kadane's walk. Its length in seconds; 0 when it is not clear. */
static double story_inside(const side *s, double a, double b) {
    double sum = 0.0, best = 0.0, from = a, length = 0.0;
    for (double t = a; t < b;) {
        double next = fmin(floor(t) + 1, b);
        sum -= between(s, t, next);
        if (sum <= 0.0) {
            sum = 0.0;
            from = next;
        }
        if (sum > best) {
            best = sum;
            length = next - from;
        }
        t = next;
    }
    return best >= INSIDE_S * no_doubt(s) && length > s->r->tolerance_s ? length : 0.0;
}

static void take(bk_judgement *j, bk_verdict verdict, double seconds, double sure) {
    bool worse = verdict > j->verdict || (verdict == j->verdict && seconds > j->seconds);
    if (!worse || seconds <= 0.0) return;
    *j = (bk_judgement){ .verdict = verdict, .seconds = seconds, .sure = (float)sure };
}

/* The edge's view as a verdict; `inside` is the mass on the stretch's side of it. */
static void take_edge(bk_judgement *j, const edge_view *v, double mark, double inside, double outside) {
    double off = fabs(v->best - mark);
    if (inside >= JUDGE_SURE) take(j, BK_SKIPS_STORY, off, inside);
    if (outside >= JUDGE_SURE) take(j, BK_LEAVES_CREDITS, off, outside);
    if (j->verdict == BK_AGREES) j->sure = fminf(j->sure, (float)(1.0 - inside - outside));
}

bk_judgement judge_side(const float *probs, int len, const stretch *stretches, int n, int at_end,
                        const judge_rules *r) {
    const side s = { probs, len, at_end != 0, r };
    bk_judgement j = { .verdict = n ? BK_AGREES : BK_NO_MARKER, .sure = 1.0f };
    double past = 0.0; /* the end of the stretch before */
    for (int i = 0; i < n; i++) {
        const stretch *x = &stretches[at_end ? n - 1 - i : i];
        double a = at_end ? len - x->end : x->begin, b = at_end ? len - x->begin : x->end;
        const stretch *after = i + 1 < n ? &stretches[at_end ? n - 2 - i : i + 1] : NULL;
        double limit = after ? (at_end ? len - after->end : after->begin) : fmax(len / 2.0, b);
        edge_view v = look_at_edge(&s, b, isnan(a) ? 0.0 : a, isnan(limit) ? len : limit, 1);
        take_edge(&j, &v, b, v.before, v.after);
        if (!isnan(a) && a > r->tolerance_s) {
            v = look_at_edge(&s, a, past, b, -1);
            take_edge(&j, &v, a, v.after, v.before);
        }
        if (!isnan(a)) take(&j, BK_SKIPS_STORY, story_inside(&s, a, b), JUDGE_SURE);
        past = b;
    }
    return j;
}
