/* learn/synth: the same seed gives the same bytes in any order and from any thread, labels agree with the
 * plan, masks mark letters and nothing else, training and held-out material do not meet. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "learn/letters.h"
#include "learn/synth.h"
#include "learn/synth_pixels.h"
#include "media/record.h"
#include "tap.h"

enum { W = 192, H = 112, MW = W / 8, MH = H / 8, SHOTS = 24 };

typedef struct picture {
    uint8_t rgb[W * H * 3], mask[MW * MH];
    synth_label label;
    int code;
} picture;

static bk_error err;

static bool render(synth_episode *e, int64_t frame, picture *p) {
    p->code = synth_render(e, synth_frame_time_us(e, frame), W, H, p->rgb, p->mask, &p->label, &err);
    return p->code == BK_OK;
}

static bool same(const picture *a, const picture *b) {
    return !memcmp(a->rgb, b->rgb, sizeof a->rgb) && !memcmp(a->mask, b->mask, sizeof a->mask) &&
           a->label.seen == b->label.seen;
}

/* ---- determinism ------------------------------------------------------------------------------------ */

static void test_determinism(const synth *s, const char *what) {
    static picture first[SHOTS], again;
    const synth_plan_options plan = { .min_s = 60, .max_s = 90 };
    synth_episode *a = NULL, *b = NULL;
    tap_ok(synth_plan(&a, s, 11, &plan, &err) == BK_OK && synth_plan(&b, s, 11, &plan, &err) == BK_OK,
           "%s: planned twice", what);
    if (!a || !b) return;
    const int64_t n = synth_describe(a).n_frames;
    bool ok = n == synth_describe(b).n_frames, equal = true;
    for (int i = 0; i < SHOTS; i++) ok = ok && render(a, n * i / SHOTS, &first[i]);
    for (int i = SHOTS; ok && i-- > 0;) {
        ok = render(b, n * i / SHOTS, &again);
        equal = equal && same(&first[i], &again);
    }
    tap_ok(ok, "%s: drawn, %s", what, ok ? "all" : err.text);
    tap_ok(equal, "%s: the same bytes backwards", what);
    synth_label l = { 0 };
    bool labels = true;
    for (int i = 0; i < SHOTS; i++) {
        const int code = synth_render(a, synth_frame_time_us(a, n * i / SHOTS), W, H, NULL, again.mask, &l, &err);
        labels = labels && code == BK_OK && l.seen == first[i].label.seen &&
                 !memcmp(again.mask, first[i].mask, sizeof again.mask);
    }
    tap_ok(labels, "%s: labels and masks without pictures are the same", what);
    synth_episode_close(&a);
    tap_ok(synth_plan(&a, s, 12, &plan, &err) == BK_OK && render(a, 400, &again) && render(b, 400, &first[0]) &&
               !same(&again, &first[0]),
           "%s: another seed, another film", what);
    synth_episode_close(&a);
    synth_episode_close(&b);
}

typedef struct job {
    synth_episode *e;
    picture *out;
    int begin;
} job;

static void *draw_some(void *arg) {
    job *j = arg;
    const int64_t n = synth_describe(j->e).n_frames;
    for (int k = 0; k < SHOTS; k++) {
        const int i = (j->begin + k) % SHOTS;
        render(j->e, n * i / SHOTS, &j->out[i]);
    }
    return NULL;
}

static void test_threads(const synth *s) {
    static picture a[SHOTS], b[SHOTS];
    const synth_plan_options plan = {
        .min_s = 40, .max_s = 60, .opening = OPENING_OVER_FOOTAGE, .credits = CREDITS_ROLL_ART
    };
    synth_episode *e = NULL;
    pthread_t other;
    if (!tap_ok(synth_plan(&e, s, 5, &plan, &err) == BK_OK, "an episode for two threads")) return;
    job one = { e, a, 0 }, two = { e, b, SHOTS / 2 };
    bool equal = pthread_create(&other, NULL, draw_some, &two) == 0;
    if (equal) {
        draw_some(&one);
        pthread_join(other, NULL);
    }
    for (int i = 0; equal && i < SHOTS; i++) equal = a[i].code == BK_OK && b[i].code == BK_OK && same(&a[i], &b[i]);
    tap_ok(equal, "two threads draw the same frames of one episode");
    synth_episode_close(&e);
}

/* ---- truth ------------------------------------------------------------------------------------------ */

static bool segments_whole(const synth_facts *f) {
    int64_t at = 0;
    for (int i = 0; i < f->n_segments; i++) {
        if (f->segments[i].from != at || f->segments[i].to <= at) return false;
        at = f->segments[i].to;
    }
    return at == f->n_frames;
}

