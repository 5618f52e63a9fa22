/* Formats that list what to skip, or what to keep, and labels: EDL, Comskip, mpv's EDL, CSV. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marks/read.h"
#include "store/labels.h"

static const char *skip_space(const char *s) {
    return s + strspn(s, " \t");
}

/* ---- EDL of Kodi, MPlayer, Comskip --------------------------------------------------------------------- */

/* "begin end action". Actions 0 and 3 skip; 4 and 5 were intro-skipper's opening and credits; 1 is silence, and 2, or
 * two times alone, is a place and no stretch. */
static int read_edit(marks *m, const lines *l, double fps, bk_error *err) {
    marker k = { .kind = MARK_SKIP };
    const char *s = l->line;
    size_t n = read_time(s, fps, &k.begin_us);
    s = skip_space(s + n);
    size_t n2 = n ? read_time(s, fps, &k.end_us) : 0;
    s = skip_space(s + n2);
    if (!n || !n2) return lines_fail(l, "not an edit, as 12.5 90.0 3", err);
    if (!*s) return BK_OK;
    if (s[0] < '0' || s[0] > '5' || (s[1] && !isspace((unsigned char)s[1])))
        return lines_fail(l, "an action from 0 to 5 was expected", err);
    if (*s == '1' || *s == '2') return BK_OK;
    if (k.end_us <= k.begin_us) return lines_fail(l, "it ends before it begins", err);
    if (*s == '4') k.kind = MARK_INTRO;
    if (*s == '5') k.kind = MARK_CREDITS;
    return marks_add(m, k, err);
}

int read_edl(marks *m, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err) {
    lines l = lines_of(source, n, name);
    int code = BK_OK;
    while (code == BK_OK && lines_next(&l)) {
        bool comment = l.line[0] == '#' && !isdigit((unsigned char)l.line[1]);
        if (l.line[0] && !comment) code = read_edit(m, &l, film->fps, err);
    }
    return code;
}

/* ---- Comskip's list of frames -------------------------------------------------------------------------- */

/* The header gives the rate in hundredths; the film's own is exact where it agrees with that. */
static double comskip_rate(const char *line, double fps) {
    const char *at = strstr(line, " AT ");
    double said = at ? strtod(at + 4, NULL) / 100 : 0.0;
    return fps > 0 && !(fabs(said - fps) > 0.02) ? fps : said;
}

int read_comskip(marks *m, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err) {
    lines l = lines_of(source, n, name);
    double fps = 0.0;
    int code = BK_OK;
    while (code == BK_OK && lines_next(&l)) {
        if (l.number == 1) fps = comskip_rate(l.line, film->fps);
        if (l.number == 1 && !(fps > 0)) return lines_fail(&l, "no frame rate", err);
        if (!isdigit((unsigned char)l.line[0])) continue;
        char *end;
        double a = strtod(l.line, &end), b = strtod(end, &end);
        if (!(b > a) || !(b < 1e10)) return lines_fail(&l, "not two frames in order", err);
        code = marks_add(m, (marker){ llround(a / fps * 1e6), llround(b / fps * 1e6), MARK_SKIP }, err);
    }
    return code;
}

/* ---- mpv's EDL: what it does not keep is skipped --------------------------------------------------------- */

/* Seconds up to the next comma, which parts fields here; what follows it, or NULL. */
static char *read_field(char *s, int64_t *out_us) {
    char *comma = strchr(s, ',');
    if (comma) *comma = 0;
    if (!read_time(s, 0, out_us)) return NULL;
    return comma ? comma + 1 : s + strlen(s);
}

/* The field behind the name, which may hold anything when its length is told: "%5%a,b.c,1,2". */
static char *behind_name(char *s) {
    if (*s == '%') {
        char *end;
        unsigned long n = strtoul(s + 1, &end, 10);
        if (*end != '%' || strlen(end + 1) < n) return NULL;
        s = end + 1 + n;
    } else
        s += strcspn(s, ",");
    return *s == ',' ? s + 1 : NULL;
}

int read_mpv_edl(marks *m, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err) {
    lines l = lines_of(source, n, name);
    int64_t at = 0;
    int code = BK_OK;
    while (code == BK_OK && lines_next(&l)) {
        char *s = l.line;
        int64_t begin = 0, length = film->duration_us;
        if (!*s || *s == '#' || *s == '!' || l.number == 1) continue;
        if ((s = behind_name(s)) != NULL && (!(s = read_field(s, &begin)) || !read_field(s, &length)))
            return lines_fail(&l, "not a part, as NAME,12.5,90.0", err);
        if (begin > at) code = marks_add(m, (marker){ at, begin, MARK_SKIP }, err);
        at = begin + length;
    }
    if (code == BK_OK && at < film->duration_us)
        code = marks_add(m, (marker){ at, film->duration_us, MARK_SKIP }, err);
    return code;
}

/* ---- labels -------------------------------------------------------------------------------------------- */

/* Two boundaries: how far the openings and credits reach on their other side is not told. */
int read_labels(marks *m, const char *source, size_t n, const char *name, const mark_film *film, bk_error *err) {
    labels all = { 0 };
    text stem = { 0 };
    int code = labels_parse(&all, source, n, name, err);
    path_add_stem(&stem, film->path);
    const label *row = code == BK_OK ? labels_find(&all, text_str(&stem)) : NULL;
    if (code == BK_OK && !row)
        code = bk_fail(err, BK_EMISMATCH, "%s: none of its %zu rows is of %s", name, all.n, text_str(&stem));
    if (row) code = marks_add(m, (marker){ MARK_OPEN, row->start_us, MARK_INTRO }, err);
    if (row && code == BK_OK) code = marks_add(m, (marker){ row->end_us, MARK_OPEN, MARK_CREDITS }, err);
    text_close(&stem);
    labels_close(&all);
    return code;
}
