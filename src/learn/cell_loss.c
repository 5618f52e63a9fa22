#include "learn/cell_loss.h"

#include <math.h>
#include <string.h>

#include "learn/synth.h"
#include "nn/layers.h"

static const float LETTERED_WEIGHT = 2.0f; /* most tokens are blank */
enum { FEW = 8 /* of a token's cells, at least one in so many is lettered where letters stand for sure */ };

cell_truth cell_truth_of(const cell_shape *s, const uint8_t *mask, int token) {
    int gy = token / s->grid_w, gx = token % s->grid_w, lettered = 0, unknown = 0, all = 0;
    for (int y = gy * s->mask_h / s->grid_h; y < (gy + 1) * s->mask_h / s->grid_h; y++)
        for (int x = gx * s->mask_w / s->grid_w; x < (gx + 1) * s->mask_w / s->grid_w; x++, all++) {
            lettered += mask[y * s->mask_w + x] == 1;
            unknown += mask[y * s->mask_w + x] == SYNTH_MASK_UNKNOWN;
        }
    if (lettered * FEW >= all) return CELL_LETTERED;
    return lettered || unknown ? CELL_UNKNOWN : CELL_BLANK;
}

/* One answer about one token; *d_logit is the gradient of the loss. */
static double one(const float *row, const float *f, int width, bool yes, float *d_logit) {
    float z = row[width], weight = yes ? LETTERED_WEIGHT : 1.0f;
    for (int i = 0; i < width; i++) z += row[i] * f[i];
    *d_logit = weight * (sigmoid(z) - (yes ? 1.0f : 0.0f));
    return (double)(weight * (fmaxf(z, 0.0f) - (yes ? z : 0.0f) + log1pf(expf(-fabsf(z)))));
}

double cell_loss(const cell_shape *s, const float *w, const float *features, const uint8_t *mask, bool titles,
                 float scale, float *g, float *d) {
    int tokens = s->grid_h * s->grid_w;
    size_t width = (size_t)s->width;
    double sum = 0.0;
    if (d) memset(d, 0, (size_t)tokens * width * sizeof *d);
    for (int t = 0; t < tokens; t++) {
        const float *f = features + (size_t)t * width;
        cell_truth truth = cell_truth_of(s, mask, t);
        if (truth == CELL_UNKNOWN) continue;
        for (int k = 0; k < CELL_KINDS; k++) {
            const float *row = w + (size_t)k * (width + 1);
            float d_logit;
            sum += one(row, f, s->width, truth == CELL_LETTERED && (k == CELL_TITLES) == titles, &d_logit);
            if (!d) continue;
            float *g_row = g + (size_t)k * (width + 1);
            d_logit *= scale / (float)tokens;
            g_row[width] += d_logit;
            for (size_t i = 0; i < width; i++) {
                g_row[i] += d_logit * f[i];
                d[(size_t)t * width + i] += d_logit * row[i];
            }
        }
    }
    return sum / tokens;
}
