/* A balanced stream of single frames from a moving set of episodes: what an encoder is trained on. */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "learn/synth.h"

enum { TRIES = 6 };

typedef struct live {
    synth_episode *e;
    int left; /* frames still to be taken */
} live;

struct synth_stream {
    const synth *s;
    synth_stream_options opt;
    rng r;
    live *live;
    int at;
    uint64_t next_seed;
};

int synth_stream_open(synth_stream **out, const synth *s, const synth_stream_options *opt, bk_error *err) {
    static const float usual[CLASS_COUNT] = { 5, 1, 1.5f, 2.5f, 4, 3 };
    synth_stream *t = calloc(1, sizeof *t);
    if (!t) return bk_fail_memory(err, "a stream of frames");
    t->s = s;
    t->opt = *opt;
    if (t->opt.episodes <= 0) t->opt.episodes = 12;
    if (t->opt.per_episode <= 0) t->opt.per_episode = 40;
    float sum = 0;
    for (int c = 0; c < CLASS_COUNT; c++) sum += opt->weight[c];
    for (int c = 0; c < CLASS_COUNT && !(sum > 0); c++) t->opt.weight[c] = usual[c];
    t->r = rng_make(opt->seed, 0x73747265616d);
    t->next_seed = rng_u64(&t->r);
    t->live = bk_zeros((size_t)t->opt.episodes, sizeof *t->live);
    if (!t->live) {
        free(t);
        return bk_fail_memory(err, "a stream of frames");
    }
    *out = t;
    return BK_OK;
}

void synth_stream_close(synth_stream **t) {
    if (!*t) return;
    for (int i = 0; i < (*t)->opt.episodes; i++) synth_episode_close(&(*t)->live[i].e);
    free((*t)->live);
    free(*t);
    *t = NULL;
}

static int renew(synth_stream *t, live *l, bk_error *err) {
    synth_episode_close(&l->e);
    /* The first round ends at different times, so that not all episodes are planned at once. */
    l->left = 1 + (int)rng_below(&t->r, (uint32_t)t->opt.per_episode * 2);
    synth_plan_options plan = t->opt.plan;
    if (!(plan.max_s > 0)) {
        plan.min_s = 60;
        plan.max_s = 240;
    }
    if (!(plan.last_words > 0)) plan.last_words = 0.5f;
    return synth_plan(&l->e, t->s, t->next_seed++, &plan, err);
}

static synth_class wanted(synth_stream *t) {
    float sum = 0;
    for (int c = 0; c < CLASS_COUNT; c++) sum += t->opt.weight[c];
    float at = rng_float(&t->r) * sum;
    for (int c = 0; c < CLASS_COUNT; c++) {
        at -= t->opt.weight[c];
        if (at < 0) return (synth_class)c;
    }
    return CLASS_STORY;
}

/* A time at which a frame of the class is likely. */
static int64_t time_for(synth_stream *t, const synth_episode *e, synth_class c) {
    static const synth_part part_of[CLASS_COUNT] = { PART_STORY,  PART_BLACK,   PART_LOGO,
                                                     PART_TITLES, PART_CREDITS, PART_STORY };
    const synth_facts f = synth_describe(e);
    int64_t n = 0, total = f.n_frames, at;
    /* Running text and the names that follow it are the pair that is hardest to tell apart, and rare. */
    if (c == CLASS_STORY_WITH_LETTERS && f.last_words < f.end.frame && rng_chance(&t->r, 0.4f))
        return synth_frame_time_us(e, f.last_words + (int64_t)rng_below(&t->r, (uint32_t)(f.end.frame - f.last_words)));
    for (int i = 0; i < f.n_segments; i++)
        if (f.segments[i].part == part_of[c]) n += f.segments[i].to - f.segments[i].from;
    if (n == 0) return synth_frame_time_us(e, (int64_t)rng_below(&t->r, (uint32_t)total));
    at = (int64_t)rng_below(&t->r, (uint32_t)n);
    for (int i = 0; i < f.n_segments; i++) {
        const int64_t m = f.segments[i].part == part_of[c] ? f.segments[i].to - f.segments[i].from : 0;
        if (at < m) return synth_frame_time_us(e, f.segments[i].from + at);
        at -= m;
    }
    return 0;
}

int synth_stream_next(synth_stream *t, int width, int height, uint8_t *rgb, uint8_t *mask, synth_label *label,
                      bk_error *err) {
    live *l = &t->live[t->at];
    t->at = (t->at + 1) % t->opt.episodes;
    if (l->left-- <= 0) {
        const int code = renew(t, l, err);
        if (code != BK_OK) return code;
    }
    const synth_class c = wanted(t);
    synth_label seen = { 0 };
    int64_t time_us = 0;
    for (int i = 0; i < TRIES; i++) {
        time_us = time_for(t, l->e, c);
        const int code = synth_render(l->e, time_us, width, height, NULL, NULL, &seen, err);
        if (code != BK_OK) return code;
        if (seen.seen == c) break;
    }
    return synth_render(l->e, time_us, width, height, rgb, mask, label, err);
}
