/* marks/: names of chapters, and markers read back from every format that out/ writes. */
#include <string.h>

#include "base/file.h"
#include "marks/marks.h"
#include "tap.h"

static void test_names(void) {
    static const struct {
        const char *name;
        mark_kind kind;
    } cases[] = {
        { "Intro", MARK_INTRO },
        { "OPENING", MARK_INTRO },
        { "OP", MARK_INTRO },
        { "OP1", MARK_INTRO },
        { "01. Opening", MARK_INTRO },
        { "Opening Credits", MARK_INTRO },
        { "Main Titles", MARK_INTRO },
        { "Opening: Tank!", MARK_INTRO },
        { "Chapter 2 - Opening", MARK_INTRO },
        { "Titelsequenz", MARK_INTRO },
        { "Générique", MARK_INTRO },
        { "GÉNÉRIQUE", MARK_INTRO },
        { "Vorspann", MARK_INTRO },
        { "Sigla", MARK_INTRO },
        { "Заставка", MARK_INTRO },
        { "ОПЕНИНГ", MARK_INTRO },
        { "オープニング", MARK_INTRO },
        { "片头曲", MARK_INTRO },
        { "CZOŁÓWKA", MARK_INTRO },
        { "Recap", MARK_RECAP },
        { "Previously on Lost", MARK_RECAP },
        { "Was bisher geschah", MARK_RECAP },
        { "Credits", MARK_CREDITS },
        { "End Credits", MARK_CREDITS },
        { "Ending", MARK_CREDITS },
        { "ED", MARK_CREDITS },
        { "ED 2", MARK_CREDITS },
        { "Outro", MARK_CREDITS },
        { "Abspann", MARK_CREDITS },
        { "Générique de fin", MARK_CREDITS },
        { "Titoli di coda", MARK_CREDITS },
        { "Титры", MARK_CREDITS },
        { "エンディング", MARK_CREDITS },
        { "Closing logo", MARK_CREDITS },
        { "Prologue", MARK_STORY },
        { "Epilog", MARK_STORY },
        { "Avant", MARK_STORY },
        { "Part A", MARK_STORY },
        { "B-Part", MARK_STORY },
        { "Aパート", MARK_STORY },
        { "Post-credits scene", MARK_STORY },
        { "Main", MARK_STORY },
        { "Last scene", MARK_STORY },
        { "Chapter 1", MARK_NOTHING },
        { "00:12:00.000", MARK_NOTHING },
        { "Kapitel 12", MARK_NOTHING },
        { "", MARK_NOTHING },
        { NULL, MARK_NOTHING },
        { "Opening Night", MARK_NOTHING },
        { "The Edge", MARK_NOTHING },
        { "Topping", MARK_NOTHING },
        { "Credit Where It Is Due", MARK_NOTHING },
        { "\xff\xfe\x80", MARK_NOTHING },
        { "The Introduction of Mr. Fox", MARK_NOTHING },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        tap_ok(mark_kind_of(cases[i].name) == cases[i].kind, "\"%s\" is of kind %d, says %d",
               cases[i].name ? cases[i].name : "NULL", (int)cases[i].kind, (int)mark_kind_of(cases[i].name));
    char longest[5000];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = 0;
    tap_ok(mark_kind_of(longest) == MARK_NOTHING, "a name of 5000 letters");
}

/* Every format of the golden answers: opening to 92.480, credits from 1350.120 to 1440. */
static void test_golden(void) {
    static const char *const formats[] = { "aniskip",  "comskip",    "csv",      "edl",         "ffmetadata",
                                           "jellyfin", "json",       "matroska", "mplayer-edl", "mpv-edl",
                                           "ogm",      "theintrodb", "webvtt" };
    const mark_film film = { "a/episode.mkv", 1440000000, 24000.0 / 1001 };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char path[100], *source = NULL;
        size_t n;
        bk_error err = { 0 };
        marks m = { 0 };
        mark_claim start = { .n = 0 }, end = { .n = 0 };
        snprintf(path, sizeof path, "tests/golden/out/example.%s", formats[i]);
        int code = file_read(&source, &n, path, 1 << 20, &err);
        if (code == BK_OK) code = marks_parse(&m, source, n, path, &film, &err);
        marks_claim(&start, &end, &m, film.duration_us);
        bool one = start.n == 1 && end.n == 1;
        tap_ok(code == BK_OK && one && llabs(start.at[0].end_us - 92480000) < 30000 &&
                   llabs(end.at[0].begin_us - 1350120000) < 30000,
               "%s: %d and %d stretches, %.3f and %.3f %s", formats[i], start.n, end.n,
               one ? (double)start.at[0].end_us / 1e6 : 0.0, one ? (double)end.at[0].begin_us / 1e6 : 0.0, err.text);
        bool same = m.format && (strcmp(m.format, formats[i]) == 0 || strcmp(formats[i], "mplayer-edl") == 0 ||
                                 strcmp(m.format, "json") == 0);
        tap_ok(same, "%s: known as %s", formats[i], m.format ? m.format : "nothing");
        marks_close(&m);
        free(source);
    }
}

