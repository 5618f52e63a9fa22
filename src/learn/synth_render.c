/* Draws any frame of a planned episode, with its label and the mask of where letters stand. A function of
 * the plan and the time; what it keeps (sprites, decoded material) only saves work. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "learn/synth_episode.h"
#include "learn/synth_material.h"
#include "picture/resize.h"

enum { SPRITES_KEPT_BYTES = 24 << 20 };
static const float SEEN_OPACITY = 0.3f; /* letters fainter than this do not count */

static const char *const class_names[CLASS_COUNT] = { "story",         "black",   "logo",
                                                      "opening_title", "credits", "story_with_letters" };

const char *synth_class_name(synth_class c) {
    return (unsigned)c < CLASS_COUNT ? class_names[c] : NULL;
}

/* ---- sprites ---------------------------------------------------------------------------------------- */

static void drop_sprites(synth_episode *e) {
    while (e->sprite_bytes > SPRITES_KEPT_BYTES) {
        sprite_slot *oldest = NULL;
        for (size_t i = 0; i < e->n_specs; i++) {
            sprite_slot *s = &e->sprites[i];
            if (s->drawn && s->pins == 0 && (!oldest || s->used < oldest->used)) oldest = s;
        }
        if (!oldest) return;
        e->sprite_bytes -= (size_t)oldest->sprite.w * (size_t)oldest->sprite.h * (oldest->sprite.edge ? 2 : 1);
        letters_free(&oldest->sprite);
        oldest->drawn = false;
    }
}

/* The sprite of a spec, held until release_sprite(). */
static int take_sprite(const letters_sprite **out, synth_episode *e, int spec, bk_error *err) {
    sprite_slot *s = &e->sprites[spec];
    int code = BK_OK;
    pthread_mutex_lock(&e->lock);
    if (!s->drawn) {
        code = letters_draw(&s->sprite, e->s->fonts, &e->specs[spec], e->facts.width, e->facts.height, err);
        if (code == BK_OK) {
            s->drawn = true;
            e->sprite_bytes += (size_t)s->sprite.w * (size_t)s->sprite.h * (s->sprite.edge ? 2 : 1);
        }
    }
    if (code == BK_OK) {
        s->pins++;
        s->used = ++e->clock;
        *out = &s->sprite;
        drop_sprites(e);
    }
    pthread_mutex_unlock(&e->lock);
    return code;
}

static void release_sprite(synth_episode *e, int spec) {
    pthread_mutex_lock(&e->lock);
    e->sprites[spec].pins--;
    pthread_mutex_unlock(&e->lock);
}

/* ---- shots ------------------------------------------------------------------------------------------ */

