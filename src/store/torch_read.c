/* PyTorch files to named arrays: the zip, its pickle, and the few calls that make tensors. Writing is in
 * torch_write.c. Storages stay where they are in the file; only strided tensors are copied. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/arena.h"
#include "store/pickle.h"
#include "store/torch.h"
#include "store/torch_names.h"
#include "store/zip.h"

/* A pickle may share branches, so that a small one unfolds into an endless tree. */
enum { DEPTH_MAX = 64, VISITS_MAX = 1 << 20, RANK_MAX = ARRAY_MAX_DIMS, NAME_MAX_BYTES = 1024, ABOUT_MAX = 1 << 20 };

struct torch_file {
    file_view map; /* of torch_open() */
    size_t size;
    char *name;
    zip *archive;
    const void **storages; /* one an entry of the archive; NULL until it is asked for */
    arena memory;          /* names, pickle, unpacked and copied storages */
    array *arrays;         /* by name */
    size_t n, cap;
    size_t copied; /* bytes of strided copies so far */
    size_t visits;
    bool is_script;
    const char *about; /* text of TORCH_ABOUT; NULL when there is none */
    char *prefix; /* of the entries: "archive/" */
    text path;    /* keys from the root to where the walk is */
};

/* A tensor before its data is known to exist. */
typedef struct tensor {
    const char *key; /* of its storage */
    array a;
    size_t numel; /* of the storage */
    size_t offset, stride[RANK_MAX];
} tensor;

static int bad(const torch_file *t, bk_error *err, const char *what) {
    return bk_fail(err, BK_EFORMAT, "%s: tensor %.80s: %s", t->name, text_str(&t->path), what);
}

/* ---- storages -------------------------------------------------------------------------------------- */

static int unpack(torch_file *t, const zip_entry *e, const void **out, bk_error *err) {
    if (!e->deflated) {
        *out = zip_stored(t->archive, e);
        return zip_check(t->archive, e, err);
    }
    void *p = arena_take(&t->memory, e->size);
    if (!p) return bk_fail_memory(err, t->name);
    *out = p;
    return zip_read(t->archive, e, p, err);
}

/* The entry PREFIX + folder + name; NULL when there is none. */
static int find_entry(const torch_file *t, const char *folder, const char *name, const zip_entry **out,
                      bk_error *err) {
    text entry = { 0 };
    text_addf(&entry, "%s%s%s", t->prefix, folder, name);
    bool ok = text_ok(&entry);
    if (ok) *out = zip_find(t->archive, text_str(&entry));
    text_close(&entry);
    return ok ? BK_OK : bk_fail_memory(err, t->name);
}

/* The bytes of PREFIX/data/KEY, checked once. */
static int find_storage(torch_file *t, const tensor *x, const void **out, bk_error *err) {
    const zip_entry *e = NULL;
    int rc = find_entry(t, "data/", x->key, &e, err);
    if (rc != BK_OK) return rc;
    if (!e) return bad(t, err, "its storage is not in the file");
    size_t need;
    if (!bk_size_mul(&need, x->numel, array_type_size(x->a.type)) || need != e->size)
        return bk_fail(err, BK_EFORMAT, "%s: tensor %.80s: a storage of %zu %s, entry %.40s has %zu bytes", t->name,
                       text_str(&t->path), x->numel, array_type_name(x->a.type), e->name, e->size);
    const void **known = &t->storages[e - zip_at(t->archive, 0)];
    if (!*known) rc = unpack(t, e, known, err);
    *out = *known;
    return rc;
}

/* ---- tensors --------------------------------------------------------------------------------------- */

/* ("storage", torch.FloatStorage, key, device, numel), the id of a storage. */
static int read_storage_id(const torch_file *t, tensor *x, const pickle *v, bk_error *err) {
    const pickle *id = v && v->kind == PICKLE_PERSISTENT ? v->argument : NULL, *type = pickle_item(id, 1);
    const char *kind = pickle_text(pickle_item(id, 0));
    int64_t numel;
    x->key = pickle_text(pickle_item(id, 2));
    if (!kind || strcmp(kind, "storage") != 0 || !x->key || !pickle_int(pickle_item(id, 4), 0, INT64_MAX, &numel))
        return bad(t, err, "no storage");
    if (!type || type->kind != PICKLE_GLOBAL || !torch_storage_type(type->u.text, &x->a.type))
        return bad(t, err, "an unknown type of storage");
    x->numel = (size_t)numel;
    return BK_OK;
}

