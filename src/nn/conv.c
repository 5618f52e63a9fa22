/* 3x3 convolution: gather patches (im2col), multiply; and the way back (col2im). */
#include "nn/conv.h"

#include <string.h>

#include "nn/kernels.h"
#include "nn/nn_math.h"

/* Patches gathered at a time: enough rows that packing the weights is small beside the product, else what
 * fits the second-level cache. */
enum { CHUNK_FLOATS = 1 << 16, CHUNK_ROWS = 384 };

int conv_out_h(const conv *c) { return (c->h + c->stride - 1) / c->stride; }
int conv_out_w(const conv *c) { return (c->w + c->stride - 1) / c->stride; }
size_t conv_rows(const conv *c) { return (size_t)c->n * (size_t)conv_out_h(c) * (size_t)conv_out_w(c); }

int conv_chunk(const conv *c) {
    int rows = CHUNK_FLOATS / (9 * c->cin), all = c->n * conv_out_h(c);
    int lines = ((rows > CHUNK_ROWS ? rows : CHUNK_ROWS) + conv_out_w(c) - 1) / conv_out_w(c);
    return lines < all ? lines : all;
}

size_t conv_scratch(const conv *c) {
    return (size_t)conv_chunk(c) * (size_t)conv_out_w(c) * 9 * (size_t)c->cin;
}

/* What one output line reads: input line top + dy for dy 0..2, where it is inside the picture. */
typedef struct line_at {
    size_t picture; /* floats before this line's picture */
    int top;
} line_at;

static line_at line_of(const conv *c, int line) {
    int oh = conv_out_h(c);
    return (line_at){ .picture = (size_t)(line / oh) * (size_t)c->h * (size_t)c->w * (size_t)c->cin,
                      .top = line % oh * c->stride - 1 };
}

/* One line of patches from a picture in planes, [out_w, 3, 3, cin]. */
static void gather_planar(const conv *c, const float *x, int line, float *cols) {
    line_at at = line_of(c, line);
    int ow = conv_out_w(c), ch = c->cin;
    for (int dy = 0; dy < 3; dy++)
        for (int dx = 0; dx < 3; dx++)
            for (int k = 0; k < ch; k++) {
                int y = at.top + dy;
                const float *from = x + at.picture + ((size_t)k * (size_t)c->h + (size_t)(y < 0 ? 0 : y)) * (size_t)c->w;
                float *to = cols + (dy * 3 + dx) * ch + k;
                for (int o = 0; o < ow; o++, to += 9 * ch) {
                    int px = o * c->stride - 1 + dx;
                    *to = y < 0 || y >= c->h || px < 0 || px >= c->w ? 0 : from[px];
                }
            }
}

/* The same from channel-last, where the three pixels of a patch line lie side by side. */
static void gather_line(const conv *c, const float *x, int line, float *cols) {
    line_at at = line_of(c, line);
    size_t ch = (size_t)c->cin, pitch = (size_t)c->w * ch;
    int ow = conv_out_w(c);
    for (int o = 0; o < ow; o++, cols += 9 * ch) {
        int left = o * c->stride - 1, lo = left < 0, hi = left + 3 > c->w ? c->w - left : 3;
        for (int dy = 0; dy < 3; dy++) {
            int y = at.top + dy;
            float *to = cols + (size_t)dy * 3 * ch;
            if (y < 0 || y >= c->h || hi - lo < 3) memset(to, 0, 3 * ch * sizeof *to);
            if (y < 0 || y >= c->h) continue;
            memcpy(to + (size_t)lo * ch, x + at.picture + (size_t)y * pitch + (size_t)(left + lo) * ch,
                   (size_t)(hi - lo) * ch * sizeof *to);
        }
    }
}

/* d_x += the patches' gradients, back where they came from. */
static void scatter_line(const conv *c, float *d_x, int line, const float *cols) {
    const nn_kernels *k = nn_kernels_best();
    line_at at = line_of(c, line);
    size_t ch = (size_t)c->cin, pitch = (size_t)c->w * ch;
    int ow = conv_out_w(c);
    for (int o = 0; o < ow; o++, cols += 9 * ch) {
        int left = o * c->stride - 1, lo = left < 0, hi = left + 3 > c->w ? c->w - left : 3;
        for (int dy = 0; dy < 3; dy++) {
            int y = at.top + dy;
            if (y < 0 || y >= c->h) continue;
            k->add(d_x + at.picture + (size_t)y * pitch + (size_t)(left + lo) * ch,
                   cols + ((size_t)dy * 3 + (size_t)lo) * ch, (long)((size_t)(hi - lo) * ch));
        }
    }
}

static void gather(const conv *c, const float *x, int line, int lines, float *cols) {
    size_t step = (size_t)conv_out_w(c) * 9 * (size_t)c->cin;
    for (int i = 0; i < lines; i++, cols += step)
        if (c->planar)
            gather_planar(c, x, line + i, cols);
        else
            gather_line(c, x, line + i, cols);
}

void conv_forward(const conv *c, const float *x, const float *weight, int line, int lines, float *scratch, float *y) {
    int k = 9 * c->cin;
    gather(c, x, line, lines, scratch);
    mm(false, true, lines * conv_out_w(c), c->cout, k, scratch, k, weight, k, false, y, c->cout);
}

void conv_backward(const conv *c, const float *x, const float *weight, const float *d_y, float *scratch,
                   float *g_weight, float *d_x) {
    int k = 9 * c->cin, all = c->n * conv_out_h(c), chunk = conv_chunk(c), ow = conv_out_w(c);
    for (int line = 0; line < all; line += chunk) {
        int lines = chunk < all - line ? chunk : all - line, rows = lines * ow;
        const float *d = d_y + (size_t)line * (size_t)ow * (size_t)c->cout;
        gather(c, x, line, lines, scratch);
        mm(true, false, c->cout, k, rows, d, c->cout, scratch, k, true, g_weight, k);
        if (!d_x) continue;
        mm(false, false, rows, k, c->cout, d, c->cout, weight, k, false, scratch, k);
        for (int i = 0; i < lines; i++) scatter_line(c, d_x, line + i, scratch + (size_t)i * (size_t)ow * (size_t)k);
    }
}
