/* Where decoded frames lie. For video.c's use. */
#ifndef BK_MEDIA_FRAME_STORE_H
#define BK_MEDIA_FRAME_STORE_H

#include <libavcodec/avcodec.h>

/* The memory of one decoder's frames; all zero at first. */
typedef struct frame_store {
    AVBufferPool *pool;
    size_t size; /* of a frame in it */
} frame_store;

/* Has a decoder that is not open yet take its frames from f, as far as it leaves that to its caller. Not one of
 * several threads, which would come at once. */
void frame_store_for(AVCodecContext *dec, frame_store *f);
/* Once the decoder is freed. Frames that are still held keep their memory. */
void frame_store_close(frame_store *f);

#endif
