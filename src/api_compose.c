/* bk_compose: labelled episodes from the generator, as tracks of a model or as films. One episode an item, side
 * by side on all threads; labels and truth are written in the order of the episodes when all are there. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"
#include "base/text.h"
#include "bookend/train.h"
#include "find/track_file.h"
#include "learn/material.h"
#include "learn/synth.h"
#include "media/record.h"
#include "model/embed.h"

enum { AT_ONCE = 4, SHOW = 8 }; /* pictures an encoder call; episodes a show */
enum { KEYFRAMES_S = 10 };      /* seconds between keyframes at most, as x264 has it at 25 frames a second */

typedef struct result {
    int64_t start_us, end_us;
    text truth;    /* one JSON line */
    text segments; /* rows of segments.csv */
    int code;
    bk_error err;
} result;

/* The classes to draw from; n 0: any. */
typedef struct classes {
    int at[16], n;
} classes;

_Static_assert((int)OPENING_COUNT <= 16 && (int)CREDITS_COUNT <= 16, "a class of each kind has room");

typedef struct compose {
    const bk_compose_options *opt;
    const synth *material;
    classes openings, credits;
    embedder **embedders; /* one a thread; NULL for films */
    result *results;
    int done;
} compose;

/* ---- names and classes ------------------------------------------------------------------------------- */

/* Which show, and which of its episodes, from 0. Dealt out one by one, so that composing in parts agrees. */
static void place_of(const bk_compose_options *o, int number, int *show, int *episode) {
    *show = o->shows ? number % o->shows : number / SHOW;
    *episode = o->shows ? number / o->shows : number;
}

static void name_of(char *out, size_t size, const bk_compose_options *o, int number) {
    int show, episode;
    place_of(o, number, &show, &episode);
    if (o->shows)
        snprintf(out, size, "show%d_s01e%02d", show + 1, episode + 1);
    else
        snprintf(out, size, "show%03d_e%04d", show, episode);
}

static const char *opening_name(int i) {
    return synth_opening_name((synth_opening)i);
}

static const char *credits_name(int i) {
    return synth_credits_name((synth_credits)i);
}

/* Reads "logo,title_card"; the classes of a kind are numbered from 1. */
static int read_classes(classes *c, const char *list, const char *(*name)(int), const char *kind, bk_error *err) {
    for (const char *at = list; at && *at;) {
        size_t len = strcspn(at, ",");
        int i = 1;
        while (name(i) && (strlen(name(i)) != len || memcmp(name(i), at, len) != 0)) i++;
        if (!name(i) || c->n == (int)(sizeof c->at / sizeof *c->at))
            return bk_fail(err, BK_EINVAL, "no class of %s is called \"%.*s\"", kind, (int)(len < 40 ? len : 40), at);
        c->at[c->n++] = i;
        at += len + (at[len] == ',');
    }
    return BK_OK;
}

/* The class of an episode; 0: the generator draws one. */
static int pick_class(const compose *c, const classes *of, int number, uint64_t stream) {
    int show, episode;
    if (of->n == 0) return 0;
    place_of(c->opt, number, &show, &episode);
    rng r = rng_make((c->opt->seed ? c->opt->seed : 42) + (uint64_t)number, stream);
    return of->at[c->opt->shows ? show % of->n : (int)rng_below(&r, (uint32_t)of->n)];
}

/* ---- one episode ------------------------------------------------------------------------------------- */

static void add_bands(text *t, const synth_episode *e, const char *key, const synth_mark *m) {
    text_addf(t, ",\"%s\":[", key);
    for (int i = 0; i < m->n_bands; i++)
        text_addf(t, "%s[%.3f,%.3f]", i ? "," : "", (double)synth_frame_time_us(e, m->bands[i].from) / 1e6,
                  (double)synth_frame_time_us(e, m->bands[i].to) / 1e6);
    text_add(t, "]");
}

static void describe(result *r, const synth_episode *e, const char *file) {
    synth_facts f = synth_describe(e);
    r->start_us = synth_frame_time_us(e, f.start.frame);
    r->end_us = f.end.frame >= f.n_frames ? f.duration_us : synth_frame_time_us(e, f.end.frame);
    text_add(&r->truth, "{\"file\":");
    text_add_json(&r->truth, file);
    text_addf(&r->truth, ",\"duration\":%.3f,\"fps\":%.3f", (double)f.duration_us / 1e6, (double)f.fps_num / f.fps_den);
    text_addf(&r->truth, ",\"start_main\":%.3f,\"start_main_frame\":%lld", (double)r->start_us / 1e6, (long long)f.start.frame);
    text_addf(&r->truth, ",\"end_main\":%.3f,\"end_main_frame\":%lld", (double)r->end_us / 1e6, (long long)f.end.frame - 1);
    text_addf(&r->truth, ",\"opening\":\"%s\",\"credits\":\"%s\"", synth_opening_name(f.opening), synth_credits_name(f.credits));
    add_bands(&r->truth, e, "start_bands", &f.start);
    add_bands(&r->truth, e, "end_bands", &f.end);
    text_add(&r->truth, ",\"segments\":[");
    for (int i = 0; i < f.n_segments; i++) {
        const char *part = synth_part_name(f.segments[i].part);
        double begin = (double)synth_frame_time_us(e, f.segments[i].from) / 1e6, end = (double)synth_frame_time_us(e, f.segments[i].to) / 1e6;
        text_addf(&r->segments, "%s,%s,%.3f,%.3f\n", file, part, begin, end);
        text_addf(&r->truth, "%s[\"%s\",%.3f,%.3f]", i ? "," : "", part, begin, end);
    }
    text_add(&r->truth, "]}\n");
}

