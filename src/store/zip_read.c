/* Reads ZIP archives from memory: directory first, entries on demand. For npz and PyTorch files. Every
 * offset and size is checked against the archive before it is used. Writing is in zip_write.c. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "store/bytes.h"
#include "store/zip.h"

enum { EOCD_SIZE = 22, EOCD64_SIZE = 56, LOCATOR_SIZE = 20, CENTRAL_SIZE = 46, LOCAL_SIZE = 30, DEFLATE_MAX = 1032 };

struct zip {
    const unsigned char *data;
    size_t size;
    char *name;
    zip_entry *entries; /* in the order of the directory */
    size_t n;
    const zip_entry **sorted; /* by name */
    char *names;              /* all entry names, one after the other */
};

/* Where the directory is and how much it says it holds. */
typedef struct directory {
    uint64_t at, size, n;
} directory;

static int damaged(const zip *z, bk_error *err, const char *what) {
    return bk_fail(err, BK_EFORMAT, "%s: damaged zip archive: %s", z->name, what);
}

static bool inside(const zip *z, uint64_t at, uint64_t n) {
    return at <= z->size && n <= z->size - at;
}

/* The end record: the last 22 bytes, or further up when a comment follows. NULL when there is none. */
static const unsigned char *find_end(const zip *z) {
    if (z->size < EOCD_SIZE) return NULL;
    size_t lowest = z->size > EOCD_SIZE + 65535 ? z->size - EOCD_SIZE - 65535 : 0;
    for (size_t at = z->size - EOCD_SIZE;; at--) {
        const unsigned char *p = z->data + at;
        if (get32(p) == 0x06054b50 && get16(p + 20) == z->size - at - EOCD_SIZE) return p;
        if (at == lowest) return NULL;
    }
}

/* The ZIP64 end record, when a locator stands before the end record. *d is replaced. */
static int read_end64(const zip *z, const unsigned char *end, directory *d, bk_error *err) {
    if (end - z->data < LOCATOR_SIZE || get32(end - LOCATOR_SIZE) != 0x07064b50) return BK_OK;
    uint64_t at = get64(end - LOCATOR_SIZE + 8);
    if (!inside(z, at, EOCD64_SIZE) || get32(z->data + at) != 0x06064b50)
        return damaged(z, err, "its ZIP64 record is not where it says");
    const unsigned char *p = z->data + at;
    *d = (directory){ .at = get64(p + 48), .size = get64(p + 40), .n = get64(p + 32) };
    return BK_OK;
}

static int find_directory(const zip *z, directory *d, bk_error *err) {
    const unsigned char *end = find_end(z);
    if (!end) return bk_fail(err, BK_EFORMAT, "%s: not a zip archive, or cut short: no end record", z->name);
    *d = (directory){ .at = get32(end + 16), .size = get32(end + 12), .n = get16(end + 10) };
    int rc = read_end64(z, end, d, err);
    if (rc != BK_OK) return rc;
    if (!inside(z, d->at, d->size))
        return bk_fail(err, BK_EFORMAT, "%s: zip directory of %llu bytes at %llu, archive has %zu", z->name,
                       (unsigned long long)d->size, (unsigned long long)d->at, z->size);
    if (d->n > d->size / CENTRAL_SIZE) return damaged(z, err, "more entries than its directory can hold");
    return BK_OK;
}

/* A directory row's 64-bit fields: those that do not fit stand in extra field 1, in this order. */
static bool read_extra64(const unsigned char *p, size_t n, uint64_t *const field[3]) {
    bool wanted = *field[0] == UINT32_MAX || *field[1] == UINT32_MAX || *field[2] == UINT32_MAX;
    while (wanted && n >= 4) {
        size_t id = get16(p), len = get16(p + 2);
        p += 4, n -= 4;
        if (len > n) return false;
        if (id == 1) {
            for (int i = 0; i < 3; i++) {
                if (*field[i] != UINT32_MAX) continue;
                if (len < 8) return false;
                *field[i] = get64(p);
                p += 8, len -= 8;
            }
            return true;
        }
        p += len, n -= len;
    }
    return !wanted;
}

