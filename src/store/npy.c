/* NumPy's .npy files: header parse and write. The header is a Python dict literal with three known keys; a
 * parser of just that, strict about everything else. */
#include "store/npy.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/bytes.h"

/* What stands between magic and data. */
typedef struct cursor {
    const char *p, *end;
    const char *name;
} cursor;

static const char *const descr_of[ARRAY_TYPES] = {
    [ARRAY_F16] = "<f2", [ARRAY_F32] = "<f4", [ARRAY_F64] = "<f8", [ARRAY_BOOL] = "|b1", [ARRAY_U8] = "|u1",
    [ARRAY_I8] = "|i1",  [ARRAY_I16] = "<i2", [ARRAY_I32] = "<i4", [ARRAY_I64] = "<i8",
};

static int bad_header(const cursor *c, bk_error *err, const char *what) {
    return bk_fail(err, BK_EFORMAT, "%s: bad .npy header: %s", c->name, what);
}

static void skip_space(cursor *c) {
    while (c->p < c->end && strchr(" \t\r\n", *c->p) && *c->p) c->p++;
}

/* Takes the word when it is next. */
static bool take(cursor *c, const char *word) {
    skip_space(c);
    size_t n = strlen(word);
    if ((size_t)(c->end - c->p) < n || memcmp(c->p, word, n) != 0) return false;
    c->p += n;
    return true;
}

/* A quoted string without escapes into buf. */
static bool take_string(cursor *c, char buf[32]) {
    skip_space(c);
    if (c->p == c->end || (*c->p != '\'' && *c->p != '"')) return false;
    char quote = *c->p++;
    const char *close = memchr(c->p, quote, (size_t)(c->end - c->p));
    if (!close || close - c->p > 31) return false;
    size_t n = (size_t)(close - c->p);
    memcpy(buf, c->p, n);
    buf[n] = 0;
    c->p = close + 1;
    return true;
}

static bool take_size(cursor *c, size_t *out) {
    skip_space(c);
    const char *first = c->p;
    size_t n = 0;
    for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++)
        if (!bk_size_mul(&n, n, 10) || !bk_size_add(&n, n, (size_t)(*c->p - '0'))) return false;
    *out = n;
    take(c, "L"); /* Python 2 wrote long integers so */
    return c->p > first;
}

static int take_shape(cursor *c, array *a, bk_error *err) {
    if (!take(c, "(")) return bad_header(c, err, "no shape");
    a->n_dims = 0;
    while (!take(c, ")")) {
        if (a->n_dims == ARRAY_MAX_DIMS) return bad_header(c, err, "more than 8 dimensions");
        if (!take_size(c, &a->shape[a->n_dims++])) return bad_header(c, err, "a shape that is no list of sizes");
        if (take(c, ",")) continue;
        if (take(c, ")")) break;
        return bad_header(c, err, "a shape that is no list of sizes");
    }
    return BK_OK;
}

static int take_type(cursor *c, array *a, bk_error *err) {
    char descr[32];
    if (!take_string(c, descr)) return bad_header(c, err, "its type is no plain number type");
    const char *code = strchr("<|=", descr[0]) && descr[0] ? descr + 1 : descr;
    for (int t = 0; t < ARRAY_TYPES; t++) {
        if (!descr_of[t] || strcmp(code, descr_of[t] + 1) != 0) continue;
        a->type = (array_type)t;
        return BK_OK;
    }
    if (descr[0] == '>') return bk_fail(err, BK_EFORMAT, "%s: big-endian numbers (%s) are not read", c->name, descr);
    return bk_fail(err, BK_EFORMAT, "%s: NumPy type %s is not read; only f2 f4 f8 b1 u1 i1 i2 i4 i8 are", c->name,
                   descr);
}

static int take_order(cursor *c, bool *fortran, bk_error *err) {
    *fortran = take(c, "True");
    return *fortran || take(c, "False") ? BK_OK : bad_header(c, err, "fortran_order is neither True nor False");
}

