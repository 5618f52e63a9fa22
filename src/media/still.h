/* Still pictures, through FFmpeg's libraries. In: JPEG, PNG, WebP ... from a file or from memory. Out: JPEG. */
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

/* rgb u8 [h, w, 3] as a JPEG (JFIF, 4:2:0), *out to be freed with free(). The best of a few qualities whose file has
 * at most `most` bytes, or the worst. name is for error sentences. BK_EVIDEO (FFmpeg was built without the
 * encoder), BK_EINVAL (a side under 1 or over 16384), BK_ENOMEM. */
int still_jpeg(uint8_t **out, size_t *n, const uint8_t *rgb, int w, int h, size_t most, const char *name,
               bk_error *err);

#endif
