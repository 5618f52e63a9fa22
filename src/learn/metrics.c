/* Scores of seconds and marks. */
#include "learn/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

static const double right_s = 2.0, harm_s = 5.0;
const double metrics_within_s[METRICS_WITHIN] = { 0.5, 1.0, 2.0, 5.0 };

/* ---- seconds --------------------------------------------------------------------------------------- */

static double ratio(double a, double b) {
    return b > 0.0 ? a / b : 0.0;
}

second_scores metrics_seconds(const float *p, const uint8_t *y, size_t n) {
    second_scores s = { 0 };
    for (size_t i = 0; i < n; i++) s.confusion[y[i] != 0][p[i] >= 0.5f]++;
    double hit = (double)s.confusion[1][1], said = hit + (double)s.confusion[0][1];
    double real = hit + (double)s.confusion[1][0];
    s.precision = ratio(hit, said);
    s.recall = ratio(hit, real);
    s.f1 = ratio(2.0 * hit, said + real);
    return s;
}

typedef struct scored {
    float p;
    uint8_t y;
} scored;

static int by_falling_p(const void *a, const void *b) {
    float x = ((const scored *)a)->p, y = ((const scored *)b)->p;
    return (x < y) - (x > y);
}

int metrics_curve(pr_point **out, size_t *n_out, const float *p, const uint8_t *y, size_t n, bk_error *err) {
    scored *s = bk_alloc(n, sizeof *s);
    pr_point *curve = bk_alloc(n, sizeof *curve);
    if (!s || !curve) {
        free(s);
        free(curve);
        return bk_fail_memory(err, "the precision-recall curve");
    }
    double positives = 0, hit = 0;
    size_t points = 0;
    for (size_t i = 0; i < n; i++) {
        s[i] = (scored){ p[i], y[i] != 0 };
        positives += s[i].y;
    }
    qsort(s, n, sizeof *s, by_falling_p);
    for (size_t i = 0; i < n; i++) {
        hit += s[i].y;
        if (i + 1 < n && s[i + 1].p == s[i].p) continue;
        curve[points++] = (pr_point){ hit / (double)(i + 1), positives > 0 ? hit / positives : 1.0, s[i].p };
    }
    for (size_t i = 0; i < points / 2; i++) {
        pr_point t = curve[i];
        curve[i] = curve[points - 1 - i];
        curve[points - 1 - i] = t;
    }
    free(s);
    *out = curve;
    *n_out = points;
    return BK_OK;
}

double metrics_average_precision(const pr_point *curve, size_t n) {
    double sum = 0, positive = n ? curve[0].precision : 0;
    for (size_t i = 0; i < n && positive > 0; i++)
        sum += (curve[i].recall - (i + 1 < n ? curve[i + 1].recall : 0.0)) * curve[i].precision;
    return sum;
}

/* ---- marks ----------------------------------------------------------------------------------------- */

mark_judgement metrics_judge(double said_s, double true_s, double edge_s, int side) {
    mark_judgement j = { .verdict = MARK_MISSED, .error_s = NAN };
    if (isnan(said_s)) return j;
    j.error_s = said_s - true_s;
    j.skipped_s = fmax(0.0, side * j.error_s);
    j.harm = j.skipped_s > harm_s;
    if (fabs(j.error_s) <= right_s)
        j.verdict = MARK_RIGHT;
    else if (said_s != edge_s)
        j.verdict = MARK_WRONG;
    return j;
}

const char *metrics_verdict_name(mark_verdict v) {
    static const char *const names[] = { "right", "missed", "wrong" };
    return names[v];
}

void metrics_add(mark_scores *s, const mark_judgement *j) {
    s->n++;
    s->right += j->verdict == MARK_RIGHT;
    s->missed += j->verdict == MARK_MISSED;
    s->wrong += j->verdict == MARK_WRONG;
    s->harm += j->harm;
    s->skipped_s += j->skipped_s;
    if (isnan(j->error_s)) return;
    s->answered++;
    s->error_s += fabs(j->error_s);
    for (int k = 0; k < METRICS_WITHIN; k++) s->within[k] += fabs(j->error_s) <= metrics_within_s[k];
}

double metrics_mae(const mark_scores *s) {
    return s->answered ? s->error_s / s->answered : NAN;
}