/* {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } in any order of keys. */
static int parse_dict(cursor *c, array *a, bk_error *err) {
    static const char *const keys[] = { "descr", "fortran_order", "shape" };
    bool fortran = false;
    int seen = 0;
    if (!take(c, "{")) return bad_header(c, err, "no dictionary");
    while (!take(c, "}")) {
        char key[32];
        if (!take_string(c, key) || !take(c, ":")) return bad_header(c, err, "no dictionary");
        int k = 0;
        while (k < 3 && strcmp(key, keys[k]) != 0) k++;
        if (k == 3 || seen & 1 << k) return bad_header(c, err, "an unknown or repeated key");
        seen |= 1 << k;
        int rc = k == 0 ? take_type(c, a, err) : k == 1 ? take_order(c, &fortran, err) : take_shape(c, a, err);
        if (rc != BK_OK) return rc;
        if (!take(c, ",") && (skip_space(c), c->p == c->end || *c->p != '}'))
            return bad_header(c, err, "no dictionary");
    }
    skip_space(c);
    if (seen != 7 || c->p != c->end) return bad_header(c, err, seen != 7 ? "a key is missing" : "a rest behind it");
    if (fortran && a->n_dims > 1)
        return bk_fail(err, BK_EFORMAT,
                       "%s: an array in Fortran order is not read; save it as np.ascontiguousarray(x)", c->name);
    return BK_OK;
}

int npy_parse(array *out, const void *data, size_t size, const char *name, bk_error *err) {
    const unsigned char *p = data;
    if (size < 10 || memcmp(p, "\x93NUMPY", 6) != 0) return bk_fail(err, BK_EFORMAT, "%s: not a .npy array", name);
    int version = p[6];
    if (version < 1 || version > 3 || p[7] != 0)
        return bk_fail(err, BK_EFORMAT, "%s: .npy version %d.%d is not read; 1.0 to 3.0 are", name, version, p[7]);
    size_t at = version == 1 ? 10 : 12, header = version == 1 || size < 12 ? get16(p + 8) : get32(p + 8);
    if (size < at || header > size - at)
        return bk_fail(err, BK_EFORMAT, "%s: .npy header of %zu bytes, file has %zu", name, header, size);
    array a = { .name = "" };
    cursor c = { (const char *)p + at, (const char *)p + at + header, name };
    int rc = parse_dict(&c, &a, err);
    if (rc != BK_OK) return rc;
    size_t bytes, have = size - at - header;
    if (!array_size(&a, &bytes) || bytes != have) {
        char shape[128];
        return bk_fail(err, BK_EFORMAT, "%s: header says %s x %zu bytes, file has %zu", name,
                       array_shape_text(shape, &a), array_type_size(a.type), have);
    }
    a.data = p + at + header;
    *out = a;
    return BK_OK;
}

int npy_load(array *out, void **block, const char *path, bk_error *err) {
    char *data = NULL;
    size_t size;
    int rc = file_read(&data, &size, path, SIZE_MAX / 4, err);
    if (rc == BK_OK) rc = npy_parse(out, data, size, path, err);
    if (rc == BK_OK)
        *block = data;
    else
        free(data);
    return rc;
}

int npy_add_header(text *out, const array *a, bk_error *err) {
    if (!descr_of[a->type])
        return bk_fail(err, BK_EINVAL, "%s: NumPy has no type %s", a->name, array_type_name(a->type));
    text d = { 0 };
    text_addf(&d, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr_of[a->type]);
    for (int i = 0; i < a->n_dims; i++) text_addf(&d, i ? ", %zu" : "%zu", a->shape[i]);
    text_add(&d, a->n_dims == 1 ? ",), }" : "), }");
    while ((10 + d.n + 1) % 64 && text_ok(&d)) text_add(&d, " ");
    text_add(&d, "\n");
    const unsigned char magic[10] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)d.n, (unsigned char)(d.n >> 8)
    };
    text_add_n(out, (const char *)magic, sizeof magic);
    text_add_n(out, text_str(&d), d.n);
    bool ok = text_ok(&d) && text_ok(out);
    text_close(&d);
    return ok ? BK_OK : bk_fail_memory(err, "a .npy header");
}

int npy_save(const char *path, const array *a, bk_error *err) {
    text head = { 0 };
    file_out o = { 0 };
    int rc = npy_add_header(&head, a, err);
    if (rc == BK_OK) rc = file_out_open(&o, path, err);
    if (rc != BK_OK) goto done;
    size_t n = array_bytes(a);
    if (fwrite(head.s, 1, head.n, o.to) != head.n || (n && fwrite(a->data, 1, n, o.to) != n))
        rc = bk_fail(err, BK_EIO, "%s: cannot write: %m", path);
    else
        rc = file_commit(&o, err);
done:
    file_abandon(&o);
    text_close(&head);
    return rc;
}
