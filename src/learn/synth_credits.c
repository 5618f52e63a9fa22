/* Plans end credits: cards, rolls, names over footage, half pictures, paper, with scenes within or after. */
#include <stdlib.h>
#include <string.h>

#include "learn/synth_build.h"

enum { TEXT_MAX = 8192, BLOCK_LINES = 12 };

/* Where and how letters of these credits stand. */
typedef struct sheet {
    float x, share; /* middle of the column, and how wide it may be, in fractions of the picture */
    bool dark;      /* dark letters */
    uint8_t rgb[3]; /* of the ground, when it is plain */
    bool edge;      /* letters need an edge to be read */
} sheet;

/* ---- text ------------------------------------------------------------------------------------------- */

static void add(char *text, const char *more) {
    if (strlen(text) + strlen(more) + 1 < TEXT_MAX) strcat(text, more);
}

static void add_name(build *b, char *text) {
    char name[WORDS_MAX];
    words_name(&b->words, name);
    add(text, name);
}

static void add_role(build *b, char *text) {
    char role[WORDS_MAX];
    words_role(&b->words, role);
    add(text, role);
}

static void add_rows(build *b, char *text, int rows) {
    for (int i = 0; i < rows; i++) {
        if (i) add(text, "\n");
        if (i && build_chance(b, 0.15f))
            add(text, " "); /* a second name for the same role */
        else
            add_role(b, text);
        add(text, "\t");
        add_name(b, text);
    }
}

static void add_columns(build *b, char *text, int rows, int columns) {
    for (int i = 0; i < rows; i++)
        for (int c = 0; c < columns; c++) {
            if (c)
                add(text, "\t");
            else if (i)
                add(text, "\n");
            add_name(b, text);
        }
}

/* Names in one running paragraph, with dots or commas between. */
static void add_running(build *b, char *text, int lines, int per_line) {
    static const char *const dots[] = { " · ", ", ", "   ", " • ", " / " };
    const char *dot = dots[build_below(b, 5)];
    for (int i = 0; i < lines; i++) {
        if (i) add(text, "\n");
        for (int k = 0; k < per_line; k++) {
            if (k) add(text, dot);
            add_name(b, text);
        }
    }
}

static void add_notice(build *b, char *text) {
    const int lines = 2 + build_below(b, 4);
    char line[WORDS_MAX];
    for (int i = 0; i < lines; i++) {
        if (i) add(text, "\n");
        words_line(&b->words, 8 + build_below(b, 4), line);
        add(text, line);
    }
}

/* ---- letters ---------------------------------------------------------------------------------------- */

static letters_spec sheet_spec(build *b, const sheet *p, float size, int columns) {
    letters_spec s = build_spec(b, false, size);
    s.share = columns > 2 ? p->share : 0;
    s.columns = (uint8_t)columns;
    s.gap = build_range(b, 0.6f, 2);
    if (p->edge && s.edge == EDGE_NONE && build_chance(b, 0.6f))
        s.edge = build_chance(b, 0.7f) ? EDGE_SHADOW : EDGE_OUTLINE;
    if (p->dark) s.edge = EDGE_NONE;
    return s;
}

static void colour_over(over *o, const sheet *p) {
    if (!p->dark) return;
    for (int c = 0; c < 3; c++) o->ink.top[c] = o->ink.bottom[c] = (uint8_t)(p->rgb[c] / 6);
}

static void card_text(build *b, char *text, int *columns) {
    const float kind = rng_float(&b->r);
    *columns = 0;
    if (kind < 0.5f) {
        add_role(b, text);
        const int names = 1 + (build_chance(b, 0.5f) ? 0 : build_below(b, 6));
        for (int i = 0; i < names; i++) {
            add(text, "\n");
            add_name(b, text);
        }
    } else if (kind < 0.8f) {
        *columns = 2;
        add_rows(b, text, 2 + build_below(b, 7));
    } else if (kind < 0.9f) {
        add_name(b, text);
    } else {
        add_running(b, text, 3 + build_below(b, 6), 2);
    }
}

static void card(build *b, int64_t from, int64_t to, const sheet *p) {
    char text[TEXT_MAX] = "";
    int columns;
    card_text(b, text, &columns);
    const style *t = &b->style;
    float size = build_fit(b, text, build_range(b, 0.03f, 0.09f), p->share * 0.9f);
    letters_spec s = sheet_spec(b, p, size, columns);
    while (build_height(&s, text) > 0.85f) s.size *= 0.9f;
    if (columns == 0 && p->share > 0.8f) s.align = (uint8_t)t->side;
    s.role_size = build_chance(b, 0.5f) ? build_range(b, 0.65f, 0.95f) : 0;
    s.dim = build_chance(b, 0.4f) ? build_range(b, 0.5f, 0.9f) : 0;
    const bool aside = columns == 0 && p->share > 0.8f && t->side != 1;
    over *o = build_over(b, build_letters(b, &s, text), TEXT_CREDIT_CARD, from, to, aside ? (t->side ? 0.92f : 0.08f) : p->x,
                         build_chance(b, 0.75f) ? 0.5f : build_range(b, 0.35f, 0.65f), false);
    o->anchor_x = aside ? (float)t->side / 2 : 0.5f;
    if (build_chance(b, 0.12f)) o->zoom1 = build_range(b, 1, 1.05f);
    colour_over(o, p);
}

