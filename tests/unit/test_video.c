/* media/video.c: which frame comes when. Films of many kinds are stepped through once; then each seek must give the
 * very frames that stepping gave. */
#include <string.h>

#include "base/rng.h"
#include "films.h"
#include "media/soundless.h"

/* Built to measure every film with the video's own demuxer: MP4 alone is ever measured so (video_times.c). */
#ifdef BORROW_FRAMES
enum { MP4_ALONE = 1 };
#else
enum { MP4_ALONE = 0 };
#endif

enum { FRAMES = 150 };

typedef struct kind {
    const char *file;
    const char *how; /* arguments of ffmpeg after -i film.mkv, up to the file; NULL: as recorded */
    int frames;      /* 0: not told */
    bool rough;      /* no times of showing in the file: keyframes are not timed exactly */
} kind;

static const kind kinds[] = {
    { "film.mkv", NULL, FRAMES, false },
    { "film.mp4", NULL, FRAMES, false },
    { "every.mp4", "-c:v libx264 -g 1", FRAMES, false },
    { "short.mp4", "-c:v libx264 -x264-params keyint=3:min-keyint=1:bframes=2", FRAMES, false },
    { "closed.mp4", "-c:v libx264 -g 30 -bf 3", FRAMES, false },
    { "open.mkv", "-c:v libx264 -x264-params open-gop=1:keyint=40:min-keyint=40:bframes=5:scenecut=0", FRAMES,
      false },
    { "open.mp4", "-c:v libx264 -x264-params open-gop=1:keyint=40:min-keyint=40:bframes=5:scenecut=0", FRAMES,
      false },
    { "open.ts", "-c:v libx264 -x264-params open-gop=1:keyint=40:min-keyint=40:bframes=5:scenecut=0", FRAMES, false },
    { "refresh.mp4", "-c:v libx264 -x264-params intra-refresh=1:keyint=40", FRAMES, false },
    { "refresh.ts", "-c:v libx264 -x264-params intra-refresh=1:keyint=40", FRAMES, false },
    { "front.mp4", "-c:v libx264 -g 30 -movflags faststart", FRAMES, false },
    { "fragments.mp4", "-c:v libx264 -g 25 -movflags frag_keyframe+empty_moov", FRAMES, false },
    { "hevc.mkv", "-c:v libx265 -x265-params log-level=none:keyint=40", FRAMES, false },
    { "hevc.ts", "-c:v libx265 -x265-params log-level=none:keyint=40", FRAMES, false },
    { "mpeg2.ts", "-c:v mpeg2video -g 15 -bf 2 -q:v 3", FRAMES, false },
    { "mpeg2.mpg", "-c:v mpeg2video -g 15 -bf 2 -q:v 3", FRAMES, true },
    { "vp8.webm", "-c:v libvpx -g 40 -auto-alt-ref 1 -lag-in-frames 16 -b:v 1M", FRAMES, false },
    { "vp9.webm", "-c:v libvpx-vp9 -g 40 -b:v 1M -deadline realtime -cpu-used 8", FRAMES, false },
    { "h264.flv", "-c:v libx264 -g 30", FRAMES, false },
    { "mpeg4.avi", "-c:v mpeg4 -bf 2 -g 30 -q:v 3", FRAMES, true },
    { "h264.avi", "-c:v libx264 -g 30", FRAMES, true },
    { "raw.h264", "-c:v libx264 -g 30", FRAMES, true },
    { "raw.m2v", "-c:v mpeg2video -bf 2 -g 30 -q:v 3", FRAMES, true },
    { "streamed.mkv", "-c:v libx264 -g 30 -f matroska - | cat >", FRAMES, false },
    { "variable.mkv", "-vf select='not(mod(n\\,3)*gt(mod(n\\,50)\\,20))' -fps_mode vfr -c:v libx264 -g 20", 0,
      false },
    { "variable.mp4", "-vf select='not(mod(n\\,3)*gt(mod(n\\,50)\\,20))' -fps_mode vfr -c:v libx264 -g 20", 0,
      false },
    { "late.mkv", "-vf setpts=PTS+2.37/TB -fps_mode vfr -c:v libx264 -g 30 -copyts", FRAMES, false },
    { "late.ts", "-vf setpts=PTS+2.37/TB -fps_mode vfr -c:v libx264 -g 30 -copyts", FRAMES, false },
    { "ntsc.mkv", "-r 24000/1001 -c:v libx264 -g 30", 0, false },
    { "fields.ts", "-c:v libx264 -flags +ildct+ilme -x264opts tff=1 -g 30", FRAMES, false },
    { "deep.mkv", "-c:v ffv1 -pix_fmt yuv420p10le -g 10", FRAMES, false },
    { "odd.mkv", "-vf format=yuv444p,crop=91:61:0:0:exact=1 -c:v ffv1 -g 10", FRAMES, false },
    { "motion.mkv", "-c:v mjpeg -q:v 3", FRAMES, false },
};

