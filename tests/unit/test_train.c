/* Training and evaluation through the public face: a small head learns, goes on bit for bit where it was
 * interrupted, and the notebook's recipe and evaluation give the notebook's numbers. Those are written by
 * tools/notebook_reference.py, which says what is in the file. */
#include <string.h>

#include "bookend/train.h"
#include "learn/head_state.h"
#include "learn/windows.h"
#include "learn_check.h"
#include "model/bundle.h"
#include "store/json.h"
#include "store/npy.h"
#include "store/safetensors.h"

static bk_error err;

/* ---- hooks that stop ------------------------------------------------------------------------------- */

typedef struct stop {
    int calls, at; /* stop at the call of that number; 0: never */
    int64_t done, total;
    int lines, noted; /* noted: calls that tell of the epoch and the rate */
    bool backwards;
} stop;

static int on_progress(void *user, const bk_progress *p) {
    stop *s = user;
    s->backwards = s->backwards || p->done < s->done;
    s->done = p->done;
    s->total = p->total;
    s->noted += p->note && strncmp(p->note, "epoch ", 6) == 0 && strstr(p->note, ", rate ");
    return ++s->calls == s->at;
}

static void on_line(void *user, bk_level level, const char *line) {
    (void)line;
    ((stop *)user)->lines += level == BK_LOG_INFO;
}

static bk_hooks watch(stop *s) {
    return (bk_hooks){ .user = s, .progress = on_progress, .log = on_line };
}

/* Without what an earlier call left in err. */
static int train(bk_train_result *r, const bk_train_options *o) {
    err = (bk_error){ 0 };
    return bk_train_head(r, o, &err);
}

static int evaluate(bk_eval_result *r, const bk_model *m, const bk_eval_options *o) {
    err = (bk_error){ 0 };
    return bk_evaluate(r, m, o, &err);
}

/* ---- files ----------------------------------------------------------------------------------------- */

static bool exists(const char *path) {
    return access(path, F_OK) == 0;
}

static bool same_bytes(const char *a, const char *b) {
    char *x = NULL, *y = NULL;
    size_t n = 0, m = 0;
    bool same = file_read(&x, &n, a, 1 << 26, NULL) == BK_OK && file_read(&y, &m, b, 1 << 26, NULL) == BK_OK &&
                n == m && memcmp(x, y, n) == 0;
    free(x);
    free(y);
    return same;
}

/* The columns epoch, train_loss, val_loss and rate of train.csv; seconds differ from run to run. */
static int read_log(double rows[][4], int max, const char *path) {
    FILE *in = fopen(path, "r");
    char line[200];
    int n = 0;
    bool ok = in && fgets(line, sizeof line, in) && strcmp(line, "epoch,train_loss,val_loss,rate,seconds\n") == 0;
    while (ok && n < max && fgets(line, sizeof line, in) &&
           sscanf(line, "%lf,%lf,%lf,%lf", &rows[n][0], &rows[n][1], &rows[n][2], &rows[n][3]) == 4)
        n++;
    if (in) fclose(in);
    return n;
}

/* ---- a small head learns --------------------------------------------------------------------------- */

enum { DIM = 8, FILMS = 16, FILM_S = 150 };

static void write_films(void) {
    static char labels[4000];
    int at = snprintf(labels, sizeof labels, "file,start_main,end_main\n");
    for (int i = 0; i < FILMS; i++) {
        char name[32];
        int len = FILM_S + i * 3, start = 12 + i, end = len - 20 - i;
        snprintf(name, sizeof name, "show%d_e%02d", i / 2, i);
        write_track(name, len, DIM, start, end, (uint64_t)i + 1);
        at += snprintf(labels + at, sizeof labels - (size_t)at, "%s.mkv,00:00:%02d,00:%02d:%02d\n", name, start,
                       end / 60, end % 60);
    }
    write_file(in_folder("labels.csv"), labels);
}

static const char *labels_path(void) {
    static char path[300];
    snprintf(path, sizeof path, "%s/labels.csv", folder);
    return path;
}

/* Options for the head NAME, in a folder of its own so that logs do not meet. */
static bk_train_options small(const char *name, stop *s) {
    file_make_folders(in_folder("%s", name), NULL);
    return (bk_train_options){ .labels = labels_path(),
                               .embeddings = folder,
                               .out = in_folder("%s/head.safetensors", name),
                               .width = 16,
                               .layers = 1,
                               .heads = 2,
                               .mlp = 32,
                               .epochs = 4,
                               .batch = 10,
                               .rate = 1e-2f,
                               .threads = 2,
                               .hooks = watch(s) };
}

