/* 3x3 convolution, forward and backward. */
#include "nn/conv.h"

#include <string.h>

#include "nn/kernels.h"
#include "nn/nn_math.h"

/* FRAME_FLOATS: the framed input of a chunk, within the second-level cache. PATCH_ROWS: patches gathered at a time in
 * the backward pass, enough that packing for the matrix product is small beside it. */
enum { GROUP = 16, FRAME_FLOATS = 1 << 15, PATCH_ROWS = 384, PATCH_FLOATS = 1 << 16 };

int conv_out_h(const conv *c) {
    return (c->h + c->stride - 1) / c->stride;
}
int conv_out_w(const conv *c) {
    return (c->w + c->stride - 1) / c->stride;
}
size_t conv_rows(const conv *c) {
    return (size_t)conv_out_h(c) * (size_t)conv_out_w(c);
}

static int least(int a, int b) {
    return a < b ? a : b;
}
static int most(int a, int b) {
    return a > b ? a : b;
}

/* ---- the frame: input lines with zeros round them ---- */

static size_t pitch_of(const conv *c) {
    return ((size_t)c->w + 2) * (size_t)c->cin;
}

static void frame_line(const conv *c, const float *x, int y, float *to) {
    size_t ch = (size_t)c->cin, w = (size_t)c->w;
    if (y < 0 || y >= c->h) {
        memset(to, 0, pitch_of(c) * sizeof *to);
        return;
    }
    memset(to, 0, ch * sizeof *to);
    memset(to + (w + 1) * ch, 0, ch * sizeof *to);
    to += ch;
    if (!c->planar) {
        memcpy(to, x + (size_t)y * w * ch, w * ch * sizeof *to);
        return;
    }
    for (size_t k = 0; k < ch; k++) {
        const float *from = x + (k * (size_t)c->h + (size_t)y) * w;
        for (size_t i = 0; i < w; i++) to[i * ch + k] = from[i];
    }
}

static int frame_lines(const conv *c, int lines) {
    return (lines - 1) * c->stride + 3;
}

/* Everything that output lines [line, line + lines) read. */
static void frame(const conv *c, const float *x, int line, int lines, float *to) {
    int top = line * c->stride - 1, n = frame_lines(c, lines);
    for (int i = 0; i < n; i++) frame_line(c, x, top + i, to + (size_t)i * pitch_of(c));
}

/* ---- forward ---- */

size_t conv_ready_size(const conv *c) {
    return (size_t)((c->cout + GROUP - 1) / GROUP) * 9 * (size_t)c->cin * GROUP;
}

void conv_ready(const conv *c, const float *weight, float *ready) {
    size_t taps = 9 * (size_t)c->cin;
    for (int g = 0; g < c->cout; g += GROUP)
        for (size_t t = 0; t < taps; t++, ready += GROUP)
            for (int i = 0; i < GROUP; i++) ready[i] = g + i < c->cout ? weight[(size_t)(g + i) * taps + t] : 0;
}

int conv_chunk(const conv *c) {
    int lines = (int)(FRAME_FLOATS / pitch_of(c)) / c->stride - 1;
    return least(most(lines, 4), conv_out_h(c));
}

size_t conv_forward_scratch(const conv *c) {
    return (size_t)frame_lines(c, conv_chunk(c)) * pitch_of(c);
}

void conv_forward(const conv *c, const float *x, const float *ready, int line, int lines, float *scratch, float *y) {
    const nn_kernels *k = nn_kernels_best();
    int ow = conv_out_w(c);
    size_t group = 9 * (size_t)c->cin * GROUP;
    frame(c, x, line, lines, scratch);
    /* A group of output channels at a time over all lines: its weights stay in the cache. */
    for (int g = 0; g < c->cout; g += GROUP, ready += group)
        for (int i = 0; i < lines; i++)
            k->conv_line(y + (size_t)i * (size_t)ow * (size_t)c->cout + g,
                         scratch + (size_t)(i * c->stride) * pitch_of(c), ready, ow, c->stride * c->cin, 3 * c->cin,
                         (int)pitch_of(c), least(GROUP, c->cout - g), c->cout);
}

/* ---- backward ---- */

/* The convolution that takes d_y to d_x where the stride is 1: as many lines, channels the other way round. */
static conv turned_conv(const conv *c) {
    return (conv){ .h = c->h, .w = c->w, .cin = c->cout, .cout = c->cin, .stride = 1 };
}

size_t conv_turn_size(const conv *c) {
    conv back = turned_conv(c);
    return c->stride == 1 ? 2 * conv_ready_size(&back) : 9 * (size_t)c->cin * (size_t)c->cout;
}

void conv_turn(const conv *c, const float *weight, float *turned) {
    size_t cin = (size_t)c->cin, cout = (size_t)c->cout;
    conv back = turned_conv(c);
    if (c->stride != 1) {
        memcpy(turned, weight, 9 * cin * cout * sizeof *turned);
        return;
    }
    float *flipped = turned + conv_ready_size(&back);
    for (size_t k = 0; k < cin; k++)
        for (size_t tap = 0; tap < 9; tap++)
            for (size_t o = 0; o < cout; o++) flipped[(k * 9 + tap) * cout + o] = weight[(o * 9 + 8 - tap) * cin + k];
    conv_ready(&back, flipped, turned);
}

