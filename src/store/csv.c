/* A CSV table in memory: a state machine over the bytes, then a grid of fields. */
#include "store/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct csv {
    char *bytes; /* all fields, terminated, one after the other: never longer than the file */
    const char **fields;
    int *lines; /* of each row, the header's first */
    size_t n_fields, cap_fields, n_rows, cap_rows, n_columns;
};

typedef struct reader {
    const char *p, *end;
    char *to; /* where the next byte of a field goes */
    const char *name;
    int line;
    bk_error *err;
} reader;

static int bad(const reader *r, int line, const char *what) {
    return bk_fail(r->err, BK_EFORMAT, "%s:%d: %s", r->name, line, what);
}

/* Steps over LF, CRLF or a lone CR. */
static void skip_break(reader *r) {
    if (*r->p == '\r' && r->p + 1 < r->end && r->p[1] == '\n') r->p++;
    r->p++;
    r->line++;
}

static bool at_break(const reader *r) {
    return r->p < r->end && (*r->p == '\n' || *r->p == '\r');
}

/* What follows an opening quote, up to the closing one. */
static int read_quoted(reader *r) {
    int first = r->line;
    for (;;) {
        if (r->p == r->end) return bad(r, first, "a quoted field that does not end");
        char c = *r->p++;
        if (c == '"') {
            if (r->p == r->end || *r->p != '"') break;
            r->p++;
        }
        r->line += c == '\n';
        *r->to++ = c;
    }
    if (r->p == r->end || *r->p == ',' || at_break(r)) return BK_OK;
    return bad(r, r->line, "something follows the closing quote of a field");
}

/* One field, without the comma or line break behind it. */
static int read_field(reader *r, const char **out) {
    int rc = BK_OK;
    *out = r->to;
    if (r->p < r->end && *r->p == '"') {
        r->p++;
        rc = read_quoted(r);
    } else {
        while (r->p < r->end && *r->p != ',' && !at_break(r)) *r->to++ = *r->p++;
    }
    *r->to++ = 0;
    return rc;
}

/* One row and the line break behind it. */
static int read_row(csv *c, reader *r) {
    size_t first = c->n_fields;
    if (!bk_grow(&c->lines, &c->cap_rows, c->n_rows + 1, sizeof *c->lines)) return bk_fail_memory(r->err, r->name);
    c->lines[c->n_rows++] = r->line;
    for (;;) {
        if (!bk_grow(&c->fields, &c->cap_fields, c->n_fields + 1, sizeof *c->fields))
            return bk_fail_memory(r->err, r->name);
        int rc = read_field(r, &c->fields[c->n_fields]);
        if (rc != BK_OK) return rc;
        c->n_fields++;
        if (r->p == r->end || *r->p != ',') break;
        r->p++;
    }
    size_t n = c->n_fields - first;
    if (first == 0) c->n_columns = n;
    if (n != c->n_columns)
        return bk_fail(r->err, BK_EFORMAT, "%s:%d: %zu fields, the header has %zu", r->name, c->lines[c->n_rows - 1],
                       n, c->n_columns);
    if (at_break(r)) skip_break(r);
    return BK_OK;
}

static int read_table(csv *c, reader *r) {
    if (memchr(r->p, 0, (size_t)(r->end - r->p))) return bad(r, 1, "a zero byte: this is no text");
    if (r->end - r->p >= 3 && !memcmp(r->p, "\xef\xbb\xbf", 3)) r->p += 3;
    while (r->p < r->end) {
        if (at_break(r)) {
            skip_break(r);
            continue;
        }
        int rc = read_row(c, r);
        if (rc != BK_OK) return rc;
    }
    return c->n_rows ? BK_OK : bk_fail(r->err, BK_EFORMAT, "%s: empty: a header row was expected", r->name);
}

int csv_parse(csv **out, const char *source, size_t n, const char *name, bk_error *err) {
    csv *c = bk_zeros(1, sizeof *c);
    size_t room;
    /* each field costs a terminator and ends in a byte of the file that is not kept, but for the last */
    if (c && bk_size_add(&room, n, 1)) c->bytes = malloc(room);
    if (!c || !c->bytes) {
        csv_close(&c);
        return bk_fail_memory(err, name);
    }
    reader r = { .p = source, .end = source + n, .to = c->bytes, .name = name, .line = 1, .err = err };
    int rc = read_table(c, &r);
    if (rc == BK_OK)
        *out = c;
    else
        csv_close(&c);
    return rc;
}

void csv_close(csv **cp) {
    csv *c = *cp;
    if (!c) return;
    free(c->lines);
    free(c->fields);
    free(c->bytes);
    free(c);
    *cp = NULL;
}

size_t csv_rows(const csv *c) {
    return c->n_rows - 1;
}

size_t csv_columns(const csv *c) {
    return c->n_columns;
}

const char *csv_header(const csv *c, int column) {
    return c->fields[column];
}

int csv_column(const csv *c, const char *header) {
    for (size_t i = 0; i < c->n_columns; i++)
        if (strcmp(c->fields[i], header) == 0) return (int)i;
    return -1;
}

const char *csv_field(const csv *c, size_t row, int column) {
    return c->fields[(row + 1) * c->n_columns + (size_t)column];
}

int csv_line(const csv *c, size_t row) {
    return c->lines[row + 1];
}

void csv_add_field(text *t, const char *field) {
    size_t n = strlen(field);
    if (!strpbrk(field, ",\"\r\n") && (n == 0 || (field[0] != ' ' && field[n - 1] != ' '))) {
        text_add(t, field);
        return;
    }
    text_add(t, "\"");
    for (; *field; field++) {
        if (*field == '"') text_add(t, "\"");
        text_add_n(t, field, 1);
    }
    text_add(t, "\"");
}
