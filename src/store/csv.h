/* CSV tables (RFC 4180) with a header row: quoted fields, CRLF or LF, a UTF-8 byte order mark. */
#ifndef BK_STORE_CSV_H
#define BK_STORE_CSV_H

#include <stddef.h>

#include "base/text.h"

typedef struct csv csv;

/* Parses source[0, n), which is not needed afterwards. `name` stands in sentences, as "name:7: ...". Empty
 * lines are passed over; every other row must have as many fields as the header. BK_EFORMAT, BK_ENOMEM. */
int csv_parse(csv **out, const char *source, size_t n, const char *name, bk_error *err);
void csv_close(csv **c);

/* Rows below the header. */
size_t csv_rows(const csv *c);
size_t csv_columns(const csv *c);
/* The column with this header; -1 when there is none. The first of several. */
int csv_column(const csv *c, const char *header);
const char *csv_header(const csv *c, int column);
/* Never NULL; row < csv_rows(), column < csv_columns(). Lives as long as c. */
const char *csv_field(const csv *c, size_t row, int column);
/* The line of the file that the row begins on, from 1. */
int csv_line(const csv *c, size_t row);

/* Appends a field as it must stand in a file: in quotes when it holds a comma, a quote, a line break or a
 * space at an end. */
void csv_add_field(text *t, const char *field);

#endif
