/* Video out: H.264, without sound, into MP4 or Matroska (by the file's ending), for the generator's films
 * and for tests. Written to PATH.part and renamed by record_finish(). */
#ifndef BK_MEDIA_RECORD_H
#define BK_MEDIA_RECORD_H

#include <stdint.h>

#include "bookend/bookend.h"

typedef struct record record;

typedef struct record_options {
    int width, height;    /* even */
    int fps_num, fps_den; /* 24/1 when 0 */
    int crf;              /* 23 when 0 */
    int keyframe_every;   /* frames, 250 when 0 */
} record_options;

/* BK_EINVAL (an odd size, another ending), BK_EIO, BK_EVIDEO (no encoder), BK_ENOMEM. */
int record_open(record **out, const char *path, const record_options *opt, bk_error *err);
/* One frame, u8 rgb [height, width, 3]. */
int record_frame(record *r, const uint8_t *rgb, bk_error *err);
/* Finishes the file and renames it into place. *r becomes NULL, also on failure. */
int record_finish(record **r, bk_error *err);
/* Gives up: removes the temporary file. */
void record_close(record **r);

#endif
