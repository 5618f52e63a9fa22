/* Pictures of the generator, and what is done to whole pictures: sampling, mixing, light, blur, grain,
 * blocks of a codec. Plain functions of their arguments; the same input gives the same bytes. */
#ifndef BK_LEARN_SYNTH_PIXELS_H
#define BK_LEARN_SYNTH_PIXELS_H

#include <stdbool.h>
#include <stdint.h>

/* u8 rgb [h, w, 3], rows without gaps. */
typedef struct image {
    uint8_t *px;
    int w, h;
} image;

typedef struct rect {
    float x, y, w, h;
} rect;

/* False when memory is out. Not cleared. */
bool image_make(image *out, int w, int h);
void image_free(image *m);
void image_fill(image *m, const uint8_t rgb[3]);
/* From one colour to another, downwards; with round != 0 outwards from the middle. */
void image_gradient(image *m, const uint8_t from[3], const uint8_t to[3], int round);

/* A picture of half the size (each side rounded down, at least 1), by averaging. */
bool image_half(image *out, const image *m);
/* Draws the part `crop` of src (in its pixels, may reach over the edge: the border repeats) into the part
 * `view` of to (whole pixels), bilinear. False when memory is out. */
bool image_sample(image *to, rect view, const image *src, rect crop, bool mirror);
/* to = to * (1 - a) + from * a; same sizes. */
void image_mix(image *to, const image *from, float a);
/* m = m * a + rgb * (1 - a). */
void image_light(image *m, float a, const uint8_t rgb[3]);

/* Colour tables and saturation of a film's look. */
typedef struct grade {
    uint8_t table[3][256];
    float saturation; /* 1 leaves colours alone, 0 is grey */
    bool identity;
} grade;
void image_grade(image *m, const grade *g);

/* Two passes of a box of 2 radius + 1 pixels. False when memory is out. */
bool image_blur(image *m, int radius);
/* m += amount * (m - its blur over 3 x 3); the border keeps. False when memory is out. */
bool image_sharpen(image *m, float amount);
/* One step of a shock filter: pixels move to the lightest or darkest of their neighbours, whichever side of
 * an edge they are on. Makes edges of an enlarged picture as sharp as drawn ones. */
bool image_shock(image *m);

/* Fixed noise, i8 [GRAIN_SIDE, GRAIN_SIDE], about normal with deviation 32. */
enum { GRAIN_SIDE = 512 };
void grain_make(int8_t *grain);
/* Adds amount * noise / 32 (in grey levels), placed by key; coarse: every grain is 2 x 2 pixels. */
void image_grain(image *m, const int8_t *grain, float amount, uint64_t key, bool coarse);
/* Fine detail that sticks to the picture: noise scaled by the light at (x, y), moving with it. */
void image_texture(image *m, const int8_t *grain, float amount, int x, int y);
void image_vignette(image *m, float amount);
/* Quantises 8 x 8 blocks of the cosine transform as a codec at a low rate does; step in grey levels. */
void image_blocks(image *m, float step);
/* Fills bars above and below (or at the sides) so that a picture of the given shape stays visible. */
void image_bars(image *m, float aspect);

/* A colour that may change downwards, and how much of it. */
typedef struct ink {
    uint8_t top[3], bottom[3];
    float opacity;
} ink;
/* Lays colour through coverage u8 [h, w], its corner at (x, y), enlarged by zoom; only columns of the sprite
 * in [0, shown * w) and rows of `to` in [clip_top, clip_bottom). */
typedef struct stamp {
    const uint8_t *cover;
    int w, h;
    float x, y, zoom, shown;
    int clip_top, clip_bottom;
} stamp;
void image_stamp(image *to, const stamp *s, const ink *k);

#endif
