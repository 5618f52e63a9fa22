/* The second forward pass: every frame of a few seconds round a mark, to find the cut, the fade, or the first or
 * last lettered frame. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/err.h"
#include "base/mem.h"
#include "find/chapters.h"

/* Looked at round the mark, on either side of it: at first, and where that does not tell. */
typedef struct reach {
    int64_t story_us, titles_us;
} reach;
static const reach NARROW = { 2000000, 2000000 }, WIDE = { 4500000, 5500000 };
static const int64_t AT_END_US = 700000; /* a mark so near to the end of what was looked at may lie beyond */
enum { BEFORE = 1, AFTER = 2, N_THUMB = NOTE_THUMB_W * NOTE_THUMB_H };
static const float SHOWS_TITLES = 0.5f;
static const int64_t COARSE_US = 479000; /* from picture to picture on the encoder's first pass */
/* And of those that are kept for the next ones, at 24, 25 and 30 frames a second. */
static const int64_t KEPT_US = 99000;
static const int64_t KEPT_NEAR_US = 1300000; /* on either side of the mark: pictures take memory */
static const int64_t CLOSE_US = 350000;      /* and there all are kept, so that they need not be decoded again, */
static const double CLOSE_FPS = 31.0;        /* unless they are too many */
static const int64_t ROUND_US = 520000;      /* of those the encoder sees the ones so near the change */
static const int64_t OPEN_END_US = 600000;   /* titles so near to the end of what was looked at may go on beyond */
enum { PASSES = 3, STEPS = 3 };

/* Notes of the frames of some seconds, and pictures of some of them. */
typedef struct strip {
    frame_note *f;
    size_t n, cap;
    uint8_t *rgb; /* [room, h, w, 3] */
    size_t *kept; /* [n_kept] the note of each picture */
    size_t n_kept, room, picture;
    int64_t mark_us, kept_us, shown_us; /* of the last picture KEPT_US apart, and of the last one for the encoder */
    uint8_t thumb[2][N_THUMB];          /* of the last two frames, in turn */
    int turn;                           /* whose turn is next */
    bool from_start, to_end;            /* of the film */
} strip;

static void strip_begin(strip *s, int64_t mark_us) {
    const int64_t never = INT64_MIN / 2;
    memset(s, 0, sizeof *s);
    s->mark_us = mark_us;
    s->kept_us = s->shown_us = never;
}

static int strip_open(strip *s, const bk_model *m, int64_t mark_us, bk_error *err) {
    strip_begin(s, mark_us);
    if (!m->probe) return BK_OK; /* pictures tell nothing */
    s->room = (size_t)(2 * KEPT_NEAR_US / KEPT_US + 2 * CLOSE_US * (int64_t)CLOSE_FPS / 1000000) + 4;
    s->picture = (size_t)m->vit.picture_h * (size_t)m->vit.picture_w * 3;
    s->rgb = bk_alloc(s->room, s->picture);
    s->kept = bk_alloc(s->room, sizeof *s->kept);
    return s->rgb && s->kept ? BK_OK : bk_fail_memory(err, "pictures");
}

static void strip_drop_pictures(strip *s) {
    free(s->rgb);
    free(s->kept);
    s->rgb = NULL;
    s->kept = NULL;
}

static void strip_close(strip *s) {
    strip_drop_pictures(s);
    free(s->f);
}

/* Puts the notes of a strip that ends with the first frame of s before those of s. */
static int strip_put_before(strip *s, const strip *before, bk_error *err) {
    const size_t more = before->n ? before->n - 1 : 0;
    s->from_start = before->from_start;
    if (more == 0) return BK_OK;
    if (!bk_grow(&s->f, &s->cap, s->n + more, sizeof *s->f)) return bk_fail_memory(err, "notes");
    memmove(s->f + more, s->f, s->n * sizeof *s->f);
    memcpy(s->f, before->f, more * sizeof *s->f);
    s->f[more].change = before->f[more].change;
    s->n += more;
    for (size_t k = 0; k < s->n_kept; k++) s->kept[k] += more;
    return BK_OK;
}

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

