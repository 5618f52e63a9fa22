/* The charts of an evaluation. */
#include "learn/evaluate_plot.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "out/chart.h"

/* Draws the probabilities run by run, since seconds that were not looked at have none. x, y have room for n. */
static void draw_probabilities(chart *c, const finding *f, double *x, double *y) {
    int n = 0;
    for (int t = 0; t <= f->n; t++) {
        if (t < f->n && !isnan(f->p[t])) {
            x[n] = t + 0.5;
            y[n++] = (double)f->p[t];
        } else if (n) {
            chart_area(c, x, y, (size_t)n, CHART_SHEER(CHART_BLUE, 40));
            chart_line(c, x, y, (size_t)n, 1.5f, 0, CHART_BLUE);
            n = 0;
        }
    }
}

/* From right to left. */
static void draw_legend(chart *c, const finding *f) {
    bool thresholds = !isnan(f->start_threshold);
    if (thresholds) {
        chart_legend(c, "threshold of the end", 3, CHART_ROSE);
        chart_legend(c, "threshold of the start", 5, CHART_ORANGE);
    }
    chart_legend(c, "end found", 0, CHART_ROSE);
    chart_legend(c, "start found", 0, CHART_ORANGE);
    chart_legend(c, "labelled", 3, CHART_INK);
    chart_legend(c, "p(t)", 0, CHART_BLUE);
}

static void draw_episode(plot *p, const episode *ep, const finding *f, double *spare) {
    const chart_axis across = { .hi = f->n > 1 ? f->n : 1, .clock = true, .ticks = 12 };
    const chart_axis up = { .hi = 1, .ticks = 4, .name = "p(opening, credits)" };
    chart c;
    chart_open(&c, p, ep->name, &across, &up);
    chart_band(&c, 0, ep->start_s, CHART_SHEER(CHART_TEAL, 34));
    chart_band(&c, ep->end_s, f->n, CHART_SHEER(CHART_TEAL, 34));
    draw_probabilities(&c, f, spare, spare + f->n);
    chart_horizontal(&c, f->start_threshold, 1.5f, 5, CHART_ORANGE);
    chart_horizontal(&c, f->end_threshold, 1.5f, 3, CHART_ROSE);
    chart_vertical(&c, ep->start_s, 1.5f, 3, CHART_INK);
    chart_vertical(&c, ep->end_s, 1.5f, 3, CHART_INK);
    chart_vertical(&c, f->start_s, 2, 0, CHART_ORANGE);
    chart_vertical(&c, f->end_s, 2, 0, CHART_ROSE);
    draw_legend(&c, f);
}

int evaluate_plot_episode(const char *stem, const episode *ep, const finding *f, bk_error *err) {
    plot p = { .w = 1080, .h = 230 };
    double *spare = bk_alloc((size_t)f->n * 2 + 1, sizeof *spare);
    int code = BK_OK;
    if (spare)
        draw_episode(&p, ep, f, spare);
    else
        code = bk_fail_memory(err, "a chart");
    if (code == BK_OK) code = plot_save(&p, stem, ep->name, err);
    free(spare);
    plot_close(&p);
    return code;
}

/* ---- precision and recall -------------------------------------------------------------------------- */

enum { CURVE_POINTS = 1200 };

int evaluate_plot_curve(const char *stem, const pr_point *curve, size_t n, const bk_eval_result *r, bk_error *err) {
    static const chart_axis across = { .hi = 1, .ticks = 5, .name = "recall" };
    static const chart_axis up = { .hi = 1, .ticks = 5, .name = "precision" };
    plot p = { .w = 520, .h = 480 };
    size_t step = n / CURVE_POINTS + 1, count = 0;
    double *recall = bk_alloc(2 * (n / step + 3), sizeof *recall), *precision = recall + n / step + 3;
    if (!recall) return bk_fail_memory(err, "a chart");
    for (size_t i = 0; i < n; i += step) {
        recall[count] = curve[i].recall;
        precision[count++] = curve[i].precision;
    }
    recall[count] = 0.0;
    precision[count++] = 1.0;
    char title[80];
    snprintf(title, sizeof title, "Seconds of opening and credits: average precision %.3f", r->average_precision);
    chart c;
    chart_open(&c, &p, title, &across, &up);
    chart_area(&c, recall, precision, count, CHART_SHEER(CHART_BLUE, 30));
    chart_line(&c, recall, precision, count, 2, 0, CHART_BLUE);
    chart_dot(&c, r->recall, r->precision, 8, CHART_ORANGE);
    snprintf(title, sizeof title, "p = 0.5: precision %.3f, recall %.3f", r->precision, r->recall);
    plot_text(&p, c.x + 16, c.y + c.h - 16, 12, PLOT_START, false, CHART_ORANGE, title);
    int code = plot_save(&p, stem, "Precision and recall of seconds", err);
    free(recall);
    plot_close(&p);
    return code;
}

/* ---- confusion ------------------------------------------------------------------------------------- */

static void draw_cell(plot *p, int truth, int said, const bk_eval_result *r) {
    enum { LEFT = 130, TOP = 70, SIDE = 120 };
    double row = (double)(r->confusion[truth][0] + r->confusion[truth][1]);
    double share = row > 0 ? (double)r->confusion[truth][said] / row : 0.0;
    float x = LEFT + (float)said * SIDE, y = TOP + (float)truth * SIDE;
    char s[40];
    uint32_t ink = share > 0.5 ? 0xffffffff : (uint32_t)CHART_INK;
    plot_rect(p, x, y, SIDE - 3, SIDE - 3,
              CHART_SHEER(truth == said ? CHART_BLUE : CHART_ORANGE, (uint32_t)(25 + share * 230)));
    snprintf(s, sizeof s, "%lld", (long long)r->confusion[truth][said]);
    plot_text(p, x + SIDE / 2, y + SIDE / 2, 17, PLOT_MIDDLE, false, ink, s);
    snprintf(s, sizeof s, "%.1f %%", 100.0 * share);
    plot_text(p, x + SIDE / 2, y + SIDE / 2 + 20, 11, PLOT_MIDDLE, false, ink, s);
}

int evaluate_plot_confusion(const char *stem, const bk_eval_result *r, bk_error *err) {
    plot p = { .w = 400, .h = 340 };
    plot_rect(&p, 0, 0, p.w, p.h, 0xffffffff);
    plot_text(&p, 20, 28, 14, PLOT_START, false, CHART_INK, "Seconds: labelled and found");
    for (int truth = 0; truth < 2; truth++) {
        const char *name = truth ? "ends" : "story";
        char found[24];
        snprintf(found, sizeof found, "found: %s", name);
        plot_text(&p, 190 + 120 * (float)truth, 60, 11, PLOT_MIDDLE, false, CHART_QUIET, found);
        snprintf(found, sizeof found, "labelled: %s", name);
        plot_text(&p, 120, 134 + 120 * (float)truth, 11, PLOT_END, false, CHART_QUIET, found);
        for (int said = 0; said < 2; said++) draw_cell(&p, truth, said, r);
    }
    int code = plot_save(&p, stem, "Confusion matrix of seconds", err);
    plot_close(&p);
    return code;
}
