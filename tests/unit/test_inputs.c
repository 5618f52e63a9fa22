/* The order of names in a folder. */
#include "tap.h"

#include <string.h>

#include "inputs.h"

int main(void) {
    static const char *const order[] = { "",
                                         "007",
                                         "7",
                                         "a",
                                         "B",
                                         "c1",
                                         "c01b",
                                         "c2",
                                         "c10",
                                         "c10a",
                                         "e1.mkv",
                                         "e01x02.mkv",
                                         "E2.mkv",
                                         "e10.mkv",
                                         "e18446744073709551616.mkv",
                                         "e18446744073709551617.mkv",
                                         "\xc3\xa9" };
    size_t n = sizeof order / sizeof *order, wrong = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            int got = inputs_compare(order[i], order[k]);
            int want = (i > k) - (i < k);
            if ((got > 0) - (got < 0) == want) continue;
            wrong++;
            tap_ok(false, "'%s' and '%s' compare as %d", order[i], order[k], got);
        }
    tap_ok(wrong == 0, "%zu names, every pair in order both ways", n);
    return tap_done();
}
