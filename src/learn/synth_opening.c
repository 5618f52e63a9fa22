/* Plans openings: company logos, title cards, credits over footage, cold opens, recaps, montages. */
#include <string.h>

#include "learn/synth_build.h"

/* ---- pieces ----------------------------------------------------------------------------------------- */

static void random_rgb(build *b, uint8_t rgb[3]) {
    for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)build_below(b, 200);
}

/* Black letters on light grounds, else white. */
static void readable(over *o, const uint8_t ground[3]) {
    const bool light = ground[0] * 3 + ground[1] * 6 + ground[2] > 1300;
    memset(o->ink.top, light ? 15 : 245, 3);
    memset(o->ink.bottom, light ? 15 : 245, 3);
    if (light) o->edge.opacity = 0;
}

/* A company's logo: shapes that come together, its name below or beside them. */
static int64_t logo(build *b, int64_t t) {
    const int64_t end = t + build_span(b, 2, 8), soft = build_span(b, 0.1f, 0.9f);
    uint8_t ground[3] = { 0, 0, 0 };
    char name[WORDS_MAX];
    const float kind = rng_float(&b->r);
    if (kind < 0.15f)
        memset(ground, 250, 3);
    else if (kind < 0.35f)
        random_rgb(b, ground);
    shot *s = kind > 0.82f ? build_backdrop(b, t, end, true) : build_ground(b, t, ground);
    if (kind >= 0.15f && kind < 0.35f && build_chance(b, 0.5f)) {
        s->bed = BED_GRADIENT;
        s->round = build_chance(b, 0.5f);
        random_rgb(b, s->colour[1]);
    }
    const bool shape = build_chance(b, 0.8f);
    const float cx = 0.5f, cy = shape ? build_range(b, 0.36f, 0.46f) : 0.5f, size = build_range(b, 0.2f, 0.45f);
    if (shape) {
        over *o = build_box(b, t, end, (rect){ cx, cy, 0, size }, ground, 1);
        o->kind = OVER_LOGO;
        o->seed = rng_u64(&b->r);
        o->build = (int)build_span(b, 0.3f, 2);
        readable(o, ground);
    }
    if (!shape || build_chance(b, 0.75f)) {
        words_company(&b->words, name);
        letters_spec spec = build_spec(b, true, build_fit(b, name, build_range(b, 0.05f, 0.13f), 0.8f));
        spec.edge = EDGE_NONE;
        over *o = build_over(b, build_letters(b, &spec, name), TEXT_COMPANY, t + (end - t) / (2 + build_below(b, 5)), end, cx,
                             shape ? cy + size * 0.5f + 0.12f : cy, false);
        o->fade_out = 0;
        o->zoom1 = build_chance(b, 0.4f) ? build_range(b, 1.02f, 1.15f) : 1;
        readable(o, ground);
    }
    build_fade(b, t, t + soft, 0, 1, true);
    build_fade(b, end - soft, end, 1, 0, true);
    build_segment(b, PART_LOGO, t, end);
    return end;
}

static int64_t pause_black(build *b, int64_t t, float lo_s, float hi_s) {
    const int64_t end = t + build_span(b, lo_s, hi_s);
    build_black(b, t);
    build_segment(b, PART_BLACK, t, end);
    return end;
}

static int64_t logos(build *b, int64_t t, int n) {
    for (int i = 0; i < n; i++) {
        t = logo(b, t);
        if (build_chance(b, 0.4f)) t = pause_black(b, t, 0.1f, 1);
    }
    return t;
}

/* Two lines of a name that has a space: the break that is nearest to the middle. */
static void break_line(char *title) {
    const size_t n = strlen(title);
    char *best = NULL;
    size_t off = n;
    for (char *p = strchr(title, ' '); p; p = strchr(p + 1, ' ')) {
        const size_t at = (size_t)(p - title), d = 2 * at > n ? 2 * at - n : n - 2 * at;
        if (d < off) off = d, best = p;
    }
    if (best) *best = '\n';
}

