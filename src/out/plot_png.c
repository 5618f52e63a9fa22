/* A drawing as PNG (ISO/IEC 15948): shapes are rendered one by one into a mask of coverage, the mask is laid
 * over the picture in the shape's colour. Lines cover a pixel by its distance from them, polygons by exact
 * spans on four sub-rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "out/plot.h"
#include "out/plot_font.h"

enum { SIDE_MAX = 16384, SUB_ROWS = 4 };

typedef struct canvas {
    int w, h;
    unsigned char *rgb; /* [h, w, 3] */
    float *mask;        /* [h, w], zero outside what is at work */
    int x0, y0, x1, y1; /* that part */
    float *crossings;   /* room for one an edge of the largest polygon */
    float scale;
} canvas;

/* Widens the part at work, clipped to the picture. */
static void touch(canvas *c, int x0, int y0, int x1, int y1) {
    if (x0 < c->x0) c->x0 = x0 < 0 ? 0 : x0;
    if (y0 < c->y0) c->y0 = y0 < 0 ? 0 : y0;
    if (x1 > c->x1) c->x1 = x1 > c->w ? c->w : x1;
    if (y1 > c->y1) c->y1 = y1 > c->h ? c->h : y1;
}

/* Lays the mask over the picture and clears it. */
static void blend(canvas *c, uint32_t color) {
    float alpha = (float)(color & 255) / 255.0f;
    for (int y = c->y0; y < c->y1; y++)
        for (int x = c->x0; x < c->x1; x++) {
            float *m = &c->mask[(size_t)y * (size_t)c->w + (size_t)x], a = fminf(*m, 1.0f) * alpha;
            unsigned char *px = c->rgb + ((size_t)y * (size_t)c->w + (size_t)x) * 3;
            for (int k = 0; k < 3 && a > 0.0f; k++) {
                float to = (float)((color >> (24 - 8 * k)) & 255);
                px[k] = (unsigned char)((float)px[k] + (to - (float)px[k]) * a + 0.5f);
            }
            *m = 0.0f;
        }
    c->x0 = c->w;
    c->y0 = c->h;
    c->x1 = c->y1 = 0;
}

/* ---- lines ----------------------------------------------------------------------------------------- */

static int clamp(float x, int hi) {
    return x < 0.0f ? 0 : x > (float)hi ? hi : (int)x;
}

/* A line piece with round ends, in pixels. */
static void capsule(canvas *c, const float a[2], const float b[2], float width) {
    float half = fmaxf(width, 1.0f) * 0.5f, thin = fminf(width, 1.0f), reach = half + 1.0f;
    int x0 = clamp(fminf(a[0], b[0]) - reach, c->w), x1 = clamp(fmaxf(a[0], b[0]) + reach + 1.0f, c->w);
    int y0 = clamp(fminf(a[1], b[1]) - reach, c->h), y1 = clamp(fmaxf(a[1], b[1]) + reach + 1.0f, c->h);
    float dx = b[0] - a[0], dy = b[1] - a[1], length2 = dx * dx + dy * dy;
    touch(c, x0, y0, x1, y1);
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            float px = (float)x + 0.5f - a[0], py = (float)y + 0.5f - a[1];
            float t = length2 > 0.0f ? fminf(fmaxf((px * dx + py * dy) / length2, 0.0f), 1.0f) : 0.0f;
            float cover = fminf(half + 0.5f - hypotf(px - t * dx, py - t * dy), 1.0f) * thin;
            float *m = &c->mask[(size_t)y * (size_t)c->w + (size_t)x];
            if (cover > *m) *m = cover;
        }
}