static bool mark_sound(const synth_mark *m, int64_t n) {
    if (m->frame < 0 || m->frame > n || m->n_bands < 1 || m->frame < m->bands[0].from || m->frame > m->bands[0].to)
        return false;
    for (int i = 0; i < m->n_bands; i++)
        if (m->bands[i].from < 0 || m->bands[i].from > m->bands[i].to || m->bands[i].to > n) return false;
    return true;
}

/* Parts by label, frame by frame at places, against the segments and the two marks. */
static bool labels_sound(synth_episode *e, const synth_facts *f) {
    for (int i = 0; i < f->n_segments; i++) {
        const int64_t at[3] = { f->segments[i].from, (f->segments[i].from + f->segments[i].to) / 2,
                                f->segments[i].to - 1 };
        for (int k = 0; k < 3; k++) {
            synth_label l;
            if (synth_render(e, synth_frame_time_us(e, at[k]), W, H, NULL, NULL, &l, &err) != BK_OK) return false;
            const bool inside = at[k] >= f->start.frame && at[k] < f->end.frame;
            if (l.frame != at[k] || l.part != f->segments[i].part || l.skippable == inside) return false;
            if (l.part == PART_STORY && !inside) return false;
            if (l.part != PART_STORY && l.part != PART_COLD_OPEN && inside) return false;
        }
    }
    return true;
}

/* Which texts stand in a part, gathered from ten of its frames. */
static uint32_t texts_of(synth_episode *e, const synth_facts *f, synth_part part) {
    uint32_t texts = 0;
    for (int i = 0; i < f->n_segments; i++)
        for (int k = 0; k < 10 && f->segments[i].part == part; k++) {
            const int64_t at = f->segments[i].from + (f->segments[i].to - f->segments[i].from) * k / 10;
            synth_label l = { 0 };
            if (synth_render(e, synth_frame_time_us(e, at), W, H, NULL, NULL, &l, &err) == BK_OK) texts |= l.texts;
        }
    return texts;
}

static void test_texts(const synth *s) {
    const uint32_t credits = 1u << TEXT_CREDIT_CARD | 1u << TEXT_CREDIT_ROLL | 1u << TEXT_NOTICE;
    int cards = 0, prose = 0, titles = 0, names = 0, strangers = 0;
    enum { N = 24 };
    for (int i = 0; i < N; i++) {
        const synth_plan_options plan = {
            .min_s = 90, .max_s = 120, .opening = OPENING_TITLE_CARD, .credits = CREDITS_ROLL_BLACK, .last_words = 1
        };
        synth_episode *e = NULL;
        if (synth_plan(&e, s, (uint64_t)(7000 + i), &plan, &err) != BK_OK) break;
        const synth_facts f = synth_describe(e);
        synth_label l = { 0 };
        const int64_t middle = (f.last_words + f.end.frame) / 2;
        if (f.last_words < f.end.frame && synth_render(e, synth_frame_time_us(e, middle), W, H, NULL, NULL, &l, &err) == BK_OK) {
            cards++;
            prose += (l.texts >> TEXT_PROSE & 1) && l.seen == CLASS_STORY_WITH_LETTERS;
        }
        titles += (texts_of(e, &f, PART_TITLES) >> TEXT_TITLE & 1) != 0;
        names += (texts_of(e, &f, PART_CREDITS) & credits) != 0;
        strangers += (texts_of(e, &f, PART_STORY) & (credits | 1u << TEXT_TITLE)) != 0;
        synth_episode_close(&e);
    }
    tap_ok(cards >= N / 2, "last words are planned where they are wanted and there is room: %d of %d", cards, N);
    tap_ok(prose >= cards - 2, "they are prose and story: %d of %d", prose, cards);
    tap_ok(titles >= N - 2 && names >= N - 2, "titles say the name, %d, and credits names, %d of %d", titles, names, N);
    tap_ok(strangers == 0, "neither is said in the story");
}

