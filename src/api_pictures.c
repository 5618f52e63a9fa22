/* Small pictures of the frames round a boundary, for people to see whether it is right: one walk over some seconds of
 * the video that is open already. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/err.h"
#include "base/mem.h"
#include "media/still.h"

enum { SHOTS_MAX = 12 };
static const int64_t JUST_BEFORE_US = 1000000; /* the frames before a boundary are sought so far back */
/* Pixels of a picture and bytes of its file: of the mark's, of the runner-up's. */
static const double AREA[2] = { 400.0 * 225.0, 288.0 * 162.0 };
static const size_t BYTES[2] = { 22000, 11000 };

typedef enum shot_kind { SHOT_AT, SHOT_SECOND_LAST, SHOT_LAST, SHOT_FIRST, SHOT_SECOND } shot_kind;

/* A frame that is wanted, and what was caught. */
typedef struct shot {
    shot_kind kind;
    int64_t offset_us; /* of SHOT_AT: from the boundary; the frame on show then */
    uint8_t *rgb;
    int64_t time_us; /* of the frame caught; -1: none yet */
} shot;

typedef struct strip {
    int64_t boundary_us; /* frames from it on lie behind it */
    int64_t window_us;   /* some frames' length */
    int w, h;
    shot shots[SHOTS_MAX]; /* in order of time */
    int n;
} strip;

/* ---- which frames ------------------------------------------------------------------------------------ */

static void want(strip *s, shot_kind kind, int64_t offset_us) {
    s->shots[s->n++] = (shot){ .kind = kind, .offset_us = offset_us, .time_us = -1 };
}

/* Five frames on each side; on the story's the boundary's own and its neighbour. */
static void plan_mark(strip *s, int end) {
    static const int64_t away[] = { 1000000, 2000000, 5000000, 10000000 };
    for (int i = end ? 2 : 3; i >= 0; i--) want(s, SHOT_AT, -away[i]);
    if (end) want(s, SHOT_SECOND_LAST, 0);
    want(s, SHOT_LAST, 0);
    want(s, SHOT_FIRST, 0);
    if (!end) want(s, SHOT_SECOND, 0);
    for (int i = 0; i < (end ? 4 : 3); i++) want(s, SHOT_AT, away[i]);
}

/* Nothing is skipped at this end: a look at its first or last minute tells whether that is right. */
static void plan_whole(strip *s, int end) {
    static const int64_t away[] = { 5000000, 10000000, 15000000, 20000000, 25000000, 30000000, 45000000, 60000000 };
    if (!end) want(s, SHOT_FIRST, 0);
    for (int i = 0; i < 8; i++) want(s, SHOT_AT, end ? -away[7 - i] : away[i]);
    if (end) want(s, SHOT_LAST, 0);
}

static void plan_rival(strip *s) {
    for (int i = 0; i < 4; i++) want(s, SHOT_AT, (const int64_t[]){ -2000000, -1000000, 1000000, 2000000 }[i]);
}

/* What bk_picture calls it. */
static int step_of(shot_kind kind, int end) {
    switch (kind) {
    case SHOT_SECOND_LAST: return -1;
    case SHOT_LAST: return end ? 0 : -1;
    case SHOT_FIRST: return end ? 1 : 0;
    case SHOT_SECOND: return 1;
    default: return 2;
    }
}

/* A size of about that many pixels in the video's shape, not above the video's own. */
static void choose_size(strip *s, const video_info *i, double area) {
    double aspect = fmin(fmax(i->aspect, 0.25), 4.0), w = sqrt(area * aspect);
    w = fmin(w, fmax((double)i->width, i->height * aspect));
    s->w = (int)fmax(round(w), 2.0);
    s->h = (int)fmax(round(w / aspect), 2.0);
}

/* ---- catching them ----------------------------------------------------------------------------------- */

static bool wanted(const strip *s, const shot *x, int64_t now) {
    int64_t at = s->boundary_us + x->offset_us;
    bool behind = now >= s->boundary_us;
    switch (x->kind) {
    case SHOT_LAST: return !behind && s->boundary_us - now <= JUST_BEFORE_US;
    case SHOT_FIRST: return behind && x->time_us < 0;
    case SHOT_SECOND: return x[-1].time_us >= 0 && now > x[-1].time_us && x->time_us < 0;
    case SHOT_AT:
        if (behind != (x->offset_us > 0)) return false;
        return now <= at ? at - now <= s->window_us : x->time_us < 0;
    default: return false; /* SHOT_SECOND_LAST is what SHOT_LAST was before */
    }
}

static int catch_frame(job *j, strip *s, int first, int last, int64_t now, bk_error *err) {
    for (int i = first; i <= last; i++) {
        shot *x = &s->shots[i];
        if (!wanted(s, x, now)) continue;
        if (x->kind == SHOT_LAST && i > 0 && x[-1].kind == SHOT_SECOND_LAST) {
            uint8_t *spare = x[-1].rgb;
            x[-1].rgb = x->rgb;
            x[-1].time_us = x->time_us;
            x->rgb = spare;
        }
        int code = video_thumbnail(j->v, x->rgb, s->w, s->h, err);
        if (code != BK_OK) return code;
        x->time_us = now;
    }
    return BK_OK;
}

