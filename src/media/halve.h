/* Frames of half the width and height, again and again, by means over two by two pixels. For convert.c's use. */
#ifndef BK_MEDIA_HALVE_H
#define BK_MEDIA_HALVE_H

#include <libavutil/frame.h>

#include "bookend/bookend.h"

enum { HALVINGS_MAX = 3 };

/* Of frames of one format and size; all zero at first. */
typedef struct halver {
    AVFrame *step[HALVINGS_MAX]; /* [n], each half as wide and high as the one before */
    int n;                       /* 0: frames stay as they are */
} halver;

/* Makes ready for frames of a pixel format, w x h, that are then scaled to to_w x to_h: they stay at least 1.75 times
 * as large. n becomes 0 where frames are smaller, where halves would not be whole, and where luma and chroma are not
 * bytes in planes of their own. BK_ENOMEM. */
int halver_open(halver *half, int format, int w, int h, int to_w, int to_h, bk_error *err);
/* The halved frame, half's own until the next call; f itself where n is 0. */
const AVFrame *halver_run(halver *half, const AVFrame *f);
void halver_close(halver *half);

#endif