static int check_entry(const zip *z, zip_entry *e, uint64_t local, int method, bk_error *err) {
    if (method != 0 && method != 8)
        return bk_fail(err, BK_EFORMAT, "%s: entry %.60s is packed by method %d; only stored and deflated are read",
                       z->name, e->name, method);
    if (!inside(z, local, LOCAL_SIZE) || get32(z->data + local) != 0x04034b50)
        return bk_fail(err, BK_EFORMAT, "%s: entry %.60s is not where the zip directory says", z->name, e->name);
    const unsigned char *p = z->data + local;
    e->offset = (size_t)local + LOCAL_SIZE + get16(p + 26) + get16(p + 28);
    e->deflated = method == 8;
    if (!inside(z, e->offset, e->packed))
        return bk_fail(err, BK_EFORMAT, "%s: entry %.60s: %zu bytes at %zu, archive has %zu", z->name, e->name,
                       e->packed, e->offset, z->size);
    if (e->deflated ? e->size / DEFLATE_MAX > e->packed : e->size != e->packed)
        return bk_fail(err, BK_EFORMAT, "%s: entry %.60s: %zu bytes cannot unpack to %zu", z->name, e->name,
                       e->packed, e->size);
    return BK_OK;
}

/* One row of the directory, `left` bytes long at most; *used is its length. */
static int read_row(zip *z, zip_entry *e, char **names, const unsigned char *p, size_t left, size_t *used,
                    bk_error *err) {
    if (left < CENTRAL_SIZE || get32(p) != 0x02014b50) return damaged(z, err, "its directory ends too early");
    size_t name_len = get16(p + 28), extra_len = get16(p + 30);
    *used = CENTRAL_SIZE + name_len + extra_len + get16(p + 32);
    if (*used > left) return damaged(z, err, "its directory ends too early");
    memcpy(*names, p + CENTRAL_SIZE, name_len);
    e->name = *names;
    *names += name_len + 1; /* the buffer is zeroed */
    if (strlen(e->name) != name_len) return damaged(z, err, "an entry's name holds a zero byte");
    uint64_t size = get32(p + 24), packed = get32(p + 20), local = get32(p + 42);
    if (!read_extra64(p + CENTRAL_SIZE + name_len, extra_len, (uint64_t *const[]){ &size, &packed, &local }))
        return damaged(z, err, "a bad ZIP64 field");
    if (size > SIZE_MAX / 2 || packed > z->size) return damaged(z, err, "an entry larger than the archive");
    if (get16(p + 8) & 1) return bk_fail(err, BK_EFORMAT, "%s: entry %.60s is encrypted", z->name, e->name);
    e->size = (size_t)size;
    e->packed = (size_t)packed;
    e->crc = get32(p + 16);
    return check_entry(z, e, local, get16(p + 10), err);
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(const zip_entry *const *)a)->name, (*(const zip_entry *const *)b)->name);
}

static int sort_names(zip *z, bk_error *err) {
    for (size_t i = 0; i < z->n; i++) z->sorted[i] = &z->entries[i];
    if (z->n) qsort(z->sorted, z->n, sizeof *z->sorted, by_name);
    for (size_t i = 1; i < z->n; i++)
        if (strcmp(z->sorted[i - 1]->name, z->sorted[i]->name) == 0)
            return bk_fail(err, BK_EFORMAT, "%s: two entries are named %.60s", z->name, z->sorted[i]->name);
    return BK_OK;
}

static int read_directory(zip *z, uint64_t limit, bk_error *err) {
    directory d = { 0 };
    int rc = find_directory(z, &d, err);
    if (rc != BK_OK) return rc;
    z->n = (size_t)d.n;
    z->entries = bk_zeros(z->n, sizeof *z->entries);
    z->sorted = bk_zeros(z->n, sizeof *z->sorted);
    z->names = bk_zeros((size_t)d.size + 1, 1); /* a row is longer than its name and terminator */
    if (!z->entries || !z->sorted || !z->names) return bk_fail_memory(err, z->name);
    const unsigned char *p = z->data + d.at;
    char *names = z->names;
    uint64_t unpacked = 0;
    for (size_t i = 0, left = (size_t)d.size, used = 0; i < z->n; i++, p += used, left -= used) {
        zip_entry *e = &z->entries[i];
        if ((rc = read_row(z, e, &names, p, left, &used, err)) != BK_OK) return rc;
        unpacked += e->deflated ? e->size : 0;
        if (unpacked > limit)
            return bk_fail(err, BK_EFORMAT, "%s: would unpack to more than %llu bytes", z->name,
                           (unsigned long long)limit);
    }
    return sort_names(z, err);
}