static void test_learning(void) {
    stop s = { 0 };
    bk_train_options o = small("whole", &s);
    bk_train_result r = { 0 };
    double log[8][4];
    tap_ok(train(&r, &o) == BK_OK, "a small head is trained %s", err.text);
    tap_ok(r.epochs == 4 && r.best_epoch >= 1 && r.best_epoch <= 4 && r.skipped == 0, "four epochs, the best was %d",
           r.best_epoch);
    tap_ok(r.val_loss < 0.25f && r.train_loss < 0.4f, "it learned: %.3f, held out %.3f", (double)r.train_loss,
           (double)r.val_loss);
    tap_ok(r.train_windows > 100 && r.val_windows >= 8, "on %d and %d windows", r.train_windows, r.val_windows);
    tap_ok(s.done == s.total && s.total == 4 * ((r.train_windows + 9) / 10) && !s.backwards,
           "progress ended at %lld of %lld steps", (long long)s.done, (long long)s.total);
    tap_ok(s.noted == s.calls, "each call says how it goes: %d of %d", s.noted, s.calls);
    tap_ok(s.lines == 5, "a line an epoch, and one about the decision: %d", s.lines);
    tap_ok(exists(in_folder("whole/train.svg")) && exists(in_folder("whole/train.png")), "with curves");
    tap_ok(!exists(in_folder("whole/head.safetensors.state")), "the checkpoint is gone");
    int n = read_log(log, 8, in_folder("whole/train.csv"));
    tap_ok(n == 4 && log[3][0] == 4 && fabs(log[r.best_epoch - 1][2] - (double)r.val_loss) < 1e-5,
           "train.csv has %d rows", n);
    tap_ok(log[3][3] < 1e-8 && log[0][3] > 1e-3, "the rate climbs and falls to nothing");
    tap_ok(train(&r, &o) == BK_OK && r.skipped == 1, "trained already: skipped");
    o.force = 1;
    o.epochs = 1;
    tap_ok(train(&r, &o) == BK_OK && r.skipped == 0 && r.epochs == 1, "unless forced");
}

static void test_threads(void) {
    stop s = { 0 };
    bk_train_options o = small("whole", &s);
    bk_train_result r;
    o.force = 1;
    train(&r, &o);
    o = small("one", &s);
    o.threads = 1;
    tap_ok(train(&r, &o) == BK_OK &&
               same_bytes(in_folder("one/head.safetensors"), in_folder("whole/head.safetensors")),
           "one thread gives the same bytes as two");
    o = small("three", &s);
    o.threads = 3;
    tap_ok(train(&r, &o) == BK_OK &&
               same_bytes(in_folder("three/head.safetensors"), in_folder("whole/head.safetensors")),
           "and so do three");
    o = small("seed", &s);
    o.seed = 43;
    tap_ok(train(&r, &o) == BK_OK &&
               !same_bytes(in_folder("seed/head.safetensors"), in_folder("whole/head.safetensors")),
           "another seed gives others");
}

/* Interrupted at several places, among them the validation, each time a few calls further on. */
static void test_resume(void) {
    static const int stops[] = { 1, 4, 9, 2, 17 };
    bk_train_result r;
    double a[8][4], b[8][4];
    stop s = { 0 };
    bk_train_options o = small("pieces", &s);
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        s = (stop){ .at = stops[i] };
        int code = train(&r, &o);
        tap_ok(code == BK_ECANCELED && exists(in_folder("pieces/head.safetensors.state")) && !exists(o.out),
               "stopped at step %lld, the checkpoint stays", (long long)s.done);
    }
    s = (stop){ 0 };
    tap_ok(train(&r, &o) == BK_OK && r.epochs == 4, "and goes on to the end %s", err.text);
    tap_ok(same_bytes(o.out, in_folder("whole/head.safetensors")), "with the same bytes as without interruption");
    int n = read_log(a, 8, in_folder("pieces/train.csv")), m = read_log(b, 8, in_folder("whole/train.csv"));
    tap_ok(n == 4 && m == 4 && memcmp(a, b, sizeof a[0] * 4) == 0, "and the same log");
}

