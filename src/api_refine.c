/* The second forward pass: every frame of a few seconds round a mark, to find the cut, the fade, or the first or
 * last lettered frame. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/err.h"
#include "base/mem.h"
#include "find/chapters.h"

static const int64_t STORY_US = 5500000, TITLES_US = 8000000; /* looked at round the mark, on either side of it */
static const float SHOWS_TITLES = 0.5f;
enum { EVERY = 3 }; /* frames between two that the encoder sees, on the first pass */

typedef struct strip {
    frame_note *f;
    size_t n, cap;
} strip;

/* What the encoder's classifier and the lettering map say of a picture: titles, credits or a logo. */
static float titled(const float *moments, float lettered) {
    float p = moments[MOMENT_LOGO] + moments[MOMENT_TITLE] + moments[MOMENT_CREDITS];
    return lettered > 0.0f || moments[MOMENT_LOGO] > SHOWS_TITLES ? p : 0.5f * p;
}

/* Copies what the gallery saw into the notes of those frames, by time. */
static void put_looks(strip *s, const gallery *g) {
    gallery_view all = gallery_look(g);
    size_t k = 0;
    for (int i = 0; i < all.n; i++) {
        int64_t us = (int64_t)(all.seconds[i] * 1e6 + 0.5);
        while (k < s->n && s->f[k].time_us < us - 1) k++;
        if (k == s->n) break;
        s->f[k].looked = true;
        s->f[k].titled = titled(all.moments + i * MOMENTS, all.lettered[i]);
        memcpy(s->f[k].kinds, all.moments + i * MOMENTS, sizeof s->f[k].kinds);
    }
}

/* What the decision knew of the second round a time. */
static float outside(const job *j, int64_t us) {
    int64_t s = (us + 500000) / 1000000, last = j->t->len - 1;
    float p = j->probs[s < last ? s : last];
    return isnan(p) ? 0.5f : p;
}

/* Notes of all frames in [from, to). Every EVERY-th goes to the gallery. */
static int take_notes(job *j, strip *s, int64_t from_us, int64_t to_us, bk_error *err) {
    enum { N = NOTE_THUMB_W * NOTE_THUMB_H };
    uint8_t thumb[2][N];
    video_frame f;
    int more = 0;
    video_set_mode(j->v, VIDEO_ALL);
    int code = video_seek(j->v, from_us > 0 ? from_us : 0, err);
    while (code == BK_OK && (more = video_step(j->v, &f, err)) > 0 && f.time_us < to_us) {
        uint8_t *now = thumb[s->n % 2];
        code = video_luma(j->v, now, NOTE_THUMB_W, NOTE_THUMB_H, err);
        if (code != BK_OK) break;
        if (!bk_grow(&s->f, &s->cap, s->n + 1, sizeof *s->f)) return bk_fail_memory(err, "notes");
        s->f[s->n] = refine_note(f.time_us, now, s->n ? thumb[(s->n + 1) % 2] : NULL);
        s->f[s->n].outside = outside(j, f.time_us);
        if (s->n % EVERY == 0 && j->m->probe) {
            code = video_picture(j->v, gallery_slot(j->g), err);
            if (code == BK_OK) code = gallery_add(j->g, (double)f.time_us / 1e6, err);
        }
        s->n++;
        if (code == BK_OK) code = bk_tell(&j->opt->hooks, "refine", f.time_us, j->t->duration_us, err);
    }
    return code == BK_OK && more < 0 ? more : code;
}

/* Shows the encoder the frames strictly between two notes. */
static int look_between(job *j, const strip *s, int a, int b, bk_error *err) {
    int lo = a < b ? a : b, hi = a < b ? b : a;
    video_frame f;
    int more = 0;
    gallery_clear(j->g);
    int code = video_seek(j->v, s->f[lo + 1].time_us, err);
    while (code == BK_OK && (more = video_step(j->v, &f, err)) > 0 && f.time_us < s->f[hi].time_us) {
        code = video_picture(j->v, gallery_slot(j->g), err);
        if (code == BK_OK) code = gallery_add(j->g, (double)f.time_us / 1e6, err);
    }
    gallery_flush(j->g);
    return code == BK_OK && more < 0 ? more : code;
}

int job_refine(job *j, bk_mark *mark, int side, bk_error *err) {
    refine_result (*const find)(const frame_note *, int, int64_t) = side > 0 ? refine_opening : refine_credits;
    strip s = { 0 };
    gallery_clear(j->g);
    const int64_t before = side > 0 ? TITLES_US : STORY_US, after = side > 0 ? STORY_US : TITLES_US;
    int code = take_notes(j, &s, mark->time_us - before, mark->time_us + after, err);
    gallery_flush(j->g);
    if (code != BK_OK || s.n == 0) goto done;
    put_looks(&s, j->g);
    refine_result r = find(s.f, (int)s.n, mark->time_us);
    if (r.by == REFINE_LETTERS && abs(r.beyond - r.edge) > 1) {
        code = look_between(j, &s, r.edge, r.beyond, err);
        if (code != BK_OK) goto done;
        put_looks(&s, j->g);
        r = find(s.f, (int)s.n, mark->time_us);
    }
    if (r.by == REFINE_COARSE || r.by == REFINE_CUT)
        r.frame = chapters_frame(s.f, (int)s.n, r.frame, side, &j->known);
    mark->time_us = s.f[r.frame].time_us;
    if (j->tr) {
        j->tr->end[side < 0] = (trace_end){ s.f, (int)s.n, r };
        s.f = NULL;
    }
    bk_log(&j->opt->hooks, BK_LOG_DEBUG, "%s: the %s is at %.3f s, by %s", j->path, side > 0 ? "beginning" : "end",
           (double)mark->time_us / 1e6,
           (const char *const[]){ "the second", "its letters", "a cut", "black" }[r.by]);
done:
    free(s.f);
    return code;
}
