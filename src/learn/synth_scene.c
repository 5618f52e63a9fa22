/* Draws procedural scenes for the generator: layers painted once, moved against one another by depth, with
 * people, cars, ships and sparks between them. Seeded and free of state; knows nothing of episodes. */
#include "learn/synth_scene.h"

#include <cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "learn/synth_layers.h"

enum { LAYERS_MAX = 4, ACTORS_MAX = 7 };

typedef enum actor_kind {
    ACTOR_PERSON,
    ACTOR_FACE,
    ACTOR_CAR,
    ACTOR_BIRD,
    ACTOR_SHIP,
    ACTOR_BLOB,
    ACTOR_SPARKS
} actor_kind;

typedef struct actor {
    actor_kind kind;
    int after; /* drawn after this layer */
    float x, y, size, speed, phase;
    layer_colour skin, dress, hair;
    uint64_t seed;
    bool outline;
} actor;

struct scene {
    int w, h, n_layers, n_actors;
    layer layers[LAYERS_MAX];
    float depth[LAYERS_MAX]; /* how far a layer follows the camera */
    actor actors[ACTORS_MAX];
};

/* ---- actors ---------------------------------------------------------------------------------------- */

static void paint(cairo_t *cr, layer_colour c, bool outline) {
    cairo_set_source_rgb(cr, c.r, c.g, c.b);
    if (!outline) {
        cairo_fill(cr);
        return;
    }
    cairo_fill_preserve(cr);
    cairo_set_source_rgb(cr, 0.05, 0.05, 0.08);
    cairo_set_line_width(cr, 0.025);
    cairo_stroke(cr);
}

static void oval(cairo_t *cr, double x, double y, double rx, double ry) {
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_scale(cr, rx, ry);
    cairo_new_sub_path(cr);
    cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(cr);
}

static void limb(cairo_t *cr, layer_colour c, double x0, double y0, double x1, double y1, double width) {
    cairo_set_source_rgb(cr, c.r, c.g, c.b);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_width(cr, width);
    cairo_move_to(cr, x0, y0);
    cairo_line_to(cr, x1, y1);
    cairo_stroke(cr);
}

/* One unit tall, feet at y = 0, swinging arms and legs as it walks. */
static void draw_person(cairo_t *cr, const actor *a, double t) {
    const double swing = sin((t + a->phase) * 5) * (fabsf(a->speed) > 0.01f ? 0.12 : 0.015);
    const layer_colour dark = { a->dress.r * 0.45, a->dress.g * 0.45, a->dress.b * 0.5 };
    limb(cr, dark, 0, -0.48, swing, -0.02, 0.09);
    limb(cr, dark, 0, -0.48, -swing, -0.02, 0.09);
    limb(cr, a->dress, 0.06, -0.76, 0.12 - swing, -0.48, 0.06);
    cairo_rectangle(cr, -0.11, -0.8, 0.22, 0.36);
    paint(cr, a->dress, a->outline);
    limb(cr, a->dress, -0.06, -0.76, -0.12 + swing, -0.48, 0.06);
    oval(cr, 0, -0.91, 0.075, 0.09);
    paint(cr, a->skin, a->outline);
    cairo_arc(cr, 0, -0.93, 0.082, M_PI, 2 * M_PI);
    paint(cr, a->hair, false);
}

/* A head and shoulders, two units tall, that speaks and blinks. */
static void draw_face(cairo_t *cr, const actor *a, double t) {
    const double nod = 0.03 * sin(t * 1.3 + a->phase),
                 mouth = 0.03 + 0.05 * fabs(sin(t * 6 + a->phase) * sin(t * 1.1));
    const bool blink = fmod(t + a->phase, 3.7) < 0.14;
    oval(cr, 0, 0.72, 0.85, 0.5);
    paint(cr, a->dress, a->outline);
    cairo_rectangle(cr, -0.18, 0.05, 0.36, 0.35);
    paint(cr, a->skin, false);
    oval(cr, nod, -0.34, 0.5, 0.62);
    paint(cr, a->hair, a->outline);
    oval(cr, nod, -0.25, 0.42, 0.54);
    paint(cr, a->skin, a->outline);
    for (int side = -1; side <= 1; side += 2) {
        const double ex = nod + side * 0.17;
        oval(cr, ex, -0.32, 0.085, blink ? 0.01 : 0.05);
        paint(cr, (layer_colour){ 0.95, 0.95, 0.93 }, a->outline);
        oval(cr, ex + 0.02 * sin(t * 0.7 + a->phase), -0.32, 0.04, blink ? 0.008 : 0.042);
        paint(cr, (layer_colour){ 0.15, 0.12, 0.1 }, false);
        limb(cr, a->hair, ex - 0.09, -0.43, ex + 0.09, -0.44, 0.035);
    }
    limb(cr, (layer_colour){ a->skin.r * 0.8, a->skin.g * 0.75, a->skin.b * 0.7 }, nod, -0.28, nod + 0.03, -0.13,
         0.03);
    oval(cr, nod, 0.05, 0.14, mouth);
    paint(cr, (layer_colour){ 0.5, 0.16, 0.16 }, a->outline);
}

