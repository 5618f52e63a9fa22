/* bookend-compose: writes a made-up film with an opening and end credits, and prints the truth about it as
 * JSON; or draws a contact sheet of it, to look at what the generator makes. For developers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "learn/synth.h"
#include "media/record.h"
#include "picture/resize.h"

enum { SHEET_COLUMNS = 8, SHEET_W = 240, SHEET_H = 136, SHEET_EDGE = 4 };

typedef struct options {
    synth_options material;
    synth_plan_options plan;
    const char *out, *sheet;
    uint64_t seed;
    double sheet_every_s, from_s;
    int sheet_cells, bench, stream;
} options;

static int usage(void) {
    fputs(
        "usage: bookend-compose [--material DIR]... [--split train|held-out] [--seed N] [--size WxH] [--seconds N]\n"
        "                       [--opening CLASS] [--credits CLASS] [--fps N] [--clean]\n"
        "                       [--out FILE.mp4] [--sheet FILE.ppm [--every S] [--from S] [--cells N] [--stream]]\n"
        "                       [--bench FRAMES] [--cache MIB]\n"
        "opening:",
        stderr);
    for (int i = 1; i < OPENING_COUNT; i++) fprintf(stderr, " %s", synth_opening_name((synth_opening)i));
    fputs("\ncredits:", stderr);
    for (int i = 1; i < CREDITS_COUNT; i++) fprintf(stderr, " %s", synth_credits_name((synth_credits)i));
    fputs("\n", stderr);
    return 2;
}

/* ---- options ---------------------------------------------------------------------------------------- */

static int opening_of(const char *name) {
    for (int i = 0; i < OPENING_COUNT; i++)
        if (!strcmp(synth_opening_name((synth_opening)i), name)) return i;
    return -1;
}

static int credits_of(const char *name) {
    for (int i = 0; i < CREDITS_COUNT; i++)
        if (!strcmp(synth_credits_name((synth_credits)i), name)) return i;
    return -1;
}

static int set_split(options *o, const char *value) {
    o->material.split = !strcmp(value, "train") ? SYNTH_TRAIN : SYNTH_HELD_OUT;
    return !strcmp(value, "train") || !strcmp(value, "held-out") ? 0 : -1;
}

static int set_fps(options *o, const char *value) {
    const double fps = atof(value);
    const int whole = (int)(fps + 0.5);
    const bool ntsc = fps < whole - 0.005; /* 23.976, 29.97 */
    o->plan.fps_num = ntsc ? whole * 1000 : whole;
    o->plan.fps_den = ntsc ? 1001 : 1;
    return fps >= 1 && fps <= 120 ? 0 : -1;
}

static int set_value(options *o, const char *name, const char *value) {
    int n = 0;
    if (!strcmp(name, "--material")) {
        if (o->material.n_material == SYNTH_FOLDERS_MAX) return -1;
        o->material.material[o->material.n_material++] = value;
    } else if (!strcmp(name, "--out"))
        o->out = value;
    else if (!strcmp(name, "--sheet"))
        o->sheet = value;
    else if (!strcmp(name, "--seed"))
        o->seed = strtoull(value, NULL, 10);
    else if (!strcmp(name, "--every"))
        o->sheet_every_s = atof(value);
    else if (!strcmp(name, "--from"))
        o->from_s = atof(value);
    else if (!strcmp(name, "--cells"))
        o->sheet_cells = atoi(value);
    else if (!strcmp(name, "--cache"))
        o->material.cache_bytes = (size_t)atoi(value) << 20;
    else if (!strcmp(name, "--bench"))
        o->bench = atoi(value);
    else if (!strcmp(name, "--seconds"))
        o->plan.min_s = o->plan.max_s = atof(value);
    else if (!strcmp(name, "--split"))
        return set_split(o, value);
    else if (!strcmp(name, "--fps"))
        return set_fps(o, value);
    else if (!strcmp(name, "--opening"))
        return (n = opening_of(value)) < 0 ? -1 : (o->plan.opening = (synth_opening)n, 0);
    else if (!strcmp(name, "--credits"))
        return (n = credits_of(value)) < 0 ? -1 : (o->plan.credits = (synth_credits)n, 0);
    else if (!strcmp(name, "--size")) {
        o->plan.exact = true;
        return sscanf(value, "%dx%d", &o->plan.width, &o->plan.height) == 2 ? 0 : -1;
    } else
        return -1;
    return 0;
}

static int read_options(options *o, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--clean"))
            o->plan.clean = true;
        else if (!strcmp(argv[i], "--stream"))
            o->stream = 1;
        else if (i + 1 >= argc || set_value(o, argv[i], argv[i + 1]))
            return -1;
        else
            i++;
    }
    return o->out || o->sheet || o->bench ? 0 : -1;
}

/* ---- the truth -------------------------------------------------------------------------------------- */

