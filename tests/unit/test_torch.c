/* store/torch and store/pickle: stored files of PyTorch, pickles made by hand, and the ways they can lie.
 * PyTorch itself is asked in tests/e2e/torch_interop.py. */
#include <string.h>

#include "base/file.h"
#include "scratch.h"
#include "store/pickle.h"
#include "store/torch.h"
#include "store/zip.h"
#include "tap.h"

#define GOLDEN "tests/golden/store/"

static scratch s;

/* Whether the array is the ramp 0, step, 2 * step ... of this shape. */
static bool is_ramp(const torch_file *t, const char *name, array_type type, int n_dims, const size_t *shape,
                    float step) {
    const array *a = torch_find(t, name);
    float x[64];
    if (!a || a->type != type || !array_is(a, n_dims, shape) || a->n > 64) return false;
    array_to_floats(x, a);
    for (size_t i = 0; i < a->n; i++)
        if (x[i] != (float)i * step) return false;
    return true;
}

static void test_state_dict(void) {
    bk_error err = { 0 };
    torch_file *t = NULL;
    const array *a = NULL;
    int64_t step = 0;
    float x[12];
    if (!tap_ok(torch_open(&t, GOLDEN "state_dict.pth", &err) == BK_OK, "a state dict of PyTorch's %s", err.text))
        return;
    tap_ok(torch_count(t) == 5 && !strcmp(torch_at(t, 1)->name, "nested.bias"), "arrays by name");
    tap_ok(is_ramp(t, "weight", ARRAY_F32, 2, (const size_t[]){ 3, 4 }, 1), "weight");
    tap_ok(is_ramp(t, "half", ARRAY_F16, 2, (const size_t[]){ 3, 4 }, 0.25f), "half");
    tap_ok(torch_need(&a, t, "step", &err) == BK_OK && a->n_dims == 0 && array_to_ints(&step, a) && step == 7,
           "a scalar");
    a = torch_find(t, "nested.bias");
    tap_ok(a && a->type == ARRAY_F64 && a->n == 2 && ((const double *)a->data)[1] == 1.0, "a dict in the dict");
    a = torch_find(t, "transposed");
    bool right = a && array_is(a, 2, (const size_t[]){ 4, 3 });
    if (right) array_to_floats(x, a);
    for (int i = 0; right && i < 12; i++) right = x[i] == (float)(i % 3 * 4 + i / 3);
    tap_ok(right, "strides are followed");
    tap_ok(torch_need(&a, t, "bias", &err) == BK_EFORMAT && strstr(err.text, "no tensor named bias"), "%s", err.text);
    torch_close(&t);
    torch_close(&t);
}

static void test_script(void) {
    bk_error err = { 0 };
    torch_file *t = NULL;
    if (!tap_ok(torch_open(&t, GOLDEN "script.pt", &err) == BK_OK, "a TorchScript archive %s", err.text)) return;
    tap_ok(torch_count(t) == 2 && is_ramp(t, "visual.weight", ARRAY_F16, 2, (const size_t[]){ 2, 3 }, 1),
           "visual.weight");
    const array *a = torch_find(t, "size");
    int64_t size = 0;
    tap_ok(a && array_to_ints(&size, a) && size == 224, "a buffer");
    torch_close(&t);
}

