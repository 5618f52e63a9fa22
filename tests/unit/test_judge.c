/* find/judge and find/chapters: markers against probabilities, and a film's own chapters as a prior. */
#include <math.h>
#include <string.h>

#include "find/chapters.h"
#include "find/judge.h"
#include "tap.h"

enum { LEN = 600 };

/* Titles in [a, b) and [c, d), each second's probability `sure` there and 1 - sure elsewhere. */
static void film(float *p, int a, int b, int c, int d, float sure) {
    for (int t = 0; t < LEN; t++) p[t] = (t >= a && t < b) || (t >= c && t < d) ? sure : 1.0f - sure;
}

static void test_edges(void) {
    static const struct {
        const char *what;
        double begin, end; /* of the marker */
        int at_end;
        bk_verdict verdict;
        double seconds;
    } cases[] = {
        { "a true start", NAN, 60, 0, BK_AGREES, 0 },
        { "a start half a second late", NAN, 60.5, 0, BK_AGREES, 0 },
        { "a start 10 s into the story", NAN, 70, 0, BK_SKIPS_STORY, 10 },
        { "a start 200 s into the story", NAN, 260, 0, BK_SKIPS_STORY, 200 },
        { "a start 10 s early", NAN, 50, 0, BK_LEAVES_CREDITS, 10 },
        { "nothing to skip, says the marker", NAN, 0, 0, BK_LEAVES_CREDITS, 60 },
        { "a true stretch", 0, 60, 0, BK_AGREES, 0 },
        { "a true end", 540, NAN, 1, BK_AGREES, 0 },
        { "an end 10 s into the story", 530, NAN, 1, BK_SKIPS_STORY, 10 },
        { "an end 10 s late", 550, NAN, 1, BK_LEAVES_CREDITS, 10 },
        { "credits to the film's end", 540, LEN, 1, BK_AGREES, 0 },
        { "an opening that holds a scene", 0, 90, 0, BK_SKIPS_STORY, 30 },
    };
    const judge_rules r = { decide_defaults(), 2.0 };
    float p[LEN];
    film(p, 0, 60, 540, LEN, 0.95f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const stretch s = { cases[i].begin, cases[i].end };
        bk_judgement j = judge_side(p, LEN, &s, 1, cases[i].at_end, &r);
        tap_ok(j.verdict == cases[i].verdict && fabs(j.seconds - cases[i].seconds) <= 0.6, "%s: %s %.1f s, sure %.2f",
               cases[i].what, bk_verdict_name(j.verdict), j.seconds, (double)j.sure);
    }
    tap_ok(judge_side(p, LEN, NULL, 0, 0, &r).verdict == BK_NO_MARKER, "no marker");
}

static void test_cold_open(void) {
    const judge_rules r = { decide_defaults(), 2.0 };
    float p[LEN];
    film(p, 90, 100, 540, LEN, 0.95f);
    const stretch mark = { NAN, 100 }, block = { 90, 100 }, all = { 0, 100 };
    tap_ok(judge_side(p, LEN, &mark, 1, 0, &r).verdict == BK_AGREES, "a mark after a cold open and a title card");
    tap_ok(judge_side(p, LEN, &block, 1, 0, &r).verdict == BK_AGREES, "the title card alone");
    bk_judgement j = judge_side(p, LEN, &all, 1, 0, &r);
    tap_ok(j.verdict == BK_SKIPS_STORY && fabs(j.seconds - 90) < 2, "the cold open too: %.1f s of story", j.seconds);
    const stretch two[2] = { { 0, 10 }, { 90, 100 } };
    j = judge_side(p, LEN, two, 2, 0, &r);
    tap_ok(j.verdict == BK_SKIPS_STORY && fabs(j.seconds - 10) < 1, "of two stretches the wrong one: %.1f s",
           j.seconds);
    const stretch late = { 86, 100 };
    j = judge_side(p, LEN, &late, 1, 0, &r);
    tap_ok(j.verdict == BK_SKIPS_STORY && fabs(j.seconds - 4) < 1, "a stretch that begins 4 s early: %.1f s",
           j.seconds);
}

static void test_unsure(void) {
    const judge_rules r = { decide_defaults(), 2.0 };
    float p[LEN];
    for (int t = 0; t < LEN; t++) p[t] = t % 2 ? 0.45f : 0.55f;
    const stretch s = { NAN, 60 };
    tap_ok(judge_side(p, LEN, &s, 1, 0, &r).verdict == BK_AGREES, "a picture that is not sure contradicts nobody");
    for (int t = 0; t < LEN; t++) p[t] = NAN;
    tap_ok(judge_side(p, LEN, &s, 1, 0, &r).verdict == BK_AGREES, "nor does one that nobody looked at");
    const stretch odd[] = { { NAN, 1e6 }, { -5, -1 }, { 50, 40 } };
    for (int i = 0; i < 3; i++) judge_side(p, LEN, &odd[i], 1, i == 1, &r);
    tap_ok(true, "stretches outside of the film");
}

