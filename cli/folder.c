/* Reads .bookend.conf: which file holds for a video, and what its lines say. What a key means, and which values it
 * may have, is a row of the table of options. */
#define _GNU_SOURCE
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- lines ----------------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static bool fail(char *error, const char *name, int line, const char *fmt,
                                                       ...) {
    char what[OPT_ERROR_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    snprintf(error, FOLDER_ERROR_MAX, "%.190s, line %d: %s", name, line, what);
    return false;
}

/* Without the blanks round it; cuts s in place. */
static char *trim(char *s) {
    s += strspn(s, " \t\r");
    size_t n = strlen(s);
    while (n > 0 && strchr(" \t\r", s[n - 1])) n--;
    s[n] = 0;
    return s;
}

/* Takes the quotes off; false when there is only one of them. */
static bool unquote(char **value) {
    size_t n = strlen(*value);
    if ((*value)[0] != '"') return !strchr(*value, '"');
    if (n < 2 || strchr(*value + 1, '"') != *value + n - 1) return false;
    (*value)[n - 1] = 0;
    ++*value;
    return true;
}

static bool parse_line(settings *s, char *line, const char *name, int number, char *error) {
    char why[OPT_ERROR_MAX];
    line[strcspn(line, "#")] = 0;
    line = trim(line);
    if (!*line) return true;
    char *equals = strchr(line, '=');
    if (!equals) return fail(error, name, number, "'%.60s': KEY = VALUE was expected", line);
    *equals = 0;
    char *key = trim(line), *value = trim(equals + 1);
    if (!unquote(&value)) return fail(error, name, number, "%.60s: a quotation mark stands alone", key);
    if (!*key || !*value)
        return fail(error, name, number, "%s", *key ? "the value is missing" : "the key is missing");
    if (opts_set(s, CMD_DETECT, key, value, why) == 0) return true;
    return fail(error, name, number, "%s", why + 2 * !strncmp(why, "--", 2)); /* here it is no option */
}

bool folder_parse(settings *s, const char *text, size_t n, const char *name, char error[FOLDER_ERROR_MAX]) {
    static const char mark[] = "\xef\xbb\xbf"; /* some editors begin UTF-8 so */
    const char *end = text + n;
    if (n >= 3 && !memcmp(text, mark, 3)) text += 3;
    for (int number = 1; text < end; number++) {
        char line[300];
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((stop ? stop : end) - text);
        if (length >= sizeof line) return fail(error, name, number, "it is longer than %zu bytes", sizeof line - 1);
        if (memchr(text, 0, length)) return fail(error, name, number, "it is not text");
        memcpy(line, text, length);
        line[length] = 0;
        if (!parse_line(s, line, name, number, error)) return false;
        text = stop ? stop + 1 : end;
    }
    return true;
}

/* ---- files ----------------------------------------------------------------------------------------- */

/* The file in `path` or the nearest folder above, opened; *file gets its name. Cuts path. NULL: there is none, or
 * *file could not be opened. */
static FILE *open_nearest(char *path, char **file) {
    for (;;) {
        const char *slash = path[1] ? "/" : ""; /* path is "/" at the top */
        if (asprintf(file, "%s%s%s", path, slash, FOLDER_FILE) < 0) *file = NULL;
        if (!*file) return NULL;
        int fd = open(*file, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe of that name is not waited for */
        if (fd >= 0) return fdopen(fd, "r");
        if (errno != ENOENT && errno != ENOTDIR) return NULL;
        free(*file);
        *file = NULL;
        char *last = strrchr(path, '/');
        if (!path[1]) return NULL;
        last[last == path] = 0;
    }
}

static void read_file(folder *f, FILE *from) {
    char *text = malloc(FOLDER_FILE_MAX + 1);
    size_t n = text ? fread(text, 1, FOLDER_FILE_MAX + 1, from) : 0;
    if (!text || ferror(from))
        snprintf(f->error, sizeof f->error, "%.200s: %s", f->file, text ? strerror(errno) : "out of memory");
    else if (n > FOLDER_FILE_MAX)
        snprintf(f->error, sizeof f->error, "%.200s: it is larger than %d bytes", f->file, FOLDER_FILE_MAX);
    else
        folder_parse(&f->s, text, n, f->file, f->error);
    f->failed = f->error[0];
    free(text);
}

/* path: of a real folder, kept. */
static folder *new_folder(char *path, const settings *given) {
    folder *f = calloc(1, sizeof *f);
    char *way = strdup(path);
    if (f && way) {
        f->path = path;
        f->s = *given;
        FILE *from = given->folder_files ? open_nearest(way, &f->file) : NULL;
        if (from) {
            read_file(f, from);
            fclose(from);
        } else if (f->file) {
            snprintf(f->error, sizeof f->error, "%.200s: %s", f->file, strerror(errno));
            f->failed = true;
        }
    }
    free(way);
    if (f && f->path) return f;
    free(f);
    free(path);
    return NULL;
}

/* The real path of the folder a video is in, to be freed. */
static char *folder_path(const char *video) {
    const char *slash = strrchr(video, '/');
    char *named = slash ? strndup(video, slash == video ? 1 : (size_t)(slash - video)) : strdup(".");
    char *real = named ? realpath(named, NULL) : NULL;
    free(named);
    return real ? real : strdup("/"); /* gone meanwhile: whoever opens the video will say so */
}

const folder *folder_of(folder_list *l, const char *video, const settings *given) {
    char *path = folder_path(video);
    if (!path) return NULL;
    for (size_t i = l->n; i-- > 0;) /* the last one mostly */
        if (!strcmp(l->at[i]->path, path)) {
            free(path);
            return l->at[i];
        }
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 16;
        folder **at = reallocarray(l->at, cap, sizeof *at);
        if (!at) {
            free(path);
            return NULL;
        }
        l->at = at;
        l->cap = cap;
    }
    folder *f = new_folder(path, given);
    if (f) l->at[l->n++] = f;
    return f;
}

void folder_list_close(folder_list *l) {
    for (size_t i = 0; i < l->n; i++) {
        free(l->at[i]->path);
        free(l->at[i]->file);
        free(l->at[i]);
    }
    free(l->at);
    *l = (folder_list){ 0 };
}