/* The pieces of one straight line that a dash pattern shows; *at is how far along the pattern it starts. */
static void dashes(canvas *c, const float a[2], const float b[2], float width, float dash, float *at) {
    float length = hypotf(b[0] - a[0], b[1] - a[1]);
    for (float s = 0.0f; s < length;) {
        float left = dash - fmodf(*at, dash), n = fminf(left, length - s), e = s + n;
        bool on = fmodf(floorf(*at / dash), 2.0f) == 0.0f;
        const float p[2] = { a[0] + (b[0] - a[0]) * s / length, a[1] + (b[1] - a[1]) * s / length };
        const float q[2] = { a[0] + (b[0] - a[0]) * e / length, a[1] + (b[1] - a[1]) * e / length };
        if (on) capsule(c, p, q, width);
        *at += fmaxf(n, 1e-3f);
        s += fmaxf(n, 1e-3f);
    }
}

static void stroke(canvas *c, float (*points)[2], const plot_item *item) {
    float at = 0.0f, k = c->scale;
    for (size_t i = 0; i + 1 < item->n || i == 0; i++) {
        size_t j = i + 1 < item->n ? i + 1 : i;
        const float a[2] = { points[i][0] * k, points[i][1] * k }, b[2] = { points[j][0] * k, points[j][1] * k };
        if (item->dash > 0.0f)
            dashes(c, a, b, item->width * k, item->dash * k, &at);
        else
            capsule(c, a, b, item->width * k);
    }
    blend(c, item->color);
}

/* ---- polygons -------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Where the polygon's edges cross the height y, sorted. */
static size_t cross(float *to, float (*p)[2], size_t n, float scale, float y) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const float *a = p[i], *b = p[(i + 1) % n];
        float ay = a[1] * scale, by = b[1] * scale;
        if ((ay <= y) == (by <= y)) continue;
        to[count++] = (a[0] + (b[0] - a[0]) * (y - ay) / (by - ay)) * scale;
    }
    qsort(to, count, sizeof *to, by_value);
    return count;
}

/* Adds the span [a, b) of one sub-row, its ends by the share of the pixel. */
static void span(canvas *c, int y, float a, float b) {
    a = fmaxf(a, 0.0f);
    b = fminf(b, (float)c->w);
    for (int x = (int)a; (float)x < b; x++) {
        float from = fmaxf(a, (float)x), to = fminf(b, (float)x + 1.0f);
        c->mask[(size_t)y * (size_t)c->w + (size_t)x] += (to - from) / SUB_ROWS;
    }
}

static void fill(canvas *c, float (*points)[2], const plot_item *item) {
    float top = INFINITY, bottom = -INFINITY, *at = c->crossings;
    for (size_t i = 0; i < item->n; i++) {
        top = fminf(top, points[i][1] * c->scale);
        bottom = fmaxf(bottom, points[i][1] * c->scale);
    }
    int y0 = clamp(top, c->h), y1 = clamp(bottom + 1.0f, c->h);
    touch(c, 0, y0, c->w, y1);
    for (int y = y0; y < y1; y++)
        for (int k = 0; k < SUB_ROWS; k++) {
            size_t n = cross(at, points, item->n, c->scale, (float)y + ((float)k + 0.5f) / SUB_ROWS);
            for (size_t i = 0; i + 1 < n; i += 2) span(c, y, at[i], at[i + 1]);
        }
    blend(c, item->color);
}

/* ---- text ------------------------------------------------------------------------------------------ */

typedef struct writing {
    canvas *c;
    float x, y, size; /* pixels: where it starts, its em */
    bool turned;
} writing;

static void write_stroke(void *arg, float (*points)[2], size_t n) {
    const writing *w = arg;
    float before[2] = { 0, 0 };
    for (size_t i = 0; i < n; i++) {
        float along = points[i][0] * w->size, up = points[i][1] * w->size;
        float at[2] = { w->turned ? w->x - up : w->x + along, w->turned ? w->y - along : w->y - up };
        capsule(w->c, i ? before : at, at, w->size * 0.085f);
        memcpy(before, at, sizeof before);
    }
}