static void cards(build *b, int64_t from, int64_t to, const sheet *p, float lo_s, float hi_s) {
    const float gap = build_chance(b, 0.5f) ? 0 : build_range(b, 0.1f, 1);
    for (int64_t t = from; t < to;) {
        int64_t end = t + build_span(b, lo_s, hi_s);
        if (to - end < build_frames(b, 1)) end = to;
        card(b, t, end, p);
        t = end + (gap > 0 ? build_frames(b, gap) : 0);
    }
}

/* ---- rolls ------------------------------------------------------------------------------------------ */

typedef struct roll_style {
    float size;
    int columns; /* of dense parts */
    float dense; /* share of dense parts */
    float role_size, dim, gap;
} roll_style;

/* The next part of a roll; the kind decides its layout. */
static letters_spec roll_block(build *b, const sheet *p, const roll_style *r, char *text, bool last) {
    const float kind = rng_float(&b->r);
    int columns = 2;
    float size = r->size;
    if (last) {
        add_notice(b, text);
        columns = 0;
        size *= 0.7f;
    } else if (kind < r->dense) {
        columns = r->columns;
        if (columns > 2)
            add_columns(b, text, 6 + build_below(b, BLOCK_LINES), columns);
        else
            add_running(b, text, 4 + build_below(b, BLOCK_LINES), 3), columns = 0;
        size *= 0.8f;
    } else if (kind < 0.75f) {
        add_rows(b, text, 4 + build_below(b, BLOCK_LINES));
    } else {
        add_role(b, text);
        const int names = 1 + build_below(b, 8);
        for (int i = 0; i < names; i++) {
            add(text, "\n");
            add_name(b, text);
        }
        columns = 0;
    }
    letters_spec s = sheet_spec(b, p, build_fit(b, text, size, p->share), columns);
    s.role_size = r->role_size;
    s.dim = r->dim;
    s.gap = r->gap;
    return s;
}

/* One block after another, coming up from below the picture and leaving above; fills [from, to). */
static void roll(build *b, int64_t from, int64_t to, const sheet *p) {
    const bool dense = build_chance(b, 0.35f);
    roll_style r = { dense ? build_range(b, 0.022f, 0.035f) : build_range(b, 0.032f, 0.06f),
                     3 + build_below(b, 3),
                     dense ? 0.5f : 0.12f,
                     build_chance(b, 0.4f) ? build_range(b, 0.7f, 0.95f) : 0,
                     build_chance(b, 0.4f) ? build_range(b, 0.5f, 0.9f) : 0,
                     build_range(b, 0.6f, 2) };
    if (p->share < 0.6f && r.columns > 3) r.columns = 3;
    const float speed = build_range(b, 0.07f, 0.22f), seconds = (float)((double)(to - from) / b->fps);
    const bool starts_low = build_chance(b, 0.75f);
    float y = starts_low ? 1 : 0.35f;
    const float end =
        speed * seconds + (build_chance(b, 0.7f) ? 0 : 0.7f); /* the last line leaves, or stays when all is cut */
    while (y < end) {
        char text[TEXT_MAX] = "";
        const bool last = y > end * 0.94f;
        const letters_spec s = roll_block(b, p, &r, text, last);
        const float h = build_height(&s, text);
        /* A block is on screen from when its top comes in at the bottom until its end leaves at the top. */
        const double in_s = (y - 1) / speed - 0.2, out_s = (y + h + 0.1) / speed;
        int64_t a = from + (in_s > 0 ? build_frames(b, in_s) : 0), z = from + build_frames(b, out_s);
        if (a < from || y <= 1) a = from;
        if (z > to) z = to;
        if (z > a) {
            over *o = build_over(b, build_letters(b, &s, text), last ? TEXT_NOTICE : TEXT_CREDIT_ROLL, a, z, p->x,
                                 y - speed * (float)((double)(a - from) / b->fps), false);
            o->anchor_y = 0;
            o->vy = -speed;
            o->fade_in = o->fade_out = 0;
            if (y <= 1 && !starts_low) o->fade_in = (int)build_frames(b, 0.5);
            colour_over(o, p);
        }
        y += h + r.size * build_range(b, 1, 3.5f);
    }
}

