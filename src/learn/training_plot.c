/* Training and validation loss by epoch. */
#include "learn/training_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "out/chart.h"

static double highest(const epoch_row *history, int n) {
    double top = 0.0;
    for (int i = 0; i < n; i++) top = fmax(top, fmax(history[i].train_loss, history[i].val_loss));
    return isfinite(top) && top > 0.0 ? top * 1.08 : 1.0;
}

static void draw(plot *p, const epoch_row *history, int n, int best, double *columns) {
    double *epoch = columns, *train = columns + n, *val = columns + 2 * n;
    for (int i = 0; i < n; i++) {
        epoch[i] = i + 1;
        train[i] = history[i].train_loss;
        val[i] = history[i].val_loss;
    }
    const chart_axis across = { .lo = 1, .hi = n > 1 ? n : 2, .name = "epoch", .ticks = n < 10 ? n : 10 };
    const chart_axis up = { .lo = 0, .hi = highest(history, n), .name = "cross-entropy", .ticks = 5 };
    chart c;
    chart_open(&c, p, "Training of the head", &across, &up);
    if (best) chart_vertical(&c, best, 1, 4, CHART_QUIET);
    chart_line(&c, epoch, train, (size_t)n, 2, 0, CHART_BLUE);
    chart_line(&c, epoch, val, (size_t)n, 2, 0, CHART_ORANGE);
    if (best) chart_dot(&c, best, val[best - 1], 7, CHART_ORANGE);
    char name[40];
    snprintf(name, sizeof name, "best epoch: %d, %.4f", best, best ? val[best - 1] : 0.0);
    if (best) chart_legend(&c, name, 4, CHART_QUIET);
    chart_legend(&c, "validation", 0, CHART_ORANGE);
    chart_legend(&c, "training", 0, CHART_BLUE);
}

int training_plot(const char *stem, const epoch_row *history, int n, int best, bk_error *err) {
    plot p = { .w = 720, .h = 360 };
    double *columns = bk_alloc((size_t)n * 3 + 1, sizeof *columns);
    int code = BK_OK;
    if (columns)
        draw(&p, history, n, best, columns);
    else
        code = bk_fail_memory(err, "a chart");
    if (code == BK_OK) code = plot_save(&p, stem, "Training and validation loss by epoch", err);
    free(columns);
    plot_close(&p);
    return code;
}
