/* Video to track: the two plans of looking. Full: one frame a second, exactly the notebook's. Smart: keyframes
 * where a boundary can be, then densely where the posterior of the boundaries is spread. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/err.h"
#include "base/mem.h"
#include "find/scan.h"
#include "picture/resize.h"

static const double KEY_GAP_S = 0.9;      /* keyframes closer than this tell nothing new */
static const double SPREAD = 0.02;        /* posterior mass that makes a second worth a closer look */
static const double DENSE_SHARE = 0.20;   /* of the film that is decoded densely at most, or DENSE_MIN_S */
enum { AROUND_S = 8, DENSE_MIN_S = 90, ROUNDS = 3, ZONE_MIN_S = 240, OPENING_ZONE_MAX_S = 900, CREDITS_ZONE_MAX_S = 1800, MARGIN_S = 60 };

int job_open(job *j, const char *path, const bk_model *m, const bk_find_options *opt, bk_error *err) {
    static const bk_find_options defaults;
    *j = (job){ .path = path, .m = m, .opt = opt ? opt : &defaults };
    if (!m->has_encoder) return bk_fail(err, BK_EMISMATCH, "%s has no encoder", m->name);
    const video_options size = { .width = m->vit.picture_w, .height = m->vit.picture_h, .threads = m->threads };
    int code = video_open(&j->v, path, &size, err);
    if (code == BK_OK) code = pool_open(&j->p, m->threads, err);
    if (code == BK_OK) code = gallery_open(&j->g, m, j->p, err);
    if (code != BK_OK) job_close(j);
    return code;
}

void job_close(job *j) {
    gallery_close(&j->g);
    video_close(&j->v);
    pool_close(&j->p);
    bk_track_close(&j->t);
    free(j->probs);
    j->probs = NULL;
    marks_close(&j->known);
}

static int track_of(job *j, int len, bk_error *err) {
    const video_info *i = video_describe(j->v);
    int code = track_open(&j->t, len, bundle_dim(j->m), err);
    if (code != BK_OK) return code;
    j->t->duration_us = i->duration_us;
    j->t->fps = i->fps_den ? (double)i->fps_num / i->fps_den : 0.0;
    return BK_OK;
}

/* ---- full -------------------------------------------------------------------------------------------- */

/* Every second of v, at its own size, resized as Pillow does it, into the gallery. */
static int gather_seconds(job *j, video *v, bk_error *err) {
    const video_info *i = video_describe(v);
    resizer *r = NULL;
    int64_t second;
    int code = resizer_open(&r, i->width, i->height, j->m->vit.picture_w, j->m->vit.picture_h, err), more = 0;
    uint8_t *native = bk_alloc((size_t)i->width * (size_t)i->height, 3);
    if (code == BK_OK && !native) code = bk_fail_memory(err, "a picture");
    while (code == BK_OK && (more = video_next_second(v, &second, native, err)) > 0) {
        resizer_run(r, gallery_slot(j->g), native);
        code = gallery_add(j->g, (double)second, err);
        if (code == BK_OK) code = bk_tell(&j->opt->hooks, "scan", second * 1000000, i->duration_us, err);
    }
    gallery_flush(j->g);
    free(native);
    resizer_close(&r);
    return code == BK_OK && more < 0 ? more : code;
}

/* On a video of its own, since j->v gives pictures of the encoder's size. */
int job_look_full(job *j, bk_error *err) {
    const video_options native = { .threads = j->m->threads };
    video *v = NULL;
    int code = video_open(&v, j->path, &native, err);
    if (code == BK_OK) code = gather_seconds(j, v, err);
    video_close(&v);
    if (code != BK_OK) return code;
    gallery_view all = gallery_look(j->g);
    if (all.n == 0) return bk_fail(err, BK_EVIDEO, "%s: no frame could be decoded", j->path);
    code = track_of(j, all.n, err);
    for (int s = 0; code == BK_OK && s < all.n; s++) track_put(j->t, s, all.embeddings + (size_t)s * (size_t)j->t->dim);
    return code;
}

/* ---- smart ------------------------------------------------------------------------------------------- */

static int least(int a, int b) { return a < b ? a : b; }
static int most(int a, int b) { return a > b ? a : b; }

/* A window that was asked for, in seconds and with what a window of the head sees beyond it; 0: none was. */
static int asked(int64_t within_us) {
    const int64_t longest_us = INT64_C(1000000) * 1000000;
    return within_us > 0 ? (int)((within_us < longest_us ? within_us : longest_us) / 1000000) + MARGIN_S : 0;
}

/* Where an opening can end, and where credits can begin, in seconds: wide enough for what films do. */
static int opening_zone(int len, int within) {
    return least(len, within ? within : least(OPENING_ZONE_MAX_S, most(ZONE_MIN_S, len / 4)));
}
static int credits_zone(int len, int within) {
    return most(0, len - (within ? within : least(CREDITS_ZONE_MAX_S, most(ZONE_MIN_S, len * 2 / 5))));
}

