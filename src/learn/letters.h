/* Letters for the generator: fonts by script and side, and blocks of text drawn once into coverage
 * pictures ("sprites"), through Pango, Cairo and fontconfig. Knows no episodes and no frames. */
#ifndef BK_LEARN_LETTERS_H
#define BK_LEARN_LETTERS_H

#include <stddef.h>
#include <stdint.h>

#include "bookend/bookend.h"
#include "learn/letters_words.h"

/* The fonts of this machine, sorted by the scripts they can write. Safe to use from several threads. */
typedef struct fonts fonts;

/* Families are split by the hash of their name: held out or not (a side that would have no family for a
 * script takes them all). BK_ENOMEM; BK_EIO when the machine has no font that can write Latin. */
int fonts_open(fonts **out, words_side side, bk_error *err);
void fonts_close(fonts **f);
/* Families that can write s; 0 when there are none. */
int fonts_count(const fonts *f, script s);
/* i < fonts_count(f, s); lives as long as f. */
const char *fonts_family(const fonts *f, script s, int i);

/* EDGE_DEPTH: the letters as solid bodies, seen a little from the side. */
typedef enum letters_edge { EDGE_NONE, EDGE_OUTLINE, EDGE_SHADOW, EDGE_DEPTH } letters_edge;

/* How a line departs from the straight one; all zero: not at all. */
typedef struct letters_bend {
    float arc;     /* how far the ends hang below the middle, in heights of the line; negative: stand above it */
    float wave;    /* amplitude of a wave, in heights of the line */
    float taper;   /* the right end taller than the left by this share, in (-1, 1) */
    float askew;   /* each letter lifted and leant by chance, 1 = a lot */
    uint32_t seed; /* of that chance */
} letters_bend;

enum { LETTERS_COLUMNS_MAX = 6 };

/* A block of text. Lines are separated by \n. A line with tabs is a row: its cells stand in columns. With
 * two columns the first is set flush right and the second flush left of the middle of the block, so that
 * blocks of one roll line up; with more, the columns share a width. */
typedef struct letters_spec {
    const char *text;
    const char *family; /* a family that fonts_family() gave */
    float size;         /* em, as a fraction of the picture's height */
    float share;        /* width that more than two columns share, as a fraction of the picture's width */
    float pitch;        /* from line to line in em; 0: as the font likes */
    float spacing;      /* between letters, in em */
    float gap;          /* between two columns, in em; 0: 1 */
    float dim;          /* coverage of the first of two columns, 0: 1 (roles in grey) */
    float role_size;    /* size of the first of two columns relative to the second; 0: 1 */
    float edge_width;   /* outline, or offset of the shadow, in em */
    uint8_t align;      /* 0 left, 1 centre, 2 right: lines without tabs */
    uint8_t edge;       /* a letters_edge */
    uint8_t columns;    /* columns of rows with tabs; 0: 2 */
    letters_bend bend;
    bool bold, italic, upper;
} letters_spec;

typedef struct letters_box {
    int16_t x, y, w, h;
} letters_box;

/* Coverage u8 [h, w] of the letters, and of what stands behind them (NULL without an edge). Boxes hold the
 * parts of lines that have letters, tight in width, from ascender to descender in height. */
typedef struct letters_sprite {
    uint8_t *ink, *edge;
    int w, h;
    letters_box *boxes;
    int n_boxes;
} letters_sprite;

/* Draws spec for a picture of picture_w x picture_h. BK_ENOMEM; BK_EINVAL for a block over 2^13 pixels. */
int letters_draw(letters_sprite *out, fonts *f, const letters_spec *spec, int picture_w, int picture_h,
                 bk_error *err);
void letters_free(letters_sprite *s);

#endif
