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
static const int64_t HALF_US = 500000;    /* of a second */
static const int64_t SLACK_US = 500000;   /* a keyframe this much too early stands for its place */
static const double DENSE_SHARE = 0.20;   /* of the film that is decoded densely at most, or DENSE_MIN_S */
enum { DENSE_MIN_S = 90, ROUNDS = 3, GOP_S = 12 /* seconds: keyframes are seldom further apart */ };
enum { KEYS_S = 30 /* a stretch of keyframes */ };

/* As many lookers as there are threads, with a share of these each, or one with them all. CLIP's heads have learned
 * from the plan full's pictures, our own encoders from brighter ones. */
static int open_video(job *j, const char *path, bk_error *err) {
    const int threads = pool_size(j->p), crew = threads < LOOKERS_MAX ? threads : LOOKERS_MAX;
    const video_options o = { .width = j->m->vit.picture_w,
                              .height = j->m->vit.picture_h,
                              .threads = threads,
                              .readers = crew,
                              .soundless = true,
                              .dark = j->m->vit.patch > 0 };
    int code = video_open(&j->v, path, &o, err);
    j->crew = code == BK_OK && video_shares(j->v) ? crew : 1;
    return code;
}

int job_open(job *j, const char *path, const bk_model *m, const bk_find_options *opt, bk_error *err) {
    static const bk_find_options defaults;
    *j = (job){ .path = path, .m = m, .opt = opt ? opt : &defaults };
    if (!m->has_encoder) return bk_fail(err, BK_EMISMATCH, "%s has no encoder", m->name);
    int code = pool_open(&j->p, m->threads, err);
    if (code == BK_OK) code = open_video(j, path, err);
    if (code != BK_OK) job_close(j);
    return code;
}

