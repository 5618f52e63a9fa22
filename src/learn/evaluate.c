/* Keeps the score of an evaluation and writes its tables. */
#include "learn/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "learn/evaluate_plot.h"
#include "learn/metrics.h"
#include "store/csv.h"
#include "store/npy.h"

struct evaluation {
    char *folder; /* NULL: nothing is written */
    bk_eval_episode last;
    bk_eval_result result; /* once finished */
    mark_scores start, end;
    int episodes;
    text table; /* episodes.csv */
    float *p;   /* all judged seconds */
    uint8_t *y;
    size_t n, p_cap, y_cap;
};

static const char header[] = "episode,show,seconds,start_true,start_said,start_error,start_verdict,start_confidence,"
                             "end_true,end_said,end_error,end_verdict,end_confidence,story_skipped\n";

int evaluation_open(evaluation **out, const char *folder, bk_error *err) {
    evaluation *e = bk_zeros(1, sizeof *e);
    int code = e ? BK_OK : bk_fail_memory(err, "the evaluation");
    if (e && folder) {
        e->folder = strdup(folder);
        code = e->folder ? file_make_folders(folder, err) : bk_fail_memory(err, "the evaluation");
    }
    if (e) text_add(&e->table, header);
    if (code == BK_OK)
        *out = e;
    else
        evaluation_close(&e);
    return code;
}

void evaluation_close(evaluation **ep) {
    evaluation *e = *ep;
    if (!e) return;
    free(e->folder);
    text_close(&e->table);
    free(e->p);
    free(e->y);
    free(e);
    *ep = NULL;
}

/* ---- one episode ----------------------------------------------------------------------------------- */

/* A number, or nothing where there is none. */
static void add_cell(text *t, double x, int decimals) {
    if (isfinite(x)) text_add_number(t, x, decimals);
}

static void add_mark_cells(text *t, double truth, double said, const mark_judgement *j, double confidence) {
    text_add(t, ",");
    add_cell(t, truth, 3);
    text_add(t, ",");
    add_cell(t, said, 3);
    text_add(t, ",");
    add_cell(t, j->error_s, 3);
    text_addf(t, ",%s,", metrics_verdict_name(j->verdict));
    add_cell(t, confidence, 4);
}

static void score_marks(evaluation *e, const episode *ep, const finding *f) {
    mark_judgement start = metrics_judge(f->start_s, ep->start_s, 0.0, 1);
    mark_judgement end = metrics_judge(f->end_s, ep->end_s, f->edge_s, -1);
    metrics_add(&e->start, &start);
    metrics_add(&e->end, &end);
    e->last = (bk_eval_episode){ .name = ep->name,
                                 .start_true_s = ep->start_s,
                                 .start_s = f->start_s,
                                 .end_true_s = ep->end_s,
                                 .end_s = f->end_s,
                                 .start_verdict = metrics_verdict_name(start.verdict),
                                 .end_verdict = metrics_verdict_name(end.verdict) };
    csv_add_field(&e->table, ep->name);
    text_add(&e->table, ",");
    csv_add_field(&e->table, ep->show);
    text_addf(&e->table, ",%d", f->judged);
    add_mark_cells(&e->table, ep->start_s, f->start_s, &start, f->start_confidence);
    add_mark_cells(&e->table, ep->end_s, f->end_s, &end, f->end_confidence);
    text_add(&e->table, ",");
    add_cell(&e->table, start.skipped_s + end.skipped_s, 3);
    text_add(&e->table, "\n");
}

static int keep_seconds(evaluation *e, const episode *ep, const finding *f, bk_error *err) {
    size_t need = e->n + (size_t)f->judged;
    if (!bk_grow(&e->p, &e->p_cap, need, sizeof *e->p) || !bk_grow(&e->y, &e->y_cap, need, sizeof *e->y))
        return bk_fail_memory(err, "the probabilities of all episodes");
    for (int t = 0; t < f->judged; t++) {
        if (isnan(f->p[t])) continue;
        e->p[e->n] = f->p[t];
        e->y[e->n++] = (uint8_t)episode_truth(ep, t + f->moment_s);
    }
    return BK_OK;
}