/* What stepping through a film gave. */
typedef struct walk {
    int n, index[2 * FRAMES];
    int64_t time_us[2 * FRAMES];
    bool key[2 * FRAMES];
} walk;

static uint8_t picture[FILM_W * FILM_H * 3];

static int stamp_of(video *v) {
    bk_error err = { 0 };
    if (video_picture(v, picture, &err) == BK_OK) return film_read(picture, video_describe(v)->width);
    printf("# %s\n", err.text);
    return -1;
}

/* Steps from where the video is to its end; whether nothing failed. */
static bool walk_to_end(video *v, walk *w) {
    video_frame f;
    int got = 0;
    for (w->n = 0; w->n < 2 * FRAMES && (got = video_step(v, &f, NULL)) == 1; w->n++) {
        w->index[w->n] = stamp_of(v);
        w->time_us[w->n] = f.time_us;
        w->key[w->n] = f.key;
    }
    return got == 0;
}

static bool is_rising(const walk *w) {
    for (int i = 0; i < w->n; i++)
        if (w->index[i] < 0 || (i && (w->index[i] <= w->index[i - 1] || w->time_us[i] <= w->time_us[i - 1])))
            return false;
    return w->n > 0 && w->time_us[0] == 0;
}

/* Seeks to frame i (or to just after the one before) and looks at it and the next two. */
static bool seek_gives(video *v, const walk *w, int i, bool between) {
    const int64_t time_us = between && i ? w->time_us[i - 1] + 1 : w->time_us[i];
    bk_error err = { 0 };
    video_frame f;
    if (video_seek(v, time_us, &err) != BK_OK) return tap_ok(false, "seek: %s", err.text);
    for (int k = i; k < i + 3 && k < w->n; k++) {
        int got = video_step(v, &f, &err), stamp = got == 1 ? stamp_of(v) : -1;
        if (got == 1 && stamp == w->index[k] && f.time_us == w->time_us[k]) continue;
        printf("# sought %lld us, frame %d: got %d, stamp %d at %lld us, expected %d at %lld us\n",
               (long long)time_us, i, got, stamp, (long long)f.time_us, w->index[k], (long long)w->time_us[k]);
        return false;
    }
    return true;
}

static int seeks_that_fail(video *v, const walk *w, int seeks) {
    rng r = rng_make(7, 0);
    int bad = 0, at = 0;
    for (int i = 0; i < seeks; i++) {
        at = i % 3 == 1 ? (at + (int)rng_below(&r, 10)) % w->n : (int)rng_below(&r, (uint32_t)w->n);
        if (i == 5) at = w->n - 1;
        if (i == 6) at = 0;
        bad += !seek_gives(v, w, at, i % 4 == 3);
    }
    return bad;
}

/* The frames of VIDEO_KEYFRAMES against those the decoder called so; with `rough` only their number. */
static bool keyframes_match(video *v, const walk *w, bool rough) {
    static walk k;
    int next = 0;
    video_set_mode(v, VIDEO_KEYFRAMES);
    if (video_seek(v, 0, NULL) != BK_OK || !walk_to_end(v, &k)) return false;
    for (int i = 0; i < w->n; i++) {
        if (!w->key[i]) continue;
        if (next >= k.n || (!rough && (k.time_us[next] != w->time_us[i] || k.index[next] != w->index[i])))
            return false;
        next++;
    }
    return next == k.n;
}

/* Each keyframe is found from just after the one before. */
static bool keyframes_are_found(video *v, const walk *w) {
    video_frame f;
    int64_t last = -1;
    for (int i = 0; i < w->n; i++) {
        if (!w->key[i]) continue;
        if (video_seek(v, last + 1, NULL) != BK_OK || video_step(v, &f, NULL) != 1 || f.time_us != w->time_us[i])
            return false;
        last = f.time_us;
    }
    return video_seek(v, last + 1, NULL) == BK_OK && video_step(v, &f, NULL) == 0;
}