static void test_other_runs(void) {
    bk_train_result r;
    stop s = { .at = 5 };
    bk_train_options o = small("changed", &s);
    train(&r, &o);
    s = (stop){ 0 };
    o.rate = 2e-3f;
    tap_ok(train(&r, &o) == BK_OK && !same_bytes(o.out, in_folder("whole/head.safetensors")) && s.calls > 4 * 15,
           "a checkpoint of another run is not gone on from");
    o = small("damaged", &s);
    write_file(in_folder("damaged/head.safetensors.state"), "not a checkpoint");
    tap_ok(train(&r, &o) == BK_EFORMAT && strstr(err.text, "head.safetensors.state"), "a damaged one is named: %s",
           err.text);
    o = small("patience", &s);
    o.patience = 1;
    o.epochs = 40;
    o.rate = 0.3f;
    tap_ok(train(&r, &o) == BK_OK && r.epochs == r.best_epoch + 1 && r.epochs < 40, "patience ends it after epoch %d",
           r.epochs);
}

/* The rows of folds.csv against what the callback was told, and its last one against their means. */
static void check_folds(const bk_fold *told, int n) {
    FILE *in = fopen(in_folder("folds/folds.csv"), "r");
    char line[300], mean[300] = "";
    int rows = 0, held = 0;
    double loss = 0, sum = 0;
    bool ok =
        in && fgets(line, sizeof line, in) && strstr(line, "fold,epochs,best_epoch,train_loss,val_loss,f1,") == line;
    while (ok && fgets(line, sizeof line, in)) {
        int k, epochs, best;
        double train_loss, val_loss, f1;
        snprintf(mean, sizeof mean, "%s", line);
        if (strncmp(line, "mean", 4) == 0) continue;
        ok = sscanf(line, "%d,%d,%d,%lf,%lf,%lf", &k, &epochs, &best, &train_loss, &val_loss, &f1) == 6 && rows < n &&
             k == told[rows].fold && fabs(val_loss - told[rows].val_loss) < 1e-6 && fabs(f1 - told[rows].f1) < 1e-6 &&
             f1 > 0.1 && f1 <= 1;
        rows++;
        sum += val_loss;
        for (const char *at = line; (at = strstr(at, "show")); at++) held++;
    }
    if (in) fclose(in);
    tap_ok(ok && rows == 3 && n == 3 && held == 8, "folds.csv has %d rows, and each show once: %d", rows, held);
    tap_ok(sscanf(mean, "mean,,,,%lf,", &loss) == 1 && fabs(loss - sum / 3) < 1e-5, "and the mean: %s", mean);
}

typedef struct fold_list {
    stop s; /* first: the hooks take it for theirs */
    bk_fold at[4];
    int n;
} fold_list;

static void on_fold(void *user, const bk_fold *f) {
    fold_list *l = user;
    if (l->n < 4) l->at[l->n++] = *f;
}

static void test_folds(void) {
    bk_train_result r;
    fold_list list = { .s = { .at = 20 } };
    bk_train_options o = small("folds", &list.s);
    o.fold = on_fold;
    o.folds = 3;
    o.epochs = 1;
    tap_ok(train(&r, &o) == BK_ECANCELED && exists(in_folder("folds/head.fold1.safetensors")) && !exists(o.out),
           "stopped in the second fold");
    list = (fold_list){ 0 };
    tap_ok(train(&r, &o) == BK_OK && r.epochs == 1 && exists(o.out), "three folds and the head %s", err.text);
    tap_ok(list.s.calls < 40, "the first fold was not trained again: %d steps", list.s.calls);
    check_folds(list.at, list.n);
    o.folds = 1;
    tap_ok(train(&r, &o) == BK_EINVAL, "one fold is none: %s", err.text);
}

