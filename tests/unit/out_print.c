/* out_print FORMAT REPORT [FILE]: prints a report of out_answers.h, under the name FILE if given. With it
 * other programs' readers are tried (tests/e2e), and golden files are made anew. */
#include <string.h>

#include "out_answers.h"

/* The report of that name, or -1. */
static int report_find(const char *name) {
    for (int i = 0; i < REPORTS; i++)
        if (strcmp(report_names[i], name) == 0) return i;
    return -1;
}

int main(int argc, char **argv) {
    int format = argc > 1 ? bk_format_find(argv[1]) : -1, report = argc > 2 ? report_find(argv[2]) : -1;
    if (format < 0 || report < 0 || argc > 4) {
        fprintf(stderr, "usage: out_print FORMAT REPORT [FILE]\n");
        return 2;
    }
    bk_report r = reports[report];
    if (argc > 3) r.file = argv[3];
    bk_error err = { 0 };
    if (bk_write_header(stdout, format, &err) || bk_write(stdout, format, &r, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return 0;
}
