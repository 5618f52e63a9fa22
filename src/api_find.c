/* bk_find and its parts: look, decide, refine, answer. Joins stages and computes nothing itself. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "api_cached.h"
#include "base/err.h"
#include "base/mem.h"
#include "find/chapters.h"
#include "find/scan.h"
#include "media/chapters.h"

_Static_assert(sizeof(decide_rules) == BUNDLE_RULES * sizeof(float), "a model file holds the rules in order");

/* Windows as the rules put them. The share is rounded up, so that its complement does not take one second more. */
static void narrow(decide_rules *r, const bk_find_options *o, int len) {
    if (o->start_within_us > 0) {
        r->opening_share = 1.0f;
        r->opening_max_s = (float)((double)o->start_within_us / 1e6);
    }
    if (o->end_within_us > 0 && len > 0)
        r->credits_share = nextafterf((float)fmax(0.0, 1.0 - (double)o->end_within_us / 1e6 / len), 2.0f);
}

decide_rules job_rules(const bk_model *m, const bk_find_options *opt, int len) {
    decide_rules r = decide_defaults();
    if (m->has_rules) memcpy(&r, m->rules, sizeof r);
    if (opt) narrow(&r, opt, len);
    return r;
}

/* ---- marks to the second ----------------------------------------------------------------------------- */

static bk_mark mark_at(int second, float confidence, bk_found found) {
    return (bk_mark){ .time_us = (int64_t)second * 1000000, .confidence = confidence, .found = found };
}

static void add_segment(bk_answer *a, int64_t begin, int64_t end, bk_kind kind, float confidence) {
    if (end > begin && a->n_segments < BK_SEGMENTS_MAX)
        a->segments[a->n_segments++] = (bk_segment){ begin, end, kind, confidence };
}

/* Story, opening, story, credits, story: whichever of them are there. opening_us: where the opening begins;
 * credits_us: where the credits end. */
static void lay_segments(bk_answer *a, int64_t opening_us, int64_t credits_us) {
    const bk_mark *s = &a->start_main, *e = &a->end_main;
    a->n_segments = 0;
    if (s->found == BK_UNSURE || e->found == BK_UNSURE) return;
    int64_t story = s->found == BK_FOUND ? s->time_us : 0, end = e->found == BK_FOUND ? e->time_us : a->duration_us;
    float both = s->confidence < e->confidence ? s->confidence : e->confidence;
    if (s->found == BK_FOUND) {
        add_segment(a, 0, opening_us, BK_MAIN, s->confidence);
        add_segment(a, opening_us, story, BK_OPENING, s->confidence);
    }
    add_segment(a, story, end, BK_MAIN, both);
    if (e->found == BK_FOUND) {
        add_segment(a, end, credits_us, BK_CREDITS, e->confidence);
        add_segment(a, credits_us, a->duration_us, BK_POST_CREDITS, e->confidence);
    }
}

static bk_found verdict(float confidence, bool something, const decide_rules *r) {
    if (confidence < r->unsure) return BK_UNSURE;
    return something ? BK_FOUND : BK_NONE;
}

static void explain(bk_answer *a, const decide_result *d, int len) {
    bool start = a->start_main.found == BK_UNSURE, end = a->end_main.found == BK_UNSURE;
    const decide_end *x = start ? &d->opening : &d->credits;
    if (!start && !end) return;
    int best = start ? x->end : x->begin, none = start ? 0 : len;
    char rival[48] = "nothing to skip";
    if (x->rival != none) snprintf(rival, sizeof rival, "%d s", x->rival);
    snprintf(a->reason, sizeof a->reason, "%s of the story is not clear: %d s (%.0f %%) or %s (%.0f %%)",
             start ? "the beginning" : "the end", best, 100.0 * (double)x->mass, rival,
             100.0 * (double)x->rival_mass);
}

static void answer_map(bk_answer *a, const decide_result *d, int len, const decide_rules *r) {
    float open = decide_confidence(d->opening.mass, r), close = decide_confidence(d->credits.mass, r);
    a->start_main = mark_at(d->opening.end, open, verdict(open, d->opening.end > 0, r));
    a->end_main = mark_at(d->credits.begin, close, verdict(close, d->credits.begin < len, r));
    if (a->end_main.found == BK_NONE || a->end_main.time_us > a->duration_us) a->end_main.time_us = a->duration_us;
    int64_t credits_us = d->credits.end >= len ? a->duration_us : (int64_t)d->credits.end * 1000000;
    explain(a, d, len);
    lay_segments(a, (int64_t)d->opening.begin * 1000000, credits_us);
}

