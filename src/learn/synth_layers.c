/* Paints the layers of procedural scenes with noise and Cairo, once a scene, for synth_scene.c. */
#include "learn/synth_layers.h"

#include <cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- noise and colour ------------------------------------------------------------------------------ */

static float hash01(int x, int y, uint32_t seed) {
    uint32_t h = (uint32_t)x * 0x85ebca6bu ^ (uint32_t)y * 0xc2b2ae35u ^ seed;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h = (h ^ h >> 12) * 0x297a2d39u;
    return (float)((h ^ h >> 15) >> 8) * (1.0f / 16777216.0f);
}

static float value_noise(float x, float y, uint32_t seed) {
    const int ix = (int)floorf(x), iy = (int)floorf(y);
    float fx = x - (float)ix, fy = y - (float)iy;
    fx = fx * fx * (3 - 2 * fx);
    fy = fy * fy * (3 - 2 * fy);
    const float a = hash01(ix, iy, seed), b = hash01(ix + 1, iy, seed);
    const float c = hash01(ix, iy + 1, seed), d = hash01(ix + 1, iy + 1, seed);
    return (a + (b - a) * fx) * (1 - fy) + (c + (d - c) * fx) * fy;
}

/* Sum of octaves, about 0 to 1. */
static float cloud_noise(float x, float y, uint32_t seed, int octaves) {
    float sum = 0, scale = 0.5f;
    for (int i = 0; i < octaves; i++, scale *= 0.5f, x *= 2.03f, y *= 2.03f)
        sum += scale * value_noise(x, y, seed + (uint32_t)i);
    return sum;
}

layer_colour layer_random(rng *r, float saturation) {
    const float hue = rng_float(r) * 6.2832f, light = rng_range(r, 0.15f, 0.85f),
                s = saturation * rng_float(r) * 0.5f;
    layer_colour c = { light + s * cosf(hue), light + s * cosf(hue - 2.094f), light + s * cosf(hue + 2.094f) };
    c.r = fmin(fmax(c.r, 0), 1);
    c.g = fmin(fmax(c.g, 0), 1);
    c.b = fmin(fmax(c.b, 0), 1);
    return c;
}

layer_colour layer_mix(layer_colour a, layer_colour b, float t) {
    return (layer_colour){ a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t };
}

static uint32_t pack(layer_colour c, float light) {
    const double k = 255 * light;
    const int r = (int)(c.r * k), g = (int)(c.g * k), b = (int)(c.b * k);
    return 0xff000000u |
           (uint32_t)(r > 255 ? 255
                      : r < 0 ? 0
                              : r)
               << 16 |
           (uint32_t)(g > 255 ? 255
                      : g < 0 ? 0
                              : g)
               << 8 |
           (uint32_t)(b > 255 ? 255
                      : b < 0 ? 0
                              : b);
}

void layer_make(layer *l, int w, int h) {
    *l = (layer){ bk_zeros((size_t)w * (size_t)h, 4), w, h };
}

void layer_to_rgb(uint8_t *rgb, const uint8_t *from, int stride, int w, int h) {
    for (int y = 0; y < h; y++) {
        const uint8_t *row = from + (size_t)y * (size_t)stride;
        for (int x = 0; x < w; x++, rgb += 3) {
            uint32_t v;
            memcpy(&v, row + 4 * x, 4);
            rgb[0] = (uint8_t)(v >> 16);
            rgb[1] = (uint8_t)(v >> 8);
            rgb[2] = (uint8_t)v;
        }
    }
}

/* A drawing board over the layer with unit height. */
static cairo_t *board(layer *l) {
    cairo_surface_t *to =
        cairo_image_surface_create_for_data((unsigned char *)l->px, CAIRO_FORMAT_ARGB32, l->w, l->h, l->w * 4);
    cairo_t *cr = cairo_create(to);
    cairo_surface_destroy(to);
    cairo_scale(cr, l->h, l->h);
    return cr;
}

static void colour(cairo_t *cr, layer_colour c, double a) {
    cairo_set_source_rgba(cr, c.r, c.g, c.b, a);
}

static void box(cairo_t *cr, layer_colour c, double x, double y, double w, double h) {
    colour(cr, c, 1);
    cairo_rectangle(cr, x, y, w, h);
    cairo_fill(cr);
}

