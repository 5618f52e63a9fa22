/* Measured evidence of the moment, beside what the encoder learned: light, colour, detail, a coarse
 * thumbnail, and where lettering stands. These numbers end an embedding of a model that asks for them. */
#ifndef BK_PICTURE_EVIDENCE_H
#define BK_PICTURE_EVIDENCE_H

#include <stdint.h>

enum {
    EVIDENCE_LIGHT = 8,                                   /* luma mean and deviation, shares of dark, black and white, ... */
    EVIDENCE_THUMB_H = 4, EVIDENCE_THUMB_W = 6,           /* luma, row-major */
    EVIDENCE_LETTERS = 16,                                /* of the lettering map */
    EVIDENCE_LENGTH = EVIDENCE_LIGHT + EVIDENCE_THUMB_H * EVIDENCE_THUMB_W + EVIDENCE_LETTERS /* 48 */
};

/* to f32 [EVIDENCE_LENGTH]  <-  rgb u8 [h, w, 3] as the encoder saw it, and map f32 [map_h, map_w], logits of
 * lettering (NULL: these numbers stay 0). Every number is within about [-2, 2]. */
void evidence_measure(float *to, const uint8_t *rgb, int w, int h, const float *map, int map_w, int map_h);

/* The numbers of the lettering map alone, into their place in evidence [EVIDENCE_LENGTH]. */
void evidence_letters(float *evidence, const float *map, int map_w, int map_h);

/* Share of the map where lettering stands (probability over one half), in [0, 1]. */
float evidence_lettered(const float *map, int n);

#endif
