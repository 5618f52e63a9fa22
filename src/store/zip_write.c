/* Writes ZIP archives: stored or deflated entries, streamed, headers patched when an entry ends. Reading is
 * in zip_read.c. */
#define _GNU_SOURCE
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "store/bytes.h"
#include "store/zip.h"

/* From here on sizes go into ZIP64 fields; below 4 GiB, since deflate may grow what it cannot pack. */
#define ZIP64_FROM 0xf0000000u

enum { DATE_1980_01_01 = 0x21, FLAG_UTF8 = 0x800, HEADER_MAX = 128 };

typedef struct row {
    char *name;
    uint64_t size, packed, at; /* at: where the local header begins */
    uint32_t crc;
    bool deflated;
} row;

struct zip_writer {
    FILE *to;
    char *name;
    row *rows;
    size_t n, cap;
    uint64_t pos;  /* bytes written so far */
    uint64_t came; /* bytes of the open entry so far */
    bool open;     /* rows[n] is being written */
    z_stream s;    /* while a deflated entry is open */
};

static int fail_write(const zip_writer *w, bk_error *err) {
    return bk_fail(err, BK_EIO, "%s: cannot write: %m", w->name);
}

static int emit(zip_writer *w, const void *p, size_t n, bk_error *err) {
    if (n && fwrite(p, 1, n, w->to) != n) return fail_write(w, err);
    w->pos += n;
    return BK_OK;
}

int zip_writer_open(zip_writer **out, FILE *to, const char *name, bk_error *err) {
    zip_writer *w = bk_zeros(1, sizeof *w);
    if (w) w->name = strdup(name);
    if (!w || !w->name) {
        zip_writer_close(&w);
        return bk_fail_memory(err, name);
    }
    w->to = to;
    *out = w;
    return BK_OK;
}

void zip_writer_close(zip_writer **wp) {
    zip_writer *w = *wp;
    if (!w) return;
    if (w->open && w->rows[w->n].deflated) deflateEnd(&w->s);
    if (w->open) free(w->rows[w->n].name);
    for (size_t i = 0; i < w->n; i++) free(w->rows[i].name);
    free(w->rows);
    free(w->name);
    free(w);
    *wp = NULL;
}

static uint32_t clip32(bool wide, uint64_t x) {
    return wide ? UINT32_MAX : (uint32_t)x;
}

static bool is_wide(const row *r) {
    return r->size >= ZIP64_FROM;
}

/* What a local header and a directory row share: versions to name length. */
static unsigned char *put_common(unsigned char *p, const row *r, bool wide) {
    p = put(p, wide ? 45 : 20, 2);
    p = put(p, FLAG_UTF8, 2);
    p = put(p, r->deflated ? 8 : 0, 2);
    p = put(p, 0, 2);
    p = put(p, DATE_1980_01_01, 2);
    p = put(p, r->crc, 4);
    p = put(p, clip32(wide, r->packed), 4);
    p = put(p, clip32(wide, r->size), 4);
    return put(p, strlen(r->name), 2);
}

/* The local header with its name and extra fields; `pad` bytes of padding field (0, or 4 and more). */
static int emit_local(zip_writer *w, const row *r, size_t pad, bk_error *err) {
    static const unsigned char zeros[4096 + 4];
    unsigned char head[HEADER_MAX], *p = put(head, 0x04034b50, 4);
    p = put_common(p, r, is_wide(r));
    p = put(p, (is_wide(r) ? 20 : 0) + pad, 2);
    int rc = emit(w, head, (size_t)(p - head), err);
    if (rc == BK_OK) rc = emit(w, r->name, strlen(r->name), err);
    p = head;
    if (is_wide(r)) p = put(put(put(put(p, 1, 2), 16, 2), r->size, 8), r->packed, 8);
    if (pad) p = put(put(p, 0x4246, 2), pad - 4, 2); /* "FB", as PyTorch pads */
    if (rc == BK_OK) rc = emit(w, head, (size_t)(p - head), err);
    if (rc == BK_OK && pad) rc = emit(w, zeros, pad - 4, err);
    return rc;
}

static size_t padding(const zip_writer *w, const row *r, unsigned align) {
    if (align <= 1 || r->deflated) return 0;
    size_t over = (size_t)((w->pos + 30 + strlen(r->name) + (is_wide(r) ? 20 : 0)) % align);
    size_t pad = over ? align - over : 0;
    while (pad && pad < 4) pad += align;
    return pad;
}

