/* Fuzzes store/csv and store/labels. What was read is written and read again, and must be the same. */
#include <string.h>

#include "fuzz.h"
#include "store/csv.h"
#include "store/labels.h"

static void write_row(text *t, const csv *c, size_t row) {
    for (size_t k = 0; k < csv_columns(c); k++) {
        if (k) text_add(t, ",");
        csv_add_field(t, csv_field(c, row, (int)k));
    }
    text_add(t, "\r\n");
}

static void write_again(const csv *c) {
    text t = { 0 };
    csv *d = NULL;
    for (size_t k = 0; k < csv_columns(c); k++) text_add(&t, k ? ",h" : "h");
    text_add(&t, "\n");
    for (size_t row = 0; row < csv_rows(c); row++) write_row(&t, c, row);
    HOLDS(csv_parse(&d, t.s, t.n, "again.csv", NULL) == BK_OK);
    HOLDS(csv_rows(d) == csv_rows(c) && csv_columns(d) == csv_columns(c));
    for (size_t row = 0; row < csv_rows(c); row++)
        for (size_t k = 0; k < csv_columns(c); k++)
            HOLDS(strcmp(csv_field(c, row, (int)k), csv_field(d, row, (int)k)) == 0);
    csv_close(&d);
    text_close(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    csv *c = NULL;
    labels l = { 0 };
    if (csv_parse(&c, (const char *)data, size, "fuzz.csv", NULL) == BK_OK) {
        /* one empty field alone is an empty line, which is passed over */
        if (csv_columns(c) > 1) write_again(c);
        csv_close(&c);
    }
    HOLDS(!c);
    if (labels_parse(&l, (const char *)data, size, "fuzz.csv", NULL) == BK_OK)
        for (size_t i = 0; i < l.n; i++) {
            const label *r = &l.rows[i];
            HOLDS(r->start_us >= 0 && r->start_us <= r->end_us && r->stem[0] && labels_find(&l, r->stem));
        }
    labels_close(&l);
    return 0;
}
