/* The charts of an evaluation. Each function writes STEM.svg and STEM.png. BK_EIO, BK_ENOMEM. */
#ifndef BK_LEARN_EVALUATE_PLOT_H
#define BK_LEARN_EVALUATE_PLOT_H

#include "learn/evaluate.h"
#include "learn/metrics.h"

/* The probability of every second, what is labelled as opening and credits, and the two marks. */
int evaluate_plot_episode(const char *stem, const episode *ep, const finding *f, bk_error *err);
int evaluate_plot_curve(const char *stem, const pr_point *curve, size_t n, const bk_eval_result *r, bk_error *err);
int evaluate_plot_confusion(const char *stem, const bk_eval_result *r, bk_error *err);

#endif