/* The current frame, the last note's: shown to the encoder where that is due, and its picture kept. */
static int take_picture(looker *l, strip *s, bk_error *err) {
    const int64_t now = s->f[s->n - 1].time_us, off = llabs(now - s->mark_us);
    const bool due = off <= KEPT_NEAR_US && now - s->kept_us >= KEPT_US, show = now - s->shown_us >= COARSE_US;
    const bool keep = (due || (off <= CLOSE_US && l->j->t->fps < CLOSE_FPS)) && s->n_kept < s->room;
    if (!l->j->m->probe || (!keep && !show)) return BK_OK;
    uint8_t *to = keep ? s->rgb + s->n_kept * s->picture : gallery_slot(l->g);
    int code = video_picture(l->v, to, err);
    if (code != BK_OK) return code;
    if (keep) {
        s->kept[s->n_kept++] = s->n - 1;
        if (due) s->kept_us = now;
    }
    if (!show) return BK_OK;
    if (keep) memcpy(gallery_slot(l->g), to, s->picture);
    s->shown_us = now;
    return gallery_add(l->g, (double)now / 1e6, err);
}

/* Notes of all frames from a time on, to the first one that is not before the other. */
static int take_notes(looker *l, strip *s, int64_t from_us, int64_t to_us, bk_error *err) {
    video_frame f = { .time_us = INT64_MIN };
    int more = 0;
    video_set_mode(l->v, VIDEO_ROUGH); /* blocks do not hide a title */
    int code = video_seek(l->v, from_us > 0 ? from_us : 0, err);
    if (s->n == 0) s->from_start = from_us <= 0;
    while (code == BK_OK && f.time_us < to_us && (more = video_step(l->v, &f, err)) > 0) {
        uint8_t *now = s->thumb[s->turn];
        code = video_luma(l->v, now, NOTE_THUMB_W, NOTE_THUMB_H, err);
        if (code != BK_OK) break;
        if (!bk_grow(&s->f, &s->cap, s->n + 1, sizeof *s->f)) return bk_fail_memory(err, "notes");
        s->turn = !s->turn;
        s->f[s->n] = refine_note(f.time_us, now, s->n ? s->thumb[s->turn] : NULL);
        s->f[s->n].outside = outside(l->j, f.time_us);
        s->n++;
        code = take_picture(l, s, err);
        if (code == BK_OK) code = looker_tell(l, "refine", f.time_us, err);
    }
    s->to_end = more == 0;
    gallery_flush(l->g);
    if (code == BK_OK) put_looks(s, l->g);
    gallery_clear(l->g);
    return code == BK_OK && more < 0 ? more : code;
}

static int show_kept(looker *l, const strip *s, size_t k, bk_error *err) {
    memcpy(gallery_slot(l->g), s->rgb + k * s->picture, s->picture);
    return gallery_add(l->g, (double)s->f[s->kept[k]].time_us / 1e6, err);
}

/* Shows the encoder kept pictures near note i, KEPT_US apart, that it has not seen: 1, 0 when there are none, < 0 on
 * failure. */
static int look_round(looker *l, strip *s, int i, bk_error *err) {
    int code = BK_OK, shown = 0;
    int64_t last_us = INT64_MIN / 2;
    gallery_clear(l->g);
    for (size_t k = 0; code == BK_OK && k < s->n_kept; k++) {
        const frame_note *f = &s->f[s->kept[k]];
        if (f->time_us - last_us < KEPT_US) continue;
        last_us = f->time_us;
        if (f->looked || llabs(f->time_us - s->f[i].time_us) > ROUND_US) continue;
        code = show_kept(l, s, k, err);
        shown = 1;
    }
    gallery_flush(l->g);
    if (code == BK_OK) put_looks(s, l->g);
    return code == BK_OK ? shown : code;
}

