/* Side files: their names, and whose files may be replaced. */
#define _GNU_SOURCE
#include "tap.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

static void test_names(void) {
    static const char *const names[][2] = { { "a.mkv", "a.edl" },
                                            { "dir.x/a", "dir.x/a.edl" },
                                            { "/s/a.b.mkv", "/s/a.b.edl" },
                                            { ".hidden", ".hidden.edl" },
                                            { "d/.mkv", "d/.mkv.edl" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *got = side_path(names[i][0], ".edl");
        tap_ok(got && !strcmp(got, names[i][1]), "%s gives %s", names[i][0], got ? got : "nothing");
        free(got);
    }
}

static bool put(const char *content, const char *cache, bool force) {
    char error[OUTPUT_ERROR_MAX];
    return side_write("side.edl", content, strlen(content), cache, force, error);
}

static bool holds(const char *content) {
    char buf[64] = "";
    FILE *f = fopen("side.edl", "r");
    if (!f) return false;
    size_t n = fread(buf, 1, sizeof buf - 1, f);
    fclose(f);
    return n == strlen(content) && !memcmp(buf, content, n);
}

static void scribble(const char *content) {
    FILE *f = fopen("side.edl", "w");
    if (!f) return;
    fputs(content, f);
    fclose(f);
}

static void test_whose(void) {
    tap_ok(put("one", "cache", false) && holds("one"), "a new one is written");
    tap_ok(put("two", "cache", false) && holds("two"), "ours is replaced");
    scribble("theirs");
    tap_ok(!put("three", "cache", false) && holds("theirs"), "one that was changed is spared");
    tap_ok(put("theirs", "cache", false), "one that says the same already is no obstacle");
    tap_ok(put("four", "cache", false) && holds("four"), "and is ours from then on");
    tap_ok(!put("five", NULL, false) && holds("four"), "without a cache none is known as ours");
    tap_ok(put("five", NULL, true) && holds("five"), "force replaces any");
    struct stat st;
    mode_t mask = umask(0);
    umask(mask);
    tap_ok(stat("side.edl", &st) == 0 && (st.st_mode & 0777) == (0666 & ~mask), "its mode is the usual one");
}

static void test_output(void) {
    char error[OUTPUT_ERROR_MAX];
    output o;
    scribble("old");
    tap_ok(output_open(&o, "side.edl", error) && fputs("new", o.to) >= 0 && holds("old"),
           "until the commit the old file");
    output_abandon(&o);
    tap_ok(holds("old") && !o.to && !o.temp, "abandoned: nothing has changed");
    tap_ok(output_save("side.edl", "new", 3, error) && holds("new"), "committed: the new one");
    tap_ok(!output_save("none/side.edl", "new", 3, error) && strstr(error, "none/side.edl"), "no folder: %s", error);
    tap_ok(output_make_folder("a/b//c/", error) && output_make_folder("a/b/c", error),
           "folders are made, or are there");
    tap_ok(!output_make_folder("side.edl/x", error) && strstr(error, "side.edl/x"), "a file is no folder: %s", error);
}

int main(void) {
    char dir[] = "/tmp/bookend-side-XXXXXX";
    if (!mkdtemp(dir) || chdir(dir) != 0) return 1;
    test_names();
    test_whose();
    test_output();
    if (chdir("/") != 0) return 1;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", dir);
    tap_ok(system(command) == 0, "cleaned up");
    return tap_done();
}
