/* Chapters: ffmetadata, Matroska's XML, OGM, WebVTT. What a chapter is, its name says; in Matroska also its
 * ChapterSkipType. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marks/read.h"

static int add(marks *m, int64_t begin_us, int64_t end_us, mark_kind kind, bk_error *err) {
    return marks_add(m, (marker){ begin_us, end_us, kind }, err);
}

/* ---- ffmetadata ---------------------------------------------------------------------------------------- */

/* Takes the backslashes of the escapes away. */
static void unescape(char *s) {
    char *to = s;
    for (; *s; s++) {
        if (*s == '\\' && s[1]) s++;
        *to++ = *s;
    }
    *to = 0;
}

static bool read_base(const char *s, double *unit_us) {
    char *end;
    double num = strtod(s, &end), den = *end == '/' ? strtod(end + 1, NULL) : 1.0;
    if (!(num > 0 && num < 1e9 && den > 0 && den <= 1e12)) return false;
    *unit_us = num / den * 1e6;
    return true;
}

static bool in_units(const char *s, double unit_us, int64_t *out) {
    double x = strtod(s, NULL) * unit_us;
    if (!(fabs(x) < 1e13)) return false;
    *out = llround(x);
    return true;
}

int read_ffmetadata(marks *m, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err) {
    lines l = lines_of(source, n, name);
    double unit_us = 1e-3; /* nanoseconds where it is not said */
    bool inside = false;
    int code = BK_OK;
    while (code == BK_OK && lines_next(&l)) {
        char *value = strchr(l.line, '=');
        if (l.line[0] == '[') {
            inside = !strcmp(l.line, "[CHAPTER]");
            unit_us = 1e-3;
            if (inside) code = add(m, MARK_OPEN, MARK_OPEN, MARK_NOTHING, err);
        }
        if (!inside || !value || code != BK_OK) continue;
        marker *k = &m->at[m->n - 1];
        *value++ = 0;
        bool ok = true;
        if (!strcmp(l.line, "TIMEBASE")) ok = read_base(value, &unit_us);
        if (!strcmp(l.line, "START")) ok = in_units(value, unit_us, &k->begin_us);
        if (!strcmp(l.line, "END")) ok = in_units(value, unit_us, &k->end_us);
        if (!strcmp(l.line, "title")) {
            unescape(value);
            k->kind = mark_kind_of(value);
        }
        if (!ok) return lines_fail(&l, "not a number of a chapter", err);
    }
    for (size_t i = 0; code == BK_OK && i < m->n; i++)
        if (m->at[i].begin_us == MARK_OPEN)
            return bk_fail(err, BK_EFORMAT, "%s: chapter %zu of %zu has no START", name, i + 1, m->n);
    return code;
}

/* ---- Matroska's XML -------------------------------------------------------------------------------------- */

/* The text of the first element of that name in [s, end), up to the next tag; NULL when there is none. */
static const char *element(const char *s, const char *end, const char *tag, char *to, size_t cap) {
    size_t n = strlen(tag);
    for (; s < end && (s = memchr(s, '<', (size_t)(end - s))) != NULL; s++) {
        const char *name = s + 1, *close;
        if ((size_t)(end - name) <= n || strncmp(name, tag, n) != 0 || (name[n] != '>' && name[n] != ' ')) continue;
        close = memchr(name, '>', (size_t)(end - name));
        if (!close) return NULL;
        size_t k = 0;
        for (close++; close < end && *close != '<' && k + 1 < cap; close++) to[k++] = *close;
        to[k] = 0;
        return to;
    }
    return NULL;
}

static mark_kind kind_of_skip_type(const char *s) {
    static const mark_kind kinds[] = { MARK_STORY,   MARK_INTRO,   MARK_CREDITS, MARK_RECAP,
                                       MARK_NOTHING, MARK_NOTHING, MARK_SKIP,    MARK_SKIP };
    return isdigit((unsigned char)s[0]) && !s[1] && s[0] < '8' ? kinds[s[0] - '0'] : MARK_NOTHING;
}

/* An atom's own elements stand before the next atom begins, whether that is inside of it or behind it. */
static int read_atom(marks *m, const char *s, const char *end, const char *name, bk_error *err) {
    char value[256];
    marker k = { .end_us = MARK_OPEN };
    const char *found = element(s, end, "ChapterTimeStart", value, sizeof value);
    if (!found || !read_time(value + strspn(value, " \t\r\n"), 0, &k.begin_us))
        return bk_fail(err, BK_EFORMAT, "%s: chapter %zu has no ChapterTimeStart that is a time", name, m->n + 1);
    if (element(s, end, "ChapterTimeEnd", value, sizeof value))
        read_time(value + strspn(value, " \t\r\n"), 0, &k.end_us);
    if (element(s, end, "ChapterString", value, sizeof value)) k.kind = mark_kind_of(value);
    if (element(s, end, "ChapterSkipType", value, sizeof value) && kind_of_skip_type(value) != MARK_NOTHING)
        k.kind = kind_of_skip_type(value);
    return marks_add(m, k, err);
}

int read_matroska(marks *m, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err) {
    static const char open[] = "<ChapterAtom>";
    const char *end = source + strlen(source), *s = strstr(source, open);
    int code = BK_OK;
    if (!strstr(source, "<Chapters")) return bk_fail(err, BK_EFORMAT, "%s: XML, but not Matroska's chapters", name);
    while (s && code == BK_OK) {
        const char *next = strstr(s + 1, open);
        code = read_atom(m, s, next ? next : end, name, err);
        s = next;
    }
    return code;
}

/* ---- OGM ------------------------------------------------------------------------------------------------- */

int read_ogm(marks *m, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err) {
    lines l = lines_of(source, n, name);
    int code = BK_OK;
    while (code == BK_OK && lines_next(&l)) {
        char *value = strchr(l.line, '=');
        if (!l.line[0]) continue;
        if (!value || strncmp(l.line, "CHAPTER", 7) != 0) return lines_fail(&l, "not a chapter", err);
        *value++ = 0;
        if (path_ends(l.line, "NAME")) {
            if (m->n) m->at[m->n - 1].kind = mark_kind_of(value);
            continue;
        }
        int64_t begin;
        if (!read_time(value, 0, &begin)) return lines_fail(&l, "not a time", err);
        code = add(m, begin, MARK_OPEN, MARK_NOTHING, err);
    }
    return code;
}

/* ---- WebVTT ---------------------------------------------------------------------------------------------- */

int read_webvtt(marks *m, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err) {
    lines l = lines_of(source, n, name);
    int code = BK_OK;
    bool named = true;
    while (code == BK_OK && lines_next(&l)) {
        const char *arrow = strstr(l.line, "-->");
        int64_t begin, end;
        if (arrow) {
            const char *to = arrow + 3 + strspn(arrow + 3, " \t");
            if (!read_time(l.line, 0, &begin) || !read_time(to, 0, &end))
                return lines_fail(&l, "not a cue's times", err);
            code = add(m, begin, end, MARK_NOTHING, err);
            named = false;
        } else if (!named && l.line[0]) {
            m->at[m->n - 1].kind = mark_kind_of(l.line);
            named = true;
        }
    }
    return code;
}