/* A head that begins with another's weights: at first it is that head, and it takes its sizes. */
static void test_from(void) {
    bk_model *m = NULL;
    bk_train_result r, first;
    stop s = { 0 };
    bk_train_options o = small("whole", &s);
    o.force = 1;
    train(&first, &o);
    tap_ok(bk_model_open(&m, in_folder("whole/head.safetensors"), NULL, &err) == BK_OK, "a head to begin with");
    o = small("from", &s);
    o.from = m;
    o.width = o.layers = o.heads = o.mlp = 0;
    o.epochs = 1;
    o.rate = 1e-9f; /* as good as none */
    tap_ok(train(&r, &o) == BK_OK && fabsf(r.val_loss - first.val_loss) < 1e-4f,
           "its loss is that head's: %g and %g %s", (double)r.val_loss, (double)first.val_loss, err.text);
    o.force = 1;
    o.rate = 0;
    o.epochs = 2;
    tap_ok(train(&r, &o) == BK_OK && r.train_loss < 0.3f, "and it learns on: %g", (double)r.train_loss);
    o.layers = 3;
    tap_ok(train(&r, &o) == BK_EINVAL, "other sizes cannot be had: %s", err.text);
    o.layers = 0;
    o.through = m;
    tap_ok(train(&r, &o) != BK_OK, "nor a classifier before it: %s", err.text);
    bk_model_close(&m);
}

static void test_bad_options(void) {
    static const struct {
        const char *name;
        int width, heads, batch, epochs, code;
        float rate;
        const char *val;
    } cases[] = {
        { "heads that do not divide the width", 16, 3, 0, 0, BK_EINVAL, 0, NULL },
        { "a negative batch", 16, 2, -1, 0, BK_EINVAL, 0, NULL },
        { "negative epochs", 16, 2, 0, -2, BK_EINVAL, 0, NULL },
        { "a rate over 1", 16, 2, 0, 0, BK_EINVAL, 3, NULL },
        { "a show that is not there", 16, 2, 0, 0, BK_EINVAL, 0, "show77" },
    };
    stop s = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bk_train_options o = small("bad", &s);
        bk_train_result r;
        o.width = cases[i].width;
        o.heads = cases[i].heads;
        o.batch = cases[i].batch;
        o.epochs = cases[i].epochs;
        o.rate = cases[i].rate;
        o.val_shows = cases[i].val;
        tap_ok(train(&r, &o) == cases[i].code && !exists(o.out), "%s: %s", cases[i].name, err.text);
    }
    bk_train_options o = small("bad", &s);
    o.out = NULL;
    tap_ok(train(&(bk_train_result){ 0 }, &o) == BK_EINVAL, "nowhere to write to: %s", err.text);
}

/* ---- evaluation ------------------------------------------------------------------------------------ */

static double summary_number(const char *path, const char *key) {
    char *s = NULL;
    size_t n = 0;
    json_doc d = { 0 };
    double x = NAN;
    if (file_read(&s, &n, path, 1 << 20, &err) == BK_OK && json_parse(&d, s, n, path, &err) == BK_OK)
        json_number(json_get(d.root, key), -1e9, 1e9, &x);
    json_close(&d);
    free(s);
    return x;
}

static double summary_inner(const char *path, const char *of, const char *key) {
    char *s = NULL;
    size_t n = 0;
    json_doc d = { 0 };
    double x = NAN;
    if (file_read(&s, &n, path, 1 << 20, &err) == BK_OK && json_parse(&d, s, n, path, &err) == BK_OK)
        json_number(json_get(json_get(d.root, of), key), -1e9, 1e9, &x);
    json_close(&d);
    free(s);
    return x;
}

