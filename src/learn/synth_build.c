/* Helpers of the planner: grow the plan's arrays, draw an episode's style and places, frame shots, set
 * letters. Everything random comes from the build's one stream, in the order of planning. */
#include "learn/synth_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

float build_range(build *b, float lo, float hi) {
    return rng_range(&b->r, lo, hi);
}

bool build_chance(build *b, float p) {
    return rng_chance(&b->r, p) != 0;
}

int build_below(build *b, int n) {
    return (int)rng_below(&b->r, (uint32_t)n);
}

int64_t build_frames(const build *b, double s) {
    const int64_t n = (int64_t)floor(s * b->fps + 0.5);
    return n > 1 ? n : 1;
}

int64_t build_span(build *b, float lo_s, float hi_s) {
    return build_frames(b, rng_range(&b->r, lo_s, hi_s));
}

/* ---- style ------------------------------------------------------------------------------------------ */

static void family(build *b, char to[96], script s) {
    const char *name = fonts_family(b->s->fonts, s, build_below(b, fonts_count(b->s->fonts, s)));
    strncpy(to, name, 95);
    to[95] = 0;
}

static void ink_colour(build *b, uint8_t rgb[3]) {
    static const uint8_t common[][3] = { { 255, 255, 255 }, { 255, 255, 255 }, { 235, 235, 235 },
                                         { 250, 240, 210 }, { 255, 214, 90 },  { 230, 190, 80 },
                                         { 220, 40, 40 },   { 180, 210, 255 }, { 200, 200, 200 } };
    memcpy(rgb, common[build_below(b, 9)], 3);
    if (!build_chance(b, 0.12f)) return;
    for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)(90 + build_below(b, 166));
}

static script pick_script(build *b) {
    if (build_chance(b, 0.6f)) return SCRIPT_LATIN;
    const script s = build_chance(b, 0.3f) ? SCRIPT_CYRILLIC : (script)build_below(b, SCRIPT_COUNT);
    return fonts_count(b->s->fonts, s) > 0 ? s : SCRIPT_LATIN;
}

void build_style(build *b) {
    style *t = &b->style;
    t->script = pick_script(b);
    b->words = words_make(rng_u64(&b->r), t->script, (words_side)b->s->split);
    family(b, t->title_family, t->script);
    family(b, t->body_family, t->script);
    if (build_chance(b, 0.35f)) memcpy(t->body_family, t->title_family, sizeof t->body_family);
    family(b, t->sub_family, t->script);
    t->title_bold = build_chance(b, 0.4f);
    t->title_upper = build_chance(b, 0.6f);
    t->body_bold = build_chance(b, 0.25f);
    t->body_italic = build_chance(b, 0.08f);
    t->body_upper = build_chance(b, 0.3f);
    t->name_upper = build_chance(b, 0.4f);
    const bool apart = t->script == SCRIPT_LATIN || t->script == SCRIPT_CYRILLIC || t->script == SCRIPT_GREEK;
    t->title_spacing = apart && build_chance(b, 0.4f) ? build_range(b, 0.05f, 0.5f) : 0;
    t->body_spacing = apart && build_chance(b, 0.3f) ? build_range(b, 0.03f, 0.25f) : 0;
    ink_colour(b, t->title_rgb[0]);
    memcpy(t->title_rgb[1], t->title_rgb[0], 3);
    if (build_chance(b, 0.25f))
        for (int c = 0; c < 3; c++)
            t->title_rgb[1][c] = (uint8_t)(t->title_rgb[0][c] * (30 + build_below(b, 60)) / 100);
    ink_colour(b, t->body_rgb);
    if (build_chance(b, 0.6f)) memset(t->body_rgb, 255, 3);
    memset(t->sub_rgb, 245, 3);
    if (build_chance(b, 0.3f)) memcpy(t->sub_rgb, (const uint8_t[3]){ 250, 230, 60 }, 3);
    t->title_edge = (letters_edge)(build_chance(b, 0.45f) ? 0 : 1 + build_below(b, 2));
    t->body_edge = build_chance(b, 0.6f) ? EDGE_NONE : EDGE_SHADOW;
    t->sub_edge = build_chance(b, 0.8f) ? EDGE_OUTLINE : EDGE_SHADOW;
    t->sub_box = build_chance(b, 0.15f);
    t->edge_width = build_range(b, 0.03f, 0.08f);
    t->fade_s = build_chance(b, 0.2f) ? 0 : build_range(b, 0.2f, 1.2f);
    t->side = build_chance(b, 0.5f) ? 1 : build_below(b, 3);
}

