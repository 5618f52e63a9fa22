/* bookend eval: judges a model on labels and tracks. The library writes the files, this prints the summary. */
#include <math.h>

#include "bookend/train.h"
#include "commands.h"

static void row(const char *name) {
    printf("%-22s", name);
}

/* A share as percent; "-" where there was nothing to count. */
static void share(const char *name, double x) {
    if (isfinite(x))
        printf("  %s %.1f %%", name, 100 * x);
    else
        printf("  %s -", name);
}

static void seconds(const char *name, double x) {
    if (isfinite(x))
        printf("  %s %.2f s", name, x);
    else
        printf("  %s -", name);
}

static void print_marks(const bk_eval_result *r) {
    row("mean absolute error");
    seconds("start", r->mae_start_s);
    seconds("end", r->mae_end_s);
    putchar('\n');
    row("marks, within 2 s");
    printf("  right %d  missed %d  wrong %d, of which harm %d\n", r->right, r->missed, r->wrong, r->harm);
    row("marks within");
    share("0.5 s", r->hit[0]);
    share("1 s", r->hit[1]);
    share("2 s", r->hit[2]);
    share("5 s", r->hit[3]);
    putchar('\n');
    row("story skipped");
    printf("  %.1f s in all\n", r->story_skipped_s);
}

static void print_seconds(const bk_eval_result *r) {
    row("opening and credits");
    share("precision", r->precision);
    share("recall", r->recall);
    share("F1", r->f1);
    share("average precision", r->average_precision);
    putchar('\n');
    for (int truth = 0; truth < 2; truth++) {
        row(truth ? "seconds of the ends" : "seconds of story");
        printf("  %lld taken for story, %lld for the ends\n", (long long)r->confusion[truth][0],
               (long long)r->confusion[truth][1]);
    }
}

int eval_run(const settings *s, ui *u) {
    bk_model *m = NULL;
    bk_eval_result r;
    bk_error err = { 0 };
    if (!setup_model(&m, s, 1, u)) return EXIT_SOME_FAILED;
    const bk_eval_options o = { .labels = s->labels,
                                .embeddings = s->embeddings,
                                .out_dir = s->out,
                                .decision = (bk_decision)s->decision,
                                .shows = s->shows,
                                .threads = (int)s->threads,
                                .hooks = ui_hooks(u, 0) };
    ui_begin(u, 0, s->embeddings);
    int rc = bk_evaluate(&r, m, &o, &err);
    ui_end(u, 0);
    bk_model_close(&m);
    if (rc != BK_OK) return setup_failed(u, &err, NULL);
    row("episodes");
    printf("  %d\n", r.episodes);
    print_marks(&r);
    print_seconds(&r);
    ui_say(u, "%s: summary.json, episodes.csv and the probabilities of each episode are there", s->out);
    return EXIT_DONE;
}