void job_close(job *j) {
    lookers_close(j);
    video_close(&j->v);
    pool_close(&j->p);
    bk_track_close(&j->t);
    free(j->keys);
    free(j->probs);
    j->keys = NULL;
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
static int gather_seconds(job *j, video *v, gallery *g, bk_error *err) {
    const video_info *i = video_describe(v);
    resizer *r = NULL;
    int64_t second;
    int code = resizer_open(&r, i->width, i->height, j->m->vit.picture_w, j->m->vit.picture_h, err), more = 0;
    uint8_t *native = bk_alloc((size_t)i->width * (size_t)i->height, 3);
    if (code == BK_OK && !native) code = bk_fail_memory(err, "a picture");
    while (code == BK_OK && (more = video_next_second(v, &second, native, err)) > 0) {
        resizer_run(r, gallery_slot(g), native);
        code = gallery_add(g, (double)second, err);
        if (code == BK_OK) code = bk_tell(&j->opt->hooks, "scan", second * 1000000, i->duration_us, err);
    }
    gallery_flush(g);
    free(native);
    resizer_close(&r);
    return code == BK_OK && more < 0 ? more : code;
}

static int put_seconds(job *j, const gallery *g, bk_error *err) {
    gallery_view all = gallery_look(g);
    if (all.n == 0) return bk_fail(err, BK_EVIDEO, "%s: no frame could be decoded", j->path);
    int code = track_of(j, all.n, err);
    for (int s = 0; code == BK_OK && s < all.n; s++)
        track_put(j->t, s, all.embeddings + (size_t)s * (size_t)j->t->dim);
    return code;
}

/* On a video of its own, since j->v gives pictures of the encoder's size. */
int job_look_full(job *j, bk_error *err) {
    const video_options native = { .threads = j->m->threads };
    video *v = NULL;
    gallery *g = NULL;
    int code = video_open(&v, j->path, &native, err);
    if (code == BK_OK) code = gallery_open(&g, j->m, j->p, err);
    if (code == BK_OK) code = gather_seconds(j, v, g, err);
    video_close(&v);
    if (code == BK_OK) code = put_seconds(j, g, err);
    gallery_close(&g);
    return code;
}

/* ---- smart ------------------------------------------------------------------------------------------- */

/* Seconds [from, to), each with the frames that are shown within half a second of it. */
typedef struct stretch {
    int from, to;
    int key; /* the second from which on it has to be decoded */
} stretch;

/* What lookers share out. */
typedef struct stretches {
    stretch *at;
    size_t n, cap;
    bool keys;             /* only keyframes are looked at */
    const plan *p;         /* of those: how close; NULL: all */
    const uint8_t *wanted; /* [len] of closer looks; NULL: every second */
} stretches;

static bool stretch_add(stretches *s, int key, int from, int to) {
    if (!bk_grow(&s->at, &s->cap, s->n + 1, sizeof *s->at)) return false;
    s->at[s->n++] = (stretch){ from, to, key };
    return true;
}

/* The longest first: so none is left for one looker while others have nothing more to do. */
static int by_length(const void *a, const void *b) {
    const stretch *x = a, *y = b;
    const int longer = (y->to - y->key) - (x->to - x->key);
    return longer ? longer : x->from - y->from;
}

static int stretches_fail(stretches *s, bk_error *err) {
    free(s->at);
    return bk_fail_memory(err, "the scan");
}

static void put_seen(job *j, double seconds, const float *embedding, bool key) {
    const int s = (int)(seconds + 0.5);
    track_put(j->t, s, embedding);
    if (key && j->keys && s < j->t->len) j->keys[s] = 1;
}

/* Looks at all stretches, and puts what was seen in its place: the frames of those seconds. */
static int look_at_all(job *j, int (*look)(looker *, int, void *, bk_error *), stretches *s, bk_error *err) {
    int code = lookers_share(j, look, s, (int)s->n, err);
    for (int i = 0; code == BK_OK && i < LOOKERS_MAX; i++) {
        if (!j->at[i].g) continue;
        gallery_view all = gallery_look(j->at[i].g);
        for (int k = 0; k < all.n; k++)
            put_seen(j, all.seconds[k], all.embeddings + (size_t)k * (size_t)j->t->dim, s->keys);
        gallery_clear(j->at[i].g);
    }
    free(s->at);
    return code;
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

/* Keyframes of a stretch, as close as the plan asks for. */
static int look_at_keys(looker *l, int item, void *arg, bk_error *err) {
    const stretches *all = arg;
    const stretch x = all->at[item];
    const int64_t from_us = x.from ? x.from * INT64_C(1000000) - HALF_US : 0,
                  to_us = x.to * INT64_C(1000000) - HALF_US;
    video_frame f;
    int more = 0;
    video_set_mode(l->v, VIDEO_KEYFRAMES);
    video_set_key_gap(l->v, key_gap_us(all->p, from_us));
    video_set_key_end(l->v, to_us);
    int code = video_seek(l->v, from_us, err);
    while (code == BK_OK && (more = video_step(l->v, &f, err)) > 0 && f.time_us < to_us) {
        video_set_key_gap(l->v, key_gap_us(all->p, f.time_us));
        if (all->p && is_early(l->j, f.time_us)) continue;
        code = video_picture(l->v, gallery_slot(l->g), err);
        if (code == BK_OK) code = gallery_add(l->g, (double)f.time_us / 1e6, err);
        if (code == BK_OK) code = looker_tell(l, "scan", f.time_us, err);
    }
    return code == BK_OK && more < 0 ? more : code;
}

/* Cuts [from, to) into stretches for look_at_keys(). */
static bool add_keys(stretches *s, int from, int to) {
    bool room = true;
    for (int at = from, next; room && at < to; at = next) {
        next = to - at < 3 * KEYS_S / 2 ? to : at + KEYS_S;
        room = stretch_add(s, at, at, next);
    }
    return room;
}

int job_look_keyframes(job *j, int from, int to, bk_error *err) {
    stretches s = { .keys = true };
    if (!add_keys(&s, from, to)) return stretches_fail(&s, err);
    int code = look_at_all(j, look_at_keys, &s, err);
    if (code == BK_OK) track_hold(j->t, from, to);
    return code;
}

static int look_at_zones_keys(job *j, const plan *p, bk_error *err) {
    stretches s = { .keys = true, .p = p };
    const bool whole = p->opening >= p->credits;
    if (!add_keys(&s, 0, whole ? p->len : p->opening) || (!whole && !add_keys(&s, p->credits, p->len)))
        return stretches_fail(&s, err);
    return look_at_all(j, look_at_keys, &s, err);
}

/* Every second of a stretch that was not seen yet and is wanted, each by its own frame or, where only some are
 * wanted, one near it. */
static int look_closely(looker *l, int item, void *arg, bk_error *err) {
    const stretches *all = arg;
    const stretch x = all->at[item];
    const video_mode mode = all->wanted ? VIDEO_REFERENCES : VIDEO_ALL;
    const job *j = l->j;
    video_frame f;
    int s = x.from, more = 0;
    video_set_mode(l->v, mode);
    int code = video_seek(l->v, sample_us(j, s, mode), err);
    while (code == BK_OK && s < x.to && (more = video_step(l->v, &f, err)) > 0)
        for (; code == BK_OK && s < x.to && f.time_us >= sample_us(j, s, mode); s++) {
            if (j->t->state[s] == SAMPLE_SEEN || (all->wanted && !all->wanted[s])) continue;
            code = video_picture(l->v, gallery_slot(l->g), err);
            if (code == BK_OK) code = gallery_add(l->g, s, err);
            if (code == BK_OK) code = looker_tell(l, "look", f.time_us, err);
        }
    return code == BK_OK && more < 0 ? more : code;
}

int job_look_densely(job *j, int from, int to, bk_error *err) {
    stretches s = { 0 };
    if (!stretch_add(&s, from, from, to)) return stretches_fail(&s, err);
    return look_at_all(j, look_closely, &s, err);
}

/* Where the stretch ends that begins with the wanted second a. A keyframe ends it, since from there on another looker
 * can begin; without one, what lies between two wanted seconds has to be decoded on the way. */
static int stretch_end(const job *j, const uint8_t *wanted, int a) {
    int b = a + 1;
    for (int k = b; k < j->t->len && k <= b + GOP_S && !j->keys[k]; k++)
        if (wanted[k]) b = k + 1;
    return b;
}

/* The keyframe from which second a is reached: the last one known at or before it. */
static int key_before(const job *j, int a) {
    int k = a;
    while (k > 0 && a - k < GOP_S && !j->keys[k]) k--;
    return k;
}

/* Looks at the wanted seconds; *seconds becomes how many of the film were decoded for that. */
static int look_at_wanted(job *j, const uint8_t *wanted, int *seconds, bk_error *err) {
    stretches s = { .wanted = wanted };
    bool room = true;
    *seconds = 0;
    for (int a = 0, b; room && a < j->t->len; a = b) {
        b = a + 1;
        if (!wanted[a]) continue;
        b = stretch_end(j, wanted, a);
        room = stretch_add(&s, key_before(j, a), a, b);
        *seconds += b - a;
    }
    if (!room) return stretches_fail(&s, err);
    if (s.n > 1) qsort(s.at, s.n, sizeof *s.at, by_length);
    return look_at_all(j, look_closely, &s, err);
}

static void hold_zones(job *j, const plan *p) {
    if (p->opening >= p->credits) {
        track_hold(j->t, 0, p->len);
        return;
    }
    track_hold(j->t, 0, p->opening);
    track_hold(j->t, p->credits, p->len);
}

/* Room for what tells where to look next. */
typedef struct next_look {
    float *probs, *posterior; /* [len], [2, len + 1] */
    uint8_t *wanted;          /* [len] */
} next_look;

static int next_look_open(next_look *n, size_t len, bk_error *err) {
    *n = (next_look){ bk_alloc(len, sizeof(float)), bk_alloc(2 * (len + 1), sizeof(float)), bk_zeros(len, 1) };
    return n->probs && n->posterior && n->wanted ? BK_OK : bk_fail_memory(err, "the scan");
}

static void next_look_close(next_look *n) {
    free(n->probs);
    free(n->posterior);
    free(n->wanted);
}

/* The posterior of the boundaries, as far as was looked. */
static int weigh(job *j, const next_look *n, bk_error *err) {
    const decide_rules rules = job_rules(j->m, j->opt, j->t->len);
    decide_result unused;
    int code = scan_probabilities(n->probs, j->m, j->t, j->p, err);
    return code == BK_OK ? decide_map(&unused, n->probs, j->t->len, &rules, n->posterior, err) : code;
}

static bool has_seen(const bk_track *t) {
    return memchr(t->state, SAMPLE_SEEN, (size_t)t->len);
}

/* What keyframes leave open: where boundaries are likely, and the gaps in which they may lie. */
static int look_at_gaps(job *j, const plan *p, const next_look *n, bk_error *err) {
    const bool known = j->m->has_head && has_seen(j->t);
    int count = 0, seconds, code = BK_OK;
    hold_zones(j, p);
    if (known) code = weigh(j, n, err);
    if (code != BK_OK) return code;
    if (known) count = plan_closer(n->wanted, j->t->state, p->len, n->posterior, true);
    count += plan_gaps(n->wanted, j->t->state, p, known ? n->posterior : NULL);
    if (count > 0) code = look_at_wanted(j, n->wanted, &seconds, err);
    hold_zones(j, p);
    return code;
}

/* Closer and closer where the decision is between several boundaries. */
static int closer_looks(job *j, const plan *p, const next_look *n, bk_error *err) {
    int budget = (int)(DENSE_SHARE * p->len), looked = 0, code = BK_OK;
    if (budget < DENSE_MIN_S) budget = DENSE_MIN_S;
    for (int round = 0; code == BK_OK && round < ROUNDS && budget > 0; round++, budget -= looked) {
        code = weigh(j, n, err);
        if (code != BK_OK || plan_closer(n->wanted, j->t->state, p->len, n->posterior, false) == 0) break;
        code = look_at_wanted(j, n->wanted, &looked, err);
        hold_zones(j, p);
    }
    return code;
}

int job_look_smart(job *j, bk_error *err) {
    int len = (int)((video_describe(j->v)->duration_us + 500000) / 1000000);
    int code = track_of(j, len > 1 ? len : 1, err);
    if (code != BK_OK) return code;
    len = j->t->len;
    const plan p = plan_of(len, j->opt->start_within_us, j->opt->end_within_us);
    next_look n;
    code = next_look_open(&n, (size_t)len, err);
    j->keys = bk_zeros((size_t)len, 1);
    if (code == BK_OK && !j->keys) code = bk_fail_memory(err, "the scan");
    if (code == BK_OK) code = look_at_zones_keys(j, &p, err);
    if (code == BK_OK) code = look_at_gaps(j, &p, &n, err);
    if (code == BK_OK && j->m->has_head) code = closer_looks(j, &p, &n, err);
    next_look_close(&n);
    lookers_log(j, "by the plan smart");
    return code;
}
