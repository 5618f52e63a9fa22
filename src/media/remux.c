/* Stream copy with other chapters: the copy is written beside the film, compared with it (inventory.c), and renamed.
 * Matroska and MP4 only, whose muxers keep what their demuxers tell. */
#include "media/remux.h"

#include <libavutil/avstring.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/opt.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/replace.h"
#include "media/editions.h"
#include "media/inventory.h"
#include "media/libav.h"
#include "media/video_inner.h"

typedef struct remux {
    const char *path;
    const chapter_list *chapters;
    int64_t origin_us;
    const bk_hooks *hooks;
    replacement file;
    AVFormatContext *in, *out, *copy;
    int *to; /* [in->nb_streams]: the stream's number in the copy; -1: its packets are not written */
    AVPacket *packet;
    inventory held, kept; /* of in and of the copy */
    bool other_way;       /* MP4: tags of any name, in place of iTunes's. Matroska: see delay_of() */
} remux;

static int fail_av(const remux *r, int av, const char *what, bk_error *err) {
    char why[80];
    if (av == AVERROR(ENOMEM)) return bk_fail_memory(err, r->path);
    return bk_fail(err, av == AVERROR(EINVAL) || av == AVERROR_PATCHWELCOME ? BK_EMISMATCH : BK_EIO,
                   "%s: not written: %s: %s", r->path, what, libav_says(av, why));
}

/* ---- the container --------------------------------------------------------------------------------- */

/* What the file says it is, Matroska's DocType or MP4's brand, decides among the muxers of a family. */
static const char *muxer_of(const AVFormatContext *f, const char *path) {
    const AVDictionaryEntry *brand = av_dict_get(f->metadata, "major_brand", NULL, 0);
    if (demux_is_matroska(f)) return path_ends(path, ".webm") ? "webm" : "matroska";
    if (!demux_is_mp4(f)) return NULL;
    if (brand && !strncmp(brand->value, "3gp", 3)) return "3gp";
    return !brand || !strncmp(brand->value, "qt", 2) ? "mov" : "mp4";
}

static int refuse_container(const AVFormatContext *f, const char *path, bk_error *err) {
    return bk_fail(err, BK_EFORMAT, "%s: chapters can be written into Matroska, WebM, MP4 and MOV, and this is %.40s",
                   path, f->iformat->long_name ? f->iformat->long_name : f->iformat->name);
}

int remux_can(const video *v, const char *path, bk_error *err) {
    return muxer_of(v->fmt, path) ? BK_OK : refuse_container(v->fmt, path, err);
}

/* Whether the index of an MP4 stands before its pictures, as for playing over a network. */
static bool index_first(const char *path) {
    file_view f = { 0 };
    bool first = false;
    if (file_map(&f, path, NULL) != BK_OK) return false;
    for (size_t at = 0; f.size - at >= 16;) {
        uint64_t size = AV_RB32(f.data + at);
        const void *kind = f.data + at + 4;
        if (size == 1) size = AV_RB64(f.data + at + 8);
        first = memcmp(kind, "moov", 4) == 0;
        if (first || !memcmp(kind, "mdat", 4) || size < 8 || size > f.size - at) break;
        at += size;
    }
    file_unmap(&f);
    return first;
}

static int check_editions(const remux *r, bk_error *err) {
    file_view f = { 0 };
    if (!demux_is_matroska(r->in)) return BK_OK;
    int code = file_map(&f, r->path, err);
    if (code == BK_OK && !editions_are_simple(f.data, f.size))
        code =
            bk_fail(err, BK_EMISMATCH,
                    "%s: not written: it has several editions of chapters, or chapters within chapters or in several "
                    "languages, which a copy would lose",
                    r->path);
    file_unmap(&f);
    return code;
}

/* ---- the copy's header ----------------------------------------------------------------------------- */

static int copy_side_data(AVStream *to, const AVStream *from) {
#if LIBAVCODEC_VERSION_INT < AV_VERSION_INT(60, 31, 102) /* later it goes with the codec's parameters */
    for (int i = 0; i < from->nb_side_data; i++) {
        const AVPacketSideData *s = &from->side_data[i];
        uint8_t *data = av_stream_new_side_data(to, s->type, s->size);
        if (!data) return AVERROR(ENOMEM);
        memcpy(data, s->data, s->size);
    }
#endif
    return 0;
}

