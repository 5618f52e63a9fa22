/* The chapters of an open video, as every container that FFmpeg knows keeps them. For remux.c, which writes them, and
 * for whoever takes them as evidence. */
#include "media/chapters.h"

#include <stdlib.h>

#include "base/err.h"
#include "media/video_inner.h"

static int by_begin(const void *a, const void *b) {
    const chapter *x = a, *y = b;
    if (x->begin_us != y->begin_us) return x->begin_us < y->begin_us ? -1 : 1;
    return x->source - y->source;
}

/* Microseconds from the first frame shown to a time of the container. */
static int64_t time_of(const video *v, int64_t ts, AVRational base) {
    return av_rescale_q(ts, base, AV_TIME_BASE_Q) - video_origin_us(v);
}

static void mend_overlaps(chapter_list *l) {
    for (size_t i = 0; i < l->n; i++) {
        chapter *c = &l->at[i];
        int64_t limit = i + 1 < l->n ? c[1].begin_us : INT64_MAX, end = c->end_us;
        if (c->end_us > limit) c->end_us = limit;
        if (c->end_us < c->begin_us) c->end_us = c->begin_us;
        c->whole = c->end_us == end;
    }
}

int chapters_read(chapter_list *out, const video *v, bk_error *err) {
    chapter_list l = { 0 };
    int code = BK_OK;
    for (unsigned i = 0; code == BK_OK && i < v->fmt->nb_chapters; i++) {
        const AVChapter *c = v->fmt->chapters[i];
        const AVDictionaryEntry *title = av_dict_get(c->metadata, "title", NULL, 0);
        chapter to = { .begin_us = time_of(v, c->start, c->time_base), .source = (int)i };
        to.end_us = c->end == AV_NOPTS_VALUE ? INT64_MAX / 2 : time_of(v, c->end, c->time_base);
        to.name = title ? title->value : NULL;
        code = chapters_add(&l, to, err);
    }
    if (code == BK_OK && l.n) qsort(l.at, l.n, sizeof *l.at, by_begin);
    mend_overlaps(&l);
    if (code == BK_OK)
        *out = l;
    else
        chapters_close(&l);
    return code;
}
