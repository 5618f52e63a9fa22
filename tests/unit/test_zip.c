/* store/zip: what is written is read; damage anywhere is told and never followed. */
#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "scratch.h"
#include "store/bytes.h"
#include "store/zip.h"
#include "tap.h"

static scratch s;
static unsigned char big[200000];

/* An archive of four entries: stored, deflated, aligned, empty. */
static bool write_archive(const char *path) {
    file_out o = { 0 };
    zip_writer *w = NULL;
    bk_error err = { 0 };
    bool ok = file_out_open(&o, path, &err) == BK_OK && zip_writer_open(&w, o.to, path, &err) == BK_OK;
    ok = ok && zip_add(w, "stored.txt", "hello zip", 9, false, &err) == BK_OK;
    ok = ok && zip_add(w, "deflated.bin", big, sizeof big, true, &err) == BK_OK;
    ok = ok && zip_begin(w, "folder/aligned", 5, false, 64, &err) == BK_OK && zip_write(w, "he", 2, &err) == BK_OK;
    ok = ok && zip_write(w, "llo", 3, &err) == BK_OK && zip_end(w, &err) == BK_OK;
    ok = ok && zip_add(w, "empty", NULL, 0, true, &err) == BK_OK && zip_finish(w, &err) == BK_OK;
    ok = ok && file_commit(&o, &err) == BK_OK;
    zip_writer_close(&w);
    zip_writer_close(&w);
    file_abandon(&o);
    return tap_ok(ok, "an archive is written %s", err.text);
}

static bool entry_is(const zip *z, const char *name, const void *want, size_t n) {
    const zip_entry *e = zip_find(z, name);
    if (!e || e->size != n) return false;
    unsigned char *got = malloc(n + 1);
    bool same = got && zip_read(z, e, got, NULL) == BK_OK && memcmp(got, want, n) == 0;
    free(got);
    return same;
}

static void test_round(void) {
    bk_error err = { 0 };
    file_view v = { 0 };
    zip *z = NULL;
    const char *path = scratch_path(&s, "round.zip");
    if (!write_archive(path) || file_map(&v, path, &err) != BK_OK) return;
    tap_ok(zip_open(&z, v.data, v.size, "round.zip", 0, &err) == BK_OK && zip_count(z) == 4, "and opened %s",
           err.text);
    tap_ok(entry_is(z, "stored.txt", "hello zip", 9) && entry_is(z, "deflated.bin", big, sizeof big) &&
               entry_is(z, "folder/aligned", "hello", 5) && entry_is(z, "empty", "", 0),
           "all entries read back");
    const zip_entry *e = zip_find(z, "folder/aligned");
    tap_ok(e->offset % 64 == 0 && zip_stored(z, e) == v.data + e->offset && zip_check(z, e, &err) == BK_OK,
           "aligned, in place");
    e = zip_find(z, "deflated.bin");
    tap_ok(e->deflated && e->packed < e->size / 2 && !zip_stored(z, e), "%zu bytes packed to %zu", e->size,
           e->packed);
    tap_ok(!zip_find(z, "none") && !strcmp(zip_at(z, 0)->name, "stored.txt"), "names");
    zip_close(&z);
    zip_close(&z);
    tap_ok(zip_open(&z, v.data, v.size, "round.zip", 199999, &err) == BK_EFORMAT && !z, "a limit holds: %s",
           err.text);
    file_unmap(&v);
}

static void test_writer_misuse(void) {
    bk_error err = { 0 };
    zip_writer *w = NULL;
    FILE *f = tmpfile();
    zip_writer_open(&w, f, "misuse.zip", &err);
    tap_ok(zip_write(w, "x", 1, &err) == BK_EINVAL && zip_end(w, &err) == BK_EINVAL, "nothing is open: %s", err.text);
    zip_begin(w, "short", 3, true, 0, &err);
    zip_write(w, "ab", 2, &err);
    tap_ok(zip_begin(w, "second", 1, false, 0, &err) == BK_EINVAL && zip_finish(w, &err) == BK_EINVAL, "%s",
           err.text);
    tap_ok(zip_end(w, &err) == BK_EINVAL && strstr(err.text, "3 bytes and got 2"), "%s", err.text);
    zip_writer_close(&w);
    fclose(f);
}

