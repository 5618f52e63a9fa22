/* find/plan: which seconds of a film the plan smart looks at. find/track: seconds held from those seen. */
#include <string.h>

#include "find/plan.h"
#include "tap.h"

enum { LEN = 1500 };

static void test_zones(void) {
    plan p = plan_of(LEN, 0, 0);
    tap_ok(p.opening == 375 && p.credits == 900, "a quarter and two fifths: [0, %d), [%d, %d)", p.opening, p.credits,
           p.len);
    p = plan_of(LEN, 30000000, 60000000);
    tap_ok(p.opening == 90 && p.credits == LEN - 120, "windows that were asked for, with a margin");
    p = plan_of(200, 0, 0);
    tap_ok(p.opening == 200 && p.credits == 0, "a short film is looked at whole");
    p = plan_of(200, INT64_MAX, INT64_MAX);
    tap_ok(p.opening == 200 && p.credits == 0, "windows longer than the film");
}

static void test_spacing(void) {
    const plan p = plan_of(LEN, 0, 0);
    bool rising = true;
    for (int s = 1; s < p.opening; s++) rising = rising && plan_spacing(&p, s) >= plan_spacing(&p, s - 1);
    tap_ok(rising && plan_spacing(&p, 0) == 1 && plan_spacing(&p, 20) == 2, "wider and wider from the beginning on");
    tap_ok(plan_spacing(&p, 500) == 0 && plan_spacing(&p, LEN - 1) == plan_spacing(&p, 900),
           "none in the middle, one in the credits' zone");
    const plan brief = plan_of(90, 0, 0);
    tap_ok(plan_spacing(&brief, 89) <= 3, "a short film has no wide spacing");
}

/* The widest run of seconds in [from, to) that were neither seen nor are wanted. */
static int widest_gap(const uint8_t *state, const uint8_t *wanted, int from, int to) {
    int widest = 0, run = 0;
    for (int s = from; s < to; s++) {
        run = state[s] == SAMPLE_SEEN || wanted[s] ? 0 : run + 1;
        if (run > widest) widest = run;
    }
    return widest;
}

/* Gaps that are looked at from a clean slate. */
static int gaps(uint8_t *wanted, const uint8_t *state, const plan *p, const float *posterior) {
    memset(wanted, 0, LEN);
    return plan_gaps(wanted, state, p, posterior);
}

static void test_gaps(void) {
    static uint8_t state[LEN], wanted[LEN];
    const plan p = plan_of(LEN, 0, 0);
    memset(state, SAMPLE_NONE, sizeof state);
    for (int s = 0; s < LEN; s += 25) state[s] = SAMPLE_SEEN;
    int n = gaps(wanted, state, &p, NULL), outside = 0, again = 0;
    for (int s = 0; s < LEN; s++) {
        outside += wanted[s] && s >= p.opening && s < p.credits;
        again += wanted[s] && state[s] == SAMPLE_SEEN;
    }
    tap_ok(n > 0 && outside == 0 && again == 0,
           "%d seconds between rare keyframes, none of them outside of the zones", n);
    tap_ok(widest_gap(state, wanted, 0, 60) < 3, "a title of three seconds near the beginning is seen");
    tap_ok(widest_gap(state, wanted, p.credits, LEN) < 12, "nothing of twelve seconds is passed over");
    for (int s = 0; s < LEN; s += 2) state[s] = SAMPLE_SEEN;
    n = gaps(wanted, state, &p, NULL);
    for (int s = 10; s < LEN; s++) outside += wanted[s];
    tap_ok(n == 5 && outside == 0, "between keyframes that are close only the first ten seconds are looked at, each");
    memset(state, SAMPLE_NONE, sizeof state);
    tap_ok(gaps(wanted, state, &p, NULL) > 0 && widest_gap(state, wanted, 0, 60) < 3, "a film without keyframes");
}