/* Lettering as it is drawn for one film and no other: bent, askew, solid. */
static void draw_by_hand(build *b, letters_spec *s) {
    s->bend.seed = (uint32_t)rng_u64(&b->r);
    if (build_chance(b, 0.5f)) s->bend.arc = build_range(b, -0.5f, 0.5f);
    if (build_chance(b, 0.25f)) s->bend.wave = build_range(b, 0.05f, 0.25f);
    if (build_chance(b, 0.3f)) s->bend.taper = build_range(b, -0.4f, 0.4f);
    if (build_chance(b, 0.4f)) s->bend.askew = build_range(b, 0.2f, 1);
    s->bold = build_chance(b, 0.7f);
    s->pitch = build_range(b, 0.8f, 1.2f);
    s->edge = build_chance(b, 0.6f) ? EDGE_DEPTH : EDGE_OUTLINE;
    s->edge_width = build_range(b, 0.03f, 0.1f);
}

/* Letters of one colour and their sides of another, darker or lighter. */
static void colour_by_hand(build *b, over *o) {
    const bool dark_sides = build_chance(b, 0.7f);
    for (int c = 0; c < 3; c++) {
        o->ink.top[c] = (uint8_t)((dark_sides ? 90 : 0) + build_below(b, 166));
        o->ink.bottom[c] = (uint8_t)((dark_sides ? 90 : 0) + build_below(b, 166));
        o->edge.top[c] = (uint8_t)((dark_sides ? 0 : 130) + build_below(b, 120));
        o->edge.bottom[c] = (uint8_t)(o->edge.top[c] / (dark_sides ? 2 : 1));
    }
}

/* A sign or creature beside the name, as posters have. */
static void ornament(build *b, int64_t from, int64_t to, float x, float y) {
    static const uint8_t none[3] = { 0, 0, 0 };
    over *o = build_box(
        b, from, to,
        (rect){ x + build_range(b, -0.25f, 0.25f), y + build_range(b, -0.3f, 0.1f), 0, build_range(b, 0.12f, 0.4f) },
        none, 1);
    o->kind = OVER_LOGO;
    o->seed = rng_u64(&b->r);
    colour_by_hand(b, o);
}

/* As display faces are: heavy, close to one another, the strokes swollen by an edge of the letters' own colour. */
static void set_heavy(build *b, letters_spec *s) {
    s->bold = true;
    s->spacing = build_range(b, -0.05f, 0.02f);
    s->pitch = build_range(b, 0.7f, 0.95f);
    s->edge = EDGE_OUTLINE;
    s->edge_width = build_range(b, 0.01f, 0.05f);
}

/* The name of the film, large; a third of them so large that the whole picture is letters. */
static over *title_letters(build *b, int64_t from, int64_t to, const char *name) {
    const bool by_hand = build_chance(b, 0.35f), huge = !by_hand && build_chance(b, 0.5f),
               heavy = huge && build_chance(b, 0.4f);
    char title[WORDS_MAX];
    strcpy(title, name);
    if (build_chance(b, by_hand || huge ? 0.7f : 0.25f)) break_line(title);
    float y = build_chance(b, 0.8f) ? 0.5f : build_range(b, 0.3f, 0.75f),
          x = build_chance(b, 0.85f) ? 0.5f : build_range(b, 0.35f, 0.65f);
    letters_spec spec =
        build_spec(b, true,
                   build_fit(b, title,
                             huge      ? build_range(b, 0.18f, 0.55f)
                             : by_hand ? build_range(b, 0.13f, 0.42f)
                                       : build_range(b, 0.07f, 0.28f),
                             x == 0.5f ? 0.95f : 0.6f));
    if (huge) {
        spec.bold = spec.bold || build_chance(b, 0.5f);
        spec.pitch = build_range(b, 0.75f, 1.1f);
    }
    if (heavy) set_heavy(b, &spec);
    if (by_hand) draw_by_hand(b, &spec);
    if (by_hand && build_chance(b, 0.35f)) ornament(b, from, to, x, y);
    over *o = build_over(b, build_letters(b, &spec, title), TEXT_TITLE, from, to, x, y, true);
    if (by_hand) colour_by_hand(b, o);
    if (heavy) {
        memcpy(o->edge.top, o->ink.top, 3);
        memcpy(o->edge.bottom, o->ink.bottom, 3);
        o->edge.opacity = o->ink.opacity;
    }
    if (build_chance(b, 0.45f)) o->zoom1 = build_range(b, 0.88f, 1.18f);
    if (build_chance(b, 0.12f)) o->reveal = (int)((to - from) / 4);
    return o;
}

