/* The public face of evaluation: tracks and labels to scores. */
#include <math.h>
#include <stdlib.h>

#include "api_judge.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "find/scan.h"
#include "learn/notebook_eval.h"

/* Seconds of a mark; NaN when the program does not say. */
static double said(const bk_mark *mark, double edge_s) {
    if (mark->found == BK_UNSURE) return NAN;
    return mark->found == BK_NONE ? edge_s : (double)mark->time_us / 1e6;
}

static int find_map(finding *f, float **p, const bk_model *m, const bk_track *t, pool *threads, bk_error *err) {
    bk_answer a;
    *p = bk_alloc((size_t)t->len + 1, sizeof **p);
    if (!*p) return bk_fail_memory(err, "probabilities");
    int code = scan_probabilities(*p, m, t, threads, err);
    if (code == BK_OK) code = bk_decide(&a, *p, t->len, m, BK_DECISION_MAP, err);
    if (code != BK_OK) return code;
    double edge_s = t->duration_us > 0 ? (double)t->duration_us / 1e6 : t->len;
    *f = (finding){ .p = *p,
                    .n = t->len,
                    .judged = t->len,
                    .moment_s = TRACK_SAMPLE_S,
                    .edge_s = edge_s,
                    .start_threshold = NAN,
                    .end_threshold = NAN };
    f->start_s = said(&a.start_main, 0.0);
    f->end_s = said(&a.end_main, edge_s);
    f->start_confidence = (double)a.start_main.confidence;
    f->end_confidence = (double)a.end_main.confidence;
    return BK_OK;
}

static int find_notebook(finding *f, float **p, const bk_model *m, const bk_track *t, double labelled_end_s,
                         pool *threads, bk_error *err) {
    notebook_result r;
    int n = 0, code = notebook_eval(&r, p, &n, m, t, labelled_end_s, threads, err);
    if (code != BK_OK) return code;
    int window = m->head.window, seconds = t->len < window ? t->len : t->len / window * window;
    *f = (finding){ .p = *p,
                    .n = n,
                    .judged = seconds,
                    .start_s = r.start,
                    .end_s = r.end,
                    .edge_s = n - 1,
                    .start_confidence = NAN,
                    .end_confidence = NAN,
                    .start_threshold = r.threshold_start,
                    .end_threshold = r.threshold_end };
    return BK_OK;
}

int judge_episode(evaluation *e, dataset *d, episode *ep, const bk_model *m, bk_decision how, pool *threads,
                  bk_error *err) {
    finding f;
    float *p = NULL;
    int code = dataset_load(d, ep, err);
    if (code == BK_OK)
        code = how == BK_DECISION_NOTEBOOK ? find_notebook(&f, &p, m, ep->track, ep->end_s, threads, err)
                                           : find_map(&f, &p, m, ep->track, threads, err);
    if (code == BK_OK) code = evaluation_add(e, ep, &f, err);
    free(p);
    return code;
}

/* What an evaluation keeps open; e[how] is NULL for a decision that is not asked for. */
typedef struct hearing {
    const bk_eval_options *opt;
    dataset d;
    evaluation *e[2];
    pool *p;
} hearing;

static int open_hearing(hearing *h, const bk_model *m, bool both, bk_error *err) {
    const bk_eval_options *o = h->opt;
    if (!o->out_dir) return bk_fail(err, BK_EINVAL, "the folder for the results must be given");
    text beside = { 0 };
    text_addf(&beside, "%s/notebook", o->out_dir);
    int code = text_ok(&beside) ? BK_OK : bk_fail_memory(err, "names of files");
    if (code == BK_OK) code = dataset_open(&h->d, o->labels, o->embeddings, o->shows, &o->hooks, err);
    if (code == BK_OK) code = evaluation_open(&h->e[both ? BK_DECISION_MAP : o->decision], o->out_dir, err);
    if (code == BK_OK && both) code = evaluation_open(&h->e[BK_DECISION_NOTEBOOK], text_str(&beside), err);
    if (code == BK_OK) code = pool_open(&h->p, o->threads ? o->threads : m->threads, err);
    text_close(&beside);
    return code;
}

static int hear_episode(hearing *h, episode *ep, const bk_model *m, bk_error *err) {
    int code = BK_OK;
    for (int how = BK_DECISION_MAP; how <= BK_DECISION_NOTEBOOK && code == BK_OK; how++) {
        if (!h->e[how]) continue;
        code = judge_episode(h->e[how], &h->d, ep, m, (bk_decision)how, h->p, err);
        if (code != BK_OK || !h->opt->episode) continue;
        bk_eval_episode last = evaluation_last(h->e[how]);
        last.decision = (bk_decision)how;
        h->opt->episode(h->opt->hooks.user, &last);
    }
    episode_unload(ep);
    return code;
}

static int evaluate(bk_eval_result *out[2], const bk_model *m, const bk_eval_options *opt, bk_error *err) {
    hearing h = { .opt = opt };
    evaluation *beside = NULL;
    int code = open_hearing(&h, m, out[0] && out[1], err);
    for (int i = 0; i < h.d.n && code == BK_OK; i++) {
        code = bk_tell(&opt->hooks, "evaluate", i, h.d.n, err);
        if (code == BK_OK) code = hear_episode(&h, &h.d.episodes[i], m, err);
    }
    for (int how = BK_DECISION_NOTEBOOK; how >= BK_DECISION_MAP && code == BK_OK; how--) {
        if (!h.e[how]) continue;
        code = evaluation_finish(out[how], h.e[how], m->name, beside, err);
        beside = h.e[how];
    }
    pool_close(&h.p);
    evaluation_close(&h.e[BK_DECISION_MAP]);
    evaluation_close(&h.e[BK_DECISION_NOTEBOOK]);
    dataset_close(&h.d);
    return code;
}

int bk_evaluate(bk_eval_result *out, const bk_model *m, const bk_eval_options *opt, bk_error *err) {
    if (opt->decision != BK_DECISION_MAP && opt->decision != BK_DECISION_NOTEBOOK)
        return bk_fail(err, BK_EINVAL, "decision %d does not exist", (int)opt->decision);
    bk_eval_result *to[2] = { NULL, NULL };
    to[opt->decision] = out;
    return evaluate(to, m, opt, err);
}

int bk_evaluate_both(bk_eval_result out[2], const bk_model *m, const bk_eval_options *opt, bk_error *err) {
    bk_eval_result r[2] = { 0 };
    bk_eval_result *to[2] = { &r[0], &r[1] };
    int code = evaluate(to, m, opt, err);
    for (int how = 0; how < 2 && code == BK_OK; how++) out[how] = r[how];
    return code;
}
