/* NumPy's .npz: arrays of npy.c in archives of zip.h. */
#include "store/npz.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/npy.h"
#include "store/zip.h"

/* ---- reading --------------------------------------------------------------------------------------- */

struct npz {
    char *path;
    array *arrays;
    char **names;
    void **blocks; /* one an array */
    size_t n;
};

/* Unpacks one entry and makes it array z->n. */
static int read_entry(npz *z, const zip *archive, const zip_entry *e, const char *path, bk_error *err) {
    text label = { 0 };
    size_t stem = strlen(e->name) - 4, i = z->n++;
    text_addf(&label, "%s: %s", path, e->name);
    z->names[i] = strndup(e->name, stem);
    char *block = z->blocks[i] = bk_alloc(e->size, 1);
    int rc = block && z->names[i] && text_ok(&label) ? BK_OK : bk_fail_memory(err, e->name);
    if (rc == BK_OK) rc = zip_read(archive, e, block, err);
    if (rc == BK_OK) rc = npy_parse(&z->arrays[i], block, e->size, label.s, err);
    if (rc == BK_OK) {
        array *a = &z->arrays[i];
        memmove(block, a->data, array_bytes(a)); /* over the header, for the alignment */
        a->data = block;
        a->name = z->names[i];
    }
    text_close(&label);
    return rc;
}

static int read_entries(npz *z, const zip *archive, const char *path, bk_error *err) {
    size_t n = zip_count(archive);
    z->path = strdup(path);
    z->arrays = bk_zeros(n, sizeof *z->arrays);
    z->names = bk_zeros(n, sizeof *z->names);
    z->blocks = bk_zeros(n, sizeof *z->blocks);
    if (!z->path || !z->arrays || !z->names || !z->blocks) return bk_fail_memory(err, path);
    for (size_t i = 0; i < n; i++) {
        const zip_entry *e = zip_at(archive, i);
        size_t len = strlen(e->name);
        if (len < 4 || strcmp(e->name + len - 4, ".npy") != 0) continue;
        int rc = read_entry(z, archive, e, path, err);
        if (rc != BK_OK) return rc;
    }
    return BK_OK;
}

int npz_open_memory(npz **out, const void *data, size_t size, const char *name, bk_error *err) {
    zip *archive = NULL;
    int rc = zip_open(&archive, data, size, name, 0, err);
    if (rc != BK_OK) return rc;
    npz *z = bk_zeros(1, sizeof *z);
    rc = z ? read_entries(z, archive, name, err) : bk_fail_memory(err, name);
    if (rc == BK_OK)
        *out = z;
    else
        npz_close(&z);
    zip_close(&archive);
    return rc;
}

int npz_open(npz **out, const char *path, bk_error *err) {
    file_view view;
    int rc = file_map(&view, path, err);
    if (rc != BK_OK) return rc;
    rc = npz_open_memory(out, view.data, view.size, path, err);
    file_unmap(&view);
    return rc;
}

void npz_close(npz **zp) {
    npz *z = *zp;
    if (!z) return;
    for (size_t i = 0; i < z->n; i++) {
        free(z->names[i]);
        free(z->blocks[i]);
    }
    free(z->blocks);
    free(z->names);
    free(z->arrays);
    free(z->path);
    free(z);
    *zp = NULL;
}

size_t npz_count(const npz *z) {
    return z->n;
}

const array *npz_at(const npz *z, size_t i) {
    return &z->arrays[i];
}

const array *npz_find(const npz *z, const char *name) {
    for (size_t i = 0; i < z->n; i++)
        if (strcmp(z->names[i], name) == 0) return &z->arrays[i];
    return NULL;
}

int npz_need(const array **out, const npz *z, const char *name, bk_error *err) {
    const array *a = npz_find(z, name);
    if (!a) return bk_fail(err, BK_EFORMAT, "%s: no array named %s", z->path, name);
    *out = a;
    return BK_OK;
}

/* ---- writing --------------------------------------------------------------------------------------- */

struct npz_writer {
    file_out file;
    zip_writer *archive;
    bool deflate;
};

int npz_create(npz_writer **out, const char *path, bool deflate, bk_error *err) {
    npz_writer *w = bk_zeros(1, sizeof *w);
    if (!w) return bk_fail_memory(err, path);
    w->deflate = deflate;
    int rc = file_out_open(&w->file, path, err);
    if (rc == BK_OK) rc = zip_writer_open(&w->archive, w->file.to, path, err);
    if (rc == BK_OK)
        *out = w;
    else
        npz_abandon(&w);
    return rc;
}

int npz_add(npz_writer *w, const array *a, bk_error *err) {
    text head = { 0 }, name = { 0 };
    size_t total = 0;
    text_addf(&name, "%s.npy", a->name);
    int rc = npy_add_header(&head, a, err);
    if (rc == BK_OK && (!text_ok(&name) || !bk_size_add(&total, head.n, array_bytes(a))))
        rc = bk_fail_memory(err, a->name);
    if (rc == BK_OK) rc = zip_begin(w->archive, name.s, total, w->deflate, 0, err);
    if (rc == BK_OK) rc = zip_write(w->archive, head.s, head.n, err);
    if (rc == BK_OK) rc = zip_write(w->archive, a->data, array_bytes(a), err);
    if (rc == BK_OK) rc = zip_end(w->archive, err);
    text_close(&name);
    text_close(&head);
    return rc;
}

int npz_commit(npz_writer **w, bk_error *err) {
    int rc = zip_finish((*w)->archive, err);
    if (rc == BK_OK) rc = file_commit(&(*w)->file, err);
    npz_abandon(w);
    return rc;
}

void npz_abandon(npz_writer **wp) {
    npz_writer *w = *wp;
    if (!w) return;
    zip_writer_close(&w->archive);
    file_abandon(&w->file);
    free(w);
    *wp = NULL;
}
