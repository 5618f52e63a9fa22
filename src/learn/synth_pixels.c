/* Sampling, mixing and whole-picture effects for the generator. Integer arithmetic where it is fast;
 * no state. Letters' coverage comes from letters.c, pictures from synth_material.c and synth_scene.c. */
#include "learn/synth_pixels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

static uint8_t clip(int v) {
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static size_t bytes_of(const image *m) {
    return (size_t)m->w * (size_t)m->h * 3;
}

bool image_make(image *out, int w, int h) {
    uint8_t *px = bk_alloc((size_t)w * (size_t)h, 3);
    if (!px) return false;
    *out = (image){ px, w, h };
    return true;
}

void image_free(image *m) {
    free(m->px);
    *m = (image){ 0 };
}

void image_fill(image *m, const uint8_t rgb[3]) {
    const size_t n = bytes_of(m);
    if (rgb[0] == rgb[1] && rgb[1] == rgb[2]) {
        memset(m->px, rgb[0], n);
        return;
    }
    for (size_t i = 0; i < n; i += 3) memcpy(m->px + i, rgb, 3);
}

void image_gradient(image *m, const uint8_t from[3], const uint8_t to[3], int round) {
    uint8_t *p = m->px;
    for (int y = 0; y < m->h; y++) {
        const float v = (float)y / (float)m->h;
        for (int x = 0; x < m->w; x++, p += 3) {
            const float u = (float)x / (float)m->w - 0.5f;
            float a = round ? 1.6f * sqrtf(u * u + (v - 0.5f) * (v - 0.5f)) : v;
            if (a > 1) a = 1;
            for (int c = 0; c < 3; c++) p[c] = (uint8_t)((float)from[c] + a * ((float)to[c] - (float)from[c]) + 0.5f);
        }
    }
}

/* ---- sampling -------------------------------------------------------------------------------------- */

bool image_half(image *out, const image *m) {
    const int w = m->w > 1 ? m->w / 2 : 1, h = m->h > 1 ? m->h / 2 : 1;
    const int dx = m->w > 1 ? 3 : 0;
    if (!image_make(out, w, h)) return false;
    for (int y = 0; y < h; y++) {
        const uint8_t *a = m->px + (size_t)(2 * y) * (size_t)m->w * 3;
        const uint8_t *b = m->h > 1 ? a + (size_t)m->w * 3 : a;
        uint8_t *to = out->px + (size_t)y * (size_t)w * 3;
        for (int x = 0; x < w; x++)
            for (int c = 0; c < 3; c++) {
                const int i = 6 * x + c;
                to[3 * x + c] = (uint8_t)((a[i] + a[i + dx] + b[i] + b[i + dx] + 2) >> 2);
            }
    }
    return true;
}

/* Place i of n along a crop: the pixel before it and the weight of the next one, of 256. */
static void tap(int *at, int *weight, int i, int n, float begin, float size, int limit) {
    float s = begin + ((float)i + 0.5f) * size / (float)n - 0.5f;
    if (!(s > 0)) s = 0;
    if (s > (float)(limit - 1)) s = (float)(limit - 1);
    *at = (int)s;
    *weight = (int)((s - (float)*at) * 256 + 0.5f);
    if (*at >= limit - 1) {
        *at = limit > 1 ? limit - 2 : 0;
        *weight = limit > 1 ? 256 : 0;
    }
}

/* One source row stretched: u16 [n * 3], values of 0..255 << 8. */
static void stretch_row(uint16_t *to, const uint8_t *row, const int *at, const int *weight, int n, int next) {
    for (int i = 0; i < n; i++) {
        const uint8_t *p = row + 3 * at[i];
        const int b = weight[i], a = 256 - b;
        to[3 * i] = (uint16_t)(p[0] * a + p[next] * b - (p[0] == 255 && p[next] == 255));
        to[3 * i + 1] = (uint16_t)(p[1] * a + p[next + 1] * b - (p[1] == 255 && p[next + 1] == 255));
        to[3 * i + 2] = (uint16_t)(p[2] * a + p[next + 2] * b - (p[2] == 255 && p[next + 2] == 255));
    }
}

static void blend_rows(uint8_t *to, const uint16_t *restrict a, const uint16_t *restrict b, int weight, int n) {
    const uint32_t wb = (uint32_t)weight, wa = 256 - wb;
    for (int i = 0; i < n; i++) to[i] = (uint8_t)((a[i] * wa + b[i] * wb + (1u << 15)) >> 16);
}

typedef struct window {
    int x, y, w, h;
} window;

static window window_of(rect r, const image *m) {
    window v = { (int)(r.x + 0.5f), (int)(r.y + 0.5f), (int)(r.w + 0.5f), (int)(r.h + 0.5f) };
    if (v.x < 0) v.x = 0;
    if (v.y < 0) v.y = 0;
    if (v.x + v.w > m->w) v.w = m->w - v.x;
    if (v.y + v.h > m->h) v.h = m->h - v.y;
    return v;
}

bool image_sample(image *to, rect view, const image *src, rect crop, bool mirror) {
    const window v = window_of(view, to);
    if (v.w <= 0 || v.h <= 0) return true;
    const size_t n = (size_t)v.w;
    int *at = bk_alloc(n * 2, sizeof *at);
    uint16_t *rows = bk_alloc(n * 6, sizeof *rows);
    int held[2] = { -1, -1 };
    if (!at || !rows) goto done;
    for (int i = 0; i < v.w; i++) tap(&at[i], &at[v.w + i], mirror ? v.w - 1 - i : i, v.w, crop.x, crop.w, src->w);
    for (int y = 0; y < v.h; y++) {
        int sy, wy;
        tap(&sy, &wy, y, v.h, crop.y, crop.h, src->h);
        for (int k = 0; k < 2; k++) { /* row r waits in slot r & 1 */
            const int r = sy + k < src->h ? sy + k : src->h - 1;
            if (held[r & 1] == r) continue;
            stretch_row(rows + (size_t)(r & 1) * n * 3, src->px + (size_t)r * (size_t)src->w * 3, at, at + v.w, v.w,
                        src->w > 1 ? 3 : 0);
            held[r & 1] = r;
        }
        const int below = sy + 1 < src->h ? sy + 1 : src->h - 1;
        blend_rows(to->px + ((size_t)(v.y + y) * (size_t)to->w + (size_t)v.x) * 3, rows + (size_t)(sy & 1) * n * 3,
                   rows + (size_t)(below & 1) * n * 3, wy, v.w * 3);
    }
done:;
    const bool ok = at && rows;
    free(at);
    free(rows);
    return ok;
}

void image_mix(image *to, const image *from, float a) {
    const size_t n = bytes_of(to);
    const int b = (int)(a * 256 + 0.5f), k = 256 - b;
    for (size_t i = 0; i < n; i++) to->px[i] = (uint8_t)((to->px[i] * k + from->px[i] * b + 128) >> 8);
}

void image_light(image *m, float a, const uint8_t rgb[3]) {
    const size_t n = bytes_of(m);
    const int k = (int)(a * 256 + 0.5f);
    const int add[3] = { rgb[0] * (256 - k) + 128, rgb[1] * (256 - k) + 128, rgb[2] * (256 - k) + 128 };
    for (size_t i = 0; i < n; i += 3)
        for (int c = 0; c < 3; c++) m->px[i + (size_t)c] = (uint8_t)((m->px[i + (size_t)c] * k + add[c]) >> 8);
}

void image_grade(image *m, const grade *g) {
    if (g->identity) return;
    const size_t n = bytes_of(m);
    const int sat = (int)(g->saturation * 256 + 0.5f);
    for (size_t i = 0; i < n; i += 3) {
        uint8_t *p = m->px + i;
        int r = p[0], gr = p[1], b = p[2];
        if (sat != 256) {
            const int grey = (77 * r + 150 * gr + 29 * b) >> 8;
            r = clip(grey + ((r - grey) * sat >> 8));
            gr = clip(grey + ((gr - grey) * sat >> 8));
            b = clip(grey + ((b - grey) * sat >> 8));
        }
        p[0] = g->table[0][r];
        p[1] = g->table[1][gr];
        p[2] = g->table[2][b];
    }
}

/* ---- blur and sharpness ---------------------------------------------------------------------------- */

/* Running mean of 2 radius + 1 pixels along a line of n pixels `step` bytes apart. */
static void box_line(uint8_t *to, const uint8_t *from, int n, int radius) {
    for (int c = 0; c < 3; c++) {
        int sum = from[c] * (radius + 1);
        for (int i = 0; i < radius; i++) sum += from[3 * (i < n ? i : n - 1) + c];
        const int scale = 65536 / (2 * radius + 1);
        for (int i = 0; i < n; i++) {
            const int in = i + radius < n ? i + radius : n - 1, out = i - radius - 1 > 0 ? i - radius - 1 : 0;
            sum += from[3 * in + c] - (i == 0 ? from[c] : from[3 * out + c]);
            to[3 * i + c] = (uint8_t)((sum * scale + 32768) >> 16);
        }
    }
}

/* The same down all columns at once: sums i32 [w * 3]. */
static void box_down(image *to, const image *from, int radius, int *sum) {
    const int n = from->w * 3, h = from->h, scale = 65536 / (2 * radius + 1);
    for (int i = 0; i < n; i++) sum[i] = from->px[i] * (radius + 1);
    for (int y = 0; y < radius; y++)
        for (int i = 0; i < n; i++) sum[i] += from->px[(size_t)(y < h ? y : h - 1) * (size_t)n + (size_t)i];
    for (int y = 0; y < h; y++) {
        const uint8_t *in = from->px + (size_t)(y + radius < h ? y + radius : h - 1) * (size_t)n;
        const uint8_t *out = from->px + (size_t)(y - radius - 1 > 0 ? y - radius - 1 : 0) * (size_t)n;
        uint8_t *row = to->px + (size_t)y * (size_t)n;
        for (int i = 0; i < n; i++) {
            sum[i] += in[i] - out[i];
            row[i] = (uint8_t)((sum[i] * scale + 32768) >> 16);
        }
    }
}

bool image_blur(image *m, int radius) {
    image other;
    if (radius <= 0) return true;
    if (!image_make(&other, m->w, m->h)) return false;
    int *sum = bk_alloc((size_t)m->w * 3, sizeof *sum);
    for (int pass = 0; sum && pass < 2; pass++) {
        for (int y = 0; y < m->h; y++) {
            const size_t at = (size_t)y * (size_t)m->w * 3;
            box_line(other.px + at, m->px + at, m->w, radius);
        }
        box_down(m, &other, radius, sum);
    }
    image_free(&other);
    free(sum);
    return sum != NULL;
}

/* b + k (b - its mean over 3 x 3), k in 1/256; a and c are the rows above and below, sum i16 [n] is scratch. */
static void sharpen_row(uint8_t *restrict to, const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, int k,
                        int16_t *restrict sum) {
    for (int i = 0; i < n; i++) sum[i] = (int16_t)(a[i] + 2 * b[i] + c[i]);
    memcpy(to, b, 3);
    memcpy(to + n - 3, b + n - 3, 3);
    for (int i = 3; i < n - 3; i++) {
        const int soft = sum[i - 3] + 2 * sum[i] + sum[i + 3]; /* of 16 */
        const int v = b[i] + ((16 * b[i] - soft) * k >> 12);
        to[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

bool image_sharpen(image *m, float amount) {
    image out = { 0 };
    if (m->w < 3 || m->h < 3) return true;
    const size_t n = (size_t)m->w * 3;
    int16_t *sum = bk_alloc(n, sizeof *sum);
    const bool ok = sum && image_make(&out, m->w, m->h);
    for (size_t y = 0; ok && y < (size_t)m->h; y++) {
        const uint8_t *b = m->px + n * y;
        sharpen_row(out.px + n * y, y > 0 ? b - n : b, b, y + 1 < (size_t)m->h ? b + n : b, (int)n,
                    (int)(amount * 256), sum);
    }
    free(sum);
    if (!ok) return false;
    image_free(m);
    *m = out;
    return true;
}

static void shock_row(uint8_t *to, const uint8_t *a, const uint8_t *b, const uint8_t *c, int n) {
    memcpy(to, b, 3);
    memcpy(to + n - 3, b + n - 3, 3);
    for (int i = 3; i < n - 3; i++) {
        const int l = b[i - 3], r = b[i + 3], u = a[i], d = c[i], v = b[i];
        const int lo1 = l < r ? l : r, lo2 = u < d ? u : d, hi1 = l < r ? r : l, hi2 = u < d ? d : u;
        const int lo = lo1 < lo2 ? lo1 : lo2, hi = hi1 > hi2 ? hi1 : hi2;
        const int bend = l + r + u + d - 4 * v;
        /* Small bends are noise: half a step keeps flat parts from turning into cells. */
        const int full = bend > 0 ? (lo < v ? lo : v) : (hi > v ? hi : v);
        to[i] = (uint8_t)(bend > 6 || bend < -6 ? (full + v + 1) >> 1 : v);
    }
}

bool image_shock(image *m) {
    image out;
    if (m->w < 3 || m->h < 3) return true;
    if (!image_make(&out, m->w, m->h)) return false;
    const size_t n = (size_t)m->w * 3;
    memcpy(out.px, m->px, n);
    memcpy(out.px + n * (size_t)(m->h - 1), m->px + n * (size_t)(m->h - 1), n);
    for (size_t y = 1; y + 1 < (size_t)m->h; y++)
        shock_row(out.px + n * y, m->px + n * (y - 1), m->px + n * y, m->px + n * (y + 1), (int)n);
    image_free(m);
    *m = out;
    return true;
}

/* ---- grain, vignette, blocks ----------------------------------------------------------------------- */

void grain_make(int8_t *grain) {
    rng r = rng_make(0x677261696e, 1);
    for (int i = 0; i < GRAIN_SIDE * GRAIN_SIDE; i++) {
        const uint64_t u = rng_u64(&r); /* sum of four bytes: near enough to normal */
        const int s = (int)(u & 255) + (int)(u >> 8 & 255) + (int)(u >> 16 & 255) + (int)(u >> 24 & 255) - 510;
        grain[i] = (int8_t)(s * 32 / 148 > 127 ? 127 : s * 32 / 148 < -127 ? -127 : s * 32 / 148);
    }
}

void image_grain(image *m, const int8_t *grain, float amount, uint64_t key, bool coarse) {
    const int k = (int)(amount * 8 + 0.5f), sh = coarse ? 1 : 0;
    const unsigned ox = (unsigned)(key & 511), oy = (unsigned)(key >> 9 & 511);
    for (int y = 0; y < m->h; y++) {
        const int8_t *g = grain + (size_t)((oy + (unsigned)(y >> sh)) & (GRAIN_SIDE - 1)) * GRAIN_SIDE;
        uint8_t *p = m->px + (size_t)y * (size_t)m->w * 3;
        for (int x = 0; x < m->w; x++, p += 3) {
            const int v = (g[(ox + (unsigned)(x >> sh)) & (GRAIN_SIDE - 1)] * k) >> 8;
            p[0] = clip(p[0] + v);
            p[1] = clip(p[1] + v);
            p[2] = clip(p[2] + v);
        }
    }
}

void image_texture(image *m, const int8_t *grain, float amount, int ox, int oy) {
    const int k = (int)(amount * 256);
    for (int y = 0; y < m->h; y++) {
        const int8_t *g = grain + (size_t)((y + oy) & (GRAIN_SIDE - 1)) * GRAIN_SIDE;
        const int8_t *g2 = grain + (size_t)(((y + oy) >> 1) & (GRAIN_SIDE - 1)) * GRAIN_SIDE;
        uint8_t *p = m->px + (size_t)y * (size_t)m->w * 3;
        for (int x = 0; x < m->w; x++, p += 3) {
            const int noise = g[(x + ox) & (GRAIN_SIDE - 1)] + g2[((x + ox) >> 1) & (GRAIN_SIDE - 1)];
            /* Strongest in the mid tones, as texture under light is. */
            const int v = (noise * (255 - abs(2 * p[1] - 255)) * k) >> 20;
            p[0] = clip(p[0] + v);
            p[1] = clip(p[1] + v);
            p[2] = clip(p[2] + v);
        }
    }
}

void image_vignette(image *m, float amount) {
    for (int y = 0; y < m->h; y++) {
        const float v = 2 * (float)y / (float)m->h - 1;
        uint8_t *p = m->px + (size_t)y * (size_t)m->w * 3;
        for (int x = 0; x < m->w; x++, p += 3) {
            const float u = 2 * (float)x / (float)m->w - 1;
            const int k = (int)(256 * (1 - amount * 0.5f * (u * u + v * v)));
            for (int c = 0; c < 3; c++) p[c] = (uint8_t)(p[c] * (k > 0 ? k : 0) >> 8);
        }
    }
}

static void cosines(float t[8][8]) {
    for (int u = 0; u < 8; u++)
        for (int x = 0; x < 8; x++)
            t[u][x] = (u ? 0.5f : 0.35355339f) * cosf((float)(2 * x + 1) * (float)u * 3.14159265f / 16);
}

/* b = round(T b T' / q) q, then back; change[64] is what that adds. */
static void block_error(float change[64], const float block[64], const float t[8][8], const float q[64]) {
    float a[64], f[64];
    for (int u = 0; u < 8; u++)
        for (int x = 0; x < 8; x++) {
            float s = 0;
            for (int y = 0; y < 8; y++) s += t[u][y] * block[8 * y + x];
            a[8 * u + x] = s;
        }
    for (int u = 0; u < 8; u++)
        for (int v = 0; v < 8; v++) {
            float s = 0;
            for (int x = 0; x < 8; x++) s += a[8 * u + x] * t[v][x];
            f[8 * u + v] = rintf(s / q[8 * u + v]) * q[8 * u + v] - s;
        }
    for (int u = 0; u < 8; u++)
        for (int x = 0; x < 8; x++) {
            float s = 0;
            for (int v = 0; v < 8; v++) s += f[8 * u + v] * t[v][x];
            a[8 * u + x] = s;
        }
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++) {
            float s = 0;
            for (int u = 0; u < 8; u++) s += t[u][y] * a[8 * u + x];
            change[8 * y + x] = s;
        }
}

void image_blocks(image *m, float step) {
    float t[8][8], q[64], block[64], change[64];
    cosines(t);
    for (int u = 0; u < 64; u++) q[u] = step * (1 + 0.35f * (float)(u / 8 + u % 8));
    for (int by = 0; by + 8 <= m->h; by += 8)
        for (int bx = 0; bx + 8 <= m->w; bx += 8) {
            for (int i = 0; i < 64; i++) {
                const uint8_t *p = m->px + ((size_t)(by + i / 8) * (size_t)m->w + (size_t)(bx + i % 8)) * 3;
                block[i] = 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
            }
            block_error(change, block, (const float(*)[8])t, q);
            for (int i = 0; i < 64; i++) {
                uint8_t *p = m->px + ((size_t)(by + i / 8) * (size_t)m->w + (size_t)(bx + i % 8)) * 3;
                const int d = (int)lrintf(change[i]);
                for (int c = 0; c < 3; c++) p[c] = clip(p[c] + d);
            }
        }
}

void image_bars(image *m, float aspect) {
    const float own = (float)m->w / (float)m->h;
    const size_t row = (size_t)m->w * 3;
    if (aspect > own) {
        const int bar = (int)(((float)m->h - (float)m->w / aspect) / 2 + 0.5f);
        memset(m->px, 0, row * (size_t)bar);
        memset(m->px + row * (size_t)(m->h - bar), 0, row * (size_t)bar);
        return;
    }
    const size_t bar = (size_t)(((float)m->w - (float)m->h * aspect) / 2 + 0.5f) * 3;
    for (int y = 0; y < m->h; y++) {
        memset(m->px + row * (size_t)y, 0, bar);
        memset(m->px + row * (size_t)(y + 1) - bar, 0, bar);
    }
}

/* ---- letters --------------------------------------------------------------------------------------- */

static void lay(uint8_t *p, const uint8_t rgb[3], int a) {
    for (int c = 0; c < 3; c++) p[c] = (uint8_t)(p[c] + (((rgb[c] - p[c]) * a + 32768) >> 16));
}

/* Coverage at (x, y) of the sprite, in 1/256 of 0..255. */
static int cover_at(const stamp *s, float x, float y) {
    const int x0 = (int)floorf(x), y0 = (int)floorf(y);
    const int fx = (int)((x - (float)x0) * 16), fy = (int)((y - (float)y0) * 16);
    int v[4];
    for (int i = 0; i < 4; i++) {
        const int px = x0 + (i & 1), py = y0 + (i >> 1);
        v[i] = px < 0 || py < 0 || px >= s->w || py >= s->h ? 0 : s->cover[(size_t)py * (size_t)s->w + (size_t)px];
    }
    return (v[0] * (16 - fx) + v[1] * fx) * (16 - fy) + (v[2] * (16 - fx) + v[3] * fx) * fy;
}

static void colour_at(uint8_t rgb[3], const ink *k, float v) {
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)((float)k->top[c] + v * ((float)k->bottom[c] - (float)k->top[c]) + 0.5f);
}

/* A row when nothing is scaled and x is whole: the common and fast case. */
static void stamp_row(uint8_t *to, const uint8_t *a, const uint8_t *b, int fy, int n, const uint8_t rgb[3],
                      int opacity) {
    for (int i = 0; i < n; i++) {
        const int cover = a[i] * (16 - fy) + b[i] * fy;
        if (cover) lay(to + 3 * i, rgb, (cover * opacity) >> 4);
    }
}

static void stamp_plain(image *to, const stamp *s, const ink *k, int top, int bottom) {
    const int x0 = (int)floorf(s->x + 0.5f), y0 = (int)floorf(s->y);
    const int fy = 16 - (int)((s->y - (float)y0) * 16 + 0.5f); /* weight of the row above, of 16 */
    const int from = x0 < 0 ? -x0 : 0, shown = (int)((float)s->w * s->shown);
    const int until = x0 + shown > to->w ? to->w - x0 : shown;
    if (until <= from) return;
    uint8_t *blank = calloc((size_t)s->w, 1);
    if (!blank) return;
    for (int y = top; y < bottom; y++) {
        const int r = y - y0; /* this sprite row, mixed with the one before it */
        const uint8_t *a = r - 1 >= 0 && r - 1 < s->h ? s->cover + (size_t)(r - 1) * (size_t)s->w : blank;
        const uint8_t *b = r >= 0 && r < s->h ? s->cover + (size_t)r * (size_t)s->w : blank;
        uint8_t rgb[3];
        colour_at(rgb, k, (float)(r < 0 ? 0 : r > s->h ? s->h : r) / (float)s->h);
        stamp_row(to->px + ((size_t)y * (size_t)to->w + (size_t)(x0 + from)) * 3, a + from, b + from, fy,
                  until - from, rgb, (int)(k->opacity * 257 + 0.5f));
    }
    free(blank);
}

static void stamp_zoomed(image *to, const stamp *s, const ink *k, int top, int bottom) {
    const int left = s->x < 0 ? 0 : (int)s->x;
    float end = s->x + (float)s->w * s->zoom * s->shown;
    if (end > (float)to->w) end = (float)to->w;
    const int opacity = (int)(k->opacity * 257 + 0.5f);
    for (int y = top; y < bottom; y++) {
        const float v = ((float)y + 0.5f - s->y) / s->zoom - 0.5f;
        uint8_t rgb[3];
        colour_at(rgb, k, fminf(fmaxf(v / (float)s->h, 0), 1));
        uint8_t *row = to->px + (size_t)y * (size_t)to->w * 3;
        for (int x = left; (float)x < end; x++) {
            const int cover = cover_at(s, ((float)x + 0.5f - s->x) / s->zoom - 0.5f, v);
            if (cover) lay(row + 3 * x, rgb, (cover * opacity) >> 8);
        }
    }
}

void image_stamp(image *to, const stamp *s, const ink *k) {
    int top = (int)floorf(s->y), bottom = (int)ceilf(s->y + (float)s->h * s->zoom) + 1;
    if (top < s->clip_top) top = s->clip_top;
    if (bottom > s->clip_bottom) bottom = s->clip_bottom;
    if (bottom > to->h) bottom = to->h;
    if (top < 0) top = 0;
    if (s->zoom == 1)
        stamp_plain(to, s, k, top, bottom);
    else
        stamp_zoomed(to, s, k, top, bottom);
}