/* _rebuild_tensor_v2(storage, offset, size, stride, ...) */
static int read_arguments(const torch_file *t, tensor *x, const pickle *args, bk_error *err) {
    const pickle *shape = pickle_item(args, 2), *stride = pickle_item(args, 3);
    int64_t offset, size, step;
    int rc = read_storage_id(t, x, pickle_item(args, 0), err);
    if (rc != BK_OK) return rc;
    if (!pickle_int(pickle_item(args, 1), 0, INT64_MAX, &offset)) return bad(t, err, "no offset");
    if (!shape || !stride || shape->kind != PICKLE_TUPLE || stride->kind != PICKLE_TUPLE || shape->n != stride->n)
        return bad(t, err, "its shape and strides do not match");
    if (shape->n > RANK_MAX) return bad(t, err, "more than 8 dimensions");
    x->offset = (size_t)offset;
    x->a.n_dims = (int)shape->n;
    for (size_t i = 0; i < shape->n; i++) {
        if (!pickle_int(shape->items[i], 0, INT64_MAX, &size) || !pickle_int(stride->items[i], 0, INT64_MAX, &step))
            return bad(t, err, "a size or stride that is no number or negative");
        x->a.shape[i] = (size_t)size;
        x->stride[i] = (size_t)step;
    }
    return BK_OK;
}

/* Whether the last element lies in the storage too, and no element is read from twice over. */
static bool fits(const tensor *x) {
    size_t last = x->offset, reach;
    if (x->a.n == 0) return true;
    for (int i = 0; i < x->a.n_dims; i++)
        if (!bk_size_mul(&reach, x->a.shape[i] - 1, x->stride[i]) || !bk_size_add(&last, last, reach)) return false;
    return last < x->numel && x->a.n <= x->numel;
}

static bool contiguous(const tensor *x) {
    size_t want = 1;
    for (int i = x->a.n_dims - 1; i >= 0; i--) {
        if (x->a.shape[i] != 1 && x->stride[i] != want) return false;
        want *= x->a.shape[i];
    }
    return true;
}

/* Elements in C order to dst: counts through the shape like an odometer. */
static void copy_strided(unsigned char *dst, const unsigned char *src, const tensor *x, size_t size) {
    size_t at[RANK_MAX] = { 0 }, from = 0;
    for (size_t i = 0; i < x->a.n; i++, dst += size) {
        memcpy(dst, src + from * size, size);
        for (int d = x->a.n_dims - 1; d >= 0; d--) {
            from += x->stride[d];
            if (++at[d] < x->a.shape[d]) break;
            from -= at[d] * x->stride[d];
            at[d] = 0;
        }
    }
}

/* Sets x->a.data to the elements in C order. */
static int place(torch_file *t, tensor *x, const void *storage, bk_error *err) {
    size_t size = array_type_size(x->a.type), bytes = array_bytes(&x->a);
    const unsigned char *first = (const unsigned char *)storage + x->offset * size;
    x->a.data = first;
    if (contiguous(x)) return BK_OK;
    /* honest tensors rarely share a storage; copies beyond the file's own size are an attack on memory */
    if (bytes > t->size - t->copied) return bad(t, err, "more strided copies than the file has bytes");
    t->copied += bytes;
    unsigned char *copy = arena_take(&t->memory, bytes);
    if (!copy) return bk_fail_memory(err, t->name);
    copy_strided(copy, first, x, size);
    x->a.data = copy;
    return BK_OK;
}

static int add_tensor(torch_file *t, const pickle *args, bk_error *err) {
    tensor x = { 0 };
    const void *storage = NULL;
    size_t bytes;
    int rc = read_arguments(t, &x, args, err);
    if (rc != BK_OK) return rc;
    if (!array_size(&x.a, &bytes) || !fits(&x))
        return bad(t, err, "it reaches beyond its storage, or repeats parts of it");
    x.a.data = "";
    if (x.a.n) rc = find_storage(t, &x, &storage, err);
    if (rc == BK_OK && x.a.n) rc = place(t, &x, storage, err);
    if (rc != BK_OK) return rc;
    x.a.name = arena_text(&t->memory, text_str(&t->path), t->path.n);
    if (!x.a.name || !bk_grow(&t->arrays, &t->cap, t->n + 1, sizeof *t->arrays)) return bk_fail_memory(err, t->name);
    t->arrays[t->n++] = x.a;
    return BK_OK;
}

/* ---- the tree -------------------------------------------------------------------------------------- */

static int walk(torch_file *t, const pickle *v, int depth, bk_error *err);