static void test_round(void) {
    static const float weight[6] = { 0, 1, 2, 3, 4, 5 };
    static const uint16_t half[2] = { 0, 0x3c00 };
    static const int64_t steps[3] = { 0, 1, 2 };
    static float wide[100000];
    bk_error err = { 0 };
    torch_file *t = NULL;
    const char *path = scratch_path(&s, "round.pth");
    const array arrays[] = {
        array_of_floats("z.weight", weight, 3, (const size_t[]){ 1, 2, 3 }),
        array_of("half", ARRAY_F16, half, 1, (const size_t[]){ 2 }),
        array_of("steps", ARRAY_I64, steps, 1, (const size_t[]){ 3 }),
        array_of_floats("none", NULL, 2, (const size_t[]){ 0, 4 }),
        array_of_floats("wide", wide, 1, (const size_t[]){ 100000 }),
        array_of_floats("scalar", weight, 0, NULL),
    };
    tap_ok(torch_save(path, arrays, 6, NULL, &err) == BK_OK && torch_open(&t, path, &err) == BK_OK && torch_count(t) == 6,
           "saved and opened %s", err.text);
    if (!t) return;
    tap_ok(is_ramp(t, "z.weight", ARRAY_F32, 3, (const size_t[]){ 1, 2, 3 }, 1) &&
               is_ramp(t, "half", ARRAY_F16, 1, (const size_t[]){ 2 }, 1) &&
               is_ramp(t, "steps", ARRAY_I64, 1, (const size_t[]){ 3 }, 1) &&
               is_ramp(t, "scalar", ARRAY_F32, 0, NULL, 1),
           "the same arrays");
    const array *a = torch_find(t, "wide");
    tap_ok(a && a->n == 100000 && (uintptr_t)a->data % 64 == 0, "storages are aligned");
    a = torch_find(t, "none");
    tap_ok(a && a->n == 0 && array_is(a, 2, (const size_t[]){ 0, 4 }), "an empty array");
    torch_close(&t);
}

/* An archive round a pickle, with one storage "0" of six floats, in memory; freed by the caller. */
static char *make_archive(const char *pickled, size_t n, bool packed, size_t *size) {
    static const float ramp[6] = { 0, 1, 2, 3, 4, 5 };
    const char *path = scratch_path(&s, "made.pth");
    file_out o = { 0 };
    zip_writer *w = NULL;
    char *data = NULL;
    file_out_open(&o, path, NULL);
    zip_writer_open(&w, o.to, path, NULL);
    zip_add(w, "x/data.pkl", pickled, n, packed, NULL);
    zip_add(w, "x/data/0", ramp, sizeof ramp, packed, NULL);
    zip_finish(w, NULL);
    zip_writer_close(&w);
    file_commit(&o, NULL);
    file_read(&data, size, path, 1 << 20, NULL);
    return data;
}

static int open_made(torch_file **t, char **data, const char *pickled, size_t n, bk_error *err) {
    size_t size = 0;
    *data = make_archive(pickled, n, false, &size);
    return torch_open_memory(t, *data, size, "x.pth", err);
}

#define DICT "\x80\x02}("
#define STORAGE(type, key, numel)                                                                                    \
    "(U\x07storagectorch\n" type "\nU\x01" key "U\x03"                                                               \
    "cpuK" numel "tQ"
#define SIX STORAGE("FloatStorage", "0", "\x06")
#define TENSOR(storage, offset, shape, stride)                                                                       \
    "U\x01"                                                                                                          \
    "actorch._utils\n_rebuild_tensor_v2\n(" storage "K" offset shape stride "\x89NtR"
#define GOOD TENSOR(SIX, "\x00", "K\x02K\x03\x86", "K\x03K\x01\x86")

