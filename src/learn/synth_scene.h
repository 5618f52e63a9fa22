/* Procedural moving scenes: landscapes, towns, rooms, people, cartoons, stars, textures. The generator's
 * story where no clips are given, and its fine detail where clips are small. */
#ifndef BK_LEARN_SYNTH_SCENE_H
#define BK_LEARN_SYNTH_SCENE_H

#include <stddef.h>

#include "learn/synth_pixels.h"

typedef struct scene scene;

/* Draws the layers of the scene of a seed for pictures of about w x h. NULL when memory is out. */
scene *scene_make(uint64_t seed, int w, int h);
void scene_free(scene *s);
size_t scene_bytes(const scene *s);
/* The scene at second t into m; pan and tilt in [-1, 1] and zoom >= 1 move the camera. The scene may be
 * drawn by several threads at once. False when memory is out. */
bool scene_draw(const scene *s, image *m, double t, float pan, float tilt, float zoom);

/* A logo: shapes that come together over its first second, on clear ground, drawn over m in the box of
 * size `size` (of the height) round (cx, cy); t from 0 to 1 is how far it has come. */
bool scene_logo(image *m, uint64_t seed, float cx, float cy, float size, float t, float opacity,
                const uint8_t rgb[3]);

#endif