static void disc(cairo_t *cr, layer_colour c, double x, double y, double radius, double a) {
    colour(cr, c, a);
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, radius, 0, 2 * M_PI);
    cairo_fill(cr);
}

static double width_of(const layer *l) {
    return (double)l->w / l->h;
}

/* Every pixel times 1 +- amount of fine noise, so that painted faces are not flat. */
static void roughen(layer *l, rng *r, float amount) {
    const uint32_t seed = (uint32_t)rng_u64(r);
    for (int y = 0; y < l->h; y++)
        for (int x = 0; x < l->w; x++) {
            uint32_t *p = &l->px[(size_t)y * (size_t)l->w + (size_t)x];
            if (!(*p >> 24)) continue;
            const float fine = hash01(x, y, seed) * 0.5f + value_noise((float)x * 0.4f, (float)y * 0.4f, seed) * 0.5f;
            const float k = 1 + amount * (fine - 0.5f);
            uint32_t v = *p & 0xff000000u;
            for (int sh = 0; sh < 24; sh += 8) {
                const int q = (int)((float)(*p >> sh & 255) * k);
                v |= (uint32_t)(q > (int)(*p >> 24) ? (int)(*p >> 24) : q) << sh;
            }
            *p = v;
        }
}

/* ---- outdoors -------------------------------------------------------------------------------------- */

void layer_sky(layer *l, rng *r) {
    const layer_colour top = rng_chance(r, 0.3f) ? (layer_colour){ 0.03, 0.04, 0.1 } : layer_random(r, 0.6f);
    const layer_colour low = layer_mix(top, layer_random(r, 0.9f), 0.7f), white = { 1, 1, 1 };
    const uint32_t seed = (uint32_t)rng_u64(r);
    const float sx = rng_float(r) * (float)width_of(l), sy = rng_range(r, 0.08f, 0.5f),
                size = rng_range(r, 0.03f, 0.1f);
    const float cloud = rng_range(r, 0, 1.2f);
    if (!l->px) return;
    for (int y = 0; y < l->h; y++) {
        const float v = (float)y / (float)l->h;
        const layer_colour base = layer_mix(top, low, fminf(v * 1.3f, 1));
        for (int x = 0; x < l->w; x++) {
            const float u = (float)x / (float)l->h, d = hypotf(u - sx, v - sy);
            const float c = cloud_noise(u * 3, v * 7, seed, 5) - 0.45f;
            layer_colour p = layer_mix(base, white, c > 0 ? fminf(c * cloud * 2.5f, 0.85f) : 0);
            p = layer_mix(p, white, d < size ? 0.95f : 0.3f * expf(-(d - size) * 9));
            l->px[(size_t)y * (size_t)l->w + (size_t)x] = pack(p, 1);
        }
    }
}

void layer_flat_sky(layer *l, rng *r) {
    if (!l->px) return;
    cairo_t *cr = board(l);
    const double w = width_of(l);
    box(cr, layer_random(r, 1), 0, 0, w, 1);
    disc(cr, (layer_colour){ 1, 0.9, 0.4 }, rng_float(r) * w, rng_range(r, 0.1f, 0.4f), rng_range(r, 0.06f, 0.15f),
         1);
    for (int i = 0; i < 5; i++) {
        const double x = rng_float(r) * w, y = rng_range(r, 0.08f, 0.5f), s = rng_range(r, 0.03f, 0.08f);
        for (int k = 0; k < 4; k++) disc(cr, (layer_colour){ 1, 1, 1 }, x + s * 1.1 * k, y + s * 0.3 * (k & 1), s, 1);
    }
    cairo_destroy(cr);
}

void layer_ridge(layer *l, rng *r, float level, float rise, layer_colour c, float texture) {
    const uint32_t seed = (uint32_t)rng_u64(r);
    if (!l->px) return;
    for (int x = 0; x < l->w; x++) {
        const float u = (float)x / (float)l->h;
        const float top =
            (level + rise * (0.5f - cloud_noise(u * 2.2f, 3.3f, seed, texture > 0 ? 6 : 2))) * (float)l->h;
        for (int y = top > 0 ? (int)top : 0; y < l->h; y++) {
            const float depth = ((float)y - top) / (float)l->h;
            const float grain =
                texture > 0 ? cloud_noise(u * 30, (float)y / (float)l->h * 60, seed + 77, 4) - 0.5f : 0;
            l->px[(size_t)y * (size_t)l->w + (size_t)x] = pack(c, 1 - 0.6f * depth + 2 * texture * grain);
        }
    }
}