static void write_text(canvas *c, const plot *p, const plot_item *item) {
    const char *s = p->strings.s + item->at;
    const float *at = p->points[item->first];
    float back = plot_text_width(s, item->size) * c->scale * 0.5f * (float)item->anchor;
    writing w = { c, at[0] * c->scale, at[1] * c->scale, item->size * c->scale, item->turned };
    if (item->turned)
        w.y += back;
    else
        w.x -= back;
    font_draw(s, write_stroke, &w);
    blend(c, item->color);
}

/* ---- the file -------------------------------------------------------------------------------------- */

static unsigned char *put32(unsigned char *p, uint32_t x) {
    for (int i = 3; i >= 0; i--) *p++ = (unsigned char)(x >> (8 * i));
    return p;
}

/* A chunk whose n bytes of content stand at p + 8 already. */
static unsigned char *close_chunk(unsigned char *p, const char *type, size_t n) {
    put32(p, (uint32_t)n);
    memcpy(p + 4, type, 4);
    return put32(p + 8 + n, (uint32_t)crc32(0, p + 4, (uInt)(n + 4)));
}

static int encode(unsigned char **out, size_t *size, const canvas *c, bk_error *err) {
    size_t row = (size_t)c->w * 3, raw_size = (row + 1) * (size_t)c->h;
    uLongf packed = compressBound((uLong)raw_size);
    unsigned char *raw = bk_alloc(raw_size, 1), *file = bk_alloc((size_t)packed + 128, 1), *p = file;
    int code = raw && file ? BK_OK : bk_fail_memory(err, "a PNG");
    if (code != BK_OK) goto done;
    for (int y = 0; y < c->h; y++) {
        raw[(row + 1) * (size_t)y] = 0;
        memcpy(raw + (row + 1) * (size_t)y + 1, c->rgb + row * (size_t)y, row);
    }
    memcpy(p, "\x89PNG\r\n\x1a\n", 8);
    p += 8;
    memcpy(put32(put32(p + 8, (uint32_t)c->w), (uint32_t)c->h), "\x08\x02\x00\x00\x00", 5);
    p = close_chunk(p, "IHDR", 13);
    if (compress2(p + 8, &packed, raw, (uLong)raw_size, 6) != Z_OK) {
        code = bk_fail_memory(err, "a PNG");
        goto done;
    }
    p = close_chunk(p, "IDAT", (size_t)packed);
    p = close_chunk(p, "IEND", 0);
    *size = (size_t)(p - file);
    *out = file;
    file = NULL;
done:
    free(raw);
    free(file);
    return code;
}

int plot_png(unsigned char **out, size_t *n, const plot *p, float scale, bk_error *err) {
    float w = ceilf(p->w * scale), h = ceilf(p->h * scale);
    if (!(w >= 1.0f && h >= 1.0f && w <= SIDE_MAX && h <= SIDE_MAX))
        return bk_fail(err, BK_EINVAL, "a drawing of %g by %g pixels", (double)w, (double)h);
    canvas c = { .w = (int)w, .h = (int)h, .x0 = (int)w, .y0 = (int)h, .scale = scale };
    size_t pixels = (size_t)c.w * (size_t)c.h;
    c.rgb = bk_alloc(pixels, 3);
    c.mask = bk_zeros(pixels, sizeof *c.mask);
    c.crossings = bk_alloc(p->n_points + 1, sizeof *c.crossings);
    int code = c.rgb && c.mask && c.crossings && plot_ok(p) ? BK_OK : bk_fail_memory(err, "a drawing");
    if (code == BK_OK) memset(c.rgb, 255, pixels * 3);
    for (size_t i = 0; i < p->n && code == BK_OK; i++) {
        const plot_item *item = &p->items[i];
        if (item->kind == PLOT_FILL)
            fill(&c, p->points + item->first, item);
        else if (item->kind == PLOT_STROKE)
            stroke(&c, p->points + item->first, item);
        else
            write_text(&c, p, item);
    }
    if (code == BK_OK) code = encode(out, n, &c, err);
    free(c.rgb);
    free(c.mask);
    free(c.crossings);
    return code;
}