/* One embedding a second, of the frame that the plan full would take: the last one before s + 1/2. */
static int make_track(bk_track **out, synth_episode *e, embedder *em, const bk_model *m, bk_error *err) {
    synth_facts f = synth_describe(e);
    int len = (int)((f.duration_us + 500000) / 1000000), w = m->vit.picture_w, h = m->vit.picture_h, dim = bundle_dim(m);
    size_t picture = (size_t)w * (size_t)h * 3;
    uint8_t *rgb = bk_alloc(picture, AT_ONCE);
    float *emb = bk_alloc((size_t)dim * AT_ONCE, sizeof *emb);
    synth_label label;
    int code = rgb && emb ? track_open(out, len, dim, err) : bk_fail_memory(err, "an episode");
    for (int s = 0; code == BK_OK && s < len; s += AT_ONCE) {
        int n = len - s < AT_ONCE ? len - s : AT_ONCE;
        for (int i = 0; code == BK_OK && i < n; i++)
            code = synth_render(e, (int64_t)((s + i + TRACK_SAMPLE_S) * 1e6), w, h, rgb + (size_t)i * picture, NULL, &label, err);
        if (code != BK_OK) break;
        embedder_run(em, rgb, n, NULL, emb, NULL, NULL);
        for (int i = 0; i < n; i++) track_put(*out, s + i, emb + (size_t)i * (size_t)dim);
    }
    free(rgb);
    free(emb);
    if (code != BK_OK) bk_track_close(out);
    else {
        (*out)->duration_us = f.duration_us;
        (*out)->fps = (double)f.fps_num / f.fps_den;
    }
    return code;
}

static int write_film(synth_episode *e, const char *path, bk_error *err) {
    synth_facts f = synth_describe(e);
    const record_options o = { .width = f.width, .height = f.height, .fps_num = f.fps_num, .fps_den = f.fps_den,
                               .keyframe_every = KEYFRAMES_S * f.fps_num / f.fps_den };
    record *r = NULL;
    uint8_t *rgb = bk_alloc((size_t)f.width * (size_t)f.height, 3);
    synth_label label;
    int code = rgb ? record_open(&r, path, &o, err) : bk_fail_memory(err, "a film");
    for (int64_t k = 0; code == BK_OK && k < f.n_frames; k++) {
        code = synth_render(e, synth_frame_time_us(e, k), f.width, f.height, rgb, NULL, &label, err);
        if (code == BK_OK) code = record_frame(r, rgb, err);
    }
    if (code == BK_OK) code = record_finish(&r, err);
    record_close(&r);
    free(rgb);
    return code;
}

static int compose_one(compose *c, int item, int worker, bk_error *err) {
    const bk_compose_options *o = c->opt;
    const synth_plan_options plan = { .min_s = o->min_s > 0.0 ? o->min_s : 90.0, .max_s = o->max_s > 0.0 ? o->max_s : 300.0,
                                      .width = o->model ? 0 : o->width, .height = o->model ? 0 : o->height,
                                      .exact = !o->model && o->width > 0, .fps_num = o->model ? 0 : o->fps,
                                      .fps_den = !o->model && o->fps ? 1 : 0,
                                      .opening = (synth_opening)pick_class(c, &c->openings, o->first + item, 0x6f70656e),
                                      .credits = (synth_credits)pick_class(c, &c->credits, o->first + item, 0x63726564),
                                      .last_words = (float)o->last_words, .clean = o->clean != 0 };
    int number = o->first + item;
    char name[64];
    text path = { 0 };
    synth_episode *e = NULL;
    bk_track *t = NULL;
    name_of(name, sizeof name, o, number);
    text_addf(&path, "%s/%s%s", o->out_dir, name, o->model ? "_windows.npz" : ".mp4");
    int code = synth_plan(&e, c->material, (o->seed ? o->seed : 42) * 1000003u + (uint64_t)number, &plan, err);
    if (code == BK_OK) {
        text file = { 0 };
        text_addf(&file, "%s.mp4", name);
        describe(&c->results[item], e, text_str(&file));
        text_close(&file);
        if (o->model) code = make_track(&t, e, c->embedders[worker], o->model, err);
        else code = write_film(e, text_str(&path), err);
    }
    if (t) code = bk_track_save(t, text_str(&path), err);
    bk_track_close(&t);
    synth_episode_close(&e);
    text_close(&path);
    return code;
}

