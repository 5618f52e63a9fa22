/* What the files of media/ share: FFmpeg's silence and its error sentences. Not for other folders. */
#ifndef BK_MEDIA_LIBAV_H
#define BK_MEDIA_LIBAV_H

/* FFmpeg's libraries print to stderr unless told otherwise, and only for the whole process. Called by
 * whatever opens a file: the first call silences them, if the host program has left their level as it
 * was; a level that the host chose stays. */
void libav_quiet(void);

/* What FFmpeg says about an error code. Returns why. */
const char *libav_says(int code, char why[80]);

#endif
