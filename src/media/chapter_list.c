/* Lists of chapters: keeping them, and joining a file's own with those that were found. Pure; chapters.c reads. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "media/chapters.h"

int chapters_add(chapter_list *l, chapter c, bk_error *err) {
    c.name = strdup(c.name ? c.name : "");
    if (c.name && bk_grow(&l->at, &l->cap, l->n + 1, sizeof *l->at)) {
        l->at[l->n++] = c;
        return BK_OK;
    }
    free(c.name);
    return bk_fail_memory(err, "chapters");
}

void chapters_close(chapter_list *l) {
    for (size_t i = 0; i < l->n; i++) free(l->at[i].name);
    free(l->at);
    *l = (chapter_list){ 0 };
}

static bool near(int64_t a, int64_t b) {
    return llabs(a - b) <= CHAPTERS_NEAR_US;
}

/* The found chapter in which a moment lies; the last one for what lies behind all. */
static const chapter *found_at(const chapter_list *found, int64_t us) {
    size_t i = 0;
    while (i + 1 < found->n && found->at[i].end_us <= us) i++;
    return &found->at[i];
}

/* The next found boundary after `from` that parts [from, end); end when there is none. */
static int64_t next_cut(const chapter_list *found, const chapter *c, int64_t from) {
    for (size_t i = 1; i < found->n; i++) {
        int64_t b = found->at[i].begin_us;
        if (b > from && b < c->end_us && !near(b, c->begin_us) && !near(b, c->end_us)) return b;
    }
    return c->end_us;
}

static bool holds_story(const chapter_list *found, const chapter *c) {
    for (int64_t a = c->begin_us; a < c->end_us;) {
        int64_t b = next_cut(found, c, a);
        if (!found_at(found, a + (b - a) / 2)->skip) return true;
        a = b;
    }
    return false;
}

/* A chapter of the file, parted where something found begins or ends within. */
static int add_parts(chapter_list *out, const chapter_list *found, const chapter *c, bk_error *err) {
    bool keep = c->skip || !found->n || next_cut(found, c, c->begin_us) == c->end_us || !holds_story(found, c);
    if (keep) return chapters_add(out, *c, err);
    int code = BK_OK;
    for (int64_t a = c->begin_us, b; code == BK_OK && a < c->end_us; a = b) {
        b = next_cut(found, c, a);
        const chapter *f = found_at(found, a + (b - a) / 2);
        chapter part = { .begin_us = a, .end_us = b, .name = f->skip ? f->name : c->name, .skip = f->skip };
        part.source = f->skip ? -1 : c->source;
        code = chapters_add(out, part, err);
    }
    return code;
}

/* What was found within [from, to), where the file has no chapter. */
static int add_gap(chapter_list *out, const chapter_list *found, int64_t from, int64_t to, bk_error *err) {
    int code = BK_OK;
    for (size_t i = 0; code == BK_OK && i < found->n; i++) {
        chapter c = found->at[i];
        if (c.begin_us < from) c.begin_us = from;
        if (c.end_us > to) c.end_us = to;
        c.source = -1;
        c.whole = false;
        if (c.end_us > c.begin_us &&
            !(near(c.begin_us, c.end_us) && found->at[i].end_us - found->at[i].begin_us > c.end_us - c.begin_us))
            code = chapters_add(out, c, err);
    }
    return code;
}

int chapters_join(chapter_list *out, const chapter_list *file, const chapter_list *found, bk_error *err) {
    chapter_list l = { 0 };
    int64_t at = INT64_MIN;
    int code = BK_OK;
    for (size_t i = 0; code == BK_OK && i < file->n; i++) {
        if (file->at[i].begin_us > at) code = add_gap(&l, found, at, file->at[i].begin_us, err);
        if (code == BK_OK) code = add_parts(&l, found, &file->at[i], err);
        at = file->at[i].end_us;
    }
    if (code == BK_OK) code = add_gap(&l, found, at, INT64_MAX, err);
    if (code == BK_OK)
        *out = l;
    else
        chapters_close(&l);
    return code;
}

bool chapters_changed(const chapter_list *joined, const chapter_list *file) {
    bool same = joined->n == file->n;
    for (size_t i = 0; same && i < joined->n; i++) same = joined->at[i].whole;
    return !same;
}
