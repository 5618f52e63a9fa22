/* store/npy and store/npz: arrays survive the way to disk; headers that lie are refused. NumPy itself is
 * asked in tests/e2e/numpy_interop.py. */
#include <string.h>

#include "base/file.h"
#include "scratch.h"
#include "store/npy.h"
#include "store/npz.h"
#include "store/zip.h"
#include "tap.h"

static scratch s;

static void test_types(void) {
    static const array_type kinds[] = { ARRAY_F16, ARRAY_F32, ARRAY_F64, ARRAY_BOOL, ARRAY_U8,
                                        ARRAY_I8,  ARRAY_I16, ARRAY_I32, ARRAY_I64 };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        unsigned char raw[6 * 8];
        for (size_t i = 0; i < sizeof raw; i++) raw[i] = (unsigned char)(i * 37);
        array a = array_of("x", kinds[k], raw, 2, (const size_t[]){ 3, 2 }), b = { 0 };
        void *block = NULL;
        bk_error err = { 0 };
        const char *path = scratch_path(&s, "t.npy");
        bool ok = npy_save(path, &a, &err) == BK_OK && npy_load(&b, &block, path, &err) == BK_OK;
        tap_ok(ok && b.type == a.type && array_is(&b, 2, a.shape) && !memcmp(b.data, raw, array_bytes(&a)),
               "%s to disk and back %s", array_type_name(a.type), err.text);
        free(block);
    }
    bk_error err = { 0 };
    array a = array_of("x", ARRAY_BF16, "", 1, (const size_t[]){ 0 });
    tap_ok(npy_save(scratch_path(&s, "t.npy"), &a, &err) == BK_EINVAL, "%s", err.text);
}

static void test_conversions(void) {
    const int64_t wide[2] = { -5, 1LL << 40 };
    const double doubles[3] = { 1.5, 2.0, -3.0 };
    float f[3];
    int64_t n[3];
    array a = array_of("x", ARRAY_I64, wide, 1, (const size_t[]){ 2 });
    array_to_floats(f, &a);
    tap_ok(f[0] == -5.0f && f[1] == 0x1p40f && array_to_ints(n, &a) && n[1] == wide[1], "integers");
    a = array_of("x", ARRAY_F64, doubles, 1, (const size_t[]){ 3 });
    array_to_floats(f, &a);
    tap_ok(f[0] == 1.5f && f[2] == -3.0f && !array_to_ints(n, &a), "doubles; 1.5 is not whole");
    a = array_of("x", ARRAY_F64, doubles + 1, 1, (const size_t[]){ 2 });
    tap_ok(array_to_ints(n, &a) && n[0] == 2 && n[1] == -3, "whole doubles");
    uint16_t h[3];
    array_from_floats(h, ARRAY_F16, f, 3);
    unsigned char odd[7];
    memcpy(odd + 1, h, 6);
    a = array_of("x", ARRAY_F16, odd + 1, 1, (const size_t[]){ 3 });
    float g[3] = { 0 };
    array_to_floats(g, &a);
    tap_ok(!memcmp(f, g, sizeof f), "halves at an odd address");
    const uint16_t brain[2] = { 0x3f80, 0xc040 };
    a = array_of("x", ARRAY_BF16, brain, 1, (const size_t[]){ 2 });
    array_to_floats(g, &a);
    tap_ok(g[0] == 1.0f && g[1] == -3.0f, "bfloat16");
}

/* A .npy file of version 1 with this dictionary and n data bytes. */
static size_t make_npy(char *buf, const char *dict, size_t n_data) {
    size_t n = strlen(dict);
    memcpy(buf, "\x93NUMPY\x01\x00", 8);
    buf[8] = (char)n;
    buf[9] = (char)(n >> 8);
    memcpy(buf + 10, dict, n);
    memset(buf + 10 + n, 1, n_data);
    return 10 + n + n_data;
}

