/* The numbers of the decision, fitted to a head. A grid, since the score is a count; then two numbers by Newton's
 * method, since the likelihood of a logistic curve is concave. */
#include "learn/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "find/scan.h"

_Static_assert(sizeof(decide_rules) == BUNDLE_RULES * sizeof(float), "a model file holds the rules in order");

static const double NEAR_S = 2.5, HARM_S = 5.0; /* a mark to the second is half a second off by itself */
static const double HARM_COST = 4.0, RIDGE = 2.0;

typedef struct tally {
    double score;   /* right marks, more for those that the posterior is sure of, less the cost of harm */
    double *mass;   /* of each mark, [2 n]; NULL: not wanted */
    int *right;
} tally;

static void count(tally *t, int mark, float mass, double off, double skipped) {
    bool right = fabs(off) <= NEAR_S, harm = skipped > HARM_S;
    t->score += right ? 0.5 + 0.5 * (double)mass : harm ? -HARM_COST : 0.0;
    if (t->mass) {
        t->mass[mark] = (double)mass;
        t->right[mark] = right;
    }
}

/* How far a start is from the nearest right one. */
static double from_nearest(const calibrate_film *f, double start_s) {
    double off = INFINITY;
    for (int i = 0; i < f->n_starts; i++)
        if (fabs(start_s - f->starts_s[i]) < fabs(off)) off = start_s - f->starts_s[i];
    return off;
}

static int judge(tally *t, const calibrate_film *films, int n, const decide_rules *r, bk_error *err) {
    t->score = 0.0;
    for (int i = 0; i < n; i++) {
        const calibrate_film *f = &films[i];
        decide_result d;
        int code = decide_map(&d, f->p, f->len, r, NULL, err);
        if (code != BK_OK) return code;
        double end = d.credits.begin - f->end_s;
        count(t, 2 * i, d.opening.mass, from_nearest(f, d.opening.end), d.opening.end - f->starts_s[f->n_starts - 1]);
        count(t, 2 * i + 1, d.credits.mass, end, -end);
    }
    return BK_OK;
}

static int search(decide_rules *r, const calibrate_film *films, int n, bk_error *err) {
    static const float scales[] = { 0.08f, 0.15f, 0.25f, 0.4f, 0.6f, 0.9f, 1.3f }, caps[] = { 2.5f, 4.0f, 6.0f };
    static const float edges[] = { 0.8f, 0.95f }, shifts[] = { -0.5f, 0.0f, 0.5f, 1.0f };
    decide_rules best = *r;
    double most = -INFINITY;
    for (size_t i = 0; i < sizeof scales / sizeof *scales * 3 * 2 * 4; i++) {
        decide_rules x = *r;
        tally t = { 0 };
        x.scale = scales[i / 24];
        x.cap = caps[i / 8 % 3];
        x.p_at_edge = edges[i / 4 % 2];
        x.shift = shifts[i % 4];
        int code = judge(&t, films, n, &x, err);
        if (code != BK_OK) return code;
        if (t.score > most) {
            most = t.score;
            best = x;
        }
    }
    *r = best;
    return BK_OK;
}

/* Logistic regression of right on logit(mass), held near the identity by a ridge. */
static void fit_confidence(decide_rules *r, const double *mass, const int *right, int n) {
    double a = 1.0, b = 0.0;
    for (int round = 0; round < 60; round++) {
        double ga = RIDGE * (1.0 - a), gb = RIDGE * (0.0 - b), haa = RIDGE, hab = 0.0, hbb = RIDGE;
        for (int i = 0; i < n; i++) {
            double m = fmin(fmax(mass[i], 1e-4), 1.0 - 1e-4), x = log(m / (1.0 - m)), q = 1.0 / (1.0 + exp(-a * x - b));
            double e = right[i] - q, w = q * (1.0 - q);
            ga += e * x;
            gb += e;
            haa += w * x * x;
            hab += w * x;
            hbb += w;
        }
        double det = haa * hbb - hab * hab;
        a += 0.5 * fmin(fmax((ga * hbb - gb * hab) / det, -0.5), 0.5); /* small steps: far off, Newton's are wild */
        b += 0.5 * fmin(fmax((gb * haa - ga * hab) / det, -0.5), 0.5);
    }
    r->certain = (float)a;
    r->certain_shift = (float)b;
}

int calibrate_fit(decide_rules *r, const calibrate_film *films, int n, bk_error *err) {
    tally t = { .mass = bk_alloc((size_t)n * 2, sizeof(double)), .right = bk_alloc((size_t)n * 2, sizeof(int)) };
    int code = t.mass && t.right ? search(r, films, n, err) : bk_fail_memory(err, "calibration");
    if (code == BK_OK) code = judge(&t, films, n, r, err);
    if (code == BK_OK) fit_confidence(r, t.mass, t.right, 2 * n);
    free(t.mass);
    free(t.right);
    return code;
}

/* The labelled start, and before it every moment at which story begins that a later part of the opening ends. */
static void find_starts(calibrate_film *f, const episode *e) {
    double from_s = 0.0;
    for (size_t k = 0; k < e->n_parts && e->parts[k].start_s < e->start_s; k++) {
        bool story_between = e->parts[k].start_s > from_s + NEAR_S;
        if (story_between && f->n_starts < CALIBRATE_STARTS - 1) f->starts_s[f->n_starts++] = from_s;
        from_s = e->parts[k].end_s;
    }
    f->starts_s[f->n_starts++] = e->start_s;
}

/* Probabilities of the held-out episodes, at most d->n of them. */
static int collect(calibrate_film *films, int *n, const bk_model *m, dataset *d, pool *p, bk_error *err) {
    int code = BK_OK;
    for (int i = 0; code == BK_OK && i < d->n; i++) {
        episode *e = &d->episodes[i];
        if (!e->held_out) continue;
        episode_unload(e); /* training has changed it */
        code = dataset_load(d, e, err);
        if (code != BK_OK) break;
        calibrate_film *f = &films[*n];
        *f = (calibrate_film){ .len = e->track->len, .end_s = e->end_s,
                               .p = bk_alloc((size_t)e->track->len, sizeof(float)) };
        find_starts(f, e);
        if (!f->p) return bk_fail_memory(err, "calibration");
        ++*n;
        code = scan_probabilities(f->p, m, e->track, p, err);
    }
    return code;
}

int calibrate_head(bk_model *m, dataset *d, pool *p, const bk_hooks *hooks, bk_error *err) {
    calibrate_film *films = bk_zeros((size_t)d->n, sizeof *films);
    decide_rules r = decide_defaults();
    int n = 0, code = films ? collect(films, &n, m, d, p, err) : bk_fail_memory(err, "calibration");
    if (code == BK_OK && n > 0) {
        code = calibrate_fit(&r, films, n, err);
        memcpy(m->rules, &r, sizeof r);
        m->has_rules = true;
        bk_log(hooks, BK_LOG_INFO, "decision fitted on %d held-out tracks: scale %.2f shift %.1f cap %.1f edge %.2f certain %.2f%+.2f", n,
               (double)r.scale, (double)r.shift, (double)r.cap, (double)r.p_at_edge, (double)r.certain, (double)r.certain_shift);
    }
    for (int i = 0; films && i < n; i++) free(films[i].p);
    free(films);
    return code;
}
