/* From markers to what they claim of the film's two ends. */
#include "marks/marks.h"

static bool is_at_end(const marker *k, int64_t duration_us) {
    if (k->kind == MARK_CREDITS) return true;
    if (k->kind != MARK_SKIP) return false;
    return k->begin_us / 2 + k->end_us / 2 > duration_us / 2;
}

void marks_claim(mark_claim *start, mark_claim *end, const marks *m, int64_t duration_us) {
    start->n = end->n = 0;
    for (size_t i = 0; i < m->n; i++) {
        const marker *k = &m->at[i];
        if (k->kind == MARK_STORY || k->kind == MARK_NOTHING) continue;
        mark_claim *to = is_at_end(k, duration_us) ? end : start;
        if (to->n < CLAIM_MAX) to->at[to->n++] = *k;
    }
}