/* With an end, the keyframes before it and no more; the next seek goes on from there. */
static bool keyframes_end(video *v, const walk *w) {
    static walk k;
    for (int i = 0; i < w->n; i++) {
        if (!w->key[i] || w->time_us[i] == 0) continue;
        int before = 0;
        for (int at = 0; at < i; at++) before += w->key[at];
        video_set_key_end(v, w->time_us[i]);
        bool right = video_seek(v, 0, NULL) == BK_OK && walk_to_end(v, &k) && k.n == before;
        video_set_key_end(v, 0);
        video_frame f;
        if (!right || video_seek(v, w->time_us[i], NULL) != BK_OK || video_step(v, &f, NULL) != 1 ||
            f.time_us != w->time_us[i])
            return false;
    }
    return true;
}

/* Some frames may be left out, but none moved. */
static bool references_match(video *v, const walk *w) {
    static walk r;
    int at = 0;
    video_set_mode(v, VIDEO_REFERENCES);
    if (video_seek(v, 0, NULL) != BK_OK || !walk_to_end(v, &r) || r.n == 0) return false;
    for (int i = 0; i < r.n; i++) {
        while (at < w->n && w->time_us[at] != r.time_us[i]) at++;
        if (at == w->n || w->index[at] != r.index[i]) return false;
    }
    return true;
}

/* A second reader shows what the first one does; where frames are counted there is none. */
static void test_again(const video *v, const walk *w, const kind *k) {
    bk_error err = { 0 };
    video *b = NULL;
    if (!video_shares(v)) {
        tap_ok(strstr(k->file, "raw") || strstr(k->file, "still"), "%s: one reader only", k->file);
        return;
    }
    if (!tap_ok(video_again(&b, v, &err) == BK_OK, "%s: a second reader %s", k->file, err.text)) return;
    int bad = seeks_that_fail(b, w, 20);
    tap_ok(bad == 0 && !memcmp(video_describe(b), video_describe(v), sizeof(video_info)),
           "%s: %d of its 20 seeks gave another frame", k->file, bad);
    tap_ok(references_match(b, w) && keyframes_match(b, w, k->rough), "%s: its references and keyframes", k->file);
    video_close(&b);
}

/* One of two readers decodes less while it is opened, and knows the same. */
static void test_first(scratch *s, const video *v, const walk *w, const kind *k) {
    const video_options o = { .threads = 2, .readers = 2, .soundless = true };
    video *b = film_open(s, k->file, &o);
    if (!b) return;
    tap_ok(!memcmp(video_describe(b), video_describe(v), sizeof(video_info)) &&
               video_origin_us(b) == video_origin_us(v) && seeks_that_fail(b, w, 12) == 0,
           "%s: opened as one of two readers", k->file);
    video_close(&b);
}

static void test_kind(scratch *s, const kind *k) {
    static walk w;
    video *v = film_open(s, k->file, NULL);
    if (!v) return;
    bool ended = walk_to_end(v, &w);
    tap_ok(ended && is_rising(&w) && (!k->frames || w.n == k->frames), "%s: %d frames in order", k->file, w.n);
    int bad = seeks_that_fail(v, &w, 40);
    tap_ok(bad == 0, "%s: %d of 40 seeks gave another frame", k->file, bad);
    tap_ok(references_match(v, &w), "%s: references", k->file);
    tap_ok(keyframes_match(v, &w, k->rough), "%s: keyframes", k->file);
    if (!k->rough) tap_ok(keyframes_are_found(v, &w), "%s: seeks from keyframe to keyframe", k->file);
    if (!k->rough) tap_ok(keyframes_end(v, &w), "%s: keyframes up to one that is not wanted", k->file);
    video_set_mode(v, VIDEO_ALL);
    tap_ok(seek_gives(v, &w, w.n / 2, false), "%s: and back to all frames", k->file);
    tap_ok(video_damaged(v) == 0, "%s: nothing damaged", k->file);
    test_again(v, &w, k);
    test_first(s, v, &w, k);
    video_close(&v);
}

static void test_kinds(scratch *s, bool ffmpeg) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const kind *k = &kinds[i];
        if (MP4_ALONE && !strstr(k->file, ".mp4")) continue;
        if (k->how && !(ffmpeg && film_run(s, "ffmpeg -v error -y -i film.mkv %s %s", k->how, k->file)))
            tap_skip(k->file, "this ffmpeg program cannot make it, or there is none");
        else
            test_kind(s, k);
    }
}

