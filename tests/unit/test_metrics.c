/* learn/metrics: seconds against scikit-learn's values (tools/sklearn_reference.py says what is in the file), marks
 * against a table. */
#include <string.h>

#include "learn/metrics.h"
#include "tap.h"

enum { MAX = 400 };

static void need(bool ok) {
    if (ok) return;
    printf("Bail out! tests/golden/metrics.txt is not what tools/sklearn_reference.py writes\n");
    exit(2);
}

/* The biggest distance of the curve's points from those that follow in the file. */
static double curve_error(FILE *in, const pr_point *curve, size_t n) {
    size_t points;
    double worst = 0;
    need(fscanf(in, "%zu", &points) == 1);
    for (size_t i = 0; i < points; i++) {
        double threshold, precision, recall;
        need(fscanf(in, "%lf %lf %lf", &threshold, &precision, &recall) == 3);
        if (i >= n) continue;
        worst = fmax(worst, fabs((double)curve[i].threshold - threshold));
        worst = fmax(worst, fmax(fabs(curve[i].precision - precision), fabs(curve[i].recall - recall)));
    }
    return points == n ? worst : INFINITY;
}

static void test_case(FILE *in, const char *name, size_t n) {
    float p[MAX];
    uint8_t y[MAX];
    double expect[4];
    long long confusion[4];
    pr_point *curve = NULL;
    size_t points = 0;
    for (size_t i = 0; i < n; i++) need(fscanf(in, "%f", &p[i]) == 1);
    for (size_t i = 0; i < n; i++) need(fscanf(in, "%hhu", &y[i]) == 1);
    for (int i = 0; i < 4; i++) need(fscanf(in, "%lf", &expect[i]) == 1);
    for (int i = 0; i < 4; i++) need(fscanf(in, "%lld", &confusion[i]) == 1);
    const second_scores s = metrics_seconds(p, y, n);
    tap_ok(metrics_curve(&curve, &points, p, y, n, NULL) == BK_OK, "%s: a curve", name);
    tap_near(s.precision, expect[0], 1e-9, name);
    tap_near(s.recall, expect[1], 1e-9, name);
    tap_near(s.f1, expect[2], 1e-9, name);
    tap_near(metrics_average_precision(curve, points), expect[3], 1e-9, name);
    tap_ok(s.confusion[0][0] == confusion[0] && s.confusion[0][1] == confusion[1] &&
               s.confusion[1][0] == confusion[2] && s.confusion[1][1] == confusion[3],
           "%s: confusion", name);
    tap_near(curve_error(in, curve, points), 0, 1e-6, name);
    free(curve);
}

static void test_seconds(void) {
    FILE *in = fopen("tests/golden/metrics.txt", "r");
    char name[64];
    size_t n;
    int cases = 0;
    need(in != NULL);
    while (fscanf(in, "%63s %zu", name, &n) == 2) {
        need(n <= MAX);
        test_case(in, name, n);
        cases++;
    }
    tap_ok(cases == 10, "%d cases", cases);
    fclose(in);
    pr_point *curve = NULL;
    size_t points = 7;
    tap_ok(metrics_curve(&curve, &points, NULL, NULL, 0, NULL) == BK_OK && points == 0, "no seconds, no curve");
    tap_near(metrics_average_precision(curve, 0), 0, 0, "and no area");
    free(curve);
}

static void test_marks(void) {
    static const struct {
        const char *name;
        double said, truth, edge;
        int side;
        mark_verdict verdict;
        int harm;
        double skipped;
    } cases[] = {
        { "to the second", 90, 90, 0, 1, MARK_RIGHT, 0, 0 },
        { "2 s late", 92, 90, 0, 1, MARK_RIGHT, 0, 2 },
        { "2 s early", 88, 90, 0, 1, MARK_RIGHT, 0, 0 },
        { "just too late", 92.001, 90, 0, 1, MARK_WRONG, 0, 2.001 },
        { "early does no harm", 20, 90, 0, 1, MARK_WRONG, 0, 0 },
        { "5 s of story are no harm yet", 95, 90, 0, 1, MARK_WRONG, 0, 5 },
        { "more is", 95.5, 90, 0, 1, MARK_WRONG, 1, 5.5 },
        { "an opening not seen", 0, 90, 0, 1, MARK_MISSED, 0, 0 },
        { "no opening, none said", 0, 0, 0, 1, MARK_RIGHT, 0, 0 },
        { "no opening, one said", 30, 0, 0, 1, MARK_WRONG, 1, 30 },
        { "not said", NAN, 90, 0, 1, MARK_MISSED, 0, 0 },
        { "end to the second", 1300, 1300, 1400, -1, MARK_RIGHT, 0, 0 },
        { "end early skips story", 1290, 1300, 1400, -1, MARK_WRONG, 1, 10 },
        { "end late does not", 1310, 1300, 1400, -1, MARK_WRONG, 0, 0 },
        { "credits not seen", 1400, 1300, 1400, -1, MARK_MISSED, 0, 0 },
        { "end not said", NAN, 1300, 1400, -1, MARK_MISSED, 0, 0 },
    };
    mark_scores s = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mark_judgement j = metrics_judge(cases[i].said, cases[i].truth, cases[i].edge, cases[i].side);
        tap_ok(
            j.verdict == cases[i].verdict && j.harm == cases[i].harm && fabs(j.skipped_s - cases[i].skipped) < 1e-9,
            "%s: %s, harm %d, %.3f s skipped", cases[i].name, metrics_verdict_name(j.verdict), j.harm, j.skipped_s);
        metrics_add(&s, &j);
    }
    tap_ok(s.n == 16 && s.answered == 14 && s.right == 5 && s.missed == 4 && s.wrong == 7 && s.harm == 3, "counted");
    tap_ok(s.within[0] == 3 && s.within[1] == 3 && s.within[2] == 5 && s.within[3] == 7,
           "within 0.5, 1, 2 and 5 s: %d %d %d %d", s.within[0], s.within[1], s.within[2], s.within[3]);
    tap_near(metrics_mae(&s), (2 + 2 + 2.001 + 70 + 5 + 5.5 + 90 + 30 + 10 + 10 + 100) / 14, 1e-9,
             "mean absolute error");
    tap_near(s.skipped_s, 2 + 2.001 + 5 + 5.5 + 30 + 10, 1e-9, "story skipped");
    tap_ok(isnan(metrics_mae(&(mark_scores){ 0 })), "no answers, no mean");
}

int main(void) {
    test_seconds();
    test_marks();
    return tap_done();
}