static void print_mark(const char *name, const synth_episode *e, const synth_mark *m, bool past) {
    printf("  \"%s\": {\"frame\": %lld, \"seconds\": %.6f, \"acceptable\": [", name, (long long)m->frame - past,
           (double)synth_frame_time_us(e, m->frame) / 1e6);
    for (int i = 0; i < m->n_bands; i++)
        printf("%s[%.6f, %.6f]", i ? ", " : "", (double)synth_frame_time_us(e, m->bands[i].from) / 1e6,
               (double)synth_frame_time_us(e, m->bands[i].to) / 1e6);
    puts("]},");
}

static void print_string(const char *s) {
    putchar('"');
    for (; *s; s++) printf(*s == '"' || *s == '\\' ? "\\%c" : (unsigned char)*s < 32 ? "?" : "%c", *s);
    putchar('"');
}

static void print_truth(const synth_episode *e, const options *o) {
    const synth_facts f = synth_describe(e);
    printf("{\n  \"file\": ");
    print_string(o->out ? o->out : "");
    printf(",\n  \"seed\": %llu, \"width\": %d, \"height\": %d, \"fps\": \"%d/%d\",\n", (unsigned long long)o->seed,
           f.width, f.height, f.fps_num, f.fps_den);
    printf("  \"duration\": %.6f, \"frames\": %lld,\n", (double)f.duration_us / 1e6, (long long)f.n_frames);
    printf("  \"opening\": \"%s\", \"credits\": \"%s\",\n", synth_opening_name(f.opening),
           synth_credits_name(f.credits));
    print_mark("start_main", e, &f.start, false);
    print_mark("end_main", e, &f.end, true); /* `frame` is the last of the story, `seconds` where it ends */
    puts("  \"segments\": [");
    for (int i = 0; i < f.n_segments; i++)
        printf("    {\"part\": \"%s\", \"from\": %.6f, \"to\": %.6f}%s\n", synth_part_name(f.segments[i].part),
               (double)synth_frame_time_us(e, f.segments[i].from) / 1e6,
               (double)synth_frame_time_us(e, f.segments[i].to) / 1e6, i + 1 < f.n_segments ? "," : "");
    puts("  ]\n}");
}

/* ---- film and sheet --------------------------------------------------------------------------------- */

static int write_film(synth_episode *e, const options *o, bk_error *err) {
    const synth_facts f = synth_describe(e);
    const record_options how = { f.width & ~1, f.height & ~1, f.fps_num, f.fps_den, 0, 0 };
    record *r = NULL;
    uint8_t *rgb = malloc((size_t)how.width * (size_t)how.height * 3);
    int code = rgb ? record_open(&r, o->out, &how, err) : BK_ENOMEM;
    for (int64_t i = 0; code == BK_OK && i < f.n_frames; i++) {
        code = synth_render(e, synth_frame_time_us(e, i), how.width, how.height, rgb, NULL, NULL, err);
        if (code == BK_OK) code = record_frame(r, rgb, err);
    }
    if (code == BK_OK) code = record_finish(&r, err);
    record_close(&r);
    free(rgb);
    return code;
}

/* A frame for each class, red where the mask has letters, blue where it does not know. */
static void mark_cell(uint8_t *rgb, const uint8_t *mask, const synth_label *l) {
    static const uint8_t colours[CLASS_COUNT][3] = { { 0, 170, 0 },    { 90, 90, 90 }, { 255, 140, 0 },
                                                     { 255, 60, 160 }, { 230, 0, 0 },  { 0, 200, 200 } };
    const int mw = (SHEET_W + 7) / 8;
    for (int y = 0; y < SHEET_H; y++)
        for (int x = 0; x < SHEET_W; x++) {
            uint8_t *p = rgb + (y * SHEET_W + x) * 3;
            const uint8_t m = mask[y / 8 * mw + x / 8];
            if (m == 1)
                p[0] = (uint8_t)(p[0] / 2 + 127);
            else if (m)
                p[2] = (uint8_t)(p[2] * 2 / 3 + 85);
            const bool edge =
                x < SHEET_EDGE || y < SHEET_EDGE || x >= SHEET_W - SHEET_EDGE || y >= SHEET_H - SHEET_EDGE;
            if (edge) memcpy(p, colours[l->seen], 3);
            if (edge && l->skippable && (x + y) / 4 % 2) memset(p, 255, 3);
        }
}

typedef int (*next_cell)(void *from, int i, uint8_t *rgb, uint8_t *mask, synth_label *l, bk_error *err);

typedef struct episode_cells {
    synth_episode *e;
    double from_s, every_s;
} episode_cells;

static int cell_of_episode(void *from, int i, uint8_t *rgb, uint8_t *mask, synth_label *l, bk_error *err) {
    const episode_cells *c = from;
    return synth_render(c->e, (int64_t)((c->from_s + c->every_s * i) * 1e6), SHEET_W, SHEET_H, rgb, mask, l, err);
}

