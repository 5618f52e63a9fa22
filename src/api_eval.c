/* The public face of evaluation: tracks and labels to scores. */
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "find/scan.h"
#include "learn/evaluate.h"
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

static int judge(evaluation *e, dataset *d, episode *ep, const bk_model *m, bk_decision how, pool *threads,
                 bk_error *err) {
    finding f;
    float *p = NULL;
    int code = dataset_load(d, ep, err);
    if (code == BK_OK)
        code = how == BK_DECISION_NOTEBOOK ? find_notebook(&f, &p, m, ep->track, ep->end_s, threads, err)
                                           : find_map(&f, &p, m, ep->track, threads, err);
    if (code == BK_OK) code = evaluation_add(e, ep, &f, err);
    episode_unload(ep);
    free(p);
    return code;
}

int bk_evaluate(bk_eval_result *out, const bk_model *m, const bk_eval_options *opt, bk_error *err) {
    dataset d = { 0 };
    evaluation *e = NULL;
    pool *p = NULL;
    int code = dataset_open(&d, opt->labels, opt->embeddings, opt->shows, &opt->hooks, err);
    if (code == BK_OK) code = evaluation_open(&e, opt->out_dir, err);
    if (code == BK_OK) code = pool_open(&p, opt->threads ? opt->threads : m->threads, err);
    for (int i = 0; i < d.n && code == BK_OK; i++) {
        code = bk_tell(&opt->hooks, "evaluate", i, d.n, err);
        if (code == BK_OK) code = judge(e, &d, &d.episodes[i], m, opt->decision, p, err);
    }
    if (code == BK_OK) code = evaluation_finish(out, e, m->name, err);
    pool_close(&p);
    evaluation_close(&e);
    dataset_close(&d);
    return code;
}
