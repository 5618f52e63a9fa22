/* The notebook's labels.csv, read and written. */
#include "store/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "store/csv.h"

enum { FILE_MAX = 64 << 20 };

static const char *const columns[3] = { "file", "start_main", "end_main" };

static int read_time(const csv *c, size_t row, int column, int64_t *out, const char *name, bk_error *err) {
    const char *s = csv_field(c, row, column);
    if (text_parse_time(s, out)) return BK_OK;
    return bk_fail(err, BK_EFORMAT, "%s:%d: %s is \"%.40s\"; HH:MM:SS or HH:MM:SS.sss was expected", name,
                   csv_line(c, row), csv_header(c, column), s);
}

static int read_row(labels *l, const csv *c, size_t i, const int at[3], const char *name, bk_error *err) {
    label *r = &l->rows[i];
    const char *file = csv_field(c, i, at[0]);
    r->line = csv_line(c, i);
    int rc = read_time(c, i, at[1], &r->start_us, name, err);
    if (rc == BK_OK) rc = read_time(c, i, at[2], &r->end_us, name, err);
    if (rc != BK_OK) return rc;
    if (r->start_us > r->end_us)
        return bk_fail(err, BK_EFORMAT, "%s:%d: start_main %s is after end_main %s", name, r->line,
                       csv_field(c, i, at[1]), csv_field(c, i, at[2]));
    size_t stem = (size_t)(path_ending(file) - path_name(file));
    if (stem == 0) return bk_fail(err, BK_EFORMAT, "%s:%d: no file name", name, r->line);
    r->file = arena_text(&l->memory, file, strlen(file));
    r->stem = arena_text(&l->memory, path_name(file), stem);
    return r->file && r->stem ? BK_OK : bk_fail_memory(err, name);
}

static int read_rows(labels *l, const csv *c, const char *name, bk_error *err) {
    int at[3];
    for (int i = 0; i < 3; i++)
        if ((at[i] = csv_column(c, columns[i])) < 0)
            return bk_fail(err, BK_EFORMAT, "%s:1: no column %s; labels have file,start_main,end_main", name,
                           columns[i]);
    size_t n = csv_rows(c);
    l->rows = arena_take(&l->memory, n * sizeof *l->rows); /* n rows are there already, so the product fits */
    if (!l->rows) return bk_fail_memory(err, name);
    for (l->n = 0; l->n < n; l->n++) {
        int rc = read_row(l, c, l->n, at, name, err);
        if (rc != BK_OK) return rc;
    }
    return BK_OK;
}

int labels_parse(labels *out, const char *source, size_t n, const char *name, bk_error *err) {
    csv *c = NULL;
    labels l = { 0 };
    int rc = csv_parse(&c, source, n, name, err);
    if (rc == BK_OK) rc = read_rows(&l, c, name, err);
    csv_close(&c);
    if (rc == BK_OK)
        *out = l;
    else
        labels_close(&l);
    return rc;
}

int labels_load(labels *out, const char *path, bk_error *err) {
    char *source = NULL;
    size_t n;
    int rc = file_read(&source, &n, path, FILE_MAX, err);
    if (rc != BK_OK) return rc;
    rc = labels_parse(out, source, n, path, err);
    free(source);
    return rc;
}

void labels_close(labels *l) {
    if (!l) return;
    arena_close(&l->memory);
    *l = (labels){ 0 };
}

const label *labels_find(const labels *l, const char *stem) {
    for (size_t i = l->n; i-- > 0;)
        if (strcmp(l->rows[i].stem, stem) == 0) return &l->rows[i];
    return NULL;
}

int labels_save(const char *path, const label *rows, size_t n, bk_error *err) {
    text t = { 0 };
    text_add(&t, "file,start_main,end_main\n");
    for (size_t i = 0; i < n; i++) {
        char start[TEXT_TIME_MAX], end[TEXT_TIME_MAX];
        csv_add_field(&t, rows[i].file);
        text_addf(&t, ",%s,%s\n", text_clock(start, rows[i].start_us), text_clock(end, rows[i].end_us));
    }
    int rc = text_ok(&t) ? file_save(path, t.s, t.n, err) : bk_fail_memory(err, path);
    text_close(&t);
    return rc;
}