/* Index of the shot that the frame belongs to: the last that has begun. */
static size_t shot_at(const synth_episode *e, int64_t frame) {
    size_t low = 0, high = e->n_shots;
    while (high - low > 1) {
        const size_t mid = (low + high) / 2;
        if (e->shots[mid].from <= frame)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static float noise_at(uint64_t seed, double t) {
    const int64_t i = (int64_t)floor(t);
    rng a = rng_make(seed, (uint64_t)i), b = rng_make(seed, (uint64_t)(i + 1));
    const float f = (float)(t - (double)i), k = f * f * (3 - 2 * f), va = rng_float(&a) - 0.5f,
                vb = rng_float(&b) - 0.5f;
    return va + (vb - va) * k;
}

static framing framing_at(const shot *s, int64_t frame, double fps) {
    float t = (float)(frame - s->from) / (float)s->move_frames;
    if (t > 1.5f) t = 1.5f;
    framing f = { s->begin.x + (s->end.x - s->begin.x) * t, s->begin.y + (s->end.y - s->begin.y) * t,
                  s->begin.zoom + (s->end.zoom - s->begin.zoom) * t };
    if (s->shake > 0) {
        const double at = (double)(frame - s->from) / fps * 2.2;
        f.x += 8 * s->shake * noise_at(s->seed, at);
        f.y += 8 * s->shake * noise_at(s->seed + 1, at);
    }
    f.x = fminf(fmaxf(f.x, -1), 1);
    f.y = fminf(fmaxf(f.y, -1), 1);
    f.zoom = fmaxf(f.zoom, 1);
    return f;
}

/* The part of a w x h source that fills a picture of the given shape. */
static rect crop_of(framing f, int w, int h, float shape) {
    float cw = (float)w, ch = (float)h;
    if (cw / ch > shape)
        cw = ch * shape;
    else
        ch = cw / shape;
    cw /= f.zoom;
    ch /= f.zoom;
    return (rect){ ((float)w - cw) * 0.5f * (1 + f.x), ((float)h - ch) * 0.5f * (1 + f.y), cw, ch };
}

static const image *still_level(const footage *f, const shot *s, int width) {
    const float zoom = fminf(s->begin.zoom, s->end.zoom);
    int i = 0;
    while (i + 1 < f->n_levels && (float)f->levels[i].w / zoom > 1.7f * (float)width) i++;
    return &f->levels[i];
}

static bool draw_clip(const shot *s, const footage *f, int64_t frame, double fps, framing at, image *m) {
    double pos = (s->clip_at + s->speed * (double)(frame - s->from) / fps) * f->hz;
    const int way = f->n_frames > 1 ? 2 * (f->n_frames - 1) : 1; /* to the end and back again */
    pos = fmod(pos, way);
    const int i = (int)pos, k = i + 1;
    const image *a = &f->frames[i < f->n_frames ? i : way - i],
                *b = &f->frames[k % way < f->n_frames ? k % way : way - k % way];
    const rect all = { 0, 0, (float)m->w, (float)m->h }, crop = crop_of(at, a->w, a->h, (float)m->w / (float)m->h);
    if (!image_sample(m, all, a, crop, s->mirror)) return false;
    if (!s->blend || f->n_frames < 2) return true;
    image other;
    if (!image_make(&other, m->w, m->h)) return false;
    const bool ok = image_sample(&other, all, b, crop, s->mirror);
    image_mix(m, &other, (float)(pos - i));
    image_free(&other);
    return ok;
}

static int draw_footage(const synth_episode *e, const shot *s, int64_t frame, image *m, bk_error *err) {
    const double fps = (double)e->facts.fps_num / e->facts.fps_den;
    const framing at = framing_at(s, frame, fps);
    footage *f = NULL;
    const int code = s->bed == BED_ITEM ? material_item(&f, e->s, s->item, err)
                                        : material_scene(&f, e->s, s->seed, e->facts.width, e->facts.height, err);
    if (code != BK_OK) return code;
    bool ok;
    if (f->scene) {
        ok = scene_draw(f->scene, m, s->clip_at + s->speed * (double)(frame - s->from) / fps, at.x, at.y, at.zoom);
    } else if (f->n_frames) {
        ok = draw_clip(s, f, frame, fps, at, m);
    } else {
        const image *from = still_level(f, s, m->w);
        const rect all = { 0, 0, (float)m->w, (float)m->h };
        ok = image_sample(m, all, from, crop_of(at, from->w, from->h, (float)m->w / (float)m->h), s->mirror);
    }
    material_release(e->s, f);
    return ok ? BK_OK : bk_fail_memory(err, "a frame");
}

static bool treat(const synth_episode *e, const shot *s, int64_t frame, image *m) {
    static const uint8_t black[3] = { 0, 0, 0 };
    bool ok = true;
    if (s->detail == DETAIL_SHARP) ok = image_sharpen(m, 1.5f);
    if (s->detail == DETAIL_SHOCK) ok = image_shock(m) && image_shock(m);
    if (s->texture > 0) {
        const framing at = framing_at(s, frame, (double)e->facts.fps_num / e->facts.fps_den);
        const float slack = (at.zoom - 1) * 0.5f;
        image_texture(m, e->s->grain, s->texture, (int)(s->seed & 255) + (int)((1 + at.x) * slack * (float)m->w),
                      (int)(s->seed >> 8 & 255) + (int)((1 + at.y) * slack * (float)m->h));
    }
    if (s->blur > 0) ok = ok && image_blur(m, (int)(s->blur * (float)m->h + 0.5f));
    if (s->graded) image_grade(m, &e->look.grade);
    if (s->light < 0.995f) image_light(m, s->light, black);
    return ok;
}

static int draw_whole(const synth_episode *e, const shot *s, int64_t frame, image *m, bk_error *err) {
    int code = BK_OK;
    if (s->bed == BED_COLOUR)
        image_fill(m, s->colour[0]);
    else if (s->bed == BED_GRADIENT)
        image_gradient(m, s->colour[0], s->colour[1], s->round);
    else
        code = draw_footage(e, s, frame, m, err);
    if (code == BK_OK && !treat(e, s, frame, m)) code = bk_fail_memory(err, "a frame");
    return code;
}

/* A shot made small on plain ground. */
static int draw_part(const synth_episode *e, const shot *s, int64_t frame, image *m, bk_error *err) {
    const int w = (int)(s->view.w * (float)m->w), h = (int)(s->view.h * (float)m->h);
    image part;
    if (!image_make(&part, w > 4 ? w : 4, h > 4 ? h : 4)) return bk_fail_memory(err, "a frame");
    const int code = draw_whole(e, s, frame, &part, err);
    image_fill(m, s->colour[0]);
    const int x0 = (int)(s->view.x * (float)m->w), y0 = (int)(s->view.y * (float)m->h);
    for (int y = 0; code == BK_OK && y < part.h; y++) {
        const int n = x0 + part.w > m->w ? m->w - x0 : part.w;
        if (y0 + y < 0 || y0 + y >= m->h) continue;
        memcpy(m->px + ((size_t)(y0 + y) * (size_t)m->w + (size_t)x0) * 3, part.px + (size_t)y * (size_t)part.w * 3,
               (size_t)n * 3);
    }
    image_free(&part);
    return code;
}

static int draw_shot(const synth_episode *e, const shot *s, int64_t frame, image *m, bk_error *err) {
    return s->view.w > 0 ? draw_part(e, s, frame, m, err) : draw_whole(e, s, frame, m, err);
}

static int draw_beds(const synth_episode *e, int64_t frame, image *m, bk_error *err) {
    const size_t i = shot_at(e, frame);
    const shot *s = &e->shots[i];
    int code = draw_shot(e, s, frame, m, err);
    if (code != BK_OK || i == 0 || frame - s->from >= s->mix) return code;
    image before;
    if (!image_make(&before, m->w, m->h)) return bk_fail_memory(err, "a frame");
    code = draw_shot(e, s - 1, frame, &before, err);
    if (code == BK_OK) image_mix(m, &before, 1 - ((float)(frame - s->from) + 0.5f) / (float)s->mix);
    image_free(&before);
    return code;
}

/* ---- what is laid over ------------------------------------------------------------------------------ */

static bool over_on(const over *o, int64_t frame) {
    return frame >= o->from && frame < o->to;
}

static float over_opacity(const over *o, int64_t frame) {
    float a = 1;
    if (o->fade_in > 0) a = fminf(a, ((float)(frame - o->from) + 0.5f) / (float)o->fade_in);
    if (o->fade_out > 0) a = fminf(a, ((float)(o->to - frame) - 0.5f) / (float)o->fade_out);
    return fmaxf(a, 0);
}

static float light_at(const synth_episode *e, int64_t frame) {
    float level = 1;
    for (size_t i = 0; i < e->n_fades; i++) {
        const fade *f = &e->fades[i];
        if (frame < f->from || frame >= f->to) continue;
        level *= f->a + (f->b - f->a) * ((float)(frame - f->from) + 0.5f) / (float)(f->to - f->from);
    }
    return level;
}

/* The rows of the picture that bars leave free. */
static void free_rows(const synth_episode *e, int *top, int *bottom) {
    const float own = (float)e->facts.width / (float)e->facts.height;
    *top = 0;
    *bottom = e->facts.height;
    if (!(e->look.bars > own)) return;
    const int bar = (int)(((float)e->facts.height - (float)e->facts.width / e->look.bars) / 2 + 0.5f);
    *top = bar;
    *bottom = e->facts.height - bar;
}

/* Where the sprite stands at a frame. */
static stamp stamp_at(const synth_episode *e, const over *o, const letters_sprite *sprite, int64_t frame) {
    const double fps = (double)e->facts.fps_num / e->facts.fps_den;
    const float k = o->to > o->from ? (float)(frame - o->from) / (float)(o->to - o->from) : 0;
    stamp s = {
        sprite->ink, sprite->w, sprite->h, 0, 0, o->zoom0 + (o->zoom1 - o->zoom0) * k, 1, 0, e->facts.height
    };
    s.x = o->x * (float)e->facts.width - o->anchor_x * (float)sprite->w * s.zoom;
    s.y = o->y * (float)e->facts.height - o->anchor_y * (float)sprite->h * s.zoom;
    if (o->vy != 0) {
        s.y += (float)(o->vy * (double)(frame - o->from) / fps * e->facts.height);
        free_rows(e, &s.clip_top, &s.clip_bottom);
    }
    if (o->reveal > 0 && frame - o->from < o->reveal) s.shown = (float)(frame - o->from + 1) / (float)o->reveal;
    return s;
}

static void draw_box(image *m, const over *o, float opacity) {
    const int x0 = (int)(o->x * (float)m->w), x1 = (int)((o->x + o->w) * (float)m->w);
    const int y0 = (int)(o->y * (float)m->h), y1 = (int)((o->y + o->h) * (float)m->h);
    const int a = (int)(o->ink.opacity * opacity * 256);
    for (int y = y0 < 0 ? 0 : y0; y < y1 && y < m->h; y++)
        for (int x = x0 < 0 ? 0 : x0; x < x1 && x < m->w; x++) {
            uint8_t *p = m->px + ((size_t)y * (size_t)m->w + (size_t)x) * 3;
            for (int c = 0; c < 3; c++) p[c] = (uint8_t)((p[c] * (256 - a) + o->ink.top[c] * a) >> 8);
        }
}

/* What a frame shows besides pictures; gathered with or without drawing. */
typedef struct seen {
    bool logo, plate;
    uint32_t texts; /* as in synth_label */
    uint8_t *mask; /* [mask_h, mask_w] or NULL */
    int mask_w, mask_h, out_w, out_h;
} seen;

/* Marks the cells that a line's box, grown a little, covers by a third of what it could in either direction:
 * every line marks cells, and two where it lies across their border. */
static void mark_box(seen *v, float x, float y, float w, float h, uint8_t value) {
    const float cw = (float)SYNTH_MASK_STRIDE, grow = 0.1f * h;
    x -= grow, y -= grow, w += 2 * grow, h += 2 * grow;
    const float need_x = 0.33f * fminf(cw, w), need_y = 0.33f * fminf(cw, h);
    for (int cy = (int)floorf(y / cw); (float)cy * cw < y + h; cy++) {
        if (cy < 0 || cy >= v->mask_h) continue;
        if (fminf(y + h, (float)(cy + 1) * cw) - fmaxf(y, (float)cy * cw) < need_y) continue;
        for (int cx = (int)floorf(x / cw); (float)cx * cw < x + w; cx++) {
            if (cx < 0 || cx >= v->mask_w) continue;
            if (fminf(x + w, (float)(cx + 1) * cw) - fmaxf(x, (float)cx * cw) < need_x) continue;
            uint8_t *p = &v->mask[cy * v->mask_w + cx];
            if (value == 1 || *p != 1) *p = value;
        }
    }
}

/* Marks the boxes of a sprite that are inside the picture; true when there is one. */
static bool mark_sprite(const synth_episode *e, seen *v, const stamp *s, const letters_sprite *sprite,
                        uint8_t value) {
    const float sx = (float)v->out_w / (float)e->facts.width, sy = (float)v->out_h / (float)e->facts.height;
    bool any = false;
    for (int i = 0; i < sprite->n_boxes; i++) {
        const letters_box *b = &sprite->boxes[i];
        float x = s->x + (float)b->x * s->zoom, w = (float)b->w * s->zoom;
        float y = s->y + (float)b->y * s->zoom, h = (float)b->h * s->zoom;
        w = fminf(x + w, s->x + (float)s->w * s->zoom * s->shown) - x;
        const float top = fmaxf(y, (float)s->clip_top), low = fminf(y + h, (float)s->clip_bottom);
        if (low <= top || w <= 0 || x + w <= 0 || x >= (float)e->facts.width) continue;
        const bool whole = low - top >= 0.5f * h; /* less than half a line is neither letters nor none */
        any = any || whole;
        if (v->mask) mark_box(v, x * sx, top * sy, w * sx, (low - top) * sy, whole ? value : SYNTH_MASK_UNKNOWN);
    }
    return any;
}

static int lay_letters(synth_episode *e, const over *o, int64_t frame, float light, image *m, seen *v,
                       bk_error *err) {
    const letters_sprite *sprite = NULL;
    const float opacity = over_opacity(o, frame);
    const int code = take_sprite(&sprite, e, o->spec, err);
    if (code != BK_OK) return code;
    stamp s = stamp_at(e, o, sprite, frame);
    ink k = o->edge;
    k.opacity *= opacity;
    if (m && sprite->edge && k.opacity > 0) {
        s.cover = sprite->edge;
        image_stamp(m, &s, &k);
        s.cover = sprite->ink;
    }
    k = o->ink;
    k.opacity *= opacity;
    if (m) image_stamp(m, &s, &k);
    if (o->mark == MARK_UNKNOWN) {
        mark_sprite(e, v, &s, sprite, SYNTH_MASK_UNKNOWN);
    } else if (k.opacity * light > SEEN_OPACITY) {
        if (mark_sprite(e, v, &s, sprite, 1)) v->texts |= 1u << o->text;
    }
    release_sprite(e, o->spec);
    return BK_OK;
}

static int lay_overs(synth_episode *e, int64_t frame, float light, image *m, seen *v, bk_error *err) {
    int code = BK_OK;
    for (size_t i = 0; code == BK_OK && i < e->n_overs; i++) {
        const over *o = &e->overs[i];
        if (!over_on(o, frame)) continue;
        const float opacity = over_opacity(o, frame);
        if (o->kind == OVER_LETTERS) {
            code = lay_letters(e, o, frame, light, m, v, err);
        } else if (o->kind == OVER_BOX) {
            if (m) draw_box(m, o, opacity);
            v->plate |= opacity * light > SEEN_OPACITY;
        } else {
            const float t = o->build > 0 ? fminf((float)(frame - o->from) / (float)o->build, 1) : 1;
            v->logo |= opacity * light > SEEN_OPACITY;
            if (m && !scene_logo(m, o->seed, o->x, o->y, o->h, t, opacity, o->ink.top))
                code = bk_fail_memory(err, "a logo");
        }
    }
    return code;
}

/* ---- the frame -------------------------------------------------------------------------------------- */

static bool finish_look(const synth_episode *e, int64_t frame, image *m) {
    const look *k = &e->look;
    bool ok = true;
    if (k->blur) ok = image_blur(m, k->blur);
    if (k->sharpen > 0) ok = ok && image_sharpen(m, k->sharpen);
    if (k->grain > 0)
        image_grain(m, e->s->grain, k->grain, words_hash("grain") * (uint64_t)(frame + 1) >> 20 ^ e->seed, k->coarse);
    if (k->blocks > 0) image_blocks(m, k->blocks);
    return ok;
}

static int draw_frame(synth_episode *e, int64_t frame, float light, image *m, seen *v, bk_error *err) {
    static const uint8_t black[3] = { 0, 0, 0 };
    int code = draw_beds(e, frame, m, err);
    if (code != BK_OK) return code;
    if (e->look.vignette > 0) image_vignette(m, e->look.vignette);
    if (e->look.bars > 0) image_bars(m, e->look.bars);
    code = lay_overs(e, frame, light, m, v, err);
    if (code != BK_OK) return code;
    if (light < 1) image_light(m, light, black);
    return finish_look(e, frame, m) ? BK_OK : bk_fail_memory(err, "a frame");
}

static synth_part part_at(const synth_episode *e, int64_t frame) {
    for (size_t i = 0; i < e->n_segments; i++)
        if (frame < e->segments[i].to) return e->segments[i].part;
    return e->n_segments ? e->segments[e->n_segments - 1].part : PART_STORY;
}

/* The item may show letters of its own. */
static bool shot_unknown(const synth_episode *e, const shot *s) {
    return s->bed == BED_ITEM && e->s->index.items[s->item].letters;
}

static bool shot_black(const shot *s) {
    return s->bed == BED_COLOUR && s->colour[0][0] + s->colour[0][1] + s->colour[0][2] < 24 && s->view.w <= 0;
}

static bool shot_plain(const shot *s) {
    return s->bed < BED_ITEM || s->speed == 0;
}

static synth_class class_of(const synth_episode *e, const synth_label *l, const seen *v) {
    const shot *s = &e->shots[shot_at(e, l->frame)];
    if (l->light < 0.05f || (shot_black(s) && !v->texts && !v->logo && !v->plate)) return CLASS_BLACK;
    const bool lettered = v->texts || l->unknown;
    switch (l->part) {
    case PART_LOGO: return CLASS_LOGO;
    case PART_TITLES: return lettered || shot_plain(s) ? CLASS_OPENING_TITLE : CLASS_STORY;
    case PART_CREDITS: return lettered || shot_plain(s) || s->view.w > 0 ? CLASS_CREDITS : CLASS_STORY;
    default: return lettered ? CLASS_STORY_WITH_LETTERS : CLASS_STORY;
    }
}

static void fill_label(const synth_episode *e, synth_label *l, int64_t frame, float light, const seen *v) {
    const size_t i = shot_at(e, frame);
    const shot *s = &e->shots[i];
    *l = (synth_label){
        .frame = frame, .time_us = synth_frame_time_us(e, frame), .part = part_at(e, frame), .light = light
    };
    l->skippable = frame < e->facts.start.frame || frame >= e->facts.end.frame;
    l->letters = v->texts != 0;
    l->unknown = shot_unknown(e, s) || (i > 0 && frame - s->from < s->mix && shot_unknown(e, s - 1));
    l->texts = v->texts;
    if (l->unknown) l->texts |= 1u << (l->part == PART_TITLES ? TEXT_TITLE : TEXT_OTHER);
    l->seen = class_of(e, l, v);
}

static int deliver(uint8_t *rgb, const image *m, int width, int height, bk_error *err) {
    resizer *r = NULL;
    if (m->w == width && m->h == height) {
        memcpy(rgb, m->px, (size_t)width * (size_t)height * 3);
        return BK_OK;
    }
    const int code = resizer_open(&r, m->w, m->h, width, height, err);
    if (code == BK_OK) resizer_run(r, rgb, m->px);
    resizer_close(&r);
    return code;
}

int synth_render(synth_episode *e, int64_t time_us, int width, int height, uint8_t *rgb, uint8_t *mask,
                 synth_label *label, bk_error *err) {
    if (width < 8 || height < 8 || width > 8192 || height > 8192)
        return bk_fail(err, BK_EINVAL, "synth: a picture of %d x %d was asked for", width, height);
    const int64_t frame = synth_frame_at(e, time_us);
    const float light = light_at(e, frame);
    const int cell = SYNTH_MASK_STRIDE;
    seen v = { .mask = mask,
               .mask_w = (width + cell - 1) / cell,
               .mask_h = (height + cell - 1) / cell,
               .out_w = width,
               .out_h = height };
    synth_label l;
    image m = { 0 };
    int code;
    if (mask) memset(mask, 0, (size_t)v.mask_w * (size_t)v.mask_h);
    if (rgb) {
        if (!image_make(&m, e->facts.width, e->facts.height)) return bk_fail_memory(err, "a frame");
        code = draw_frame(e, frame, light, &m, &v, err);
        if (code == BK_OK) code = deliver(rgb, &m, width, height, err);
        image_free(&m);
    } else {
        code = lay_overs(e, frame, light, NULL, &v, err);
    }
    if (code != BK_OK) return code;
    fill_label(e, &l, frame, light, &v);
    if (mask && l.unknown && light > 0.05f)
        for (int i = 0; i < v.mask_w * v.mask_h; i++)
            if (mask[i] == 0) mask[i] = SYNTH_MASK_UNKNOWN;
    if (label) *label = l;
    return BK_OK;
}