int zip_begin(zip_writer *w, const char *name, uint64_t size, bool deflate_it, unsigned align, bk_error *err) {
    if (w->open || strlen(name) > 65535 || align > 4096)
        return bk_fail(err, BK_EINVAL, "%s: entry %.60s cannot be begun here", w->name, name);
    if (!bk_grow(&w->rows, &w->cap, w->n + 1, sizeof *w->rows)) return bk_fail_memory(err, w->name);
    row *r = &w->rows[w->n];
    *r = (row){ .name = strdup(name), .size = size, .at = w->pos, .deflated = deflate_it };
    if (!r->name) return bk_fail_memory(err, w->name);
    w->s = (z_stream){ 0 };
    if (deflate_it && deflateInit2(&w->s, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(r->name);
        return bk_fail_memory(err, w->name);
    }
    w->open = true;
    w->came = 0;
    return emit_local(w, r, padding(w, r, align), err);
}

/* Packs what avail_in says; with Z_FINISH to the end of the stream. */
static int pump(zip_writer *w, int flush, bk_error *err) {
    unsigned char buf[16384];
    int rc = BK_OK;
    do {
        w->s.next_out = buf;
        w->s.avail_out = sizeof buf;
        deflate(&w->s, flush);
        size_t n = sizeof buf - w->s.avail_out;
        w->rows[w->n].packed += n;
        rc = emit(w, buf, n, err);
    } while (rc == BK_OK && w->s.avail_out == 0);
    return rc;
}

int zip_write(zip_writer *w, const void *data, size_t n, bk_error *err) {
    if (!w->open) return bk_fail(err, BK_EINVAL, "%s: no zip entry is open", w->name);
    row *r = &w->rows[w->n];
    const unsigned char *p = data;
    int rc = BK_OK;
    while (rc == BK_OK && n > 0) {
        uInt part = n > 1 << 20 ? 1 << 20 : (uInt)n;
        r->crc = (uint32_t)crc32(r->crc, p, part);
        if (r->deflated) {
            w->s.next_in = (Bytef *)p;
            w->s.avail_in = part;
            rc = pump(w, Z_NO_FLUSH, err);
        } else {
            r->packed += part;
            rc = emit(w, p, part, err);
        }
        w->came += part;
        p += part, n -= part;
    }
    return rc;
}

/* CRC and packed size are known only now: the header is written a second time over the first. */
static int patch_local(zip_writer *w, const row *r, bk_error *err) {
    unsigned char head[HEADER_MAX], *p = put_common(put(head, 0x04034b50, 4), r, is_wide(r));
    uint64_t end = w->pos;
    if (fseeko(w->to, (off_t)r->at, SEEK_SET) != 0) return fail_write(w, err);
    int rc = emit(w, head, (size_t)(p - head), err);
    if (rc == BK_OK && is_wide(r)) {
        if (fseeko(w->to, (off_t)(r->at + 30 + strlen(r->name) + 12), SEEK_SET) != 0) return fail_write(w, err);
        rc = emit(w, head, (size_t)(put(head, r->packed, 8) - head), err);
    }
    w->pos = end;
    if (rc == BK_OK && fseeko(w->to, (off_t)end, SEEK_SET) != 0) rc = fail_write(w, err);
    return rc;
}

int zip_end(zip_writer *w, bk_error *err) {
    if (!w->open) return bk_fail(err, BK_EINVAL, "%s: no zip entry is open", w->name);
    row *r = &w->rows[w->n];
    if (w->came != r->size)
        return bk_fail(err, BK_EINVAL, "%s: entry %.60s was announced with %llu bytes and got %llu", w->name, r->name,
                       (unsigned long long)r->size, (unsigned long long)w->came);
    int rc = BK_OK;
    if (r->deflated) {
        rc = pump(w, Z_FINISH, err);
        deflateEnd(&w->s);
    }
    w->open = false;
    w->n++;
    return rc == BK_OK ? patch_local(w, r, err) : rc;
}

int zip_add(zip_writer *w, const char *name, const void *data, size_t n, bool deflate_it, bk_error *err) {
    int rc = zip_begin(w, name, n, deflate_it, 0, err);
    if (rc == BK_OK) rc = zip_write(w, data, n, err);
    return rc == BK_OK ? zip_end(w, err) : rc;
}

static int emit_central(zip_writer *w, const row *r, bk_error *err) {
    bool wide = is_wide(r) || r->at >= UINT32_MAX;
    unsigned char head[HEADER_MAX], *p = put(put(head, 0x02014b50, 4), wide ? 45 : 20, 2);
    p = put_common(p, r, wide);
    p = put(p, wide ? 28 : 0, 2);
    p = put(p, 0, 2 + 2 + 2 + 4); /* comment, disk, attributes */
    p = put(p, clip32(wide, r->at), 4);
    int rc = emit(w, head, (size_t)(p - head), err);
    if (rc == BK_OK) rc = emit(w, r->name, strlen(r->name), err);
    if (rc != BK_OK || !wide) return rc;
    p = put(put(put(put(put(head, 1, 2), 24, 2), r->size, 8), r->packed, 8), r->at, 8);
    return emit(w, head, (size_t)(p - head), err);
}

int zip_finish(zip_writer *w, bk_error *err) {
    if (w->open) return bk_fail(err, BK_EINVAL, "%s: a zip entry is still open", w->name);
    uint64_t at = w->pos;
    int rc = BK_OK;
    for (size_t i = 0; rc == BK_OK && i < w->n; i++) rc = emit_central(w, &w->rows[i], err);
    if (rc != BK_OK) return rc;
    uint64_t size = w->pos - at, end64 = w->pos;
    bool wide = w->n >= 65535 || size >= UINT32_MAX || at >= UINT32_MAX;
    unsigned char tail[HEADER_MAX], *p = tail;
    if (wide) {
        p = put(put(put(p, 0x06064b50, 4), 44, 8), 45, 2);
        p = put(put(put(p, 45, 2), 0, 4), 0, 4);
        p = put(put(put(put(p, w->n, 8), w->n, 8), size, 8), at, 8);
        p = put(put(put(put(p, 0x07064b50, 4), 0, 4), end64, 8), 1, 4);
    }
    uint64_t n16 = wide ? 65535 : w->n;
    p = put(put(put(p, 0x06054b50, 4), 0, 4), n16, 2);
    p = put(put(put(p, n16, 2), clip32(wide, size), 4), clip32(wide, at), 4);
    p = put(p, 0, 2);
    return emit(w, tail, (size_t)(p - tail), err);
}