/* Shows the encoder the frames strictly between two notes: 1, 0 where not all of them were kept, < 0 on failure. */
static int show_between(looker *l, const strip *s, size_t lo, size_t hi, bk_error *err) {
    size_t k = 0, n = hi - lo - 1;
    int code = BK_OK;
    while (k < s->n_kept && s->kept[k] <= lo) k++;
    if (k + n > s->n_kept || s->kept[k + n - 1] != hi - 1) return 0;
    for (; code == BK_OK && n > 0; k++, n--) code = show_kept(l, s, k, err);
    return code == BK_OK ? 1 : code;
}

/* The same, decoded again where need be. */
static int look_between(looker *l, const strip *s, int a, int b, bk_error *err) {
    int lo = a < b ? a : b, hi = a < b ? b : a;
    video_frame f;
    gallery_clear(l->g);
    int more = show_between(l, s, (size_t)lo, (size_t)hi, err);
    if (more != 0) {
        gallery_flush(l->g);
        return more > 0 ? BK_OK : more;
    }
    int code = video_seek(l->v, s->f[lo + 1].time_us, err);
    while (code == BK_OK && (more = video_step(l->v, &f, err)) > 0 && f.time_us < s->f[hi].time_us) {
        code = video_picture(l->v, gallery_slot(l->g), err);
        if (code == BK_OK) code = gallery_add(l->g, (double)f.time_us / 1e6, err);
    }
    gallery_flush(l->g);
    return code == BK_OK && more < 0 ? more : code;
}

/* Where the titles end, the more exactly the nearer to it. */
static int find_edge(looker *l, strip *s, int64_t mark_us, int side, refine_result *r, bk_error *err) {
    refine_result (*const find)(const frame_note *, int, int64_t) = side > 0 ? refine_opening : refine_credits;
    int more = 1;
    *r = find(s->f, (int)s->n, mark_us);
    for (int pass = 0; pass < PASSES && r->titles >= 0 && (more = look_round(l, s, r->titles, err)) > 0; pass++)
        *r = find(s->f, (int)s->n, mark_us);
    if (more < 0) return more;
    if (r->by != REFINE_LETTERS || abs(r->beyond - r->edge) <= 1) return BK_OK;
    int code = look_between(l, s, r->edge, r->beyond, err);
    if (code != BK_OK) return code;
    put_looks(s, l->g);
    *r = find(s->f, (int)s->n, mark_us);
    return BK_OK;
}

/* What is looked at round a time: [from, to]. */
typedef struct span {
    int64_t from_us, to_us;
} span;

static span span_of(int64_t at_us, int side, reach far) {
    return (span){ at_us - (side > 0 ? far.titles_us : far.story_us),
                   at_us + (side > 0 ? far.story_us : far.titles_us) };
}

/* Notes of what lies round a time, and where the titles end there. */
static int look_at(looker *l, strip *s, int64_t at_us, int side, reach far, refine_result *r, bk_error *err) {
    const span x = span_of(at_us, side, far);
    strip_close(s);
    int code = strip_open(s, l->j->m, at_us, err);
    if (code == BK_OK) code = take_notes(l, s, x.from_us, x.to_us, err);
    return code == BK_OK && s->n > 0 ? find_edge(l, s, at_us, side, r, err) : code;
}

static int look_before(looker *l, strip *s, int64_t from_us, bk_error *err) {
    strip before;
    strip_begin(&before, s->mark_us);
    int code = take_notes(l, &before, from_us, s->f[0].time_us, err);
    if (code == BK_OK) code = strip_put_before(s, &before, err);
    strip_close(&before);
    return code;
}

/* The same with more of what lies before or after. */
static int look_wider(looker *l, strip *s, int where, int side, refine_result *r, bk_error *err) {
    const span x = span_of(s->mark_us, side, WIDE);
    int code = where == BEFORE ? look_before(l, s, x.from_us, err)
                               : take_notes(l, s, s->f[s->n - 1].time_us + 1, x.to_us, err);
    return code == BK_OK ? find_edge(l, s, s->mark_us, side, r, err) : code;
}

