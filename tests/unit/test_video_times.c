/* media/video_times.c: durations and frame indices, which come from packets, must agree with what stepping through
 * the frames shows; also where headers say nothing or are wrong. */
#include <string.h>

#include "films.h"

enum { FRAMES = 120 };

typedef struct kind {
    const char *file, *how;
    int frames;       /* 0: not told */
    int64_t duration; /* us; 0: not told */
    int constant;     /* what the header must say: 1, 0, -1 either */
} kind;

static const kind kinds[] = {
    { "film.mkv", NULL, FRAMES, 5000000, 1 },
    { "film.mp4", NULL, FRAMES, 5000000, 1 },
    { "long.mkv", "-stream_loop 20 -i film.mkv -map 1 -c copy", 21 * FRAMES, 105000000, 1 },
    { "film.ts", "-c copy", FRAMES, 5000000, -1 },
    { "film.avi", "-c:v mpeg4 -bf 2", FRAMES, 5000000, 1 },
    { "film.mpg", "-c:v mpeg2video -bf 2", FRAMES, 5000000, -1 },
    { "raw.h264", "-c copy", FRAMES, 0, 1 },
    { "streamed.mkv", "-c copy -f matroska - | cat >", FRAMES, 5000000, 1 },
    { "fragments.mp4", "-c copy -movflags frag_keyframe+empty_moov", FRAMES, 5000000, -1 },
    { "late.mkv", "-f lavfi -i sine=d=9 -vf setpts=PTS+2.37/TB -fps_mode vfr -c:v libx264 -c:a flac", FRAMES, 5000000,
      1 },
    { "sound.mkv", "-f lavfi -i sine=d=60 -c:v copy -c:a flac", FRAMES, 5000000, 1 },
    { "sound.ts", "-f lavfi -i sine=d=60 -c:v copy -c:a mp2", FRAMES, 5000000, -1 },
    { "ntsc.mp4", "-r 24000/1001 -c:v libx264", 0, 0, 1 },
    { "ntsc.mkv", "-r 24000/1001 -c:v libx264", 0, 0, 1 },
    { "ntsc30.ts", "-r 30000/1001 -c:v libx264", 0, 0, -1 },
    { "gaps.mp4", "-vf select='not(mod(n\\,3)*gt(mod(n\\,50)\\,20))' -fps_mode vfr -c:v libx264", 0, 0, 0 },
    { "lying.mkv", "-vf select='not(mod(n\\,3)*gt(mod(n\\,50)\\,20))' -fps_mode vfr -c:v libx264", 0, 0, 1 },
    { "hole.mkv", "-vf select='not(between(n\\,60\\,80))' -fps_mode vfr -c:v libx264", 0, 0, 1 },
    { "vp8.webm", "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 16 -b:v 1M", FRAMES, 5000000, 1 },
    { "two.mp4", "-frames:v 2 -c:v libx264", 2, 83333, -1 },
    { "one.mkv", "-frames:v 1 -c:v libx264", 1, 0, -1 },
};

static int64_t index_at(video *v, int64_t time_us) {
    bk_error err = { 0 };
    int64_t index = -2;
    if (video_frame_index(v, time_us, &index, &err) != BK_OK) printf("# %s\n", err.text);
    return index;
}

/* How many frames have another index than their place, looked up at their time and half-way to the next. */
static int wrong_indices(video *v, int *frames, int64_t *last_us) {
    video_frame f;
    int bad = 0, n = 0;
    int64_t before = 0;
    for (; video_step(v, &f, NULL) == 1; n++, before = f.time_us) {
        bool right = index_at(v, f.time_us) == n && (!n || index_at(v, before + (f.time_us - before) / 2) == n - 1);
        if (!right && bad++ < 3)
            printf("# frame %d at %lld us has index %lld\n", n, (long long)f.time_us,
                   (long long)index_at(v, f.time_us));
    }
    *frames = n;
    *last_us = before;
    return bad;
}

static void test_kind(scratch *s, const kind *k) {
    int n = 0;
    int64_t last_us = 0;
    video *v = film_open(s, k->file, NULL);
    if (!v) return;
    const video_info i = *video_describe(v);
    const int64_t frame_us = (int64_t)1000000 * i.fps_den / i.fps_num;
    int bad = wrong_indices(v, &n, &last_us);
    tap_ok(!bad && n > 0 && (!k->frames || n == k->frames), "%s: %d of %d indices are wrong", k->file, bad, n);
    tap_ok(index_at(v, i.duration_us) == n && index_at(v, i.duration_us + 9000000) == n && index_at(v, -5) == 0,
           "%s: index %lld at the end", k->file, (long long)index_at(v, i.duration_us));
    tap_ok(i.duration_us > last_us && i.duration_us <= last_us + 4 * frame_us, "%s: %lld us, the last frame at %lld",
           k->file, (long long)i.duration_us, (long long)last_us);
    if (k->duration)
        tap_ok(llabs(i.duration_us - k->duration) <= 1500, "%s: expected %lld us", k->file, (long long)k->duration);
    if (k->constant >= 0) tap_ok(i.constant_rate == k->constant, "%s: rate %d/%d", k->file, i.fps_num, i.fps_den);
    video_close(&v);
}

int main(void) {
    scratch s;
    scratch_open(&s);
    const record_options opt = { .crf = 30 };
    tap_ok(film_make(&s, "film.mkv", FRAMES, &opt) && film_make(&s, "film.mp4", FRAMES, &opt), "films are recorded");
    const bool ffmpeg = film_have_ffmpeg(&s);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const kind *k = &kinds[i];
        if (k->how && !(ffmpeg && film_run(&s, "ffmpeg -v error -y -i film.mkv %s %s", k->how, k->file)))
            tap_skip(k->file, "this ffmpeg program cannot make it, or there is none");
        else
            test_kind(&s, k);
    }
    scratch_close(&s);
    return tap_done();
}