static void small_line(build *b, int64_t from, int64_t to, float y, bool person) {
    char text[2 * WORDS_MAX];
    words_card(&b->words, text);
    if (person) {
        strcat(text, build_chance(b, 0.5f) ? "\n" : " ");
        words_name(&b->words, text + strlen(text));
    }
    letters_spec spec = build_spec(b, false, build_fit(b, text, build_range(b, 0.03f, 0.065f), 0.8f));
    build_over(b, build_letters(b, &spec, text), TEXT_OPENING_CREDIT, from, to, 0.5f, y, false);
}

/* An opening credit: a line and a name, or names alone, somewhere in the picture. */
static void name_card(build *b, int64_t from, int64_t to) {
    static const float at[3] = { 0.08f, 0.5f, 0.92f };
    char text[6 * WORDS_MAX] = "";
    const style *t = &b->style;
    const int names = build_chance(b, 0.75f) ? 1 : 2 + build_below(b, 3);
    if (build_chance(b, 0.7f)) {
        words_card(&b->words, text);
        strcat(text, "\n");
    }
    for (int i = 0; i < names; i++) {
        if (i) strcat(text, "\n");
        words_name(&b->words, text + strlen(text));
    }
    letters_spec spec = build_spec(b, false, build_fit(b, text, build_range(b, 0.035f, 0.085f), 0.5f));
    spec.align = (uint8_t)t->side;
    spec.upper = t->name_upper;
    const float x = t->side == 1 ? 0.5f : at[t->side];
    const float y = t->side == 1 && build_chance(b, 0.5f) ? build_range(b, 0.4f, 0.6f) : build_range(b, 0.15f, 0.85f);
    over *o = build_over(b, build_letters(b, &spec, text), TEXT_OPENING_CREDIT, from, to, x, y, false);
    o->anchor_x = (float)t->side / 2;
    if (y > 0.75f) o->anchor_y = 1, o->y = 0.9f;
    if (build_chance(b, 0.25f)) o->zoom1 = build_range(b, 0.96f, 1.06f);
}

/* ---- titles ----------------------------------------------------------------------------------------- */

static void title_ground(build *b, int64_t t, int64_t end) {
    const float kind = rng_float(&b->r);
    uint8_t rgb[3];
    if (kind < 0.4f) {
        build_black(b, t);
    } else if (kind < 0.5f) {
        random_rgb(b, rgb);
        build_ground(b, t, rgb);
    } else if (kind < 0.58f) {
        random_rgb(b, rgb);
        shot *s = build_ground(b, t, rgb);
        s->bed = BED_GRADIENT;
        s->round = build_chance(b, 0.5f);
        random_rgb(b, s->colour[1]);
    } else {
        build_backdrop(b, t, end, build_chance(b, 0.5f));
    }
}

static int64_t title_card(build *b, int64_t t, float lo_s, float hi_s) {
    const int64_t end = t + build_span(b, lo_s, hi_s);
    char title[WORDS_MAX];
    const int real = material_pick(b->s, ITEM_TITLE, &b->r);
    if (real >= 0 && build_chance(b, 0.15f)) { /* a real card: its letters are its own */
        shot *s = build_shot(b, t);
        s->bed = BED_ITEM;
        s->item = real;
        s->light = 1;
    } else {
        title_ground(b, t, end);
        words_title(&b->words, title);
        const int64_t late = build_chance(b, 0.5f) ? 0 : (end - t) / (3 + build_below(b, 6));
        title_letters(b, t + late, end, title);
        if (build_chance(b, 0.35f)) small_line(b, t + late, end, build_range(b, 0.7f, 0.9f), build_chance(b, 0.6f));
    }
    if (build_chance(b, 0.5f)) build_fade(b, t, t + build_span(b, 0.2f, 0.8f), 0, 1, true);
    if (build_chance(b, 0.5f)) build_fade(b, end - build_span(b, 0.2f, 0.8f), end, 1, 0, true);
    build_segment(b, PART_TITLES, t, end);
    return end;
}

