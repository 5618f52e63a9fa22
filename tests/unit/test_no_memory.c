/* store/ and base/ when memory runs out: each allocation of a task fails in turn, and the task must say so
 * (or do without), leave nothing behind and crash never. Linked with --wrap for the allocating functions. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "scratch.h"
#include "store/csv.h"
#include "store/json.h"
#include "store/labels.h"
#include "store/npy.h"
#include "store/npz.h"
#include "store/safetensors.h"
#include "store/torch.h"
#include "tap.h"

static scratch s;

/* The allocation that fails, counted from 0; < 0: none. */
static long fail_at = -1, n_allocations;

static bool fails(void) {
    return n_allocations++ == fail_at;
}

#define WRAP(result, name, parameters, arguments)                                                                    \
    result __real_##name parameters;                                                                                 \
    result __wrap_##name parameters;                                                                                 \
    result __wrap_##name parameters {                                                                                \
        return fails() ? NULL : __real_##name arguments;                                                             \
    }
WRAP(void *, malloc, (size_t n), (n))
WRAP(void *, calloc, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, (void *p, size_t n), (p, n))
WRAP(void *, aligned_alloc, (size_t to, size_t n), (to, n))
WRAP(char *, strdup, (const char *p), (p))
WRAP(char *, strndup, (const char *p, size_t n), (p, n))

static const float ramp[6] = { 0, 1, 2, 3, 4, 5 };

static int do_npz(bk_error *err) {
    const char *path = scratch_path(&s, "t.npz");
    const array a = array_of_floats("a", ramp, 2, (const size_t[]){ 2, 3 });
    npz_writer *w = NULL;
    npz *z = NULL;
    int rc = npz_create(&w, path, true, err);
    if (rc == BK_OK) rc = npz_add(w, &a, err);
    if (rc == BK_OK) rc = npz_commit(&w, err);
    npz_abandon(&w);
    if (rc == BK_OK) rc = npz_open(&z, path, err);
    npz_close(&z);
    return rc;
}

static int do_npy(bk_error *err) {
    const char *path = scratch_path(&s, "t.npy");
    array a = array_of_floats("a", ramp, 2, (const size_t[]){ 2, 3 });
    void *block = NULL;
    int rc = npy_save(path, &a, err);
    if (rc == BK_OK) rc = npy_load(&a, &block, path, err);
    free(block);
    return rc;
}

static int do_safetensors(bk_error *err) {
    const char *path = scratch_path(&s, "t.safetensors");
    const array a[] = { array_of_floats("a", ramp, 1, (const size_t[]){ 6 }), array_of_floats("b", ramp, 0, NULL) };
    const safetensors_pair meta = { "k", "v" };
    safetensors *t = NULL;
    int rc = safetensors_save(path, a, 2, &meta, 1, ARRAY_F16, err);
    if (rc == BK_OK) rc = safetensors_open(&t, path, err);
    safetensors_close(&t);
    return rc;
}

static int do_torch_save(bk_error *err) {
    const array a = array_of_floats("a", ramp, 2, (const size_t[]){ 2, 3 });
    return torch_save(scratch_path(&s, "t.pth"), &a, 1, NULL, err);
}

static int do_torch(bk_error *err) {
    torch_file *t = NULL;
    int rc = torch_open(&t, "tests/golden/store/state_dict.pth", err);
    if (rc == BK_OK && torch_count(t) != 5) rc = BK_EFORMAT;
    torch_close(&t);
    return rc;
}

static int do_json(bk_error *err) {
    static const char source[] = "{\"a\":[1,\"x\",{\"b\":null}]}";
    json_doc d = { 0 };
    int rc = json_parse(&d, source, sizeof source - 1, "x.json", err);
    json_close(&d);
    return rc;
}

static int do_labels(bk_error *err) {
    const char *path = scratch_path(&s, "labels.csv");
    const label row = { .file = "a,b.mkv", .end_us = 5000000 };
    labels l = { 0 };
    int rc = labels_save(path, &row, 1, err);
    if (rc == BK_OK) rc = labels_load(&l, path, err);
    if (rc == BK_OK && l.n != 1) rc = BK_EFORMAT;
    labels_close(&l);
    return rc;
}

static int do_folders(bk_error *err) {
    text t = { 0 };
    file_list l = { 0 };
    int rc = file_make_folders(scratch_path(&s, "x/y"), err);
    if (rc == BK_OK) rc = file_list_open(&l, s.folder, NULL, err);
    if (rc == BK_OK) rc = file_cache_path(&t, "x", err);
    file_list_close(&l);
    text_close(&t);
    return rc;
}

/* Temporary files that a failure left behind. */
static bool litter(void) {
    file_list l = { 0 };
    static const char *const endings[] = { ".tmp", NULL };
    bool some = file_list_open(&l, s.folder, endings, NULL) != BK_OK || l.n > 0;
    file_list_close(&l);
    return some;
}

static void run(const char *name, int (*task)(bk_error *err)) {
    bk_error err = { 0 };
    bool told = true, clean = true;
    long n = 0;
    for (;; n++) {
        fail_at = n;
        n_allocations = 0;
        int rc = task(&err);
        fail_at = -1;
        if (rc == BK_OK && n_allocations <= n) break;
        told = told && (rc == BK_ENOMEM || rc == BK_OK);
        clean = clean && !litter();
        if (!told || !clean || n > 10000) break;
    }
    tap_ok(told && clean && n > 0, "%s: each of %ld allocations fails, and it is told (%s)", name, n, err.text);
}

int main(void) {
    scratch_open(&s);
    setenv("XDG_CACHE_HOME", "/cache", 1);
    run("npz", do_npz);
    run("npy", do_npy);
    run("safetensors", do_safetensors);
    run("torch, written", do_torch_save);
    run("torch, read", do_torch);
    run("json", do_json);
    run("labels", do_labels);
    run("folders", do_folders);
    scratch_close(&s);
    return tap_done();
}
