/* Drawings as a short list of shapes, rendered by two back ends that show the same: SVG and PNG. Charts are
 * drawn on it by out/chart.h. Units are pixels, y downwards, from the upper left corner. */
#ifndef BK_OUT_PLOT_H
#define BK_OUT_PLOT_H

#include <stdbool.h>

#include "base/text.h"

typedef enum plot_kind { PLOT_FILL, PLOT_STROKE, PLOT_TEXT } plot_kind;
typedef enum plot_anchor { PLOT_START, PLOT_MIDDLE, PLOT_END } plot_anchor;

typedef struct plot_item {
    plot_kind kind;
    uint32_t color;    /* 0xRRGGBBAA */
    float width, dash; /* of a stroke; dash 0: unbroken */
    size_t first, n;   /* points: of a polygon, a line, or where a text stands (1) */
    float size;        /* of a text: its em */
    plot_anchor anchor;
    bool turned; /* text that reads upwards */
    size_t at;   /* of a text: its start in `strings`, terminated */
} plot_item;

/* Starts as { .w, .h }. Lack of memory is remembered: draw at will, plot_ok() or the writers tell. */
typedef struct plot {
    float w, h;
    plot_item *items;
    size_t n, items_cap;
    float (*points)[2];
    size_t n_points, points_cap;
    text strings;
    bool failed;
} plot;

bool plot_ok(const plot *p);
/* Frees; leaves { 0 }. */
void plot_close(plot *p);

/* A filled polygon, even-odd; a filled rectangle. */
void plot_fill(plot *p, float (*points)[2], size_t n, uint32_t color);
void plot_rect(plot *p, float x, float y, float w, float h, uint32_t color);
/* A line through n points, with round joins and ends. */
void plot_stroke(plot *p, float (*points)[2], size_t n, float width, float dash, uint32_t color);
void plot_line(plot *p, float x0, float y0, float x1, float y1, float width, float dash, uint32_t color);
/* UTF-8; (x, y) is on the baseline. */
void plot_text(plot *p, float x, float y, float size, plot_anchor anchor, bool turned, uint32_t color, const char *s);
/* How wide a text comes out, about. */
float plot_text_width(const char *s, float size);

/* Appends a whole <svg> element, fit for a file and for the inside of an HTML page. title: its accessible name. */
void plot_svg(text *out, const plot *p, const char *title);
/* A PNG (8-bit RGB on white) of w * scale by h * scale pixels; *out is the caller's (free()). BK_ENOMEM,
 * BK_EINVAL for a drawing of no or of absurd size. */
int plot_png(unsigned char **out, size_t *n, const plot *p, float scale, bk_error *err);
/* Writes STEM.svg and STEM.png (twice the pixels). BK_EIO, BK_ENOMEM. */
int plot_save(const plot *p, const char *stem, const char *title, bk_error *err);

#endif
