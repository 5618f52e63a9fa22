/* Writes PyTorch state dicts: the archive that torch.save(model.state_dict()) makes, a tensor a storage. */
#include <string.h>

#include "base/file.h"
#include "store/bytes.h"
#include "store/torch.h"
#include "store/torch_names.h"
#include "store/zip.h"

enum { STORAGE_ALIGNMENT = 64 };

/* ---- the pickle, protocol 2 ------------------------------------------------------------------------ */

static void op(text *t, unsigned char code) {
    text_add_n(t, (const char *)&code, 1);
}

static void op_number(text *t, unsigned char code, uint64_t x, int n) {
    unsigned char buf[9] = { code };
    put(buf + 1, x, n);
    text_add_n(t, (const char *)buf, (size_t)n + 1);
}

/* BININT1, BININT or LONG1, whichever is long enough for x < 2^63. */
static void add_int(text *t, uint64_t x) {
    if (x < 256)
        op_number(t, 'K', x, 1);
    else if (x <= INT32_MAX)
        op_number(t, 'J', x, 4);
    else {
        op_number(t, 0x8a, 8, 1);
        unsigned char buf[8];
        put(buf, x, 8);
        text_add_n(t, (const char *)buf, 8);
    }
}

static void add_string(text *t, const char *s) {
    size_t n = strlen(s);
    op_number(t, 'X', n, 4);
    text_add_n(t, s, n);
}

static void add_sizes(text *t, const size_t *x, int n) {
    op(t, '(');
    for (int i = 0; i < n; i++) add_int(t, x[i]);
    op(t, 't');
}

/* torch._utils._rebuild_tensor_v2(storage, 0, size, stride, False, OrderedDict()) */
static void add_tensor(text *t, const array *a, size_t key) {
    size_t stride[ARRAY_MAX_DIMS], step = 1;
    char number[24];
    for (int i = a->n_dims - 1; i >= 0; i--) {
        stride[i] = step;
        step *= a->shape[i] ? a->shape[i] : 1;
    }
    snprintf(number, sizeof number, "%zu", key);
    text_add(t, "ctorch._utils\n_rebuild_tensor_v2\n((");
    add_string(t, "storage");
    text_addf(t, "ctorch\n%s\n", torch_storage_name(a->type));
    add_string(t, number);
    add_string(t, "cpu");
    add_int(t, a->n);
    text_add(t, "tQ");
    add_int(t, 0);
    add_sizes(t, a->shape, a->n_dims);
    add_sizes(t, stride, a->n_dims);
    op(t, 0x89);
    text_add(t, "ccollections\nOrderedDict\n)RtR");
}

static void add_pickle(text *t, const array *arrays, size_t n) {
    text_add_n(t, "\x80\x02", 2);
    text_add(t, "ccollections\nOrderedDict\n)R(");
    for (size_t i = 0; i < n; i++) {
        add_string(t, arrays[i].name);
        add_tensor(t, &arrays[i], i);
    }
    text_add(t, "u.");
}

/* ---- the archive ----------------------------------------------------------------------------------- */

static int add_entry(zip_writer *w, const char *name, const void *data, size_t n, bk_error *err) {
    int rc = zip_begin(w, name, n, false, STORAGE_ALIGNMENT, err);
    if (rc == BK_OK) rc = zip_write(w, data, n, err);
    return rc == BK_OK ? zip_end(w, err) : rc;
}

static int write_archive(zip_writer *w, const text *pickled, const array *arrays, size_t n, const char *about,
                         bk_error *err) {
    int rc = add_entry(w, "archive/data.pkl", pickled->s, pickled->n, err);
    if (rc == BK_OK) rc = add_entry(w, "archive/byteorder", "little", 6, err);
    if (rc == BK_OK && about) rc = add_entry(w, "archive/" TORCH_ABOUT, about, strlen(about), err);
    for (size_t i = 0; rc == BK_OK && i < n; i++) {
        char name[40];
        snprintf(name, sizeof name, "archive/data/%zu", i);
        rc = add_entry(w, name, arrays[i].data, array_bytes(&arrays[i]), err);
    }
    if (rc == BK_OK) rc = add_entry(w, "archive/version", "3\n", 2, err);
    return rc == BK_OK ? zip_finish(w, err) : rc;
}

int torch_save(const char *path, const array *arrays, size_t n, const char *about, bk_error *err) {
    text pickled = { 0 };
    file_out o = { 0 };
    zip_writer *w = NULL;
    add_pickle(&pickled, arrays, n);
    int rc = text_ok(&pickled) ? file_out_open(&o, path, err) : bk_fail_memory(err, path);
    if (rc == BK_OK) rc = zip_writer_open(&w, o.to, path, err);
    if (rc == BK_OK) rc = write_archive(w, &pickled, arrays, n, about, err);
    if (rc == BK_OK) rc = file_commit(&o, err);
    zip_writer_close(&w);
    file_abandon(&o);
    text_close(&pickled);
    return rc;
}
