/* Gradients against central differences, for the tests of the networks. */
#ifndef BK_TESTS_NN_CHECK_H
#define BK_TESTS_NN_CHECK_H

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "nn/tensor.h"
#include "tap.h"

__attribute__((unused)) static float *floats(size_t n) {
    float *p = bk_zeros(n, sizeof *p);
    if (!p) exit(2);
    return p;
}

__attribute__((unused)) static float *noise(size_t n, float scale, rng *r) {
    float *p = floats(n);
    for (size_t i = 0; i < n; i++) p[i] = scale * rng_normal(r);
    return p;
}

__attribute__((unused)) static double dot(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

/* The larger; NaN is the largest. */
__attribute__((unused)) static double worse(double a, double b) {
    return isnan(a) || b <= a ? a : b;
}

/* Worst error of got, relative where want is large. */
__attribute__((unused)) static double worst_of(const float *got, const double *want, size_t n) {
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double e = fabs((double)got[i] - want[i]) / fmax(1, fabs(want[i]));
        worst = worse(worst, e);
    }
    return worst;
}

/* Something with weights, whose loss can be asked for. */
typedef double loss_fn(void *arg);

/* |central difference of the loss at *x - g|. */
__attribute__((unused)) static double difference_error(loss_fn *loss, void *arg, float *x, float step, float g) {
    float was = *x;
    *x = was + step;
    double up = loss(arg), dx = (double)*x;
    *x = was - step;
    double down = loss(arg);
    dx -= (double)*x;
    *x = was;
    return fabs((up - down) / dx - (double)g);
}

/* Worst error of g [n], the gradient of loss at x [n], over `samples` entries (all when 0), relative to the largest
 * gradient, or 0.1 where all are smaller: the loss is a float's, with noise of its own. Where it is
 * large, a shorter step is tried too, as a ReLU may have turned within the first. NaN counts as worst. */
__attribute__((unused)) static double gradient_error(loss_fn *loss, void *arg, float *x, const float *g, size_t n,
                                                     int samples, float step, rng *r) {
    double worst = 0, largest = 0.1;
    int count = samples && (size_t)samples < n ? samples : (int)n;
    for (size_t i = 0; i < n; i++) largest = fabs((double)g[i]) > largest ? fabs((double)g[i]) : largest;
    for (int s = 0; s < count; s++) {
        size_t i = count == (int)n ? (size_t)s : rng_below(r, (uint32_t)n);
        double error = difference_error(loss, arg, &x[i], step, g[i]) / largest;
        double closer = error < 5e-3 ? error : difference_error(loss, arg, &x[i], step / 8, g[i]) / largest;
        if (!(closer > error)) error = closer;
        worst = worse(worst, error);
    }
    return worst;
}

/* One check a tensor of the table. */
__attribute__((unused)) static void check_tensors(const nn_table *t, loss_fn *loss, void *arg, float *w,
                                                  const float *g, int samples, float step, double tolerance) {
    rng r = rng_make(5, 5);
    for (int i = 0; i < t->n; i++) {
        const nn_tensor *row = &t->rows[i];
        double e = gradient_error(loss, arg, w + row->offset, g + row->offset, row->n, samples, step, &r);
        double size = sqrt(dot(g + row->offset, g + row->offset, row->n));
        tap_ok(e <= tolerance, "gradient of %s (length %.3g), error %.2g", row->name, size, e);
    }
}

#endif
