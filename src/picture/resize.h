/* Resizing 8-bit RGB exactly as Pillow's Image.resize(size, BICUBIC) does (antialiased, fixed point),
 * and turning the result into a network's input. */
#ifndef BK_PICTURE_RESIZE_H
#define BK_PICTURE_RESIZE_H

#include <stdint.h>

#include "bookend/bookend.h"

typedef struct resizer resizer; /* coefficients and scratch for one pair of sizes; one thread at a time */

/* BK_ENOMEM, BK_EINVAL (a size that is not positive, or over 2^15). */
int resizer_open(resizer **out, int from_w, int from_h, int to_w, int to_h, bk_error *err);
void resizer_close(resizer **r);
/* to u8 [to_h, to_w, 3]  <-  from u8 [from_h, from_w, 3]. Bit for bit Pillow's result. */
void resizer_run(resizer *r, uint8_t *to, const uint8_t *from);

/* to f32 [3, h, w]  <-  from u8 [h, w, 3]: (x / 255 - mean[c]) / deviation[c]. */
void picture_normalise(float *to, const uint8_t *from, int w, int h, const float mean[3], const float deviation[3]);

#endif
