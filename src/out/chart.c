/* Charts: nice ticks, grid, series. */
#include "out/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { LEFT = 58, RIGHT = 20, TOP = 44, BOTTOM = 46, SMALL = 11, TITLE = 14 };

/* ---- ticks ----------------------------------------------------------------------------------------- */

static double clock_step(double least) {
    static const double steps[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600 };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] >= least) return steps[i];
    return ceil(least / 3600.0) * 3600.0;
}

static double plain_step(double least) {
    double power = pow(10.0, floor(log10(least))), share = least / power;
    return power * (share <= 1.0 ? 1.0 : share <= 2.0 ? 2.0 : share <= 5.0 ? 5.0 : 10.0);
}

static double step_of(const chart_axis *a) {
    double least = (a->hi - a->lo) / a->ticks;
    return a->clock ? clock_step(least) : plain_step(least);
}

static void tick_text(text *t, const chart_axis *a, double value, double step) {
    text_clear(t);
    if (a->clock) {
        long s = lrint(value);
        if (s >= 3600)
            text_addf(t, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
        else
            text_addf(t, "%ld:%02ld", s / 60, s % 60);
        return;
    }
    int decimals = (int)ceil(-log10(step) - 1e-9);
    text_add_number(t, fabs(value) < step * 1e-6 ? 0.0 : value, decimals > 0 ? decimals : 0);
}

static void draw_ticks(const chart *c, const chart_axis *a, bool across) {
    if (a->ticks < 1 || !(a->hi > a->lo)) return;
    double step = step_of(a);
    text t = { 0 };
    for (double i = ceil(a->lo / step - 1e-9); i * step <= a->hi + step * 1e-6; i++) {
        tick_text(&t, a, i * step, step);
        if (across) {
            float x = chart_x(c, i * step);
            plot_line(c->p, x, c->y, x, c->y + c->h, 1, 0, CHART_GRID);
            plot_text(c->p, x, c->y + c->h + 16, SMALL, PLOT_MIDDLE, false, CHART_QUIET, text_str(&t));
        } else {
            float y = chart_y(c, i * step);
            plot_line(c->p, c->x, y, c->x + c->w, y, 1, 0, CHART_GRID);
            plot_text(c->p, c->x - 8, y + 4, SMALL, PLOT_END, false, CHART_QUIET, text_str(&t));
        }
    }
    text_close(&t);
}

/* ---- the frame ------------------------------------------------------------------------------------- */

float chart_x(const chart *c, double x) {
    return c->x + c->w * (float)((x - c->across.lo) / (c->across.hi - c->across.lo));
}

float chart_y(const chart *c, double y) {
    return c->y + c->h * (float)(1.0 - (y - c->up.lo) / (c->up.hi - c->up.lo));
}

void chart_open(chart *out, plot *p, const char *title, const chart_axis *across, const chart_axis *up) {
    chart c = { .p = p, .x = LEFT, .y = TOP, .w = p->w - LEFT - RIGHT, .h = p->h - TOP - BOTTOM };
    c.across = *across;
    c.up = *up;
    c.legend = c.x + c.w;
    plot_rect(p, 0, 0, p->w, p->h, 0xffffffff);
    plot_text(p, c.x, 26, TITLE, PLOT_START, false, CHART_INK, title);
    draw_ticks(&c, across, true);
    draw_ticks(&c, up, false);
    plot_line(p, c.x, c.y + c.h, c.x + c.w, c.y + c.h, 1, 0, CHART_QUIET);
    if (across->name) plot_text(p, c.x + c.w / 2, p->h - 10, SMALL, PLOT_MIDDLE, false, CHART_QUIET, across->name);
    if (up->name) plot_text(p, 15, c.y + c.h / 2, SMALL, PLOT_MIDDLE, true, CHART_QUIET, up->name);
    *out = c;
}

/* ---- series ---------------------------------------------------------------------------------------- */

/* The points on the drawing, kept inside the axes; room for two more. NULL: out of memory. */
static float (*place(const chart *c, const double *x, const double *y, size_t n))[2] {
    float(*to)[2] = bk_alloc(n + 2, sizeof *to);
    if (!to) c->p->failed = true;
    for (size_t i = 0; to && i < n; i++) {
        to[i][0] = chart_x(c, fmin(fmax(x[i], c->across.lo), c->across.hi));
        to[i][1] = chart_y(c, fmin(fmax(y[i], c->up.lo), c->up.hi));
    }
    return to;
}

void chart_line(const chart *c, const double *x, const double *y, size_t n, float width, float dash, uint32_t color) {
    float(*points)[2] = place(c, x, y, n);
    if (points) plot_stroke(c->p, points, n, width, dash, color);
    free(points);
}

void chart_area(const chart *c, const double *x, const double *y, size_t n, uint32_t color) {
    float(*points)[2] = place(c, x, y, n);
    if (points && n) {
        points[n][0] = points[n - 1][0];
        points[n + 1][0] = points[0][0];
        points[n][1] = points[n + 1][1] = c->y + c->h;
        plot_fill(c->p, points, n + 2, color);
    }
    free(points);
}

void chart_vertical(const chart *c, double x, float width, float dash, uint32_t color) {
    if (!(x >= c->across.lo && x <= c->across.hi)) return;
    plot_line(c->p, chart_x(c, x), c->y, chart_x(c, x), c->y + c->h, width, dash, color);
}

void chart_horizontal(const chart *c, double y, float width, float dash, uint32_t color) {
    if (!(y >= c->up.lo && y <= c->up.hi)) return;
    plot_line(c->p, c->x, chart_y(c, y), c->x + c->w, chart_y(c, y), width, dash, color);
}

void chart_band(const chart *c, double from, double to, uint32_t color) {
    double a = fmax(from, c->across.lo), b = fmin(to, c->across.hi);
    if (a < b) plot_rect(c->p, chart_x(c, a), c->y, chart_x(c, b) - chart_x(c, a), c->h, color);
}

void chart_dot(const chart *c, double x, double y, float size, uint32_t color) {
    plot_line(c->p, chart_x(c, x), chart_y(c, y), chart_x(c, x), chart_y(c, y), size, 0, color);
}

void chart_legend(chart *c, const char *name, float dash, uint32_t color) {
    float x = c->legend - plot_text_width(name, SMALL);
    plot_text(c->p, x, 26, SMALL, PLOT_START, false, CHART_INK, name);
    plot_line(c->p, x - 24, 22, x - 7, 22, 2, dash, color);
    c->legend = x - 38;
}
