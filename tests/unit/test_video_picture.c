/* media/video_picture.c: pictures of the film's own size must be the ffmpeg program's, byte for byte, whatever the
 * pixel format, the colours and the rotation; scaled ones near the exact resize; and luma against plain means. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "films.h"
#include "media/halve.h"
#include "picture/resize.h"

static const struct {
    const char *file, *how;
} kinds[] = {
    { "h264.mp4", "-c:v libx264" },
    { "deep.mkv", "-c:v ffv1 -pix_fmt yuv420p10le" },
    { "wide.mkv", "-c:v ffv1 -pix_fmt yuv422p10le" },
    { "rgb.mkv", "-c:v ffv1 -pix_fmt bgr0" },
    { "gray.mkv", "-c:v ffv1 -pix_fmt gray" },
    { "odd420.mkv", "-vf crop=91:61:0:0:exact=1 -c:v ffv1" },
    { "odd444.mkv", "-vf format=yuv444p,crop=91:61:0:0:exact=1 -c:v ffv1" },
    { "odd422.mkv", "-vf format=yuv422p,crop=91:61:0:0:exact=1 -c:v ffv1" },
    { "full.mkv", "-pix_fmt yuvj420p -c:v mjpeg -q:v 2" },
    { "hd.mkv", "-c:v libx264 -colorspace bt709 -color_primaries bt709 -color_trc bt709" },
    { "range.mkv", "-c:v libx264 -color_range pc" },
    { "uhd.mkv", "-c:v ffv1 -pix_fmt yuv420p10le -colorspace bt2020nc" },
    { "moving.gif", "" },
    { "palette.mov", "-filter_complex 'split[a][b];[a]palettegen[p];[b][p]paletteuse' -c:v png" },
    { "palette.avi", "-filter_complex 'split[a][b];[a]palettegen[p];[b][p]paletteuse' -c:v rawvideo" },
    { "prores.mov", "-c:v prores_ks" },
    { "turn90.mp4", "-c:v libx264 turn0.mp4 && ffmpeg -v error -y -i turn0.mp4 -metadata:s:v rotate=90 -c copy" },
    { "turn180.mp4", "-c:v libx264 turn0.mp4 && ffmpeg -v error -y -i turn0.mp4 -metadata:s:v rotate=180 -c copy" },
    { "turn270.mp4", "-c:v libx264 turn0.mp4 && ffmpeg -v error -y -i turn0.mp4 -metadata:s:v rotate=270 -c copy" },
    { "deep90.mov",
      "-c:v ffv1 -pix_fmt yuv420p10le deep0.mkv && ffmpeg -v error -y -i deep0.mkv -metadata:s:v rotate=90 -c copy" },
};

static void compare(scratch *s, const char *file) {
    size_t n = 0, at = 0;
    bk_error err = { 0 };
    video_frame f;
    uint8_t *expected = film_bytes(s, "expected.rgb", &n);
    video *v = film_open(s, file, &(video_options){ .threads = 1 }); /* so that the frames lie in our memory */
    int bad = 0, frames = 0, w = 0, h = 0;
    if (v && expected) {
        w = video_describe(v)->width;
        h = video_describe(v)->height;
        const size_t size = 3 * (size_t)w * (size_t)h;
        uint8_t *picture = malloc(size);
        for (; picture && video_step(v, &f, &err) == 1; frames++, at += size)
            bad += video_picture(v, picture, &err) != BK_OK || at + size > n ||
                   memcmp(expected + at, picture, size) != 0;
        free(picture);
    }
    tap_ok(frames && !bad && at == n, "%s: %d x %d, %d of %d pictures differ from ffmpeg's %s", file, w, h, bad,
           frames, err.text);
    video_close(&v);
    free(expected);
}

static void test_against_ffmpeg(scratch *s) {
    const bool ffmpeg = film_have_ffmpeg(s);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *file = kinds[i].file;
        if (!ffmpeg || !film_run(s, "ffmpeg -v error -y -i film.mkv %s %s", kinds[i].how, file) ||
            !film_run(
                s,
                "ffmpeg -v error -y -threads 1 -i %s -map 0:v:0 -fps_mode passthrough -pix_fmt rgb24 -f rawvideo "
                "expected.rgb",
                file))
            tap_skip(file, "this ffmpeg program cannot make it, or there is none");
        else
            compare(s, file);
    }
    if (ffmpeg && film_run(s, "ls turn90.mp4")) {
        video *v = film_open(s, "turn90.mp4", NULL);
        if (v)
            tap_ok(video_describe(v)->width == FILM_H && video_describe(v)->height == FILM_W,
                   "a turned film is upright");
        video_close(&v);
    }
}

