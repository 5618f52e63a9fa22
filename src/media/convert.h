/* A decoded frame to packed bytes (rgb24 or gray8) of any size, by swscale. For video.c's and still.c's use. */
#ifndef BK_MEDIA_CONVERT_H
#define BK_MEDIA_CONVERT_H

#include <libavutil/frame.h>
#include <libavutil/pixfmt.h>
#include <stddef.h>
#include <stdint.h>

#include "bookend/bookend.h"
#include "media/halve.h"

struct SwsContext;

typedef enum convert_how {
    CONVERT_AS_FFMPEG, /* what the ffmpeg program's default gives, for pictures of the frame's own size */
    CONVERT_FINE,      /* chroma interpolated, and scaled close to Pillow's bicubic of the full picture */
    CONVERT_FINE_DARK, /* the same, as dark as the full picture of CONVERT_AS_FFMPEG, whose colours are rounded down */
    CONVERT_AREA       /* means over areas */
} convert_how;

/* What a conversion is made for; all zero at first. Kept from frame to frame while nothing changes. */
typedef struct converter_key {
    int from_w, from_h, from_format, matrix, range;
    int to_w, to_h, to_format, how;
} converter_key;

typedef struct converter {
    converter_key key;
    halver half; /* of frames that are much larger, before swscale takes them */
    struct SwsContext *sws;
    uint8_t *pixels; /* [to_h, stride], the rows aligned as swscale's fast paths want them */
    int stride, row; /* bytes from row to row, and of them used */
    uint8_t *planes; /* [3, to_h, plane_stride] where they are interleaved from planes, else NULL */
    int plane_stride;
} converter;

/* Converts f to `format` (AV_PIX_FMT_RGB24 or GRAY8), w x h; the colours by the
 * frame's matrix and range, BT.601 and limited when it does not say; gray is 0 to 255 in either range. The result is
 * c->pixels, until the next call. name is for error sentences. BK_EVIDEO, BK_ENOMEM. */
int converter_run(converter *c, const AVFrame *f, int w, int h, enum AVPixelFormat format, convert_how how,
                  const char *name, bk_error *err);
void converter_free(converter *c);

#endif
