/* Still pictures in: JPEG, PNG, WebP ... from a file or from memory, through FFmpeg's libraries. */
#ifndef BK_MEDIA_STILL_H
#define BK_MEDIA_STILL_H

#include <stddef.h>
#include <stdint.h>

#include "bookend/bookend.h"

/* u8 rgb [height, width, 3], freed with still_free(). */
typedef struct still {
    uint8_t *rgb;
    int width, height;
} still;

/* name is for error sentences. BK_EFORMAT, BK_ENOMEM (also for more than 2^28 pixels). */
int still_decode(still *out, const uint8_t *bytes, size_t n, const char *name, bk_error *err);
int still_load(still *out, const char *path, bk_error *err);
void still_free(still *s);

#endif
