/* bk_verify: someone else's markers judged by the picture. Joins marks, looking and find/judge. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "find/judge.h"
#include "find/scan.h"
#include "marks/marks.h"

enum { NEAR_S = 15, TEXT_MAX = 16 << 20, HEAD = 64 };

/* ---- the markers ----------------------------------------------------------------------------------------- */

static int read_film(marks *to, const char *path, bk_error *err) {
    const video_options small = { .threads = 1 };
    video *v = NULL;
    int code = video_open(&v, path, &small, err);
    if (code == BK_OK) code = job_chapters(to, v, err);
    to->format = "chapters";
    video_close(&v);
    return code;
}

/* No text has a zero byte in its first bytes; every container has. */
static bool is_text(const char *path) {
    file_view f = { 0 };
    if (file_map(&f, path, NULL) != BK_OK) return true; /* reading it will say why */
    bool readable = !memchr(f.data, 0, f.size < HEAD ? f.size : HEAD);
    file_unmap(&f);
    return readable;
}

static int read_markers(marks *to, const char *path, const job *j, bk_error *err) {
    const mark_film film = { j->path, j->t->duration_us, j->t->fps };
    char *source = NULL;
    size_t n;
    if (!is_text(path)) return read_film(to, path, err);
    int code = file_read(&source, &n, path, TEXT_MAX, err);
    if (code == BK_OK) code = marks_parse(to, source, n, path, &film, err);
    free(source);
    return code;
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

static int clamp(double s, int len) {
    return s < 0 ? 0 : s > len ? len : (int)s;
}

/* Every second near an edge of a stretch, and at least the keyframes of what it would skip. */
static int look_at(job *j, const stretch *x, bk_error *err) {
    int len = j->t->len, code = BK_OK;
    int from = isnan(x->begin) ? 0 : clamp(x->begin, len), to = isnan(x->end) ? len : clamp(ceil(x->end), len);
    for (int a = from; code == BK_OK && a < to; a++) {
        int b = a;
        while (b < to && j->t->state[b] == SAMPLE_NONE) b++;
        if (b > a) code = job_look_keyframes(j, a, b, err);
        a = b;
    }
    const double edges[2] = { x->begin, x->end };
    for (int i = 0; i < 2 && code == BK_OK; i++) {
        if (isnan(edges[i]) || edges[i] <= 0 || edges[i] >= len) continue;
        code = job_look_densely(j, clamp(edges[i] - NEAR_S, len), clamp(edges[i] + NEAR_S, len), err);
    }
    return code;
}

/* Where a second's own frame shows titles to the encoder's classifier, that counts, whatever the head makes of it. */
static void add_titles(float *probs, const job *j) {
    float moments[MOMENTS];
    if (!j->m->probe) return;
    for (int s = 0; s < j->t->len; s++) {
        if (j->t->state[s] != SAMPLE_SEEN) continue;
        embed_classify(moments, j->m->probe, j->t->embeddings + (size_t)s * (size_t)j->t->dim, j->t->dim);
        probs[s] = fmaxf(probs[s], moments[MOMENT_LOGO] + moments[MOMENT_TITLE] + moments[MOMENT_CREDITS]);
    }
}

/* ---- judging ------------------------------------------------------------------------------------------------ */

typedef struct side {
    stretch at[CLAIM_MAX];
    int n;
} side;

static side side_of(const mark_claim *c) {
    side s = { .n = c->n };
    for (int i = 0; i < c->n; i++) {
        const marker *k = &c->at[i];
        s.at[i].begin = k->begin_us == MARK_OPEN ? NAN : (double)k->begin_us / 1e6;
        s.at[i].end = k->end_us == MARK_OPEN ? NAN : (double)k->end_us / 1e6;
    }
    return s;
}

static int look_at_side(job *j, const side *s, bk_error *err) {
    int code = BK_OK;
    for (int i = 0; i < s->n && code == BK_OK; i++) code = look_at(j, &s->at[i], err);
    return code;
}

static int judge(bk_verification *out, job *j, const marks *m, double tolerance_s, bk_error *err) {
    const judge_rules rules = { job_rules(j->m, NULL, j->t->len), tolerance_s > 0 ? tolerance_s : 2.0 };
    mark_claim at_start, at_end;
    marks_claim(&at_start, &at_end, m, j->t->duration_us);
    const side start = side_of(&at_start), end = side_of(&at_end);
    float *probs = bk_alloc((size_t)j->t->len, sizeof *probs);
    int code = probs ? look_at_side(j, &start, err) : bk_fail_memory(err, "probabilities");
    if (code == BK_OK) code = look_at_side(j, &end, err);
    if (code == BK_OK) code = scan_probabilities(probs, j->m, j->t, j->p, err);
    if (code == BK_OK) {
        add_titles(probs, j);
        out->start = judge_side(probs, j->t->len, start.at, start.n, 0, &rules);
        out->end = judge_side(probs, j->t->len, end.at, end.n, 1, &rules);
        if (start.n) out->start.marker_us = at_start.at[start.n - 1].end_us;
        if (end.n) out->end.marker_us = at_end.at[0].begin_us;
    }
    free(probs);
    return code;
}

int bk_verify(bk_verification *out, const char *path, const char *markers, const bk_model *m,
              const bk_find_options *opt, double tolerance_s, bk_error *err) {
    bk_verification v = { 0 };
    marks read = { 0 };
    job j;
    if (!m->has_head) return bk_fail(err, BK_EMISMATCH, "%s has no head: it cannot judge", m->name);
    int code = job_open(&j, path, m, opt, err);
    if (code != BK_OK) return code;
    code = job_track(&j, opt && opt->scan == BK_SCAN_FULL, err);
    if (code == BK_OK) code = read_markers(&read, markers, &j, err);
    if (code == BK_OK) {
        v.format = read.format;
        code = judge(&v, &j, &read, tolerance_s, err);
    }
    if (code == BK_OK) *out = v;
    marks_close(&read);
    job_close(&j);
    return code;
}
