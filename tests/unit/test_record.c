/* media/record.c: what is written can be read back frame by frame, appears under its name only when it is whole, and
 * is the same each time. */
#include <errno.h>
#include <string.h>

#include "films.h"

static bool there(scratch *s, const char *name) {
    return access(scratch_path(s, name), F_OK) == 0;
}

static void test_read_back(scratch *s, const char *name, const record_options *opt, int frames) {
    uint8_t rgb[FILM_W * FILM_H * 3];
    video_frame f;
    int bad = 0, n = 0, keys = 0;
    tap_ok(film_make(s, name, frames, opt), "%s is written", name);
    video *v = film_open(s, name, NULL);
    if (!v) return;
    for (; video_step(v, &f, NULL) == 1; n++) {
        keys += f.key;
        bad += video_picture(v, rgb, NULL) != BK_OK || film_read(rgb, FILM_W) != n;
    }
    const int num = opt->fps_num ? opt->fps_num : 24, den = opt->fps_den ? opt->fps_den : 1;
    const video_info *i = video_describe(v);
    tap_ok(n == frames && !bad, "%s: %d of %d frames, %d are others", name, n, frames, bad);
    tap_ok((int64_t)i->fps_num * den == (int64_t)num * i->fps_den, "%s: %d/%d frames a second", name, i->fps_num,
           i->fps_den);
    tap_ok(llabs(i->duration_us - (int64_t)1000000 * frames * den / num) <= 1500, "%s: %lld us", name,
           (long long)i->duration_us);
    if (opt->keyframe_every) tap_ok(keys >= frames / opt->keyframe_every, "%s: %d keyframes", name, keys);
    video_close(&v);
}

static void test_names(scratch *s) {
    uint8_t rgb[FILM_W * FILM_H * 3] = { 0 };
    const record_options opt = { .width = FILM_W, .height = FILM_H };
    record *r = NULL;
    bk_error err = { 0 };
    tap_ok(record_open(&r, scratch_path(s, "given_up.mp4"), &opt, &err) == BK_OK, "opens %s", err.text);
    if (r) record_frame(r, rgb, NULL);
    tap_ok(!there(s, "given_up.mp4") && there(s, "given_up.mp4.part"), "a film on its way has another name");
    record_close(&r);
    tap_ok(!r && !there(s, "given_up.mp4.part"), "one given up leaves nothing");
    record_close(&r);
    record_close(NULL);
}

static void refused(scratch *s, const char *name, int w, int h, int code) {
    const record_options opt = { .width = w, .height = h };
    record *r = NULL;
    bk_error err = { 0 };
    int got = record_open(&r, scratch_path(s, name), &opt, &err);
    tap_ok(got == code && !r && err.text[0], "%s", err.text);
    record_close(&r);
}

static void test_same_bytes(scratch *s) {
    const record_options opt = { .crf = 20 };
    size_t n = 0, m = 0;
    film_make(s, "a.mp4", 30, &opt);
    film_make(s, "b.mp4", 30, &opt);
    uint8_t *a = film_bytes(s, "a.mp4", &n), *b = film_bytes(s, "b.mp4", &m);
    tap_ok(a && b && n == m && !memcmp(a, b, n), "the same frames give the same file, %zu bytes", n);
    free(a);
    free(b);
}

int main(void) {
    scratch s;
    scratch_open(&s);
    test_read_back(&s, "plain.mkv", &(record_options){ .crf = 12 }, 60);
    test_read_back(&s, "plain.mp4", &(record_options){ .crf = 12, .keyframe_every = 10 }, 60);
    test_read_back(&s, "ntsc.mp4", &(record_options){ .crf = 12, .fps_num = 30000, .fps_den = 1001 }, 45);
    test_read_back(&s, "slow.mkv", &(record_options){ .crf = 12, .fps_num = 2, .fps_den = 1 }, 7);
    test_read_back(&s, "one.mp4", &(record_options){ .crf = 12 }, 1);
    test_names(&s);
    refused(&s, "odd.mp4", 95, 64, BK_EINVAL);
    refused(&s, "none.mp4", 0, 0, BK_EINVAL);
    refused(&s, "film.xyz", FILM_W, FILM_H, BK_EINVAL);
    refused(&s, "no/such/folder.mp4", FILM_W, FILM_H, BK_EIO);
    test_same_bytes(&s);
    scratch_close(&s);
    return tap_done();
}