/* Keyframes of [from, to) seconds into the track, each second held by the nearest. */
int job_look_keyframes(job *j, int from, int to, bk_error *err) {
    video_frame f;
    double last = -INFINITY;
    int more = 0;
    gallery_clear(j->g);
    video_set_mode(j->v, VIDEO_KEYFRAMES);
    int code = video_seek(j->v, (int64_t)from * 1000000, err);
    while (code == BK_OK && (more = video_step(j->v, &f, err)) > 0) {
        double now = (double)f.time_us / 1e6;
        if (now >= to) break;
        if (now - last < KEY_GAP_S) continue;
        last = now;
        code = video_picture(j->v, gallery_slot(j->g), err);
        if (code == BK_OK) code = gallery_add(j->g, now, err);
        if (code == BK_OK) code = bk_tell(&j->opt->hooks, "scan", f.time_us, j->t->duration_us, err);
    }
    if (code == BK_OK && more < 0) code = more;
    gallery_flush(j->g);
    gallery_view all = gallery_look(j->g);
    if (code == BK_OK) track_hold(j->t, from, to, all.seconds, all.embeddings, all.n);
    return code;
}

/* The time from which a frame stands for second s: the plan full takes the last frame before s + 1/2. */
static int64_t sample_us(const job *j, int s) {
    double frame = j->t->fps > 0.0 ? 1e6 / j->t->fps : 40000.0;
    int64_t us = (int64_t)((s + 0.5) * 1e6 - 1.5 * frame);
    return us > 0 ? us : 0;
}

/* Every second of [from, to) that was not seen yet. */
int job_look_densely(job *j, int from, int to, bk_error *err) {
    video_frame f;
    int s = from, more = 0;
    gallery_clear(j->g);
    video_set_mode(j->v, VIDEO_ALL);
    int code = video_seek(j->v, sample_us(j, from), err);
    while (code == BK_OK && s < to && (more = video_step(j->v, &f, err)) > 0)
        for (; code == BK_OK && s < to && f.time_us >= sample_us(j, s); s++) {
            if (j->t->state[s] == SAMPLE_SEEN) continue;
            code = video_picture(j->v, gallery_slot(j->g), err);
            if (code == BK_OK) code = gallery_add(j->g, s, err);
            if (code == BK_OK) code = bk_tell(&j->opt->hooks, "look", f.time_us, j->t->duration_us, err);
        }
    if (code == BK_OK && more < 0) code = more;
    gallery_flush(j->g);
    gallery_view all = gallery_look(j->g);
    for (int i = 0; code == BK_OK && i < all.n; i++)
        track_put(j->t, (int)all.seconds[i], all.embeddings + (size_t)i * (size_t)j->t->dim);
    j->looked += all.n;
    return code;
}

/* Marks seconds near boundaries that hold some of the posterior and were not seen; how many there are. */
static int choose(uint8_t *wanted, const job *j, const float *posterior) {
    int len = j->t->len, count = 0;
    memset(wanted, 0, (size_t)len);
    for (int side = 0; side < 2; side++)
        for (int b = 0; b <= len; b++) {
            float mass = 0.0f;
            for (int k = most(b - 2, 0); k <= least(b + 2, len); k++) mass += posterior[side * (len + 1) + k];
            if ((double)mass < SPREAD || (b == 0 && side == 0) || (b == len && side == 1)) continue;
            for (int s = most(b - AROUND_S, 0); s < least(b + AROUND_S, len); s++) wanted[s] = 1;
        }
    for (int s = 0; s < len; s++) {
        wanted[s] = wanted[s] && j->t->state[s] != SAMPLE_SEEN;
        count += wanted[s];
    }
    return count;
}

/* Looks at the wanted seconds in runs; small gaps between runs are looked through, since a seek costs more. */
static int look_at_wanted(job *j, const uint8_t *wanted, bk_error *err) {
    int len = j->t->len, code = BK_OK;
    for (int a = 0; code == BK_OK && a < len; a++) {
        if (!wanted[a]) continue;
        int b = a + 1;
        for (int k = b; k < len && k <= b + 3; k++)
            if (wanted[k]) b = k + 1;
        code = job_look_densely(j, a, b, err);
        a = b;
    }
    return code;
}

static int closer_looks(job *j, float *probs, float *posterior, uint8_t *wanted, bk_error *err) {
    int len = j->t->len, budget = most(DENSE_MIN_S, (int)(DENSE_SHARE * len)), code = BK_OK;
    const decide_rules rules = job_rules(j->m, j->opt, len);
    for (int round = 0; code == BK_OK && round < ROUNDS && j->looked < budget; round++) {
        decide_result unused;
        code = scan_probabilities(probs, j->m, j->t, j->p, err);
        if (code == BK_OK) code = decide_map(&unused, probs, len, &rules, posterior, err);
        if (code != BK_OK || choose(wanted, j, posterior) == 0) break;
        code = look_at_wanted(j, wanted, err);
    }
    return code;
}

int job_look_smart(job *j, bk_error *err) {
    int len = (int)((video_describe(j->v)->duration_us + 500000) / 1000000);
    int code = track_of(j, most(len, 1), err);
    if (code != BK_OK) return code;
    len = j->t->len;
    int a = opening_zone(len, asked(j->opt->start_within_us)), b = credits_zone(len, asked(j->opt->end_within_us));
    if (a >= b) code = job_look_keyframes(j, 0, len, err);
    else if ((code = job_look_keyframes(j, 0, a, err)) == BK_OK) code = job_look_keyframes(j, b, len, err);
    if (code != BK_OK || !j->m->has_head) return code;
    float *probs = bk_alloc((size_t)len, sizeof *probs), *posterior = bk_alloc(2 * ((size_t)len + 1), sizeof *posterior);
    uint8_t *wanted = bk_alloc((size_t)len, 1);
    code = probs && posterior && wanted ? closer_looks(j, probs, posterior, wanted, err) : bk_fail_memory(err, "the scan");
    free(probs);
    free(posterior);
    free(wanted);
    return code;
}