static void test_evaluation(void) {
    bk_model *m = NULL;
    bk_eval_result r = { 0 };
    stop s = { 0 };
    bk_eval_options o = { .labels = labels_path(),
                          .embeddings = folder,
                          .out_dir = in_folder("eval/deep"),
                          .threads = 2,
                          .hooks = watch(&s) };
    tap_ok(bk_model_open(&m, in_folder("whole/head.safetensors"), NULL, &err) == BK_OK, "the head is a model %s",
           err.text);
    tap_ok(evaluate(&r, m, &o) == BK_OK && r.episodes == FILMS, "evaluated %s", err.text);
    tap_ok(r.mae_start_s < 3 && r.mae_end_s < 3 && r.f1 > 0.85 && r.average_precision > 0.9,
           "MAE %.2f and %.2f s, F1 %.3f, AP %.3f", r.mae_start_s, r.mae_end_s, r.f1, r.average_precision);
    int64_t all = r.confusion[0][0] + r.confusion[0][1] + r.confusion[1][0] + r.confusion[1][1];
    tap_ok(all == FILMS * FILM_S + 3 * FILMS * (FILMS - 1) / 2, "every second is judged");
    tap_ok(r.right + r.missed + r.wrong == 2 * FILMS, "every mark is judged");
    const char *path = in_folder("eval/deep/summary.json");
    tap_near(summary_number(path, "f1"), r.f1, 1e-6, "F1 in the summary");
    tap_near(summary_number(path, "mae_end_s"), r.mae_end_s, 1e-4, "MAE in the summary");
    array a = { 0 };
    void *block = NULL;
    tap_ok(npy_load(&a, &block, in_folder("eval/deep/p_video_show0_e01.npy"), &err) == BK_OK && a.n == FILM_S + 3 &&
               a.type == ARRAY_F32,
           "probabilities of each second %s", err.text);
    free(block);
    tap_ok(exists(in_folder("eval/deep/episodes.csv")) && exists(in_folder("eval/deep/plot_show0_e01.svg")) &&
               exists(in_folder("eval/deep/precision_recall.png")) && exists(in_folder("eval/deep/confusion.svg")),
           "tables and charts");
    bk_eval_result both[2] = { 0 };
    o.out_dir = in_folder("eval/both");
    tap_ok(bk_evaluate_both(both, m, &o, &err) == BK_OK && both[0].f1 == r.f1 && both[0].mae_end_s == r.mae_end_s,
           "both decisions at once: ours as alone %s", err.text);
    o.decision = BK_DECISION_NOTEBOOK;
    o.out_dir = in_folder("eval/alone");
    tap_ok(evaluate(&r, m, &o) == BK_OK && both[1].f1 == r.f1 && both[1].mae_start_s == r.mae_start_s,
           "and the notebook's as alone");
    tap_ok(same_bytes(in_folder("eval/both/notebook/p_video_show0_e01.npy"),
                      in_folder("eval/alone/p_video_show0_e01.npy")) &&
               same_bytes(in_folder("eval/both/p_video_show0_e01.npy"), in_folder("eval/deep/p_video_show0_e01.npy")),
           "with the files of each");
    tap_near(summary_inner(in_folder("eval/both/summary.json"), "notebook", "mae_end_s"), r.mae_end_s, 1e-4,
             "one summary of both");
    o.decision = BK_DECISION_MAP;
    o.shows = "show3";
    tap_ok(evaluate(&r, m, &o) == BK_OK && r.episodes == 2, "of one show");
    s = (stop){ .at = 2 };
    tap_ok(evaluate(&r, m, &o) == BK_ECANCELED, "stopped");
    bk_model_close(&m);
}

/* ---- the notebook's numbers ------------------------------------------------------------------------ */

enum { MAX_NAMES = 600 };

typedef struct golden {
    int n;
    char names[MAX_NAMES][96];
    size_t counts[MAX_NAMES];
    float *values[MAX_NAMES], *block;
} golden;

static void golden_open(golden *f) {
    FILE *in = fopen("tests/golden/notebook.bin", "rb");
    char line[160];
    size_t all = 0;
    f->n = 0;
    while (in && f->n < MAX_NAMES && fgets(line, sizeof line, in) &&
           sscanf(line, "%95s %zu", f->names[f->n], &f->counts[f->n]) == 2)
        all += f->counts[f->n++];
    f->block = malloc(all * sizeof(float));
    if (!in || fread(f->block, sizeof(float), all, in) != all || fgetc(in) != EOF) {
        printf("Bail out! tests/golden/notebook.bin cannot be read\n");
        exit(2);
    }
    fclose(in);
    float *at = f->block;
    for (int i = 0; i < f->n; at += f->counts[i++]) f->values[i] = at;
}

static const float *golden_find(const golden *f, const char *prefix, const char *name, size_t *n) {
    char whole[128];
    snprintf(whole, sizeof whole, "%s%s", prefix, name);
    for (int i = 0; i < f->n; i++)
        if (strcmp(f->names[i], whole) == 0) {
            if (n) *n = f->counts[i];
            return f->values[i];
        }
    printf("Bail out! no %s\n", whole);
    exit(2);
}

static const char prefix[] = "episode/";

/* The next episode's name from *i on; NULL behind the last. */
static const char *next_episode(const golden *f, int *i) {
    while (*i < f->n)
        if (strncmp(f->names[(*i)++], prefix, sizeof prefix - 1) == 0) return f->names[*i - 1] + sizeof prefix - 1;
    return NULL;
}

