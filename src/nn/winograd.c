/* Winograd's convolution. A tile is 2x2 outputs and the 4x4 inputs round them; where those are not all within the
 * picture, they are copied into a patch of zeros first. */
#include "nn/winograd.h"

#include <string.h>

#include "base/least.h"
#include "nn/kernels.h"

/* TILES: so many in a chunk, or one row of them, so that what is made of them stays in the second-level cache. SKEW:
 * keeps the sixteen matrices from lying in the same sets of the first-level cache. */
enum { GROUP = 16, TILES = 24, SKEW = 16 };

/* Tiles side by side, the last of them with one column when the width is odd. */
static int across(const conv *c) {
    return (c->w + 1) / 2;
}

bool winograd_fits(const conv *c) {
    return c->stride == 1 && !c->planar && c->cin % GROUP == 0 && c->cout % GROUP == 0;
}

/* ---- the weights ---- */

size_t winograd_ready_size(const conv *c) {
    return 16 * (size_t)c->cin * (size_t)c->cout;
}

/* u [4] = G g, of three numbers `step` apart */
static void filter(const float *g, int step, float u[4]) {
    float ends = 0.5f * (g[0] + g[2 * step]), middle = 0.5f * g[step];
    u[0] = g[0];
    u[1] = ends + middle;
    u[2] = ends - middle;
    u[3] = g[2 * step];
}

/* u [4, 4] = G g G^T, of the 3x3 taps from g on, cin apart */
static void filter_taps(const float *g, int cin, float u[16]) {
    float columns[3][4];
    for (int i = 0; i < 3; i++) filter(g + i * cin, 3 * cin, columns[i]);
    for (int i = 0; i < 4; i++) filter(&columns[0][i], 4, u + 4 * i);
}

/* ready [16, cout / 16, cin, 16] */
void winograd_ready(const conv *c, const float *weight, float *ready) {
    size_t cin = (size_t)c->cin, one = cin * (size_t)c->cout;
    for (size_t o = 0; o < (size_t)c->cout; o++)
        for (size_t k = 0; k < cin; k++) {
            float u[16], *to = ready + (o / GROUP * cin + k) * GROUP + o % GROUP;
            filter_taps(weight + o * 9 * cin + k, c->cin, u);
            for (size_t i = 0; i < 16; i++) to[i * one] = u[i];
        }
}

/* ---- forward ---- */

int winograd_chunk(const conv *c) {
    return least(2 * most(TILES / across(c), 1), c->h);
}

static int chunk_tiles(const conv *c, int lines) {
    return (lines + 1) / 2 * across(c);
}

static size_t matrix(int tiles, int channels) {
    return (size_t)tiles * (size_t)channels + SKEW;
}

/* A patch, the inputs' sixteen matrices, and a strip of the outputs'. */
size_t winograd_scratch(const conv *c) {
    int tiles = chunk_tiles(c, winograd_chunk(c));
    return 16 * ((size_t)c->cin + matrix(tiles, c->cin) + matrix(tiles, nn_kernels_best()->panel));
}

/* patch [4, 4, cin]  <-  the inputs of a tile whose first one is at (top, left) */
static void patch_make(const conv *c, const float *x, int top, int left, float *patch) {
    size_t ch = (size_t)c->cin;
    for (int i = 0; i < 16; i++, patch += ch) {
        int y = top + i / 4, at = left + i % 4;
        if (y < 0 || y >= c->h || at < 0 || at >= c->w)
            memset(patch, 0, ch * sizeof *patch);
        else
            memcpy(patch, x + ((size_t)y * (size_t)c->w + (size_t)at) * ch, ch * sizeof *patch);
    }
}

/* One row of tiles; v: where its first tile lies in the first of the matrices. Two tiles read past the picture's
 * sides, and all do in the first row and the last. */
static void row_in(const conv *c, const float *x, int row, float *patch, long pitch, float *v) {
    const nn_kernels *f = nn_kernels_best();
    int top = 2 * row - 1, last = across(c) - 1;
    bool inside = last > 0 && top >= 0 && top + 4 <= c->h;
    winograd_tiles s = { .n = 1, .channels = c->cin, .pitch = pitch, .next = 4 * c->cin };
    for (int t = 0; t <= last; t += inside ? last : 1) {
        patch_make(c, x, top, 2 * t - 1, patch);
        f->winograd_in(v + t * c->cin, patch, &s);
    }
    if (!inside) return;
    s.n = last - 1;
    s.next = c->w * c->cin;
    f->winograd_in(v + c->cin, x + ((size_t)top * (size_t)c->w + 1) * (size_t)c->cin, &s);
}

/* Sixteen products m [tiles, channels] = v [tiles, cin] ready [cin, channels], for the output channels from g on. */
static void products(const conv *c, const float *v, const float *ready, int tiles, int g, int channels, float *m) {
    const nn_kernels *f = nn_kernels_best();
    conv_strip s = {
        .rows = 1, .pixels = tiles, .step = c->cin, .lines = 1, .run = c->cin, .channels = channels, .ld_y = channels
    };
    ready += (size_t)g * (size_t)c->cin;
    for (int i = 0; i < 16; i++, ready += (size_t)c->cin * (size_t)c->cout)
        f->conv_strip(m + (size_t)i * matrix(tiles, channels), v + (size_t)i * matrix(tiles, c->cin), ready, &s);
}

/* y: the chunk's lines, from channel g on. */
static void rows_out(const conv *c, const float *m, int lines, int channels, long pitch, float *y) {
    winograd_tiles s = {
        .n = across(c), .channels = channels, .pitch = pitch, .next = c->w * c->cout, .ld = c->cout, .pixels = c->w
    };
    for (int line = 0; line < lines; line += 2, m += s.n * channels, y += 2 * s.next) {
        s.lines = least(2, lines - line);
        nn_kernels_best()->winograd_out(y, m, &s);
    }
}

void winograd_forward(const conv *c, const float *x, const float *ready, int line, int lines, float *scratch,
                      float *y) {
    int tiles = chunk_tiles(c, lines), panel = nn_kernels_best()->panel;
    float *patch = scratch, *v = patch + 16 * c->cin, *m = v + 16 * matrix(tiles, c->cin);
    for (int i = 0; i < tiles / across(c); i++)
        row_in(c, x, line / 2 + i, patch, (long)matrix(tiles, c->cin), v + (size_t)(i * across(c)) * (size_t)c->cin);
    for (int g = 0; g < c->cout; g += panel) {
        int channels = least(panel, c->cout - g);
        products(c, v, ready, tiles, g, channels, m);
        rows_out(c, m, lines, channels, (long)matrix(tiles, channels), y + g);
    }
}