/* ---- places ----------------------------------------------------------------------------------------- */

static item_kind pick_kind(build *b) {
    static const float share[3] = { 6, 2.5f, 1.5f };
    static const item_kind kinds[3] = { ITEM_CLIP, ITEM_PHOTO, ITEM_WALL };
    float sum = 0;
    for (int i = 0; i < 3; i++) sum += b->s->n_of[kinds[i]] ? share[i] : 0;
    if (!(sum > 0) || build_chance(b, 0.12f)) return ITEM_KINDS;
    float at = build_range(b, 0, sum);
    for (int i = 0; i < 3; i++) {
        if (!b->s->n_of[kinds[i]]) continue;
        at -= share[i];
        if (at < 0) return kinds[i];
    }
    return ITEM_KINDS;
}

static place scene_place(build *b) {
    return (place){
        .bed = BED_SCENE, .seed = rng_u64(&b->r), .mirror = build_chance(b, 0.5f), .light = build_range(b, 0.6f, 1.1f)
    };
}

static place item_place(build *b, item_kind kind) {
    const int at = material_pick(b->s, kind, &b->r);
    if (at < 0) return scene_place(b);
    place p = { .bed = BED_ITEM, .item = at, .mirror = build_chance(b, 0.5f), .light = build_range(b, 0.65f, 1.15f) };
    p.seed = rng_u64(&b->r);
    p.letters = b->s->index.items[at].letters;
    if (p.letters) p.mirror = false;
    if (build_chance(b, 0.12f)) p.light *= build_range(b, 0.25f, 0.6f); /* a dark scene */
    if (kind != ITEM_WALL) {
        /* Small pictures are made as sharp as letters more often than not. */
        p.detail = build_chance(b, 0.25f) ? DETAIL_NONE : build_chance(b, 0.45f) ? DETAIL_SHARP : DETAIL_SHOCK;
        p.texture = build_chance(b, 0.4f) ? build_range(b, 0.1f, 0.7f) : 0;
    }
    return p;
}

static place random_place(build *b) {
    const item_kind kind = pick_kind(b);
    return kind == ITEM_KINDS ? scene_place(b) : item_place(b, kind);
}

void build_places(build *b, int n) {
    b->n_places = n < PLACES_MAX ? n : PLACES_MAX;
    for (int i = 0; i < b->n_places; i++) b->places[i] = random_place(b);
}

/* ---- shots ------------------------------------------------------------------------------------------ */

shot *build_shot(build *b, int64_t from) {
    synth_episode *e = b->e;
    if (!bk_grow(&e->shots, &e->shots_cap, e->n_shots + 1, sizeof *e->shots)) {
        b->failed = true;
        return &b->lost_shot;
    }
    shot *s = &e->shots[e->n_shots++];
    *s = (shot){ .from = from, .light = 1, .speed = 1, .graded = true };
    s->begin.zoom = s->end.zoom = 1;
    s->move_frames = 1;
    return s;
}

shot *build_ground(build *b, int64_t from, const uint8_t rgb[3]) {
    shot *s = build_shot(b, from);
    memcpy(s->colour[0], rgb, 3);
    s->graded = false;
    return s;
}

shot *build_black(build *b, int64_t from) {
    static const uint8_t black[3] = { 0, 0, 0 };
    return build_ground(b, from, black);
}

