/* learn/dataset, windows, augment: which label is whose, what is held out, what the head is shown. */
#include "learn/augment.h"
#include "learn/dataset.h"
#include "learn/windows.h"
#include "learn_check.h"

enum { DIM = 8, SIZE = 60 };

static int warnings;

static void count_warnings(void *user, bk_level level, const char *line) {
    (void)user, (void)line;
    warnings += level == BK_LOG_WARN;
}

static const bk_hooks hooks = { .log = count_warnings };

static void write_material(void) {
    write_track("show1_s01e01", 130, DIM, 10, 120, 1);
    write_track("show1_s01e02", 60, DIM, 10, 50, 2);
    write_track("show2_s01e01", 45, DIM, 5, 40, 3);
    write_track("show2_s01e02", 250, DIM, 20, 230, 4);
    write_track("show3_a_b", 100, DIM, 0, 100, 5);
    write_track("show4", 70, DIM, 3, 60, 6);
    write_track("show5_nolabel", 70, DIM, 3, 60, 7);
    write_file(in_folder("labels.csv"),
               "file,start_main,end_main\n"
               "s01e01.mp4,00:00:01,00:00:02\n" /* by the notebook's rule, and worse than the next two */
               "films/show1/s01e01.mkv,00:00:10.400,00:02:00\n"
               "show2/s01e01.mkv,00:00:05,00:00:40.900\n"
               "s01e02.mp4,00:00:20,00:03:50\n"
               "show1_s01e02.mp4,00:00:10,00:00:50\n"
               "a_b.avi,00:00:00,00:01:40\n"
               "show4.mp4,00:00:03,00:01:00\n"
               "gone.mp4,00:00:03,00:01:00\n");
}

static const episode *named(const dataset *d, const char *name) {
    for (int i = 0; i < d->n; i++)
        if (strcmp(d->episodes[i].name, name) == 0) return &d->episodes[i];
    return NULL;
}

static void test_labels(void) {
    static const struct {
        const char *name, *show;
        double start, end;
    } expect[] = {
        { "show1_s01e01", "show1", 10.4, 120 }, { "show1_s01e02", "show1", 10, 50 },
        { "show2_s01e01", "show2", 5, 40.9 },   { "show2_s01e02", "show2", 20, 230 },
        { "show3_a_b", "show3", 0, 100 },       { "show4", "show4", 3, 60 },
    };
    dataset d = { 0 };
    bk_error err = { 0 };
    warnings = 0;
    tap_ok(dataset_open(&d, in_folder("labels.csv"), folder, NULL, &hooks, &err) == BK_OK && d.n == 6,
           "six episodes %s", err.text);
    for (size_t i = 0; i < sizeof expect / sizeof *expect; i++) {
        const episode *e = named(&d, expect[i].name);
        tap_ok(e && strcmp(e->show, expect[i].show) == 0 && fabs(e->start_s - expect[i].start) < 1e-6 &&
                   fabs(e->end_s - expect[i].end) < 1e-6,
               "%s has the label that fits it best", expect[i].name);
    }
    tap_ok(warnings == 1, "a track without a label is named");
    const episode *e = named(&d, "show1_s01e01");
    tap_ok(e && episode_truth(e, 10) && !episode_truth(e, 11) && !episode_truth(e, 119) && episode_truth(e, 120),
           "a second belongs to the opening while it begins before the story");
    dataset_whole_seconds(&d);
    tap_ok(e && !episode_truth(e, 10), "the notebook cuts labels to whole seconds");
    dataset_close(&d);
    tap_ok(dataset_open(&d, in_folder("labels.csv"), folder, "show2, show4", NULL, NULL) == BK_OK && d.n == 3,
           "two shows only");
    dataset_close(&d);
    tap_ok(dataset_open(&d, in_folder("labels.csv"), folder, "show9", NULL, &err) == BK_EINVAL, "no such show: %s",
           err.text);
    tap_ok(dataset_open(&d, in_folder("nothing.csv"), folder, NULL, NULL, &err) == BK_EIO, "no labels: %s", err.text);
    tap_ok(dataset_open(&d, in_folder("labels.csv"), in_folder("nothing"), NULL, NULL, &err) == BK_EIO,
           "no tracks: %s", err.text);
    tap_ok(dataset_open(&d, NULL, folder, NULL, NULL, &err) == BK_EINVAL, "labels must be given");
}