static void draw_car(cairo_t *cr, const actor *a) {
    cairo_move_to(cr, -0.5, -0.1);
    cairo_curve_to(cr, -0.5, -0.3, -0.35, -0.28, -0.27, -0.3);
    cairo_curve_to(cr, -0.18, -0.5, 0.12, -0.5, 0.22, -0.3);
    cairo_curve_to(cr, 0.4, -0.28, 0.5, -0.25, 0.5, -0.1);
    cairo_close_path(cr);
    paint(cr, a->dress, a->outline);
    cairo_rectangle(cr, -0.2, -0.4, 0.32, 0.11);
    paint(cr, (layer_colour){ 0.55, 0.65, 0.72 }, a->outline);
    for (int i = -1; i <= 1; i += 2) {
        oval(cr, 0.28 * i, -0.09, 0.1, 0.1);
        paint(cr, (layer_colour){ 0.08, 0.08, 0.09 }, false);
    }
    oval(cr, 0.47, -0.18, 0.03, 0.03);
    paint(cr, (layer_colour){ 1, 0.95, 0.7 }, false);
}

static void draw_bird(cairo_t *cr, const actor *a, double t) {
    const double wing = 0.35 * sin(t * 9 + a->phase);
    cairo_move_to(cr, -0.5, -wing);
    cairo_curve_to(cr, -0.2, -0.1 - wing * 0.5, -0.1, 0, 0, 0.05);
    cairo_curve_to(cr, 0.1, 0, 0.2, -0.1 - wing * 0.5, 0.5, -wing);
    cairo_set_source_rgb(cr, a->hair.r, a->hair.g, a->hair.b);
    cairo_set_line_width(cr, 0.07);
    cairo_stroke(cr);
}

static void draw_ship(cairo_t *cr, const actor *a, double t) {
    cairo_move_to(cr, 0.6, 0);
    cairo_line_to(cr, -0.4, -0.16);
    cairo_line_to(cr, -0.3, 0);
    cairo_line_to(cr, -0.4, 0.16);
    cairo_close_path(cr);
    paint(cr, a->dress, a->outline);
    oval(cr, -0.45 - 0.03 * sin(t * 31), 0, 0.14, 0.05);
    paint(cr, (layer_colour){ 0.6, 0.85, 1 }, false);
}

static void draw_blob(cairo_t *cr, const actor *a, double t) {
    const double squash = 1 + 0.12 * sin(t * 7 + a->phase), hop = fabs(sin(t * 3.5 + a->phase)) * 0.25;
    oval(cr, 0, -0.35 - hop, 0.32 / squash, 0.36 * squash);
    paint(cr, a->dress, a->outline);
    for (int side = -1; side <= 1; side += 2) {
        oval(cr, side * 0.11, -0.45 - hop, 0.08, 0.1);
        paint(cr, (layer_colour){ 1, 1, 1 }, a->outline);
        oval(cr, side * 0.11 + 0.02, -0.44 - hop, 0.035, 0.045);
        paint(cr, (layer_colour){ 0, 0, 0 }, false);
    }
    oval(cr, 0, -0.25 - hop, 0.1, 0.03 + 0.03 * fabs(sin(t * 5)));
    paint(cr, (layer_colour){ 0.35, 0.05, 0.1 }, false);
}