/* Shots one after another with credits coming and going, then the title; parts of it have no letters. */
static int64_t titles_over_footage(build *b, int64_t t, int64_t end, bool montage) {
    const story_options how = { .brisk = montage };
    const int64_t title_at = end - build_span(b, 3, 6);
    char title[WORDS_MAX];
    if (build_chance(b, 0.85f))
        story_fill(b, t, end, &how);
    else
        build_backdrop(b, t, end, true);
    for (int64_t at = t + build_span(b, 0.5f, 4); at + build_frames(b, 2) < title_at;) {
        const int64_t until = at + build_span(b, 2, 4.5f);
        name_card(b, at, until < title_at ? until : title_at);
        at = until + build_span(b, 0.2f, montage ? 5 : 2.5f);
    }
    words_title(&b->words, title);
    title_letters(b, title_at, end, title);
    build_segment(b, PART_TITLES, t, end);
    return end;
}

static int64_t titles_any(build *b, int64_t t, int64_t limit) {
    const float kind = rng_float(&b->r);
    if (kind < 0.5f) return title_card(b, t, 3, 9);
    int64_t end = t + build_span(b, 12, 60);
    if (end > t + limit / 2) end = t + limit / 2;
    return titles_over_footage(b, t, end, kind > 0.75f);
}

/* ---- whole openings --------------------------------------------------------------------------------- */

static void add_band(synth_mark *m, int64_t from, int64_t to) {
    if (m->n_bands == SYNTH_BANDS_MAX) return;
    m->bands[m->n_bands].from = from < to ? from : to;
    m->bands[m->n_bands++].to = to;
}

/* From the titles' last frame into the story: at once, or through black and a fade. Sets the mark. */
static int64_t into_story(build *b, int64_t titles_end) {
    synth_mark *m = &b->e->facts.start;
    int64_t t = titles_end, full = t;
    if (titles_end > 0 && build_chance(b, 0.35f)) t = pause_black(b, t, 0.1f, 2);
    if (build_chance(b, 0.3f)) {
        full = t + build_span(b, 0.3f, 2);
        build_fade(b, t, full, 0, 1, true);
    }
    m->frame = t;
    add_band(m, titles_end, full > t ? full : t);
    return t;
}

static int64_t story_before(build *b, int64_t t, int64_t end, synth_part part) {
    const story_options o = { .letters = part == PART_COLD_OPEN, .brisk = part == PART_RECAP };
    story_fill(b, t, end, &o);
    if (build_chance(b, 0.4f)) build_fade(b, end - build_span(b, 0.2f, 1), end, 1, 0, true);
    build_segment(b, part, t, end);
    return end;
}

/* "Previously": at the beginning, or in a corner as long as the recap lasts. */
static void recap_caption(build *b, int64_t t, int64_t end) {
    const bool stays = build_chance(b, 0.3f);
    char text[WORDS_MAX];
    words_caption(&b->words, text);
    letters_spec spec =
        build_spec(b, false, build_fit(b, text, stays ? build_range(b, 0.04f, 0.06f) : build_range(b, 0.05f, 0.1f), 0.8f));
    over *o = build_over(b, build_letters(b, &spec, text), TEXT_CAPTION, t, stays ? end : t + build_span(b, 1.5f, 3.5f),
                         stays ? 0.06f : 0.5f, stays ? 0.9f : build_range(b, 0.4f, 0.85f), false);
    if (stays) o->anchor_x = 0;
}

/* Shots of earlier episodes, framed as a picture within the picture. */
static void recap_frame(build *b, size_t first) {
    const float margin = build_range(b, 0.04f, 0.1f);
    for (size_t i = first; i < b->e->n_shots; i++) {
        shot *s = &b->e->shots[i];
        if (s->view.w > 0) continue;
        s->view = (rect){ margin, margin, 1 - 2 * margin, 1 - 2 * margin };
        memset(s->colour[0], 0, 3);
    }
}