static void test_parts(void) {
    dataset d = { 0 };
    bk_error err = { 0 };
    write_file(in_folder("segments.csv"),
               "file,kind,start,end\n"
               "show4.mp4,logo,0.0,3.0\nshow4.mp4,cold_open,3.0,20.0\nshow4.mp4,titles,20.0,30.5\n"
               "show4.mp4,story,30.5,50.0\nshow4.mp4,credits,50.0,60.0\nshow4.mp4,extra_scene,60.0,70.0\n");
    tap_ok(dataset_open(&d, in_folder("labels.csv"), folder, NULL, NULL, NULL) == BK_OK &&
               dataset_segments(&d, in_folder("segments.csv"), &err) == BK_OK,
           "labels by parts %s", err.text);
    const episode *e = named(&d, "show4"), *other = named(&d, "show1_s01e02");
    tap_ok(e && episode_truth(e, 2) && !episode_truth(e, 10) && episode_truth(e, 30) && !episode_truth(e, 31) &&
               episode_truth(e, 55) && !episode_truth(e, 65),
           "a cold open and a last scene are story");
    tap_ok(other && episode_truth(other, 9) && !episode_truth(other, 10), "who has no parts keeps the two times");
    dataset_close(&d);
    write_file(in_folder("segments.csv"), "file,kind,start,end\nshow4.mp4,logo,3.0,1.0\n");
    tap_ok(dataset_open(&d, in_folder("labels.csv"), folder, NULL, NULL, NULL) == BK_OK &&
               dataset_segments(&d, in_folder("segments.csv"), &err) == BK_EFORMAT,
           "a part that ends before it begins: %s", err.text);
    dataset_close(&d);
}

static void test_lists(void) {
    tap_ok(dataset_listed("a,bc , d", "bc") && dataset_listed("a,bc , d", "d") && dataset_listed("a", "a"), "listed");
    tap_ok(!dataset_listed("a,bc", "b") && !dataset_listed("", "a") && !dataset_listed("ab", "a"), "not listed");
}

static int held(const dataset *d) {
    int n = 0;
    for (int i = 0; i < d->n; i++) n += d->episodes[i].held_out;
    return n;
}

static void test_sides(dataset *d) {
    bk_error err = { 0 };
    tap_ok(dataset_hold_out(d, "show2", &err) == BK_OK && held(d) == 2, "a show is held out");
    tap_ok(dataset_hold_out(d, "show7", &err) == BK_EINVAL, "one that is not there: %s", err.text);
    tap_ok(dataset_hold_out(d, "show1,show2,show3,show4", &err) == BK_EINVAL, "nothing left to train on: %s",
           err.text);
    int seen[6] = { 0 };
    bool split = false;
    for (int k = 0; k < 3; k++) {
        tap_ok(dataset_fold(d, k, 3, &err) == BK_OK, "fold %d of 3 holds %d", k, held(d));
        for (int i = 0; i < d->n; i++) seen[i] += d->episodes[i].held_out;
        split = split || d->episodes[0].held_out != d->episodes[1].held_out;
    }
    bool once = true;
    for (int i = 0; i < d->n; i++) once = once && seen[i] == 1;
    tap_ok(once && !split, "each episode is held out once, and no show is split");
    tap_ok(dataset_fold(d, 0, 6, &err) == BK_OK && held(d) == 1, "more folds than shows deal out episodes");
    tap_ok(dataset_hold_out_some(d, &err) == BK_OK && held(d) >= 1 && held(d) <= 2, "some are held out: %d", held(d));
}

static void test_numbers(dataset *d) {
    dataset_hold_out(d, "show2", NULL);
    uint64_t before = dataset_fingerprint(d);
    tap_ok(dataset_measure(d, NULL) == BK_OK, "measured");
    double sum[DIM] = { 0 }, square[DIM] = { 0 }, seconds = 0, worst = 0;
    tap_ok(dataset_standardise(d, NULL) == BK_OK, "standardised");
    for (int i = 0; i < d->n; i++)
        for (int s = 0; s < d->episodes[i].track->len && !d->episodes[i].held_out; s++, seconds++)
            for (int k = 0; k < DIM; k++) {
                double x = (double)d->episodes[i].track->embeddings[s * DIM + k];
                sum[k] += x;
                square[k] += x * x;
            }
    for (int k = 0; k < DIM; k++) worst = fmax(worst, fmax(fabs(sum[k] / seconds), fabs(square[k] / seconds - 1.0)));
    tap_near(worst, 0, 1e-4, "mean 0 and spread 1 over what is trained on");
    tap_near((double)d->pad[0], -(double)d->mean[0] / (double)d->scale[0], 1e-6,
             "what was zero before stands behind the end");
    tap_ok(dataset_fingerprint(d) != before, "other material, other fingerprint");
}