static void test_truth(const synth *s) {
    bool planned = true, whole = true, marks = true, labels = true;
    uint64_t bad = 0;
    for (int o = 1; o < OPENING_COUNT; o++)
        for (int c = 1; c < CREDITS_COUNT; c++) {
            const synth_plan_options plan = {
                .min_s = 45, .max_s = 400, .opening = (synth_opening)o, .credits = (synth_credits)c
            };
            const uint64_t seed = (uint64_t)(100 * o + c);
            synth_episode *e = NULL;
            if (synth_plan(&e, s, seed, &plan, &err) != BK_OK) {
                planned = false;
                continue;
            }
            const synth_facts f = synth_describe(e);
            const bool w = segments_whole(&f), m = mark_sound(&f.start, f.n_frames) &&
                                                   mark_sound(&f.end, f.n_frames) && f.start.frame < f.end.frame;
            const bool l = labels_sound(e, &f);
            if (!(w && m && l)) bad = seed;
            whole = whole && w;
            marks = marks && m;
            labels = labels && l;
            synth_episode_close(&e);
        }
    tap_ok(planned, "every opening goes with all credits");
    tap_ok(whole, "segments follow one another from the first frame to the last (seed %d)", (int)bad);
    tap_ok(marks, "marks stand inside, in their first band (seed %d)", (int)bad);
    tap_ok(labels, "labels agree with segments and marks (seed %d)", (int)bad);
}

static void test_times(const synth *s) {
    static const int rates[][2] = { { 24, 1 }, { 25, 1 }, { 30, 1 }, { 24000, 1001 }, { 30000, 1001 } };
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const synth_plan_options plan = {
            .min_s = 100, .max_s = 100, .fps_num = rates[i][0], .fps_den = rates[i][1]
        };
        synth_episode *e = NULL;
        if (!tap_ok(synth_plan(&e, s, i, &plan, &err) == BK_OK, "%d/%d frames a second", rates[i][0], rates[i][1]))
            continue;
        const synth_facts f = synth_describe(e);
        bool exact = f.n_frames == (int64_t)(100.0 * rates[i][0] / rates[i][1] + 0.5) || f.credits == CREDITS_NONE;
        for (int64_t k = 0; k < f.n_frames; k++) {
            const int64_t t = synth_frame_time_us(e, k);
            exact = exact && synth_frame_at(e, t) == k && (k == 0 || synth_frame_at(e, t - 1) == k - 1);
        }
        tap_ok(exact, "every frame begins at its time and no microsecond earlier");
        tap_ok(synth_frame_at(e, -5) == 0 && synth_frame_at(e, INT64_MAX / 100000) == f.n_frames - 1,
               "times outside are clamped");
        synth_episode_close(&e);
    }
}

/* ---- masks ------------------------------------------------------------------------------------------ */

/* On black ground letters are all the light there is: light stands only in or beside marked cells. */
static void test_mask(const synth *s) {
    static picture p;
    const synth_plan_options plan = { .min_s = 60,
                                      .max_s = 60,
                                      .opening = OPENING_NONE,
                                      .credits = CREDITS_ROLL_BLACK,
                                      .clean = true,
                                      .width = 384,
                                      .height = 224,
                                      .exact = true };
    int lit_outside = 0, dark_inside = 0, cells = 0, lettered = 0, story_marked = 0;
    for (uint64_t seed = 0; seed < 6; seed++) {
        synth_episode *e = NULL;
        if (synth_plan(&e, s, seed, &plan, &err) != BK_OK) continue;
        const synth_facts f = synth_describe(e);
        for (int64_t k = f.end.frame; k < f.n_frames; k += 40) {
            if (!render(e, k, &p) || p.label.part == PART_LOGO || p.label.part == PART_EXTRA_SCENE) continue;
            lettered += p.label.letters;
            story_marked += p.label.seen == CLASS_STORY_WITH_LETTERS;
            for (int c = 0; c < MW * MH; c++) {
                int top = 0;
                for (int y = 0; y < 8; y++)
                    for (int x = 0; x < 24; x++) {
                        const uint8_t v = p.rgb[((c / MW * 8 + y) * W + c % MW * 8) * 3 + x];
                        if (v > top) top = v;
                    }
                bool near = false;
                for (int dy = -1; dy <= 1; dy++)
                    for (int dx = -1; dx <= 1; dx++) {
                        const int y = c / MW + dy, x = c % MW + dx;
                        near = near || (y >= 0 && x >= 0 && y < MH && x < MW && p.mask[y * MW + x] != 0);
                    }
                const bool border = c / MW == 0 || c / MW == MH - 1;
                cells += p.mask[c] == 1;
                lit_outside += top > 110 && !near && !border;
                dark_inside += top < 30 && p.mask[c] == 1;
            }
        }
        synth_episode_close(&e);
    }
    tap_ok(lettered > 20 && cells > 500, "%d frames of a roll have letters in %d cells", lettered, cells);
    tap_ok(lit_outside == 0, "%d lit cells far from the mask", lit_outside);
    tap_ok(dark_inside * 10 < cells, "%d of %d marked cells are dark", dark_inside, cells);
    tap_ok(story_marked == 0, "credits are not story");
}