/* Opens and, when that works, reads everything. */
static int open_and_read(const unsigned char *p, size_t n, bk_error *err) {
    zip *z = NULL;
    int rc = zip_open(&z, p, n, "x.zip", 0, err);
    for (size_t i = 0; rc == BK_OK && i < zip_count(z); i++) {
        const zip_entry *e = zip_at(z, i);
        unsigned char *out = bk_alloc(e->size, 1);
        rc = zip_read(z, e, out, err);
        free(out);
    }
    zip_close(&z);
    return rc;
}

/* A small archive in memory; freed by the caller. */
static unsigned char *small_archive(size_t *n) {
    const char *path = scratch_path(&s, "small.zip");
    char *data = NULL;
    file_out o = { 0 };
    zip_writer *w = NULL;
    file_out_open(&o, path, NULL);
    zip_writer_open(&w, o.to, path, NULL);
    zip_add(w, "a", "stored", 6, false, NULL);
    zip_add(w, "b", big, 500, true, NULL);
    zip_finish(w, NULL);
    zip_writer_close(&w);
    file_commit(&o, NULL);
    file_read(&data, n, path, 1 << 20, NULL);
    return (unsigned char *)data;
}

/* A copy of exactly n bytes, so that a sanitizer sees every read beyond them. */
static unsigned char *copy_of(const unsigned char *p, size_t n) {
    unsigned char *c = malloc(n ? n : 1);
    if (n) memcpy(c, p, n);
    return c;
}

static void test_damage(void) {
    size_t n = 0;
    unsigned char *p = small_archive(&n);
    bk_error err = { 0 };
    tap_ok(open_and_read(p, n, &err) == BK_OK, "a small archive of %zu bytes", n);
    bool all = true;
    for (size_t cut = 0; cut < n; cut++) {
        unsigned char *c = copy_of(p, cut);
        all = all && open_and_read(c, cut, &err) == BK_EFORMAT;
        free(c);
    }
    tap_ok(all, "cut at every byte, it is refused: %s", err.text);
    int told = 0;
    for (size_t i = 0; i < n; i++)
        for (int bit = 0; bit < 8; bit++) {
            unsigned char *c = copy_of(p, n);
            c[i] ^= (unsigned char)(1 << bit);
            told += open_and_read(c, n, NULL) == BK_EFORMAT;
            free(c);
        }
    tap_ok(told > (int)n, "every bit flipped: %d of %zu flips are told, none crashes", told, n * 8);
    size_t data = 30 + 1; /* the first entry's bytes */
    p[data] ^= 1;
    tap_ok(open_and_read(p, n, &err) == BK_EFORMAT && strstr(err.text, "wrong CRC"), "%s", err.text);
    free(p);
}

/* One field of the second entry's directory row or of the end record is made to lie. */
static void test_lies(void) {
    static const struct {
        const char *what;
        bool row; /* of the directory row of "b", else of the end record */
        int at, bytes;
        uint64_t value;
        const char *sentence;
    } rows[] = {
        { "a bomb", true, 24, 4, 0x7fffffff, "cannot unpack to 2147483647" },
        { "too large", true, 24, 4, 501, "cannot be unpacked to 501" },
        { "too small", true, 24, 4, 499, "cannot be unpacked to 499" },
        { "packed beyond the end", true, 20, 4, 5000, "an entry larger than the archive" },
        { "header elsewhere", true, 42, 4, 3, "not where the zip directory says" },
        { "header beyond the end", true, 42, 4, 0xfffffff0, "not where the zip directory says" },
        { "ZIP64 without its field", true, 24, 4, 0xffffffff, "a bad ZIP64 field" },
        { "a method of its own", true, 10, 2, 12, "method 12" },
        { "encrypted", true, 8, 2, 1, "encrypted" },
        { "a name too long", true, 28, 2, 60000, "directory ends too early" },
        { "a name of zero bytes", true, 46, 1, 0, "holds a zero byte" },
        { "the same name twice", true, 46, 1, 'a', "two entries are named a" },
        { "more entries", false, 10, 2, 3, "more entries than its directory" },
        { "directory elsewhere", false, 16, 4, 0xffffff, "zip directory of" },
        { "directory too long", false, 12, 4, 0xffffff, "zip directory of" },
    };
    size_t n = 0;
    unsigned char *p = small_archive(&n);
    size_t end = n - 22, row = end - 47;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bk_error err = { 0 };
        unsigned char *c = copy_of(p, n);
        put(c + (rows[i].row ? row : end) + rows[i].at, rows[i].value, rows[i].bytes);
        tap_ok(open_and_read(c, n, &err) == BK_EFORMAT && strstr(err.text, rows[i].sentence), "%s: %s", rows[i].what,
               err.text);
        free(c);
    }
    free(p);
}