static void test_made(void) {
    static const struct {
        const char *pickled;
        size_t n;
        const char *sentence; /* NULL: accepted */
    } rows[] = {
#define ROW(p, sentence) { p, sizeof(p) - 1, sentence }
        ROW(DICT GOOD "u.", NULL),
        ROW("\x80\x02"
            "ccollections\nOrderedDict\n)R(" GOOD "u.",
            NULL),
        ROW("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00}\x94(" GOOD "u.", NULL),
        ROW(DICT GOOD "U\x01"
                      "bJ\xff\xff\xff\xffU\x01"
                      "cG@\x00\x00\x00\x00\x00\x00\x00u.",
            NULL),
        ROW(DICT TENSOR(SIX, "\x05", "K\x01\x85", "K\x09\x85") "u.", NULL),
        ROW(DICT TENSOR(STORAGE("FloatStorage", "9", "\x06"), "\x00", "K\x00\x85", "K\x01\x85") "u.", NULL),
        ROW(DICT TENSOR(STORAGE("FloatStorage", "9", "\x06"), "\x00", "K\x01\x85", "K\x01\x85") "u.",
            "storage is not in the file"),
        ROW(DICT TENSOR(STORAGE("FloatStorage", "0", "\x07"), "\x00", "K\x01\x85", "K\x01\x85") "u.",
            "a storage of 7 F32, entry x/data/0 has 24 bytes"),
        ROW(DICT TENSOR(STORAGE("DoubleStorage", "0", "\x06"), "\x00", "K\x01\x85", "K\x01\x85") "u.",
            "a storage of 6 F64"),
        ROW(DICT TENSOR(SIX, "\x06", "K\x01\x85", "K\x01\x85") "u.", "reaches beyond"),
        ROW(DICT TENSOR(SIX, "\x01", "K\x02K\x03\x86", "K\x03K\x01\x86") "u.", "reaches beyond"),
        ROW(DICT TENSOR(SIX, "\x00", "K\x02K\x03\x86", "K\x04K\x01\x86") "u.", "reaches beyond"),
        ROW(DICT TENSOR(SIX, "\x00", "K\x07\x85", "K\x00\x85") "u.", "repeats parts"),
        ROW(DICT TENSOR(SIX, "\x00", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85", "K\x01\x85") "u.",
            "reaches beyond"),
        ROW(DICT TENSOR(SIX, "\x00", "\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x40K\x08\x86", "K\x00K\x00\x86") "u.",
            "reaches beyond"),
        ROW(DICT TENSOR(SIX, "\x00", "K\x02\x85", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85") "u.",
            "reaches beyond"),
        ROW(DICT TENSOR(SIX, "\x00", "J\xff\xff\xff\xff\x85", "K\x01\x85") "u.", "no number or negative"),
        ROW(DICT TENSOR(SIX, "\x00", "K\x01\x85", "J\xff\xff\xff\xff\x85") "u.", "no number or negative"),
        ROW(DICT TENSOR(SIX, "\x00", "K\x01\x85", ")") "u.", "do not match"),
        ROW(DICT TENSOR("N", "\x00", "K\x01\x85", "K\x01\x85") "u.", "no storage"),
        ROW(DICT TENSOR(STORAGE("ComplexFloatStorage", "0", "\x03"), "\x00", "K\x01\x85", "K\x01\x85") "u.",
            "asks for torch.ComplexFloatStorage"),
        ROW(DICT "U\x01"
                 "actorch._utils\n_rebuild_tensor_v2\n)Ru.",
            "no storage"),
        ROW(DICT GOOD GOOD "u.", "two tensors are named a"),
        ROW(DICT "U\x01"
                 "aK\x01u.",
            "no tensors"),
        ROW("\x80\x02"
            "cos\nsystem\nU\x01"
            "a\x85R.",
            "asks for os.system"),
        ROW("\x80\x02"
            "cbuiltins\n\x1b[31meval\nU\x01"
            "a\x85R.",
            "asks for builtins.?[31meval"),
        ROW("\x80\x04\x8c\x02os\x8c\x06system\x93.", "asks for os.system"),
        ROW("\x80\x02"
            "c__torch__\nx\n.",
            "no tensors"),
        ROW("\x80\x02iposix\nsystem\n.", "instruction 0x69"),
        ROW("\x80\x01.", "unknown protocol"),
        ROW("\x80\x02", "ends too early"),
        ROW("\x80\x02.", "more or less than one value"),
        ROW("\x80\x02NN.", "more or less than one value"),
        ROW("\x80\x02(N.", "more or less than one value"),
        ROW("\x80\x02Nh\x05.", "never set"),
        ROW("\x80\x02q\x00.", "memo out of range"),
        ROW("\x80\x02Nr\xff\xff\xff\x7f.", "memo out of range"),
        ROW("\x80\x02X\xff\xff\xff\xff.", "beyond its end"),
        ROW("\x80\x02U\x01\x00.", "zero byte"),
        ROW("\x80\x02\x8a\x09"
            "123456789.",
            "more than 64 bits"),
        ROW("\x80\x02NNs.", "nothing to add to"),
        ROW("\x80\x02NNNs.", "takes none"),
        ROW("\x80\x02}(Nu.", "takes none"),
        ROW("\x80\x02]a.", "nothing to add to"),
        ROW("\x80\x02](aa.", "nothing to add to"),
        ROW("\x80\x02t.", "no mark"),
        ROW("\x80\x02N\x87.", "not there"),
        ROW("\x80\x02N)R.", "no global"),
        ROW("\x80\x02Nb.", "a state for what has none"),
        ROW("\x80\x02Q.", "not there"),
        ROW("\x80\x02"
            "ctorch",
            "without a name"),
        ROW("\x80\x02\x93.", "without a name"),
        ROW("\x80\x02]2a.", "too deep or too large"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bk_error err = { 0 };
        torch_file *t = NULL;
        char *data = NULL;
        int rc = open_made(&t, &data, rows[i].pickled, rows[i].n, &err);
        tap_ok(rows[i].sentence ? rc == BK_EFORMAT && !t && strstr(err.text, rows[i].sentence) : rc == BK_OK,
               "pickle %zu: %s", i, rc == BK_OK ? "accepted" : err.text);
        torch_close(&t);
        free(data);
    }
}

static void test_packed(void) {
    bk_error err = { 0 };
    torch_file *t = NULL;
    size_t size = 0;
    char *data = make_archive(DICT GOOD "u.", sizeof(DICT GOOD "u.") - 1, true, &size);
    tap_ok(torch_open_memory(&t, data, size, "x.pth", &err) == BK_OK &&
               is_ramp(t, "a", ARRAY_F32, 2, (const size_t[]){ 2, 3 }, 1),
           "a packed archive %s", err.text);
    torch_close(&t);
    free(data);
}

/* Each list holds the one before it twenty times: a few bytes that unfold into 20^20 values. */
static void test_bomb(void) {
    text p = { 0 };
    bk_error err = { 0 };
    torch_file *t = NULL;
    char *data = NULL;
    text_add_n(&p, "\x80\x02Nq\x00", 5);
    for (char level = 0; level < 20; level++) {
        text_add(&p, "0](");
        for (int i = 0; i < 20; i++) {
            const char get[2] = { 'h', level };
            text_add_n(&p, get, 2);
        }
        const char put[3] = { 'e', 'q', (char)(level + 1) };
        text_add_n(&p, put, 3);
    }
    text_add(&p, ".");
    tap_ok(open_made(&t, &data, p.s, p.n, &err) == BK_EFORMAT && strstr(err.text, "too large"), "%s", err.text);
    free(data);
    text_close(&p);
}

static bool allow_all(const char *global) {
    return true;
}

static void test_cut(void) {
    static const char whole[] = DICT GOOD "u.";
    bool all = true;
    for (size_t cut = 0; cut < sizeof whole - 1; cut++) {
        arena memory = { 0 };
        const pickle *root = NULL;
        char *exact = malloc(cut + 1);
        memcpy(exact, whole, cut);
        all = all && pickle_read(&root, &memory, exact, cut, allow_all, "cut", NULL) == BK_EFORMAT && !root;
        free(exact);
        arena_close(&memory);
    }
    tap_ok(all, "a pickle cut at every byte is refused");
    char *data = NULL;
    size_t n = 0;
    file_read(&data, &n, GOLDEN "state_dict.pth", 1 << 20, NULL);
    for (size_t cut = 0; cut < n; cut++) {
        char *exact = malloc(cut + 1);
        torch_file *t = NULL;
        memcpy(exact, data, cut);
        all = all && torch_open_memory(&t, exact, cut, "cut", NULL) == BK_EFORMAT && !t;
        free(exact);
    }
    tap_ok(all && n > 1000, "a file of %zu bytes cut at every one is refused", n);
    free(data);
}

int main(void) {
    scratch_open(&s);
    test_state_dict();
    test_script();
    test_round();
    test_made();
    test_packed();
    test_bomb();
    test_cut();
    scratch_close(&s);
    return tap_done();
}
