/* Reads and writes safetensors files. The reader trusts nothing: header length, every offset, every product
 * of a shape. */
#include "store/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/bytes.h"
#include "store/json.h"

enum { HEADER_MAX = 16 << 20 }; /* the tree of a header takes up to 24 times its size */

/* ---- reading --------------------------------------------------------------------------------------- */

struct safetensors {
    file_view map; /* of safetensors_open() */
    const unsigned char *data;
    size_t data_size;
    char *name;
    json_doc header;
    const json *meta; /* NULL, or an object of strings */
    array *arrays;    /* by name */
    size_t n;
};

static int bad_array(const safetensors *s, bk_error *err, const char *name, const char *what) {
    return bk_fail(err, BK_EFORMAT, "%s: array %.80s: %s", s->name, name, what);
}

static bool find_type(const char *name, array_type *out) {
    for (int t = 0; name && t < ARRAY_TYPES; t++)
        if (strcmp(name, array_type_name((array_type)t)) == 0) {
            *out = (array_type)t;
            return true;
        }
    return false;
}

static bool read_shape(array *a, const json *shape) {
    if (!shape || shape->type != JSON_ARRAY || json_count(shape) > ARRAY_MAX_DIMS) return false;
    for (const json *v = shape->u.first; v; v = v->next) {
        int64_t x;
        if (!json_int(v, 0, INT64_MAX, &x)) return false;
        a->shape[a->n_dims++] = (size_t)x;
    }
    return true;
}

/* {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]} */
static int read_array(const safetensors *s, array *a, const json *v, bk_error *err) {
    const json *offsets = json_get(v, "data_offsets");
    const char *type = json_string(json_get(v, "dtype"));
    int64_t begin, end;
    size_t bytes;
    *a = (array){ .name = v->key };
    if (!find_type(type, &a->type))
        return bk_fail(err, BK_EFORMAT, "%s: array %.80s: type %.20s is not read", s->name, v->key,
                       type ? type : "(none)");
    if (!read_shape(a, json_get(v, "shape"))) return bad_array(s, err, v->key, "no shape of at most 8 sizes");
    if (json_count(offsets) != 2 || offsets->type != JSON_ARRAY ||
        !json_int(offsets->u.first, 0, INT64_MAX, &begin) ||
        !json_int(offsets->u.first->next, begin, INT64_MAX, &end))
        return bad_array(s, err, v->key, "data_offsets are no two ascending numbers");
    if ((uint64_t)end > s->data_size)
        return bk_fail(err, BK_EFORMAT, "%s: array %.80s ends at byte %lld, data has %zu", s->name, v->key,
                       (long long)end, s->data_size);
    if (!array_size(a, &bytes) || bytes != (uint64_t)(end - begin)) {
        char shape[128];
        return bk_fail(err, BK_EFORMAT, "%s: array %.80s: %s %s does not fill %lld bytes", s->name, v->key, type,
                       array_shape_text(shape, a), (long long)(end - begin));
    }
    a->data = s->data + begin;
    return BK_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const array *)a)->name, ((const array *)b)->name);
}

static int by_place(const void *pa, const void *pb) {
    const array *a = pa, *b = pb;
    const unsigned char *x = a->data, *y = b->data;
    if (x != y) return x < y ? -1 : 1;
    return (a->n > 0) - (b->n > 0); /* an empty array stands before the one that starts where it is */
}

/* No gap, no overlap, nothing left. Sorts by place on the way. */
static int check_places(const safetensors *s, bk_error *err) {
    const unsigned char *at = s->data;
    if (s->n) qsort(s->arrays, s->n, sizeof *s->arrays, by_place);
    for (size_t i = 0; i < s->n; i++) {
        const array *a = &s->arrays[i];
        if (a->data != at)
            return bad_array(s, err, a->name,
                             (const unsigned char *)a->data < at ? "overlaps another" : "a gap before it");
        at += array_bytes(a);
    }
    size_t used = (size_t)(at - s->data);
    if (used == s->data_size) return BK_OK;
    return bk_fail(err, BK_EFORMAT, "%s: arrays take %zu bytes, data has %zu", s->name, used, s->data_size);
}

static int check_names(const safetensors *s, bk_error *err) {
    if (s->n) qsort(s->arrays, s->n, sizeof *s->arrays, by_name);
    for (size_t i = 1; i < s->n; i++)
        if (strcmp(s->arrays[i - 1].name, s->arrays[i].name) == 0)
            return bad_array(s, err, s->arrays[i].name, "stands twice in the header");
    return BK_OK;
}

