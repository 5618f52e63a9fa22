/* bk_explain: the road of bk_find with what it rests on kept, in the public form. Measures nothing of its own but the
 * pictures (api_pictures.c). */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/err.h"
#include "base/mem.h"

_Static_assert((int)BK_CLASSES == (int)MOMENTS, "the public classes are the classifier's");
_Static_assert((int)BK_BY_BLACK == (int)REFINE_BLACK && (int)BK_BY_LETTERS == (int)REFINE_LETTERS, "one order");

static const float RIVAL_SEEN = 0.03f; /* posterior mass from which a runner-up is worth pictures */

/* The public part points into the rest. */
typedef struct explanation {
    bk_explanation pub; /* first: a pointer to it is one to the whole */
    trace tr;
    float *probs; /* taken from the job */
    float *evidence;
    unsigned char *looked;
    bk_note *notes[2];
    bk_picture *pictures[2];
} explanation;

void bk_explanation_close(bk_explanation **p) {
    explanation *e = p ? (explanation *)*p : NULL;
    if (!e) return;
    for (int i = 0; i < 2; i++) {
        free(e->tr.end[i].notes);
        free(e->notes[i]);
        pictures_free(e->pictures[i], e->pub.end[i].n_pictures);
    }
    free(e->probs);
    free(e->tr.posterior);
    free(e->evidence);
    free(e->looked);
    free(e);
    *p = NULL;
}

/* ---- the curve --------------------------------------------------------------------------------------- */

static int explain_seconds(explanation *e, const job *j, bk_error *err) {
    size_t len = (size_t)j->t->len;
    bk_explanation *x = &e->pub;
    const decide_rules r = job_rules(j->m, j->opt, (int)len);
    e->looked = bk_alloc(len, 1);
    e->evidence = e->tr.posterior ? bk_alloc(len, sizeof(float)) : NULL;
    if (!e->looked || (e->tr.posterior && !e->evidence)) return bk_fail_memory(err, "an explanation");
    for (size_t s = 0; s < len; s++) {
        e->looked[s] = j->t->state[s];
        if (e->evidence) e->evidence[s] = (float)decide_evidence(e->probs[s], &r);
    }
    x->len = (int)len;
    x->probabilities = e->probs;
    x->looked = e->looked;
    x->evidence = e->evidence;
    x->limit_us[0] = (int64_t)decide_opening_limit(x->len, &r) * 1000000;
    x->limit_us[1] = (int64_t)decide_credits_from(x->len, &r) * 1000000;
    for (int i = 0; e->tr.posterior && i < 2; i++) x->posterior[i] = e->tr.posterior + (size_t)i * (len + 1);
    return BK_OK;
}

/* ---- the ends ---------------------------------------------------------------------------------------- */

/* at: the boundary on the story's side, far: the block's other end, in seconds. */
static bk_candidate candidate(const explanation *e, int end, int at, int far, float mass) {
    bk_candidate c = { .mass = mass };
    int len = e->pub.len, lo = at < far ? at : far, hi = at < far ? far : at;
    c.time_us = at >= len ? e->pub.answer.duration_us : (int64_t)at * 1000000;
    c.far_us = far >= len ? e->pub.answer.duration_us : (int64_t)far * 1000000;
    c.nothing = end == 0 ? at == 0 : at >= len;
    for (int s = lo; s < hi && s < len; s++) c.nats += (double)e->evidence[s];
    return c;
}

static void explain_decision(explanation *e, int end) {
    bk_end_explanation *x = &e->pub.end[end];
    const decide_end *d = end == 0 ? &e->tr.d.opening : &e->tr.d.credits;
    if (!e->tr.posterior) return;
    x->decided = 1;
    x->best = end == 0 ? candidate(e, end, d->end, d->begin, d->mass) : candidate(e, end, d->begin, d->end, d->mass);
    if (d->rival >= 0) x->rival = candidate(e, end, d->rival, d->rival_far, d->rival_mass);
}

static bk_note public_note(const frame_note *f) {
    bk_note n = { .time_us = f->time_us,
                  .brightness = f->mean,
                  .change = f->change,
                  .black = refine_is_black(f),
                  .looked = f->looked,
                  .titled = f->titled,
                  .outside = f->outside };
    memcpy(n.classes, f->kinds, sizeof n.classes);
    return n;
}

static int explain_notes(explanation *e, int end, bk_error *err) {
    const trace_end *t = &e->tr.end[end];
    const bk_mark *mark = end == 0 ? &e->pub.answer.start_main : &e->pub.answer.end_main;
    bk_end_explanation *x = &e->pub.end[end];
    x->mark_note = x->titles_note = -1;
    if (t->n == 0) return BK_OK;
    bk_note *notes = e->notes[end] = bk_alloc((size_t)t->n, sizeof *notes);
    if (!notes) return bk_fail_memory(err, "an explanation");
    for (int i = 0; i < t->n; i++) notes[i] = public_note(&t->notes[i]);
    x->refined = 1;
    x->notes = notes;
    x->n_notes = t->n;
    x->titles_note = t->r.titles;
    if (notes[t->r.frame].time_us == mark->time_us) { /* else the pair of marks was taken back to the second */
        x->mark_note = t->r.frame;
        x->by = (bk_by)t->r.by;
    }
    return BK_OK;
}

static int explain_pictures(explanation *e, job *j, int end, bk_error *err) {
    bk_end_explanation *x = &e->pub.end[end];
    const bk_mark *mark = end == 0 ? &e->pub.answer.start_main : &e->pub.answer.end_main;
    bool rival = x->decided && x->rival.mass > (mark->found == BK_UNSURE ? 0.0f : RIVAL_SEEN);
    int code =
        job_pictures(j, &e->pictures[end], &x->n_pictures, &e->pub.answer, end, rival ? x->rival.time_us : -1, err);
    x->pictures = e->pictures[end];
    return code;
}

/* ---- the road ---------------------------------------------------------------------------------------- */

static int explain(explanation *e, job *j, bool pictures, bk_error *err) {
    const video_info *i = video_describe(j->v);
    e->pub.width = i->width;
    e->pub.height = i->height;
    snprintf(e->pub.codec, sizeof e->pub.codec, "%s", i->codec);
    int code = explain_seconds(e, j, err);
    for (int end = 0; code == BK_OK && end < 2; end++) {
        explain_decision(e, end);
        code = explain_notes(e, end, err);
        if (code == BK_OK && pictures) code = explain_pictures(e, j, end, err);
    }
    return code;
}

int bk_explain(bk_explanation **out, const char *path, const bk_model *m, const bk_explain_options *opt,
               bk_error *err) {
    job j;
    int code = job_open(&j, path, m, opt ? &opt->find : NULL, err);
    if (code != BK_OK) return code;
    explanation *e = bk_zeros(1, sizeof *e);
    bk_explanation *p = e ? &e->pub : NULL;
    if (!e)
        code = bk_fail_memory(err, "an explanation");
    else {
        j.tr = &e->tr;
        code = job_find(&j, &e->pub.answer, err);
        e->probs = j.probs;
        j.probs = NULL;
        if (code == BK_OK) code = explain(e, &j, opt && opt->pictures, err);
    }
    if (code == BK_OK)
        *out = p;
    else
        bk_explanation_close(&p);
    job_close(&j);
    return code;
}