/* Snow, embers, bubbles, rain: each follows its own path, a function of time alone. */
static void draw_sparks(cairo_t *cr, const actor *a, double t, double aspect) {
    for (int i = 0; i < 70; i++) {
        rng r = rng_make(a->seed, (uint64_t)i);
        const double x0 = rng_float(&r) * (aspect + 0.4) - 0.2, y0 = rng_float(&r),
                     v = a->speed * (0.5 + rng_float(&r));
        const double y = y0 + v * t, x = x0 + 0.04 * sin(t * (1 + rng_float(&r) * 2) + 6 * rng_float(&r));
        const double size = a->size * (0.3 + rng_float(&r));
        oval(cr, x, y - floor(y), size, size);
        cairo_set_source_rgba(cr, a->dress.r, a->dress.g, a->dress.b, 0.25 + 0.6 * rng_float(&r));
        cairo_fill(cr);
    }
}

static void draw_actor(cairo_t *cr, const actor *a, double t, double aspect) {
    cairo_save(cr);
    if (a->kind == ACTOR_SPARKS) {
        draw_sparks(cr, a, t, aspect);
        cairo_restore(cr);
        return;
    }
    /* Walks to and fro across a way somewhat wider than the picture. */
    const double way = aspect + 0.6, along = fmod(a->x + a->speed * t + 8 * way, 2 * way);
    const double x = along < way ? along : 2 * way - along;
    cairo_translate(cr, x - 0.3, a->y);
    cairo_scale(cr, (along < way) == (a->speed >= 0) ? a->size : -a->size, a->size);
    switch (a->kind) {
    case ACTOR_PERSON: draw_person(cr, a, t); break;
    case ACTOR_FACE: draw_face(cr, a, t); break;
    case ACTOR_CAR: draw_car(cr, a); break;
    case ACTOR_BIRD: draw_bird(cr, a, t); break;
    case ACTOR_SHIP: draw_ship(cr, a, t); break;
    default: draw_blob(cr, a, t); break;
    }
    cairo_restore(cr);
}

/* ---- composing ------------------------------------------------------------------------------------- */

static actor *add_actor(scene *s, rng *r, actor_kind kind, int after, float y, float size, float speed) {
    static const layer_colour skins[] = {
        { 0.95, 0.78, 0.65 }, { 0.85, 0.64, 0.5 }, { 0.62, 0.43, 0.3 }, { 0.38, 0.25, 0.18 }, { 0.98, 0.86, 0.76 }
    };
    if (s->n_actors == ACTORS_MAX) return NULL;
    actor *a = &s->actors[s->n_actors++];
    *a = (actor){ .kind = kind, .after = after, .y = y, .size = size };
    a->x = rng_range(r, 0.2f, (float)s->w / (float)s->h + 0.4f);
    a->speed = speed * rng_range(r, 0.6f, 1.4f) * (rng_chance(r, 0.5f) ? 1 : -1);
    a->phase = rng_range(r, 0, 6.28f);
    a->skin = skins[rng_below(r, 5)];
    a->dress = layer_random(r, 0.7f);
    a->hair = rng_chance(r, 0.7f) ? (layer_colour){ 0.12, 0.09, 0.07 } : layer_random(r, 0.5f);
    a->seed = rng_u64(r);
    return a;
}

static void add_layer(scene *s, float depth) {
    layer_make(&s->layers[s->n_layers], s->w * 3 / 2, s->h * 5 / 4);
    s->depth[s->n_layers++] = depth;
}

static void make_landscape(scene *s, rng *r) {
    const layer_colour hill = layer_random(r, 0.5f);
    add_layer(s, 0.1f);
    layer_sky(&s->layers[0], r);
    add_layer(s, 0.35f);
    layer_ridge(&s->layers[1], r, 0.45f, 0.3f, layer_mix(hill, (layer_colour){ 0.6, 0.7, 0.8 }, 0.5f), 0.1f);
    add_layer(s, 0.7f);
    layer_ridge(&s->layers[2], r, 0.68f, 0.12f, hill, 0.35f);
    if (rng_chance(r, 0.6f)) {
        add_layer(s, 1);
        layer_grass(&s->layers[3], r);
    }
    if (rng_chance(r, 0.6f)) add_actor(s, r, ACTOR_BIRD, 0, 0.25f, 0.08f, 0.15f);
    if (rng_chance(r, 0.7f)) add_actor(s, r, ACTOR_PERSON, 2, 0.93f, rng_range(r, 0.25f, 0.7f), 0.12f);
}

