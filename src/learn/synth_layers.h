/* The painted layers of procedural scenes: skies, ridges, houses, rooms, leaves, stars, patterns. */
#ifndef BK_LEARN_SYNTH_LAYERS_H
#define BK_LEARN_SYNTH_LAYERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"

/* ARGB, premultiplied, native order, u32 [h, w]: Cairo's ARGB32. px is NULL when memory was out, and then
 * the functions below do nothing. */
typedef struct layer {
    uint32_t *px;
    int w, h;
} layer;

typedef struct layer_colour {
    double r, g, b; /* 0 to 1 */
} layer_colour;

layer_colour layer_random(rng *r, float saturation);
layer_colour layer_mix(layer_colour a, layer_colour b, float t);

/* Clear layer of w x h. */
void layer_make(layer *l, int w, int h);
void layer_sky(layer *l, rng *r);      /* gradient, sun or moon, clouds */
void layer_flat_sky(layer *l, rng *r); /* the same of a cartoon */
/* Ground below a ragged line at `level` of the height, `rise` high, with texture. */
void layer_ridge(layer *l, rng *r, float level, float rise, layer_colour c, float texture);
void layer_grass(layer *l, rng *r);
/* Houses whose roofs lie round `level`, about `width` wide, with lit windows. */
void layer_houses(layer *l, rng *r, float level, float width);
void layer_room(layer *l, rng *r, bool cartoon);
void layer_front(layer *l, rng *r); /* a table with things on it */
void layer_bokeh(layer *l, rng *r); /* lights out of focus */
void layer_stars(layer *l, rng *r);
void layer_planet(layer *l, rng *r);
void layer_leaves(layer *l, rng *r, bool full);
void layer_trunks(layer *l, rng *r);
void layer_crowd(layer *l, rng *r);
void layer_pattern(layer *l, rng *r); /* bricks, tiles, stripes, weave, gravel, a front of windows */

/* rgb u8 [h, w, 3]  <-  Cairo's RGB24 or ARGB32 rows of `stride` bytes. */
void layer_to_rgb(uint8_t *rgb, const uint8_t *from, int stride, int w, int h);

#endif