/* Four letters that the muxer would not take are left to it to choose. */
static void choose_tag(AVCodecParameters *par, const AVOutputFormat *of) {
    unsigned unused;
    if (of->codec_tag && av_codec_get_id(of->codec_tag, par->codec_tag) != par->codec_id &&
        av_codec_get_tag2(of->codec_tag, par->codec_id, &unused))
        par->codec_tag = 0;
}

/* Matroska keeps a cover picture as an attachment, which the demuxer shows as a stream of one packet. */
static int cover_to_attachment(AVStream *to, const AVStream *from) {
    AVCodecParameters *par = to->codecpar;
    const AVPacket *p = &from->attached_pic;
    av_freep(&par->extradata);
    par->extradata = av_mallocz((size_t)p->size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!par->extradata) return AVERROR(ENOMEM);
    memcpy(par->extradata, p->data, (size_t)p->size);
    par->extradata_size = p->size;
    par->codec_type = AVMEDIA_TYPE_ATTACHMENT;
    to->disposition = 0;
    return 0;
}

static int add_stream(remux *r, const AVStream *from) {
    AVStream *to = avformat_new_stream(r->out, NULL);
    if (!to) return AVERROR(ENOMEM);
    int av = avcodec_parameters_copy(to->codecpar, from->codecpar);
    if (av >= 0) av = av_dict_copy(&to->metadata, from->metadata, 0);
    if (av >= 0) av = copy_side_data(to, from);
    if (av < 0) return av;
    choose_tag(to->codecpar, r->out->oformat);
    to->time_base = from->time_base;
    to->avg_frame_rate = from->avg_frame_rate;
    to->r_frame_rate = from->r_frame_rate;
    to->sample_aspect_ratio = from->sample_aspect_ratio;
    to->disposition = from->disposition;
    to->id = from->id;
    r->to[from->index] = to->index;
    if (!demux_is_matroska(r->in) || !(from->disposition & AV_DISPOSITION_ATTACHED_PIC)) return 0;
    r->to[from->index] = -1;
    return cover_to_attachment(to, from);
}

static int add_chapter(remux *r, const chapter *c) {
    const AVChapter *from = c->source >= 0 ? r->in->chapters[c->source] : NULL;
    AVChapter **all = av_realloc_array(r->out->chapters, r->out->nb_chapters + 1, sizeof *all);
    if (!all) return AVERROR(ENOMEM);
    r->out->chapters = all;
    AVChapter *to = all[r->out->nb_chapters] = av_mallocz(sizeof *to);
    if (!to) return AVERROR(ENOMEM);
    to->id = ++r->out->nb_chapters;
    to->time_base = c->whole ? from->time_base : AV_TIME_BASE_Q;
    to->start = c->whole ? from->start : c->begin_us + r->origin_us;
    if (!c->whole && c->begin_us == 0 && r->origin_us < CHAPTERS_NEAR_US) to->start = 0; /* where players expect it */
    to->end = c->whole ? from->end : c->end_us + r->origin_us;
    if (from) return av_dict_copy(&to->metadata, from->metadata, 0);
    return av_dict_set(&to->metadata, "title", c->name, 0);
}

/* Muxer options that keep things as they are. */
static int set_options(const remux *r, AVDictionary **opt) {
    const AVDictionaryEntry *brand = av_dict_get(r->in->metadata, "major_brand", NULL, 0);
    if (demux_is_matroska(r->in)) return av_dict_set(opt, "default_mode", "passthrough", 0);
    if (index_first(r->path)) av_dict_set(opt, "movflags", "+faststart", AV_DICT_APPEND);
    /* in MP4's subtitles the box of bit rates would be read back as a part of the codec's header, and grow each time
     */
    for (unsigned i = 0; i < r->in->nb_streams; i++)
        if (r->in->streams[i]->codecpar->codec_id == AV_CODEC_ID_MOV_TEXT) av_dict_set(opt, "write_btrt", "0", 0);
    if (r->other_way) av_dict_set(opt, "movflags", "+use_metadata_tags", AV_DICT_APPEND);
    return brand ? av_dict_set(opt, "brand", brand->value, 0) : 0;
}

