/* The default decision: the most probable opening and credits, given all probabilities at once.
 *
 * With l[t] the evidence of second t for "opening or credits" and P its prefix sums, a block [a, s) weighs
 * prior(a) exp(P[s] - P[a]); the prior on its length is a mixture of two exponentials, and each folds into l. Summing over the
 * far end a while s walks on gives every boundary's weight in O(len). The credits are the same walk from
 * the other end. Bayesian change-point detection in the manner of Barry and Hartigan (1993), for two
 * boundaries. */
#include "find/decide.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

enum { NEAR_S = 2 }; /* boundaries this close are one answer, as the confidence is defined */

decide_rules decide_defaults(void) {
    return (decide_rules){ .scale = 0.4f,
                           .shift = 0.0f,
                           .cap = 4.0f,
                           .p_opening = 0.85f,
                           .p_credits = 0.95f,
                           .p_at_edge = 0.9f,
                           .length_s = 90.0f,
                           .opening_share = 0.6f,
                           .opening_max_s = 1200.0f,
                           .credits_share = 0.4f,
                           .certain = 1.0f,
                           .certain_shift = 0.0f,
                           .unsure = 0.55f };
}

/* Numerically safe log(exp(a) + exp(b)). */
static double log_add(double a, double b) {
    if (a < b) {
        double t = a;
        a = b;
        b = t;
    }
    return b == -INFINITY ? a : a + log1p(exp(b - a));
}

/* One second's nats in a block of a mean length. */
static double evidence(float p, const decide_rules *r, double length_s) {
    if (isnan(p)) return 0.0;
    double q = fmin(fmax((double)p, 1e-7), 1.0 - 1e-7), odds = log(q / (1.0 - q)) - (double)r->shift;
    return (double)r->scale * fmin(fmax(odds, -(double)r->cap), (double)r->cap) - 1.0 / length_s;
}

double decide_evidence(float p, const decide_rules *r) {
    return evidence(p, r, (double)r->length_s);
}

/* One end of the film, seconds counted from that end: adds to weight[s], s in [1, limit], the log weight of a block of
 * one kind that ends s seconds from the edge, and puts into far[s] where the best such block begins if no other kind
 * weighs more. A block that begins later may have another before it, at the edge itself: logos, a cold open, then
 * titles. prior: of the kind, a logarithm. back: seconds are counted from the end of p. */
static void walk_kind(double *weight, int *far, const float *p, int len, int limit, int back, double prior,
                      double length_s, const decide_rules *r) {
    double prefix = 0.0, length = log(length_s);
    double starts = log((double)r->p_at_edge), best = starts; /* over a: prior(a) - P[a], summed and best */
    double later = log((1.0 - (double)r->p_at_edge) / (limit > 0 ? limit : 1));
    double alone = log(1.0 - DECIDE_TWO), two = log(DECIDE_TWO) - length, firsts = -INFINITY;
    int best_at = 0;
    for (int s = 1; s <= limit; s++) {
        prefix += evidence(p[back ? len - s : s - 1], r, length_s);
        double here = prior - length + prefix + starts;
        if (here > weight[s]) far[s] = best_at;
        weight[s] = log_add(weight[s], here);
        double start = later + log_add(alone, two + firsts) - prefix;
        starts = log_add(starts, start);
        if (start > best) {
            best = start;
            best_at = s;
        }
        firsts = log_add(firsts, prefix); /* a block from the edge to here: sums exp(P[e]) over its end e */
    }
}

/* Both kinds of blocks; weight[0]: no block. */
static void walk(double *weight, int *far, const float *p, int len, int limit, int back, double p_block,
                 const decide_rules *r) {
    weight[0] = log(1.0 - p_block);
    for (int s = 1; s <= limit; s++) weight[s] = -INFINITY;
    walk_kind(weight, far, p, len, limit, back, log(p_block * (1.0 - DECIDE_SHORT)), (double)r->length_s, r);
    walk_kind(weight, far, p, len, limit, back, log(p_block * DECIDE_SHORT), DECIDE_SHORT_S, r);
}

/* Weights to a posterior that sums to 1. */
static void normalise(double *weight, int n) {
    double sum = -INFINITY;
    for (int i = 0; i < n; i++) sum = log_add(sum, weight[i]);
    for (int i = 0; i < n; i++) weight[i] = exp(weight[i] - sum);
}

static bool same_answer(int a, int b) {
    return (a == 0) == (b == 0) && abs(a - b) <= NEAR_S;
}

static double mass_near(const double *post, int n, int at) {
    double mass = 0.0;
    for (int i = at - NEAR_S; i <= at + NEAR_S; i++)
        if (i >= 0 && i < n && same_answer(i, at)) mass += post[i];
    return mass;
}

/* The heaviest boundary that is not the same answer as `at`. */
static int runner_up(const double *post, int n, int at) {
    int best = -1;
    for (int i = 0; i < n; i++)
        if (!same_answer(i, at) && (best < 0 || post[i] > post[best])) best = i;
    return best;
}

