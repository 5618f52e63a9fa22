/* find/decide and find/notebook: probabilities to boundaries. */
#include <string.h>

#include "base/rng.h"
#include "find/decide.h"
#include "tap.h"

enum { MAX = 4000 };

/* A film of len seconds: story, with opening [a, s) and credits [e, f), each second's p drawn about 0.1 or 0.9. */
static void film(float *p, int len, int a, int s, int e, int f, uint64_t seed) {
    rng r = rng_make(seed, 0);
    for (int t = 0; t < len; t++) {
        bool titles = (t >= a && t < s) || (t >= e && t < f);
        p[t] = (titles ? 0.9f : 0.1f) + rng_range(&r, -0.09f, 0.09f);
    }
}

static void test_cases(void) {
    static const struct {
        const char *name;
        int len, a, s, e, f;
    } cases[] = {
        { "opening and credits", 1400, 0, 90, 1300, 1400 },
        { "no opening", 1400, 0, 0, 1300, 1400 },
        { "no credits", 1400, 0, 60, 1400, 1400 },
        { "neither", 600, 0, 0, 600, 600 },
        { "a short opening", 900, 0, 6, 800, 900 },
        { "a cold open", 1400, 60, 100, 1300, 1400 },
        { "a scene after the credits", 1400, 0, 40, 1200, 1380 },
        { "a short film", 90, 0, 8, 75, 90 },
        { "a long film", 3900, 0, 120, 3600, 3900 },
    };
    const decide_rules rules = decide_defaults();
    float p[MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        decide_result d;
        film(p, cases[i].len, cases[i].a, cases[i].s, cases[i].e, cases[i].f, i + 1);
        tap_ok(decide_map(&d, p, cases[i].len, &rules, NULL, NULL) == BK_OK &&
                   d.opening.begin == (cases[i].s ? cases[i].a : 0) && d.opening.end == cases[i].s &&
                   d.credits.begin == cases[i].e && d.credits.end == cases[i].f,
               "%s: [%d, %d) and [%d, %d)", cases[i].name, d.opening.begin, d.opening.end, d.credits.begin,
               d.credits.end);
        tap_ok(d.opening.mass > 0.5f && d.credits.mass > 0.5f, "%s: masses %.3f and %.3f", cases[i].name,
               (double)d.opening.mass, (double)d.credits.mass);
    }
}

/* Evidence of the seconds [a, s), each on its own, in a block of a mean length. */
static double block(const float *p, int a, int s, double length_s, const decide_rules *r) {
    double sum = 0.0;
    for (int t = a; t < s; t++) {
        if (isnan(p[t])) continue; /* what is not known says nothing */
        double odds = log((double)p[t] / (1 - (double)p[t]));
        sum += (double)r->scale * fmin(fmax(odds, -(double)r->cap), (double)r->cap) - 1.0 / length_s;
    }
    return sum;
}

static double plain_kind(const float *p, int s, int limit, double length_s, const decide_rules *r) {
    double sum = (double)r->p_at_edge * exp(block(p, 0, s, length_s, r));
    for (int a = 1; a < s; a++) {
        double first = 0.0;
        for (int e = 1; e < a; e++) first += exp(block(p, 0, e, length_s, r)) / length_s;
        sum += (1.0 - (double)r->p_at_edge) / limit * (1.0 - DECIDE_TWO + DECIDE_TWO * first) * exp(block(p, a, s, length_s, r));
    }
    return sum / length_s;
}

/* Weight of an opening that ends at s, or (back) of credits that begin s seconds before the end, summed plainly. */
static double plain_weight(const float *p, int s, int limit, double p_block, const decide_rules *r) {
    if (s == 0) return 1.0 - p_block;
    return p_block * ((1.0 - DECIDE_SHORT) * plain_kind(p, s, limit, (double)r->length_s, r) +
                      DECIDE_SHORT * plain_kind(p, s, limit, DECIDE_SHORT_S, r));
}

/* The O(n) walk against summing every pair of blocks that do not overlap on its own. */
static void test_against_plain_sum(void) {
    enum { LEN = 60 };
    const decide_rules r = decide_defaults();
    float p[LEN], post[2 * (LEN + 1)];
    double open[LEN + 1] = { 0 }, close[LEN + 1] = { 0 }, plain[LEN + 1] = { 0 }, total = 0.0, worst = 0.0;
    float back[LEN];
    decide_result d;
    film(p, LEN, 3, 12, 50, 58, 5);
    p[1] = 0.8f;
    p[20] = NAN;
    decide_map(&d, p, LEN, &r, post, NULL);
    int limit = decide_opening_limit(LEN, &r), limit_back = LEN - decide_credits_from(LEN, &r);
    for (int t = 0; t < LEN; t++) back[t] = p[LEN - 1 - t];
    for (int s = 0; s <= limit; s++) open[s] = plain_weight(p, s, limit, (double)r.p_opening, &r);
    for (int s = 0; s <= limit_back; s++) close[s] = plain_weight(back, s, limit_back, (double)r.p_credits, &r);
    for (int s = 0; s <= limit; s++)
        for (int c = 0; c <= limit_back && c <= LEN - s; c++) {
            plain[s] += open[s] * close[c];
            total += open[s] * close[c];
        }
    for (int s = 0; s <= limit; s++) worst = fmax(worst, fabs(plain[s] / total - (double)post[s]));
    tap_near(worst, 0.0, 1e-5, "posterior of the opening equals the plain sum");
    double one = 0.0;
    for (int s = 0; s <= LEN; s++) one += (double)post[LEN + 1 + s];
    tap_near(one, 1.0, 1e-5, "posterior of the credits sums to one");
}