/* The notebook's rules know no windows: a boundary outside of its window is none. */
static void drop_outside(bk_answer *a, const bk_find_options *o) {
    if (o->start_within_us > 0 && a->start_main.time_us > o->start_within_us)
        a->start_main = (bk_mark){ .confidence = a->start_main.confidence, .found = BK_NONE };
    if (o->end_within_us > 0 && a->end_main.time_us < a->duration_us - o->end_within_us) {
        a->end_main.time_us = a->duration_us;
        a->end_main.found = BK_NONE;
    }
}

static int answer_notebook(bk_answer *a, const float *probs, int len, const bk_find_options *opt, bk_error *err) {
    notebook_result n;
    float *p = bk_alloc((size_t)len, sizeof *p);
    if (!p) return bk_fail_memory(err, "the decision");
    for (int i = 0; i < len; i++) p[i] = isnan(probs[i]) ? 0.0f : probs[i];
    int code = decide_notebook(&n, p, len, NULL, err);
    free(p);
    if (code != BK_OK) return code;
    a->start_main = mark_at(n.start, 0.5f, n.start > 0 ? BK_FOUND : BK_NONE);
    a->end_main = mark_at(n.end, 0.5f, n.end < len - 1 ? BK_FOUND : BK_NONE);
    if (a->end_main.found == BK_NONE) a->end_main.time_us = a->duration_us;
    if (opt) drop_outside(a, opt);
    lay_segments(a, 0, a->duration_us);
    return BK_OK;
}

/* opt: windows, and NULL for none. bonus: see decide_map_known(). tr: NULL, or gets the posterior. */
static int decide(bk_answer *out, const float *probs, int len, int64_t duration_us, const bk_model *m,
                  bk_decision how, const bk_find_options *opt, const float *bonus, trace *tr, bk_error *err) {
    const decide_rules r = job_rules(m, opt, len);
    decide_result d;
    *out = (bk_answer){ .duration_us = duration_us };
    if (how == BK_DECISION_NOTEBOOK) return answer_notebook(out, probs, len, opt, err);
    if (tr) tr->posterior = bk_alloc(2 * ((size_t)len + 1), sizeof(float));
    if (tr && !tr->posterior) return bk_fail_memory(err, "the decision");
    int code = decide_map_known(&d, probs, len, &r, bonus, tr ? tr->posterior : NULL, err);
    if (code != BK_OK) return code;
    if (tr) tr->d = d;
    answer_map(out, &d, len, &r);
    return BK_OK;
}

int bk_decide(bk_answer *out, const float *probs, int len, const bk_model *m, bk_decision how, bk_error *err) {
    if (len <= 0) return bk_fail(err, BK_EINVAL, "no probabilities to decide on");
    return decide(out, probs, len, (int64_t)len * 1000000, m, how, NULL, NULL, NULL, err);
}

int bk_probabilities(float *probs, const bk_model *m, const bk_track *t, bk_error *err) {
    pool *p = NULL;
    int code = pool_open(&p, m->threads, err);
    if (code == BK_OK) code = scan_probabilities(probs, m, t, p, err);
    pool_close(&p);
    return code;
}

/* ---- marks to the frame ------------------------------------------------------------------------------ */

/* The last frame's time and a frame's index, from the video. */
static int number_frames(job *j, bk_answer *a, bk_error *err) {
    const video_info *i = video_describe(j->v);
    int64_t frame_us = i->fps_num ? (int64_t)1000000 * i->fps_den / i->fps_num : 40000, end;
    int code = video_frame_index(j->v, a->start_main.time_us, &a->start_main.frame, err);
    if (code != BK_OK) return code;
    if (a->end_main.found != BK_FOUND)
        return video_frame_index(j->v, a->duration_us - frame_us / 2, &a->end_main.frame, err);
    code = video_frame_index(j->v, a->end_main.time_us, &end, err);
    a->end_main.frame = end > 0 ? end - 1 : 0;
    return code;
}