static int read_meta(safetensors *s, const json *v, bk_error *err) {
    if (s->meta) return bk_fail(err, BK_EFORMAT, "%s: two __metadata__", s->name);
    if (v->type != JSON_OBJECT) return bk_fail(err, BK_EFORMAT, "%s: __metadata__ is no object", s->name);
    for (const json *m = v->u.first; m; m = m->next)
        if (m->type != JSON_STRING)
            return bk_fail(err, BK_EFORMAT, "%s: __metadata__ %.80s is no string", s->name, m->key);
    s->meta = v;
    return BK_OK;
}

static int read_header(safetensors *s, bk_error *err) {
    const json *root = s->header.root;
    if (root->type != JSON_OBJECT) return bk_fail(err, BK_EFORMAT, "%s: the header is no JSON object", s->name);
    s->arrays = bk_zeros(json_count(root), sizeof *s->arrays);
    if (!s->arrays) return bk_fail_memory(err, s->name);
    for (const json *v = root->u.first; v; v = v->next) {
        bool meta = strcmp(v->key, "__metadata__") == 0;
        int rc = meta ? read_meta(s, v, err) : read_array(s, &s->arrays[s->n], v, err);
        if (rc != BK_OK) return rc;
        s->n += !meta;
    }
    int rc = check_places(s, err);
    return rc == BK_OK ? check_names(s, err) : rc;
}

static int open_memory(safetensors *s, const unsigned char *p, size_t size, bk_error *err) {
    if (size < 8) return bk_fail(err, BK_EFORMAT, "%s: not a safetensors file: %zu bytes", s->name, size);
    uint64_t header = get64(p);
    if (header > HEADER_MAX || header > size - 8)
        return bk_fail(err, BK_EFORMAT, "%s: not a safetensors file: header of %llu bytes, file has %zu", s->name,
                       (unsigned long long)header, size);
    s->data = p + 8 + header;
    s->data_size = size - 8 - (size_t)header;
    int rc = json_parse(&s->header, (const char *)p + 8, (size_t)header, s->name, err);
    return rc == BK_OK ? read_header(s, err) : rc;
}

int safetensors_open_memory(safetensors **out, const void *data, size_t size, const char *name, bk_error *err) {
    safetensors *s = bk_zeros(1, sizeof *s);
    if (!s) return bk_fail_memory(err, name);
    s->name = strdup(name);
    int rc = s->name ? open_memory(s, data, size, err) : bk_fail_memory(err, name);
    if (rc == BK_OK)
        *out = s;
    else
        safetensors_close(&s);
    return rc;
}

int safetensors_open(safetensors **out, const char *path, bk_error *err) {
    file_view map;
    int rc = file_map(&map, path, err);
    if (rc != BK_OK) return rc;
    rc = safetensors_open_memory(out, map.data, map.size, path, err);
    if (rc == BK_OK)
        (*out)->map = map;
    else
        file_unmap(&map);
    return rc;
}

void safetensors_close(safetensors **sp) {
    safetensors *s = *sp;
    if (!s) return;
    free(s->arrays);
    json_close(&s->header);
    file_unmap(&s->map);
    free(s->name);
    free(s);
    *sp = NULL;
}

size_t safetensors_count(const safetensors *s) {
    return s->n;
}

const array *safetensors_at(const safetensors *s, size_t i) {
    return &s->arrays[i];
}

const array *safetensors_find(const safetensors *s, const char *name) {
    const array key = { .name = name };
    return s->n ? bsearch(&key, s->arrays, s->n, sizeof *s->arrays, by_name) : NULL;
}

int safetensors_need(const array **out, const safetensors *s, const char *name, bk_error *err) {
    const array *a = safetensors_find(s, name);
    if (!a) return bk_fail(err, BK_EFORMAT, "%s: no array named %s", s->name, name);
    *out = a;
    return BK_OK;
}

const char *safetensors_meta(const safetensors *s, const char *key) {
    return json_string(json_get(s->meta, key));
}

bool safetensors_meta_at(const safetensors *s, size_t i, const char **key, const char **value) {
    const json *v = s->meta ? s->meta->u.first : NULL;
    while (v && i-- > 0) v = v->next;
    if (!v) return false;
    *key = v->key;
    *value = v->u.string;
    return true;
}
