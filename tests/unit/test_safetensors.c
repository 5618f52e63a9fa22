/* store/safetensors: written files are read, and every lie of a header is told. */
#include <string.h>

#include "base/file.h"
#include "base/half.h"
#include "scratch.h"
#include "store/bytes.h"
#include "store/safetensors.h"
#include "tap.h"

static scratch s;

static const float weights[6] = { 1, -2, 0.5f, 3.25f, 1e-3f, 65504 }, bias[1] = { 7 };
static const int64_t steps[2] = { 5, -6 };
static const unsigned char mask[3] = { 1, 0, 1 };

static int save(const char *path, array_type floats, bk_error *err) {
    const array arrays[] = {
        array_of("mask", ARRAY_BOOL, mask, 1, (const size_t[]){ 3 }),
        array_of_floats("weight", weights, 2, (const size_t[]){ 2, 3 }),
        array_of_floats("bias", bias, 0, NULL),
        array_of("steps", ARRAY_I64, steps, 1, (const size_t[]){ 2 }),
        array_of_floats("none", NULL, 2, (const size_t[]){ 4, 0 }),
    };
    const safetensors_pair meta[] = { { "rate", "1" }, { "kind", "a \"head\"\n" } };
    return safetensors_save(path, arrays, 5, meta, 2, floats, err);
}

static void test_round(void) {
    bk_error err = { 0 };
    safetensors *t = NULL;
    const array *a = NULL;
    float x[6];
    int64_t n[2];
    const char *path = scratch_path(&s, "f32.safetensors"), *key, *value;
    tap_ok(save(path, ARRAY_F32, &err) == BK_OK && safetensors_open(&t, path, &err) == BK_OK, "a file %s", err.text);
    tap_ok(safetensors_count(t) == 5 && !strcmp(safetensors_at(t, 0)->name, "bias"), "arrays by name");
    tap_ok(safetensors_need(&a, t, "weight", &err) == BK_OK && array_is(a, 2, (const size_t[]){ 2, 3 }) &&
               a->type == ARRAY_F32 && !memcmp(a->data, weights, sizeof weights) && (uintptr_t)a->data % 4 == 0,
           "weight");
    a = safetensors_find(t, "bias");
    array_to_floats(x, a);
    tap_ok(a->n_dims == 0 && a->n == 1 && x[0] == 7, "a scalar");
    a = safetensors_find(t, "steps");
    tap_ok(array_to_ints(n, a) && n[1] == -6 && (uintptr_t)a->data % 8 == 0, "integers, aligned");
    a = safetensors_find(t, "none");
    tap_ok(a && a->n == 0 && array_is(a, 2, (const size_t[]){ 4, 0 }), "an empty array");
    tap_ok(!strcmp(safetensors_meta(t, "kind"), "a \"head\"\n") && !safetensors_meta(t, "none"), "metadata");
    tap_ok(safetensors_meta_at(t, 1, &key, &value) && !strcmp(key, "rate") &&
               !safetensors_meta_at(t, 2, &key, &value),
           "in order");
    tap_ok(safetensors_need(&a, t, "x", &err) == BK_EFORMAT && strstr(err.text, "no array named x"), "%s", err.text);
    safetensors_close(&t);
    safetensors_close(&t);
}

static void test_half_floats(array_type kind) {
    bk_error err = { 0 };
    safetensors *t = NULL;
    const char *path = scratch_path(&s, "half.safetensors");
    float x[6] = { 0 };
    bool ok = save(path, kind, &err) == BK_OK && safetensors_open(&t, path, &err) == BK_OK;
    const array *a = ok ? safetensors_find(t, "weight") : NULL;
    if (a) array_to_floats(x, a);
    bool same = a && a->type == kind;
    for (int i = 0; i < 6; i++)
        same = same && x[i] == (kind == ARRAY_F16 ? half_to_float(half_from_float(weights[i]))
                                                  : half_from_bf16(half_to_bf16(weights[i])));
    tap_ok(same, "floats stored as %s %s", array_type_name(kind), err.text);
    tap_ok(ok && safetensors_find(t, "steps")->type == ARRAY_I64, "integers stay");
    safetensors_close(&t);
}

static void test_same_bytes(void) {
    char *a = NULL, *b = NULL;
    size_t n = 0, m = 0;
    save(scratch_path(&s, "1"), ARRAY_F32, NULL);
    file_read(&a, &n, s.path, 1 << 20, NULL);
    save(scratch_path(&s, "2"), ARRAY_F32, NULL);
    file_read(&b, &m, s.path, 1 << 20, NULL);
    tap_ok(n && n == m && !memcmp(a, b, n) && get64((unsigned char *)a) % 8 == 0,
           "the same arrays give the same bytes");
    free(a);
    free(b);
    const array twice[] = { array_of_floats("w", weights, 1, (const size_t[]){ 6 }),
                            array_of_floats("w", bias, 1, (const size_t[]){ 1 }) };
    bk_error err = { 0 };
    tap_ok(safetensors_save(scratch_path(&s, "3"), twice, 2, NULL, 0, ARRAY_F32, &err) == BK_EINVAL, "%s", err.text);
}

