/* Plans an episode: its shape and look, then opening, story and credits one after another, and the truth
 * about them. Draws nothing; synth_render.c does. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "learn/synth_build.h"

static const char *const opening_names[OPENING_COUNT] = { "random", "none",  "logo",  "title_card", "over_footage",
                                                          "cold",   "short", "recap", "over_scene", "montage" };
static const char *const credits_names[CREDITS_COUNT] = { "random",    "none",      "cards_black",  "roll_black",
                                                          "cards_art", "roll_art",  "over_footage", "split",
                                                          "paper",     "mid_scene", "post_scene" };
static const char *const part_names[PART_COUNT] = { "black",  "logo",  "recap",   "cold_open",
                                                    "titles", "story", "credits", "extra_scene" };

const char *synth_opening_name(synth_opening o) {
    return (unsigned)o < OPENING_COUNT ? opening_names[o] : NULL;
}

const char *synth_credits_name(synth_credits c) {
    return (unsigned)c < CREDITS_COUNT ? credits_names[c] : NULL;
}

const char *synth_part_name(synth_part p) {
    return (unsigned)p < PART_COUNT ? part_names[p] : NULL;
}

/* ---- look ------------------------------------------------------------------------------------------- */

static void plan_grade(build *b, grade *g) {
    const float kind = rng_float(&b->r), gamma = build_range(b, 0.75f, 1.35f), contrast = build_range(b, 0.8f, 1.25f);
    const float lift = build_chance(b, 0.25f) ? build_range(b, 0, 30) : 0;
    float tint[3] = { 1, 1, 1 };
    int levels = 0;
    g->saturation = kind < 0.1f ? 0 : build_range(b, 0.55f, 1.35f);
    if (kind < 0.04f)
        tint[0] = 1.12f, tint[2] = 0.78f; /* sepia */
    else if (kind > 0.5f)
        for (int c = 0; c < 3; c++) tint[c] = build_range(b, 0.86f, 1.12f);
    if (kind > 0.97f) levels = 4 + build_below(b, 5); /* flat colours, as in drawn films */
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 256; i++) {
            float v = powf((float)i / 255, gamma);
            v = (0.5f + (v - 0.5f) * contrast) * tint[c] * (255 - lift) + lift;
            if (levels) v = rintf(v / 255 * (float)levels) / (float)levels * 255;
            g->table[c][i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5f);
        }
    g->identity = kind > 0.4f && kind < 0.5f;
}

static void plan_look(build *b, bool clean) {
    look *k = &b->e->look;
    plan_grade(b, &k->grade);
    if (build_chance(b, 0.2f))
        k->bars = build_chance(b, 0.7f) ? 2.39f : 1.85f;
    else if (build_chance(b, 0.04f))
        k->bars = 1.3333f;
    k->vignette = build_chance(b, 0.2f) ? build_range(b, 0.1f, 0.7f) : 0;
    k->coarse = build_chance(b, 0.3f);
    k->grain = build_chance(b, 0.4f) ? build_range(b, 1, build_chance(b, 0.2f) ? 14 : 6) : 0;
    k->sharpen = build_chance(b, 0.2f) ? build_range(b, 0.2f, 1.2f) : 0;
    k->blur = build_chance(b, 0.1f) ? 1 : 0;
    k->blocks = build_chance(b, 0.3f) ? build_range(b, 3, build_chance(b, 0.2f) ? 28 : 12) : 0;
    if (!clean) return;
    k->grain = k->sharpen = k->blocks = 0;
    k->blur = 0;
}

static void plan_shape(build *b, const synth_plan_options *opt) {
    static const float shapes[] = { 1.7778f, 1.7778f, 1.7778f, 1.7778f, 1.7778f,
                                    1.7778f, 1.85f,   1.3333f, 1.3333f, 2.39f };
    static const int heights[] = { 144, 180, 216, 234, 270, 288, 324, 360 };
    static const int rates[5][2] = { { 24, 1 }, { 25, 1 }, { 30, 1 }, { 24000, 1001 }, { 30000, 1001 } };
    synth_facts *f = &b->e->facts;
    const float shape =
        opt->width && opt->height ? (float)opt->width / (float)opt->height : shapes[build_below(b, 10)];
    const int *rate = rates[build_below(b, 5)];
    /* The lowest sizes, at which small letters drown, are rarer. */
    f->height = heights[build_chance(b, 0.75f) ? 2 + build_below(b, 6) : build_below(b, 8)];
    f->width = (int)((float)f->height * shape / 2 + 0.5f) * 2;
    if (opt->exact) {
        f->width = opt->width;
        f->height = opt->height;
    }
    f->fps_num = opt->fps_num > 0 ? opt->fps_num : rate[0];
    f->fps_den = opt->fps_num > 0 ? (opt->fps_den > 0 ? opt->fps_den : 1) : rate[1];
    b->fps = (double)f->fps_num / f->fps_den;
}