void layer_grass(layer *l, rng *r) {
    if (!l->px) return;
    cairo_t *cr = board(l);
    const layer_colour c = layer_random(r, 0.6f);
    const double w = width_of(l), tall = rng_range(r, 0.06f, 0.22f);
    for (int i = 0; i < 900; i++) {
        const double x = rng_float(r) * w, lean = (rng_float(r) - 0.5) * 0.08, h = tall * (0.4 + rng_float(r));
        colour(cr, layer_mix(c, (layer_colour){ 0.05, 0.08, 0.03 }, rng_float(r)), 1);
        cairo_set_line_width(cr, 0.002 + 0.006 * rng_float(r));
        cairo_move_to(cr, x, 1);
        cairo_curve_to(cr, x, 1 - h * 0.5, x, 1 - h * 0.5, x + lean, 1 - h);
        cairo_stroke(cr);
    }
    cairo_destroy(cr);
}

static void windows(cairo_t *cr, rng *r, double x, double y, double w, double h, layer_colour lit, float share) {
    const double step = rng_range(r, 0.012f, 0.035f), size = step * rng_range(r, 0.4f, 0.7f),
                 tall = step * rng_range(r, 1, 1.6f);
    for (double wy = y + step * 0.5; wy + size < y + h; wy += tall)
        for (double wx = x + step * 0.4; wx + size < x + w; wx += step)
            box(cr, rng_chance(r, share) ? lit : (layer_colour){ 0.1, 0.12, 0.16 }, wx, wy, size, size * 1.2);
}

void layer_houses(layer *l, rng *r, float level, float width) {
    if (!l->px) return;
    cairo_t *cr = board(l);
    const double end = width_of(l);
    const layer_colour base = layer_random(r, 0.35f), lit = { 1, 0.88, 0.55 };
    const float share = rng_range(r, 0.1f, 0.7f);
    for (double x = -0.05; x < end;) {
        const double w = width * (0.5 + 1.3 * rng_float(r)), top = level + 0.35 * (rng_float(r) - 0.4);
        box(cr, layer_mix(base, layer_random(r, 0.4f), 0.35f), x, top, w, 1 - top);
        windows(cr, r, x, top, w, 0.88 - top, lit, share);
        x += w * (0.95 + 0.2 * rng_float(r));
    }
    box(cr, layer_mix(base, (layer_colour){ 0.15, 0.15, 0.16 }, 0.8f), 0, 0.88, end, 0.12);
    for (double x = 0; x < end && width > 0.1f; x += 0.12)
        box(cr, (layer_colour){ 0.85, 0.85, 0.8 }, x, 0.95, 0.06, 0.008);
    cairo_destroy(cr);
    roughen(l, r, 0.25f);
}

void layer_leaves(layer *l, rng *r, bool full) {
    const uint32_t seed = (uint32_t)rng_u64(r);
    const layer_colour dark = layer_mix(layer_random(r, 0.7f), (layer_colour){ 0.03, 0.1, 0.02 }, 0.7f);
    const layer_colour light = layer_mix(layer_random(r, 0.8f), (layer_colour){ 0.8, 0.95, 0.5 }, 0.5f);
    const float scale = rng_range(r, 12, 40);
    if (!l->px) return;
    for (int y = 0; y < l->h; y++)
        for (int x = 0; x < l->w; x++) {
            const float u = (float)x / (float)l->h, v = (float)y / (float)l->h;
            const float big = cloud_noise(u * 3, v * 3, seed, 3),
                        fine = cloud_noise(u * scale, v * scale, seed + 9, 4);
            const float k = fine * 1.7f + big - 0.9f;
            if (full || k > 0.35f)
                l->px[(size_t)y * (size_t)l->w + (size_t)x] = pack(layer_mix(dark, light, fminf(fmaxf(k, 0), 1)), 1);
        }
}

