/* Charts of what an answer rests on: over the film, over the seconds round one boundary, and frame by frame. */
#ifndef BK_OUT_FILM_CHART_H
#define BK_OUT_FILM_CHART_H

#include "bookend/explain.h"
#include "out/plot.h"

/* Each fills a drawing whose w and h are set. */

/* The probabilities over the whole film, with what is skipped and what is story, the marks and the runners-up.
 * title: "" for none. */
void film_chart(plot *p, const bk_explanation *e, const char *title);
/* A minute and a half round the boundary of one end: probabilities, and where the posterior lies. */
void film_chart_seconds(plot *p, const bk_explanation *e, int end);
/* Every frame that was noted round the boundary: brightness, change to the frame before, titles. */
void film_chart_frames(plot *p, const bk_explanation *e, int end);

#endif