/* Walks v with `key` added to the path. */
static int walk_child(torch_file *t, const char *key, const pickle *v, int depth, bk_error *err) {
    size_t n = t->path.n;
    if (n) text_add(&t->path, ".");
    text_add(&t->path, key);
    if (t->path.n > NAME_MAX_BYTES) return bad(t, err, "a name of more than 1024 bytes");
    int rc = text_ok(&t->path) ? walk(t, v, depth + 1, err) : bk_fail_memory(err, t->name);
    if (t->path.s) t->path.s[t->path.n = n] = 0;
    return rc;
}

static int walk_pairs(torch_file *t, const pickle *v, int depth, bk_error *err) {
    for (size_t i = 0; i + 1 < v->n; i += 2) {
        const pickle *k = v->items[i];
        char number[24];
        const char *key = pickle_text(k);
        if (!key && k->kind != PICKLE_INT) continue;
        snprintf(number, sizeof number, "%lld", (long long)(key ? 0 : k->u.i));
        int rc = walk_child(t, key ? key : number, v->items[i + 1], depth, err);
        if (rc != BK_OK) return rc;
    }
    return BK_OK;
}

static int walk_items(torch_file *t, const pickle *v, int depth, bk_error *err) {
    for (size_t i = 0; i < v->n; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        int rc = walk_child(t, number, v->items[i], depth, err);
        if (rc != BK_OK) return rc;
    }
    return BK_OK;
}

static int walk_call(torch_file *t, const pickle *v, int depth, bk_error *err) {
    switch (torch_global_role(v->u.text)) {
    case TORCH_TENSOR: return add_tensor(t, v->argument, err);
    case TORCH_WRAPPER: {
        const pickle *inner = pickle_item(v->argument, 0);
        return inner ? walk(t, inner, depth + 1, err) : bad(t, err, "a wrapper round nothing");
    }
    case TORCH_MODULE: return v->state ? walk(t, v->state, depth + 1, err) : BK_OK;
    case TORCH_DICT: return walk_pairs(t, v, depth, err);
    default: return BK_OK;
    }
}

static int walk(torch_file *t, const pickle *v, int depth, bk_error *err) {
    if (depth > DEPTH_MAX || ++t->visits > VISITS_MAX)
        return bk_fail(err, BK_EFORMAT, "%s: a pickle that is too deep or too large", t->name);
    switch (v->kind) {
    case PICKLE_LIST:
    case PICKLE_TUPLE: return walk_items(t, v, depth, err);
    case PICKLE_DICT: return walk_pairs(t, v, depth, err);
    case PICKLE_CALL: return walk_call(t, v, depth, err);
    default: return BK_OK;
    }
}

/* ---- the file -------------------------------------------------------------------------------------- */

/* PREFIX/data.pkl: the entry of that name that is least deep. */
static const zip_entry *find_pickle(const zip *z) {
    const zip_entry *best = NULL;
    for (size_t i = 0; i < zip_count(z); i++) {
        const zip_entry *e = zip_at(z, i);
        if (strcmp(path_name(e->name), "data.pkl") != 0) continue;
        if (!best || strlen(e->name) < strlen(best->name)) best = e;
    }
    return best;
}

static int check_byte_order(torch_file *t, bk_error *err) {
    const void *p = NULL;
    const zip_entry *e = NULL;
    int rc = find_entry(t, "byteorder", "", &e, err);
    if (rc != BK_OK || !e) return rc; /* not there before PyTorch 2.1: little */
    if (e->size == 6) rc = unpack(t, e, &p, err);
    if (rc != BK_OK) return rc;
    if (e->size == 6 && memcmp(p, "little", 6) == 0) return BK_OK;
    return bk_fail(err, BK_EFORMAT, "%s: written on a big-endian machine", t->name);
}

/* What stands beside the pickle: the constants of code, which torch.save() does not write, and our own text. */
static int read_sides(torch_file *t, bk_error *err) {
    const void *p = NULL;
    const zip_entry *code = NULL, *about = NULL;
    int rc = find_entry(t, "constants.pkl", "", &code, err);
    t->is_script = code != NULL;
    if (rc == BK_OK) rc = find_entry(t, TORCH_ABOUT, "", &about, err);
    if (rc != BK_OK || !about || about->size > ABOUT_MAX) return rc;
    rc = unpack(t, about, &p, err);
    if (rc != BK_OK) return rc;
    t->about = arena_text(&t->memory, p, about->size);
    return t->about ? BK_OK : bk_fail_memory(err, t->name);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const array *)a)->name, ((const array *)b)->name);
}