static void move_camera(build *b, shot *s, int64_t frames) {
    s->move_frames = frames > 0 ? frames : 1;
    s->begin = (framing){ build_range(b, -1, 1), build_range(b, -1, 1),
                          build_chance(b, 0.3f) ? 1.02f : build_range(b, 1.02f, 1.9f) };
    s->end = s->begin;
    const float kind = rng_float(&b->r);
    if (kind < 0.3f)
        s->end.zoom *= build_range(b, 0.85f, 1.2f);
    else if (kind < 0.55f)
        s->end.x += build_range(b, -0.8f, 0.8f);
    else if (kind < 0.65f)
        s->end.y += build_range(b, -0.6f, 0.6f);
    if (s->end.zoom < 1) s->end.zoom = 1;
    if (build_chance(b, 0.25f)) s->shake = build_range(b, 0.002f, 0.012f);
}

static void set_place(build *b, shot *s, const place *p) {
    s->bed = p->bed;
    s->item = p->item;
    s->seed = p->seed;
    s->mirror = p->mirror;
    s->light = p->light;
    s->detail = p->detail;
    s->texture = p->texture;
    s->clip_at = build_range(b, 0, 3);
    s->speed = build_chance(b, 0.8f) ? 1 : build_range(b, 0.4f, 1.5f);
    s->blend = build_chance(b, 0.3f);
}

shot *build_place_shot(build *b, int64_t from, int64_t until, int which) {
    shot *s = build_shot(b, from);
    set_place(b, s, &b->places[which % b->n_places]);
    move_camera(b, s, until - from);
    return s;
}

shot *build_backdrop(build *b, int64_t from, int64_t until, bool moving) {
    shot *s = build_shot(b, from);
    const float kind = rng_float(&b->r);
    place p = kind < 0.3f ? b->places[build_below(b, b->n_places)]
              : moving    ? random_place(b)
                          : item_place(b, b->s->n_of[ITEM_WALL] && kind < 0.6f ? ITEM_WALL : ITEM_PHOTO);
    if (p.letters) p = scene_place(b);
    set_place(b, s, &p);
    move_camera(b, s, until - from);
    if (!moving) {
        s->speed = 0;
        s->shake = 0;
        if (build_chance(b, 0.5f)) s->end = s->begin;
    }
    const float treat = rng_float(&b->r);
    if (treat < 0.3f)
        s->light *= build_range(b, 0.2f, 0.6f);
    else if (treat < 0.55f)
        s->blur = build_range(b, 0.01f, 0.05f);
    else if (treat < 0.65f)
        s->blur = build_range(b, 0.01f, 0.03f), s->light *= build_range(b, 0.3f, 0.7f);
    return s;
}

void build_fade(build *b, int64_t from, int64_t to, float a, float c, bool letters) {
    synth_episode *e = b->e;
    if (to <= from) return;
    if (!bk_grow(&e->fades, &e->fades_cap, e->n_fades + 1, sizeof *e->fades)) {
        b->failed = true;
        return;
    }
    e->fades[e->n_fades++] = (fade){ from, to, a, c, { 0, 0, 0 }, letters };
}

void build_segment(build *b, synth_part part, int64_t from, int64_t to) {
    synth_episode *e = b->e;
    if (to <= from) return;
    if (e->n_segments && e->segments[e->n_segments - 1].part == part) {
        e->segments[e->n_segments - 1].to = to;
        return;
    }
    if (!bk_grow(&e->segments, &e->segments_cap, e->n_segments + 1, sizeof *e->segments)) {
        b->failed = true;
        return;
    }
    e->segments[e->n_segments++] = (synth_segment){ part, from, to };
}

/* ---- letters ---------------------------------------------------------------------------------------- */

letters_spec build_spec(build *b, bool title, float size) {
    const style *t = &b->style;
    letters_spec s = { .family = title ? t->title_family : t->body_family, .size = size, .align = 1, .pitch = 1.35f };
    s.bold = title ? t->title_bold : t->body_bold;
    s.italic = !title && t->body_italic;
    s.upper = title ? t->title_upper : t->body_upper;
    s.spacing = title ? t->title_spacing : t->body_spacing;
    s.edge = title ? t->title_edge : t->body_edge;
    s.edge_width = t->edge_width;
    return s;
}