static int open_made(const char *header, size_t n_data, bk_error *err) {
    size_t n = strlen(header);
    unsigned char *p = calloc(1, 8 + n + n_data + 1);
    put(p, n, 8);
    memcpy(p + 8, header, n);
    safetensors *t = NULL;
    int rc = safetensors_open_memory(&t, p, 8 + n + n_data, "x.safetensors", err);
    safetensors_close(&t);
    free(p);
    return rc;
}

static void test_headers(void) {
#define A(shape, b, e) "{\"dtype\":\"F32\",\"shape\":[" shape "],\"data_offsets\":[" b "," e "]}"
    static const struct {
        const char *header;
        size_t n;
        const char *sentence; /* NULL: accepted */
    } rows[] = {
        { "{\"a\":" A("2", "0", "8") "}   ", 8, NULL },
        { "{\"a\":" A("2", "0", "8") ",\"b\":" A("0", "0", "0") ",\"c\":" A("0", "8", "8") "}", 8, NULL },
        { "{\"__metadata__\":{\"k\":\"v\"}}", 0, NULL },
        { "{}", 0, NULL },
        { "{\"a\":" A("2", "0", "8") "}", 7, "ends at byte 8, data has 7" },
        { "{\"a\":" A("2", "0", "8") "}", 9, "take 8 bytes, data has 9" },
        { "{\"a\":" A("3", "0", "8") "}", 8, "F32 [3] does not fill 8 bytes" },
        { "{\"a\":" A("2", "0", "8") ",\"b\":" A("2", "4", "12") "}", 12, "overlaps" },
        { "{\"a\":" A("2", "0", "8") ",\"b\":" A("2", "0", "8") "}", 8, "overlaps" },
        { "{\"a\":" A("1", "0", "4") ",\"b\":" A("1", "8", "12") "}", 12, "a gap before it" },
        { "{\"a\":" A("1", "4", "8") "}", 8, "a gap before it" },
        { "{\"a\":" A("2", "8", "0") "}", 8, "no two ascending" },
        { "{\"a\":" A("2", "-8", "0") "}", 8, "no two ascending" },
        { "{\"a\":" A("2", "0.5", "8.5") "}", 9, "no two ascending" },
        { "{\"a\":" A("2", "0", "1e300") "}", 8, "no two ascending" },
        { "{\"a\":" A("-2", "0", "8") "}", 8, "no shape" },
        { "{\"a\":" A("\"2\"", "0", "8") "}", 8, "no shape" },
        { "{\"a\":" A("1,1,1,1,1,1,1,1,2", "0", "8") "}", 8, "no shape of at most 8" },
        { "{\"a\":" A("4503599627370496,4503599627370496", "0", "0") "}", 0, "does not fill" },
        { "{\"a\":" A("4503599627370496,4096", "0", "0") "}", 0, "does not fill" },
        { "{\"a\":" A("1", "0", "4") ",\"a\":" A("1", "4", "8") "}", 8, "stands twice" },
        { "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}}", 8, "type F8_E4M3 is not read" },
        { "{\"a\":{\"shape\":[8],\"data_offsets\":[0,8]}}", 8, "type (none)" },
        { "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,8]}}", 8, "no shape" },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[8]}}", 8, "no two ascending" },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8,8]}}", 8, "no two ascending" },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":{\"a\":0,\"b\":8}}}", 8, "no two ascending" },
        { "{\"a\":5}", 0, "type (none)" },
        { "{\"__metadata__\":{\"k\":1}}", 0, "is no string" },
        { "{\"__metadata__\":[]}", 0, "is no object" },
        { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, "two __metadata__" },
        { "[]", 0, "no JSON object" },
        { "{", 0, "not JSON" },
        { "", 0, "not JSON" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bk_error err = { 0 };
        int rc = open_made(rows[i].header, rows[i].n, &err);
        tap_ok(rows[i].sentence ? rc == BK_EFORMAT && strstr(err.text, rows[i].sentence) : rc == BK_OK, "%.60s -> %s",
               rows[i].header, rc == BK_OK ? "accepted" : err.text);
    }
}

static void test_cut(void) {
    char *data = NULL;
    size_t n = 0;
    save(scratch_path(&s, "cut"), ARRAY_F16, NULL);
    file_read(&data, &n, s.path, 1 << 20, NULL);
    bool all = n > 0;
    for (size_t cut = 0; cut < n; cut++) {
        char *exact = malloc(cut + 1);
        safetensors *t = NULL;
        memcpy(exact, data, cut);
        all = all && safetensors_open_memory(&t, exact, cut, "cut", NULL) == BK_EFORMAT && !t;
        free(exact);
    }
    tap_ok(all, "%zu bytes cut at every one are refused", n);
    bk_error err = { 0 };
    safetensors *t = NULL;
    put((unsigned char *)data, UINT64_MAX, 8);
    tap_ok(safetensors_open_memory(&t, data, n, "x", &err) == BK_EFORMAT, "%s", err.text);
    put((unsigned char *)data, n - 7, 8);
    tap_ok(safetensors_open_memory(&t, data, n, "x", &err) == BK_EFORMAT, "%s", err.text);
    free(data);
}

int main(void) {
    scratch_open(&s);
    test_round();
    test_half_floats(ARRAY_F16);
    test_half_floats(ARRAY_BF16);
    test_same_bytes();
    test_headers();
    test_cut();
    scratch_close(&s);
    return tap_done();
}