static void test_letters(void) {
    fonts *f = NULL;
    letters_sprite a = { 0 }, b = { 0 };
    if (!tap_ok(fonts_open(&f, WORDS_ALL, &err) == BK_OK, "fonts")) return;
    const letters_spec one = { .text = "Producer\tAnna Wood",
                               .family = fonts_family(f, SCRIPT_LATIN, 0),
                               .size = 0.08f,
                               .pitch = 1.35f,
                               .columns = 2 };
    letters_spec two = one;
    two.text = "Producer\tAnna Wood\n\tCarl Wood\nMusic\tJo Ash";
    two.edge = EDGE_OUTLINE;
    two.edge_width = 0.05f;
    tap_ok(letters_draw(&a, f, &one, 640, 360, &err) == BK_OK && letters_draw(&b, f, &two, 640, 360, &err) == BK_OK,
           "blocks of letters");
    tap_ok(a.n_boxes == 2 && b.n_boxes == 5, "a box for every cell with letters: %d, %d", a.n_boxes, b.n_boxes);
    tap_ok(b.h > a.h && !a.edge && b.edge, "more lines are taller; an edge where one was asked for");
    bool inside = true;
    for (int i = 0; i < b.n_boxes; i++) {
        const letters_box *x = &b.boxes[i];
        inside = inside && x->x >= 0 && x->y >= 0 && x->x + x->w <= b.w && x->y + x->h <= b.h && x->w > 0 && x->h > 0;
    }
    tap_ok(inside, "boxes lie in the sprite");
    letters_free(&a);
    letters_free(&b);
    two.size = 40;
    tap_ok(letters_draw(&a, f, &two, 640, 360, &err) == BK_EINVAL, "a block that is too large: %s", err.text);
    fonts_close(&f);
}

/* ---- split ------------------------------------------------------------------------------------------ */

static void test_words(void) {
    words train = words_make(1, SCRIPT_LATIN, WORDS_TRAIN), held = words_make(1, SCRIPT_LATIN, WORDS_HELD_OUT);
    int held_out = 0, long_ones = 0;
    char name[WORDS_MAX];
    for (int i = 0; i < 2000; i++) {
        char key[32];
        snprintf(key, sizeof key, "item %d", i);
        held_out += words_held_out(key);
        words_name(i & 1 ? &train : &held, name);
        long_ones += strlen(name) < 3;
    }
    tap_ok(held_out > 230 && held_out < 370, "about 15 %% are held out: %d of 2000", held_out);
    tap_ok(long_ones == 0, "names have letters");
    for (int k = 0; k < SCRIPT_COUNT; k++) {
        words w = words_make(7, (script)k, WORDS_ALL);
        char t[5][WORDS_MAX];
        words_name(&w, t[0]);
        words_role(&w, t[1]);
        words_title(&w, t[2]);
        words_caption(&w, t[3]);
        words_line(&w, 5, t[4]);
        tap_ok(words_script(&w) == (script)k && *t[0] && *t[1] && *t[2] && *t[3] && *t[4], "script %d: %s, %s, %s", k,
               t[0], t[1], t[2]);
    }
}

static bool write_clip(const char *path, int shade) {
    record *r = NULL;
    const record_options opt = { 64, 48, 8, 1, 0, 0 };
    static uint8_t rgb[64 * 48 * 3];
    if (record_open(&r, path, &opt, &err) != BK_OK) return false;
    for (int i = 0; i < 8; i++) {
        memset(rgb, shade + 4 * i, sizeof rgb);
        if (record_frame(r, rgb, &err) != BK_OK) break;
    }
    return record_finish(&r, &err) == BK_OK;
}