/* An archive whose every wide field stands in ZIP64 records, as for files beyond 4 GiB. */
static size_t make_zip64(unsigned char *buf, size_t claimed) {
    unsigned char *p = put(buf, 0x04034b50, 4);
    p = put(put(put(put(p, 45, 2), 0, 8), 0, 4), UINT32_MAX, 4);
    p = put(put(put(p, UINT32_MAX, 4), 1, 2), 20, 2);
    *p++ = 'a';
    p = put(put(put(put(p, 1, 2), 16, 2), 5, 8), 5, 8);
    memcpy(p, "hello", 5);
    unsigned char *central = p += 5;
    p = put(put(put(put(p, 0x02014b50, 4), 45, 2), 45, 2), 0, 8);
    p = put(put(put(p, crc32(0, (const Bytef *)"hello", 5), 4), UINT32_MAX, 4), UINT32_MAX, 4);
    p = put(put(put(put(p, 1, 2), 28, 2), 0, 8), 0, 2);
    p = put(p, UINT32_MAX, 4);
    *p++ = 'a';
    p = put(put(put(put(put(p, 1, 2), 24, 2), claimed, 8), claimed, 8), 0, 8);
    unsigned char *end64 = p;
    p = put(put(put(put(p, 0x06064b50, 4), 44, 8), 45, 4), 0, 8);
    p = put(put(put(put(p, 1, 8), 1, 8), (uint64_t)(end64 - central), 8), (uint64_t)(central - buf), 8);
    p = put(put(put(put(p, 0x07064b50, 4), 0, 4), (uint64_t)(end64 - buf), 8), 1, 4);
    p = put(put(put(put(p, 0x06054b50, 4), 0, 4), 65535, 2), 65535, 2);
    p = put(put(put(p, UINT32_MAX, 4), UINT32_MAX, 4), 0, 2);
    return (size_t)(p - buf);
}

static void test_zip64(void) {
    unsigned char buf[512];
    bk_error err = { 0 };
    zip *z = NULL;
    size_t n = make_zip64(buf, 5);
    tap_ok(zip_open(&z, buf, n, "64.zip", 0, &err) == BK_OK && zip_count(z) == 1 && entry_is(z, "a", "hello", 5),
           "ZIP64 records are read %s", err.text);
    zip_close(&z);
    n = make_zip64(buf, (size_t)1 << 62);
    tap_ok(open_and_read(buf, n, &err) == BK_EFORMAT, "and their lies told: %s", err.text);
    n = make_zip64(buf, SIZE_MAX);
    tap_ok(open_and_read(buf, n, &err) == BK_EFORMAT, "and their overflows: %s", err.text);
}

static void test_many(void) {
    bk_error err = { 0 };
    FILE *f = tmpfile();
    zip_writer *w = NULL;
    zip_writer_open(&w, f, "many", &err);
    bool ok = true;
    char name[16];
    for (int i = 0; ok && i < 70000; i++) {
        snprintf(name, sizeof name, "%d", i);
        ok = zip_add(w, name, name, 1, false, &err) == BK_OK;
    }
    ok = ok && zip_finish(w, &err) == BK_OK && fflush(f) == 0;
    long n = ftell(f);
    unsigned char *p = malloc((size_t)n);
    rewind(f);
    zip *z = NULL;
    ok = ok && fread(p, 1, (size_t)n, f) == (size_t)n && zip_open(&z, p, (size_t)n, "many", 0, &err) == BK_OK;
    tap_ok(ok && zip_count(z) == 70000 && entry_is(z, "69999", "6", 1), "more entries than 16 bits count %s",
           err.text);
    zip_close(&z);
    zip_writer_close(&w);
    fclose(f);
    free(p);
}

int main(void) {
    scratch_open(&s);
    for (size_t i = 0; i < sizeof big; i++) big[i] = (unsigned char)((i * i) >> 11 & 15);
    test_round();
    test_writer_misuse();
    test_damage();
    test_lies();
    test_zip64();
    test_many();
    scratch_close(&s);
    return tap_done();
}
