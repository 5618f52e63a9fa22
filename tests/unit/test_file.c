/* base/file: whole files, maps, replacing in one step, folders. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "scratch.h"
#include "tap.h"

static scratch s;

static bool holds(const char *path, const char *want) {
    char *got = NULL;
    size_t n;
    bool same = file_read(&got, &n, path, 1 << 20, NULL) == BK_OK && n == strlen(want) && !memcmp(got, want, n + 1);
    free(got);
    return same;
}

static size_t entries(const char *folder) {
    file_list l = { 0 };
    size_t n = file_list_open(&l, folder, NULL, NULL) == BK_OK ? l.n : 999;
    file_list_close(&l);
    return n;
}

static void test_read(void) {
    bk_error err = { 0 };
    const char *path = scratch_path(&s, "read");
    char *data = NULL;
    size_t n = 0;
    tap_ok(file_save(path, "hello", 5, &err) == BK_OK && holds(path, "hello"), "a file is saved and read");
    tap_ok(file_read(&data, &n, path, 4, &err) == BK_EFORMAT && !data && strstr(err.text, "4 bytes"), "too large: %s",
           err.text);
    tap_ok(file_read(&data, &n, path, 5, &err) == BK_OK && n == 5, "just large enough");
    free(data);
    data = NULL;
    tap_ok(file_save(path, "", 0, &err) == BK_OK && holds(path, ""), "an empty file");
    tap_ok(file_read(&data, &n, scratch_path(&s, "none"), 9, &err) == BK_EIO && strstr(err.text, "none: cannot open"),
           "a missing file: %s", err.text);
    tap_ok(file_read(&data, &n, s.folder, 9, &err) == BK_EIO, "a folder: %s", err.text);
    tap_ok(file_read(&data, &n, "/proc/self/status", 1 << 20, &err) == BK_OK && n > 100,
           "a file that says its size is 0");
    free(data);
}

static void test_map(void) {
    bk_error err = { 0 };
    const char *path = scratch_path(&s, "map");
    file_view v = { 0 };
    file_save(path, "abc", 3, NULL);
    tap_ok(file_map(&v, path, &err) == BK_OK && v.size == 3 && !memcmp(v.data, "abc", 3), "a map");
    file_unmap(&v);
    file_unmap(&v);
    file_save(path, "", 0, NULL);
    tap_ok(file_map(&v, path, &err) == BK_OK && v.size == 0 && v.data, "a map of an empty file");
    file_unmap(&v);
    tap_ok(file_map(&v, s.folder, &err) == BK_EIO && strstr(err.text, "not a regular file"), "%s", err.text);
    tap_ok(file_map(&v, scratch_path(&s, "none"), &err) == BK_EIO, "%s", err.text);
}

static void test_replace(void) {
    bk_error err = { 0 };
    char path[1024];
    snprintf(path, sizeof path, "%s", scratch_path(&s, "replaced"));
    file_save(path, "old", 3, NULL);
    chmod(path, 0640);
    size_t before = entries(s.folder);
    file_out o = { 0 };
    tap_ok(file_out_open(&o, path, &err) == BK_OK && fputs("new text", o.to) >= 0 && holds(path, "old"),
           "the old file stands while the new one is written");
    file_abandon(&o);
    file_abandon(&o);
    tap_ok(holds(path, "old") && entries(s.folder) == before, "abandon leaves no trace");
    file_out_open(&o, path, &err);
    fputs("new", o.to);
    struct stat st;
    tap_ok(file_commit(&o, &err) == BK_OK && holds(path, "new") && entries(s.folder) == before, "commit replaces");
    tap_ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640, "permissions stay");
    char link[1024];
    snprintf(link, sizeof link, "%s/link", s.folder);
    tap_ok(symlink(path, link) == 0 && file_save(link, "via", 3, &err) == BK_OK && holds(path, "via") &&
               lstat(link, &st) == 0 && S_ISLNK(st.st_mode),
           "a link stays a link");
    tap_ok(file_save(s.folder, "x", 1, &err) == BK_EIO && strstr(err.text, "is a folder"), "%s", err.text);
    tap_ok(file_save(scratch_path(&s, "no/such/file"), "x", 1, &err) == BK_EIO && strstr(err.text, "no/such/file"),
           "%s", err.text);
    char longest[256];
    memset(longest, 'n', 255);
    longest[255] = 0;
    tap_ok(file_save(scratch_path(&s, longest), "x", 1, &err) == BK_OK, "a name as long as names may be");
}

static void test_full_disk(void) {
    bk_error err = { 0 };
    static char big[1 << 16];
    if (access("/dev/full", W_OK) != 0) {
        tap_skip("a full disk", "no /dev/full here");
        return;
    }
    tap_ok(file_save("/dev/full", big, sizeof big, &err) == BK_EIO && strstr(err.text, "/dev/full: cannot write: "),
           "%s", err.text);
    file_out o = { 0 };
    file_out_open(&o, "/dev/full", &err);
    for (int i = 0; i < 4; i++)
        if (fwrite(big, 1, sizeof big, o.to) == 0) break; /* the failure is left for commit to find */
    tap_ok(file_commit(&o, &err) == BK_EIO && strstr(err.text, strerror(ENOSPC)), "an old failure is named: %s",
           err.text);
}

