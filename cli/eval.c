/* bookend eval: judges a model on labels and tracks, by both decisions side by side or by one. The library writes the
 * files, this prints a line an episode and the table. */
#include <math.h>
#include <stdio.h>

#include "bookend/train.h"
#include "commands.h"

enum { BOTH = BK_DECISION_NOTEBOOK + 1 }; /* after the decisions in the choice of --decision */

/* The columns that are shown: of one decision, or of both. */
typedef struct columns {
    const bk_eval_result *at[2];
    const char *name[2];
    int n;
} columns;

/* ---- a line an episode ----------------------------------------------------------------------------- */

/* What the hooks of the library are handed: the ui's own, and what was said of the running episode. */
typedef struct listener {
    bk_hooks inner;
    ui *u;
    bool both, told; /* told: the heading is printed */
    bk_eval_episode first;
} listener;

static int on_progress(void *user, const bk_progress *p) {
    const listener *l = user;
    return l->inner.progress(l->inner.user, p);
}

static void on_log(void *user, bk_level level, const char *line) {
    const listener *l = user;
    l->inner.log(l->inner.user, level, line);
}

static void cell(double s) {
    if (isfinite(s))
        printf(" %9.2f", s);
    else
        printf(" %9s", "unsure");
}

static void print_heading(const listener *l) {
    if (l->both)
        printf("%-28s %9s %9s %9s   %9s %9s %9s\n", "seconds", "start", "map", "notebook", "end", "map", "notebook");
    else
        printf("%-28s %9s %9s   %9s %9s\n", "seconds", "start", "found", "end", "found");
}

static void print_episode(const listener *l, const bk_eval_episode *e) {
    printf("%-28s", e->name);
    cell(e->start_true_s);
    if (l->both) cell(l->first.start_s);
    cell(e->start_s);
    printf("  ");
    cell(e->end_true_s);
    if (l->both) cell(l->first.end_s);
    cell(e->end_s);
    putchar('\n');
}

static void on_episode(void *user, const bk_eval_episode *e) {
    listener *l = user;
    if (l->both && e->decision == BK_DECISION_MAP) {
        l->first = *e;
        return;
    }
    ui_hide(l->u);
    if (!l->told) print_heading(l);
    l->told = true;
    print_episode(l, e);
    fflush(stdout);
    ui_show(l->u);
}

/* ---- the table ------------------------------------------------------------------------------------- */

static void row(const char *name) {
    printf("%-34s", name);
}

static void row_shares(const columns *c, const char *name, double a, double b) {
    const double x[2] = { a, b };
    row(name);
    for (int i = 0; i < c->n; i++) printf(" %10.1f %%", 100 * x[i]);
    putchar('\n');
}

/* "-" where nothing was answered. */
static void row_seconds(const columns *c, const char *name, double a, double b) {
    const double x[2] = { a, b };
    row(name);
    for (int i = 0; i < c->n; i++) {
        if (isfinite(x[i]))
            printf(" %10.2f s", x[i]);
        else
            printf(" %12s", "-");
    }
    putchar('\n');
}

static void row_counts(const columns *c, const char *name, int64_t a, int64_t b) {
    const int64_t x[2] = { a, b };
    row(name);
    for (int i = 0; i < c->n; i++) printf(" %10lld  ", (long long)x[i]);
    putchar('\n');
}

static void print_marks(const columns *c, const bk_eval_result *a, const bk_eval_result *b) {
    static const char *const within[] = { "marks within 0.5 s", "marks within 1 s", "marks within 2 s",
                                          "marks within 5 s" };
    row_counts(c, "episodes", a->episodes, b->episodes);
    row_counts(c, "marks answered, of two an episode", a->answered, b->answered);
    row_seconds(c, "mean absolute error, start", a->mae_start_s, b->mae_start_s);
    row_seconds(c, "mean absolute error, end", a->mae_end_s, b->mae_end_s);
    for (int k = 0; k < 4; k++) row_shares(c, within[k], a->hit[k], b->hit[k]);
    row_counts(c, "marks right, within 2 s", a->right, b->right);
    row_counts(c, "marks missed", a->missed, b->missed);
    row_counts(c, "marks wrong", a->wrong, b->wrong);
    row_counts(c, "marks that skip over 5 s of story", a->harm, b->harm);
    row_seconds(c, "story skipped in all", a->story_skipped_s, b->story_skipped_s);
}

static void print_seconds(const columns *c, const bk_eval_result *a, const bk_eval_result *b) {
    row_shares(c, "seconds: precision", a->precision, b->precision);
    row_shares(c, "seconds: recall", a->recall, b->recall);
    row_shares(c, "seconds: F1", a->f1, b->f1);
    row_shares(c, "seconds: average precision", a->average_precision, b->average_precision);
    row_counts(c, "story taken for story", a->confusion[0][0], b->confusion[0][0]);
    row_counts(c, "story taken for the ends", a->confusion[0][1], b->confusion[0][1]);
    row_counts(c, "the ends taken for story", a->confusion[1][0], b->confusion[1][0]);
    row_counts(c, "the ends taken for the ends", a->confusion[1][1], b->confusion[1][1]);
}

static void print_table(const columns *c) {
    const bk_eval_result *a = c->at[0], *b = c->at[c->n - 1];
    row("decision");
    for (int i = 0; i < c->n; i++) printf(" %10s  ", c->name[i]);
    putchar('\n');
    print_marks(c, a, b);
    print_seconds(c, a, b);
}

int eval_run(const settings *s, ui *u) {
    bk_model *m = NULL;
    bk_eval_result r[2];
    bk_error err = { 0 };
    bool both = s->decision == BOTH;
    listener l = { .inner = ui_hooks(u, 0), .u = u, .both = both };
    if (!setup_model(&m, s, 1, u)) return EXIT_SOME_FAILED;
    const bk_eval_options o = { .labels = s->labels,
                                .embeddings = s->embeddings,
                                .out_dir = s->out,
                                .decision = both ? BK_DECISION_MAP : (bk_decision)s->decision,
                                .shows = s->shows,
                                .threads = (int)s->threads,
                                .episode = on_episode,
                                .hooks = { .user = &l, .log = on_log, .progress = on_progress } };
    ui_begin(u, 0, s->embeddings);
    int rc = both ? bk_evaluate_both(r, m, &o, &err) : bk_evaluate(r, m, &o, &err);
    ui_end(u, 0);
    bk_model_close(&m);
    if (rc != BK_OK) return setup_failed(u, &err, NULL);
    const columns two = { { &r[BK_DECISION_MAP], &r[BK_DECISION_NOTEBOOK] }, { "map", "notebook" }, 2 };
    const columns one = { { &r[0] }, { s->decision == BK_DECISION_MAP ? "map" : "notebook" }, 1 };
    print_table(both ? &two : &one);
    ui_say(u, "%s: summary.json, episodes.csv, plots and the probabilities of each episode are there", s->out);
    return EXIT_DONE;
}
