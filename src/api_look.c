/* Video to track: the two plans of looking. Full: one frame a second, exactly the notebook's. Smart: keyframes
 * where a boundary can be, then densely where the posterior of the boundaries is spread. */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/err.h"
#include "base/mem.h"
#include "find/plan.h"
#include "find/scan.h"
#include "picture/resize.h"

static const int64_t KEY_GAP_US = 900000; /* keyframes closer than this tell nothing new */
static const int64_t SLACK_US = 500000;   /* a keyframe this much too early stands for its place */
static const double DENSE_SHARE = 0.20;   /* of the film that is decoded densely at most, or DENSE_MIN_S */
enum { DENSE_MIN_S = 90, ROUNDS = 3, LIKE = 8 /* levels: what a codec makes of a still card */ };

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
    for (int s = 0; code == BK_OK && s < all.n; s++)
        track_put(j->t, s, all.embeddings + (size_t)s * (size_t)j->t->dim);
    return code;
}

/* ---- smart ------------------------------------------------------------------------------------------- */

/* What the gallery saw are the frames of those seconds. */
static void put_seen(job *j) {
    gallery_view all = gallery_look(j->g);
    for (int i = 0; i < all.n; i++)
        track_put(j->t, (int)(all.seconds[i] + 0.5), all.embeddings + (size_t)i * (size_t)j->t->dim);
}

static int64_t key_gap_us(const plan *p, int64_t now_us) {
    int spacing = p ? plan_spacing(p, (int)(now_us / 1000000)) : 1;
    return spacing > 1 ? spacing * INT64_C(1000000) - SLACK_US : KEY_GAP_US;
}

/* The time from which a frame stands for second s: the plan full takes the last frame before s + 1/2. Where only
 * references are shown, one of two or three, it is the last of those more often than not. */
static int64_t sample_us(const job *j, int s, video_mode mode) {
    double frame = j->t->fps > 0.0 ? 1e6 / j->t->fps : 40000.0;
    int64_t us = (int64_t)((s + 0.5) * 1e6 - (mode == VIDEO_REFERENCES ? 2.5 : 1.5) * frame);
    return us > 0 ? us : 0;
}

/* Whether a frame comes before the one that stands for the first second, and that one is to come: a film's very first
 * frame shows nothing as often as not, as titles fade in. */
static bool is_early(const job *j, int64_t us) {
    const int64_t due_us = sample_us(j, 0, VIDEO_REFERENCES);
    return us < due_us && due_us < j->t->duration_us;
}

/* Keyframes of [from, to) seconds into the track, as close as the plan asks for; NULL: all. */
static int look_at_keyframes(job *j, int from, int to, const plan *p, bk_error *err) {
    video_frame f;
    int more = 0;
    gallery_clear(j->g);
    video_set_mode(j->v, VIDEO_KEYFRAMES);
    video_set_key_gap(j->v, key_gap_us(p, (int64_t)from * 1000000));
    int code = video_seek(j->v, (int64_t)from * 1000000, err);
    while (code == BK_OK && (more = video_step(j->v, &f, err)) > 0 && f.time_us < (int64_t)to * 1000000) {
        video_set_key_gap(j->v, key_gap_us(p, f.time_us));
        if (p && is_early(j, f.time_us)) continue;
        code = video_picture(j->v, gallery_slot(j->g), err);
        if (code == BK_OK) code = gallery_add(j->g, (double)f.time_us / 1e6, err);
        if (code == BK_OK) code = bk_tell(&j->opt->hooks, "scan", f.time_us, j->t->duration_us, err);
    }
    if (code == BK_OK && more < 0) code = more;
    gallery_flush(j->g);
    if (code == BK_OK) put_seen(j);
    return code;
}

int job_look_keyframes(job *j, int from, int to, bk_error *err) {
    int code = look_at_keyframes(j, from, to, NULL, err);
    if (code == BK_OK) track_hold(j->t, from, to);
    return code;
}

/* Every second of [from, to) that was not seen yet and is wanted, each by its own frame or, where only some are
 * wanted, one near it. wanted NULL: all are. */