/* FOLDER/PREFIXNAMEENDING */
static void name_file(text *t, const evaluation *e, const char *prefix, const char *name, const char *ending) {
    text_clear(t);
    text_addf(t, "%s/%s%s%s", e->folder, prefix, name, ending);
}

bk_eval_episode evaluation_last(const evaluation *e) {
    return e->last;
}

/* The episode's .npy and its chart. */
static int save_episode(const evaluation *e, const episode *ep, const finding *f, bk_error *err) {
    text path = { 0 };
    const size_t shape[] = { (size_t)f->n };
    const array a = array_of_floats("", f->p, 1, shape);
    int code = BK_OK;
    name_file(&path, e, "p_video_", ep->name, ".npy");
    if (code == BK_OK) code = text_ok(&path) ? npy_save(path.s, &a, err) : bk_fail_memory(err, "names of files");
    name_file(&path, e, "plot_", ep->name, "");
    if (code == BK_OK)
        code = text_ok(&path) ? evaluate_plot_episode(path.s, ep, f, err) : bk_fail_memory(err, "names of files");
    text_close(&path);
    return code;
}

int evaluation_add(evaluation *e, const episode *ep, const finding *f, bk_error *err) {
    e->episodes++;
    score_marks(e, ep, f);
    int code = keep_seconds(e, ep, f, err);
    return code == BK_OK && e->folder ? save_episode(e, ep, f, err) : code;
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static bk_eval_result sum_up(const evaluation *e, double average_precision) {
    const second_scores s = metrics_seconds(e->p, e->y, e->n);
    bk_eval_result r = { .episodes = e->episodes,
                         .mae_start_s = metrics_mae(&e->start),
                         .mae_end_s = metrics_mae(&e->end),
                         .precision = s.precision,
                         .recall = s.recall,
                         .f1 = s.f1,
                         .average_precision = average_precision,
                         .confusion = { { s.confusion[0][0], s.confusion[0][1] },
                                        { s.confusion[1][0], s.confusion[1][1] } },
                         .right = e->start.right + e->end.right,
                         .missed = e->start.missed + e->end.missed,
                         .wrong = e->start.wrong + e->end.wrong,
                         .harm = e->start.harm + e->end.harm,
                         .answered = e->start.answered + e->end.answered,
                         .story_skipped_s = e->start.skipped_s + e->end.skipped_s };
    for (int k = 0; k < METRICS_WITHIN; k++)
        r.hit[k] = (double)(e->start.within[k] + e->end.within[k]) / fmax(e->start.n + e->end.n, 1);
    return r;
}

static void add_pair(text *t, const char *key, double x, int decimals) {
    text_addf(t, ",\n  \"%s\": ", key);
    text_add_number(t, x, decimals);
}

static void add_side(text *t, const char *key, const mark_scores *s) {
    text_addf(t,
              ",\n  \"%s\": {\"n\": %d, \"answered\": %d, \"right\": %d, \"missed\": %d, \"wrong\": %d, \"harm\": %d",
              key, s->n, s->answered, s->right, s->missed, s->wrong, s->harm);
    text_add(t, ", \"mean_absolute_error_s\": ");
    text_add_number(t, metrics_mae(s), 4);
    for (int k = 0; k < METRICS_WITHIN; k++) {
        text_add(t, ", \"within_");
        text_add_number(t, metrics_within_s[k], k == 0);
        text_addf(t, "_s\": %d", s->within[k]);
    }
    text_add(t, ", \"story_skipped_s\": ");
    text_add_number(t, s->skipped_s, 3);
    text_add(t, "}");
}

/* What the summary says of one decision, each entry with a comma before it. */
static void add_figures(text *t, const evaluation *e) {
    const bk_eval_result *r = &e->result;
    text_addf(t, ",\n  \"episodes\": %d,\n  \"seconds\": %zu", r->episodes, e->n);
    add_pair(t, "mae_start_s", r->mae_start_s, 4);
    add_pair(t, "mae_end_s", r->mae_end_s, 4);
    add_pair(t, "precision", r->precision, 6);
    add_pair(t, "recall", r->recall, 6);
    add_pair(t, "f1", r->f1, 6);
    add_pair(t, "average_precision", r->average_precision, 6);
    text_addf(t, ",\n  \"confusion\": [[%lld, %lld], [%lld, %lld]]", (long long)r->confusion[0][0],
              (long long)r->confusion[0][1], (long long)r->confusion[1][0], (long long)r->confusion[1][1]);
    text_addf(t, ",\n  \"right\": %d,\n  \"missed\": %d,\n  \"wrong\": %d,\n  \"harm\": %d", r->right, r->missed,
              r->wrong, r->harm);
    text_add(t, ",\n  \"hit\": {");
    for (int k = 0; k < METRICS_WITHIN; k++) {
        text_add(t, k ? ", \"" : "\"");
        text_add_number(t, metrics_within_s[k], k == 0);
        text_add(t, "\": ");
        text_add_number(t, r->hit[k], 6);
    }
    text_add(t, "}");
    add_pair(t, "story_skipped_s", r->story_skipped_s, 3);
    add_side(t, "start", &e->start);
    add_side(t, "end", &e->end);
}

static void write_summary(text *t, const evaluation *e, const char *about, const evaluation *beside) {
    text_add(t, "{\n  \"model\": ");
    text_add_json(t, about);
    add_figures(t, e);
    if (beside) {
        text_add(t, ",\n  \"notebook\": {\"model\": ");
        text_add_json(t, about);
        add_figures(t, beside);
        text_add(t, "}");
    }
    text_add(t, "\n}\n");
}

static int save_text(const evaluation *e, const char *name, const text *t, bk_error *err) {
    text path = { 0 };
    name_file(&path, e, "", name, "");
    int code = text_ok(t) && text_ok(&path) ? file_save(path.s, text_str(t), t->n, err)
                                            : bk_fail_memory(err, "the evaluation");
    text_close(&path);
    return code;
}

static int draw(const evaluation *e, const bk_eval_result *r, const pr_point *curve, size_t n, bk_error *err) {
    text path = { 0 };
    name_file(&path, e, "precision_recall", "", "");
    int code = text_ok(&path) ? evaluate_plot_curve(path.s, curve, n, r, err) : bk_fail_memory(err, "names of files");
    name_file(&path, e, "confusion", "", "");
    if (code == BK_OK)
        code = text_ok(&path) ? evaluate_plot_confusion(path.s, r, err) : bk_fail_memory(err, "names of files");
    text_close(&path);
    return code;
}

/* The summary, the table of episodes and the charts of the whole. */
static int save_all(const evaluation *e, const pr_point *curve, size_t n, const char *about, const evaluation *beside,
                    bk_error *err) {
    text summary = { 0 };
    write_summary(&summary, e, about, beside);
    int code = save_text(e, "summary.json", &summary, err);
    if (code == BK_OK) code = save_text(e, "episodes.csv", &e->table, err);
    if (code == BK_OK) code = draw(e, &e->result, curve, n, err);
    text_close(&summary);
    return code;
}

int evaluation_finish(bk_eval_result *out, evaluation *e, const char *about, const evaluation *beside,
                      bk_error *err) {
    pr_point *curve = NULL;
    size_t n = 0;
    int code = metrics_curve(&curve, &n, e->p, e->y, e->n, err);
    if (code != BK_OK) return code;
    e->result = sum_up(e, metrics_average_precision(curve, n));
    if (e->folder) code = save_all(e, curve, n, about, beside, err);
    if (code == BK_OK) *out = e->result;
    free(curve);
    return code;
}
