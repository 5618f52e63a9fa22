/* Opens the generator's material, picks from it by weight and side, and keeps what was decoded in a cache
 * of bounded size that several threads share. */
#include "learn/synth_material.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "media/still.h"
#include "media/video.h"

enum { CLIP_FRAMES_MAX = 64, CLIP_WIDTH_MAX = 320, STILL_WIDTH_MAX = 1024, LEVEL_MIN = 140 };

/* ---- opening ---------------------------------------------------------------------------------------- */

static bool on_side(const synth *s, const item *it) {
    return s->split == SYNTH_ALL || it->held_out == (s->split == SYNTH_HELD_OUT);
}

static bool list_kind(synth *s, item_kind kind) {
    s->of[kind] = bk_alloc(s->index.n + 1, sizeof(int));
    s->sum[kind] = bk_alloc(s->index.n + 1, sizeof(float));
    if (!s->of[kind] || !s->sum[kind]) return false;
    float sum = 0;
    for (size_t i = 0; i < s->index.n; i++) {
        const item *it = &s->index.items[i];
        if (it->kind != kind || !on_side(s, it)) continue;
        sum += it->weight;
        s->of[kind][s->n_of[kind]] = (int)i;
        s->sum[kind][s->n_of[kind]++] = sum;
    }
    return true;
}

int synth_open(synth **out, const synth_options *opt, bk_error *err) {
    if (opt->n_material < 0 || opt->n_material > SYNTH_FOLDERS_MAX)
        return bk_fail(err, BK_EINVAL, "synth: %d folders of material, at most %d", opt->n_material,
                       SYNTH_FOLDERS_MAX);
    synth *s = calloc(1, sizeof *s);
    if (!s || pthread_mutex_init(&s->lock, NULL)) {
        free(s);
        return bk_fail_memory(err, "the generator");
    }
    s->split = opt->split;
    s->cache_limit = opt->cache_bytes ? opt->cache_bytes : (size_t)1 << 30;
    const words_side side = opt->split == SYNTH_ALL     ? WORDS_ALL
                            : opt->split == SYNTH_TRAIN ? WORDS_TRAIN
                                                        : WORDS_HELD_OUT;
    int code = fonts_open(&s->fonts, side, err);
    for (int i = 0; code == BK_OK && i < opt->n_material; i++) code = index_folder(&s->index, opt->material[i], err);
    bool ok = (s->grain = bk_alloc(GRAIN_SIDE * GRAIN_SIDE, 1)) != NULL;
    for (int k = 0; ok && k < ITEM_KINDS; k++) ok = list_kind(s, (item_kind)k);
    if (code == BK_OK && !ok) code = bk_fail_memory(err, "the generator's material");
    if (code != BK_OK) {
        synth_close(&s);
        return code;
    }
    grain_make(s->grain);
    *out = s;
    return BK_OK;
}

static void footage_free(footage *f) {
    if (!f) return;
    for (int i = 0; i < f->n_levels; i++) image_free(&f->levels[i]);
    for (int i = 0; i < f->n_frames; i++) image_free(&f->frames[i]);
    free(f->frames);
    scene_free(f->scene);
    free(f);
}

void synth_close(synth **s) {
    if (!*s) return;
    for (size_t i = 0; i < (*s)->n_cache; i++) footage_free((*s)->cache[i]);
    free((*s)->cache);
    for (int k = 0; k < ITEM_KINDS; k++) {
        free((*s)->of[k]);
        free((*s)->sum[k]);
    }
    free((*s)->grain);
    fonts_close(&(*s)->fonts);
    index_free(&(*s)->index);
    pthread_mutex_destroy(&(*s)->lock);
    free(*s);
    *s = NULL;
}

synth_counts synth_count(const synth *s) {
    return (synth_counts){ s->n_of[ITEM_CLIP], s->n_of[ITEM_PHOTO], s->n_of[ITEM_WALL],
                           s->n_of[ITEM_TEXT], s->n_of[ITEM_TITLE], fonts_count(s->fonts, SCRIPT_LATIN) };
}

bool synth_uses(const synth *s, const char *file) {
    for (size_t i = 0; i < s->index.n; i++)
        if (!strcmp(s->index.items[i].name, file) && on_side(s, &s->index.items[i])) return true;
    return false;
}