static void make_city(scene *s, rng *r) {
    add_layer(s, 0.1f);
    layer_sky(&s->layers[0], r);
    add_layer(s, 0.4f);
    layer_houses(&s->layers[1], r, 0.25f, 0.05f);
    add_layer(s, 0.9f);
    layer_houses(&s->layers[2], r, 0.45f, 0.13f);
    const int cars = 1 + (int)rng_below(r, 3);
    for (int i = 0; i < cars; i++)
        add_actor(s, r, ACTOR_CAR, 2, rng_range(r, 0.9f, 0.99f), rng_range(r, 0.2f, 0.4f), 0.35f);
    if (rng_chance(r, 0.5f)) add_actor(s, r, ACTOR_PERSON, 2, 0.98f, rng_range(r, 0.3f, 0.8f), 0.1f);
}

static void make_room(scene *s, rng *r, bool cartoon) {
    add_layer(s, 0.6f);
    layer_room(&s->layers[0], r, cartoon);
    const int people = 1 + (int)rng_below(r, 3);
    for (int i = 0; i < people; i++) {
        actor *a = add_actor(s, r, cartoon && rng_chance(r, 0.6f) ? ACTOR_BLOB : ACTOR_PERSON, 0,
                             rng_range(r, 0.9f, 1.15f), rng_range(r, 0.45f, 0.95f), rng_chance(r, 0.5f) ? 0.08f : 0);
        if (a) a->outline = cartoon;
    }
    if (!cartoon && rng_chance(r, 0.4f)) {
        add_layer(s, 1);
        layer_front(&s->layers[1], r);
    }
}

static void make_face(scene *s, rng *r, bool cartoon) {
    add_layer(s, 0.3f);
    if (rng_chance(r, 0.5f))
        layer_bokeh(&s->layers[0], r);
    else
        layer_room(&s->layers[0], r, cartoon);
    const int n = rng_chance(r, 0.25f) ? 2 : 1;
    for (int i = 0; i < n; i++) {
        actor *a = add_actor(s, r, ACTOR_FACE, 0, rng_range(r, 0.5f, 0.7f), rng_range(r, 0.35f, 0.62f), 0.004f);
        if (!a) continue;
        a->outline = cartoon;
        a->x = 0.3f + (float)s->w / (float)s->h * (n == 2 ? 0.3f + 0.4f * (float)i : rng_range(r, 0.25f, 0.75f));
    }
}

static void make_space(scene *s, rng *r) {
    add_layer(s, 0.15f);
    layer_stars(&s->layers[0], r);
    if (rng_chance(r, 0.7f)) {
        add_layer(s, 0.5f);
        layer_planet(&s->layers[1], r);
    }
    add_actor(s, r, ACTOR_SHIP, s->n_layers - 1, rng_range(r, 0.25f, 0.75f), rng_range(r, 0.06f, 0.3f), 0.12f);
}

static void make_texture(scene *s, rng *r) {
    add_layer(s, 1);
    layer_pattern(&s->layers[0], r);
    if (rng_chance(r, 0.6f)) add_actor(s, r, ACTOR_PERSON, 0, 1.05f, rng_range(r, 0.6f, 1.1f), 0.08f);
}

static void make_forest(scene *s, rng *r) {
    add_layer(s, 0.3f);
    layer_leaves(&s->layers[0], r, true);
    add_layer(s, 0.65f);
    layer_trunks(&s->layers[1], r);
    add_layer(s, 1);
    layer_grass(&s->layers[2], r);
    if (rng_chance(r, 0.7f)) add_actor(s, r, ACTOR_PERSON, 1, 0.95f, rng_range(r, 0.3f, 0.7f), 0.08f);
}

static void make_cartoon(scene *s, rng *r) {
    const layer_colour ground = layer_random(r, 0.9f);
    add_layer(s, 0.1f);
    layer_flat_sky(&s->layers[0], r);
    add_layer(s, 0.5f);
    layer_ridge(&s->layers[1], r, 0.55f, 0.15f, layer_mix(ground, (layer_colour){ 1, 1, 1 }, 0.3f), 0);
    add_layer(s, 0.9f);
    layer_ridge(&s->layers[2], r, 0.75f, 0.06f, ground, 0);
    const int n = 1 + (int)rng_below(r, 3);
    for (int i = 0; i < n; i++) {
        actor *a = add_actor(s, r, rng_chance(r, 0.6f) ? ACTOR_BLOB : ACTOR_PERSON, 2, rng_range(r, 0.85f, 1),
                             rng_range(r, 0.3f, 0.6f), 0.15f);
        if (a) a->outline = true;
    }
}

