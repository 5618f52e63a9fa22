/* Measures of an answer against the truth. Seconds are judged as scikit-learn does (positive: opening or
 * credits), marks as somebody who watches does. */
#ifndef BK_LEARN_METRICS_H
#define BK_LEARN_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "bookend/bookend.h"

/* ---- seconds --------------------------------------------------------------------------------------- */

typedef struct second_scores {
    int64_t confusion[2][2];      /* [true][predicted], predicted: p >= 0.5 */
    double precision, recall, f1; /* of the positive class; 0 where it divides by nothing, as scikit-learn */
} second_scores;

/* n probabilities and truths (0 or 1). Pure. */
second_scores metrics_seconds(const float *p, const uint8_t *y, size_t n);

/* One threshold of the precision-recall curve: what is at least this probable is positive. */
typedef struct pr_point {
    double precision, recall;
    float threshold;
} pr_point;

/* The curve from the lowest threshold to the highest, one point for each distinct probability, as
 * sklearn.metrics.precision_recall_curve without its last point (1, 0). *out is the caller's (free()).
 * BK_ENOMEM. */
int metrics_curve(pr_point **out, size_t *n_out, const float *p, const uint8_t *y, size_t n, bk_error *err);
/* The area below it as sklearn.metrics.average_precision_score; 0 when nothing is positive. */
double metrics_average_precision(const pr_point *curve, size_t n);

/* ---- marks ----------------------------------------------------------------------------------------- */

typedef enum mark_verdict {
    MARK_RIGHT,  /* within 2 s */
    MARK_MISSED, /* no answer, or all was said to be story where there is something to skip */
    MARK_WRONG   /* any other */
} mark_verdict;

typedef struct mark_judgement {
    mark_verdict verdict;
    int harm;         /* over 5 s of the story are skipped */
    double error_s;   /* said - true; NaN when nothing was said */
    double skipped_s; /* of the story */
} mark_judgement;

/* side 1: the beginning of the story, -1: its end. said_s: NaN for no answer. edge_s: where the mark is when
 * there is nothing to skip, 0 or the duration. Pure. */
mark_judgement metrics_judge(double said_s, double true_s, double edge_s, int side);
/* "right", "missed", "wrong". Static string. */
const char *metrics_verdict_name(mark_verdict v);

enum { METRICS_WITHIN = 4 };
extern const double metrics_within_s[METRICS_WITHIN]; /* 0.5, 1, 2, 5 */

/* Sums over the marks of one side. */
typedef struct mark_scores {
    int n, answered, right, missed, wrong, harm, within[METRICS_WITHIN];
    double error_s, skipped_s; /* absolute errors of those answered */
} mark_scores;

void metrics_add(mark_scores *s, const mark_judgement *j);
/* Mean absolute error of the answers; NaN without any. */
double metrics_mae(const mark_scores *s);

#endif
