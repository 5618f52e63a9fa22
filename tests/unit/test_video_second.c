/* media/video_second.c: the frames of one a second must be those that the ffmpeg program writes with -vf fps=1, byte
 * for byte; and against a table of their indices, worked out by hand from the filter's rule, where there is no
 * program. */
#include <string.h>

#include "films.h"

static const struct {
    const char *file, *how;
} kinds[] = {
    { "whole24.mp4", "-frames:v 96 -c:v libx264" },
    { "part24.mp4", "-frames:v 131 -c:v libx264" },
    { "half24.mp4", "-frames:v 84 -c:v libx264" },
    { "more24.mp4", "-frames:v 85 -c:v libx264" },
    { "less24.mp4", "-frames:v 83 -c:v libx264" },
    { "one24.mp4", "-frames:v 1 -c:v libx264" },
    { "five24.mkv", "-frames:v 5 -c:v libx264" },
    { "r25.mkv", "-r 25 -c:v libx264" },
    { "r23976.mp4", "-r 24000/1001 -c:v libx264" },
    { "r23976.mkv", "-r 24000/1001 -c:v libx264" },
    { "r2997.ts", "-r 30000/1001 -c:v libx264" },
    { "slow.mp4", "-r 2/3 -c:v libx264" },
    { "slow.mkv", "-r 0.3 -c:v libx264" },
    { "vfr.mkv", "-vf select='not(between(n\\,30\\,110))' -fps_mode vfr -c:v libx264" },
    { "vfr.mp4", "-vf select='lt(random(0)\\,0.05)' -fps_mode vfr -c:v libx264" },
    { "late.mkv", "-vf setpts=PTS+2.37/TB -fps_mode vfr -c:v libx264 -copyts" },
    { "late.ts", "-vf setpts=PTS+0.61/TB -fps_mode vfr -c:v libx264 -copyts" },
    { "beside.mkv", "-f lavfi -i sine=d=7 -vf setpts=PTS+2.37/TB -fps_mode vfr -c:v libx264 -c:a flac" },
    { "beside.ts", "-f lavfi -i sine=d=7 -vf setpts=PTS+2.37/TB -fps_mode vfr -c:v libx264 -c:a mp2" },
    { "after.mp4", "-f lavfi -i sine=d=7 -af asetpts=PTS+1.7/TB -c:v libx264 -c:a aac" },
    { "old.avi", "-c:v mpeg4 -bf 2" },
    { "old.mpg", "-c:v mpeg2video -bf 2" },
    { "raw.h264", "-c:v libx264" },
};

static int compare(scratch *s, const char *file) {
    uint8_t picture[FILM_W * FILM_H * 3];
    size_t n = 0, at = 0;
    int64_t second = 0;
    bk_error err = { 0 };
    uint8_t *expected = film_bytes(s, "expected.rgb", &n);
    video *v = expected ? film_open(s, file, NULL) : NULL;
    if (!v) return free(expected), -1;
    int count = 0, bad = 0, got;
    for (; (got = video_next_second(v, &second, picture, &err)) == 1; count++, at += sizeof picture)
        bad += second != count || at + sizeof picture > n || memcmp(expected + at, picture, sizeof picture) != 0;
    if (got < 0) printf("# %s\n", err.text);
    tap_ok(got == 0 && !bad && at == n, "%s: %d pictures, ffmpeg writes %zu; %d differ", file, count,
           n / sizeof picture, bad);
    tap_ok(video_next_second(v, &second, picture, &err) == 0, "%s: the end stays the end", file);
    video_close(&v);
    free(expected);
    return 0;
}

static void test_against_ffmpeg(scratch *s) {
    const bool ffmpeg = film_have_ffmpeg(s);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *file = kinds[i].file;
        if (!ffmpeg || !film_run(s, "ffmpeg -v error -y -i film.mkv %s %s", kinds[i].how, file) ||
            !film_run(
                s, "ffmpeg -v error -y -threads 1 -i %s -map 0:v:0 -vf fps=1 -pix_fmt rgb24 -f rawvideo expected.rgb",
                file))
            tap_skip(file, "this ffmpeg program cannot make it, or there is none");
        else if (compare(s, file) < 0)
            tap_ok(false, "%s: cannot be compared", file);
    }
}

/* At 24 frames a second, second k shows the last frame before k + 1/2: frame 24 k + 11. The film lasts n / 24 s, and
 * that rounded is how many there are. */
static void test_rule(scratch *s, int frames, int expected) {
    uint8_t picture[FILM_W * FILM_H * 3];
    const record_options opt = { .crf = 12 };
    int64_t second = 0;
    int count = 0, bad = 0;
    if (!film_make(s, "rule.mkv", frames, &opt)) return;
    video *v = film_open(s, "rule.mkv", NULL);
    if (!v) return;
    for (; video_next_second(v, &second, picture, NULL) == 1; count++) {
        int due = 24 * count + 11 < frames ? 24 * count + 11 : frames - 1;
        bad += film_read(picture, FILM_W) != due;
    }
    tap_ok(count == expected && !bad, "%d frames: %d pictures, %d not the due ones", frames, count, bad);
    video_close(&v);
}

int main(void) {
    scratch s;
    scratch_open(&s);
    const record_options opt = { .crf = 12 };
    tap_ok(film_make(&s, "film.mkv", 150, &opt), "a film is recorded");
    test_rule(&s, 96, 4);
    test_rule(&s, 107, 4);
    test_rule(&s, 109, 5);
    test_against_ffmpeg(&s);
    scratch_close(&s);
    return tap_done();
}