static int look_densely(job *j, int from, int to, const uint8_t *wanted, bk_error *err) {
    const video_mode mode = wanted ? VIDEO_REFERENCES : VIDEO_ALL;
    video_frame f;
    int s = from, more = 0;
    video_set_mode(j->v, mode);
    int code = video_seek(j->v, sample_us(j, from, mode), err);
    while (code == BK_OK && s < to && (more = video_step(j->v, &f, err)) > 0)
        for (; code == BK_OK && s < to && f.time_us >= sample_us(j, s, mode); s++) {
            if (j->t->state[s] == SAMPLE_SEEN || (wanted && !wanted[s])) continue;
            code = video_picture(j->v, gallery_slot(j->g), err);
            if (code == BK_OK) code = gallery_add(j->g, s, err);
            if (code == BK_OK) code = bk_tell(&j->opt->hooks, "look", f.time_us, j->t->duration_us, err);
        }
    j->looked += s - from;
    return code == BK_OK && more < 0 ? more : code;
}

int job_look_densely(job *j, int from, int to, bk_error *err) {
    gallery_clear(j->g);
    int code = look_densely(j, from, to, NULL, err);
    gallery_flush(j->g);
    if (code == BK_OK) put_seen(j);
    return code;
}

/* Looks at the wanted seconds in runs; small gaps between runs are looked through, since a seek costs more. */
static int look_at_wanted(job *j, const uint8_t *wanted, bk_error *err) {
    int len = j->t->len, code = BK_OK;
    gallery_clear(j->g);
    for (int a = 0; code == BK_OK && a < len; a++) {
        if (!wanted[a]) continue;
        int b = a + 1;
        for (int k = b; k < len && k <= b + 3; k++)
            if (wanted[k]) b = k + 1;
        code = look_densely(j, a, b, wanted, err);
        a = b;
    }
    gallery_flush(j->g);
    if (code == BK_OK) put_seen(j);
    return code;
}

static void hold_zones(job *j, const plan *p) {
    if (p->opening >= p->credits) {
        track_hold(j->t, 0, p->len);
        return;
    }
    track_hold(j->t, 0, p->opening);
    track_hold(j->t, p->credits, p->len);
}

/* Closer and closer where the decision is between several boundaries. */
static int closer_looks(job *j, const plan *p, float *probs, float *posterior, uint8_t *wanted, bk_error *err) {
    int len = j->t->len, budget = (int)(DENSE_SHARE * len), code = BK_OK;
    const decide_rules rules = job_rules(j->m, j->opt, len);
    if (budget < DENSE_MIN_S) budget = DENSE_MIN_S;
    j->looked = 0;
    for (int round = 0; code == BK_OK && round < ROUNDS && j->looked < budget; round++) {
        decide_result unused;
        code = scan_probabilities(probs, j->m, j->t, j->p, err);
        if (code == BK_OK) code = decide_map(&unused, probs, len, &rules, posterior, err);
        if (code != BK_OK || plan_closer(wanted, j->t->state, len, posterior) == 0) break;
        code = look_at_wanted(j, wanted, err);
        if (code == BK_OK) hold_zones(j, p);
    }
    return code;
}

/* Keyframes first, then what they leave open. */
static int look_at_zones(job *j, const plan *p, uint8_t *wanted, bk_error *err) {
    bool whole = p->opening >= p->credits;
    int code = look_at_keyframes(j, 0, whole ? p->len : p->opening, p, err);
    if (code == BK_OK && !whole) code = look_at_keyframes(j, p->credits, p->len, p, err);
    if (code == BK_OK && plan_gaps(wanted, j->t->state, p) > 0) code = look_at_wanted(j, wanted, err);
    if (code == BK_OK) hold_zones(j, p);
    return code;
}

int job_look_smart(job *j, bk_error *err) {
    int len = (int)((video_describe(j->v)->duration_us + 500000) / 1000000);
    int code = track_of(j, len > 1 ? len : 1, err);
    if (code != BK_OK) return code;
    len = j->t->len;
    const plan p = plan_of(len, j->opt->start_within_us, j->opt->end_within_us);
    float *probs = bk_alloc((size_t)len, sizeof *probs),
          *posterior = bk_alloc(2 * ((size_t)len + 1), sizeof *posterior);
    uint8_t *wanted = bk_alloc((size_t)len, 1);
    if (!probs || !posterior || !wanted) code = bk_fail_memory(err, "the scan");
    gallery_tolerate(j->g, LIKE);
    if (code == BK_OK) code = look_at_zones(j, &p, wanted, err);
    if (code == BK_OK && j->m->has_head) code = closer_looks(j, &p, probs, posterior, wanted, err);
    free(probs);
    free(posterior);
    free(wanted);
    bk_log(&j->opt->hooks, BK_LOG_DEBUG, "%s: %lld pictures encoded, %lld frames decoded by the plan smart", j->path,
           (long long)gallery_encoded(j->g), (long long)video_decoded(j->v));
    return code;
}
