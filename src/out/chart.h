/* Charts on a drawing: two axes with a grid, series, marks, a legend, in one look. */
#ifndef BK_OUT_CHART_H
#define BK_OUT_CHART_H

#include "out/plot.h"

enum {
    CHART_INK = 0x1f2937ff,
    CHART_QUIET = 0x6b7280ff,
    CHART_GRID = 0xe5e7ebff,
    CHART_BLUE = 0x2563ebff,
    CHART_TEAL = 0x0d9488ff,
};
/* Above INT_MAX, where an enumeration may not reach. */
#define CHART_ORANGE 0xea580cffu
#define CHART_ROSE 0xe11d48ffu
/* The same color, see-through: alpha 0..255. */
#define CHART_SHEER(color, alpha) (((uint32_t)(color)&0xffffff00u) | (alpha))

typedef struct chart_axis {
    double lo, hi;
    const char *name; /* NULL: none */
    bool clock;       /* seconds, written as 1:02:03 */
    int ticks;        /* about that many; 0: none */
} chart_axis;

typedef struct chart {
    plot *p;
    float x, y, w, h; /* of the area inside the axes */
    chart_axis across, up;
    float legend; /* where its next entry goes */
} chart;

/* Fills the drawing white, writes the title, the axes and the grid. */
void chart_open(chart *out, plot *p, const char *title, const chart_axis *across, const chart_axis *up);

/* A value's place on the drawing. */
float chart_x(const chart *c, double x);
float chart_y(const chart *c, double y);

/* n points as a line, or as the area between it and the lower end of the axis. */
void chart_line(const chart *c, const double *x, const double *y, size_t n, float width, float dash, uint32_t color);
void chart_area(const chart *c, const double *x, const double *y, size_t n, uint32_t color);
/* Over the whole height or width. Nothing where the value is outside the axis. */
void chart_vertical(const chart *c, double x, float width, float dash, uint32_t color);
void chart_horizontal(const chart *c, double y, float width, float dash, uint32_t color);
/* A band over the whole height. */
void chart_band(const chart *c, double from, double to, uint32_t color);
void chart_dot(const chart *c, double x, double y, float size, uint32_t color);
/* An entry at the upper right, right of those before. */
void chart_legend(chart *c, const char *name, float dash, uint32_t color);

#endif
