/* Plans the story: scenes of shots cut together, and what in a story looks like titles and is none: black
 * gaps, captions, cards, signs, screens, subtitles, the last words before the credits. */
#include <stdio.h>
#include <string.h>

#include "learn/synth_build.h"

enum { SCENE_PLACES_MAX = 4 };

/* ---- letters within the story ----------------------------------------------------------------------- */

static void caption(build *b, int64_t from, int64_t limit) {
    static const float xs[3] = { 0.06f, 0.5f, 0.94f };
    const int side = build_below(b, 3);
    int64_t to = from + build_span(b, 1.5f, 4.5f);
    char text[2 * WORDS_MAX];
    if (to > limit) to = limit;
    words_caption(&b->words, text);
    if (build_chance(b, 0.3f)) {
        strcat(text, "\n");
        words_caption(&b->words, text + strlen(text));
    }
    letters_spec spec = build_spec(b, false, build_fit(b, text, build_range(b, 0.04f, 0.09f), 0.6f));
    spec.align = (uint8_t)side;
    over *o = build_over(b, build_letters(b, &spec, text), TEXT_CAPTION, from, to, xs[side],
                         build_chance(b, 0.7f) ? build_range(b, 0.75f, 0.9f) : build_range(b, 0.3f, 0.6f), false);
    o->anchor_x = (float)side / 2;
    if (build_chance(b, 0.2f)) o->reveal = (int)((to - from) / 2);
}

/* A plate with a speaker's name and what he is. */
static void lower_third(build *b, int64_t from, int64_t limit) {
    int64_t to = from + build_span(b, 2, 5);
    char text[2 * WORDS_MAX];
    uint8_t rgb[3];
    if (to > limit) to = limit;
    for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)build_below(b, 140);
    words_name(&b->words, text);
    strcat(text, "\n");
    words_role(&b->words, text + strlen(text));
    const float y = build_range(b, 0.72f, 0.8f);
    if (build_chance(b, 0.75f)) {
        over *plate = build_box(b, from, to, (rect){ 0.05f, y, build_range(b, 0.35f, 0.6f), 0.15f }, rgb,
                                build_range(b, 0.5f, 1));
        plate->fade_in = plate->fade_out = (int)build_frames(b, 0.2);
    }
    letters_spec spec = build_spec(b, false, build_fit(b, text, 0.05f, 0.34f));
    spec.align = 0;
    over *o = build_over(b, build_letters(b, &spec, text), TEXT_CAPTION, from, to, 0.07f, y + 0.075f, false);
    o->anchor_x = 0;
    memset(o->ink.top, 245, 3);
    memset(o->ink.bottom, 245, 3);
}

/* A letter, a newspaper, a screen: running text that fills a page. */
static void page_shot(build *b, int64_t from, int64_t to) {
    const bool screen = build_chance(b, 0.35f);
    uint8_t paper[3], dark[3];
    char text[14 * WORDS_MAX] = "";
    for (int c = 0; c < 3; c++) {
        paper[c] = (uint8_t)(screen ? 10 + build_below(b, 40) : 200 + build_below(b, 50));
        dark[c] = (uint8_t)(screen ? 150 + build_below(b, 100) : 10 + build_below(b, 60));
    }
    if (build_chance(b, 0.5f)) { /* the page lies on something */
        shot *under = build_place_shot(b, from, to, build_below(b, b->n_places));
        under->blur = build_range(b, 0, 0.03f);
        build_box(b, from, to,
                  (rect){ build_range(b, 0.05f, 0.3f), build_range(b, -0.1f, 0.15f), build_range(b, 0.4f, 0.65f), 1 },
                  paper, 1);
    } else {
        shot *s = build_ground(b, from, paper);
        s->texture = screen ? 0 : build_range(b, 0, 0.8f);
        s->graded = true;
    }
    const int lines = 4 + build_below(b, 9);
    for (int i = 0; i < lines; i++) {
        if (i) strcat(text, "\n");
        words_line(&b->words, 4 + build_below(b, 5), text + strlen(text));
    }
    letters_spec spec = build_spec(b, false, build_fit(b, text, build_range(b, 0.03f, 0.09f), 0.55f));
    spec.align = 0;
    spec.upper = false;
    spec.edge = EDGE_NONE;
    over *o = build_over(b, build_letters(b, &spec, text), TEXT_PROSE, from, to, build_range(b, 0.36f, 0.6f),
                         build_range(b, 0.4f, 0.6f), false);
    o->fade_in = o->fade_out = 0;
    o->vy = build_chance(b, 0.3f) ? build_range(b, -0.03f, 0.03f) : 0;
    o->zoom1 = build_chance(b, 0.5f) ? build_range(b, 0.95f, 1.1f) : 1;
    memcpy(o->ink.top, dark, 3);
    memcpy(o->ink.bottom, dark, 3);
}

