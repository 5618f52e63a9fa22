/* JSON (RFC 8259) into a tree. Strict: no comments, no trailing commas, at most 64 levels deep. Text passes
 * through as the bytes it is, escapes decoded to UTF-8. JSON is written with base/text.h. */
#ifndef BK_STORE_JSON_H
#define BK_STORE_JSON_H

#include <stdbool.h>

#include "base/err.h"
#include "store/arena.h"

typedef enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_type;

typedef struct json {
    json_type type;
    bool truth;              /* JSON_BOOL */
    const char *key;         /* in an object; else NULL */
    const struct json *next; /* in the same array or object */
    union {
        double number;
        const char *string;
        const struct json *first; /* of an array or object; NULL when empty */
    } u;
} json;

enum { JSON_DEPTH_MAX = 64 };

typedef struct json_doc {
    const json *root;
    arena memory; /* the whole tree */
} json_doc;

/* Parses source[0, n), which is not needed afterwards. `name` stands in sentences. BK_EFORMAT with the line
 * number, BK_ENOMEM. */
int json_parse(json_doc *out, const char *source, size_t n, const char *name, bk_error *err);
/* Accepts { 0 } and leaves it. */
void json_close(json_doc *d);

/* The first member of that key; NULL when there is none or when o is NULL or no object. */
const json *json_get(const json *o, const char *key);
/* Elements or members; 0 for what has none. */
size_t json_count(const json *a);
/* The text of a string node; NULL for everything else, NULL included. */
const char *json_string(const json *v);
/* A number in [lo, hi]; otherwise false and *out untouched. NULL is allowed. */
bool json_number(const json *v, double lo, double hi, double *out);
/* The same, and whole, and at most 2^53 away from 0. */
bool json_int(const json *v, int64_t lo, int64_t hi, int64_t *out);

#endif