void layer_trunks(layer *l, rng *r) {
    if (!l->px) return;
    cairo_t *cr = board(l);
    const double end = width_of(l);
    const layer_colour bark = layer_mix(layer_random(r, 0.3f), (layer_colour){ 0.2, 0.14, 0.1 }, 0.6f);
    for (double x = rng_float(r) * 0.2; x < end; x += 0.08 + 0.3 * rng_float(r)) {
        const double w = 0.015 + 0.06 * rng_float(r), lean = 0.1 * (rng_float(r) - 0.5);
        colour(cr, layer_mix(bark, (layer_colour){ 0, 0, 0 }, rng_float(r) * 0.7f), 1);
        cairo_move_to(cr, x, 1);
        cairo_line_to(cr, x + lean, 0);
        cairo_line_to(cr, x + lean + w * 0.7, 0);
        cairo_line_to(cr, x + w, 1);
        cairo_fill(cr);
    }
    cairo_destroy(cr);
    roughen(l, r, 0.7f);
}

void layer_stars(layer *l, rng *r) {
    const uint32_t seed = (uint32_t)rng_u64(r);
    const layer_colour fog = layer_random(r, 1), deep = { 0.01, 0.01, 0.03 };
    const float amount = rng_range(r, 0, 0.6f);
    if (!l->px) return;
    for (int y = 0; y < l->h; y++)
        for (int x = 0; x < l->w; x++) {
            const float u = (float)x / (float)l->h, v = (float)y / (float)l->h;
            const float n = cloud_noise(u * 2.5f, v * 2.5f, seed, 5);
            l->px[(size_t)y * (size_t)l->w + (size_t)x] = pack(layer_mix(deep, fog, amount * n * n), 1);
        }
    cairo_t *cr = board(l);
    const int stars = 200 + (int)rng_below(r, 900);
    for (int i = 0; i < stars; i++) {
        const double size = 0.0008 + 0.0025 * pow(rng_float(r), 4);
        disc(cr, (layer_colour){ 1, 1, 0.95 }, rng_float(r) * width_of(l), rng_float(r), size,
             0.3 + 0.7 * rng_float(r));
    }
    cairo_destroy(cr);
}

void layer_planet(layer *l, rng *r) {
    const uint32_t seed = (uint32_t)rng_u64(r);
    const layer_colour a = layer_random(r, 0.9f), b = layer_random(r, 0.9f);
    const float cx = rng_range(r, 0.3f, 1.6f), cy = rng_range(r, 0.2f, 0.9f), radius = rng_range(r, 0.1f, 0.55f);
    const float lx = rng_range(r, -0.8f, 0.8f), ly = rng_range(r, -0.5f, 0.5f);
    if (!l->px) return;
    for (int y = 0; y < l->h; y++)
        for (int x = 0; x < l->w; x++) {
            const float u = ((float)x / (float)l->h - cx) / radius, v = ((float)y / (float)l->h - cy) / radius,
                        d = u * u + v * v;
            if (d >= 1) continue;
            const float z = sqrtf(1 - d), light = fmaxf(u * lx + v * ly + z * 0.6f, 0.02f);
            const float n = cloud_noise(u * 4 / (0.5f + z), v * 5, seed, 5);
            l->px[(size_t)y * (size_t)l->w + (size_t)x] = pack(layer_mix(a, b, n), light);
        }
}

/* ---- indoors and patterns --------------------------------------------------------------------------- */

static void wall(cairo_t *cr, rng *r, double end, layer_colour c) {
    box(cr, c, 0, 0, end, 0.75);
    const layer_colour other = layer_mix(c, layer_random(r, 0.5f), 0.3f);
    const int kind = (int)rng_below(r, 4);
    const double step = 0.02 + 0.06 * rng_float(r);
    for (double x = 0; x < end && kind == 0; x += step) box(cr, other, x, 0, step * 0.5, 0.75);
    for (double y = 0; y < 0.75 && kind == 1; y += step) box(cr, other, 0, y, end, step * 0.12);
    for (double y = 0; y < 0.74 && kind == 2; y += step)
        for (double x = 0; x < end; x += step) disc(cr, other, x + step / 2, y + step / 2, step * 0.2, 1);
}