static void write_golden_tracks(const golden *f, int dim) {
    text labels = { 0 };
    const char *name;
    text_add(&labels, "file,start_main,end_main\n");
    for (int i = 0; (name = next_episode(f, &i));) {
        size_t n;
        bk_track *t = NULL;
        const float *x = golden_find(f, prefix, name, &n), *label = golden_find(f, "label/", name, NULL);
        char start[TEXT_TIME_MAX], end[TEXT_TIME_MAX];
        track_open(&t, (int)n / dim, dim, NULL);
        memcpy(t->embeddings, x, n * sizeof *x);
        memset(t->state, SAMPLE_SEEN, (size_t)t->len);
        bk_track_save(t, in_folder("golden/%s_windows.npz", name), NULL);
        bk_track_close(&t);
        text_clock(start, llrint((double)label[0] * 1e6));
        text_clock(end, llrint((double)label[1] * 1e6));
        text_addf(&labels, "%s.mp4,%s,%s\n", strchr(name, '_') + 1, start, end);
    }
    write_file(in_folder("golden/labels.csv"), text_str(&labels));
    text_close(&labels);
}

/* The targets of the notebook's windows. */
static void test_masks(const golden *f, int dim) {
    dataset d = { 0 };
    const char *name;
    static float x[60 * 64], y[60], weight[60];
    dataset_open(&d, in_folder("golden/labels.csv"), in_folder("golden"), NULL, NULL, NULL);
    dataset_load_all(&d, NULL);
    dataset_whole_seconds(&d);
    int k = 0;
    for (int i = 0; (name = next_episode(f, &i)); k++) {
        size_t n = 0;
        const float *mask = golden_find(f, "mask/", name, &n);
        window_list l = { 0 };
        for (int j = 0; j < d.n; j++) d.episodes[j].held_out = strcmp(d.episodes[j].name, name) == 0;
        windows_end_to_end(&l, &d, true, 60, NULL);
        bool same = (size_t)l.n * 60 == n;
        for (int w = 0; w < l.n && same; w++) {
            sample s = { .x = x, .y = y, .weight = weight };
            sample_fill(&s, &d, &l.w[w], 60, 1.0f);
            same =
                memcmp(y, mask + w * 60, sizeof y) == 0 &&
                memcmp(x, golden_find(f, prefix, name, NULL) + w * 60 * dim, sizeof(float) * 60 * (size_t)dim) == 0;
        }
        tap_ok(same, "%s: windows and masks are the notebook's", name);
        free(l.w);
    }
    tap_ok(k == d.n && k == 4, "%d episodes", k);
    dataset_close(&d);
}

/* Puts PyTorch's first weights into a checkpoint that a run left at its beginning. */
static void plant_weights(const golden *f, const bk_train_options *o) {
    nn_table rows = { 0 };
    safetensors *file = NULL;
    const attention60_config c = {
        .window = 60, .in = o->width, .width = o->width, .layers = o->layers, .heads = o->heads, .mlp = o->mlp
    };
    const char *path = in_folder("golden/head.safetensors.state");
    char run[1000] = "";
    attention60_table(&rows, &c, NULL);
    if (safetensors_open(&file, path, &err) == BK_OK) snprintf(run, sizeof run, "%s", safetensors_meta(file, "run"));
    safetensors_close(&file);
    head_state s;
    float *w = calloc(rows.n_floats, sizeof *w);
    head_state_open(&s, w, rows.n_floats, o->epochs, NULL);
    for (int i = 0; i < rows.n; i++) {
        size_t n;
        const float *from = golden_find(f, "w/", rows.rows[i].name, &n);
        if (n == rows.rows[i].n) memcpy(w + rows.rows[i].offset, from, n * sizeof *w);
    }
    tap_ok(run[0] && head_state_save(&s, path, run, &err) == BK_OK, "PyTorch's weights to begin with");
    head_state_close(&s);
    nn_table_close(&rows);
    free(w);
}

static void test_weights(const golden *f, const bk_model *m) {
    double worst = 0;
    float *w = bundle_head_weights(m);
    for (int i = 0; w && i < m->head_rows.n; i++) {
        size_t n;
        const nn_tensor *row = &m->head_rows.rows[i];
        const float *expect = golden_find(f, "best/", row->name, &n);
        /* a key's bias has no influence, and Adam makes steps out of its rounding errors */
        if (strstr(row->name, "in_proj_bias")) continue;
        for (size_t k = 0; k < n; k++) worst = fmax(worst, fabs((double)expect[k] - (double)w[row->offset + k]));
    }
    tap_near(w ? worst : 1, 0, 2e-3, "weights of the best epoch");
    free(w);
}

