/* A small single-stroke typeface for drawings in pixels, drawn for this project: ASCII; any other character
 * becomes a box. Lengths are shares of the em. */
#ifndef BK_OUT_PLOT_FONT_H
#define BK_OUT_PLOT_FONT_H

#include <stddef.h>

/* Width of a line of UTF-8. */
float font_width(const char *s);

/* Called for each stroke of a line that starts at x = 0 on the baseline: n points, x to the right, y up. */
typedef void font_stroke_fn(void *arg, float (*points)[2], size_t n);
void font_draw(const char *s, font_stroke_fn *fn, void *arg);

#endif