/* Output lines whose patches are gathered at a time; they may be of several pictures. */
static int patch_lines(const conv *c) {
    int ow = conv_out_w(c), rows = most(PATCH_FLOATS / (9 * c->cin), PATCH_ROWS);
    return (rows + ow - 1) / ow;
}

static size_t patch_floats(const conv *c) {
    return (size_t)patch_lines(c) * (size_t)conv_out_w(c) * 9 * (size_t)c->cin;
}

size_t conv_backward_scratch(const conv *c) {
    conv back = turned_conv(c);
    size_t lines = (size_t)frame_lines(c, least(patch_lines(c), conv_out_h(c))) * pitch_of(c);
    size_t again =
        c->stride == 1 ? conv_forward_scratch(&back) + (size_t)conv_chunk(&back) * (size_t)(c->w * c->cin) : 0;
    return patch_floats(c) + (lines > again ? lines : again);
}

/* Patches [lines * out_w, 9 cin] of framed lines. */
static void gather(const conv *c, const float *framed, int lines, float *to) {
    size_t run = 3 * (size_t)c->cin, pitch = pitch_of(c), step = (size_t)(c->stride * c->cin);
    int ow = conv_out_w(c);
    for (int i = 0; i < lines; i++, framed += (size_t)c->stride * pitch)
        for (int o = 0; o < ow; o++)
            for (size_t dy = 0; dy < 3; dy++, to += run)
                memcpy(to, framed + dy * pitch + (size_t)o * step, run * sizeof *to);
}

static size_t picture_floats(const conv *c) {
    return (size_t)c->h * (size_t)c->w * (size_t)c->cin;
}

/* Patches of `lines` output lines from `line` on, counted over all pictures. */
static void gather_pictures(const conv *c, const float *x, int line, int lines, float *framed, float *to) {
    int oh = conv_out_h(c);
    size_t line_floats = (size_t)conv_out_w(c) * 9 * (size_t)c->cin;
    while (lines > 0) {
        int from = line % oh, part = least(lines, oh - from);
        frame(c, x + (size_t)(line / oh) * picture_floats(c), from, part, framed);
        gather(c, framed, part, to);
        to += (size_t)part * line_floats;
        line += part;
        lines -= part;
    }
}

/* d_x += the gradients of one output line's patches, back where they came from. */
static void scatter_line(const conv *c, float *d_x, int line, const float *patches) {
    const nn_kernels *k = nn_kernels_best();
    size_t ch = (size_t)c->cin;
    int ow = conv_out_w(c), oh = conv_out_h(c), top = line % oh * c->stride - 1;
    d_x += (size_t)(line / oh) * picture_floats(c);
    for (int o = 0; o < ow; o++)
        for (int dy = 0; dy < 3; dy++, patches += 3 * ch) {
            int left = o * c->stride - 1, lo = left < 0, hi = least(c->w - left, 3), y = top + dy;
            if (y < 0 || y >= c->h) continue;
            k->add(d_x + ((size_t)y * (size_t)c->w + (size_t)(left + lo)) * ch, patches + (size_t)lo * ch,
                   (long)(hi - lo) * (long)ch);
        }
}

/* d_x of one picture, stride 1. */
static void backward_turned(const conv *c, const float *turned, const float *d_y, float *scratch, float *d_x) {
    conv back = turned_conv(c);
    int chunk = conv_chunk(&back);
    float *part = scratch + conv_forward_scratch(&back);
    size_t line_floats = (size_t)(c->w * c->cin);
    for (int line = 0; line < c->h; line += chunk) {
        int lines = least(chunk, c->h - line);
        conv_forward(&back, d_y, turned, line, lines, scratch, part);
        nn_kernels_best()->add(d_x + (size_t)line * line_floats, part, (long)lines * (long)line_floats);
    }
}

void conv_backward(const conv *c, int n, const float *x, const float *turned, const float *d_y, float *scratch,
                   float *g_weight, float *d_x) {
    int taps = 9 * c->cin, all = n * conv_out_h(c), chunk = patch_lines(c), ow = conv_out_w(c);
    float *patches = scratch, *framed = scratch + patch_floats(c);
    for (int line = 0; line < all; line += chunk) {
        int lines = least(chunk, all - line), rows = lines * ow;
        const float *d = d_y + (size_t)line * (size_t)(ow * c->cout);
        gather_pictures(c, x, line, lines, framed, patches);
        mm(true, false, c->cout, taps, rows, d, c->cout, patches, taps, true, g_weight, taps);
        if (!d_x || c->stride == 1) continue;
        mm(false, false, rows, taps, c->cout, d, c->cout, turned, taps, false, patches, taps);
        for (int i = 0; i < lines; i++) scatter_line(c, d_x, line + i, patches + (size_t)i * (size_t)(ow * taps));
    }
    for (int i = 0; d_x && c->stride == 1 && i < n; i++)
        backward_turned(c, turned, d_y + (size_t)i * conv_rows(c) * (size_t)c->cout, framed,
                        d_x + (size_t)i * picture_floats(c));
}
