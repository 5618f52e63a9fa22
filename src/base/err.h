/* Failing with a sentence. Every function of the library that can fail ends its bad path in one of
 * these, written where the cause is known. */
#ifndef BK_BASE_ERR_H
#define BK_BASE_ERR_H

#include "bookend/bookend.h"

#if defined(__GNUC__)
#define BK_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define BK_PRINTF(f, a)
#endif

/* Fills *err (when not NULL) with code and one formatted line (cut to fit, newlines become spaces),
 * and returns code, so that `return bk_fail(err, BK_EIO, "%s: ...", path)` is the whole bad path. */
int bk_fail(bk_error *err, int code, const char *fmt, ...) BK_PRINTF(3, 4);

/* BK_ENOMEM with "out of memory for WHAT". */
int bk_fail_memory(bk_error *err, const char *what);

/* Hands one formatted line to hooks->log; nothing when hooks or its log is NULL. */
void bk_log(const bk_hooks *hooks, bk_level level, const char *fmt, ...) BK_PRINTF(3, 4);

/* Reports progress; BK_ECANCELED (with a sentence in *err) when the callback asks to stop, else BK_OK. */
int bk_tell(const bk_hooks *hooks, const char *stage, int64_t done, int64_t total, bk_error *err);
/* The same with a line about how it goes; note may be NULL. */
int bk_tell_note(const bk_hooks *hooks, const char *stage, int64_t done, int64_t total, const char *note, bk_error *err);

#endif