static void describe(decide_end *e, const double *post, const int *far, int n, int at) {
    *e = (decide_end){ .begin = far[at], .end = at, .mass = (float)mass_near(post, n, at) };
    e->rival = runner_up(post, n, at);
    if (e->rival < 0) return;
    e->rival_far = far[e->rival];
    e->rival_mass = (float)mass_near(post, n, e->rival);
}

/* Turns an end counted from the film's last second into seconds of the film. */
static void mirror(decide_end *e, int len) {
    int begin = len - e->end, end = len - e->begin;
    e->begin = begin;
    e->end = end;
    if (e->rival < 0) return;
    e->rival = len - e->rival;
    e->rival_far = len - e->rival_far;
}

int decide_opening_limit(int len, const decide_rules *r) {
    double limit = fmin((double)r->opening_share * len, (double)r->opening_max_s);
    return (int)fmin(ceil(limit), len);
}

int decide_credits_from(int len, const decide_rules *r) {
    return len - (int)fmin(ceil((1.0 - (double)r->credits_share) * len), len);
}

/* The best pair that leaves a story between: the opening's best end for every start of the credits, by a
 * running maximum. Weights are logarithms. */
static void best_pair(int *opening, int *credits, const double *open, int n_open, const double *close, int n_close,
                      int len) {
    double most = -INFINITY, best = -INFINITY;
    int best_at = 0, s = 0;
    for (int c = n_close - 1; c >= 0; c--) { /* the credits begin later and later */
        for (; s < n_open && s <= len - c; s++)
            if (open[s] > best) {
                best = open[s];
                best_at = s;
            }
        if (best + close[c] > most) {
            most = best + close[c];
            *opening = best_at;
            *credits = c;
        }
    }
}

/* Log weights of one end, given the other's: each boundary times all of the other end's that do not overlap with its
 * block. Without this a long opening in a short film is taken for credits that begin within it. joint [n]. */
static void given_other(const double *weight, int n, const double *other, int n_other, int len, double *joint) {
    double so_far = -INFINITY;
    int k = 0;
    for (int i = n - 1; i >= 0; i--) { /* a shorter block leaves more room */
        for (; k < n_other && k <= len - i; k++) so_far = log_add(so_far, other[k]);
        joint[i] = weight[i] + so_far;
    }
}

/* bonus[s], s from the film's edge; back: it is stored from the film's begin on. */
static void add_bonus(double *weight, int n, const float *bonus, int len, int back) {
    for (int s = 0; bonus && s < n; s++) weight[s] += (double)bonus[back ? len + 1 + len - s : s];
}

int decide_map(decide_result *out, const float *p, int len, const decide_rules *r, float *posterior, bk_error *err) {
    return decide_map_known(out, p, len, r, NULL, posterior, err);
}

int decide_map_known(decide_result *out, const float *p, int len, const decide_rules *r, const float *bonus,
                     float *posterior, bk_error *err) {
    int n_open = decide_opening_limit(len, r) + 1, n_close = len - decide_credits_from(len, r) + 1, code = BK_OK;
    double *open = bk_zeros((size_t)n_open, sizeof *open), *close = bk_zeros((size_t)n_close, sizeof *close);
    double *open_joint = bk_zeros((size_t)n_open, sizeof *open_joint);
    double *close_joint = bk_zeros((size_t)n_close, sizeof *close_joint);
    int *open_far = bk_zeros((size_t)n_open, sizeof(int)), *close_far = bk_zeros((size_t)n_close, sizeof(int));
    if (!open || !close || !open_joint || !close_joint || !open_far || !close_far) {
        code = bk_fail_memory(err, "the decision");
        goto done;
    }
    walk(open, open_far, p, len, n_open - 1, 0, (double)r->p_opening, r);
    walk(close, close_far, p, len, n_close - 1, 1, (double)r->p_credits, r);
    add_bonus(open, n_open, bonus, len, 0);
    add_bonus(close, n_close, bonus, len, 1);
    int at_open = 0, at_close = 0;
    best_pair(&at_open, &at_close, open, n_open, close, n_close, len);
    given_other(open, n_open, close, n_close, len, open_joint);
    given_other(close, n_close, open, n_open, len, close_joint);
    normalise(open_joint, n_open);
    normalise(close_joint, n_close);
    describe(&out->opening, open_joint, open_far, n_open, at_open);
    describe(&out->credits, close_joint, close_far, n_close, at_close);
    mirror(&out->credits, len);
    for (int s = 0; posterior && s <= len; s++) {
        posterior[s] = s < n_open ? (float)open_joint[s] : 0.0f;
        posterior[len + 1 + s] = len - s < n_close ? (float)close_joint[len - s] : 0.0f;
    }
done:
    free(open);
    free(close);
    free(open_joint);
    free(close_joint);
    free(open_far);
    free(close_far);
    return code;
}

float decide_confidence(float mass, const decide_rules *r) {
    double m = fmin(fmax((double)mass, 1e-6), 1.0 - 1e-6);
    double x = (double)r->certain * log(m / (1.0 - m)) + (double)r->certain_shift;
    return (float)(1.0 / (1.0 + exp(-x)));
}