static void test_found(const golden *f, const bk_model *m) {
    bk_eval_options o = { .labels = in_folder("golden/labels.csv"),
                          .embeddings = in_folder("golden"),
                          .out_dir = in_folder("golden/eval"),
                          .decision = BK_DECISION_NOTEBOOK };
    bk_eval_result r;
    const char *name;
    double start = 0, end = 0;
    tap_ok(evaluate(&r, m, &o) == BK_OK, "evaluated as the notebook does %s", err.text);
    for (int i = 0; (name = next_episode(f, &i));) {
        size_t n;
        const float *p = golden_find(f, "p/", name, &n), *found = golden_find(f, "found/", name, NULL),
                    *label = golden_find(f, "label/", name, NULL);
        array a = { 0 };
        void *block = NULL;
        double worst = INFINITY;
        if (npy_load(&a, &block, in_folder("golden/eval/p_video_%s.npy", name), &err) == BK_OK && a.n == n) {
            worst = 0;
            for (size_t k = 0; k < n; k++)
                worst = fmax(worst, fabs((double)((const float *)a.data)[k] - (double)p[k]));
        }
        tap_near(worst, 0, 1e-3, name);
        free(block);
        start += fabs((double)found[0] - (double)label[0]) / 4;
        end += fabs((double)found[1] - (double)label[1]) / 4;
    }
    tap_near(r.mae_start_s, start, 1e-3, "mean error of the beginnings");
    tap_near(r.mae_end_s, end, 1e-3, "and of the ends");
}

static void test_notebook(void) {
    golden f;
    golden_open(&f);
    const float *sizes = golden_find(&f, "sizes", "", NULL), *losses = golden_find(&f, "losses", "", NULL);
    file_make_folders(in_folder("golden"), NULL);
    write_golden_tracks(&f, (int)sizes[0]);
    test_masks(&f, (int)sizes[0]);
    char labels[300], tracks[300], out[300];
    snprintf(labels, sizeof labels, "%s", in_folder("golden/labels.csv"));
    snprintf(tracks, sizeof tracks, "%s", in_folder("golden"));
    snprintf(out, sizeof out, "%s", in_folder("golden/head.safetensors"));
    stop s = { .at = 1 };
    bk_train_options o = { .labels = labels,
                           .embeddings = tracks,
                           .out = out,
                           .recipe = BK_RECIPE_NOTEBOOK,
                           .width = (int)sizes[0],
                           .layers = (int)sizes[1],
                           .heads = (int)sizes[2],
                           .mlp = (int)sizes[3],
                           .epochs = (int)sizes[4],
                           .batch = (int)sizes[5],
                           .rate = sizes[6],
                           .dropout = -1,
                           .no_augment = 1,
                           .no_shuffle = 1,
                           .hooks = watch(&s) };
    bk_train_result r;
    double log[8][4] = { { 0 } };
    tap_ok(train(&r, &o) == BK_ECANCELED, "stopped at once %s", err.text);
    plant_weights(&f, &o);
    s = (stop){ 0 };
    tap_ok(train(&r, &o) == BK_OK && r.train_windows == 6 && r.val_windows == 4,
           "the notebook's recipe, show2 held out %s", err.text);
    tap_ok(read_log(log, 8, in_folder("golden/train.csv")) == o.epochs, "%d epochs", o.epochs);
    for (int i = 0; i < o.epochs; i++) {
        tap_near(log[i][1], (double)losses[i * 2], 1e-4, "training loss");
        tap_near(log[i][2], (double)losses[i * 2 + 1], 1e-4, "validation loss");
    }
    bk_model *m = NULL;
    if (tap_ok(bk_model_open(&m, out, NULL, &err) == BK_OK, "the head opens %s", err.text)) {
        test_weights(&f, m);
        test_found(&f, m);
    }
    bk_model_close(&m);
    free(f.block);
}

int main(void) {
    make_folder();
    write_films();
    test_learning();
    test_threads();
    test_resume();
    test_other_runs();
    test_folds();
    test_from();
    test_bad_options();
    test_evaluation();
    test_notebook();
    remove_tree(folder);
    return tap_done();
}