static int begin_copy(remux *r, bk_error *err) {
    const char *muxer = muxer_of(r->in, r->path);
    AVDictionary *opt = NULL;
    if (!muxer) return refuse_container(r->in, r->path, err);
    char *url = av_asprintf("file:%s", r->file.temp);
    int av = url ? avformat_alloc_output_context2(&r->out, NULL, muxer, url) : AVERROR(ENOMEM);
    if (av >= 0) av = av_dict_copy(&r->out->metadata, r->in->metadata, 0);
    for (unsigned i = 0; av >= 0 && i < r->in->nb_streams; i++) {
        r->to[i] = -1;
        if (!inventory_is_chapters(r->in->streams[i])) av = add_stream(r, r->in->streams[i]);
    }
    for (size_t i = 0; av >= 0 && i < r->chapters->n; i++) av = add_chapter(r, &r->chapters->at[i]);
    if (av >= 0) {
        r->out->flags &= ~AVFMT_FLAG_AUTO_BSF; /* packets stay as they are, or nothing is written */
        r->out->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
        r->out->max_interleave_delta = 0;
        av = avio_open(&r->out->pb, url, AVIO_FLAG_WRITE);
    }
    if (av >= 0) av = set_options(r, &opt);
    if (av >= 0) av = avformat_write_header(r->out, &opt);
    av_dict_free(&opt);
    av_free(url);
    return av < 0 ? fail_av(r, av, "the container cannot keep all of its streams", err) : BK_OK;
}

/* ---- packets --------------------------------------------------------------------------------------- */

static int tell(const remux *r, const AVFormatContext *f, const AVPacket *p, const char *stage, bk_error *err) {
    int64_t ts = p->dts != AV_NOPTS_VALUE ? p->dts : p->pts,
            start = f->start_time != AV_NOPTS_VALUE ? f->start_time : 0;
    if (ts == AV_NOPTS_VALUE) return BK_OK;
    int64_t us = av_rescale_q(ts, f->streams[p->stream_index]->time_base, AV_TIME_BASE_Q) - start;
    return bk_tell(r->hooks, stage, us > 0 ? us : 0, f->duration > 0 ? f->duration : 0, err);
}

/* Matroska's demuxer takes a codec's delay (Opus has one) off the times; muxers before FFmpeg 6 do not put it back.
 */
static int64_t delay_of(const remux *r, const AVStream *st) {
    const AVCodecParameters *par = st->codecpar;
    const bool muxer_adds = (LIBAVFORMAT_VERSION_MAJOR >= 60) != r->other_way;
    if (!demux_is_matroska(r->in) || par->codec_type != AVMEDIA_TYPE_AUDIO || par->initial_padding <= 0 || muxer_adds)
        return 0;
    return av_rescale_q(par->initial_padding, (AVRational){ 1, par->sample_rate > 0 ? par->sample_rate : 48000 },
                        st->time_base);
}

static int write_packet(remux *r, bk_error *err) {
    AVPacket *p = r->packet;
    const int to = r->to[p->stream_index];
    if (to < 0) return BK_OK;
    const int64_t delay = delay_of(r, r->in->streams[p->stream_index]);
    if (p->pts != AV_NOPTS_VALUE) p->pts += delay;
    if (p->dts != AV_NOPTS_VALUE) p->dts += delay;
    av_packet_rescale_ts(p, r->in->streams[p->stream_index]->time_base, r->out->streams[to]->time_base);
    p->stream_index = to;
    p->pos = -1;
    int av = av_interleaved_write_frame(r->out, p);
    return av < 0 ? fail_av(r, av, "a packet cannot be written", err) : BK_OK;
}

/* Every packet of f, counted in v; with `write` into the copy, too. */
static int go_through(remux *r, AVFormatContext *f, inventory *v, bool write, bk_error *err) {
    int code = BK_OK, av = 0;
    while (code == BK_OK && (av = av_read_frame(f, r->packet)) >= 0) {
        const bool counts = r->packet->stream_index < (int)v->n; /* a stream that appears late is not ours to judge */
        if (!counts) code = bk_fail(err, BK_EMISMATCH, "%s: not written: it has streams that begin late", r->path);
        if (counts) inventory_add(v, f, r->packet);
        if (counts) code = tell(r, f, r->packet, write ? "write" : "check", err);
        if (code == BK_OK && write) code = write_packet(r, err);
        av_packet_unref(r->packet);
    }
    if (code == BK_OK && av != AVERROR_EOF) code = fail_av(r, av, "it is damaged", err);
    inventory_finish(v);
    return code;
}

