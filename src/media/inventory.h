/* What a file holds, for seeing whether a copy holds the same: packets counted and hashed, and all that describes
 * streams. For remux.c alone. */
#ifndef BK_MEDIA_INVENTORY_H
#define BK_MEDIA_INVENTORY_H

#include <libavformat/avformat.h>
#include <libavutil/murmur3.h>

#include <stdbool.h>

#include "bookend/bookend.h"

/* Packets of one stream. */
typedef struct tally {
    int64_t packets;
    struct AVMurMur3 *hash;
    uint8_t sum[16]; /* once closed */
} tally;

typedef struct inventory {
    tally *streams; /* [n]: of every stream of the file */
    unsigned n;
} inventory;

/* BK_ENOMEM. */
int inventory_open(inventory *out, const AVFormatContext *fmt, bk_error *err);
/* Accepts { 0 } and leaves it. */
void inventory_close(inventory *v);
/* Data, time of showing, keyframe flag, and what goes with a packet: alpha, trimming, the length of a subtitle. */
void inventory_add(inventory *v, const AVFormatContext *fmt, const AVPacket *p);
/* No more packets. */
void inventory_finish(inventory *v);

/* MP4 keeps chapters in a track of text as well: it is the container's, not the film's. */
bool inventory_is_chapters(const AVStream *st);

/* Whether the copy b holds what a holds. BK_EMISMATCH: the first thing that it does not; name is the file's. */
int inventory_compare(const AVFormatContext *a, const inventory *va, const AVFormatContext *b, const inventory *vb,
                      const char *name, bk_error *err);

#endif
