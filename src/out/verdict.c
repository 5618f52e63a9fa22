/* What became of someone else's markers: a line an input, for people or as JSON. */
#include <errno.h>
#include <string.h>

#include "out/out.h"

static void add_visible(text *t, const char *s) {
    for (; *s; s++) text_add_n(t, (unsigned char)*s < 0x20 || *s == 0x7f ? "?" : s, 1);
}

static void add_side(text *t, const char *end, const bk_judgement *j, const char *name) {
    text_addf(t, "  %s: %s", end, name);
    if (j->seconds > 0) text_addf(t, ": %.1f s", j->seconds);
}

static void add_json_side(text *t, const char *end, const bk_judgement *j, const char *name) {
    text_addf(t, ",\"%s\":{\"verdict\":\"%s\",\"seconds\":%.1f,\"marker\":", end, name, j->seconds);
    if (j->verdict == BK_NO_MARKER) {
        text_add(t, "null,\"sure\":null}");
        return;
    }
    out_add_seconds(t, j->marker_us);
    text_add(t, ",\"sure\":");
    out_add_number(t, (double)j->sure);
    text_add(t, "}");
}

static void add_json(text *t, const char *file, const bk_verification *v, const char *start, const char *end,
                     const char *error) {
    text_add(t, "{\"file\":");
    text_add_json(t, file);
    if (v) {
        text_addf(t, ",\"format\":\"%s\"", v->format);
        add_json_side(t, "start", &v->start, start);
        add_json_side(t, "end", &v->end, end);
    } else {
        text_add(t, ",\"error\":");
        text_add_json(t, error ? error : "no verdict");
    }
    text_add(t, "}\n");
}

int bk_verification_write(FILE *to, int as_json, const char *file, const bk_verification *v, const char *error,
                          bk_error *err) {
    const char *start = v ? bk_verdict_name(v->start.verdict) : "", *end = v ? bk_verdict_name(v->end.verdict) : "";
    text t = { 0 };
    if (as_json)
        add_json(&t, file, v, start, end, error);
    else if (v) {
        add_visible(&t, file);
        add_side(&t, "start", &v->start, start);
        add_side(&t, "end", &v->end, end);
        text_add(&t, "\n");
    }
    int code = text_ok(&t) ? BK_OK : bk_fail_memory(err, file);
    errno = 0;
    if (code == BK_OK && (fwrite(text_str(&t), 1, t.n, to) != t.n || fflush(to) != 0))
        code = bk_fail(err, BK_EIO, "%s: could not be written: %s", file,
                       errno ? strerror(errno) : "the stream is closed");
    text_close(&t);
    return code;
}

const char *bk_verdict_name(bk_verdict verdict) {
    static const char *const names[] = { "no marker", "agrees", "leaves credits in", "skips story" };
    return (unsigned)verdict < sizeof names / sizeof *names ? names[verdict] : NULL;
}