/* ---- what is no film, or a broken one -------------------------------------------------------------- */

static void refused(scratch *s, const char *name, int code, const char *sentence) {
    bk_error err = { 0 };
    video *v = NULL;
    int got = video_open(&v, scratch_path(s, name), NULL, &err);
    tap_ok(got == code && !v && err.code == code && strstr(err.text, sentence), "%s: %s", name, err.text);
    video_close(&v);
}

static void test_refused(scratch *s, bool ffmpeg) {
    static const char words[] = "Once upon a time there was a file of words, and no picture in it at all.\n";
    uint8_t noise[20000];
    rng r = rng_make(3, 0);
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)rng_u64(&r);
    film_write(s, "empty.mkv", noise, 0);
    film_write(s, "words.txt", (const uint8_t *)words, sizeof words - 1);
    film_write(s, "words.mkv", (const uint8_t *)words, sizeof words - 1);
    film_write(s, "noise.mp4", noise, sizeof noise);
    refused(s, "missing.mkv", BK_EIO, "No such file");
    refused(s, ".", BK_EIO, "irectory");
    refused(s, "empty.mkv", BK_EVIDEO, "the file is empty");
    refused(s, "words.txt", BK_EVIDEO, "not a video");
    refused(s, "words.mkv", BK_EVIDEO, "not a video");
    refused(s, "noise.mp4", BK_EVIDEO, "not a video");
    if (!ffmpeg ||
        !film_run(s, "ffmpeg -v error -y -i film.mkv -frames:v 1 still.png && ffmpeg -v error -y -f lavfi -i "
                     "sine=d=2 sound.wav && ffmpeg -v error -y -f lavfi -i sine=d=2 -i still.png -map 0 -map 1 "
                     "-c:a flac -c:v copy -disposition:v attached_pic cover.flac"))
        return tap_skip("sound and pictures", "no ffmpeg program");
    refused(s, "still.png", BK_EVIDEO, "not a video");
    refused(s, "sound.wav", BK_EVIDEO, "no video stream");
    refused(s, "cover.flac", BK_EVIDEO, "no video stream");
}

/* A film cut short: its first frames are there, the rest is not, and seeking works in what is left. */
static void test_cut(scratch *s, const char *whole, const char *part) {
    static walk w;
    size_t n = 0;
    uint8_t *bytes = film_bytes(s, whole, &n);
    if (!bytes) return tap_skip(part, "the whole film is missing");
    film_write(s, part, bytes, n * 6 / 10);
    free(bytes);
    video *v = film_open(s, part, NULL);
    if (!v) return;
    bool ended = walk_to_end(v, &w);
    for (int i = 0; i < 4 && w.n && !is_rising(&w); i++) w.n--; /* the last may lack what they refer to */
    tap_ok(ended && is_rising(&w) && w.n > FRAMES / 4 && w.n < FRAMES, "%s: %d frames are left", part, w.n);
    const int64_t end = w.time_us[w.n - 1];
    const int64_t duration = video_describe(v)->duration_us;
    tap_ok(duration > end && duration < end + 1000000, "%s: measured, %lld us", part, (long long)duration);
    tap_ok(seek_gives(v, &w, w.n / 2, false), "%s: seeks", part);
    video_close(&v);
}

static void test_damaged(scratch *s, bool ffmpeg) {
    static walk w;
    size_t n = 0;
    if (!ffmpeg || !film_run(s, "ffmpeg -v error -y -i film.mkv -c:v png png.mov"))
        return tap_skip("damage", "no ffmpeg program");
    uint8_t *bytes = film_bytes(s, "png.mov", &n);
    if (!bytes) return;
    rng r = rng_make(5, 0);
    for (size_t i = n / 2; i < n / 2 + 2000; i++) bytes[i] = (uint8_t)rng_u64(&r);
    film_write(s, "damaged.mov", bytes, n);
    free(bytes);
    video *v = film_open(s, "damaged.mov", NULL);
    if (!v) return;
    bool ended = walk_to_end(v, &w);
    tap_ok(ended && w.n > FRAMES / 2 && w.n < FRAMES, "damaged bytes: %d of %d frames are shown", w.n, FRAMES);
    tap_ok(w.index[w.n - 1] == FRAMES - 1, "to the last one");
    tap_ok(video_damaged(v) > 0, "%lld are counted as damaged", (long long)video_damaged(v));
    video_close(&v);
}

/* ---- streams --------------------------------------------------------------------------------------- */

