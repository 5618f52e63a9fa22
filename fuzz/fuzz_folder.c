/* .bookend.conf: any bytes. What is accepted lies in the ranges of the table; what is not comes with a sentence. */
#include "fuzz.h"

#include <string.h>

#include "folder.h"

static void check_field(const settings *s, const opt *o) {
    const void *field = (const char *)s + o->field;
    if (o->kind == OPT_NUMBER || o->kind == OPT_TIME) {
        double x = *(const double *)field;
        HOLDS(x == 0 || (x >= o->lo && x <= o->hi));
    } else if (o->kind == OPT_CHOICE)
        HOLDS(o->choice(*(const int *)field));
    else
        HOLDS(o->kind == OPT_FLAG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char error[FOLDER_ERROR_MAX] = "";
    settings s = { 0 };
    bool ok = folder_parse(&s, (const char *)data, size, "f", error);
    HOLDS(ok == !error[0] && !strchr(error, '\n'));
    for (const opt *o = opt_table; ok && o->name; o++)
        if (o->folder) check_field(&s, o);
    return 0;
}
