/* The cache of answers: any bytes. What is taken for an answer is one that every writer of reports can take. */
#include <string.h>

#include "find/answer_file.h"
#include "fuzz.h"

static void check_mark(const bk_mark *m) {
    HOLDS(m->time_us >= 0 && m->frame >= 0 && m->confidence >= 0 && m->confidence <= 1);
    HOLDS(m->found == BK_UNSURE || m->found == BK_FOUND || m->found == BK_NONE);
}

/* Written again and read again it is the same. */
static void check_again(const bk_answer *a, const char *model) {
    text t = { 0 };
    bk_answer b;
    char name[64];
    answer_write(&t, a, model, "s");
    if (text_ok(&t)) {
        HOLDS(answer_read(&b, name, text_str(&t), t.n, "s"));
        HOLDS(b.start_main.time_us == a->start_main.time_us && b.n_segments == a->n_segments);
    }
    text_close(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bk_answer a;
    char model[64];
    if (!answer_read(&a, model, (const char *)data, size, "s")) return 0;
    HOLDS(strlen(model) < sizeof model && strlen(a.reason) < sizeof a.reason);
    HOLDS(a.duration_us >= 0 && a.fps >= 0 && a.n_segments >= 0 && a.n_segments <= BK_SEGMENTS_MAX);
    check_mark(&a.start_main);
    check_mark(&a.end_main);
    for (int i = 0; i < a.n_segments; i++) {
        HOLDS(a.segments[i].kind <= BK_POST_CREDITS && a.segments[i].begin_us <= a.segments[i].end_us);
        HOLDS(i == 0 || a.segments[i - 1].end_us <= a.segments[i].begin_us);
    }
    check_again(&a, model);
    return 0;
}
