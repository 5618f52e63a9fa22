/* Whether Matroska's chapters are of the simple kind that FFmpeg reads whole. */
#ifndef BK_MEDIA_EDITIONS_H
#define BK_MEDIA_EDITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False when the Matroska file data[0, n) has chapters that a copy by FFmpeg would lose: several editions, an ordered
 * one, chapters inside of chapters, names in several languages. True also for what is no Matroska file. */
bool editions_are_simple(const uint8_t *data, size_t n);

#endif