/* What shows that it is one: a caption, or the titles after it. Without either nobody could tell from the picture. */
static int64_t recap(build *b, int64_t t, int64_t end, bool titles) {
    const size_t first = b->e->n_shots;
    const int64_t from = t;
    t = story_before(b, t, end, PART_RECAP);
    if (!titles || build_chance(b, 0.8f)) recap_caption(b, from, end);
    if (build_chance(b, titles ? 0.25f : 0.5f)) recap_frame(b, first);
    return t;
}

/* The title stands over the first scene, which goes on: the mark is where the letters end. */
static void opening_over_scene(build *b, int64_t t, int64_t limit) {
    const int64_t from = t + build_span(b, 0.5f, 8);
    int64_t end = from + build_span(b, 3, 8);
    char title[WORDS_MAX];
    if (end - t > limit) end = t + limit;
    words_title(&b->words, title);
    title_letters(b, from, end, title);
    if (build_chance(b, 0.4f)) small_line(b, from, end, build_range(b, 0.72f, 0.9f), true);
    if (build_chance(b, 0.4f)) build_fade(b, t, t + build_span(b, 0.3f, 2), 0, 1, true);
    b->story_from = t;
    b->e->facts.start.frame = end;
    add_band(&b->e->facts.start, end, end);
    add_band(&b->e->facts.start, t, from);
    build_segment(b, PART_TITLES, t, end);
}

static int64_t opening_cold(build *b, int64_t t, int64_t limit) {
    int64_t first = build_span(b, 10, 90);
    if (first > limit * 2 / 3) first = limit * 2 / 3;
    const int64_t begin = t;
    t = story_before(b, t, t + first, PART_COLD_OPEN);
    if (build_chance(b, 0.4f)) t = pause_black(b, t, 0.2f, 1.5f);
    t = into_story(b, titles_any(b, t, limit / 3));
    add_band(&b->e->facts.start, begin, begin);
    return t;
}

static int64_t opening_recap(build *b, int64_t t, int64_t limit) {
    const bool titles = build_chance(b, 0.85f);
    int64_t length = build_span(b, 12, 60);
    if (length > limit * 2 / 3) length = limit * 2 / 3;
    t = recap(b, t, t + length, titles);
    if (build_chance(b, 0.5f)) t = pause_black(b, t, 0.1f, 1);
    if (titles) t = titles_any(b, t, limit / 3);
    return into_story(b, t);
}

int64_t opening_plan(build *b, synth_opening kind, int64_t limit) {
    int64_t t = 0;
    if (kind == OPENING_NONE) {
        const int64_t full = build_chance(b, 0.4f) ? build_span(b, 0.3f, 2) : 0;
        build_fade(b, 0, full, 0, 1, true);
        add_band(&b->e->facts.start, 0, full);
        return b->story_from = 0;
    }
    if (build_chance(b, 0.5f)) t = pause_black(b, t, 0.1f, 2);
    if (kind == OPENING_LOGO)
        t = logos(b, t, 1 + build_below(b, 3));
    else if (build_chance(b, 0.45f))
        t = logos(b, t, 1 + build_below(b, 2));
    int64_t end = t + build_span(b, 25, kind == OPENING_MONTAGE ? 90 : 60);
    if (end - t > limit) end = t + limit;
    switch (kind) {
    case OPENING_LOGO: t = into_story(b, t); break;
    case OPENING_TITLE_CARD: t = into_story(b, title_card(b, t, 5, 14)); break;
    case OPENING_SHORT: t = into_story(b, title_card(b, t, 1.2f, 4.8f)); break;
    case OPENING_OVER_FOOTAGE: t = into_story(b, titles_over_footage(b, t, end, false)); break;
    case OPENING_MONTAGE: t = into_story(b, titles_over_footage(b, t, end, true)); break;
    case OPENING_COLD: t = opening_cold(b, t, limit); break;
    case OPENING_RECAP: t = opening_recap(b, t, limit); break;
    default: opening_over_scene(b, t, limit); return b->e->facts.start.frame;
    }
    return b->story_from = t;
}
