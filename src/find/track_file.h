/* Tracks on disk: the notebook's .npz, and what ours keeps beside. */
#ifndef BK_FIND_TRACK_FILE_H
#define BK_FIND_TRACK_FILE_H

#include "find/track.h"

/* As bk_track_load() and bk_track_save(); text under `note` (NULL: none) is kept in the file and handed back:
 * what the track was made of and by. note_size counts the terminator. */
int track_load(bk_track **out, const char *path, char *note, size_t note_size, bk_error *err);
int track_save(const bk_track *t, const char *path, const char *note, bk_error *err);

#endif