static void either(build *b, int64_t from, int64_t to, const sheet *p, bool rolling) {
    const int64_t first = build_chance(b, 0.4f) ? build_span(b, 6, 25) : 0;
    if (!rolling) {
        cards(b, from, to, p, 1.8f, 6);
        return;
    }
    /* Main cast and crew on cards first, then the long roll: the usual order in films. */
    if (first == 0 || first * 2 > to - from) {
        roll(b, from, to, p);
        return;
    }
    cards(b, from, from + first, p, 1.8f, 4);
    roll(b, from + first, to, p);
}

/* ---- grounds ---------------------------------------------------------------------------------------- */

static sheet plain_sheet(void) {
    return (sheet){ .x = 0.5f, .share = 0.9f };
}

static void over_black(build *b, int64_t from, int64_t to, bool rolling) {
    const sheet p = plain_sheet();
    build_black(b, from);
    either(b, from, to, &p, rolling);
}

static void over_art(build *b, int64_t from, int64_t to, bool rolling) {
    sheet p = plain_sheet();
    const int n = rolling ? 1 : 1 + build_below(b, 8);
    p.edge = true;
    if (build_chance(b, 0.25f)) p.x = build_range(b, 0.3f, 0.7f), p.share = 0.5f;
    for (int i = 0; i < n; i++) {
        const int64_t a = from + (to - from) * i / n, z = from + (to - from) * (i + 1) / n;
        shot *s = build_backdrop(b, a, z, build_chance(b, 0.3f));
        if (build_chance(b, 0.6f) && s->light > 0.6f) s->light = 0.6f;
        if (build_chance(b, i ? 0.6f : 0.35f)) s->mix = (int)build_span(b, 0.3f, 1.2f);
    }
    either(b, from, to, &p, rolling);
}

/* Shots as in the story go on; names come and go, or roll, over them. */
static void over_footage(build *b, int64_t from, int64_t to) {
    const story_options bed_shots = { .brisk = build_chance(b, 0.3f) };
    sheet p = plain_sheet();
    const shot *last = b->e->n_shots ? &b->e->shots[b->e->n_shots - 1] : NULL;
    int64_t cut = from;
    p.edge = true;
    /* The names may begin over the last shot of the story. */
    if (last && last->from < from && !b->faded && last->bed >= BED_ITEM && build_chance(b, 0.5f))
        cut += build_span(b, 1, 6);
    if (cut < to) story_fill(b, cut, to, &bed_shots);
    if (build_chance(b, 0.75f))
        cards(b, from, to, &p, 1.8f, 5);
    else
        roll(b, from, to, &p);
}

static void split(build *b, int64_t from, int64_t to) {
    static const uint8_t dark[3] = { 0, 0, 0 };
    const bool left = build_chance(b, 0.5f);
    const float w = build_range(b, 0.36f, 0.55f), h = build_chance(b, 0.3f) ? 1 : w * build_range(b, 0.9f, 1.1f);
    const size_t first = b->e->n_shots;
    const story_options shots = { 0 };
    sheet p = { .x = left ? (1 + w) / 2 : (1 - w) / 2, .share = 0.9f * (1 - w) };
    story_fill(b, from, to, &shots);
    for (size_t i = first; i < b->e->n_shots; i++) {
        shot *s = &b->e->shots[i];
        const float edge = h >= 1 ? 0 : 0.04f;
        s->view = (rect){ left ? edge : 1 - w - edge, (1 - h) / 2, w, h };
        if (s->bed != BED_COLOUR && s->bed != BED_GRADIENT) memcpy(s->colour[0], dark, 3);
        s->mix = 0;
    }
    if (build_chance(b, 0.7f))
        roll(b, from, to, &p);
    else
        cards(b, from, to, &p, 2, 5);
}

static void paper(build *b, int64_t from, int64_t to) {
    sheet p = plain_sheet();
    p.dark = build_chance(b, 0.75f);
    for (int c = 0; c < 3; c++) p.rgb[c] = (uint8_t)(p.dark ? 140 + build_below(b, 116) : 20 + build_below(b, 100));
    if (p.dark && build_chance(b, 0.4f)) memcpy(p.rgb, (const uint8_t[3]){ 246, 244, 238 }, 3);
    shot *s = build_ground(b, from, p.rgb);
    s->texture = build_chance(b, 0.5f) ? build_range(b, 0, 0.7f) : 0;
    if (build_chance(b, 0.3f)) {
        s->bed = BED_GRADIENT;
        s->round = build_chance(b, 0.6f);
        for (int c = 0; c < 3; c++) s->colour[1][c] = (uint8_t)(p.rgb[c] * 3 / 4);
    }
    either(b, from, to, &p, build_chance(b, 0.5f));
}

