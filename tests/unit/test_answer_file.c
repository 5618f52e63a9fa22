/* Answers to the cache and back: nothing is lost, and nothing that is damaged comes back. */
#include <string.h>

#include "find/answer_file.h"
#include "tap.h"

static const bk_answer sample = {
    .start_main = { 4916667, 118, 0.652654469f, BK_FOUND },
    .end_main = { 139500000, 3347, 0.1f, BK_NONE },
    .duration_us = 150041667,
    .fps = 24000.0 / 1001.0,
    .n_segments = 2,
    .segments = { { 0, 4916667, BK_OPENING, 0.65f }, { 4916667, 150041667, BK_POST_CREDITS, 1.0f } },
    .reason = "the end is not clear: \"5 s\" or nothing",
};

static bool same_mark(const bk_mark *a, const bk_mark *b) {
    return a->time_us == b->time_us && a->frame == b->frame && a->confidence == b->confidence && a->found == b->found;
}

static bool same_segments(const bk_answer *a, const bk_answer *b) {
    bool same = a->n_segments == b->n_segments;
    for (int i = 0; same && i < a->n_segments; i++) {
        const bk_segment *s = &a->segments[i], *t = &b->segments[i];
        same = s->begin_us == t->begin_us && s->end_us == t->end_us && s->kind == t->kind &&
               s->confidence == t->confidence;
    }
    return same;
}

static void test_round_trip(void) {
    text t = { 0 };
    bk_answer a = { 0 };
    char model[64] = "";
    answer_write(&t, &sample, "small \xc3\xa9", "a|b \"c\"");
    bool read = answer_read(&a, model, text_str(&t), t.n, "a|b \"c\"");
    tap_ok(read && !strcmp(model, "small \xc3\xa9"), "an answer comes back, with its model");
    tap_ok(same_mark(&a.start_main, &sample.start_main) && same_mark(&a.end_main, &sample.end_main), "its marks");
    tap_ok(a.duration_us == sample.duration_us && same_segments(&a, &sample) && !strcmp(a.reason, sample.reason),
           "length, segments and reason");
    tap_near(a.fps, sample.fps, 1e-11, "frame rate");
    tap_ok(!answer_read(&a, model, text_str(&t), t.n, "a|b \"d\""), "another source has no answer here");
    size_t accepted = 0;
    for (size_t n = 0; n + 2 < t.n; n++) accepted += answer_read(&a, model, text_str(&t), n, "a|b \"c\"");
    tap_ok(accepted == 0, "no part of the file is taken for the whole");
    text_close(&t);
}

/* Replaces the first `from` in the file by `to` and reads it. */
static bool read_changed(const char *from, const char *to) {
    text t = { 0 }, changed = { 0 };
    bk_answer a = { .duration_us = -7 };
    char model[64] = "";
    answer_write(&t, &sample, "small", "s");
    const char *at = strstr(text_str(&t), from);
    text_add_n(&changed, text_str(&t), at ? (size_t)(at - text_str(&t)) : 0);
    text_add(&changed, to);
    text_add(&changed, at ? at + strlen(from) : "");
    bool read = answer_read(&a, model, text_str(&changed), changed.n, "s");
    if (!at || (!read && (a.duration_us != -7 || model[0]))) read = true; /* it touched something: fails below */
    text_close(&t);
    text_close(&changed);
    return read;
}

static void test_damage(void) {
    static const char *const changes[][2] = {
        { "\"bookend\": 1", "\"bookend\": 2" },
        { "\"found\": 1", "\"found\": 3" },
        { "\"found\": 1", "\"found\": -1" },
        { "\"kind\": 0", "\"kind\": 7" },
        { "\"end\": 4916667", "\"end\": -1" },
        { "\"begin\": 4916667", "\"begin\": 4916666" },
        { "0.65", "1.65" },
        { "\"duration\": 150041667", "\"duration\": 1e300" },
        { "\"fps\": ", "\"fps\": -" },
        { "\"reason\"", "\"raison\"" },
        { "[", "{" },
        { "\"model\": \"small\"", "\"model\": 1" },
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        tap_ok(!read_changed(changes[i][0], changes[i][1]), "%s for %s is no answer, and touches nothing",
               changes[i][1], changes[i][0]);
}

int main(void) {
    test_round_trip();
    test_damage();
    return tap_done();
}