static void run_one(void *arg, int item, int worker) {
    compose *c = arg;
    result *r = &c->results[item];
    if (__atomic_load_n(&c->done, __ATOMIC_RELAXED) < 0) { /* somebody asked to stop */
        r->code = BK_ECANCELED;
        return;
    }
    r->code = compose_one(c, item, worker, &r->err);
    int done = __atomic_add_fetch(&c->done, 1, __ATOMIC_RELAXED);
    if (bk_tell(&c->opt->hooks, "compose", done, c->opt->episodes, NULL) != BK_OK)
        __atomic_store_n(&c->done, -c->opt->episodes - 1, __ATOMIC_RELAXED);
}

/* ---- the lists --------------------------------------------------------------------------------------- */

static int write_list(const compose *c, const char *name, const text *t, bk_error *err) {
    text path = { 0 };
    text_addf(&path, "%s/%s", c->opt->out_dir, name);
    int code = text_ok(t) && text_ok(&path) ? file_save(text_str(&path), text_str(t), t->n, err) : bk_fail_memory(err, name);
    text_close(&path);
    return code;
}

static int write_lists(const compose *c, bk_error *err) {
    text labels = { 0 }, segments = { 0 }, truth = { 0 };
    text_add(&labels, "file,start_main,end_main\n");
    text_add(&segments, "file,kind,start,end\n");
    for (int i = 0; i < c->opt->episodes; i++) {
        const result *r = &c->results[i];
        char name[64], start[TEXT_TIME_MAX], end[TEXT_TIME_MAX];
        name_of(name, sizeof name, c->opt, c->opt->first + i);
        text_addf(&labels, "%s.mp4,%s,%s\n", name, text_clock(start, r->start_us), text_clock(end, r->end_us));
        text_add(&segments, text_str(&r->segments));
        text_add(&truth, text_str(&r->truth));
    }
    int code = write_list(c, "labels.csv", &labels, err);
    if (code == BK_OK) code = write_list(c, "segments.csv", &segments, err);
    if (code == BK_OK) code = write_list(c, "truth.jsonl", &truth, err);
    text_close(&labels);
    text_close(&segments);
    text_close(&truth);
    return code;
}

static int first_failure(const compose *c, bk_error *err) {
    for (int i = 0; i < c->opt->episodes; i++)
        if (c->results[i].code != BK_OK)
            return bk_fail(err, c->results[i].code, "episode %d: %s", c->opt->first + i,
                           c->results[i].code == BK_ECANCELED ? "stopped on request" : c->results[i].err.text);
    return BK_OK;
}

int bk_compose(const bk_compose_options *opt, bk_error *err) {
    compose c = { .opt = opt };
    pool *p = NULL;
    synth *material = NULL;
    if (opt->shows < 0) return bk_fail(err, BK_EINVAL, "%d shows cannot be composed", opt->shows);
    if (opt->episodes <= 0) return bk_fail(err, BK_EINVAL, "%d episodes cannot be composed", opt->episodes);
    int code = read_classes(&c.openings, opt->openings, opening_name, "opening", err);
    if (code == BK_OK) code = read_classes(&c.credits, opt->credits, credits_name, "credits", err);
    if (code == BK_OK) code = pool_open(&p, opt->threads, err);
    int threads = p ? pool_size(p) : 0;
    if (code == BK_OK) code = material_open(&material, &opt->material, opt->material.held_out, err);
    if (code == BK_OK) code = file_make_folders(opt->out_dir, err);
    c.material = material;
    c.results = bk_zeros((size_t)opt->episodes, sizeof *c.results);
    c.embedders = bk_zeros((size_t)threads, sizeof *c.embedders);
    if (code == BK_OK && (!c.results || !c.embedders)) code = bk_fail_memory(err, "episodes");
    for (int i = 0; code == BK_OK && opt->model && i < threads; i++)
        code = embedder_open(&c.embedders[i], opt->model, AT_ONCE, err);
    if (code == BK_OK) {
        pool_run(p, run_one, &c, opt->episodes);
        code = first_failure(&c, err);
    }
    if (code == BK_OK) code = write_lists(&c, err);
    for (int i = 0; c.embedders && i < threads; i++) embedder_close(&c.embedders[i]);
    for (int i = 0; c.results && i < opt->episodes; i++) text_close(&c.results[i].truth), text_close(&c.results[i].segments);
    free(c.embedders);
    free(c.results);
    synth_close(&material);
    pool_close(&p);
    return code;
}