static void main_part(build *b, synth_credits kind, int64_t from, int64_t to) {
    switch (kind) {
    case CREDITS_CARDS_BLACK: over_black(b, from, to, false); break;
    case CREDITS_ROLL_BLACK: over_black(b, from, to, true); break;
    case CREDITS_CARDS_ART: over_art(b, from, to, false); break;
    case CREDITS_ROLL_ART: over_art(b, from, to, true); break;
    case CREDITS_OVER_FOOTAGE: over_footage(b, from, to); break;
    case CREDITS_SPLIT: split(b, from, to); break;
    case CREDITS_PAPER: paper(b, from, to); break;
    default: over_black(b, from, to, build_chance(b, 0.7f));
    }
    build_segment(b, PART_CREDITS, from, to);
}

static void extra_scene(build *b, int64_t from, int64_t to) {
    const story_options how = { 0 };
    story_fill(b, from, to, &how);
    if (build_chance(b, 0.5f)) build_fade(b, from, from + build_span(b, 0.2f, 0.8f), 0, 1, true);
    build_segment(b, PART_EXTRA_SCENE, from, to);
}

static void last_logos(build *b, int64_t from, int64_t to) {
    char name[WORDS_MAX];
    build_black(b, from);
    words_company(&b->words, name);
    letters_spec s = build_spec(b, true, build_fit(b, name, build_range(b, 0.04f, 0.1f), 0.7f));
    s.edge = EDGE_NONE;
    build_over(b, build_letters(b, &s, name), TEXT_COMPANY, from, to, 0.5f, build_range(b, 0.5f, 0.7f), false);
    static const uint8_t white[3] = { 235, 235, 235 };
    over *o = build_box(b, from, to, (rect){ 0.5f, 0.38f, 0, build_range(b, 0.2f, 0.3f) }, white, 1);
    o->kind = OVER_LOGO;
    o->seed = rng_u64(&b->r);
    o->build = (int)build_frames(b, 0.3);
    o->fade_in = o->fade_out = (int)build_frames(b, 0.3);
    build_segment(b, PART_LOGO, from, to);
}

/* ---- the whole -------------------------------------------------------------------------------------- */

int64_t credits_length(build *b, synth_credits kind, int64_t limit) {
    if (kind == CREDITS_NONE) return 0;
    const bool rolling = kind != CREDITS_CARDS_BLACK && kind != CREDITS_CARDS_ART;
    int64_t n = rolling ? build_span(b, 20, 180) : build_span(b, 8, 75);
    if (kind >= CREDITS_MID_SCENE) n += build_span(b, 10, 30);
    if (n > limit) n = limit;
    return n;
}

/* Black before the first letters, and how late other marks may stand. */
static int64_t lead_in(build *b, synth_credits kind, int64_t from, int64_t to) {
    synth_mark *m = &b->e->facts.end;
    int64_t t = from, shown;
    const bool dark = kind != CREDITS_OVER_FOOTAGE && kind != CREDITS_SPLIT;
    if (dark && build_chance(b, 0.5f)) {
        t += build_span(b, 0.2f, 3);
        if (t > from + (to - from) / 4) t = from + (to - from) / 4;
        build_black(b, from);
        build_segment(b, PART_BLACK, from, t);
    }
    shown = t + build_frames(b, b->style.fade_s > 0 ? b->style.fade_s : 0.1);
    m->frame = from;
    m->n_bands = 1;
    m->bands[0].from = from;
    m->bands[0].to = shown < to ? shown : to;
    return t;
}

void credits_plan(build *b, synth_credits kind, int64_t from, int64_t to) {
    const int64_t n = to - from;
    int64_t t = lead_in(b, kind, from, to), tail = to;
    static const synth_credits plain[] = { CREDITS_CARDS_BLACK, CREDITS_ROLL_BLACK, CREDITS_CARDS_ART,
                                           CREDITS_ROLL_ART, CREDITS_OVER_FOOTAGE };
    if (kind == CREDITS_POST_SCENE) {
        const int64_t extra = n / 4;
        main_part(b, plain[build_below(b, 5)], t, to - extra);
        extra_scene(b, to - extra, to);
        return;
    }
    if (kind == CREDITS_MID_SCENE) {
        const int64_t a = t + (to - t) / 3, z = a + (to - t) / 4;
        main_part(b, plain[build_below(b, 5)], t, a);
        extra_scene(b, a, z);
        t = z;
        kind = CREDITS_ROLL_BLACK;
    }
    if (n > build_frames(b, 25) && build_chance(b, 0.2f)) tail = to - build_span(b, 2, 6);
    main_part(b, kind, t, tail);
    if (tail < to) last_logos(b, tail, to);
}