int material_pick(const synth *s, item_kind kind, rng *r) {
    const int n = s->n_of[kind];
    if (n == 0) return -1;
    const float at = rng_float(r) * s->sum[kind][n - 1];
    int low = 0, high = n - 1;
    while (low < high) {
        const int mid = (low + high) / 2;
        if (s->sum[kind][mid] > at)
            high = mid;
        else
            low = mid + 1;
    }
    return s->of[kind][low];
}

/* ---- decoding --------------------------------------------------------------------------------------- */

static bool add_levels(footage *f) {
    while (f->n_levels < LEVELS_MAX && f->levels[f->n_levels - 1].w / 2 >= LEVEL_MIN) {
        if (!image_half(&f->levels[f->n_levels], &f->levels[f->n_levels - 1])) return false;
        f->bytes += (size_t)f->levels[f->n_levels].w * (size_t)f->levels[f->n_levels].h * 3;
        f->n_levels++;
    }
    return true;
}

static int load_still(footage *f, const synth *s, const item *it, bk_error *err) {
    still in = { 0 };
    uint8_t *bytes = NULL;
    size_t n = 0;
    int code = it->archive < 0 ? still_load(&in, it->path, err) : index_read(&s->index, it, &bytes, &n, err);
    if (code == BK_OK && bytes) code = still_decode(&in, bytes, n, it->name, err);
    free(bytes);
    if (code != BK_OK) return code;
    /* Copied: what still_free() frees need not be what image_free() does. */
    image whole = { in.rgb, in.width, in.height }, small = { 0 };
    bool ok = image_half(&small, &whole);
    while (ok && small.w > STILL_WIDTH_MAX) {
        image next;
        ok = image_half(&next, &small);
        image_free(&small);
        small = ok ? next : (image){ 0 };
    }
    if (ok && in.width <= STILL_WIDTH_MAX) {
        image_free(&small);
        ok = image_make(&small, in.width, in.height);
        if (ok) memcpy(small.px, in.rgb, (size_t)in.width * (size_t)in.height * 3);
    }
    still_free(&in);
    if (ok) {
        f->levels[f->n_levels++] = small;
        f->bytes += (size_t)small.w * (size_t)small.h * 3;
        ok = add_levels(f);
    }
    return ok ? BK_OK : bk_fail_memory(err, it->name);
}

/* Takes every `skip`th frame of at most CLIP_FRAMES_MAX. */
static int take_frames(footage *f, video *v, int w, int h, int skip, const char *name, bk_error *err) {
    video_frame at;
    int code = 1;
    f->frames = bk_zeros(CLIP_FRAMES_MAX, sizeof *f->frames);
    if (!f->frames) return bk_fail_memory(err, name);
    for (int i = 0; f->n_frames < CLIP_FRAMES_MAX && (code = video_step(v, &at, err)) == 1; i++) {
        if (i % skip) continue;
        if (!image_make(&f->frames[f->n_frames], w, h)) return bk_fail_memory(err, name);
        f->n_frames++;
        f->bytes += (size_t)w * (size_t)h * 3;
        code = video_picture(v, f->frames[f->n_frames - 1].px, err);
        if (code < 0) return code;
    }
    if (code < 0) return code;
    return f->n_frames ? BK_OK : bk_fail(err, BK_EVIDEO, "%s: no frames", name);
}

static int load_clip(footage *f, const item *it, bk_error *err) {
    video *v = NULL;
    video_options opt = { .threads = 1 };
    int code = video_open(&v, it->path, &opt, err);
    if (code != BK_OK) return code;
    video_info d = *video_describe(v);
    if (d.width > CLIP_WIDTH_MAX) {
        opt.width = CLIP_WIDTH_MAX;
        opt.height = (int)((int64_t)d.height * CLIP_WIDTH_MAX / d.width);
        if (opt.height < 2) opt.height = 2;
        video_close(&v);
        code = video_open(&v, it->path, &opt, err);
        if (code != BK_OK) return code;
        d.width = opt.width;
        d.height = opt.height;
    }
    const double hz = d.fps_den > 0 ? (double)d.fps_num / d.fps_den : 8;
    const int skip = hz > 12 ? (int)(hz / 12 + 0.5) : 1;
    f->hz = hz / skip;
    code = take_frames(f, v, d.width, d.height, skip, it->name, err);
    video_close(&v);
    return code;
}

