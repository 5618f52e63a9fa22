/* nn/adam: steps against the papers' formulas in doubles; what decays; norms. */
#include "nn/adam.h"

#include <string.h>

#include "nn_check.h"

enum { STEPS = 50 };

/* One weight under Adam (decay 0) or AdamW, in doubles. */
static double reference(double w, const float *g, double scale, double rate, double decay) {
    double m = 0, v = 0;
    for (int t = 1; t <= STEPS; t++) {
        double d = (double)g[t - 1] * scale;
        m = 0.9 * m + 0.1 * d;
        v = 0.999 * v + 0.001 * d * d;
        w -= rate * decay * w;
        w -= rate * (m / (1 - pow(0.9, t))) / (sqrt(v / (1 - pow(0.999, t))) + 1e-8);
    }
    return w;
}

static void test_steps(float decay) {
    adam_config c = { .rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f, .decay = decay };
    nn_table t = { 0 };
    rng r = rng_make(1, 1);
    nn_table_add(&t, "kernel", (int[4]){ 3, 7 }, NN_NORMAL, 1, true);
    nn_table_add(&t, "bias", (int[4]){ 5 }, NN_NORMAL, 1, false);
    size_t n = t.n_floats;
    float *w = floats(n), *start = floats(n), *m = floats(n), *v = floats(n), *g = noise(n * STEPS, 1, &r);
    float *row = floats(STEPS);
    nn_table_init(&t, w, &r);
    for (size_t i = 0; i < n; i++) start[i] = w[i];
    for (int s = 0; s < STEPS; s++) adam_step(&c, &t, w, m, v, g + (size_t)s * n, 0.25f, s + 1, NULL);
    double worst = 0;
    for (int k = 0; k < t.n; k++)
        for (size_t i = 0; i < t.rows[k].n; i++) {
            size_t at = t.rows[k].offset + i;
            for (int s = 0; s < STEPS; s++) row[s] = g[(size_t)s * n + at];
            double want = reference((double)start[at], row, 0.25, (double)c.rate, k == 0 ? (double)decay : 0);
            double e = fabs(want - (double)w[at]);
            worst = worse(worst, e);
        }
    tap_ok(worst < 1e-5, "decay %g: %d steps within %.2g", (double)decay, STEPS, worst);
    tap_ok(w[n - 1] == 0 && m[21] == 0, "nothing between the tensors is touched");
    float *all[] = { w, start, m, v, g, row };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    nn_table_close(&t);
}

/* Three threads do what one does, to the bit; the parts' ends lie inside tensors. */
static void test_threads(void) {
    adam_config c = { .rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f, .decay = 0.1f };
    nn_table t = { 0 };
    pool *p;
    rng r = rng_make(2, 1);
    nn_table_add(&t, "kernel", (int[4]){ 57, 93 }, NN_NORMAL, 1, true);
    nn_table_add(&t, "bias", (int[4]){ 701 }, NN_NORMAL, 1, false);
    if (pool_open(&p, 3, NULL)) exit(2);
    size_t n = t.n_floats, bytes = n * sizeof(float);
    float *g = noise(n, 1, &r), *w[2], *m[2], *v[2];
    for (int i = 0; i < 2; i++) {
        w[i] = floats(n);
        m[i] = floats(n);
        v[i] = floats(n);
        rng start = rng_make(3, 1);
        nn_table_init(&t, w[i], &start);
        for (int s = 1; s <= 3; s++) adam_step(&c, &t, w[i], m[i], v[i], g, 1, s, i ? p : NULL);
    }
    tap_ok(!memcmp(w[0], w[1], bytes) && !memcmp(m[0], m[1], bytes) && !memcmp(v[0], v[1], bytes),
           "threads change no bit of a step");
    double alone = adam_norm(g, n - 3, NULL), want = 0;
    for (size_t i = 0; i < n - 3; i++) want += (double)g[i] * (double)g[i];
    tap_ok(alone == adam_norm(g, n - 3, p) && fabs(alone - sqrt(want)) < 1e-9, "nor of a norm");
    float *all[] = { g, w[0], w[1], m[0], m[1], v[0], v[1] };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    pool_close(&p);
    nn_table_close(&t);
}

int main(void) {
    test_steps(0);
    test_steps(0.1f);
    float g[3] = { 3, 0, -4 };
    tap_near(adam_norm(g, 3, NULL), 5, 1e-12, "norm");
    g[1] = NAN;
    tap_ok(isnan(adam_norm(g, 3, NULL)), "a norm with NaN in it is NaN");
    test_threads();
    return tap_done();
}
