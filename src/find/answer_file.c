/* Answers to JSON and back, exact to the microsecond. For the cache alone: what programs read is out/json.c. A file
 * that was damaged, or written by hand, is no answer; no sentence is wasted on it. */
#include "find/answer_file.h"

#include <stdio.h>
#include <string.h>

#include "store/json.h"

enum { FORMAT = 1, DIGITS = 12 }; /* DIGITS: more than a float between 0 and 1 needs to come back as it was */
static const int64_t TIME_MAX_US = INT64_C(1) << 50;

/* ---- writing --------------------------------------------------------------------------------------- */

static void write_mark(text *t, const char *key, const bk_mark *m) {
    text_addf(t, ",\n \"%s\": {\"found\": %d, \"us\": %lld, \"frame\": %lld, \"confidence\": ", key, (int)m->found,
              (long long)m->time_us, (long long)m->frame);
    text_add_number(t, (double)m->confidence, DIGITS);
    text_add(t, "}");
}

static void write_segment(text *t, const bk_segment *s, bool first) {
    text_addf(t, "%s\n  {\"kind\": %d, \"begin\": %lld, \"end\": %lld, \"confidence\": ", first ? "" : ",",
              (int)s->kind, (long long)s->begin_us, (long long)s->end_us);
    text_add_number(t, (double)s->confidence, DIGITS);
    text_add(t, "}");
}

void answer_write(text *t, const bk_answer *a, const char *model, const char *source) {
    text_addf(t, "{\"bookend\": %d,\n \"source\": ", FORMAT);
    text_add_json(t, source);
    text_add(t, ",\n \"model\": ");
    text_add_json(t, model);
    text_addf(t, ",\n \"duration\": %lld, \"fps\": ", (long long)a->duration_us);
    text_add_number(t, a->fps, DIGITS);
    write_mark(t, "start", &a->start_main);
    write_mark(t, "end", &a->end_main);
    text_add(t, ",\n \"reason\": ");
    text_add_json(t, a->reason);
    text_add(t, ",\n \"segments\": [");
    for (int i = 0; i < a->n_segments; i++) write_segment(t, &a->segments[i], i == 0);
    text_add(t, "]}\n");
}

/* ---- reading --------------------------------------------------------------------------------------- */

static bool read_share(const json *v, float *out) {
    double x;
    if (!json_number(v, 0.0, 1.0, &x)) return false;
    *out = (float)x;
    return true;
}

static bool read_mark(const json *v, bk_mark *m) {
    int64_t found;
    bool ok = json_int(json_get(v, "found"), BK_UNSURE, BK_NONE, &found) &&
              json_int(json_get(v, "us"), 0, TIME_MAX_US, &m->time_us) &&
              json_int(json_get(v, "frame"), 0, TIME_MAX_US, &m->frame) &&
              read_share(json_get(v, "confidence"), &m->confidence);
    if (ok) m->found = (bk_found)found;
    return ok;
}

/* Segments follow one another. */
static bool read_segments(const json *list, bk_answer *a) {
    if (!list || list->type != JSON_ARRAY || json_count(list) > BK_SEGMENTS_MAX) return false;
    int64_t at = 0, kind;
    for (const json *v = list->u.first; v; v = v->next) {
        bk_segment *s = &a->segments[a->n_segments++];
        if (!json_int(json_get(v, "kind"), BK_OPENING, BK_POST_CREDITS, &kind) ||
            !json_int(json_get(v, "begin"), at, TIME_MAX_US, &s->begin_us) ||
            !json_int(json_get(v, "end"), s->begin_us, TIME_MAX_US, &s->end_us) ||
            !read_share(json_get(v, "confidence"), &s->confidence))
            return false;
        s->kind = (bk_kind)kind;
        at = s->end_us;
    }
    return true;
}

static bool read_text(const json *v, char *out, size_t cap) {
    const char *s = json_string(v);
    if (!s || strlen(s) >= cap) return false;
    snprintf(out, cap, "%s", s);
    return true;
}

static bool read_answer(const json *root, bk_answer *a) {
    return json_int(json_get(root, "duration"), 0, TIME_MAX_US, &a->duration_us) &&
           json_number(json_get(root, "fps"), 0.0, 1e6, &a->fps) &&
           read_mark(json_get(root, "start"), &a->start_main) && read_mark(json_get(root, "end"), &a->end_main) &&
           read_text(json_get(root, "reason"), a->reason, sizeof a->reason) &&
           read_segments(json_get(root, "segments"), a);
}

bool answer_read(bk_answer *out, char model[64], const char *source_json, size_t n, const char *source) {
    json_doc doc = { 0 };
    bk_answer a = { 0 };
    char name[64];
    int64_t format;
    if (json_parse(&doc, source_json, n, "", NULL) != BK_OK) return false;
    const char *of = json_string(json_get(doc.root, "source"));
    bool ok = json_int(json_get(doc.root, "bookend"), FORMAT, FORMAT, &format) && of && strcmp(of, source) == 0 &&
              read_text(json_get(doc.root, "model"), name, sizeof name) && read_answer(doc.root, &a);
    if (ok) {
        *out = a;
        memcpy(model, name, sizeof name);
    }
    json_close(&doc);
    return ok;
}
