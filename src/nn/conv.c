/* 3x3 convolution, forward and backward. */
#include "nn/conv.h"

#include <string.h>

#include "base/least.h"
#include "nn/kernels.h"

/* FRAME_FLOATS: the framed input of a chunk, within the second-level cache. BLOCK_FLOATS: of the input that the
 * gradient of the weights sums up at a time; most of the first-level cache. */
enum { GROUP = 16, FRAME_FLOATS = 1 << 15, BLOCK_FLOATS = 5 << 10 };

int conv_out_h(const conv *c) {
    return (c->h + c->stride - 1) / c->stride;
}
int conv_out_w(const conv *c) {
    return (c->w + c->stride - 1) / c->stride;
}
size_t conv_rows(const conv *c) {
    return (size_t)conv_out_h(c) * (size_t)conv_out_w(c);
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

static int groups_of(int channels) {
    return (channels + GROUP - 1) / GROUP;
}

size_t conv_ready_size(const conv *c) {
    return (size_t)groups_of(c->cout) * 9 * (size_t)c->cin * GROUP;
}

void conv_ready(const conv *c, const float *weight, float *ready) {
    size_t taps = 9 * (size_t)c->cin;
    for (int g = 0; g < c->cout; g += GROUP)
        for (size_t t = 0; t < taps; t++, ready += GROUP)
            for (int i = 0; i < GROUP; i++) ready[i] = g + i < c->cout ? weight[(size_t)(g + i) * taps + t] : 0;
}

void conv_unready(const conv *c, const float *ready, float *weight) {
    size_t taps = 9 * (size_t)c->cin;
    for (int g = 0; g < c->cout; g += GROUP)
        for (size_t t = 0; t < taps; t++, ready += GROUP)
            for (int i = 0; i < least(GROUP, c->cout - g); i++) weight[(size_t)(g + i) * taps + t] = ready[i];
}

int conv_chunk(const conv *c) {
    int lines = (int)(FRAME_FLOATS / pitch_of(c)) / c->stride - 1;
    return least(most(lines, 4), conv_out_h(c));
}

size_t conv_forward_scratch(const conv *c) {
    return (size_t)frame_lines(c, conv_chunk(c)) * pitch_of(c);
}

/* Framed input on one side, `lines` output lines on the other, for the strip of output channels from g on. */
static conv_strip strip_of(const conv *c, int lines, int g) {
    return (conv_strip){ .rows = lines,
                         .pixels = conv_out_w(c),
                         .step = c->stride * c->cin,
                         .next_x = c->stride * (int)pitch_of(c),
                         .lines = 3,
                         .run = 3 * c->cin,
                         .pitch = (int)pitch_of(c),
                         .channels = least(nn_kernels_best()->panel, c->cout - g),
                         .ld_y = c->cout,
                         .next_y = conv_out_w(c) * c->cout };
}

void conv_forward(const conv *c, const float *x, const float *ready, int line, int lines, float *scratch, float *y) {
    frame(c, x, line, lines, scratch);
    const nn_kernels *f = nn_kernels_best();
    /* A strip of output channels at a time over all lines: its weights stay in the cache. */
    for (int g = 0; g < c->cout; g += f->panel) {
        conv_strip s = strip_of(c, lines, g);
        f->conv_strip(y + g, scratch, ready + 9 * (size_t)c->cin * (size_t)g, &s);
    }
}

/* ---- backward: the input ---- */

/* Input lines (and columns) 0, stride, 2 stride ... are phase 0, those after them phase 1. In the frame round d_y,
 * line a of a phase reads n lines from a + from on, through these taps of the kernel. */
typedef struct phase {
    int from, n, taps[3];
} phase;

static phase phase_of(const conv *c, int i) {
    if (c->stride == 1) return (phase){ 0, 3, { 2, 1, 0 } };
    return i == 0 ? (phase){ 1, 1, { 1 } } : (phase){ 1, 2, { 2, 0 } };
}

/* d_y as the input of a convolution of stride 1, for its frame. */
static conv framed_output(const conv *c) {
    return (conv){ .h = conv_out_h(c), .w = conv_out_w(c), .cin = c->cout, .cout = c->cin, .stride = 1 };
}

/* Floats of a phase's weights for one group of input channels. */
static size_t phase_floats(const conv *c, const phase *py, const phase *px) {
    return (size_t)(py->n * px->n * c->cout) * GROUP;
}

size_t conv_turn_size(const conv *c) {
    return (size_t)groups_of(c->cin) * 9 * (size_t)c->cout * GROUP;
}

/* The weights of one phase and group, [py->n, px->n, cout, GROUP]. */
static void turn_phase(const conv *c, const float *weight, const phase *py, const phase *px, int g, float *to) {
    for (int i = 0; i < py->n * px->n; i++) {
        int tap = py->taps[i / px->n] * 3 + px->taps[i % px->n];
        for (int o = 0; o < c->cout; o++)
            for (int k = 0; k < GROUP; k++)
                *to++ = g + k < c->cin ? weight[((size_t)o * 9 + (size_t)tap) * (size_t)c->cin + (size_t)(g + k)] : 0;
    }
}

void conv_turn(const conv *c, const float *weight, float *turned) {
    for (int i = 0; i < c->stride * c->stride; i++) {
        phase py = phase_of(c, i / c->stride), px = phase_of(c, i % c->stride);
        for (int g = 0; g < c->cin; g += GROUP, turned += phase_floats(c, &py, &px))
            turn_phase(c, weight, &py, &px, g, turned);
    }
}

/* Phase (iy, ix) of the input lines that start at stride * line, from the framed d_y; returns the next phase's
 * weights. */
static const float *back_phase(const conv *c, int iy, int ix, const float *turned, const float *framed, int line,
                               int lines, bool add, float *d_x) {
    phase py = phase_of(c, iy), px = phase_of(c, ix);
    conv out = framed_output(c);
    int pitch = (int)pitch_of(&out), first = line * c->stride + iy;
    conv_strip s = { .rows = least(lines, (c->h - first + c->stride - 1) / c->stride),
                     .pixels = (c->w - ix + c->stride - 1) / c->stride,
                     .step = c->cout,
                     .next_x = pitch,
                     .lines = py.n,
                     .run = px.n * c->cout,
                     .pitch = pitch,
                     .ld_y = c->stride * c->cin,
                     .next_y = c->stride * c->w * c->cin,
                     .add = add };
    framed += py.from * pitch + px.from * c->cout;
    d_x += ((size_t)first * (size_t)c->w + (size_t)ix) * (size_t)c->cin;
    const nn_kernels *f = nn_kernels_best();
    size_t group = phase_floats(c, &py, &px);
    for (int g = 0; g < c->cin; g += f->panel) {
        s.channels = least(f->panel, c->cin - g);
        f->conv_strip(d_x + g, framed, turned + (size_t)(g / GROUP) * group, &s);
    }
    return turned + (size_t)groups_of(c->cin) * group;
}

/* d_x of one picture. */
static void back_input(const conv *c, const float *turned, const float *d_y, float *scratch, bool add, float *d_x) {
    conv out = framed_output(c);
    int all = conv_out_h(c), chunk = conv_chunk(&out);
    for (int line = 0; line < all; line += chunk) {
        int lines = least(chunk, all - line);
        const float *weight = turned;
        frame(&out, d_y, line, lines, scratch);
        for (int i = 0; i < c->stride * c->stride; i++)
            weight = back_phase(c, i / c->stride, i % c->stride, weight, scratch, line, lines, add, d_x);
    }
}

/* ---- backward: the weights ---- */

/* Output lines whose share of the weights' gradient is summed up at a time. */
static int block_lines(const conv *c) {
    return least(most(BLOCK_FLOATS / (c->stride * c->cin * conv_out_w(c)), 1), conv_out_h(c));
}

/* A strip of d_y, n channels from g on, side by side, `width` floats a pixel. */
static void pack_strip(const conv *c, const float *d_y, int pixels, int g, int n, int width, float *to) {
    for (int i = 0; i < pixels; i++, to += width, d_y += c->cout) memcpy(to, d_y + g, (size_t)n * sizeof *to);
}

/* g_ready, in the order of conv_ready(), += the gradients of one picture's weights. packed: zeros at first. */
static void back_weights(const conv *c, const float *x, const float *d_y, float *packed, float *framed,
                         float *g_ready) {
    int all = conv_out_h(c), ow = conv_out_w(c), chunk = conv_chunk(c), block = block_lines(c);
    size_t group = 9 * (size_t)c->cin * GROUP;
    const nn_kernels *f = nn_kernels_best();
    for (int line = 0; line < all; line += chunk) {
        int lines = least(chunk, all - line);
        frame(c, x, line, lines, framed);
        for (int g = 0; g < c->cout; g += f->panel)
            for (int i = 0; i < lines; i += block) {
                conv_strip s = strip_of(c, least(block, lines - i), g);
                s.ld_y = groups_of(s.channels) * GROUP;
                s.next_y = ow * s.ld_y;
                pack_strip(c, d_y + (size_t)(line + i) * (size_t)(ow * c->cout), s.rows * ow, g, s.channels, s.ld_y,
                           packed);
                f->conv_strip_back(g_ready + (size_t)(g / GROUP) * group, framed + (size_t)i * (size_t)s.next_x,
                                   packed, &s);
            }
    }
}

/* conv_ready() the other way round, added. */
static void add_ready(const conv *c, const float *ready, float *g_weight) {
    size_t taps = 9 * (size_t)c->cin;
    for (int g = 0; g < c->cout; g += GROUP, ready += taps * GROUP)
        for (int i = 0; i < GROUP && g + i < c->cout; i++)
            for (size_t t = 0; t < taps; t++) g_weight[(size_t)(g + i) * taps + t] += ready[t * GROUP + (size_t)i];
}

static size_t packed_floats(const conv *c) {
    return (size_t)(block_lines(c) * conv_out_w(c)) * (size_t)nn_kernels_best()->panel;
}

size_t conv_backward_scratch(const conv *c) {
    conv out = framed_output(c);
    size_t frame = conv_forward_scratch(c), back = conv_forward_scratch(&out);
    return conv_ready_size(c) + packed_floats(c) + (frame > back ? frame : back);
}

void conv_backward(const conv *c, int n, const float *x, const float *turned, const float *d_y, float *scratch,
                   float *g_weight, bool add, float *d_x) {
    size_t in = (size_t)c->h * (size_t)c->w * (size_t)c->cin, out = conv_rows(c) * (size_t)c->cout;
    float *g_ready = scratch, *packed = scratch + conv_ready_size(c), *framed = packed + packed_floats(c);
    memset(g_ready, 0, (conv_ready_size(c) + packed_floats(c)) * sizeof *g_ready);
    for (size_t i = 0; i < (size_t)n; i++) {
        back_weights(c, x + i * in, d_y + i * out, packed, framed, g_ready);
        if (d_x) back_input(c, turned, d_y + i * out, framed, add, d_x + i * in);
    }
    add_ready(c, g_ready, g_weight);
}