int zip_open(zip **out, const void *data, size_t size, const char *name, uint64_t limit, bk_error *err) {
    zip *z = bk_zeros(1, sizeof *z);
    if (!z) return bk_fail_memory(err, name);
    z->data = data;
    z->size = size;
    z->name = strdup(name);
    int rc = z->name ? read_directory(z, limit ? limit : (uint64_t)4 << 30, err) : bk_fail_memory(err, name);
    if (rc != BK_OK) {
        zip_close(&z);
        return rc;
    }
    *out = z;
    return BK_OK;
}

void zip_close(zip **zp) {
    zip *z = *zp;
    if (!z) return;
    free(z->names);
    free(z->sorted);
    free(z->entries);
    free(z->name);
    free(z);
    *zp = NULL;
}

size_t zip_count(const zip *z) {
    return z->n;
}

const zip_entry *zip_at(const zip *z, size_t i) {
    return &z->entries[i];
}

const zip_entry *zip_find(const zip *z, const char *name) {
    const zip_entry key = { .name = name }, *p = &key;
    const zip_entry *const *hit = z->n ? bsearch(&p, z->sorted, z->n, sizeof *z->sorted, by_name) : NULL;
    return hit ? *hit : NULL;
}

static uInt chunk(size_t n) {
    return n > UINT_MAX ? UINT_MAX : (uInt)n;
}

static bool crc_matches(const zip_entry *e, const unsigned char *p) {
    uLong crc = 0;
    for (size_t left = e->size; left > 0;) {
        uInt n = chunk(left);
        crc = crc32(crc, p, n);
        p += n, left -= n;
    }
    return (uint32_t)crc == e->crc;
}

/* Exactly e->packed bytes into exactly e->size; zlib counts in 32 bits, so both move in pieces. */
static bool inflate_entry(const zip *z, const zip_entry *e, unsigned char *dst) {
    z_stream s = { 0 };
    unsigned char none;
    if (inflateInit2(&s, -15) != Z_OK) return false;
    size_t in_left = e->packed, out_left = e->size;
    s.next_in = (Bytef *)(z->data + e->offset);
    s.next_out = e->size ? dst : &none;
    int rc = Z_OK;
    while (rc == Z_OK) {
        uInt in = s.avail_in = chunk(in_left), out = s.avail_out = chunk(out_left);
        rc = inflate(&s, Z_NO_FLUSH);
        in_left -= in - s.avail_in;
        out_left -= out - s.avail_out;
    }
    inflateEnd(&s);
    return rc == Z_STREAM_END && in_left == 0 && out_left == 0;
}

int zip_check(const zip *z, const zip_entry *e, bk_error *err) {
    if (e->deflated || crc_matches(e, z->data + e->offset)) return BK_OK;
    return bk_fail(err, BK_EFORMAT, "%s: entry %.60s is damaged: wrong CRC", z->name, e->name);
}

int zip_read(const zip *z, const zip_entry *e, void *dst, bk_error *err) {
    if (!e->deflated) {
        if (e->size) memcpy(dst, z->data + e->offset, e->size);
    } else if (!inflate_entry(z, e, dst)) {
        return bk_fail(err, BK_EFORMAT, "%s: entry %.60s is damaged: cannot be unpacked to %zu bytes", z->name,
                       e->name, e->size);
    }
    if (!crc_matches(e, dst))
        return bk_fail(err, BK_EFORMAT, "%s: entry %.60s is damaged: wrong CRC", z->name, e->name);
    return BK_OK;
}

const unsigned char *zip_stored(const zip *z, const zip_entry *e) {
    return e->deflated ? NULL : z->data + e->offset;
}