/* ---- cache ------------------------------------------------------------------------------------------ */

static footage *find(synth *s, uint64_t key) {
    for (size_t i = 0; i < s->n_cache; i++)
        if (s->cache[i]->key == key) {
            s->cache[i]->pins++;
            s->cache[i]->used = ++s->clock;
            return s->cache[i];
        }
    return NULL;
}

/* Drops what was not used for longest until the rest fits. */
static void shrink(synth *s) {
    while (s->cache_bytes > s->cache_limit) {
        size_t oldest = s->n_cache;
        for (size_t i = 0; i < s->n_cache; i++)
            if (s->cache[i]->pins == 0 && (oldest == s->n_cache || s->cache[i]->used < s->cache[oldest]->used))
                oldest = i;
        if (oldest == s->n_cache) return;
        s->cache_bytes -= s->cache[oldest]->bytes;
        footage_free(s->cache[oldest]);
        s->cache[oldest] = s->cache[--s->n_cache];
    }
}

/* Puts f in; when another thread was first, its footage is taken and f freed. NULL when memory is out. */
static footage *keep(synth *s, footage *f) {
    footage *other = find(s, f->key);
    if (other || !bk_grow(&s->cache, &s->cache_cap, s->n_cache + 1, sizeof *s->cache)) {
        footage_free(f);
        return other;
    }
    f->pins = 1;
    f->used = ++s->clock;
    s->cache[s->n_cache++] = f;
    s->cache_bytes += f->bytes;
    shrink(s);
    return f;
}

/* The cache is the one thing in a synth that changes after it is opened; callers see it as constant. */
static synth *open_up(const synth *s) {
    return (synth *)(uintptr_t)s;
}

static footage *cached(const synth *s, uint64_t key) {
    pthread_mutex_lock(&open_up(s)->lock);
    footage *f = find(open_up(s), key);
    pthread_mutex_unlock(&open_up(s)->lock);
    return f;
}

static int hand_out(footage **out, const synth *s, footage *f, bk_error *err) {
    pthread_mutex_lock(&open_up(s)->lock);
    *out = keep(open_up(s), f);
    pthread_mutex_unlock(&open_up(s)->lock);
    return *out ? BK_OK : bk_fail_memory(err, "the generator's cache");
}

/* Title artwork may move too, so the name tells, not the kind. */
static bool is_clip(const char *name) {
    const size_t n = strlen(name);
    return n > 4 && !strcmp(name + n - 4, ".mp4");
}

int material_item(footage **out, const synth *s, int i, bk_error *err) {
    const item *it = &s->index.items[i];
    const uint64_t key = (uint64_t)i;
    if ((*out = cached(s, key))) return BK_OK;
    footage *f = calloc(1, sizeof *f);
    if (!f) return bk_fail_memory(err, it->name);
    f->key = key;
    const int code = is_clip(it->name) ? load_clip(f, it, err) : load_still(f, s, it, err);
    if (code != BK_OK) {
        footage_free(f);
        return code;
    }
    return hand_out(out, s, f, err);
}

int material_scene(footage **out, const synth *s, uint64_t seed, int w, int h, bk_error *err) {
    const uint64_t key = (seed ^ ((uint64_t)w << 20 | (uint64_t)h) * 0x9e3779b97f4a7c15u) | 1ull << 63;
    if ((*out = cached(s, key))) return BK_OK;
    footage *f = calloc(1, sizeof *f);
    if (!f) return bk_fail_memory(err, "a scene");
    f->key = key;
    f->scene = scene_make(seed, w, h);
    if (!f->scene) {
        footage_free(f);
        return bk_fail_memory(err, "a scene");
    }
    f->bytes = scene_bytes(f->scene);
    return hand_out(out, s, f, err);
}

void material_release(const synth *s, footage *f) {
    if (!f) return;
    pthread_mutex_lock(&open_up(s)->lock);
    f->pins--;
    pthread_mutex_unlock(&open_up(s)->lock);
}