/* ---- chapters as a prior --------------------------------------------------------------------------------- */

static marks chapters(const double *begins, const char *const *names, int n) {
    marks m = { 0 };
    for (int i = 0; i < n; i++)
        marks_add(&m,
                  (marker){ (int64_t)(begins[i] * 1e6), (int64_t)((i + 1 < n ? begins[i + 1] : LEN) * 1e6),
                            mark_kind_of(names[i]) },
                  NULL);
    return m;
}

static void test_prior(void) {
    const decide_rules r = decide_defaults();
    float p[LEN], bonus[2 * (LEN + 1)];
    decide_result with, without;
    const char *const named[] = { "Opening", "Part A", "Ending" };
    /* the picture is not sure whether the opening ends at 60 or at 80 */
    film(p, 0, 60, 540, LEN, 0.95f);
    for (int t = 60; t < 80; t++) p[t] = 0.5f;
    marks m = chapters((double[]){ 0, 80, 540 }, named, 3);
    chapters_bonus(bonus, &m, LEN);
    decide_map(&without, p, LEN, &r, NULL, NULL);
    decide_map_known(&with, p, LEN, &r, bonus, NULL, NULL);
    tap_ok(abs(with.opening.end - 80) <= 1 && with.opening.mass > 0.5f && without.opening.mass < 0.5f,
           "a right name settles it: %d s (%.2f), without it %d s (%.2f)", with.opening.end,
           (double)with.opening.mass, without.opening.end, (double)without.opening.mass);
    marks_close(&m);
    /* clear pictures, wrong names: an "opening" of 30 s, "credits" 100 s early, a "prologue" over the whole opening
     */
    film(p, 0, 60, 540, LEN, 0.95f);
    m = chapters((double[]){ 0, 30, 440 }, named, 3);
    chapters_bonus(bonus, &m, LEN);
    decide_map_known(&with, p, LEN, &r, bonus, NULL, NULL);
    tap_ok(with.opening.end == 60 && with.credits.begin == 540,
           "wrong names do not overrule clear pictures: %d s, %d s", with.opening.end, with.credits.begin);
    marks_close(&m);
    m = chapters((double[]){ 0, 300 }, (const char *const[]){ "Prologue", "Part B" }, 2);
    chapters_bonus(bonus, &m, LEN);
    decide_map_known(&with, p, LEN, &r, bonus, NULL, NULL);
    tap_ok(with.opening.end == 60 && with.credits.begin == 540, "nor does a name for story: %d s, %d s",
           with.opening.end, with.credits.begin);
    float most = 0.0f;
    for (int i = 0; i < 2 * (LEN + 1); i++) most = fmaxf(most, fabsf(bonus[i]));
    tap_ok(most > 0.0f && most <= CHAPTERS_MOST, "the prior is bounded: %.1f", (double)most);
    marks_close(&m);
    m = chapters((double[]){ 0, 58, 300 }, (const char *const[]){ "Chapter 1", "Chapter 2", "Chapter 3" }, 3);
    chapters_bonus(bonus, &m, LEN);
    tap_ok(bonus[58] > 0 && bonus[58] < 1 && bonus[80] == 0 && bonus[0] == 0,
           "numbers only say where a chapter begins");
    marks_close(&m);
}

/* Frames at 24 a second with a hard cut before frame `cut`. */
static int strip(frame_note *f, int n, int cut) {
    for (int i = 0; i < n; i++)
        f[i] = (frame_note){
            .time_us = (int64_t)i * 1000000 / 24, .mean = 0.5f, .top = 0.9f, .change = i == cut ? 0.3f : 0.01f
        };
    return n;
}

static void test_frame(void) {
    frame_note f[240];
    int n = strip(f, 240, 120);
    marks at_cut = chapters((double[]){ 0, 5.0 }, (const char *const[]){ "a", "b" }, 2);
    marks beside = chapters((double[]){ 0, 4.0 }, (const char *const[]){ "a", "b" }, 2);
    tap_ok(chapters_frame(f, n, 100, 1, &at_cut) == 120, "a chapter that begins at a cut gives the frame");
    tap_ok(chapters_frame(f, n, 100, 1, &beside) == 100, "one where nothing is cut does not");
    tap_ok(chapters_frame(f, n, 20, 1, &at_cut) == 20, "nor one that is 4 s away");
    f[130].looked = true;
    f[130].titled = 0.9f;
    tap_ok(chapters_frame(f, n, 100, 1, &at_cut) == 100, "nor one with titles behind it");
    tap_ok(chapters_frame(f, n, 100, 1, &(marks){ 0 }) == 100, "no chapters");
    marks_close(&at_cut);
    marks_close(&beside);
}

int main(void) {
    test_edges();
    test_cold_open();
    test_unsure();
    test_prior();
    test_frame();
    return tap_done();
}