/* A sign, a screen or a slide from the material, else a page. */
static void insert_shot(build *b, int64_t from, int64_t to) {
    const int at = material_pick(b->s, ITEM_TEXT, &b->r);
    if (at < 0 || build_chance(b, 0.35f)) {
        page_shot(b, from, to);
        return;
    }
    shot *s = build_place_shot(b, from, to, 0);
    s->bed = BED_ITEM;
    s->item = at;
    s->mirror = false;
    s->light = 1;
    s->detail = build_chance(b, 0.5f) ? DETAIL_SHARP : DETAIL_NONE;
}

void story_card(build *b, int64_t from, int64_t to, bool epilogue) {
    const int lines = epilogue ? 1 + build_below(b, 4) : 1;
    char text[6 * WORDS_MAX] = "";
    for (int i = 0; i < lines; i++) {
        if (i) strcat(text, "\n");
        if (epilogue)
            words_line(&b->words, 4 + build_below(b, 6), text + strlen(text));
        else
            words_caption(&b->words, text);
    }
    if (build_chance(b, 0.8f))
        build_black(b, from);
    else
        build_backdrop(b, from, to, false);
    letters_spec spec = build_spec(b, false, build_fit(b, text, build_range(b, 0.04f, 0.1f), 0.8f));
    spec.upper = !epilogue && build_chance(b, 0.3f);
    const int64_t lead = build_span(b, 0.1f, 0.6f);
    build_over(b, build_letters(b, &spec, text), epilogue ? TEXT_PROSE : TEXT_CAPTION, from + lead, to - lead, 0.5f, build_range(b, 0.45f, 0.55f), false);
}

/* ---- scenes ----------------------------------------------------------------------------------------- */

typedef struct scene_plan {
    int place[SCENE_PLACES_MAX], n;
    bool dialogue; /* A-B-A-B */
} scene_plan;

static scene_plan plan_scene(build *b) {
    scene_plan p = { .n = 1 + build_below(b, SCENE_PLACES_MAX), .dialogue = build_chance(b, 0.45f) };
    const int base = build_below(b, b->n_places);
    for (int i = 0; i < p.n; i++) p.place[i] = build_chance(b, 0.6f) ? base + i : build_below(b, b->n_places);
    return p;
}

/* How this scene follows the one before it at t: a cut, a dissolve, through black. Returns where its first
 * shot begins. */
static int64_t scene_change(build *b, int64_t t, int64_t first, int64_t to, int *mix) {
    const float kind = rng_float(&b->r);
    *mix = 0;
    if (t <= first || kind < 0.62f) return t;
    if (kind < 0.76f) {
        *mix = (int)build_span(b, 0.3f, 1.5f);
        return t;
    }
    const int64_t out = build_span(b, 0.15f, 1), in = build_span(b, 0.15f, 1),
                  gap = build_chance(b, 0.5f) ? build_span(b, 0.1f, 2) : 0;
    if (t + gap + in >= to || t - out <= first) return t;
    if (kind < 0.93f) build_fade(b, t - out, t, 1, 0, true);
    if (gap) build_black(b, t);
    if (kind < 0.93f) build_fade(b, t + gap, t + gap + in, 0, 1, true);
    return t + gap;
}

