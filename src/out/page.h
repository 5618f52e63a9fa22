/* What the parts of the pages share: page.c (a film), page_end.c and page_frames.c (one end of its story),
 * page_index.c (several films). Styles and script are in page_style.h. */
#ifndef BK_OUT_PAGE_H
#define BK_OUT_PAGE_H

#include <stdbool.h>

#include "base/text.h"
#include "bookend/explain.h"
#include "out/plot.h"

/* From the doctype to the opened body, with a skip link to #main. */
void page_open(text *t, const char *title);
/* The footer and what closes the page; script: "" for none. */
void page_close(text *t, const char *model, const char *script);

/* The drawing as a figure's inside; failed memory is left in *t. */
void page_chart(text *t, const plot *p, const char *title, const char *class);
/* "87 %" of a share. */
void page_percent(text *t, float share);
/* How sure, as a small label whose colour tells the same. */
void page_sure(text *t, const bk_mark *m);
/* Where one end of the story is, in a few words: a time, "with the film", "not sure". */
void page_where(text *t, const bk_answer *a, int end);

/* The section of one end: 0 the beginning of the story, 1 its end. */
void page_end(text *t, const bk_explanation *e, int end);

/* The frames round its boundary, or round its runner-up; nothing when there are none. */
void page_frames(text *t, const bk_explanation *e, int end, bool rival);

static inline const bk_mark *page_mark(const bk_answer *a, int end) {
    return end == 0 ? &a->start_main : &a->end_main;
}

#endif
