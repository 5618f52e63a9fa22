/* The one table of output formats, and the public functions that walk it. A new format is a file with a
 * writer and a row here. Knows no format itself. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "out/out.h"

typedef struct format {
    const char *name, *about;
    const char *suffix; /* of the side file, NULL: it has none */
    const char *header; /* written once, before all reports; NULL: none */
    bool tells_failure; /* writes a report without an answer; the others then write nothing */
    out_writer *write;
} format;

static const format formats[] = {
    { "text", "for people: the two ends and the segments", NULL, NULL, true, out_plain },
    { "json", "one JSON object a line, all that is known", ".bookend.json", NULL, true, out_json },
    { "csv", "labels for training: file,start_main,end_main", NULL, "file,start_main,end_main\n", false, out_csv },
    { "edl", "Kodi's edit decision list, skips as breaks", ".edl", NULL, false, out_edl },
    { "mplayer-edl", "MPlayer's edit decision list", ".mplayer.edl", NULL, false, out_mplayer_edl },
    { "mpv-edl", "a playlist of the story for mpv", ".mpv.edl", NULL, false, out_mpv_edl },
    { "ffmetadata", "chapters for ffmpeg, and for mpv --chapters-file", ".ffmeta", NULL, false, out_ffmetadata },
    { "matroska", "chapters in XML for mkvmerge and mkvpropedit", ".chapters.xml", NULL, false, out_matroska },
    { "ogm", "simple chapters, CHAPTER01=...", ".chapters.txt", NULL, false, out_ogm },
    { "webvtt", "chapters for a browser's <track>", ".chapters.vtt", NULL, false, out_webvtt },
    { "jellyfin", "media segments as Jellyfin's server gives them", ".jellyfin.json", NULL, false, out_jellyfin },
    { "comskip", "Comskip's list of frames", ".txt", NULL, false, out_comskip },
    { "aniskip", "skip times as AniSkip v2 gives them", ".aniskip.json", NULL, false, out_aniskip },
    { "theintrodb", "segments as TheIntroDB v3 gives them", ".theintrodb.json", NULL, false, out_theintrodb },
};

enum { FORMATS = (int)(sizeof formats / sizeof formats[0]) };

static const format *row(int i) {
    return i >= 0 && i < FORMATS ? &formats[i] : NULL;
}

int bk_format_count(void) {
    return FORMATS;
}

const char *bk_format_name(int i) {
    return row(i) ? row(i)->name : NULL;
}

const char *bk_format_about(int i) {
    return row(i) ? row(i)->about : NULL;
}

const char *bk_format_suffix(int i) {
    return row(i) ? row(i)->suffix : NULL;
}

int bk_format_find(const char *name) {
    for (int i = 0; name && i < FORMATS; i++)
        if (strcmp(formats[i].name, name) == 0) return i;
    return -1;
}

const char *bk_kind_name(bk_kind kind) {
    static const char *const names[] = {
        [BK_OPENING] = "opening", [BK_MAIN] = "main",     [BK_CREDITS] = "credits",           [BK_LOGO] = "logo",
        [BK_RECAP] = "recap",     [BK_TITLES] = "titles", [BK_POST_CREDITS] = "post-credits",
    };
    return (unsigned)kind < sizeof names / sizeof names[0] ? names[kind] : NULL;
}

int out_put(FILE *to, const char *s, size_t n, const char *what, bk_error *err) {
    errno = 0;
    if (fwrite(s, 1, n, to) == n && fflush(to) == 0) return BK_OK;
    return bk_fail(err, BK_EIO, "%s: could not be written: %s", what,
                   errno ? strerror(errno) : "the stream is closed");
}

/* A kind outside of the enum would reach past the tables of names. */
static int check(const bk_report *r, bk_error *err) {
    const bk_answer *a = r->answer;
    if (!a) return BK_OK;
    if (a->n_segments < 0 || a->n_segments > BK_SEGMENTS_MAX)
        return bk_fail(err, BK_EINVAL, "%s: %d segments, an answer has 0 to %d", r->file, a->n_segments,
                       BK_SEGMENTS_MAX);
    for (int i = 0; i < a->n_segments; i++)
        if (!bk_kind_name(a->segments[i].kind))
            return bk_fail(err, BK_EINVAL, "%s: segment %d is of kind %d, there is no such", r->file, i,
                           (int)a->segments[i].kind);
    return BK_OK;
}

int bk_write(FILE *to, int i, const bk_report *r, bk_error *err) {
    const format *f = row(i);
    if (!f) return bk_fail(err, BK_EINVAL, "format %d: there are %d", i, FORMATS);
    if (!to || !r || !r->file) return bk_fail(err, BK_EINVAL, "a report needs a stream and the name of its file");
    int rc = check(r, err);
    if (rc || (!r->answer && !f->tells_failure)) return rc;
    text t = { 0 };
    rc = f->write(&t, r, err);
    if (rc == BK_OK && !text_ok(&t)) rc = bk_fail_memory(err, "a report");
    if (rc == BK_OK) rc = out_put(to, text_str(&t), t.n, r->file, err);
    text_close(&t);
    return rc;
}

int bk_write_header(FILE *to, int i, bk_error *err) {
    const format *f = row(i);
    if (!f || !to) return bk_fail(err, BK_EINVAL, "format %d: there are %d", i, FORMATS);
    return f->header ? out_put(to, f->header, strlen(f->header), f->name, err) : BK_OK;
}

void out_add_number(text *t, double x) {
    text_add_number(t, x, 3);
    if (!isfinite(x) || !text_ok(t)) return;
    for (int spare = 2; spare > 0 && t->s[t->n - 1] == '0'; spare--) t->s[--t->n] = 0;
}

int64_t out_ms(int64_t us) {
    return us >= 0 ? (us + 500) / 1000 : -((499 - us) / 1000);
}

void out_add_seconds(text *t, int64_t us) {
    out_add_number(t, (double)out_ms(us) / 1000);
}
