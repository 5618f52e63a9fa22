/* JSON: AniSkip, TheIntroDB, Jellyfin, and bookend's own answers, one object a line. Members tell which it is. */
#include <string.h>

#include "marks/read.h"
#include "store/json.h"

static const double LONGEST = 1e17; /* in any of the units: json_number() refuses what is no time */

static int add(marks *m, double begin_s, double end_s, mark_kind kind, const char *name, bk_error *err) {
    if (!(begin_s >= 0 && end_s > begin_s && end_s < 1e7))
        return bk_fail(err, BK_EFORMAT, "%s: a stretch from %.3f s to %.3f s", name, begin_s, end_s);
    return marks_add(m, (marker){ (int64_t)(begin_s * 1e6 + 0.5), (int64_t)(end_s * 1e6 + 0.5), kind }, err);
}

/* ---- AniSkip: {"results":[{"interval":{"startTime":s,"endTime":s},"skipType":"op"}]} --------------------- */

static mark_kind aniskip_kind(const char *type) {
    if (!type) return MARK_NOTHING;
    if (!strcmp(type, "op") || !strcmp(type, "mixed-op")) return MARK_INTRO;
    if (!strcmp(type, "ed") || !strcmp(type, "mixed-ed")) return MARK_CREDITS;
    return strcmp(type, "recap") ? MARK_NOTHING : MARK_RECAP;
}

static int read_aniskip(marks *m, const json *results, const char *name, bk_error *err) {
    int code = BK_OK;
    for (const json *r = results->type == JSON_ARRAY ? results->u.first : NULL; r && code == BK_OK; r = r->next) {
        const json *at = json_get(r, "interval");
        double begin, end;
        if (!json_number(json_get(at, "startTime"), 0, LONGEST, &begin) ||
            !json_number(json_get(at, "endTime"), 0, LONGEST, &end))
            return bk_fail(err, BK_EFORMAT, "%s: a result of AniSkip without an interval", name);
        code = add(m, begin, end, aniskip_kind(json_string(json_get(r, "skipType"))), name, err);
    }
    return code;
}

/* ---- Jellyfin: {"Items":[{"Type":"Intro","StartTicks":t,"EndTicks":t}]} ----------------------------------- */

static mark_kind jellyfin_kind(const char *type) {
    if (!type) return MARK_NOTHING;
    if (!strcmp(type, "Intro")) return MARK_INTRO;
    if (!strcmp(type, "Outro")) return MARK_CREDITS;
    if (!strcmp(type, "Recap")) return MARK_RECAP;
    return strcmp(type, "Commercial") ? MARK_NOTHING : MARK_SKIP;
}

static int read_jellyfin(marks *m, const json *items, const char *name, bk_error *err) {
    int code = BK_OK;
    for (const json *r = items->type == JSON_ARRAY ? items->u.first : NULL; r && code == BK_OK; r = r->next) {
        double begin, end;
        if (!json_number(json_get(r, "StartTicks"), 0, LONGEST, &begin) ||
            !json_number(json_get(r, "EndTicks"), 0, LONGEST, &end))
            return bk_fail(err, BK_EFORMAT, "%s: an item of Jellyfin without StartTicks and EndTicks", name);
        code = add(m, begin / 1e7, end / 1e7, jellyfin_kind(json_string(json_get(r, "Type"))), name, err);
    }
    return code;
}

/* ---- TheIntroDB: {"intro":[{"start_ms":null,"end_ms":ms}],"credits":[...]} -------------------------------- */

static bool edge(const json *v, double at_null, double *out_ms) {
    if (v && v->type != JSON_NULL) return json_number(v, 0, LONGEST, out_ms);
    *out_ms = at_null;
    return true;
}

static int read_theintrodb(marks *m, const json *root, const char *name, const mark_film *film, bk_error *err) {
    static const struct {
        const char *key;
        mark_kind kind;
    } roles[] = { { "intro", MARK_INTRO }, { "recap", MARK_RECAP }, { "credits", MARK_CREDITS } };
    int code = BK_OK;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        const json *a = json_get(root, roles[i].key);
        for (const json *r = a && a->type == JSON_ARRAY ? a->u.first : NULL; r && code == BK_OK; r = r->next) {
            double begin, end;
            if (!edge(json_get(r, "start_ms"), 0, &begin) ||
                !edge(json_get(r, "end_ms"), (double)film->duration_us / 1e3, &end))
                return bk_fail(err, BK_EFORMAT, "%s: %s has a time that is no number of milliseconds", name,
                               roles[i].key);
            code = add(m, begin / 1e3, end / 1e3, roles[i].kind, name, err);
        }
    }
    return code;
}

