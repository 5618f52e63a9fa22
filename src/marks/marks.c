/* Markers: the list, which format a file is, and what all readers need. */
#include "marks/marks.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "marks/read.h"

/* ---- the list ---------------------------------------------------------------------------------------- */

int marks_add(marks *m, marker k, bk_error *err) {
    if (!bk_grow(&m->at, &m->cap, m->n + 1, sizeof *m->at)) return bk_fail_memory(err, "markers");
    m->at[m->n++] = k;
    return BK_OK;
}

void marks_close(marks *m) {
    if (!m) return;
    free(m->at);
    *m = (marks){ 0 };
}

/* ---- lines and times --------------------------------------------------------------------------------- */

lines lines_of(const char *source, size_t n, const char *name) {
    if (n >= 3 && !memcmp(source, "\xef\xbb\xbf", 3)) {
        source += 3;
        n -= 3;
    }
    return (lines){ .next = source, .end = source + n, .name = name };
}

bool lines_next(lines *l) {
    if (l->next >= l->end) return false;
    const char *stop = memchr(l->next, '\n', (size_t)(l->end - l->next)), *a = l->next, *b = stop ? stop : l->end;
    l->next = stop ? stop + 1 : l->end;
    l->number++;
    while (a < b && isspace((unsigned char)*a)) a++;
    while (b > a && isspace((unsigned char)b[-1])) b--;
    size_t n = (size_t)(b - a) < sizeof l->line - 1 ? (size_t)(b - a) : sizeof l->line - 1;
    memcpy(l->line, a, n);
    l->line[n] = 0;
    return true;
}

int lines_fail(const lines *l, const char *what, bk_error *err) {
    return bk_fail(err, BK_EFORMAT, "%s:%d: %s: %.60s", l->name, l->number, what, l->line);
}

/* Digits, and behind a point or comma more of them. */
static size_t read_number(const char *s, double *out) {
    size_t n = 0;
    double x = 0.0, unit = 1.0;
    for (; isdigit((unsigned char)s[n]) && n < 12; n++) x = x * 10 + (s[n] - '0');
    if (n == 0) return 0;
    if ((s[n] == '.' || s[n] == ',') && isdigit((unsigned char)s[n + 1]))
        for (n++; isdigit((unsigned char)s[n]) && n < 40; n++) x += (s[n] - '0') * (unit /= 10);
    *out = x;
    return n;
}

size_t read_time(const char *s, double fps, int64_t *out_us) {
    double x, seconds = 0.0;
    size_t n = 0, k;
    if (*s == '#') {
        if (!(fps > 0) || (k = read_number(s + 1, &x)) == 0) return 0;
        seconds = x / fps;
        n = k + 1;
    } else
        for (int parts = 0; parts < 3 && (k = read_number(s + n, &x)) > 0; parts++) {
            seconds = seconds * 60 + x;
            n += k;
            if (s[n] != ':' || !isdigit((unsigned char)s[n + 1]) || parts == 2) break;
            n++;
        }
    if (n == 0 || seconds > 1e7) return 0;
    *out_us = llround(seconds * 1e6);
    return n;
}

/* ---- which format ------------------------------------------------------------------------------------ */

static bool begins(const char *s, const char *with) {
    return strncmp(s, with, strlen(with)) == 0;
}

static bool is_ogm(const char *s) {
    return begins(s, "CHAPTER") && isdigit((unsigned char)s[7]);
}

static bool is_edl(const char *s) {
    return isdigit((unsigned char)*s) || *s == '#';
}

static bool is_labels(const char *s) {
    size_t n = strcspn(s, "\r\n");
    const char *at = strstr(s, "start_main");
    return at && (size_t)(at - s) < n;
}

static const struct kind {
    const char *format, *begins; /* begins NULL: ask `is` */
    bool (*is)(const char *s);
    mark_reader *read;
    bool chapters; /* they follow one another */
} kinds[] = {
    { "json", "{", NULL, read_json, false },
    { "json", "[", NULL, read_json, false },
    { "ffmetadata", ";FFMETADATA", NULL, read_ffmetadata, true },
    { "webvtt", "WEBVTT", NULL, read_webvtt, true },
    { "matroska", "<", NULL, read_matroska, true },
    { "ogm", NULL, is_ogm, read_ogm, true },
    { "comskip", "FILE PROCESSING COMPLETE", NULL, read_comskip, false },
    { "mpv-edl", "# mpv EDL", NULL, read_mpv_edl, false },
    { "mpv-edl", "mpv EDL", NULL, read_mpv_edl, false },
    { "csv", NULL, is_labels, read_labels, false },
    { "edl", NULL, is_edl, read_edl, false },
};

/* Ends that chapters leave open are the next one's begin, of the last the film's end. */
static void close_gaps(marks *m, int64_t duration_us) {
    for (size_t i = 0; i < m->n; i++)
        if (m->at[i].end_us == MARK_OPEN) m->at[i].end_us = i + 1 < m->n ? m->at[i + 1].begin_us : duration_us;
}

int marks_parse(marks *out, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err) {
    marks m = { 0 };
    size_t skip = n >= 3 && !memcmp(source, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (skip < n && isspace((unsigned char)source[skip])) skip++;
    const char *s = source + skip;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].begins ? !begins(s, kinds[i].begins) : !kinds[i].is(s)) continue;
        int code = kinds[i].read(&m, source, n, name, film, err);
        m.format = kinds[i].format;
        if (kinds[i].chapters) close_gaps(&m, film->duration_us);
        if (code == BK_OK)
            *out = m;
        else
            marks_close(&m);
        return code;
    }
    if (skip == n) { /* an EDL without a line: nothing is to be skipped */
        *out = (marks){ .format = "edl" };
        return BK_OK;
    }
    return bk_fail(err, BK_EFORMAT, "%s: not a list of markers that is known here", name);
}