static void test_folders(void) {
    bk_error err = { 0 };
    char deep[1024];
    snprintf(deep, sizeof deep, "%s", scratch_path(&s, "a/b//c/"));
    tap_ok(file_make_folders(deep, &err) == BK_OK && file_is_folder(deep), "folders are made");
    tap_ok(file_make_folders(deep, &err) == BK_OK, "twice is no error");
    file_save(scratch_path(&s, "a/file"), "", 0, NULL);
    tap_ok(file_make_folders(scratch_path(&s, "a/file/x"), &err) == BK_EIO && strstr(err.text, "a/file"), "%s",
           err.text);
    static const char *const names[] = { "a/b/2.JPG", "a/b/10.jpg", "a/b/x.txt" };
    for (int i = 0; i < 3; i++) file_save(scratch_path(&s, names[i]), "", 0, NULL);
    file_list l = { 0 };
    snprintf(deep, sizeof deep, "%s", scratch_path(&s, "a/b"));
    static const char *const jpg[] = { ".jpeg", ".jpg", NULL };
    tap_ok(file_list_open(&l, deep, jpg, &err) == BK_OK && l.n == 2 && !strcmp(l.entries[0].name, "10.jpg") &&
               !strcmp(l.entries[1].name, "2.JPG") && !l.entries[0].is_folder,
           "a list by endings, in order");
    file_list_close(&l);
    tap_ok(file_list_open(&l, deep, NULL, &err) == BK_OK && l.n == 4 && !strcmp(l.entries[2].name, "c") &&
               l.entries[2].is_folder,
           "the whole list");
    file_list_close(&l);
    file_list_close(&l);
    tap_ok(file_list_open(&l, scratch_path(&s, "nowhere"), NULL, &err) == BK_EIO, "%s", err.text);
}

static void test_identity(void) {
    bk_error err = { 0 };
    const char *path = scratch_path(&s, "id");
    file_id a, b;
    file_save(path, "one", 3, NULL);
    bool ok = file_identify(&a, path, &err) == BK_OK;
    const struct timespec times[2] = { { 5, 7 }, { 5, 7 } };
    ok = ok && utimensat(AT_FDCWD, path, times, 0) == 0 && file_identify(&b, path, &err) == BK_OK;
    tap_ok(ok && a.size == 3 && b.size == 3 && b.mtime_ns == 5000000007 && a.mtime_ns != b.mtime_ns,
           "size and mtime");
    tap_ok(file_identify(&a, scratch_path(&s, "none"), &err) == BK_EIO, "%s", err.text);
}

static void test_cache(void) {
    static const struct {
        const char *xdg, *home, *want;
    } rows[] = {
        { "/x/cache", "/home/u", "/x/cache/bookend/t.npz" },
        { NULL, "/home/u", "/home/u/.cache/bookend/t.npz" },
        { "relative", "/home/u/", "/home/u/.cache/bookend/t.npz" },
        { "", NULL, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text t = { 0 };
        if (rows[i].xdg)
            setenv("XDG_CACHE_HOME", rows[i].xdg, 1);
        else
            unsetenv("XDG_CACHE_HOME");
        if (rows[i].home)
            setenv("HOME", rows[i].home, 1);
        else
            unsetenv("HOME");
        int rc = file_cache_path(&t, "t.npz", NULL);
        tap_ok(rows[i].want ? rc == BK_OK && !strcmp(text_str(&t), rows[i].want) : rc == BK_EIO, "cache path %zu: %s",
               i, text_str(&t));
        text_close(&t);
    }
}

/* One byte at each place that is looked at, and one that is not. */
static void test_sample(void) {
    enum { SIZE = 200000 };
    static const size_t places[] = { 0, 16383, (SIZE - 16384) / 2, SIZE - 1, 40000 };
    char path[1024];
    char *data = calloc(SIZE, 1);
    uint64_t plain = 0, changed = 0;
    snprintf(path, sizeof path, "%s", scratch_path(&s, "sample"));
    file_save(path, data, SIZE, NULL);
    tap_ok(file_sample(&plain, path, NULL) == BK_OK, "a file is sampled");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        data[places[i]] = 1;
        file_save(path, data, SIZE, NULL);
        file_sample(&changed, path, NULL);
        data[places[i]] = 0;
        tap_ok((changed != plain) == (i < 4), "byte %zu %s", places[i], i < 4 ? "counts" : "does not");
    }
    file_save(path, data, SIZE - 1, NULL);
    file_sample(&changed, path, NULL);
    tap_ok(changed != plain, "so does the size");
    file_save(path, "", 0, NULL);
    tap_ok(file_sample(&changed, path, NULL) == BK_OK, "an empty file has one too");
    bk_error err = { 0 };
    tap_ok(file_sample(&changed, s.folder, &err) == BK_EIO && strstr(err.text, "regular"), "a folder has none: %s", err.text);
    free(data);
}

int main(void) {
    scratch_open(&s);
    test_read();
    test_map();
    test_replace();
    test_full_disk();
    test_folders();
    test_identity();
    test_sample();
    scratch_close(&s);
    test_cache();
    return tap_done();
}