/* ---- windows --------------------------------------------------------------------------------------- */

static void test_windows(const dataset *d) {
    window_list l = { 0 };
    rng r = rng_make(1, 0), again = rng_make(1, 0);
    tap_ok(windows_end_to_end(&l, d, true, SIZE, NULL) == BK_OK && l.n == 4,
           "end to end: the tail and the short are left out");
    tap_ok(l.w[3].begin == 180, "and one behind the other");
    tap_ok(windows_cover(&l, d, true, SIZE, 30, NULL) == BK_OK && l.n == 1 + 8, "covered: %d windows", l.n);
    tap_ok(l.w[0].begin == 0 && l.w[l.n - 1].begin == 190, "to the last second");
    tap_ok(windows_draw(&l, d, true, SIZE, &r, NULL) == BK_OK && l.n == 1 + 2 + 12, "drawn: %d windows", l.n);
    bool inside = true, first = false, last = false;
    for (int i = 0; i < l.n; i++) {
        int len = d->episodes[l.w[i].episode].track->len;
        inside = inside && l.w[i].begin >= 0 && (l.w[i].begin + SIZE <= len || (l.w[i].begin == 0 && len < SIZE));
        first = first || (len == 250 && l.w[i].begin == 0);
        last = last || (len == 250 && l.w[i].begin == 190);
    }
    tap_ok(inside && first && last, "all inside, the first and the last of a track among them");
    window_list other = { 0 };
    windows_draw(&other, d, true, SIZE, &again, NULL);
    tap_ok(other.n == l.n && memcmp(other.w, l.w, (size_t)l.n * sizeof *l.w) == 0,
           "the same numbers draw the same windows");
    windows_shuffle(&other, &again);
    int sum = 0;
    for (int i = 0; i < l.n; i++) sum += other.w[i].begin - l.w[i].begin;
    tap_ok(sum == 0 && memcmp(other.w, l.w, (size_t)l.n * sizeof *l.w) != 0, "shuffled, none lost");
    free(l.w);
    free(other.w);
}

typedef struct room {
    float x[SIZE * DIM], y[SIZE], weight[SIZE], spare[SIZE * (DIM + 1)];
    sample s;
} room;

static sample *use(room *m) {
    m->s = (sample){ .x = m->x, .y = m->y, .weight = m->weight };
    return &m->s;
}

static void test_samples(const dataset *d) {
    static room m;
    int short_one = (int)(named(d, "show2_s01e01") - d->episodes),
        long_one = (int)(named(d, "show2_s01e02") - d->episodes);
    sample *s = use(&m);
    sample_fill(s, d, &(window){ short_one, 0 }, SIZE, 1.0f);
    tap_ok(s->n == 45 && s->weight[44] == 1.0f && s->weight[45] == 0.0f && s->y[4] == 1.0f && s->y[5] == 0.0f &&
               s->y[41] == 1.0f,
           "a short track is filled up, and what is not its own does not count");
    tap_ok(memcmp(s->x + 45 * DIM, d->pad, sizeof(float) * DIM) == 0, "with the pad");
    sample_fill(s, d, &(window){ long_one, 190 }, SIZE, 1.0f);
    tap_ok(s->n == 60 && s->y[39] == 0.0f && s->y[40] == 1.0f &&
               memcmp(s->x, d->episodes[long_one].track->embeddings + 190 * DIM, sizeof m.x) == 0,
           "a window is a copy of its seconds");
    sample_fill(s, d, &(window){ long_one, 0 }, SIZE, 1.25f);
    tap_ok(s->y[15] == 1.0f && s->y[16] == 0.0f &&
               memcmp(s->x + 40 * DIM, d->episodes[long_one].track->embeddings + 50 * DIM, sizeof(float) * DIM) == 0,
           "at another pace labels go along");
    d->episodes[long_one].track->state[7] = SAMPLE_NONE;
    sample_fill(s, d, &(window){ long_one, 0 }, SIZE, 1.0f);
    tap_ok(s->weight[7] == 0.0f && s->weight[8] == 1.0f, "a second that was not looked at does not count");
    d->episodes[long_one].track->state[7] = SAMPLE_SEEN;
}