/* Whether a time lies in the window that was asked for at that end of the film. */
static bool in_window(const job *j, int64_t us, int side) {
    const int64_t within = side > 0 ? j->opt->start_within_us : j->opt->end_within_us;
    return within <= 0 || (side > 0 ? us : j->t->duration_us - us) <= within;
}

/* Whether titles stand to the end of what was looked at, so that the story is still to come. */
static bool goes_on(const job *j, const strip *s, const refine_result *r, int side) {
    if (s->n == 0 || r->titles < 0) return false;
    const frame_note *last = &s->f[side > 0 ? s->n - 1 : 0], *edge = &s->f[r->titles];
    return llabs(last->time_us - edge->time_us) <= OPEN_END_US && in_window(j, edge->time_us, side);
}

/* Where else more of the film may tell more, BEFORE or AFTER, or 0: where the mark lies at the end of what was looked
 * at; and where no letters were seen, first on the titles' side. done: those that were looked at already. */
static int open_side(const job *j, const strip *s, int side, const refine_result *r, int done) {
    if (s->n == 0) return 0;
    const int64_t mark = s->f[r->frame].time_us;
    const bool letterless = j->m->probe && r->titles < 0;
    int open = 0, titles = side > 0 ? BEFORE : AFTER;
    if (!s->from_start && (letterless || mark - s->f[0].time_us < AT_END_US)) open |= BEFORE;
    if (!s->to_end && (letterless || s->f[s->n - 1].time_us - mark < AT_END_US)) open |= AFTER;
    open &= ~done;
    return open & titles ? titles : open;
}

static int look_until_story(looker *l, strip *s, int64_t at_us, int side, refine_result *r, bk_error *err) {
    int code = look_at(l, s, at_us, side, NARROW, r, err);
    for (int where, done = 0; code == BK_OK && (where = open_side(l->j, s, side, r, done)) != 0; done |= where)
        code = look_wider(l, s, where, side, r, err);
    for (int step = 1; step < STEPS && code == BK_OK && goes_on(l->j, s, r, side); step++)
        code = look_at(l, s, s->f[r->titles].time_us, side, WIDE, r, err);
    return code;
}

/* One end of the story. */
typedef struct edge {
    bk_mark *mark;
    int side; /* +1: of the opening, -1: of the credits */
    strip s;
    refine_result r;
} edge;

static int look_at_edge(looker *l, int item, void *arg, bk_error *err) {
    edge *e = (edge *)arg + item;
    int code = look_until_story(l, &e->s, e->mark->time_us, e->side, &e->r, err);
    strip_drop_pictures(&e->s);
    return code;
}

/* Moves the mark; the notes go to who asks for them. */
static void settle(job *j, edge *e) {
    static const char *const by[] = { "the second", "its letters", "a cut", "black" };
    char what[80];
    if (e->s.n == 0) return;
    if (e->r.by == REFINE_COARSE || e->r.by == REFINE_CUT)
        e->r.frame = chapters_frame(e->s.f, (int)e->s.n, e->r.frame, e->side, &j->known);
    e->mark->time_us = e->s.f[e->r.frame].time_us;
    snprintf(what, sizeof what, "the %s is at %.3f s, by %s", e->side > 0 ? "beginning" : "end",
             (double)e->mark->time_us / 1e6, by[e->r.by]);
    lookers_log(j, what);
    if (!j->tr) return;
    j->tr->end[e->side < 0] = (trace_end){ e->s.f, (int)e->s.n, e->r };
    e->s.f = NULL;
}

int job_refine(job *j, bk_answer *a, bk_error *err) {
    edge e[2];
    int n = 0;
    if (a->start_main.found == BK_FOUND) e[n++] = (edge){ .mark = &a->start_main, .side = 1 };
    if (a->end_main.found == BK_FOUND) e[n++] = (edge){ .mark = &a->end_main, .side = -1 };
    int code = lookers_share(j, look_at_edge, e, n, err);
    for (int i = 0; i < n; i++) {
        if (code == BK_OK) settle(j, &e[i]);
        strip_close(&e[i].s);
    }
    return code;
}