int build_letters(build *b, const letters_spec *spec, const char *text) {
    synth_episode *e = b->e;
    char *own = strdup(text), *name = strdup(spec->family);
    if (!own || !name || !bk_grow(&e->specs, &e->specs_cap, e->n_specs + 1, sizeof *e->specs)) {
        free(own);
        free(name);
        b->failed = true;
        return 0;
    }
    e->specs[e->n_specs] = *spec;
    e->specs[e->n_specs].text = own;
    e->specs[e->n_specs].family = name;
    return (int)e->n_specs++;
}

static over *add_over(build *b, over_kind kind, int64_t from, int64_t to) {
    synth_episode *e = b->e;
    if (!bk_grow(&e->overs, &e->overs_cap, e->n_overs + 1, sizeof *e->overs)) {
        b->failed = true;
        return &b->lost_over;
    }
    over *o = &e->overs[e->n_overs++];
    *o = (over){ .kind = kind, .from = from, .to = to, .anchor_x = 0.5f, .anchor_y = 0.5f, .zoom0 = 1, .zoom1 = 1 };
    o->ink.opacity = o->edge.opacity = 1;
    return o;
}

over *build_over(build *b, int letters, synth_text text, int64_t from, int64_t to, float x, float y, bool title) {
    over *o = add_over(b, OVER_LETTERS, from, to);
    const style *t = &b->style;
    o->spec = letters;
    o->text = text;
    o->x = x;
    o->y = y;
    memcpy(o->ink.top, title ? t->title_rgb[0] : t->body_rgb, 3);
    memcpy(o->ink.bottom, title ? t->title_rgb[1] : t->body_rgb, 3);
    /* An edge as light as the letters would swallow them. */
    if (o->ink.top[0] + o->ink.top[1] + o->ink.top[2] < 240)
        memset(o->edge.top, 255, 3), memset(o->edge.bottom, 255, 3);
    o->fade_in = o->fade_out = t->fade_s > 0 ? (int)build_frames(b, t->fade_s) : 0;
    const int64_t n = to - from;
    if (2 * (int64_t)o->fade_in > n / 2) o->fade_in = o->fade_out = (int)(n / 5);
    return o;
}

over *build_box(build *b, int64_t from, int64_t to, rect where, const uint8_t rgb[3], float opacity) {
    over *o = add_over(b, OVER_BOX, from, to);
    o->x = where.x;
    o->y = where.y;
    o->w = where.w;
    o->h = where.h;
    o->anchor_x = o->anchor_y = 0;
    memcpy(o->ink.top, rgb, 3);
    memcpy(o->ink.bottom, rgb, 3);
    o->ink.opacity = opacity;
    return o;
}

/* Widths are guesses in em: fonts are not asked while planning. */
static float letter_em(uint8_t c) {
    if (c < 0x80) return 0.62f;
    if (c >= 0xe3) return 1.05f; /* Chinese, Japanese, Korean */
    return c >= 0xc0 ? 0.68f : 0;
}

float build_fit(const build *b, const char *text, float size, float share) {
    float longest = 1, cell = 0, widest = 0;
    int cells = 1;
    for (const char *p = text;; p++) {
        if (*p && *p != '\n' && *p != '\t') {
            cell += letter_em((uint8_t)*p);
            continue;
        }
        widest = cell > widest ? cell : widest;
        cell = 0;
        if (*p == '\t') {
            cells++;
            continue;
        }
        /* Columns are as wide as the widest of them, since the middle of the block keeps its place. */
        const float line = (float)cells * widest + 1.5f * (float)(cells - 1);
        longest = line > longest ? line : longest;
        widest = 0;
        cells = 1;
        if (!*p) break;
    }
    const style *t = &b->style;
    const float spacing = t->title_spacing > t->body_spacing ? t->title_spacing : t->body_spacing;
    const float wide =
        share * (float)b->e->facts.width / (float)b->e->facts.height / (longest * (1 + 1.3f * spacing));
    return size < wide ? size : wide;
}

float build_height(const letters_spec *spec, const char *text) {
    int lines = 1;
    for (; *text; text++) lines += *text == '\n';
    return (float)lines * spec->pitch * spec->size;
}