/* Where the window stops being a copy of its own seconds, what follows is a copy of some other's, with its labels. */
static bool graft_is_whole(const dataset *d, const sample *s, const window *w, int *from) {
    const bk_track *own = d->episodes[w->episode].track;
    int i = 0;
    while (i < s->n && memcmp(s->x + i * DIM, own->embeddings + (w->begin + i) * DIM, sizeof(float) * DIM) == 0) i++;
    *from = i;
    if (i == SIZE) return true;
    for (int k = 0; k < d->n; k++) {
        const episode *e = &d->episodes[k];
        for (int t = 1; t < e->track->len; t++) {
            int same = 0;
            while (i + same < s->n && t + same < e->track->len && s->y[i + same] == (float)episode_truth(e, t + same) &&
                   memcmp(s->x + (i + same) * DIM, e->track->embeddings + (t + same) * DIM, sizeof(float) * DIM) == 0)
                same++;
            if (i + same == s->n && same > 0)
                return e->held_out == d->episodes[w->episode].held_out && (float)episode_truth(e, t - 1) == s->y[i - 1];
        }
    }
    return false;
}

static void test_graft(const dataset *d) {
    static room m;
    const window w = { (int)(named(d, "show1_s01e01") - d->episodes), 0 };
    bool whole = true, behind = true;
    int grafted = 0, changes = 0;
    for (int n = 0; n < 100; n++) {
        sample *s = use(&m);
        rng r = rng_make(3, (uint64_t)n);
        int from = SIZE;
        sample_fill(s, d, &w, SIZE, 1.0f);
        sample_graft(s, d, &w, SIZE, &r);
        whole = whole && graft_is_whole(d, s, &w, &from);
        for (int i = s->n; i < SIZE; i++) behind = behind && s->weight[i] == 0.0f;
        grafted += from < SIZE;
        changes += from > 0 && from < SIZE && s->y[from - 1] != s->y[from];
    }
    tap_ok(whole, "a graft is a copy of seconds of another track on the same side, labels with them");
    tap_ok(behind, "and nothing counts behind its end");
    tap_ok(grafted > 40 && changes > 10, "%d of 100 windows are grafted, %d where the label changes", grafted, changes);
}

/* ---- augmentation ---------------------------------------------------------------------------------- */

/* Frames that name their second, so that one can see where each came from. */
static sample *numbered(room *m) {
    sample *s = use(m);
    s->n = SIZE;
    for (int i = 0; i < SIZE; i++) {
        for (int k = 0; k < DIM; k++) s->x[i * DIM + k] = (float)i;
        s->y[i] = i < 20;
        s->weight[i] = 1.0f;
    }
    return s;
}

static void test_turn(void) {
    static room m;
    for (int by = -5; by <= 5; by++) {
        sample *s = numbered(&m);
        bool right = true;
        augment_turn(s, SIZE, DIM, by, m.spare);
        for (int i = 0; i < SIZE; i++) {
            int from = (i - by + SIZE) % SIZE; /* numpy.roll(x, by)[i] = x[i - by] */
            right = right && s->x[i * DIM] == (float)from && s->y[i] == (float)(from < 20);
        }
        tap_ok(right, "a turn by %d is numpy.roll", by);
    }
}

