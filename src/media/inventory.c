/* Counting, hashing and comparing what two files hold. Times are compared in nanoseconds, so that a container that
 * counts in other units, but as exactly, passes; one that rounds does not. */
#include "media/inventory.h"

#include <libavutil/avstring.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mathematics.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static const AVRational nanoseconds = { 1, 1000000000 };

int inventory_open(inventory *out, const AVFormatContext *fmt, bk_error *err) {
    inventory v = { .streams = bk_zeros(fmt->nb_streams, sizeof *v.streams), .n = fmt->nb_streams };
    bool ok = v.streams != NULL;
    for (unsigned i = 0; ok && i < v.n; i++) {
        ok = (v.streams[i].hash = av_murmur3_alloc()) != NULL;
        if (ok) av_murmur3_init(v.streams[i].hash);
    }
    if (ok)
        *out = v;
    else
        inventory_close(&v);
    return ok ? BK_OK : bk_fail_memory(err, "a list of streams");
}

void inventory_close(inventory *v) {
    for (unsigned i = 0; v->streams && i < v->n; i++) av_free(v->streams[i].hash);
    free(v->streams);
    *v = (inventory){ 0 };
}

static void add_number(tally *t, int64_t x) {
    uint8_t bytes[8];
    AV_WL64(bytes, (uint64_t)x);
    av_murmur3_update(t->hash, bytes, sizeof bytes);
}

static int64_t exact_time(int64_t ts, const AVStream *st) {
    return ts == AV_NOPTS_VALUE ? ts : av_rescale_q(ts, st->time_base, nanoseconds);
}

static void add_side_data(tally *t, const AVPacket *p) {
    static const enum AVPacketSideDataType kept[] = { AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, AV_PKT_DATA_SKIP_SAMPLES,
                                                      AV_PKT_DATA_WEBVTT_IDENTIFIER, AV_PKT_DATA_WEBVTT_SETTINGS };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        size_t n = 0;
        const uint8_t *data = av_packet_get_side_data(p, kept[i], &n);
        if (data) av_murmur3_update(t->hash, data, n);
    }
}

void inventory_add(inventory *v, const AVFormatContext *fmt, const AVPacket *p) {
    if (p->stream_index < 0 || (unsigned)p->stream_index >= v->n) return;
    const AVStream *st = fmt->streams[p->stream_index];
    tally *t = &v->streams[p->stream_index];
    t->packets++;
    av_murmur3_update(t->hash, p->data, (size_t)p->size);
    add_number(t, p->size);
    if (st->disposition & AV_DISPOSITION_ATTACHED_PIC) return;
    add_number(t, exact_time(p->pts, st));
    add_number(t, p->flags & AV_PKT_FLAG_KEY);
    if (st->codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE) add_number(t, exact_time(p->duration, st));
    add_side_data(t, p);
}

void inventory_finish(inventory *v) {
    for (unsigned i = 0; i < v->n; i++) av_murmur3_final(v->streams[i].hash, v->streams[i].sum);
}

bool inventory_is_chapters(const AVStream *st) {
    return st->codecpar->codec_type == AVMEDIA_TYPE_DATA && st->discard == AVDISCARD_ALL;
}

/* ---- comparing ------------------------------------------------------------------------------------- */

/* Tags that a container or a muxer makes by itself, whatever the film. */
static bool is_own_tag(const char *key) {
    static const char *const own[] = { "encoder",   "duration",          "major_brand",  "minor_version",
                                       "vendor_id", "compatible_brands", "creation_time" };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!av_strncasecmp(key, own[i], strlen(own[i]))) return true;
    return false;
}

/* The first tag of a that b lacks or says otherwise; NULL when there is none. */
static const AVDictionaryEntry *lost_tag(const AVDictionary *a, const AVDictionary *b) {
    const AVDictionaryEntry *e = NULL;
    while ((e = av_dict_get(a, "", e, AV_DICT_IGNORE_SUFFIX)) != NULL) {
        const AVDictionaryEntry *f = av_dict_get(b, e->key, NULL, 0);
        if (!is_own_tag(e->key) && (!f || strcmp(e->value, f->value) != 0)) return e;
    }
    return NULL;
}