static int cell_of_stream(void *from, int i, uint8_t *rgb, uint8_t *mask, synth_label *l, bk_error *err) {
    return synth_stream_next(from, SHEET_W, SHEET_H, rgb, mask, l, err);
}

static int write_sheet(const char *path, int n, next_cell next, void *from, bk_error *err) {
    const int rows = (n + SHEET_COLUMNS - 1) / SHEET_COLUMNS, w = SHEET_COLUMNS * SHEET_W;
    uint8_t *sheet = calloc((size_t)w * (size_t)rows * SHEET_H, 3), *rgb = malloc(SHEET_W * SHEET_H * 3),
            mask[SHEET_W * SHEET_H / 32];
    int code = sheet && rgb ? BK_OK : BK_ENOMEM;
    for (int i = 0; code == BK_OK && i < n; i++) {
        synth_label l;
        code = next(from, i, rgb, mask, &l, err);
        if (code != BK_OK) break;
        mark_cell(rgb, mask, &l);
        for (int y = 0; y < SHEET_H; y++)
            memcpy(sheet + (((size_t)(i / SHEET_COLUMNS) * SHEET_H + (size_t)y) * (size_t)w +
                            (size_t)(i % SHEET_COLUMNS) * SHEET_W) *
                               3,
                   rgb + y * SHEET_W * 3, SHEET_W * 3);
    }
    FILE *out = code == BK_OK ? fopen(path, "wb") : NULL;
    if (out) {
        fprintf(out, "P6\n%d %d\n255\n", w, rows * SHEET_H);
        if (fwrite(sheet, (size_t)w * 3, (size_t)rows * SHEET_H, out) != (size_t)rows * SHEET_H) code = BK_EIO;
        if (fclose(out)) code = BK_EIO;
    } else if (code == BK_OK)
        code = BK_EIO;
    free(sheet);
    free(rgb);
    return code;
}

static int sheet(const synth *s, synth_episode *e, const options *o, bk_error *err) {
    const int n = o->sheet_cells > 0 ? o->sheet_cells : 80;
    if (!o->stream) {
        const double left = (double)synth_describe(e).duration_us / 1e6 - o->from_s;
        episode_cells cells = { e, o->from_s, o->sheet_every_s > 0 ? o->sheet_every_s : left / n };
        return write_sheet(o->sheet, n, cell_of_episode, &cells, err);
    }
    synth_stream *t = NULL;
    const synth_stream_options how = { .seed = o->seed, .plan = o->plan };
    int code = synth_stream_open(&t, s, &how, err);
    if (code == BK_OK) code = write_sheet(o->sheet, n, cell_of_stream, t, err);
    synth_stream_close(&t);
    return code;
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* of this process: other jobs of the machine do not count */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Frames a second of the stream, on one thread, after a first round that warms the caches. */
static int bench(const synth *s, const options *o, bk_error *err) {
    enum { W = 384, H = 224 };
    static uint8_t rgb[W * H * 3], mask[W * H / 64];
    synth_stream *t = NULL;
    const synth_stream_options how = { .seed = o->seed, .plan = o->plan };
    int code = synth_stream_open(&t, s, &how, err), seen[CLASS_COUNT] = { 0 };
    for (int i = 0; code == BK_OK && i < 300; i++) code = synth_stream_next(t, W, H, rgb, mask, NULL, err);
    const double begin = now_s();
    for (int i = 0; code == BK_OK && i < o->bench; i++) {
        synth_label l;
        code = synth_stream_next(t, W, H, rgb, mask, &l, err);
        if (code == BK_OK) seen[l.seen]++;
    }
    printf("%.1f frames/s of %d x %d\n", o->bench / (now_s() - begin), W, H);
    for (int c = 0; c < CLASS_COUNT; c++)
        printf("%s %.3f\n", synth_class_name((synth_class)c), (double)seen[c] / o->bench);
    synth_stream_close(&t);
    return code;
}

int main(int argc, char **argv) {
    options o = { .seed = 1 };
    synth *s = NULL;
    synth_episode *e = NULL;
    bk_error err = { 0 };
    if (read_options(&o, argc, argv)) return usage();
    int code = synth_open(&s, &o.material, &err);
    if (code == BK_OK && o.bench) code = bench(s, &o, &err);
    if (code == BK_OK && (o.out || o.sheet)) code = synth_plan(&e, s, o.seed, &o.plan, &err);
    if (code == BK_OK && o.out) code = write_film(e, &o, &err);
    if (code == BK_OK && o.sheet) code = sheet(s, e, &o, &err);
    if (code == BK_OK && e) print_truth(e, &o);
    synth_episode_close(&e);
    synth_close(&s);
    if (code != BK_OK) fprintf(stderr, "bookend-compose: %s\n", err.text[0] ? err.text : "failed");
    return code == BK_OK ? 0 : 1;
}