static void test_notebook(void) {
    static room m;
    double moved = 0, turns = 0;
    bool in_range = true;
    for (int n = 0; n < 400; n++) {
        sample *s = numbered(&m);
        rng r = rng_make(5, (uint64_t)n);
        augment_notebook(s, SIZE, DIM, &r, m.spare);
        int by = 0, labels = 0, replaced = 0;
        for (int i = 0; i < SIZE; i++) {
            labels += s->y[i] > 0.5f;
            if (s->y[i] > 0.5f && s->y[(i + SIZE - 1) % SIZE] < 0.5f) by = i > SIZE / 2 ? i - SIZE : i;
        }
        for (int i = 0; i < SIZE; i++) replaced += s->x[i * DIM] != (float)((i - by + SIZE) % SIZE);
        in_range = in_range && labels == 20 && by >= -5 && by <= 5;
        moved += replaced / (double)SIZE;
        turns += by;
    }
    tap_ok(in_range, "turned by 5 s at most, labels with the frames");
    tap_near(turns / 400, 0, 0.5, "mean turn");
    tap_near(moved / 400, 0.2 * 59 / 60, 0.015, "share of frames replaced");
}

static void test_hold(void) {
    static room m;
    static const float keys[] = { 2.0f, 10.0f, 31.0f };
    sample *s = numbered(&m);
    augment_hold(s, DIM, keys, 3, 40, 45, m.spare);
    tap_ok(s->x[0] == 2 && s->x[6 * DIM] == 10 && s->x[5 * DIM] == 2 && s->x[20 * DIM] == 10 &&
               s->x[21 * DIM] == 31 && s->x[59 * DIM] == 31,
           "each second holds the nearest keyframe");
    tap_ok(s->x[40 * DIM] == 40 && s->x[44 * DIM] == 44 && s->x[45 * DIM] == 31,
           "outside the stretch that was looked at");
    tap_ok(s->y[19] == 1 && s->y[20] == 0, "labels stay");
}

static void test_bookend(void) {
    static room m;
    static const float none[DIM], one[DIM] = { 1, 1, 1, 1, 1, 1, 1, 1 };
    int held_windows = 0;
    double noise = 0;
    for (int n = 0; n < 300; n++) {
        sample *s = numbered(&m);
        rng r = rng_make(9, (uint64_t)n);
        augment_bookend(s, SIZE, DIM, none, &r, m.spare);
        int same = 0;
        for (int i = 1; i < SIZE; i++) same += s->x[i * DIM] == s->x[(i - 1) * DIM];
        held_windows += same > 6;
        s = numbered(&m);
        s->n = 30;
        augment_bookend(s, SIZE, DIM, one, &r, m.spare);
        for (int i = 0; i < 30 * DIM; i++) {
            double e = (double)s->x[i] - round((double)s->x[i]);
            noise += e * e / (300.0 * 30 * DIM);
        }
        for (int i = 30; i < SIZE; i++)
            if (s->x[i * DIM] != (float)i) noise += 1;
    }
    tap_ok(held_windows > 105 && held_windows < 165, "about every other window is held: %d of 300", held_windows);
    tap_near(sqrt(noise), 0.05, 0.003, "noise of 5 %, and none behind the end of the track");
}

int main(void) {
    dataset d = { 0 };
    bk_error err = { 0 };
    make_folder();
    write_material();
    test_lists();
    test_labels();
    test_parts();
    if (tap_ok(dataset_open(&d, in_folder("labels.csv"), folder, NULL, NULL, &err) == BK_OK &&
                   dataset_load_all(&d, &err) == BK_OK,
               "all tracks are loaded %s", err.text)) {
        test_sides(&d);
        dataset_hold_out(&d, "show2", NULL);
        test_windows(&d);
        test_samples(&d);
        test_graft(&d);
        test_numbers(&d);
    }
    dataset_close(&d);
    test_turn();
    test_notebook();
    test_hold();
    test_bookend();
    write_track("show6_x", 60, DIM + 1, 5, 50, 1);
    write_file(in_folder("labels.csv"), "file,start_main,end_main\nx.mp4,00:99:05,00:00:50\n");
    tap_ok(dataset_open(&d, in_folder("labels.csv"), folder, NULL, NULL, &err) != BK_OK, "a bad time is told: %s",
           err.text);
    write_file(in_folder("labels.csv"),
               "file,start_main,end_main\nx.mp4,00:00:05,00:00:50\nshow4.mp4,00:00:03,00:01:00\n");
    tap_ok(dataset_open(&d, in_folder("labels.csv"), folder, NULL, NULL, &err) == BK_OK &&
               dataset_load_all(&d, &err) == BK_EMISMATCH,
           "embeddings of two sizes: %s", err.text);
    dataset_close(&d);
    remove_tree(folder);
    return tap_done();
}