/* Logos, a story that goes on before the titles, the titles: the titles' end is the answer. */
static void test_two_blocks(void) {
    const decide_rules rules = decide_defaults();
    float p[900];
    decide_result d;
    film(p, 900, 60, 80, 840, 900, 9);
    for (int t = 0; t < 12; t++) p[t] = 0.9f;
    for (int t = 800; t < 815; t++) p[t] = 0.9f;
    decide_map(&d, p, 900, &rules, NULL, NULL);
    tap_ok(d.opening.begin == 60 && d.opening.end == 80, "logos, a cold open, titles: [%d, %d)", d.opening.begin,
           d.opening.end);
    tap_ok(d.credits.begin == 800, "credits, a scene, credits: from %d on", d.credits.begin);
}

static void test_unknown(void) {
    const decide_rules rules = decide_defaults();
    float p[300];
    decide_result d;
    for (int t = 0; t < 300; t++) p[t] = NAN;
    tap_ok(decide_map(&d, p, 300, &rules, NULL, NULL) == BK_OK && d.opening.mass < 0.9f, "nothing known: mass %.2f",
           (double)d.opening.mass);
    tap_ok(decide_map(&d, p, 1, &rules, NULL, NULL) == BK_OK, "one second");
    decide_notebook(&(notebook_result){ 0 }, p, 1, NULL, NULL);
    bk_error err;
    tap_ok(decide_notebook(&(notebook_result){ 0 }, p, 0, NULL, &err) == BK_EINVAL, "no second at all: %s", err.text);
}

static void test_notebook(void) {
    FILE *f = fopen("tests/golden/decision.txt", "r");
    int n, start, end, cases = 0;
    double strict, loose, checksum;
    bool right = true;
    if (!tap_ok(f != NULL, "the reference file is there")) return;
    while (fscanf(f, "%d %d %d %lf %lf %lf", &n, &start, &end, &strict, &loose, &checksum) == 6 && n <= MAX) {
        static float p[MAX], smooth[MAX];
        notebook_result r;
        double sum = 0.0;
        for (int i = 0, x; i < n && fscanf(f, "%d", &x) == 1; i++) p[i] = (float)x / 65536.0f;
        decide_notebook(&r, p, n, smooth, NULL);
        for (int i = 0; i < n; i++) sum += (double)smooth[i] * (i + 1);
        bool same = r.start == start && r.end == end && fabs(r.threshold_start - strict) < 1e-6 &&
                    fabs(r.threshold_end - loose) < 1e-6 && fabs(sum - checksum) <= 1e-6 * fmax(1.0, checksum);
        if (!same) printf("# case %d, length %d: %d %d, expected %d %d\n", cases, n, r.start, r.end, start, end);
        right = right && same;
        cases++;
    }
    fclose(f);
    tap_ok(right && cases >= 40, "%d cases as numpy and scipy decide them", cases);
}

static void test_confidence(void) {
    decide_rules r = decide_defaults();
    tap_near((double)decide_confidence(0.8f, &r), 0.8, 1e-5, "no calibration leaves the mass");
    r.certain = 0.5f;
    r.certain_shift = -0.2f;
    tap_ok(decide_confidence(0.99f, &r) < 0.95f && decide_confidence(1.0f, &r) <= 1.0f, "calibration tempers it");
}

/* The runner-up's block reaches from its own far end, and nothing lies beyond the limits. */
static void test_rival(void) {
    enum { N = 300 };
    float p[N];
    decide_rules r = decide_defaults();
    decide_result d;
    for (int i = 0; i < N; i++) p[i] = i < 20 || (i >= 40 && i < 52) || i >= 270 ? 0.97f : 0.03f;
    decide_map(&d, p, N, &r, NULL, NULL);
    tap_ok(d.opening.rival >= 0 && d.opening.rival_far < d.opening.rival && d.credits.rival >= 0 &&
               d.credits.rival_far > d.credits.rival, "rivals' blocks: %d to %d, %d to %d", d.opening.rival_far,
           d.opening.rival, d.credits.rival, d.credits.rival_far);
    tap_ok(fabs(decide_opening_limit(N, &r) - (double)r.opening_share * N) <= 1 &&
               fabs(decide_credits_from(N, &r) - (double)r.credits_share * N) <= 1,
           "limits: %d, %d",
           decide_opening_limit(N, &r), decide_credits_from(N, &r));
    tap_ok(decide_evidence(0.97f, &r) > 0.5 && decide_evidence(0.03f, &r) < -0.5 && decide_evidence(NAN, &r) == 0.0,
           "evidence has the sign of what it speaks for");
}

/* Over the middle of a short film an opening is not taken for credits that begin within it. */
static void test_long_opening(void) {
    enum { N = 96 };
    const decide_rules rules = decide_defaults();
    float p[N];
    decide_result d;
    film(p, N, 0, 46, 76, N, 4);
    decide_map(&d, p, N, &rules, NULL, NULL);
    tap_ok(d.opening.end == 46 && d.credits.begin == 76 && d.credits.mass > 0.5f && d.opening.mass > 0.5f,
           "a long opening of a short film: %d (%.2f) and %d (%.2f)", d.opening.end, (double)d.opening.mass,
           d.credits.begin, (double)d.credits.mass);
}

int main(void) {
    test_rival();
    test_long_opening();
    test_cases();
    test_against_plain_sum();
    test_two_blocks();
    test_unknown();
    test_notebook();
    test_confidence();
    return tap_done();
}