/* ---- bookend's own ----------------------------------------------------------------------------------------- */

static mark_kind own_kind(const char *kind) {
    if (!kind) return MARK_NOTHING;
    if (!strcmp(kind, "main") || !strcmp(kind, "post-credits")) return MARK_STORY;
    if (!strcmp(kind, "recap")) return MARK_RECAP;
    return strcmp(kind, "credits") ? MARK_INTRO : MARK_CREDITS;
}

/* The two marks; null is none, and the film's edge says that there is nothing to skip. */
static int read_own_marks(marks *m, const json *root, bk_error *err) {
    double start, end;
    int code = BK_OK;
    if (json_number(json_get(root, "start_main"), 0, 1e7, &start))
        code = marks_add(m, (marker){ MARK_OPEN, (int64_t)(start * 1e6 + 0.5), MARK_INTRO }, err);
    if (code == BK_OK && json_number(json_get(root, "end_main"), 0, 1e7, &end))
        code = marks_add(m, (marker){ (int64_t)(end * 1e6 + 0.5), MARK_OPEN, MARK_CREDITS }, err);
    return code;
}

static int read_own(marks *m, const json *root, const char *name, bk_error *err) {
    const json *segments = json_get(root, "segments");
    double begin, end, story = 0.0;
    int code = BK_OK;
    if (json_count(segments) == 0) return read_own_marks(m, root, err);
    json_number(json_get(root, "start_main"), 0, 1e7, &story);
    for (const json *r = segments->u.first; r && code == BK_OK; r = r->next) {
        mark_kind kind = own_kind(json_string(json_get(r, "kind")));
        if (!json_number(json_get(r, "start"), 0, 1e7, &begin) || !json_number(json_get(r, "end"), 0, 1e7, &end))
            return bk_fail(err, BK_EFORMAT, "%s: a segment without start and end", name);
        if (kind == MARK_INTRO && begin > story) kind = MARK_CREDITS; /* a logo behind the story */
        code = add(m, begin, end, kind, name, err);
    }
    return code;
}

/* ---- which of them ------------------------------------------------------------------------------------------ */

static bool is_of_film(const json *root, const mark_film *film) {
    const char *file = json_string(json_get(root, "file"));
    return !file || !strcmp(path_name(file), path_name(film->path));
}

static int read_object(marks *m, const json *root, const char *name, const mark_film *film, bk_error *err) {
    const json *list;
    if ((list = json_get(root, "results")) != NULL) return read_aniskip(m, list, name, err);
    if ((list = json_get(root, "Items")) != NULL) return read_jellyfin(m, list, name, err);
    if (json_get(root, "start_main") || json_get(root, "segments")) return read_own(m, root, name, err);
    if (json_get(root, "intro") || json_get(root, "credits") || json_get(root, "recap") || json_get(root, "tmdb_id"))
        return read_theintrodb(m, root, name, film, err);
    return bk_fail(err, BK_EFORMAT, "%s: JSON, but of none of AniSkip, TheIntroDB, Jellyfin and bookend", name);
}

/* One object a line, as bookend prints them: the one of the film. */
static int read_lines(marks *m, const char *source, size_t n, const char *name, const mark_film *film,
                      bk_error *err) {
    const char *end = source + n;
    int objects = 0;
    for (const char *s = source; s < end;) {
        const char *stop = memchr(s, '\n', (size_t)(end - s));
        size_t k = (size_t)((stop ? stop : end) - s);
        json_doc d = { 0 };
        int code = strspn(s, " \t\r") < k ? json_parse(&d, s, k, name, err) : BK_OK;
        bool mine = d.root && is_of_film(d.root, film);
        objects += d.root != NULL;
        if (code == BK_OK && mine) code = read_object(m, d.root, name, film, err);
        json_close(&d);
        if (code != BK_OK || mine) return code;
        s += k + 1;
    }
    return bk_fail(err, BK_EMISMATCH, "%s: none of its %d answers is of %s", name, objects, path_name(film->path));
}

int read_json(marks *m, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err) {
    json_doc d = { 0 };
    if (json_parse(&d, source, n, name, NULL) != BK_OK) return read_lines(m, source, n, name, film, err);
    const json *root = d.root->type == JSON_ARRAY && d.root->u.first ? d.root->u.first : d.root;
    int code = is_of_film(root, film) ? read_object(m, root, name, film, err)
                                      : bk_fail(err, BK_EMISMATCH, "%s: its answer is of another film than %s", name,
                                                path_name(film->path));
    json_close(&d);
    return code;
}
