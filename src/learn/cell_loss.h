/* A teacher for the encoder's tokens: whether lettering stands in each one's part of the picture, and of which sort.
 * A picture's class alone is one number a picture; this is two for each token, and it is what lets large letters be
 * learned, of which the lettering map sees only strokes. The linear layer that answers is dropped after training. */
#ifndef BK_LEARN_CELL_LOSS_H
#define BK_LEARN_CELL_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum cell_kind {
    CELL_TITLES,   /* letters of a logo, of titles, of credits */
    CELL_CAPTIONS, /* letters within the story */
    CELL_KINDS
} cell_kind;

/* The shapes of one picture: the mask's cells are dealt out to a coarser grid of tokens. */
typedef struct cell_shape {
    int mask_h, mask_w, grid_h, grid_w, width; /* width: floats of a token's features */
} cell_shape;

/* What the mask says of a token, from the share of its cells that are lettered. */
typedef enum cell_truth { CELL_UNKNOWN = -1, CELL_BLANK = 0, CELL_LETTERED = 1 } cell_truth;
cell_truth cell_truth_of(const cell_shape *s, const uint8_t *mask, int token);

/* Binary cross-entropy, the mean over tokens, of the linear layer w f32 [CELL_KINDS, width + 1] (a bias last in each
 * row) on features f32 [grid_h * grid_w, width] against mask u8 [mask_h, mask_w]
 * (1 lettered, 0 blank, SYNTH_MASK_UNKNOWN); titles: of which kind the letters are. Adds scale times the gradients
 * to g (as w) and writes those of the features to d (as features); both NULL: the loss alone. */
double cell_loss(const cell_shape *s, const float *w, const float *features, const uint8_t *mask, bool titles,
                 float scale, float *g, float *d);

#endif
