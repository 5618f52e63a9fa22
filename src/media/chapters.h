/* Chapters of a video file: the list, reading it, and joining it with chapters that were found. */
#ifndef BK_MEDIA_CHAPTERS_H
#define BK_MEDIA_CHAPTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "media/video.h"

typedef struct chapter {
    int64_t begin_us, end_us; /* from the first frame shown; those of a file may begin before it */
    char *name;               /* never NULL; "" when it has none */
    int source;               /* which chapter of the file it is, or is a part of; -1: a new one */
    bool whole;               /* of the file, and as it was */
    bool skip;                /* what is to be skipped rather than story: set by who knows names */
} chapter;

/* In order of time. Starts as { 0 }. */
typedef struct chapter_list {
    chapter *at;
    size_t n, cap;
} chapter_list;

/* Appends; name is copied. BK_ENOMEM. */
int chapters_add(chapter_list *l, chapter c, bk_error *err);
/* Accepts { 0 } and leaves it. */
void chapters_close(chapter_list *l);

/* The chapters of an open video, sorted; one that reaches into the next ends where that begins. BK_ENOMEM. */
int chapters_read(chapter_list *out, const video *v, bk_error *err);

/* Joins the file's chapters with those found, which follow one another without gaps. Every chapter of the file
 * stays, with its name. A boundary that was found and lies further than CHAPTERS_NEAR_US from every boundary of the
 * file parts the chapter it falls into: the part that is story keeps the name, the part to be skipped takes that of
 * the chapter found. A chapter that is itself named as something to skip, or would be left without story, is not
 * parted. Where the file has no chapter the found ones stand. So a list that was joined before does not change.
 * Pure. BK_ENOMEM. */
int chapters_join(chapter_list *out, const chapter_list *file, const chapter_list *found, bk_error *err);

#define CHAPTERS_NEAR_US INT64_C(1000000)

/* Whether joining added or moved anything. */
bool chapters_changed(const chapter_list *joined, const chapter_list *file);

#endif