static void test_unlikely_gaps(void) {
    static uint8_t state[LEN], wanted[LEN], everywhere[LEN];
    static float posterior[2 * (LEN + 1)];
    const plan p = plan_of(LEN, 0, 0);
    memset(state, SAMPLE_HELD, sizeof state);
    for (int s = 0; s < LEN; s += 16) state[s] = SAMPLE_SEEN;
    posterior[0] = 0.97f; /* no opening */
    posterior[200] = 0.03f;
    posterior[LEN + 1 + LEN] = 1.0f; /* no credits */
    int all = gaps(everywhere, state, &p, NULL), n = gaps(wanted, state, &p, posterior), near = 0, far = 0;
    for (int s = 0; s < LEN; s++) (s < 64 || (s > 192 && s < 208) ? &near : &far)[0] += wanted[s];
    tap_ok(n > 0 && n < all && far == 0 && memcmp(wanted, everywhere, 64) == 0 &&
               memcmp(wanted + 193, everywhere + 193, 15) == 0,
           "%d seconds of %d: the first minute, and round a boundary that may be one", near, all);
    for (int s = 1000; s < 1100; s++) state[s] = SAMPLE_HELD;
    gaps(wanted, state, &p, posterior);
    const int widest = widest_gap(state, wanted, p.credits, LEN);
    tap_ok(widest >= 11 && widest < 18, "what is wide is looked at where nothing is to be expected (%d s)", widest);
}

static void test_closer(void) {
    static uint8_t state[LEN], wanted[LEN];
    static float posterior[2 * (LEN + 1)];
    memset(state, SAMPLE_HELD, sizeof state);
    posterior[100] = 0.5f;
    posterior[300] = 0.45f;
    posterior[LEN + 1 + LEN] = 1.0f; /* no credits */
    int n = plan_closer(wanted, state, LEN, posterior, false), far = 0;
    for (int s = 0; s < LEN; s++) far += wanted[s] && (s < 88 || (s > 112 && s < 288) || s > 312);
    tap_ok(n > 0 && far == 0 && wanted[99] && wanted[100] && wanted[300], "both rivals are looked at, %d seconds", n);
    posterior[100] = 0.98f;
    posterior[300] = 0.02f;
    plan_closer(wanted, state, LEN, posterior, false);
    tap_ok(wanted[100] && !wanted[300], "a rival that is not likely needs no look");
    posterior[100] = posterior[300] = 0.05f;
    posterior[200] = 0.9f;
    plan_closer(wanted, state, LEN, posterior, true);
    tap_ok(wanted[200] && !wanted[100] && !wanted[300], "the first of several looks is at what is likely");
    posterior[200] = 0.0f;
    posterior[100] = 0.98f;
    for (int s = 80; s < 120; s++) state[s] = SAMPLE_SEEN;
    tap_ok(plan_closer(wanted, state, LEN, posterior, false) == 0, "what was seen is not looked at again");
}

static void test_hold(void) {
    bk_track *t = NULL;
    track_open(&t, 10, 1, NULL);
    track_hold(t, 0, 10);
    tap_ok(t->state[5] == SAMPLE_NONE, "nothing to hold");
    track_put(t, 2, &(float){ 2.0f });
    track_put(t, 7, &(float){ 7.0f });
    track_hold(t, 1, 10);
    tap_ok(t->state[0] == SAMPLE_NONE && t->embeddings[1] == 2.0f && t->embeddings[4] == 2.0f &&
               t->embeddings[5] == 7.0f && t->embeddings[9] == 7.0f && t->state[4] == SAMPLE_HELD &&
               t->state[7] == SAMPLE_SEEN,
           "each second has the nearest one seen");
    track_put(t, 5, &(float){ 5.0f });
    track_hold(t, 1, 10);
    tap_ok(t->embeddings[4] == 5.0f && t->embeddings[6] == 7.0f && t->embeddings[3] == 2.0f,
           "and another, once that is nearer");
    bk_track_close(&t);
}

int main(void) {
    test_zones();
    test_spacing();
    test_gaps();
    test_unlikely_gaps();
    test_closer();
    test_hold();
    return tap_done();
}