static void test_material(const char *folder) {
    enum { CLIPS = 24 };
    char path[300], name[32];
    synth *side[3] = { 0 };
    bool written = true;
    snprintf(path, sizeof path, "%s/clips.csv", folder);
    FILE *csv = fopen(path, "w");
    if (!tap_ok(csv != NULL, "a folder of clips")) return;
    fputs("file,source,path,category,flag\n", csv);
    for (int i = 0; i < CLIPS; i++) {
        snprintf(name, sizeof name, "c%02d.mp4", i);
        fprintf(csv, "%s,\"made, here\",video %d,mixed,%s\n", name, i / 2, i == 0 ? "title_like:card" : "");
        snprintf(path, sizeof path, "%s/%s", folder, name);
        written = written && write_clip(path, 40 + 6 * i);
    }
    fclose(csv);
    tap_ok(written, "clips are written: %s", written ? "all" : err.text);
    int both = 0, none = 0, apart = 0;
    for (int k = 0; k < 3; k++) {
        const synth_options opt = {
            .material = { folder }, .n_material = 1, .split = (synth_split)k, .cache_bytes = 1 << 16
        };
        tap_ok(synth_open(&side[k], &opt, &err) == BK_OK, "opened with split %d, %d clips", k,
               side[k] ? synth_count(side[k]).clips : -1);
    }
    for (int i = 1; side[1] && side[2] && i < CLIPS; i++) {
        snprintf(name, sizeof name, "c%02d.mp4", i);
        const bool t = synth_uses(side[1], name), h = synth_uses(side[2], name);
        both += t && h;
        none += !t && !h;
        if (i % 2 == 0) continue;
        snprintf(name, sizeof name, "c%02d.mp4", i - 1);
        apart += i > 1 && synth_uses(side[1], name) != t;
    }
    tap_ok(both == 0 && none == 0 && apart == 0, "each clip on one side, with the others of its source: %d %d %d",
           both, none, apart);
    tap_ok(side[0] && !synth_uses(side[0], "c00.mp4") && synth_uses(side[0], "c01.mp4"),
           "a clip flagged as a title is left out");
    if (side[0]) test_determinism(side[0], "clips, tiny cache");
    for (int k = 0; k < 3; k++) synth_close(&side[k]);
    for (int i = 0; i <= CLIPS; i++) {
        snprintf(path, sizeof path, i < CLIPS ? "%s/c%02d.mp4" : "%s/clips.csv", folder, i);
        unlink(path);
    }
}

/* ---- the rest --------------------------------------------------------------------------------------- */

static void test_stream(const synth *s) {
    static picture p;
    const synth_stream_options opt = { .seed = 3, .episodes = 4, .per_episode = 10 };
    synth_stream *t = NULL;
    int seen[CLASS_COUNT] = { 0 };
    if (!tap_ok(synth_stream_open(&t, s, &opt, &err) == BK_OK, "a stream")) return;
    bool ok = true;
    for (int i = 0; ok && i < 240; i++) {
        ok = synth_stream_next(t, W, H, i % 8 ? NULL : p.rgb, p.mask, &p.label, &err) == BK_OK;
        if (ok) seen[p.label.seen]++;
    }
    int least = 240;
    for (int c = 0; c < CLASS_COUNT; c++)
        if (seen[c] < least) least = seen[c];
    tap_ok(ok && least > 0, "every class comes: %d %d %d %d %d %d", seen[0], seen[1], seen[2], seen[3], seen[4],
           seen[5]);
    synth_stream_close(&t);
}

static void test_refusals(const synth *s) {
    synth_episode *e = NULL;
    synth *none = NULL;
    const synth_plan_options backwards = { .min_s = 50, .max_s = 20 },
                             tiny = { .width = 4, .height = 4, .exact = true };
    const synth_options missing = { .material = { "/nowhere/at/all" }, .n_material = 1 };
    uint8_t rgb[48];
    tap_ok(synth_plan(&e, s, 1, &backwards, &err) == BK_EINVAL && !e, "refused: %s", err.text);
    tap_ok(synth_plan(&e, s, 1, &tiny, &err) == BK_EINVAL && !e, "refused: %s", err.text);
    tap_ok(synth_open(&none, &missing, &err) == BK_EIO && !none, "refused: %s", err.text);
    if (synth_plan(&e, s, 1, NULL, &err) == BK_OK)
        tap_ok(synth_render(e, 0, 4, 4, rgb, NULL, NULL, &err) == BK_EINVAL, "refused: %s", err.text);
    synth_episode_close(&e);
    synth_episode_close(&e);
    synth_close(&none);
}

int main(void) {
    const char *tmp = getenv("TMPDIR");
    char folder[256];
    const synth_options nothing = { 0 };
    synth *s = NULL;
    test_words();
    test_letters();
    if (!tap_ok(synth_open(&s, &nothing, &err) == BK_OK, "opens without material")) return tap_done();
    tap_ok(synth_count(s).clips == 0 && synth_count(s).font_families > 0, "no clips, %d font families",
           synth_count(s).font_families);
    test_determinism(s, "scenes");
    test_threads(s);
    test_truth(s);
    test_texts(s);
    test_times(s);
    test_mask(s);
    test_stream(s);
    test_refusals(s);
    synth_close(&s);
    snprintf(folder, sizeof folder, "%s/synth-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (tap_ok(mkdtemp(folder) != NULL, "a temporary folder")) {
        test_material(folder);
        rmdir(folder);
    }
    return tap_done();
}
