/* Fuzzes store/json. Strings that were read are written by text_add_json() and must be read as the same. */
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "store/json.h"

static bool is_utf8(const char *s) {
    for (size_t n = strlen(s); n > 0;) {
        int len = text_utf8(s, n);
        if (!len) return false;
        s += len;
        n -= (size_t)len;
    }
    return true;
}

static void check_string(const char *s) {
    text t = { 0 };
    json_doc d = { 0 };
    text_add_json(&t, s);
    HOLDS(json_parse(&d, t.s, t.n, "again.json", NULL) == BK_OK && json_string(d.root));
    HOLDS(!is_utf8(s) || strcmp(json_string(d.root), s) == 0);
    json_close(&d);
    text_close(&t);
}

static void walk(const json *v, int depth) {
    HOLDS(depth <= JSON_DEPTH_MAX);
    if (v->key) check_string(v->key);
    if (json_string(v)) check_string(json_string(v));
    if (json_count(v) == 0) return;
    for (const json *m = v->u.first; m; m = m->next) {
        HOLDS((m->key != NULL) == (v->type == JSON_OBJECT));
        HOLDS(!m->key || json_get(v, m->key));
        walk(m, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_doc d = { 0 };
    if (json_parse(&d, (const char *)data, size, "fuzz.json", NULL) == BK_OK) walk(d.root, 0);
    json_close(&d);
    return 0;
}