/* The frames from `from` on, until all of shots [first, last] are caught or passed. */
static int walk(job *j, strip *s, int first, int last, int64_t from, bk_error *err) {
    const shot *x = &s->shots[last];
    const int64_t at = s->boundary_us + x->offset_us;
    video_frame f;
    int more = 0, code = video_seek(j->v, from > 0 ? from : 0, err);
    while (code == BK_OK && (more = video_step(j->v, &f, err)) > 0) {
        code = catch_frame(j, s, first, last, f.time_us, err);
        if (code == BK_OK) code = bk_tell(&j->opt->hooks, "pictures", f.time_us, j->t->duration_us, err);
        if (x->kind == SHOT_FIRST || x->kind == SHOT_SECOND ? x->time_us >= 0 : f.time_us > at) break;
    }
    return code == BK_OK && more < 0 ? more : code;
}

/* Shot by shot; those at the boundary in one go, since they are neighbours. */
static int walk_all(job *j, strip *s, bk_error *err) {
    int code = BK_OK;
    video_set_mode(j->v, VIDEO_ALL);
    for (int i = 0, last; code == BK_OK && i < s->n; i = last + 1) {
        bool here = s->shots[i].kind != SHOT_AT;
        for (last = i; here && last + 1 < s->n && s->shots[last + 1].kind != SHOT_AT;) last++;
        code = walk(j, s, i, last, s->boundary_us + (here ? -JUST_BEFORE_US : s->shots[i].offset_us - s->window_us),
                    err);
    }
    return code;
}

/* ---- to the public form ------------------------------------------------------------------------------ */

/* The same frame twice, as in slow films, tells nothing: the one whose place is exact stays. */
static bool is_double(const strip *s, int i) {
    for (int k = 0; k < s->n; k++) {
        const shot *a = &s->shots[i], *b = &s->shots[k];
        if (k != i && a->time_us == b->time_us && a->kind == SHOT_AT && (b->kind != SHOT_AT || k < i)) return true;
    }
    return false;
}

static int develop(job *j, bk_picture *to, const strip *s, const shot *x, int end, bool rival, bk_error *err) {
    uint8_t *jpeg = NULL;
    bk_picture p = { .time_us = x->time_us,
                     .step = step_of(x->kind, end),
                     .offset_us = x->offset_us,
                     .rival = rival,
                     .story = (x->time_us < s->boundary_us) == (end == 1),
                     .width = s->w,
                     .height = s->h };
    int code = video_frame_index(j->v, x->time_us, &p.frame, err);
    if (code == BK_OK) code = still_jpeg(&jpeg, &p.size, x->rgb, s->w, s->h, BYTES[rival], j->path, err);
    p.jpeg = jpeg;
    if (code == BK_OK) *to = p;
    return code;
}

static int take(job *j, bk_picture *to, int *n, int64_t boundary_us, int end, bool rival, bool whole, bk_error *err) {
    strip s = { .boundary_us = boundary_us };
    s.window_us = j->t->fps > 0.0 ? (int64_t)(2.5e6 / j->t->fps) : 100000;
    if (rival)
        plan_rival(&s);
    else if (whole)
        plan_whole(&s, end);
    else
        plan_mark(&s, end);
    choose_size(&s, video_describe(j->v), AREA[rival]);
    int code = BK_OK;
    for (int i = 0; i < s.n; i++)
        if (!(s.shots[i].rgb = bk_alloc((size_t)s.w * (size_t)s.h, 3))) code = bk_fail_memory(err, "pictures");
    if (code == BK_OK) code = walk_all(j, &s, err);
    for (int i = 0; code == BK_OK && i < s.n; i++) {
        if (s.shots[i].time_us < 0 || is_double(&s, i)) continue;
        code = develop(j, &to[*n], &s, &s.shots[i], end, rival, err);
        if (code == BK_OK) ++*n;
    }
    for (int i = 0; i < s.n; i++) free(s.shots[i].rgb);
    return code;
}

void pictures_free(bk_picture *p, int n) {
    for (int i = 0; i < n; i++) free((void *)(uintptr_t)p[i].jpeg);
    free(p);
}

int job_pictures(job *j, bk_picture **out, int *n, const bk_answer *a, int end, int64_t rival_us, bk_error *err) {
    const bk_mark *mark = end == 0 ? &a->start_main : &a->end_main;
    bk_picture *p = bk_zeros(2 * SHOTS_MAX, sizeof *p);
    int count = 0, code = p ? BK_OK : bk_fail_memory(err, "pictures");
    if (code == BK_OK) code = take(j, p, &count, mark->time_us, end, false, mark->found == BK_NONE, err);
    if (code == BK_OK && rival_us >= 0) code = take(j, p, &count, rival_us, end, true, false, err);
    if (code != BK_OK) {
        pictures_free(p, count);
        return code;
    }
    *out = p;
    *n = count;
    return BK_OK;
}