static bool same_format(const AVCodecParameters *a, const AVCodecParameters *b) {
    return a->width == b->width && a->height == b->height && a->sample_rate == b->sample_rate &&
           av_cmp_q(a->sample_aspect_ratio, b->sample_aspect_ratio) == 0 &&
           a->color_primaries == b->color_primaries && a->color_trc == b->color_trc &&
           a->color_space == b->color_space && a->color_range == b->color_range;
}

static bool same_extradata(const AVCodecParameters *a, const AVCodecParameters *b) {
    return a->extradata_size == b->extradata_size &&
           (!a->extradata_size || memcmp(a->extradata, b->extradata, (size_t)a->extradata_size) == 0);
}

/* What differs between a stream and its copy, in words; NULL: nothing. */
static const char *stream_differs(const AVStream *a, const tally *ta, const AVStream *b, const tally *tb) {
    const AVCodecParameters *p = a->codecpar, *q = b->codecpar;
    if (p->codec_type != q->codec_type || p->codec_id != q->codec_id) return "its kind";
    if (a->disposition != b->disposition) return "what it is marked as";
    if (!same_format(p, q)) return "its format";
    if (!same_extradata(p, q)) return "its codec's header";
    if (ta->packets != tb->packets) return "some of its packets";
    if (memcmp(ta->sum, tb->sum, sizeof ta->sum) != 0) return "its packets or their times";
    return NULL;
}

static const char *kind_of(const AVStream *st) {
    const char *kind = av_get_media_type_string(st->codecpar->codec_type);
    return kind ? kind : "unknown";
}

static int compare_streams(const AVStream *a, const tally *ta, const AVStream *b, const tally *tb, const char *name,
                           bk_error *err) {
    const char *what = stream_differs(a, ta, b, tb);
    if (what)
        return bk_fail(err, BK_EMISMATCH, "%s: not written: of stream %d (%s) a copy would lose %s", name, a->index,
                       kind_of(a), what);
    const AVDictionaryEntry *e = lost_tag(a->metadata, b->metadata);
    if (!e) return BK_OK;
    return bk_fail(err, BK_EMISMATCH, "%s: not written: of stream %d (%s) a copy would lose the tag %.40s", name,
                   a->index, kind_of(a), e->key);
}

/* The next stream from *i on that is not the container's own; NULL behind the last. */
static const AVStream *next_stream(const AVFormatContext *fmt, unsigned *i) {
    while (*i < fmt->nb_streams && inventory_is_chapters(fmt->streams[*i])) ++*i;
    return *i < fmt->nb_streams ? fmt->streams[(*i)++] : NULL;
}

static int64_t span(const AVFormatContext *f) {
    return f->duration == AV_NOPTS_VALUE ? 0 : f->duration;
}

int inventory_compare(const AVFormatContext *a, const inventory *va, const AVFormatContext *b, const inventory *vb,
                      const char *name, bk_error *err) {
    const AVStream *x, *y;
    unsigned i = 0, j = 0;
    int code = BK_OK;
    do {
        x = next_stream(a, &i);
        y = next_stream(b, &j);
        if (!x != !y)
            return bk_fail(err, BK_EMISMATCH, "%s: not written: a copy would have %u streams in place of %u", name,
                           b->nb_streams, a->nb_streams);
        if (x) code = compare_streams(x, &va->streams[x->index], y, &vb->streams[y->index], name, err);
    } while (x && code == BK_OK);
    if (code != BK_OK) return code;
    const AVDictionaryEntry *e = lost_tag(a->metadata, b->metadata);
    if (e) return bk_fail(err, BK_EMISMATCH, "%s: not written: a copy would lose the tag %.40s", name, e->key);
    if (llabs(span(a) - span(b)) > 100000)
        return bk_fail(err, BK_EMISMATCH, "%s: not written: a copy would last %.3f s in place of %.3f s", name,
                       (double)span(b) / 1e6, (double)span(a) / 1e6);
    return BK_OK;
}