static void test_headers(void) {
    static const struct {
        const char *dict;
        size_t n;
        const char *sentence; /* NULL: accepted */
    } rows[] = {
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24, NULL },
        { "{\"shape\":(6,),\"descr\":\"<f4\",\"fortran_order\":False}", 24, NULL },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4, NULL },
        { "{'descr': '|u1', 'fortran_order': True, 'shape': (3L,), }", 3, NULL },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9), }", 0, NULL },
        { "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", 24, "Fortran order" },
        { "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", 24, "big-endian" },
        { "{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }", 24, "type <c8" },
        { "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", 24, "type |O" },
        { "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }", 24, "no plain number type" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }", 24, "says [2, 4] x 4 bytes, file has 24" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }", 24, "file has 24" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", 0, "4611686018427387904" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,), }", 0, "2305843009213693952" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,), }", 24, "no list of sizes" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 24, "no list of sizes" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,6), }", 24, "8 dimensions" },
        { "{'descr': '<f4', 'fortran_order': False, }", 24, "a key is missing" },
        { "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", 24, "repeated key" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'more': 1 }", 24, "unknown or repeated" },
        { "{'descr': '<f4', 'fortran_order': 0, 'shape': (6,), }", 24, "neither True nor False" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), } x", 24, "a rest" },
        { "{'descr': '<f4' 'fortran_order': False, 'shape': (6,), }", 24, "no dictionary" },
        { "{'descr': '<f4", 24, "no plain number type" },
        { "", 24, "no dictionary" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char buf[512];
        bk_error err = { 0 };
        array a;
        size_t n = make_npy(buf, rows[i].dict, rows[i].n);
        char *exact = malloc(n);
        memcpy(exact, buf, n);
        int rc = npy_parse(&a, exact, n, "x.npy", &err);
        tap_ok(rows[i].sentence ? rc == BK_EFORMAT && strstr(err.text, rows[i].sentence) : rc == BK_OK, "%.70s -> %s",
               rows[i].dict, rc == BK_OK ? "accepted" : err.text);
        free(exact);
    }
}

static void test_versions(void) {
    char buf[256];
    bk_error err = { 0 };
    array a;
    size_t n = make_npy(buf, "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", 8);
    memmove(buf + 12, buf + 10, n - 10);
    buf[10] = buf[11] = 0;
    for (char v = 2; v <= 3; v++) {
        buf[6] = v;
        tap_ok(npy_parse(&a, buf, n + 2, "x.npy", &err) == BK_OK && a.type == ARRAY_I32 && a.n == 2,
               "version %d.0 %s", v, err.text);
    }
    buf[6] = 4;
    tap_ok(npy_parse(&a, buf, n + 2, "x.npy", &err) == BK_EFORMAT && strstr(err.text, "version 4.0"), "%s", err.text);
    bool all = true;
    make_npy(buf, "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", 8);
    for (size_t cut = 0; cut < n; cut++) {
        char *exact = malloc(cut + 1);
        memcpy(exact, buf, cut);
        all = all && npy_parse(&a, exact, cut, "x.npy", &err) == BK_EFORMAT;
        free(exact);
    }
    tap_ok(all, "cut at every byte, it is refused");
}

static float windows[3 * 60 * 512];
static const int64_t starts[3] = { 0, 60, 120 };

static bool write_track(const char *path, bool deflate, bk_error *err) {
    npz_writer *w = NULL;
    const array x = array_of_floats("windows", windows, 3, (const size_t[]){ 3, 60, 512 });
    const array i = array_of("start_indices", ARRAY_I64, starts, 1, (const size_t[]){ 3 });
    return npz_create(&w, path, deflate, err) == BK_OK && npz_add(w, &x, err) == BK_OK &&
           npz_add(w, &i, err) == BK_OK && npz_commit(&w, err) == BK_OK && !w;
}

