/* A film written anew with other chapters, by stream copy: no picture and no sound is touched. */
#ifndef BK_MEDIA_REMUX_H
#define BK_MEDIA_REMUX_H

#include "media/chapters.h"

/* Whether chapters can be written into files of this video's container: Matroska (WebM included) and the family of
 * MP4 and MOV. BK_EFORMAT with a sentence otherwise. */
int remux_can(const video *v, const char *path, bk_error *err);

/* Replaces the file at path by one with these chapters, whose times count from origin_us of the container's clock.
 * All else is kept: streams of every kind with their packets, times, dispositions, languages and tags, attachments,
 * the file's tags, whether an MP4 begins with its index. The new file is written beside the old one, read again and
 * compared packet by packet, and takes its place only when nothing is missing; else the old one stays and
 * BK_EMISMATCH tells what would have been lost. Permissions are kept, the time of modification becomes now. Stages of
 * progress: "write" and "check". BK_EIO, BK_EVIDEO, BK_EFORMAT, BK_EMISMATCH, BK_ENOMEM, BK_ECANCELED. */
int remux_chapters(const char *path, const chapter_list *chapters, int64_t origin_us, const bk_hooks *hooks,
                   bk_error *err);

#endif