static void floor_tiles(cairo_t *cr, rng *r, double end) {
    const layer_colour a = layer_random(r, 0.4f), b = layer_mix(a, layer_random(r, 0.4f), 0.5f);
    box(cr, a, 0, 0.75, end, 0.25);
    for (int row = 0; row < 7; row++) {
        const double y0 = 0.75 + 0.25 * row * row / 49.0, y1 = 0.75 + 0.25 * (row + 1) * (row + 1) / 49.0,
                     k = 0.6 + 0.1 * row;
        for (int i = -14 + (row & 1); i < 14; i += 2) box(cr, b, end / 2 + i * 0.12 * k, y0, 0.12 * k, y1 - y0);
    }
}

static void shelf(cairo_t *cr, rng *r, double x, double y, double w) {
    for (int row = 0; row < 4; row++) {
        const double low = y + 0.11 * (row + 1);
        box(cr, (layer_colour){ 0.3, 0.2, 0.12 }, x, low, w, 0.012);
        for (double at = x; at < x + w - 0.02;) {
            const double bw = 0.006 + 0.016 * rng_float(r), bh = 0.06 + 0.035 * rng_float(r);
            if (!rng_chance(r, 0.12f)) box(cr, layer_random(r, 0.8f), at, low - bh, bw, bh);
            at += bw + 0.001;
        }
    }
}

static void window_in_wall(cairo_t *cr, rng *r, double x, double y) {
    const layer_colour frame = { 0.9, 0.88, 0.84 };
    box(cr, frame, x, y, 0.34, 0.42);
    box(cr, layer_random(r, 0.5f), x + 0.02, y + 0.02, 0.3, 0.38);
    box(cr, frame, x + 0.16, y, 0.02, 0.42);
    box(cr, frame, x, y + 0.2, 0.34, 0.02);
}

static void picture_on_wall(cairo_t *cr, rng *r, double x, double y) {
    const double w = 0.08 + 0.14 * rng_float(r), h = 0.08 + 0.12 * rng_float(r);
    box(cr, layer_random(r, 0.4f), x, y, w, h);
    box(cr, layer_random(r, 0.8f), x + 0.012, y + 0.012, w - 0.024, h - 0.024);
    disc(cr, layer_random(r, 0.8f), x + w / 2, y + h / 2, h * 0.22, 1);
}

void layer_room(layer *l, rng *r, bool cartoon) {
    if (!l->px) return;
    cairo_t *cr = board(l);
    const double end = width_of(l);
    wall(cr, r, end, layer_random(r, cartoon ? 1.0f : 0.4f));
    floor_tiles(cr, r, end);
    if (rng_chance(r, 0.6f)) shelf(cr, r, rng_range(r, 0.3f, 1.6f), 0.18, rng_range(r, 0.3f, 0.7f));
    if (rng_chance(r, 0.5f)) window_in_wall(cr, r, rng_range(r, 0.3f, 1.7f), 0.15);
    for (int i = 0; i < 3; i++)
        if (rng_chance(r, 0.5f)) picture_on_wall(cr, r, rng_range(r, 0.2f, 2), rng_range(r, 0.08f, 0.4f));
    if (rng_chance(r, 0.6f)) {
        const double x = rng_range(r, 0.4f, 1.6f);
        const layer_colour c = layer_random(r, 0.6f);
        box(cr, c, x, 0.55, 0.55, 0.18);
        box(cr, layer_mix(c, (layer_colour){ 0, 0, 0 }, 0.2f), x - 0.04, 0.67, 0.63, 0.14);
    }
    cairo_destroy(cr);
    if (!cartoon) roughen(l, r, 0.35f);
}

void layer_front(layer *l, rng *r) {
    if (!l->px) return;
    cairo_t *cr = board(l);
    const double end = width_of(l);
    const layer_colour c = layer_mix(layer_random(r, 0.4f), (layer_colour){ 0.1, 0.06, 0.04 }, 0.5f);
    box(cr, c, 0, 0.86, end, 0.14);
    for (int i = 0; i < 7; i++) {
        const double x = rng_float(r) * end, w = 0.02 + 0.05 * rng_float(r), h = 0.05 + 0.15 * rng_float(r);
        box(cr, layer_random(r, 0.6f), x, 0.87 - h, w, h);
    }
    cairo_destroy(cr);
    roughen(l, r, 0.3f);
}

