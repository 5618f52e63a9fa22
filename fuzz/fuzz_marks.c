/* Fuzzes marks/: any bytes as a file of markers, and as the name of a chapter. */
#include <string.h>

#include "fuzz.h"
#include "marks/marks.h"

static void check_side(const mark_claim *c) {
    HOLDS(c->n >= 0 && c->n <= CLAIM_MAX);
    for (int i = 0; i < c->n; i++)
        HOLDS(c->at[i].kind == MARK_INTRO || c->at[i].kind == MARK_RECAP || c->at[i].kind == MARK_CREDITS ||
              c->at[i].kind == MARK_SKIP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const mark_film film = { "season/film.mkv", 60000000, 24.0 };
    marks m = { 0 };
    mark_claim start, end;
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = 0;
    mark_kind kind = mark_kind_of(text);
    HOLDS(kind != MARK_SKIP);
    bk_error err = { 0 };
    int code = marks_parse(&m, text, size, "fuzz", &film, &err);
    HOLDS(code == BK_OK ? m.format != NULL : err.text[0] && !m.at);
    marks_claim(&start, &end, &m, film.duration_us);
    check_side(&start);
    check_side(&end);
    marks_close(&m);
    free(text);
    return 0;
}