/* ---- scaled ---------------------------------------------------------------------------------------- */

/* The root mean square of the difference between a scaled picture and the whole one resized exactly, or of one number
 * from another on average (NULL: not asked for). */
static double distance(scratch *s, const char *file, int w, int h, bool dark, double *brighter) {
    const video_options opt = { .width = w, .height = h, .dark = dark };
    video *whole = film_open(s, file, NULL), *small = film_open(s, file, &opt);
    video_frame f;
    double sum = 0, offset = 0;
    resizer *r = NULL;
    const int from_w = whole ? video_describe(whole)->width : 1, from_h = whole ? video_describe(whole)->height : 1;
    const size_t n = 3 * (size_t)w * (size_t)h;
    uint8_t *a = malloc(3 * (size_t)from_w * (size_t)from_h), *b = malloc(n), *c = malloc(n);
    bool well = whole && small && a && b && c && resizer_open(&r, from_w, from_h, w, h, NULL) == BK_OK &&
                video_step(whole, &f, NULL) == 1 && video_step(small, &f, NULL) == 1 &&
                video_picture(whole, a, NULL) == BK_OK && video_picture(small, c, NULL) == BK_OK;
    if (well) resizer_run(r, b, a);
    for (size_t i = 0; well && i < n; i++) {
        sum += (b[i] - c[i]) * (b[i] - c[i]);
        offset += c[i] - b[i];
    }
    if (brighter) *brighter = well ? offset / (double)n : NAN;
    video_close(&whole);
    video_close(&small);
    resizer_close(&r);
    free(a);
    free(b);
    free(c);
    return well ? sqrt(sum / (double)n) : NAN;
}

static void test_scaled(scratch *s) {
    static const struct {
        const char *file;
        int w, h;
    } cases[] = { { "film.mkv", 48, 32 },   { "film.mkv", 50, 50 },    { "turn90.mp4", 32, 48 },
                  { "turn90.mp4", 31, 47 }, { "turn180.mp4", 48, 32 }, { "deep.mkv", 48, 32 },
                  { "odd420.mkv", 45, 30 }, { "large.mkv", 96, 64 },   { "large.mkv", 192, 128 },
                  { "large.mkv", 50, 60 },  { "large444.mkv", 96, 64 } };
    film_run(s, "ffmpeg -v error -y -i film.mkv -vf scale=768:512 -c:v ffv1 large.mkv");
    film_run(s, "ffmpeg -v error -y -i film.mkv -vf scale=768:512,format=yuv444p -c:v ffv1 large444.mkv");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!film_run(s, "ls %s", cases[i].file)) {
            tap_skip(cases[i].file, "it could not be made");
            continue;
        }
        double rms = distance(s, cases[i].file, cases[i].w, cases[i].h, false, NULL);
        tap_ok(rms <= 6.0, "%s at %d x %d: rms %.2f from the exact resize", cases[i].file, cases[i].w, cases[i].h,
               rms);
    }
}

static void test_dark(scratch *s) {
    static const char *const formats[] = { "yuv420p -c:v ffv1", "yuvj420p -c:v mjpeg -q:v 2", "yuv422p -c:v ffv1",
                                           "yuv444p -c:v ffv1", "yuv420p10le -c:v ffv1",      "gray -c:v ffv1" };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        double bright, dark;
        if (!film_run(s,
                      "ffmpeg -v error -y -f lavfi -i mandelbrot=s=640x360,eq=contrast=0.6 -frames:v 1 -pix_fmt %s "
                      "dark.mkv",
                      formats[i])) {
            tap_skip(formats[i], "it could not be made");
            continue;
        }
        distance(s, "dark.mkv", 224, 224, false, &bright);
        distance(s, "dark.mkv", 224, 224, true, &dark);
        tap_ok(fabs(dark) < 0.6 && fabs(dark) <= fabs(bright) + 0.01,
               "%s: %.2f levels brighter than the exact resize, dark %.2f", formats[i], bright, dark);
    }
}

/* ---- halved ---------------------------------------------------------------------------------------- */

/* Bytes without a pattern, and where each of them lies in a plane. */
static void fill(AVFrame *f, rng *r) {
    for (int i = 0; i < 3; i++)
        for (int y = 0; y < (i ? f->height / 2 : f->height); y++)
            for (int x = 0; x < (i ? f->width / 2 : f->width); x++)
                f->data[i][y * f->linesize[i] + x] = (uint8_t)rng_below(r, 256);
}