void layer_bokeh(layer *l, rng *r) {
    if (!l->px) return;
    cairo_t *cr = board(l);
    const double end = width_of(l);
    const layer_colour base = layer_mix(layer_random(r, 0.6f), (layer_colour){ 0, 0, 0 }, 0.6f);
    box(cr, base, 0, 0, end, 1);
    for (int i = 0; i < 60; i++) {
        const double x = rng_float(r) * end, y = rng_float(r), size = 0.03 + 0.2 * rng_float(r);
        const layer_colour c = layer_random(r, 0.9f);
        cairo_pattern_t *p = cairo_pattern_create_radial(x, y, size * 0.2, x, y, size);
        cairo_pattern_add_color_stop_rgba(p, 0, c.r, c.g, c.b, 0.35);
        cairo_pattern_add_color_stop_rgba(p, 1, c.r, c.g, c.b, 0);
        cairo_set_source(cr, p);
        cairo_rectangle(cr, x - size, y - size, 2 * size, 2 * size);
        cairo_fill(cr);
        cairo_pattern_destroy(p);
    }
    cairo_destroy(cr);
}

void layer_crowd(layer *l, rng *r) {
    if (!l->px) return;
    cairo_t *cr = board(l);
    const double end = width_of(l);
    box(cr, layer_random(r, 0.4f), 0, 0, end, 1);
    for (int row = 0; row < 9; row++) {
        const double size = 0.018 + 0.005 * row, y = 0.2 + 0.09 * row;
        for (double x = -size; x < end + size; x += size * (2.2 + rng_float(r))) {
            const layer_colour skin =
                layer_mix((layer_colour){ 0.95, 0.78, 0.65 }, (layer_colour){ 0.35, 0.22, 0.16 }, rng_float(r));
            disc(cr, layer_random(r, 0.7f), x, y + size * 2.2, size * 1.5, 1);
            disc(cr, layer_mix(layer_random(r, 0.3f), (layer_colour){ 0.1, 0.07, 0.05 }, 0.7f), x, y - size * 0.25,
                 size * 1.1, 1);
            disc(cr, skin, x, y, size * 0.95, 1);
        }
    }
    cairo_destroy(cr);
    roughen(l, r, 0.25f);
}

static void bricks(cairo_t *cr, rng *r, double end, layer_colour c, double step) {
    box(cr, layer_mix(c, (layer_colour){ 0.7, 0.7, 0.68 }, 0.6f), 0, 0, end, 1);
    int row = 0;
    for (double y = 0; y < 1; y += step * 0.45, row++)
        for (double x = row & 1 ? -step / 2 : 0; x < end; x += step)
            box(cr, layer_mix(c, (layer_colour){ 0, 0, 0 }, 0.3f * rng_float(r)), x, y, step * 0.93, step * 0.39);
}

static void stripes(cairo_t *cr, rng *r, double end, layer_colour c, double step, bool weave) {
    const layer_colour other = layer_random(r, 0.6f);
    box(cr, c, 0, 0, end, 1);
    for (double x = 0; x < end; x += step) box(cr, other, x, 0, step * 0.5, 1);
    colour(cr, layer_random(r, 0.6f), 0.5);
    for (double y = 0; y < 1 && weave; y += step) {
        cairo_rectangle(cr, 0, y, end, step * 0.5);
        cairo_fill(cr);
    }
}

void layer_pattern(layer *l, rng *r) {
    if (!l->px) return;
    cairo_t *cr = board(l);
    const double end = width_of(l), step = rng_range(r, 0.015f, 0.1f);
    const layer_colour c = layer_random(r, 0.6f);
    switch (rng_below(r, 5)) {
    case 0: bricks(cr, r, end, c, step + 0.03); break;
    case 1: stripes(cr, r, end, c, step, false); break;
    case 2: stripes(cr, r, end, c, step, true); break;
    case 3:
        box(cr, c, 0, 0, end, 1);
        windows(cr, r, 0, 0, end, 1, (layer_colour){ 1, 0.9, 0.6 }, 0.3f);
        break;
    default:
        box(cr, c, 0, 0, end, 1);
        for (int i = 0; i < 2500; i++)
            disc(cr, layer_mix(c, layer_random(r, 0.3f), 0.5f), rng_float(r) * end, rng_float(r),
                 0.004 + 0.015 * rng_float(r), 1);
    }
    cairo_destroy(cr);
    roughen(l, r, rng_range(r, 0, 0.5f));
}