static void test_track(bool deflate) {
    bk_error err = { 0 };
    npz *z = NULL;
    const array *a = NULL;
    int64_t got[3];
    const char *path = scratch_path(&s, "track.npz"), *how = deflate ? "deflated" : "stored";
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) windows[i] = sinf((float)i);
    tap_ok(write_track(path, deflate, &err) && npz_open(&z, path, &err) == BK_OK && npz_count(z) == 2,
           "a %s track %s", how, err.text);
    tap_ok(npz_need(&a, z, "windows", &err) == BK_OK && a->type == ARRAY_F32 &&
               array_is(a, 3, (const size_t[]){ 0, 60, 512 }) && !memcmp(a->data, windows, sizeof windows) &&
               (uintptr_t)a->data % 64 == 0,
           "%s windows", how);
    tap_ok(npz_need(&a, z, "start_indices", &err) == BK_OK && array_to_ints(got, a) && got[2] == 120,
           "%s start_indices", how);
    tap_ok(npz_need(&a, z, "embeddings", &err) == BK_EFORMAT && strstr(err.text, "no array named embeddings"), "%s",
           err.text);
    npz_close(&z);
    npz_close(&z);
}

/* Files that NumPy 1.24 made; tests/golden/store/make.py says how. */
static void test_golden(void) {
    bk_error err = { 0 };
    npz *z = NULL;
    const array *a = NULL;
    float x[60 * 512];
    int64_t start = -1;
    bool ok = npz_open(&z, "tests/golden/store/track.npz", &err) == BK_OK &&
              npz_need(&a, z, "windows", &err) == BK_OK && array_is(a, 3, (const size_t[]){ 1, 60, 512 });
    if (ok) array_to_floats(x, a);
    for (int i = 0; ok && i < 60 * 512; i++) ok = x[i] == (float)(i % 100);
    tap_ok(ok, "a track of np.savez_compressed %s", err.text);
    tap_ok(ok && npz_need(&a, z, "start_indices", &err) == BK_OK && array_to_ints(&start, a) && start == 0,
           "its starts");
    npz_close(&z);
    ok = npz_open(&z, "tests/golden/store/stored.npz", &err) == BK_OK && npz_need(&a, z, "half", &err) == BK_OK &&
         a->n == 5;
    if (ok) array_to_floats(x, a);
    tap_ok(ok && a->type == ARRAY_F16 && x[3] == 1.5f && npz_find(z, "flags")->type == ARRAY_BOOL, "np.savez %s",
           err.text);
    npz_close(&z);
}

static void test_abandon(void) {
    bk_error err = { 0 };
    npz_writer *w = NULL;
    char path[1024];
    snprintf(path, sizeof path, "%s", scratch_path(&s, "kept.npz"));
    file_save(path, "precious", 8, NULL);
    const array x = array_of_floats("x", windows, 1, (const size_t[]){ 100 });
    tap_ok(npz_create(&w, path, true, &err) == BK_OK && npz_add(w, &x, &err) == BK_OK, "a file is begun");
    npz_abandon(&w);
    npz_abandon(&w);
    file_id id;
    tap_ok(file_identify(&id, path, &err) == BK_OK && id.size == 8, "and given up: the old one stands");
    tap_ok(npz_create(&w, scratch_path(&s, "no/x.npz"), true, &err) == BK_EIO && !w, "%s", err.text);
}

static void test_cut(void) {
    const char *path = scratch_path(&s, "tiny.npz");
    npz_writer *w = NULL;
    const array x = array_of_floats("x", windows, 1, (const size_t[]){ 2 });
    npz_create(&w, path, true, NULL);
    npz_add(w, &x, NULL);
    npz_commit(&w, NULL);
    char *data = NULL;
    size_t n = 0;
    file_read(&data, &n, path, 1 << 20, NULL);
    bool all = n > 0;
    for (size_t cut = 0; cut < n; cut++) {
        char *exact = malloc(cut + 1);
        npz *z = NULL;
        memcpy(exact, data, cut);
        all = all && npz_open_memory(&z, exact, cut, "cut", NULL) == BK_EFORMAT && !z;
        free(exact);
    }
    tap_ok(all, "an archive of %zu bytes cut at every one is refused", n);
    free(data);
}

int main(void) {
    scratch_open(&s);
    test_types();
    test_conversions();
    test_headers();
    test_versions();
    test_track(false);
    test_track(true);
    test_golden();
    test_abandon();
    test_cut();
    scratch_close(&s);
    return tap_done();
}