static int refine_marks(job *j, bk_answer *a, bk_error *err) {
    int64_t start = a->start_main.time_us, end = a->end_main.time_us;
    if (start >= end) return number_frames(j, a, err); /* nothing but titles: no frame of the story to be found */
    int code = job_refine(j, a, err);
    if (a->start_main.time_us >= a->end_main.time_us) { /* never trade the story for exactness */
        a->start_main.time_us = start;
        a->end_main.time_us = end;
    }
    for (int i = 0; i < a->n_segments; i++) { /* the story's edges moved */
        bk_segment *s = &a->segments[i];
        if (s->begin_us == start && s->kind == BK_MAIN && start > 0) s->begin_us = a->start_main.time_us;
        if (s->end_us == start && s->kind == BK_OPENING) s->end_us = a->start_main.time_us;
        if (s->end_us == end && s->kind == BK_MAIN) s->end_us = a->end_main.time_us;
        if (s->begin_us == end && s->kind == BK_CREDITS) s->begin_us = a->end_main.time_us;
    }
    return code == BK_OK ? number_frames(j, a, err) : code;
}

/* ---- the road ---------------------------------------------------------------------------------------- */

int job_chapters(marks *to, const video *v, bk_error *err) {
    chapter_list l = { 0 };
    int code = chapters_read(&l, v, err);
    for (size_t i = 0; code == BK_OK && i < l.n; i++)
        code = marks_add(to, (marker){ l.at[i].begin_us, l.at[i].end_us, mark_kind_of(l.at[i].name) }, err);
    chapters_close(&l);
    return code;
}

static int decide_job(job *j, bk_answer *out, bk_error *err) {
    const size_t len = (size_t)j->t->len;
    float *bonus = bk_alloc(2 * (len + 1), sizeof *bonus);
    j->probs = bk_alloc(len, sizeof *j->probs);
    int code = j->probs && bonus ? BK_OK : bk_fail_memory(err, "probabilities");
    if (code == BK_OK) code = scan_probabilities(j->probs, j->m, j->t, j->p, err);
    if (code == BK_OK && !j->opt->no_chapters) code = job_chapters(&j->known, j->v, err);
    if (code == BK_OK) {
        chapters_bonus(bonus, &j->known, j->t->len);
        code = decide(out, j->probs, j->t->len, j->t->duration_us, j->m, j->opt->decision, j->opt, bonus, j->tr, err);
    }
    free(bonus);
    return code;
}

/* A model without a head can look, and cannot say. */
static void answer_headless(bk_answer *out, const job *j) {
    *out = (bk_answer){ .duration_us = j->t->duration_us };
    snprintf(out->reason, sizeof out->reason,
             "%s has no head; train one with `bookend train` and give it with --head", j->m->name);
}

int job_find(job *j, bk_answer *out, bk_error *err) {
    int code = job_track(j, j->opt->scan == BK_SCAN_FULL, err);
    if (code != BK_OK) return code;
    if (!j->m->has_head)
        answer_headless(out, j);
    else if ((code = decide_job(j, out, err)) == BK_OK)
        code = j->opt->decision == BK_DECISION_MAP ? refine_marks(j, out, err) : number_frames(j, out, err);
    out->fps = j->t->fps;
    return code;
}

/* From the video, or from its track. */
static int find(bk_answer *out, const char *path, const bk_model *m, const bk_find_options *opt, bk_error *err) {
    job j;
    bk_answer a = { 0 };
    int code = job_open(&j, path, m, opt, err);
    if (code != BK_OK) return code;
    code = job_find(&j, &a, err);
    if (code == BK_OK) *out = a;
    job_close(&j);
    return code;
}

/* The place is taken down before the video is opened: a file that grows meanwhile is another one next time. */
int bk_find(bk_answer *out, const char *path, const bk_model *m, const bk_find_options *opt, bk_error *err) {
    answer_place place = { 0 };
    char name[64];
    int code = BK_OK;
    bool kept = answer_place_open(&place, path, m->identity, opt);
    if (!kept || !answer_known(&place, out, name)) {
        code = find(out, path, m, opt, err);
        if (code == BK_OK && kept) answer_keep(&place, out, m->name, opt);
    }
    answer_place_close(&place);
    return code;
}
