/* From an answer to what a player should do: where doubt is, and within the safety that was asked for, the
 * story wins. Pure; every format but text, json and csv stands on this. */
#include <math.h>

#include "out/out.h"

static bool is_story(bk_kind kind) {
    return kind == BK_MAIN || kind == BK_POST_CREDITS;
}

static void append(out_timeline *t, bk_kind kind, int64_t begin_us, int64_t end_us, float confidence) {
    if (end_us > begin_us && t->n < BK_SEGMENTS_MAX)
        t->seg[t->n++] =
            (bk_segment){ .begin_us = begin_us, .end_us = end_us, .kind = kind, .confidence = confidence };
}

static void from_marks(out_timeline *t, const bk_answer *a) {
    const bk_mark *s = &a->start_main, *e = &a->end_main;
    int64_t begin = s->found == BK_FOUND ? s->time_us : 0;
    int64_t end = e->found == BK_FOUND ? e->time_us : a->duration_us;
    append(t, BK_OPENING, 0, begin, s->confidence);
    append(t, BK_MAIN, begin, end, fminf(s->confidence, e->confidence));
    if (e->found == BK_FOUND) append(t, BK_CREDITS, end, a->duration_us, e->confidence);
}

/* Whether segment i lies behind the story rather than before or inside it. */
static bool at_end(const out_timeline *t, int i) {
    for (int j = i + 1; j < t->n; j++)
        if (t->seg[j].kind == BK_MAIN) return false;
    for (int j = 0; j < i; j++)
        if (t->seg[j].kind == BK_MAIN) return true;
    return t->seg[i].kind == BK_CREDITS;
}

/* Gives segment i to the story, to that before it if it follows one. */
static void give_to_story(out_timeline *t, int i) {
    t->seg[i].kind = i > 0 && is_story(t->seg[i - 1].kind) ? t->seg[i - 1].kind : BK_MAIN;
}

static void doubt_is_story(out_timeline *t, const bk_answer *a) {
    for (int i = 0; i < t->n; i++) {
        const bk_mark *m = at_end(t, i) ? &a->end_main : &a->start_main;
        if (m->found == BK_UNSURE && !is_story(t->seg[i].kind)) give_to_story(t, i);
    }
}

/* A million seconds is more than any video, and far from overflow. */
static int64_t pad_us(double s) {
    return s > 0 ? llround(fmin(s, 1e6) * 1e6) : 0;
}

/* Shortens the run of skips [i, j) to [begin, end), to nothing if that is empty; the story beside it has
 * the rest. */
static void shorten(out_timeline *t, int i, int j, int64_t begin, int64_t end) {
    if (begin >= end) {
        for (int k = i; k < j; k++) give_to_story(t, k);
        return;
    }
    for (int k = i; k < j; k++) {
        bk_segment *s = &t->seg[k];
        if (s->begin_us < begin) s->begin_us = begin;
        if (s->end_us > end) s->end_us = end;
    }
    if (i > 0) t->seg[i - 1].end_us = begin;
    if (j < t->n) t->seg[j].begin_us = end;
}

static void apply_pads(out_timeline *t, const bk_report *r) {
    int64_t before = pad_us(r->pad_start_s), after = pad_us(r->pad_end_s);
    for (int i = 0, j; i < t->n; i = j + 1) {
        for (j = i; j < t->n && !is_story(t->seg[j].kind);) j++;
        if (j == i) continue;
        shorten(t, i, j, t->seg[i].begin_us + (i > 0 ? after : 0), t->seg[j - 1].end_us - (j < t->n ? before : 0));
    }
}

/* Drops what became empty and joins parts of the story that became neighbours. */
static void tidy(out_timeline *t) {
    int n = 0;
    for (int i = 0; i < t->n; i++) {
        const bk_segment s = t->seg[i];
        bk_segment *last = n ? &t->seg[n - 1] : NULL;
        if (s.end_us <= s.begin_us) continue;
        if (last && is_story(s.kind) && last->kind == s.kind)
            last->end_us = s.end_us;
        else
            t->seg[n++] = s;
    }
    t->n = n;
}

void out_timeline_make(out_timeline *out, const bk_report *r) {
    const bk_answer *a = r->answer;
    out->n = 0;
    for (int i = 0; i < a->n_segments && i < BK_SEGMENTS_MAX; i++) {
        const bk_segment *s = &a->segments[i];
        append(out, s->kind, s->begin_us, s->end_us, s->confidence);
    }
    if (a->n_segments == 0) from_marks(out, a);
    doubt_is_story(out, a);
    apply_pads(out, r);
    tidy(out);
}

out_role out_role_of(const out_timeline *t, int i) {
    bk_kind kind = t->seg[i].kind;
    if (is_story(kind)) return OUT_STORY;
    if (kind == BK_RECAP) return OUT_RECAP;
    return kind == BK_CREDITS || at_end(t, i) ? OUT_OUTRO : OUT_INTRO;
}

int out_skips(out_skip skips[BK_SEGMENTS_MAX], const bk_report *r, bool any_role) {
    out_timeline t;
    int n = 0;
    out_timeline_make(&t, r);
    for (int i = 0; i < t.n; i++) {
        const bk_segment *s = &t.seg[i];
        out_role role = out_role_of(&t, i);
        if (role == OUT_STORY) continue;
        bool touches = n && skips[n - 1].end_us == s->begin_us;
        if (touches && (any_role || skips[n - 1].role == role))
            skips[n - 1].end_us = s->end_us;
        else
            skips[n++] = (out_skip){ s->begin_us, s->end_us, role };
    }
    return n;
}

const char *out_title(const out_timeline *t, int i) {
    bool end = out_role_of(t, i) == OUT_OUTRO;
    switch (t->seg[i].kind) {
    case BK_OPENING: return "Intro";
    case BK_CREDITS: return "Credits";
    case BK_LOGO: return end ? "Closing logo" : "Opening logo";
    case BK_RECAP: return "Recap";
    case BK_TITLES: return end ? "Closing titles" : "Opening titles";
    case BK_POST_CREDITS: return "Last scene";
    default: return "Main";
    }
}
