/* .bookend.conf: what its lines set, what is wrong with them, and which file holds for a video. */
#include "tap.h"

#include <string.h>

#include "bookend/bookend.h"
#include "folder.h"
#include "scratch.h"

static settings parse_options(int argc, char *const *argv) {
    char error[OPT_ERROR_MAX];
    settings s;
    int words;
    const command *c = opts_command(argc, argv, &words, error);
    if (opts_parse(&s, c, argc - 1 - words, argv + 1 + words, error) != 0) tap_ok(false, "%s", error);
    return s;
}

static char *const plain[] = { "bookend", "detect", "x", NULL };
static char *const given[] = { "bookend", "detect", "--pad-end", "7", "--scan", "full", "x", NULL };

static const struct {
    const char *text, *error; /* NULL: fine */
} lines[] = {
    { "", NULL },
    { "\n\n# only a comment\n", NULL },
    { "\xef\xbb\xbf"
      "skip = true\r\n",
      NULL },
    { "pad-start = 2.5 # seconds", NULL },
    { "decision = \"notebook\"", NULL },
    { "start-within=1:02:03", NULL },
    { "pad-start = 1\nstrt-within = 5:00\n",
      "f, line 2: there is no setting 'strt-within'; did you mean start-within?" },
    { "xyzzy = 1", "f, line 1: there is no setting 'xyzzy'; there are format" },
    { "jobs = 4", "f, line 1: there is no setting 'jobs'" },
    { "skip", "f, line 1: 'skip': KEY = VALUE was expected" },
    { "[show]", "f, line 1: '[show]': KEY = VALUE" },
    { "= 4", "f, line 1: the key is missing" },
    { "skip =", "f, line 1: the value is missing" },
    { "skip = maybe", "f, line 1: skip 'maybe': true or false was expected" },
    { "pad-end = -1", "f, line 1: pad-end '-1': a number from 0 to 600" },
    { "pad-end = 1\n\nend-within = ten", "f, line 3: end-within 'ten': a time from" },
    { "format = \"edl", "f, line 1: format: a quotation mark stands alone" },
    { "format = e\"dl\"", "f, line 1: format: a quotation mark stands alone" },
    { "format = edk", "f, line 1: format 'edk': did you mean" },
};

static void test_lines(void) {
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char error[FOLDER_ERROR_MAX] = "";
        settings s = parse_options(3, plain);
        bool ok = folder_parse(&s, lines[i].text, strlen(lines[i].text), "f", error);
        bool held = lines[i].error ? !ok && !strncmp(error, lines[i].error, strlen(lines[i].error)) : ok;
        tap_ok(held, "line of case %zu: %s", i, ok ? "fine" : error);
        opts_close(&s);
    }
    char error[FOLDER_ERROR_MAX], large[400];
    settings s = parse_options(3, plain);
    tap_ok(!folder_parse(&s, "skip = true\0", 12, "f", error) && strstr(error, "not text"), "%s", error);
    memset(large, ' ', sizeof large);
    tap_ok(!folder_parse(&s, large, sizeof large, "f", error) && strstr(error, "longer than"), "%s", error);
    opts_close(&s);
}

static void test_values(void) {
    static const char text[] =
        "pad-start = 2.5\npad-end = 3\nscan = smart\nformat = edl\nend-within = 10:00\nskip = yes";
    char error[FOLDER_ERROR_MAX];
    settings s = parse_options(3, plain);
    tap_ok(folder_parse(&s, text, strlen(text), "f", error) && s.pad_start == 2.5 && s.pad_end == 3 && s.skip &&
               s.end_within == 600 && s.format == bk_format_find("edl"),
           "each line sets its field");
    opts_close(&s);
    s = parse_options(7, given);
    tap_ok(folder_parse(&s, text, strlen(text), "f", error) && s.pad_start == 2.5 && s.pad_end == 7 &&
               s.scan == BK_SCAN_FULL,
           "the command line overrules");
    tap_ok(!folder_parse(&s, "pad-end = x", 11, "f", error), "but a wrong value is wrong even so");
    opts_close(&s);
}

static void put(scratch *t, const char *name, const char *content) {
    FILE *f = fopen(scratch_path(t, name), "w");
    if (!f) return;
    fputs(content, f);
    fclose(f);
}

static void test_nearest(void) {
    scratch t;
    folder_list l = { 0 };
    settings s = parse_options(3, plain);
    scratch_open(&t);
    mkdir(scratch_path(&t, "show"), 0777);
    mkdir(scratch_path(&t, "show/season"), 0777);
    mkdir(scratch_path(&t, "show/bad"), 0777);
    put(&t, FOLDER_FILE, "pad-end = 1\npad-start = 9");
    put(&t, "show/" FOLDER_FILE, "pad-end = 2");
    put(&t, "show/bad/" FOLDER_FILE, "pad = 2");
    const folder *top = folder_of(&l, scratch_path(&t, "a.mkv"), &s);
    const folder *below = folder_of(&l, scratch_path(&t, "show/season/a.mkv"), &s);
    const folder *bad = folder_of(&l, scratch_path(&t, "show/bad/a.mkv"), &s);
    tap_ok(top && !top->failed && top->s.pad_end == 1 && top->s.pad_start == 9, "the file beside the video");
    tap_ok(below && below->s.pad_end == 2 && below->s.pad_start == 0, "the nearest above it, and only that");
    tap_ok(bad && bad->failed && strstr(bad->error, "bad/" FOLDER_FILE ", line 1: "), "%s", bad ? bad->error : "");
    tap_ok(folder_of(&l, scratch_path(&t, "show/season/b.mkv"), &s) == below && l.n == 3, "each folder is read once");
    folder_list_close(&l);
    s.folder_files = false;
    top = folder_of(&l, scratch_path(&t, "a.mkv"), &s);
    tap_ok(top && !top->file && top->s.pad_end == 0, "or none is looked for");
    folder_list_close(&l);
    opts_close(&s);
    scratch_close(&t);
}

int main(void) {
    test_lines();
    test_values();
    test_nearest();
    return tap_done();
}
