/* Labels finer than two times: a CSV with the header file,kind,start,end (further columns are passed over), times in
 * seconds. What is neither story nor a scene of it counts as opening or credits. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "learn/dataset.h"
#include "store/csv.h"

static const size_t FILE_MAX = (size_t)64 << 20;

static bool is_story(const char *kind) {
    static const char *const kinds[] = { "story", "main", "cold_open", "extra_scene", "post-credits" };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i]) == 0) return true;
    return false;
}

static bool names(const char *file, const episode *e) {
    text stem = { 0 };
    path_add_stem(&stem, file);
    bool same = strcmp(text_str(&stem), e->name) == 0;
    text_close(&stem);
    return same;
}

/* One row into the episode that it names, if any. */
static int take_row(dataset *d, const csv *c, size_t row, const int column[4], const char *path, bk_error *err) {
    double start, end;
    if (!text_parse_number(csv_field(c, row, column[2]), 0.0, 1e9, &start) ||
        !text_parse_number(csv_field(c, row, column[3]), start, 1e9, &end))
        return bk_fail(err, BK_EFORMAT, "%s:%d: start and end must be seconds, in order", path, csv_line(c, row));
    for (int i = 0; i < d->n; i++) {
        episode *e = &d->episodes[i];
        if (!names(csv_field(c, row, column[0]), e)) continue;
        e->by_parts = true;
        if (is_story(csv_field(c, row, column[1]))) return BK_OK;
        if (!bk_grow(&e->parts, &e->cap_parts, e->n_parts + 1, sizeof *e->parts)) return bk_fail_memory(err, path);
        e->parts[e->n_parts++] = (episode_part){ start, end };
        return BK_OK;
    }
    return BK_OK;
}

int dataset_segments(dataset *d, const char *path, bk_error *err) {
    static const char *const headers[4] = { "file", "kind", "start", "end" };
    char *bytes = NULL;
    size_t size = 0;
    csv *c = NULL;
    int column[4], code = file_read(&bytes, &size, path, FILE_MAX, err);
    if (code == BK_OK) code = csv_parse(&c, bytes, size, path, err);
    for (int i = 0; code == BK_OK && i < 4; i++)
        if ((column[i] = csv_column(c, headers[i])) < 0)
            code = bk_fail(err, BK_EFORMAT, "%s: no column called %s", path, headers[i]);
    for (size_t row = 0; code == BK_OK && row < csv_rows(c); row++) code = take_row(d, c, row, column, path, err);
    csv_close(&c);
    free(bytes);
    return code;
}
