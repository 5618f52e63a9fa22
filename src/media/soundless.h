/* MP4 and QuickTime files as if they had no sound. For demux.c alone. */
#ifndef BK_MEDIA_SOUNDLESS_H
#define BK_MEDIA_SOUNDLESS_H

#include <libavformat/avio.h>

/* For AVFormatContext.pb. NULL: the file is another one, has no sound, or is to be opened as any other for other
 * reasons. */
AVIOContext *soundless_open(const char *path);
/* Accepts NULL and leaves it. */
void soundless_close(AVIOContext **pb);

#endif
