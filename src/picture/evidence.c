/* Measured evidence of the moment: see evidence.h for what the numbers are. */
#include "picture/evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DARK = 40, BLACK = 20, WHITE = 225 };

enum { COLUMNS = 512 }; /* at a time, so that two rows of luma stay at hand */

typedef struct light {
    int64_t sum, square, dark, black, white, chroma, across, down;
} light;

/* y [n]  <-  BT.601 luma in 8 bits of p u8 [n, 3] */
static void luma_of(uint8_t *restrict y, const uint8_t *restrict p, int n) {
    for (int i = 0; i < n; i++) y[i] = (uint8_t)((77 * p[3 * i] + 150 * p[3 * i + 1] + 29 * p[3 * i + 2]) >> 8);
}

/* The largest of three less the smallest, summed over p u8 [n, 3]. */
static int chroma_of(const uint8_t *p, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++, p += 3) {
        int high = p[0] > p[1] ? p[0] : p[1], low = p[0] < p[1] ? p[0] : p[1];
        sum += (p[2] > high ? p[2] : high) - (p[2] < low ? p[2] : low);
    }
    return sum;
}

static int difference(const uint8_t *a, const uint8_t *b, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) sum += abs(a[i] - b[i]);
    return sum;
}

static void add_levels(light *l, const uint8_t *y, int n) {
    int sum = 0, square = 0, dark = 0, black = 0, white = 0;
    for (int i = 0; i < n; i++) {
        sum += y[i];
        square += y[i] * y[i];
        dark += y[i] < DARK;
        black += y[i] < BLACK;
        white += y[i] > WHITE;
    }
    l->sum += sum;
    l->square += square;
    l->dark += dark;
    l->black += black;
    l->white += white;
}

/* Pixels x to x + n of a row w wide into the row of cells [EVIDENCE_THUMB_W] in which they lie. */
static void add_cells(int64_t *cells, const uint8_t *y, int x, int n, int w) {
    for (int i = 0; i < n;) {
        const int cell = (x + i) * EVIDENCE_THUMB_W / w;
        const int next = ((cell + 1) * w + EVIDENCE_THUMB_W - 1) / EVIDENCE_THUMB_W - x, end = next < n ? next : n;
        int sum = 0;
        for (; i < end; i++) sum += y[i];
        cells[cell] += sum;
    }
}

/* Columns x to x + n of all rows: sums over them, and into the thumbnail's cells. */
static void measure_columns(light *l, int64_t (*cells)[EVIDENCE_THUMB_W], const uint8_t *rgb, int x, int n, int w,
                            int h) {
    uint8_t lines[2][1 + COLUMNS]; /* of the row and the one above; [0]: the pixel before */
    for (int row = 0; row < h; row++) {
        const uint8_t *p = rgb + 3 * ((size_t)row * (size_t)w + (size_t)x);
        uint8_t *before = lines[row % 2], *y = before + 1;
        luma_of(y, p, n);
        if (x) luma_of(before, p - 3, 1);
        add_levels(l, y, n);
        add_cells(cells[row * EVIDENCE_THUMB_H / h], y, x, n, w);
        l->chroma += chroma_of(p, n);
        l->across += x ? difference(y, before, n) : difference(y + 1, y, n - 1);
        if (row) l->down += difference(y, lines[(row + 1) % 2] + 1, n);
    }
}

static float centred(double share) { return (float)(2.0 * share - 1.0); }

static void measure_light(float *to, const uint8_t *rgb, int w, int h) {
    light l = { 0 };
    int64_t cells[EVIDENCE_THUMB_H][EVIDENCE_THUMB_W] = { { 0 } };
    for (int x = 0; x < w; x += COLUMNS) measure_columns(&l, cells, rgb, x, w - x < COLUMNS ? w - x : COLUMNS, w, h);
    double n = (double)w * h, mean = (double)l.sum / n;
    to[0] = centred(mean / 255.0);
    to[1] = (float)(sqrt(fmax((double)l.square / n - mean * mean, 0.0)) / 64.0);
    to[2] = centred((double)l.dark / n);
    to[3] = centred((double)l.black / n);
    to[4] = centred((double)l.white / n);
    to[5] = (float)((double)l.chroma / n / 64.0);
    to[6] = (float)((double)l.across / n / 8.0);
    to[7] = (float)((double)l.down / n / 8.0);
    float *thumb = to + EVIDENCE_LIGHT;
    double cell = n / (EVIDENCE_THUMB_H * EVIDENCE_THUMB_W);
    for (int i = 0; i < EVIDENCE_THUMB_H * EVIDENCE_THUMB_W; i++)
        thumb[i] = centred(fmin((&cells[0][0])[i] / cell / 255.0, 1.0));
}

static float probability(float logit) { return 1.0f / (1.0f + expf(-logit)); }

float evidence_lettered(const float *map, int n) {
    int set = 0;
    for (int i = 0; i < n; i++) set += map[i] > 0.0f;
    return n ? (float)set / (float)n : 0.0f;
}

/* Mean and top probability, lettered share, shares of rows and columns with lettering, its centre, and the
 * mean in each cell of a 3 x 3 grid. */
void evidence_letters(float *evidence, const float *map, int w, int h) {
    double sum = 0.0, top = 0.0, at_x = 0.0, at_y = 0.0, grid[9] = { 0 };
    float *to = evidence + EVIDENCE_LENGTH - EVIDENCE_LETTERS;
    int rows = 0, columns = 0;
    uint8_t column[512] = { 0 };
    for (int y = 0; y < h; y++) {
        int in_row = 0;
        for (int x = 0; x < w; x++) {
            double p = (double)probability(map[y * w + x]);
            sum += p;
            top = fmax(top, p);
            at_x += p * (x + 0.5);
            at_y += p * (y + 0.5);
            grid[y * 3 / h * 3 + x * 3 / w] += p;
            if (p > 0.5) in_row = column[x * 512 / w] = 1;
        }
        rows += in_row;
    }
    for (int x = 0; x < w; x++) columns += column[x * 512 / w];
    double n = (double)w * h;
    to[0] = (float)(sqrt(sum / n) * 2.0);
    to[1] = centred(top);
    to[2] = (float)(sqrt((double)evidence_lettered(map, w * h)) * 2.0);
    to[3] = centred((double)rows / h);
    to[4] = centred((double)columns / w);
    to[5] = centred((at_x + 0.5 * w) / (sum + 1.0) / w);
    to[6] = centred((at_y + 0.5 * h) / (sum + 1.0) / h);
    for (int i = 0; i < 9; i++) to[7 + i] = (float)(sqrt(grid[i] * 9.0 / n) * 2.0);
}

void evidence_measure(float *to, const uint8_t *rgb, int w, int h, const float *map, int map_w, int map_h) {
    memset(to, 0, EVIDENCE_LENGTH * sizeof *to);
    measure_light(to, rgb, w, h);
    if (map) evidence_letters(to, map, map_w, map_h);
}