/* How many pixels of a half are not the mean of four of the whole, halves rounded to even. */
static int not_means(const AVFrame *half, const AVFrame *f) {
    int bad = 0;
    for (int i = 0; i < 3; i++)
        for (int y = 0; y < (i ? half->height / 2 : half->height); y++)
            for (int x = 0; x < (i ? half->width / 2 : half->width); x++) {
                const uint8_t *p = f->data[i] + 2 * y * f->linesize[i] + 2 * x, *q = p + f->linesize[i];
                bad += half->data[i][y * half->linesize[i] + x] != lrint((p[0] + p[1] + q[0] + q[1]) / 4.0);
            }
    return bad;
}

/* n: how often a frame of that size is halved. */
static void test_halvings(const char *what, int format, int w, int h, int to_w, int to_h, int n) {
    halver half = { 0 };
    const int code = halver_open(&half, format, w, h, to_w, to_h, NULL);
    tap_ok(code == BK_OK && half.n == n, "%s: halved %d times", what, half.n);
    halver_close(&half);
}

static void test_halved(void) {
    rng r = rng_make(7, 0);
    halver half = { 0 };
    AVFrame *f = av_frame_alloc();
    f->format = AV_PIX_FMT_YUV420P;
    f->width = 176;
    f->height = 88;
    bool well = av_frame_get_buffer(f, 0) == 0 && halver_open(&half, f->format, 176, 88, 20, 10, NULL) == BK_OK;
    fill(f, &r);
    const AVFrame *last = halver_run(&half, f);
    tap_ok(well && half.n == 2 && last == half.step[1] && last->width == 44 && last->height == 22,
           "a frame is halved twice");
    if (half.n == 2)
        tap_ok(not_means(half.step[0], f) == 0 && not_means(half.step[1], half.step[0]) == 0,
               "each pixel is the mean of four");
    halver_close(&half);
    tap_ok(halver_run(&half, f) == f, "a frame that is not to be halved stays as it is");
    av_frame_free(&f);
    test_halvings("1920 x 1080", AV_PIX_FMT_YUV420P, 1920, 1080, 384, 224, 1);
    test_halvings("7680 x 4320", AV_PIX_FMT_YUV420P, 7680, 4320, 384, 224, 3);
    test_halvings("1280 x 720", AV_PIX_FMT_YUV420P, 1280, 720, 384, 224, 0);
    test_halvings("1920 x 540", AV_PIX_FMT_YUV420P, 1920, 540, 384, 224, 0);
    test_halvings("chroma of odd width", AV_PIX_FMT_YUV420P, 1918, 1080, 384, 224, 0);
    test_halvings("the same width without subsampling", AV_PIX_FMT_YUV444P, 1918, 1080, 384, 224, 1);
    test_halvings("words", AV_PIX_FMT_YUV420P10, 1920, 1080, 384, 224, 0);
    test_halvings("chroma in one plane", AV_PIX_FMT_NV12, 1920, 1080, 384, 224, 0);
    test_halvings("no luma", AV_PIX_FMT_GBRP, 1920, 1080, 384, 224, 0);
    test_halvings("one plane", AV_PIX_FMT_GRAY8, 1920, 1080, 384, 224, 0);
}

/* ---- luma ------------------------------------------------------------------------------------------ */

/* A film of one gray: its luma is that gray in each range and depth. */
static void test_gray(scratch *s, const char *file, const char *how, int gray) {
    uint8_t luma[9 * 7];
    int worst = 0;
    video_frame f;
    if (!film_run(s, "ffmpeg -v error -y -f lavfi -i color=c=0x%02x%02x%02x:s=90x70:d=0.2 %s %s", gray, gray, gray,
                  how, file))
        return tap_skip(file, "this ffmpeg program cannot make it, or there is none");
    video *v = film_open(s, file, NULL);
    bool well = v && video_step(v, &f, NULL) == 1 && video_luma(v, luma, 9, 7, NULL) == BK_OK;
    for (int i = 0; well && i < 9 * 7; i++) worst = abs(luma[i] - gray) > worst ? abs(luma[i] - gray) : worst;
    tap_ok(well && worst <= 2, "%s: gray %d is off by %d", file, gray, worst);
    video_close(&v);
}

