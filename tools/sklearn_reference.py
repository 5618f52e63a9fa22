#!/usr/bin/env python3
"""Reference values for the measures of seconds, from scikit-learn. Prints what tests/unit/test_metrics.c reads:

    sklearn_reference.py > tests/golden/metrics.txt

A case is a line "NAME N", a line of N probabilities, a line of N truths, a line with precision, recall, F1, average
precision and the confusion matrix (true 0 said 0, 0 1, 1 0, 1 1), a line with the number of points of the
precision-recall curve, and a line "threshold precision recall" a point (the last one, which has no threshold, left
out)."""
import warnings

import numpy as np
from sklearn.metrics import (average_precision_score, confusion_matrix, precision_recall_curve,
                             precision_recall_fscore_support)


def cases():
    g = np.random.default_rng(7)
    for name, n, share, overlap, digits in (('usual', 120, 0.3, 0.25, 6), ('ties', 200, 0.2, 0.3, 1),
                                            ('noise', 60, 0.5, 9.0, 6), ('clean', 40, 0.4, 0.02, 6),
                                            ('rare', 150, 0.02, 0.4, 2)):
        y = (g.random(n) < share).astype(int)
        y[:2] = 0, 1
        yield name, np.clip(np.where(y, 0.75, 0.25) + g.normal(0, overlap, n), 0, 1).round(digits), y
    yield 'half is positive', np.array([0.5, 0.499999, 0.5, 0.500001]), np.array([1, 1, 0, 0])
    yield 'one', np.array([0.7]), np.array([1])
    yield 'none positive', np.array([0.2, 0.9, 0.4]), np.zeros(3, int)
    yield 'none said', np.array([0.2, 0.3, 0.4]), np.array([0, 1, 0])
    yield 'all positive', np.array([0.2, 0.9, 0.4]), np.ones(3, int)


def main():
    warnings.simplefilter('ignore')
    for name, p, y in cases():
        p = p.astype(np.float32)
        said = (p >= 0.5).astype(int)
        scores = precision_recall_fscore_support(y, said, average='binary', zero_division=0)[:3]
        precision, recall, thresholds = precision_recall_curve(y, p)
        print(name.replace(' ', '-'), len(p))
        print(' '.join('%.9g' % x for x in p))
        print(' '.join(map(str, y)))
        print(' '.join('%.12g' % x for x in (*scores, average_precision_score(y, p))),
              *confusion_matrix(y, said, labels=[0, 1]).ravel())
        print(len(thresholds))
        for t, a, b in zip(thresholds, precision, recall):
            print('%.9g %.12g %.12g' % (t, a, b))


main()