/* ---- what lasts through the whole ------------------------------------------------------------------- */

static void plan_watermark(build *b) {
    static const float xs[2] = { 0.06f, 0.94f }, ys[2] = { 0.08f, 0.92f };
    char text[WORDS_MAX];
    const int right = build_below(b, 2);
    words_company(&b->words, text);
    char *blank = strchr(text, ' ');
    if (blank) *blank = 0;
    letters_spec spec = build_spec(b, true, build_range(b, 0.03f, 0.06f));
    over *o =
        build_over(b, build_letters(b, &spec, text), TEXT_OTHER, 0, b->e->facts.n_frames, xs[right], ys[build_below(b, 2)], true);
    o->anchor_x = (float)right;
    o->fade_in = o->fade_out = 0;
    o->mark = MARK_UNKNOWN;
    o->ink.opacity = build_range(b, 0.25f, 0.8f);
    o->edge.opacity = 0;
}

static void plan_hud(build *b, int64_t from, int64_t to) {
    static const float xs[2] = { 0.05f, 0.95f }, ys[2] = { 0.07f, 0.93f };
    const int n = 1 + build_below(b, 4);
    for (int i = 0; i < n; i++) {
        char text[2 * WORDS_MAX];
        const int right = i & 1;
        words_line(&b->words, 1 + build_below(b, 2), text);
        if (strlen(text) < 40) strcat(text, build_chance(b, 0.5f) ? " 0042" : ": 17");
        letters_spec spec = build_spec(b, true, build_range(b, 0.035f, 0.06f));
        spec.edge = EDGE_OUTLINE;
        over *o = build_over(b, build_letters(b, &spec, text), TEXT_OTHER, from, to, xs[right], ys[i >> 1], true);
        o->anchor_x = (float)right;
        o->fade_in = o->fade_out = 0;
    }
}

static void plan_throughout(build *b) {
    const synth_facts *f = &b->e->facts;
    const float kind = rng_float(&b->r);
    const int64_t story = f->end.frame - f->start.frame;
    if (kind < 0.22f)
        story_subtitles(b, build_chance(b, 0.3f) ? 0 : f->start.frame, f->end.frame);
    else if (kind < 0.34f)
        story_subtitles(b, f->start.frame + story / 5, f->start.frame + story / 2);
    else if (kind < 0.37f)
        story_subtitles(b, 0, f->n_frames);
    else if (kind < 0.40f)
        plan_hud(b, f->start.frame, f->end.frame);
    if (build_chance(b, 0.12f)) plan_watermark(b);
}

/* ---- the whole -------------------------------------------------------------------------------------- */

static synth_opening pick_opening(build *b, synth_opening wish) {
    if (wish != OPENING_RANDOM) return wish;
    return (synth_opening)(1 + build_below(b, OPENING_COUNT - 1));
}

static synth_credits pick_credits(build *b, synth_credits wish) {
    if (wish != CREDITS_RANDOM) return wish;
    if (build_chance(b, 0.12f)) return CREDITS_ROLL_BLACK;
    return (synth_credits)(1 + build_below(b, CREDITS_COUNT - 1));
}

/* Fills the story to its last moments: last words on a card, a fade, or neither. */
static void plan_story(build *b, int64_t from, int64_t end, synth_credits kind, float last_words) {
    const story_options how = { .letters = true };
    int64_t card = end;
    if (build_chance(b, last_words) && end - from > build_frames(b, 40)) card = end - build_span(b, 3, 9);
    story_fill(b, from, card, &how);
    if (card < end) story_card(b, card, end, true);
    b->e->facts.last_words = card;
    const bool goes_on = kind == CREDITS_OVER_FOOTAGE || kind == CREDITS_SPLIT;
    if (goes_on || !build_chance(b, kind == CREDITS_NONE ? 0.5f : 0.4f)) return;
    b->faded = true;
    build_fade(b, end - build_span(b, 0.3f, 2.5f), end, 1, 0, true);
}

static void plan_parts(build *b, const synth_plan_options *opt) {
    synth_facts *f = &b->e->facts;
    const int64_t n = f->n_frames;
    f->opening = pick_opening(b, opt->opening);
    f->credits = pick_credits(b, opt->credits);
    build_places(b, 8 + (int)((double)n / b->fps / 15));
    opening_plan(b, f->opening, n * 2 / 5);
    const int64_t begin = b->story_from;
    const int64_t end = n - credits_length(b, f->credits, (n - begin) * 2 / 5);
    plan_story(b, begin, end, f->credits, opt->last_words > 0 ? opt->last_words : 0.08f);
    build_segment(b, PART_STORY, f->start.frame, end);
    f->end.frame = end;
    f->end.n_bands = 1;
    f->end.bands[0].from = f->end.bands[0].to = end;
    if (end < n) credits_plan(b, f->credits, end, n);
}