static void make_crowd(scene *s, rng *r) {
    add_layer(s, 0.4f);
    layer_crowd(&s->layers[0], r);
    add_actor(s, r, ACTOR_PERSON, 0, 1.1f, rng_range(r, 0.7f, 1.1f), 0.05f);
}

static void make_glow(scene *s, rng *r) {
    add_layer(s, 0.2f);
    layer_bokeh(&s->layers[0], r);
}

scene *scene_make(uint64_t seed, int w, int h) {
    scene *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    rng r = rng_make(seed, 0x7363656e65);
    s->w = w;
    s->h = h;
    switch (rng_below(&r, 12)) {
    case 0: make_landscape(s, &r); break;
    case 1: make_city(s, &r); break;
    case 2: make_room(s, &r, false); break;
    case 3: make_face(s, &r, false); break;
    case 4: make_space(s, &r); break;
    case 5: make_texture(s, &r); break;
    case 6: make_forest(s, &r); break;
    case 7: make_cartoon(s, &r); break;
    case 8: make_crowd(s, &r); break;
    case 9: make_room(s, &r, true); break;
    case 10: make_face(s, &r, true); break;
    default: make_glow(s, &r); break;
    }
    if (rng_chance(&r, 0.2f)) {
        actor *a = add_actor(s, &r, ACTOR_SPARKS, s->n_layers - 1, 0, rng_range(&r, 0.002f, 0.012f), 0.15f);
        if (a && rng_chance(&r, 0.6f)) a->dress = (layer_colour){ 0.95, 0.95, 0.97 };
    }
    for (int i = 0; i < s->n_layers; i++)
        if (s->layers[i].px == NULL) {
            scene_free(s);
            return NULL;
        }
    return s;
}

void scene_free(scene *s) {
    if (!s) return;
    for (int i = 0; i < s->n_layers; i++) free(s->layers[i].px);
    free(s);
}

size_t scene_bytes(const scene *s) {
    size_t n = sizeof *s;
    for (int i = 0; i < s->n_layers; i++) n += (size_t)s->layers[i].w * (size_t)s->layers[i].h * 4;
    return n;
}

static void draw_layers(const scene *s, cairo_t *cr, double t, float pan, float tilt, float aspect) {
    for (int i = 0; i < s->n_layers; i++) {
        const layer *l = &s->layers[i];
        cairo_surface_t *from =
            cairo_image_surface_create_for_data((unsigned char *)l->px, CAIRO_FORMAT_ARGB32, l->w, l->h, l->w * 4);
        const double mx = (l->w - s->w) / 2.0, my = (l->h - s->h) / 2.0;
        cairo_set_source_surface(cr, from, -mx - pan * mx * s->depth[i], -my - tilt * my * s->depth[i]);
        cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_BILINEAR);
        cairo_paint(cr);
        cairo_surface_destroy(from);
        cairo_save(cr);
        cairo_translate(cr, -pan * mx * s->depth[i], -tilt * my * s->depth[i]);
        cairo_scale(cr, s->h, s->h);
        for (int a = 0; a < s->n_actors; a++)
            if (s->actors[a].after == i) draw_actor(cr, &s->actors[a], t, aspect);
        cairo_restore(cr);
    }
}

bool scene_draw(const scene *s, image *m, double t, float pan, float tilt, float zoom) {
    cairo_surface_t *to = cairo_image_surface_create(CAIRO_FORMAT_RGB24, m->w, m->h);
    cairo_t *cr = cairo_create(to);
    const double k = (double)m->h / s->h * zoom;
    cairo_translate(cr, m->w / 2.0, m->h / 2.0);
    cairo_scale(cr, k > (double)m->w / s->w ? k : (double)m->w / s->w, k);
    cairo_translate(cr, -s->w / 2.0, -s->h / 2.0);
    draw_layers(s, cr, t, pan, tilt, (float)s->w / (float)s->h);
    const bool ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_surface_flush(to);
    if (ok) layer_to_rgb(m->px, cairo_image_surface_get_data(to), cairo_image_surface_get_stride(to), m->w, m->h);
    cairo_destroy(cr);
    cairo_surface_destroy(to);
    return ok;
}

