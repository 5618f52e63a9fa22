/* The course of a training run as a chart. */
#ifndef BK_LEARN_TRAINING_PLOT_H
#define BK_LEARN_TRAINING_PLOT_H

#include "learn/head_state.h"

/* STEM.svg and STEM.png of n epochs; best from 1. BK_EIO, BK_ENOMEM. */
int training_plot(const char *stem, const epoch_row *history, int n, int best, bk_error *err);

#endif