/* What is read of a text: the two sides, as "begin-end" in seconds, "?" where it is not told. */
static void describe(char *to, size_t cap, const mark_claim *c) {
    *to = 0;
    for (int i = 0; i < c->n; i++) {
        size_t k = strlen(to);
        const marker *m = &c->at[i];
        char a[24] = "?", b[24] = "?";
        if (m->begin_us != MARK_OPEN) snprintf(a, sizeof a, "%g", (double)m->begin_us / 1e6);
        if (m->end_us != MARK_OPEN) snprintf(b, sizeof b, "%g", (double)m->end_us / 1e6);
        snprintf(to + k, cap - k, "%s%s-%s", i ? " " : "", a, b);
    }
}

static void test_texts(void) {
    static const struct {
        const char *what, *text, *start, *end; /* start NULL: refused */
    } cases[] = {
        { "Kodi's EDL", "## a comment\n0.0 12.5 3\n5 6 1\n40 50.5 0\n7 2\n", "0-12.5", "40-50.5" },
        { "EDL with clock times and frames", "0:00:01.5\t#240\t0\n", "1.5-10", "" },
        { "intro-skipper's actions", "1 9 4\n20 30 5\n", "1-9", "20-30" },
        { "an empty EDL", "\n\n", "", "" },
        { "an EDL backwards", "12 3 0\n", NULL, NULL },
        { "an EDL of words", "12 to 13\n", NULL, NULL },
        { "an EDL's action 9", "1 2 9\n", NULL, NULL },
        { "Comskip's frames", "FILE PROCESSING COMPLETE   1440 FRAMES AT  2400\n-----\n0\t240\n", "0-10", "" },
        { "mpv's EDL", "# mpv EDL v0\n%7%a,b.mkv,5,20\nc.mkv,40,10\n", "0-5", "25-40 50-60" },
        { "ffmetadata without a base", ";FFMETADATA1\n[CHAPTER]\nSTART=0\nEND=9000000000\ntitle=In\\tro\n", "0-9",
          "" },
        { "ffmetadata without START", ";FFMETADATA1\n[CHAPTER]\ntitle=Intro\n", NULL, NULL },
        { "Matroska, nested",
          "<?xml version=\"1.0\"?><Chapters><EditionEntry><ChapterAtom><ChapterTimeStart>00:00:00.000"
          "</ChapterTimeStart><ChapterTimeEnd>00:00:08</ChapterTimeEnd><ChapterDisplay><ChapterString>"
          "Intro</ChapterString></ChapterDisplay><ChapterAtom><ChapterTimeStart>00:00:20.5"
          "</ChapterTimeStart><ChapterSkipType>2</ChapterSkipType></ChapterAtom></ChapterAtom>"
          "</EditionEntry></Chapters>",
          "0-8", "20.5-60" },
        { "other XML", "<svg></svg>", NULL, NULL },
        { "OGM", "CHAPTER01=00:00:00.000\nCHAPTER01NAME=Chapter 1\nCHAPTER02=00:00:50,5\nCHAPTER02NAME=Abspann\n", "",
          "50.5-60" },
        { "WebVTT with short times", "WEBVTT\n\n00:00.000 --> 00:10.000 align:start\nOpening\n", "0-10", "" },
        { "AniSkip, none found", "{\"found\":false,\"results\":[],\"statusCode\":404}", "", "" },
        { "TheIntroDB with nulls",
          "{\"tmdb_id\":1,\"intro\":[{\"start_ms\":null,\"end_ms\":9000}],\"credits\":[{\"start_ms\":50000,\"end_"
          "ms\":null}]}",
          "0-9", "50-60" },
        { "our JSON, unsure of an end",
          "{\"file\":\"x/film.mkv\",\"start_main\":4.5,\"end_main\":null,\"segments\":[]}", "?-4.5", "" },
        { "our JSON lines",
          "{\"file\":\"a.mkv\",\"start_main\":1,\"end_main\":2,\"segments\":[]}\n{\"file\":\"film.mkv\",\"start_"
          "main\":3,\"end_main\":50,\"segments\":[]}\n",
          "?-3", "50-?" },
        { "answers of other films", "{\"file\":\"a.mkv\",\"start_main\":1}\n{\"file\":\"b.mkv\",\"start_main\":3}\n",
          NULL, NULL },
        { "JSON of another kind", "{\"a\":1}", NULL, NULL },
        { "broken JSON", "{\"results\":[{\"interval\":", NULL, NULL },
        { "labels", "file,start_main,end_main\nfilm.mp4,00:00:05.500,00:00:50\n", "?-5.5", "50-?" },
        { "labels of others", "file,start_main,end_main\na.mkv,00:00:05,00:00:50\n", NULL, NULL },
        { "prose", "Dear sir", NULL, NULL },
    };
    const mark_film film = { "season/film.mkv", 60000000, 24.0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        marks m = { 0 };
        mark_claim start, end;
        bk_error err = { 0 };
        char a[200], b[200];
        int code = marks_parse(&m, cases[i].text, strlen(cases[i].text), "x", &film, &err);
        if (!cases[i].start) {
            tap_ok(code < 0 && err.text[0], "%s: refused: %s", cases[i].what, err.text);
            marks_close(&m);
            continue;
        }
        marks_claim(&start, &end, &m, film.duration_us);
        describe(a, sizeof a, &start);
        describe(b, sizeof b, &end);
        tap_ok(code == BK_OK && !strcmp(a, cases[i].start) && !strcmp(b, cases[i].end), "%s: [%s] [%s] %s",
               cases[i].what, a, b, err.text);
        marks_close(&m);
    }
}

int main(void) {
    test_names();
    test_golden();
    test_texts();
    return tap_done();
}