/* The stamp's blocks, one luma pixel each, against those of the picture. */
static void test_blocks(scratch *s, const char *file) {
    uint8_t rgb[FILM_W * FILM_H * 3], luma[24];
    video_frame f;
    int worst = 0;
    if (!film_run(s, "ls %s", file)) return tap_skip(file, "it could not be made");
    video *v = film_open(s, file, NULL);
    if (!v) return;
    const int w = video_describe(v)->width, across = w / FILM_BLOCK, down = 24 / across;
    bool well = video_seek(v, 1000000, NULL) == BK_OK && video_step(v, &f, NULL) == 1 &&
                video_picture(v, rgb, NULL) == BK_OK && video_luma(v, luma, across, down, NULL) == BK_OK;
    for (int i = 0; well && i < 24; i++) {
        const uint8_t *p = rgb + 3 * ((i / across * FILM_BLOCK + 8) * w + i % across * FILM_BLOCK + 8);
        int due = (int)(0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]), off = abs(luma[i] - due);
        if (off > worst) worst = off;
    }
    tap_ok(well && worst <= 6, "%s: luma of blocks is off by at most %d", file, worst);
    video_close(&v);
}

static void test_luma(scratch *s) {
    static const int grays[] = { 0, 1, 128, 255 };
    for (size_t i = 0; i < sizeof grays / sizeof *grays; i++) {
        test_gray(s, "limited.mkv", "-pix_fmt yuv420p -c:v ffv1", grays[i]);
        test_gray(s, "limited10.mkv", "-pix_fmt yuv420p10le -c:v ffv1", grays[i]);
        test_gray(s, "full.mkv", "-pix_fmt yuvj420p -c:v mjpeg -q:v 1", grays[i]);
        test_gray(s, "rgb.mkv", "-pix_fmt bgr0 -c:v ffv1", grays[i]);
    }
    test_blocks(s, "film.mkv");
    test_blocks(s, "turn90.mp4");
    test_blocks(s, "turn180.mp4");
    test_blocks(s, "turn270.mp4");
    test_blocks(s, "deep.mkv");
    uint8_t big[200 * 100];
    bk_error err = { 0 };
    video_frame f;
    video *v = film_open(s, "film.mkv", NULL);
    if (!v) return;
    tap_ok(video_luma(v, big, 9, 7, &err) == BK_EINVAL, "before the first step: %s", err.text);
    tap_ok(video_step(v, &f, NULL) == 1 && video_luma(v, big, 200, 100, NULL) == BK_OK, "luma larger than the film");
    tap_ok(video_luma(v, big, 0, 7, &err) == BK_EINVAL, "an empty size: %s", err.text);
    video_close(&v);
}

/* Thumbnails of any size beside pictures of the size that was asked for at first; and the shape on a screen. */
static void test_thumbnails(scratch *s) {
    static uint8_t rgb[FILM_W * FILM_H * 3], tiny[24 * 16 * 3];
    const video_options opt = { .width = 24, .height = 16 };
    video *v = film_open(s, "film.mkv", &opt);
    video_frame f;
    bk_error err = { 0 };
    int right = 0;
    tap_ok(v && video_thumbnail(v, rgb, FILM_W, FILM_H, &err) == BK_EINVAL, "%s", err.text);
    for (int i = 0; v && video_step(v, &f, &err) == 1; i++)
        right += video_picture(v, tiny, &err) != BK_OK || video_thumbnail(v, rgb, FILM_W, FILM_H, &err) != BK_OK
                     ? 0
                     : film_read(rgb, FILM_W) == i;
    tap_ok(right == 40, "%d of 40 thumbnails show their frame %s", right, err.text);
    if (v) tap_near(video_describe(v)->aspect, 1.5, 1e-9, "shape of square pixels");
    video_close(&v);
    if (!film_run(s, "ffmpeg -v error -y -i film.mkv -vf setsar=4/3 -c:v libx264 wide.mp4")) {
        tap_skip("shape of wide pixels", "no ffmpeg here");
        return;
    }
    v = film_open(s, "wide.mp4", NULL);
    if (v) tap_near(video_describe(v)->aspect, 2.0, 1e-9, "shape of wide pixels");
    video_close(&v);
}

int main(void) {
    scratch s;
    scratch_open(&s);
    const record_options opt = { .crf = 12 };
    tap_ok(film_make(&s, "film.mkv", 40, &opt), "a film is recorded");
    test_against_ffmpeg(&s);
    test_scaled(&s);
    test_dark(&s);
    test_halved();
    test_thumbnails(&s);
    test_luma(&s);
    scratch_close(&s);
    return tap_done();
}