/* Plain insertion from the back: the parts come almost in order. Keeps the order of equals. */
static void sort_shots(synth_episode *e) {
    for (size_t i = 1; i < e->n_shots; i++) {
        const shot s = e->shots[i];
        size_t k = i;
        for (; k > 0 && e->shots[k - 1].from > s.from; k--) e->shots[k] = e->shots[k - 1];
        e->shots[k] = s;
    }
}

static int check_options(const synth_plan_options *o, bk_error *err) {
    if (o->min_s < 0 || (o->max_s > 0 && o->max_s < o->min_s) || o->max_s > 6 * 3600)
        return bk_fail(err, BK_EINVAL, "synth: an episode of %g to %g s", o->min_s, o->max_s);
    if (o->width < 0 || o->height < 0 || o->width > 4096 || o->height > 4096 ||
        (o->exact && (o->width < 32 || o->height < 32)))
        return bk_fail(err, BK_EINVAL, "synth: a picture of %d x %d, from 32 x 32 to 4096 x 4096", o->width,
                       o->height);
    if ((unsigned)o->opening >= OPENING_COUNT || (unsigned)o->credits >= CREDITS_COUNT)
        return bk_fail(err, BK_EINVAL, "synth: no opening %d or no credits %d", (int)o->opening, (int)o->credits);
    return BK_OK;
}

static bool finish(build *b) {
    synth_episode *e = b->e;
    sort_shots(e);
    e->sprites = bk_zeros(e->n_specs + 1, sizeof *e->sprites);
    e->facts.segments = e->segments;
    e->facts.n_segments = (int)e->n_segments;
    e->facts.duration_us = synth_frame_time_us(e, e->facts.n_frames);
    return e->sprites && !b->failed;
}

int synth_plan(synth_episode **out, const synth *s, uint64_t seed, const synth_plan_options *opt, bk_error *err) {
    static const synth_plan_options usual = { 0 };
    const synth_plan_options *o = opt ? opt : &usual;
    if (check_options(o, err) != BK_OK) return BK_EINVAL;
    synth_episode *e = calloc(1, sizeof *e);
    build *b = calloc(1, sizeof *b);
    if (!e || !b || pthread_mutex_init(&e->lock, NULL)) {
        free(e);
        free(b);
        return bk_fail_memory(err, "an episode");
    }
    *b = (build){ .e = e, .s = s, .r = rng_make(seed, 0x65706973) };
    e->s = s;
    e->seed = seed;
    plan_shape(b, o);
    const double min_s = o->min_s > 0 ? o->min_s : o->max_s > 0 ? o->max_s / 2 : 240;
    const double max_s = o->max_s > 0 ? o->max_s : min_s > 1500 ? min_s : 1500;
    e->facts.n_frames = build_frames(b, min_s + (max_s - min_s) * (double)rng_float(&b->r));
    plan_look(b, o->clean);
    build_style(b);
    plan_parts(b, o);
    plan_throughout(b);
    const bool ok = finish(b);
    free(b);
    if (!ok) {
        synth_episode_close(&e);
        return bk_fail_memory(err, "an episode");
    }
    *out = e;
    return BK_OK;
}

void synth_episode_close(synth_episode **e) {
    if (!*e) return;
    for (size_t i = 0; i < (*e)->n_specs; i++) {
        free((void *)(uintptr_t)(*e)->specs[i].text);
        free((void *)(uintptr_t)(*e)->specs[i].family);
        if ((*e)->sprites) letters_free(&(*e)->sprites[i].sprite);
    }
    free((*e)->shots);
    free((*e)->fades);
    free((*e)->overs);
    free((*e)->specs);
    free((*e)->segments);
    free((*e)->sprites);
    pthread_mutex_destroy(&(*e)->lock);
    free(*e);
    *e = NULL;
}

synth_facts synth_describe(const synth_episode *e) {
    return e->facts;
}

int64_t synth_frame_time_us(const synth_episode *e, int64_t frame) {
    const int64_t num = e->facts.fps_num, den = (int64_t)e->facts.fps_den * 1000000;
    return (frame * den + num - 1) / num;
}

int64_t synth_frame_at(const synth_episode *e, int64_t time_us) {
    const int64_t den = (int64_t)e->facts.fps_den * 1000000;
    const int64_t f = time_us < 0 ? 0 : time_us * e->facts.fps_num / den;
    return f < e->facts.n_frames ? f : e->facts.n_frames - 1;
}
