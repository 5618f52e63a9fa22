/* bookend: find the two ends of the story in a video.
 *
 *     video file --> track (one embedding a second) --> probabilities --> answer --> a report
 *
 * Conventions, stated once:
 *   - A function that can fail returns an int: BK_OK, or a negative bk_code. It also fills *err, if err
 *     is not NULL, with a sentence fit to show a person. A function without an err argument cannot fail.
 *   - bk_NOUN_open() and friends hand the caller an object; bk_NOUN_close(&x) ends it, sets x to NULL, and
 *     accepts a pointer to NULL. Nothing else needs freeing. *out is set only on success.
 *   - Arguments need to live only until the call returns, unless the comment says so.
 *   - Times are int64_t microseconds from the first frame shown and end in _us. An interval holds its
 *     begin and not its end. [n, d] is a row-major float matrix.
 *   - In an options struct a zero field means the default, so { 0 } is always valid.
 *   - Distinct objects may be used from distinct threads; one object from one thread at a time. A model
 *     is only read, so any number of threads may share it.
 */
#ifndef BOOKEND_BOOKEND_H
#define BOOKEND_BOOKEND_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define BK_API __attribute__((visibility("default")))
#else
#define BK_API
#endif

/* The release, "0.1.0". Static string. */
BK_API const char *bk_version(void);

/* ---- errors and hooks ---------------------------------------------------------------------------- */

typedef enum bk_code {
    BK_OK = 0,
    BK_EINVAL = -1,    /* an argument that the documentation rules out */
    BK_ENOMEM = -2,    /* out of memory */
    BK_EIO = -3,       /* a file could not be opened, read or written */
    BK_EFORMAT = -4,   /* a file is damaged, or not of the expected kind */
    BK_EVIDEO = -5,    /* the video could not be demuxed or decoded */
    BK_EMISMATCH = -6, /* two inputs do not belong together, as a model and a track */
    BK_ECANCELED = -7, /* the progress callback asked to stop */
} bk_code;

typedef struct bk_error {
    int code;       /* the same value that the call returned */
    char text[252]; /* one line, no newline, always terminated */
} bk_error;

typedef enum bk_level {
    BK_LOG_WARN, /* something was passed over, the answer may suffer: a damaged frame */
    BK_LOG_INFO, /* what was decided, once a stage */
    BK_LOG_DEBUG /* for whoever works on bookend */
} bk_level;

typedef struct bk_progress {
    const char *stage; /* "scan", "look", "refine", "train"; static string */
    int64_t done;      /* in units of the stage: microseconds of video, frames, steps */
    int64_t total;     /* 0 when not known */
} bk_progress;

typedef struct bk_hooks {
    void *user;                                                /* handed to both callbacks */
    void (*log)(void *user, bk_level level, const char *line); /* NULL: the library is silent */
    int (*progress)(void *user, const bk_progress *p);         /* nonzero: stop, BK_ECANCELED */
} bk_hooks;

#ifdef __cplusplus
}
#endif
#endif