static int64_t scene_shots(build *b, const scene_plan *p, int64_t t, int64_t end, int64_t to, int mix, bool brisk) {
    for (int i = 0; t < end; i++) {
        int64_t until = t + (brisk ? build_span(b, 0.5f, 3) : build_span(b, 1.5f, 8));
        if (to - until < build_frames(b, 0.5)) until = to;
        const int which = p->dialogue && p->n > 1 ? i & 1 : build_below(b, p->n);
        shot *s = build_place_shot(b, t, until, p->place[which]);
        s->mix = i == 0 ? mix : build_chance(b, 0.03f) ? (int)build_span(b, 0.3f, 1) : 0;
        t = until;
    }
    return t;
}

static int64_t scene_letters(build *b, int64_t t, int64_t end, int64_t to) {
    const float kind = rng_float(&b->r);
    if (kind < 0.12f)
        caption(b, t, end);
    else if (kind < 0.17f)
        lower_third(b, t + (end - t) / 4, end);
    else if (kind < 0.26f && end + build_frames(b, 6) < to) {
        const int64_t until = end + build_span(b, 1.2f, 5);
        insert_shot(b, end, until);
        return until;
    } else if (kind < 0.30f && end + build_frames(b, 6) < to) {
        const int64_t until = end + build_span(b, 1.8f, 4);
        story_card(b, end, until, false);
        return until;
    }
    return end;
}

void story_fill(build *b, int64_t from, int64_t to, const story_options *opt) {
    for (int64_t t = from; t < to;) {
        const scene_plan p = plan_scene(b);
        int mix;
        t = opt->brisk ? (mix = 0, t) : scene_change(b, t, from, to, &mix);
        int64_t end = t + (opt->brisk ? build_span(b, 2, 12) : build_span(b, 6, 50));
        if (to - end < build_frames(b, 2)) end = to;
        const int64_t begin = t;
        t = scene_shots(b, &p, t, end, to, mix, opt->brisk);
        if (opt->letters) t = scene_letters(b, begin, t, to);
    }
}

/* ---- subtitles -------------------------------------------------------------------------------------- */

static void subtitle(build *b, int64_t from, int64_t to, float size, float y) {
    const style *t = &b->style;
    char text[2 * WORDS_MAX];
    words_line(&b->words, 3 + build_below(b, 6), text);
    const bool two = build_chance(b, 0.45f);
    if (two) {
        strcat(text, "\n");
        words_line(&b->words, 3 + build_below(b, 5), text + strlen(text));
    }
    letters_spec spec = {
        .family = t->sub_family, .size = build_fit(b, text, size, 0.92f), .align = 1, .pitch = 1.25f
    };
    spec.edge = t->sub_edge;
    spec.edge_width = 0.07f;
    if (t->sub_box) {
        static const uint8_t black[3] = { 0, 0, 0 };
        const float h = size * (two ? 2.7f : 1.45f);
        build_box(b, from, to, (rect){ 0.12f, y - h / 2, 0.76f, h }, black, 0.65f);
    }
    over *o = build_over(b, build_letters(b, &spec, text), TEXT_DIALOGUE, from, to, 0.5f, y, false);
    o->fade_in = o->fade_out = 0;
    memcpy(o->ink.top, t->sub_rgb, 3);
    memcpy(o->ink.bottom, t->sub_rgb, 3);
    memset(o->edge.top, 0, 3);
    memset(o->edge.bottom, 0, 3);
}

void story_subtitles(build *b, int64_t from, int64_t to) {
    const float size = build_range(b, 0.042f, 0.075f), y = build_range(b, 0.84f, 0.92f),
                gaps = build_range(b, 0.3f, 6);
    for (int64_t t = from + build_span(b, 0.2f, 4); t < to;) {
        int64_t end = t + build_span(b, 1.2f, 4.5f);
        if (end > to) end = to;
        subtitle(b, t, end, size, y);
        t = end + build_span(b, 0.05f, gaps);
        if (build_chance(b, 0.06f)) t += build_span(b, 5, 40);
    }
}
