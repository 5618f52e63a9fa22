/* Error sentences, log lines and progress: the three ways the library speaks to its caller. */
#include "base/err.h"

#include <stdarg.h>

static void one_line(char *s) {
    for (; *s; s++)
        if (*s == '\n' || *s == '\r') *s = ' ';
}

int bk_fail(bk_error *err, int code, const char *fmt, ...) {
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        err->code = code;
        vsnprintf(err->text, sizeof err->text, fmt, ap);
        va_end(ap);
        one_line(err->text);
    }
    return code;
}

int bk_fail_memory(bk_error *err, const char *what) {
    return bk_fail(err, BK_ENOMEM, "out of memory for %s", what);
}

void bk_log(const bk_hooks *hooks, bk_level level, const char *fmt, ...) {
    if (!hooks || !hooks->log) return;
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    one_line(line);
    hooks->log(hooks->user, level, line);
}

int bk_tell_note(const bk_hooks *hooks, const char *stage, int64_t done, int64_t total, const char *note,
                 bk_error *err) {
    if (!hooks || !hooks->progress) return BK_OK;
    const bk_progress p = { stage, done, total, note };
    if (hooks->progress(hooks->user, &p)) return bk_fail(err, BK_ECANCELED, "stopped on request");
    return BK_OK;
}

int bk_tell(const bk_hooks *hooks, const char *stage, int64_t done, int64_t total, bk_error *err) {
    return bk_tell_note(hooks, stage, done, total, NULL, err);
}