static void chosen(scratch *s, const char *name, int width) {
    video *v = film_open(s, name, NULL);
    if (!v) return;
    tap_ok(video_describe(v)->width == width, "%s: a stream of width %d", name, video_describe(v)->width);
    video_close(&v);
}

static void test_streams(scratch *s, bool ffmpeg) {
    if (!ffmpeg || !film_run(s, "ffmpeg -v error -y -f lavfi -i color=red:s=640x480:d=1 -frames:v 1 cover.png"))
        return tap_skip("streams", "no ffmpeg program");
    if (film_run(s, "ffmpeg -v error -y -i cover.png -i film.mp4 -map 0 -map 1 -c copy -disposition:v:0 attached_pic "
                    "with_cover.mp4"))
        chosen(s, "with_cover.mp4", FILM_W);
    if (film_run(s, "ffmpeg -v error -y -i film.mkv -f lavfi -i testsrc=s=64x48:d=6 -map 1 -map 0 -c:v libx264 "
                    "-disposition:v:0 0 -disposition:v:1 default two.mkv"))
        chosen(s, "two.mkv", FILM_W);
}

static bool hides_sound(scratch *s, const char *name) {
    AVIOContext *pb = soundless_open(scratch_path(s, name));
    const bool hides = pb;
    soundless_close(&pb);
    return hides;
}

/* Without its sound, a film has the same frames at the same times. */
static void test_soundless(scratch *s, bool ffmpeg) {
    static const char *const how[] = { "sound.mp4", "-movflags faststart front_sound.mp4", "sound.mov",
                                       "-movflags frag_keyframe+empty_moov parts.mp4", "sound.mkv" };
    static walk whole, less;
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        const char *last = strrchr(how[i], ' '), *name = last ? last + 1 : how[i];
        if (!ffmpeg || !film_run(s,
                                 "ffmpeg -v error -y -f lavfi -i sine=d=9 -itsoffset 0.3 -i film.mp4 -map 0 -map 1 "
                                 "-c:v copy -c:a aac %s",
                                 how[i])) {
            tap_skip(name, "no ffmpeg program");
            continue;
        }
        tap_ok(hides_sound(s, name) == (i < 3), "%s: its sound is %shidden", name, i < 3 ? "" : "not ");
        video *a = film_open(s, name, NULL), *b = film_open(s, name, &(video_options){ .soundless = true });
        if (!a || !b) continue;
        bool ended = walk_to_end(a, &whole) && walk_to_end(b, &less);
        tap_ok(ended && whole.n == FRAMES && !memcmp(&whole, &less, sizeof whole), "%s: the same without sound",
               name);
        tap_ok(seeks_that_fail(b, &whole, 20) == 0, "%s: sought without sound", name);
        tap_ok(video_describe(a)->duration_us == video_describe(b)->duration_us, "%s: as long", name);
        video_close(&a);
        video_close(&b);
    }
    tap_ok(!hides_sound(s, "film.mp4") && !hides_sound(s, "noise.mp4") && !hides_sound(s, "."),
           "where there is some");
}

static void test_names(scratch *s) {
    size_t n = 0;
    uint8_t *bytes = film_bytes(s, "film.mkv", &n);
    if (!bytes) return;
    static const char *const names[] = { "a: b.mkv", "file:x.mkv", "50%d.mkv", "-i.mkv" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        film_write(s, names[i], bytes, n);
        chosen(s, names[i], FILM_W);
    }
    free(bytes);
}

int main(void) {
    scratch s;
    scratch_open(&s);
    const record_options opt = { .fps_num = 25, .fps_den = 1, .crf = 12, .keyframe_every = 40 };
    tap_ok(film_make(&s, "film.mkv", FRAMES, &opt) && film_make(&s, "film.mp4", FRAMES, &opt), "films are recorded");
    const bool ffmpeg = film_have_ffmpeg(&s);
    test_kinds(&s, ffmpeg);
    test_cut(&s, "front.mp4", "cut.mp4");
    if (!MP4_ALONE) {
        test_refused(&s, ffmpeg);
        test_cut(&s, "film.mkv", "cut.mkv");
        test_cut(&s, "open.ts", "cut.ts");
        test_cut(&s, "raw.h264", "cut.h264");
        test_damaged(&s, ffmpeg);
        test_streams(&s, ffmpeg);
        test_names(&s);
    }
    test_soundless(&s, ffmpeg);
    scratch_close(&s);
    return tap_done();
}