/* ---- logos ----------------------------------------------------------------------------------------- */

static void logo_shape(cairo_t *cr, rng *r, float t) {
    const int kind = (int)rng_below(r, 5), n = 3 + (int)rng_below(r, 5);
    const double turn = (1 - t) * 2.5 * (rng_chance(r, 0.5f) ? 1 : -1), grow = 0.25 + 0.75 * t;
    const double radius = rng_range(r, 0.25f, 0.5f) * grow;
    cairo_rotate(cr, turn);
    if (kind == 0) {
        cairo_arc(cr, 0, 0, radius, 0, 2 * M_PI);
    } else if (kind == 1) {
        cairo_set_line_width(cr, 0.02 + 0.06 * rng_float(r));
        cairo_arc(cr, 0, 0, radius, 0, 2 * M_PI * t);
        cairo_stroke(cr);
    } else if (kind == 2) {
        for (int i = 0; i < 2 * n; i++) {
            const double a = M_PI * i / n, q = i & 1 ? radius * 0.45 : radius;
            cairo_line_to(cr, q * cos(a), q * sin(a));
        }
        cairo_close_path(cr);
    } else if (kind == 3) {
        for (int i = 0; i < n; i++) cairo_line_to(cr, radius * cos(2 * M_PI * i / n), radius * sin(2 * M_PI * i / n));
        cairo_close_path(cr);
    } else {
        for (int i = 0; i < n; i++)
            cairo_rectangle(cr, -0.45 + 0.9 * i / n, -radius * (0.3 + 0.7 * rng_float(r)), 0.7 / n * t, radius);
    }
    cairo_fill(cr);
}

static uint32_t *logo_pixels(uint64_t seed, int side, float t, float opacity, const uint8_t rgb[3]) {
    uint32_t *px = bk_zeros((size_t)side * (size_t)side, sizeof *px);
    if (!px) return NULL;
    cairo_surface_t *to =
        cairo_image_surface_create_for_data((unsigned char *)px, CAIRO_FORMAT_ARGB32, side, side, side * 4);
    cairo_t *cr = cairo_create(to);
    rng r = rng_make(seed, 0x6c6f676f);
    const int n = 1 + (int)rng_below(&r, 3);
    cairo_translate(cr, side / 2.0, side / 2.0);
    cairo_scale(cr, side, side);
    for (int i = 0; i < n; i++) {
        const layer_colour c = layer_random(&r, 0.9f);
        const bool plain = i == 0 || rng_chance(&r, 0.4f);
        cairo_save(cr);
        cairo_set_source_rgba(cr, plain ? rgb[0] / 255.0 : c.r, plain ? rgb[1] / 255.0 : c.g,
                              plain ? rgb[2] / 255.0 : c.b, opacity);
        logo_shape(cr, &r, t);
        cairo_restore(cr);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(to);
    return px;
}

bool scene_logo(image *m, uint64_t seed, float cx, float cy, float size, float t, float opacity,
                const uint8_t rgb[3]) {
    const int side = (int)(size * (float)m->h);
    if (side < 4 || opacity <= 0) return true;
    uint32_t *px = logo_pixels(seed, side, t, opacity, rgb);
    if (!px) return false;
    const int x0 = (int)(cx * (float)m->w) - side / 2, y0 = (int)(cy * (float)m->h) - side / 2;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            const uint32_t v = px[(size_t)y * (size_t)side + (size_t)x];
            if (!(v >> 24) || x0 + x < 0 || y0 + y < 0 || x0 + x >= m->w || y0 + y >= m->h) continue;
            uint8_t *p = m->px + ((size_t)(y0 + y) * (size_t)m->w + (size_t)(x0 + x)) * 3;
            const uint32_t rest = 255 - (v >> 24);
            p[0] = (uint8_t)((v >> 16 & 255) + p[0] * rest / 255);
            p[1] = (uint8_t)((v >> 8 & 255) + p[1] * rest / 255);
            p[2] = (uint8_t)((v & 255) + p[2] * rest / 255);
        }
    free(px);
    return true;
}