static int sort_names(const torch_file *t, bk_error *err) {
    if (t->n) qsort(t->arrays, t->n, sizeof *t->arrays, by_name);
    for (size_t i = 1; i < t->n; i++)
        if (strcmp(t->arrays[i - 1].name, t->arrays[i].name) == 0)
            return bk_fail(err, BK_EFORMAT, "%s: two tensors are named %.80s", t->name, t->arrays[i].name);
    return t->n ? BK_OK : bk_fail(err, BK_EFORMAT, "%s: no tensors in it", t->name);
}

static int read_archive(torch_file *t, bk_error *err) {
    const zip_entry *e = find_pickle(t->archive);
    if (!e) return bk_fail(err, BK_EFORMAT, "%s: a zip archive, but none of PyTorch's: no data.pkl", t->name);
    const void *p = NULL;
    const pickle *root = NULL;
    t->prefix = arena_text(&t->memory, e->name, (size_t)(path_name(e->name) - e->name));
    t->storages = bk_zeros(zip_count(t->archive), sizeof *t->storages);
    if (!t->prefix || !t->storages) return bk_fail_memory(err, t->name);
    int rc = check_byte_order(t, err);
    if (rc == BK_OK) rc = read_sides(t, err);
    if (rc == BK_OK && e->size > PICKLE_MAX) /* before it is unpacked: a few bytes may claim gigabytes */
        rc = bk_fail(err, BK_EFORMAT, "%s: a pickle of %zu bytes; at most %d are read", t->name, e->size, PICKLE_MAX);
    if (rc == BK_OK) rc = unpack(t, e, &p, err);
    if (rc == BK_OK) rc = pickle_read(&root, &t->memory, p, e->size, torch_global_allowed, t->name, err);
    if (rc == BK_OK) rc = walk(t, root, 0, err);
    return rc == BK_OK ? sort_names(t, err) : rc;
}

static int open_memory(torch_file *t, const void *data, size_t size, bk_error *err) {
    if (size >= 2 && memcmp(data, "\x80\x02", 2) == 0)
        return bk_fail(err, BK_EFORMAT, "%s: PyTorch's format from before 1.6; load and save it with a newer PyTorch",
                       t->name);
    t->size = size;
    /* PyTorch packs nothing, and weights that another program packed do not shrink to a quarter */
    int rc = zip_open(&t->archive, data, size, t->name, ((uint64_t)64 << 20) + 4 * (uint64_t)size, err);
    return rc == BK_OK ? read_archive(t, err) : rc;
}

int torch_open_memory(torch_file **out, const void *data, size_t size, const char *name, bk_error *err) {
    torch_file *t = bk_zeros(1, sizeof *t);
    if (!t) return bk_fail_memory(err, name);
    t->name = strdup(name);
    int rc = t->name ? open_memory(t, data, size, err) : bk_fail_memory(err, name);
    if (rc == BK_OK)
        *out = t;
    else
        torch_close(&t);
    return rc;
}

int torch_open(torch_file **out, const char *path, bk_error *err) {
    file_view map;
    int rc = file_map(&map, path, err);
    if (rc != BK_OK) return rc;
    rc = torch_open_memory(out, map.data, map.size, path, err);
    if (rc == BK_OK)
        (*out)->map = map;
    else
        file_unmap(&map);
    return rc;
}

void torch_close(torch_file **tp) {
    torch_file *t = *tp;
    if (!t) return;
    text_close(&t->path);
    free(t->arrays);
    arena_close(&t->memory);
    free(t->storages);
    zip_close(&t->archive);
    file_unmap(&t->map);
    free(t->name);
    free(t);
    *tp = NULL;
}

bool torch_is_script(const torch_file *t) {
    return t->is_script;
}

const char *torch_about(const torch_file *t) {
    return t->about;
}

size_t torch_count(const torch_file *t) {
    return t->n;
}

const array *torch_at(const torch_file *t, size_t i) {
    return &t->arrays[i];
}

const array *torch_find(const torch_file *t, const char *name) {
    const array key = { .name = name };
    return bsearch(&key, t->arrays, t->n, sizeof *t->arrays, by_name);
}

int torch_need(const array **out, const torch_file *t, const char *name, bk_error *err) {
    const array *a = torch_find(t, name);
    if (!a) return bk_fail(err, BK_EFORMAT, "%s: no tensor named %s", t->name, name);
    *out = a;
    return BK_OK;
}
