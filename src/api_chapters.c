/* Chapters of a film joined with what was found in it, and written into it. Joins out's timeline, marks' names and
 * media's stream copy. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "marks/marks.h"
#include "media/remux.h"
#include "out/out.h"

struct bk_chapters {
    char *path;
    int64_t origin_us;
    chapter_list own, joined;
    bool anything; /* to be skipped */
};

/* The timeline as chapters, with the names that the formats give them. */
static int chapters_found(chapter_list *to, const bk_report *r, bk_error *err) {
    out_timeline line;
    int code = BK_OK;
    out_timeline_make(&line, r);
    for (int i = 0; code == BK_OK && i < line.n; i++) {
        const bk_segment *s = &line.seg[i];
        chapter c = { .begin_us = s->begin_us, .end_us = s->end_us, .source = -1 };
        char name[32];
        snprintf(name, sizeof name, "%s", out_title(&line, i));
        c.name = name;
        c.skip = out_role_of(&line, i) != OUT_STORY;
        code = chapters_add(to, c, err);
    }
    return code;
}

/* A chapter that says itself that it is to be skipped is left as its author made it. */
static void mark_skips(chapter_list *l) {
    for (size_t i = 0; i < l->n; i++) {
        mark_kind kind = mark_kind_of(l->at[i].name);
        l->at[i].skip = kind == MARK_INTRO || kind == MARK_RECAP || kind == MARK_CREDITS;
    }
}

static int join(bk_chapters *c, const bk_report *r, bk_error *err) {
    chapter_list found = { 0 };
    int code = chapters_found(&found, r, err);
    for (size_t i = 0; i < found.n; i++) c->anything = c->anything || found.at[i].skip;
    mark_skips(&c->own);
    if (code == BK_OK) code = chapters_join(&c->joined, &c->own, &found, err);
    chapters_close(&found);
    return code;
}

int bk_chapters_open(bk_chapters **out, const bk_report *r, bk_error *err) {
    const video_options small = { .threads = 1 };
    video *v = NULL;
    if (!r->answer) return bk_fail(err, BK_EINVAL, "%s: chapters of a film without an answer", r->file);
    bk_chapters *c = bk_zeros(1, sizeof *c);
    int code = c ? video_open(&v, r->file, &small, err) : bk_fail_memory(err, r->file);
    if (code == BK_OK) code = remux_can(v, r->file, err);
    if (code == BK_OK) code = chapters_read(&c->own, v, err);
    if (code == BK_OK) {
        c->origin_us = video_origin_us(v);
        c->path = strdup(r->file);
        code = c->path ? join(c, r, err) : bk_fail_memory(err, r->file);
    }
    video_close(&v);
    if (code == BK_OK)
        *out = c;
    else
        bk_chapters_close(&c);
    return code;
}

void bk_chapters_close(bk_chapters **p) {
    bk_chapters *c = *p;
    if (!c) return;
    chapters_close(&c->own);
    chapters_close(&c->joined);
    free(c->path);
    free(c);
    *p = NULL;
}

int bk_chapters_count(const bk_chapters *c) {
    return (int)c->joined.n;
}

bk_chapter bk_chapters_get(const bk_chapters *c, int i) {
    const chapter *x = &c->joined.at[i];
    return (bk_chapter){ x->begin_us, x->end_us, x->name, !x->whole };
}

int bk_chapters_pending(const bk_chapters *c) {
    return c->anything && chapters_changed(&c->joined, &c->own);
}

int bk_chapters_write(const bk_chapters *c, const bk_hooks *hooks, bk_error *err) {
    return bk_chapters_pending(c) ? remux_chapters(c->path, &c->joined, c->origin_us, hooks, err) : BK_OK;
}