static int end_copy(remux *r, bk_error *err) {
    int av = av_write_trailer(r->out);
    int closed = avio_closep(&r->out->pb);
    if (av >= 0) av = closed;
    return av < 0 ? fail_av(r, av, "it cannot be completed", err) : BK_OK;
}

/* ---- the check ------------------------------------------------------------------------------------- */

static int compare_chapters(const remux *r, bk_error *err) {
    static const AVRational milliseconds = { 1, 1000 }; /* as exact as MP4 keeps them */
    bool same = r->copy->nb_chapters == r->chapters->n;
    for (unsigned i = 0; same && i < r->copy->nb_chapters; i++) {
        const AVChapter *a = r->out->chapters[i], *b = r->copy->chapters[i];
        const AVDictionaryEntry *e = av_dict_get(b->metadata, "title", NULL, 0);
        int64_t off =
            av_rescale_q(a->start, a->time_base, milliseconds) - av_rescale_q(b->start, b->time_base, milliseconds);
        same = llabs(off) <= 1 && !strcmp(e ? e->value : "", r->chapters->at[i].name);
    }
    return same ? BK_OK
                : bk_fail(err, BK_EMISMATCH, "%s: not written: the container would not keep the %zu chapters",
                          r->path, r->chapters->n);
}

static int check_copy(remux *r, bk_error *err) {
    int code = demux_open(&r->copy, r->file.temp, true, false, err);
    if (code == BK_OK) code = inventory_open(&r->kept, r->copy, err);
    if (code == BK_OK) code = go_through(r, r->copy, &r->kept, false, err);
    if (code == BK_OK) code = inventory_compare(r->in, &r->held, r->copy, &r->kept, r->path, err);
    return code == BK_OK ? compare_chapters(r, err) : code;
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static void clean(remux *r) {
    if (r->out && r->out->pb) avio_closep(&r->out->pb);
    avformat_free_context(r->out);
    demux_close(&r->in);
    demux_close(&r->copy);
    av_packet_free(&r->packet);
    inventory_close(&r->held);
    inventory_close(&r->kept);
    free(r->to);
    replace_abandon(&r->file);
}

static bool has_other_way(const remux *r) {
    bool delayed = false;
    for (unsigned i = 0; r->in && i < r->in->nb_streams; i++)
        delayed = delayed || r->in->streams[i]->codecpar->initial_padding > 0;
    return r->in && (!demux_is_matroska(r->in) || delayed);
}

/* One attempt. *again: the copy was not complete, and may be if it is made the other way. */
static int attempt(remux r, bool *again, bk_error *err) {
    file_id before, after;
    int code = file_identify(&before, r.path, err);
    if (code == BK_OK) code = replace_begin(&r.file, r.path, err);
    if (code == BK_OK) code = demux_open(&r.in, r.path, true, false, err);
    if (code == BK_OK) code = inventory_open(&r.held, r.in, err);
    r.packet = av_packet_alloc();
    r.to = code == BK_OK ? bk_zeros(r.in->nb_streams, sizeof *r.to) : NULL;
    if (code == BK_OK && (!r.packet || !r.to)) code = bk_fail_memory(err, r.path);
    if (code == BK_OK) code = check_editions(&r, err);
    if (code == BK_OK) code = begin_copy(&r, err);
    if (code == BK_OK) code = go_through(&r, r.in, &r.held, true, err);
    if (code == BK_OK) code = end_copy(&r, err);
    if (code == BK_OK) code = check_copy(&r, err);
    *again = code == BK_EMISMATCH && has_other_way(&r);
    if (code == BK_OK) code = file_identify(&after, r.path, err);
    if (code == BK_OK && (before.size != after.size || before.mtime_ns != after.mtime_ns))
        code = bk_fail(err, BK_EIO, "%s: not written: it changed while it was read", r.path);
    if (code == BK_OK) code = replace_commit(&r.file, err);
    clean(&r);
    return code;
}

int remux_chapters(const char *path, const chapter_list *chapters, int64_t origin_us, const bk_hooks *hooks,
                   bk_error *err) {
    remux r = { .path = path, .chapters = chapters, .origin_us = origin_us, .hooks = hooks };
    bool again;
    libav_quiet();
    int code = attempt(r, &again, err);
    if (!again) return code;
    r.other_way = true;
    bk_error unused;
    return attempt(r, &again, &unused) == BK_OK ? BK_OK : code;
}
