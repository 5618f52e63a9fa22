/* learn/cell_loss: what a mask says of a token, the loss, and its gradients against central differences. */
#include "learn/cell_loss.h"

#include <string.h>

#include "learn/synth.h"
#include "nn_check.h"

enum { GRID_H = 2, GRID_W = 3, PER = 4, TOKENS = GRID_H * GRID_W, WIDTH = 5, ROW = WIDTH + 1 };
enum { CELLS = TOKENS * PER * PER, MASK_W = GRID_W * PER };

static const cell_shape SHAPE = { GRID_H * PER, MASK_W, GRID_H, GRID_W, WIDTH };

/* Fills the first n cells of a token's part of the mask. */
static void fill(uint8_t *mask, int token, int n, uint8_t with) {
    for (int i = 0; i < n; i++)
        mask[(token / GRID_W * PER + i / PER) * MASK_W + token % GRID_W * PER + i % PER] = with;
}

static void test_truth(void) {
    static const struct {
        int lettered, unknown;
        cell_truth truth;
    } rows[] = { { 0, 0, CELL_BLANK },     { 1, 0, CELL_UNKNOWN },  { 2, 0, CELL_LETTERED },
                 { 16, 0, CELL_LETTERED }, { 0, 16, CELL_UNKNOWN }, { 3, 16, CELL_LETTERED } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int token = 0; token < TOKENS; token++) {
            uint8_t mask[CELLS] = { 0 };
            fill(mask, token, rows[i].unknown, SYNTH_MASK_UNKNOWN);
            fill(mask, token, rows[i].lettered, 1);
            int right = cell_truth_of(&SHAPE, mask, token) == rows[i].truth;
            for (int other = 0; other < TOKENS; other++)
                right &= other == token || cell_truth_of(&SHAPE, mask, other) == CELL_BLANK;
            tap_ok(right, "%d cells lettered, %d unknown, token %d", rows[i].lettered, rows[i].unknown, token);
        }
}

typedef struct fixture {
    uint8_t mask[CELLS];
    float w[CELL_KINDS * ROW], features[TOKENS * WIDTH];
} fixture;

static double loss(void *arg) {
    const fixture *f = arg;
    return cell_loss(&SHAPE, f->w, f->features, f->mask, true, 1.0f, NULL, NULL);
}

static void test_gradients(void) {
    rng r = rng_make(5, 2);
    fixture f = { 0 };
    float g[CELL_KINDS * ROW] = { 0 }, d[TOKENS * WIDTH];
    fill(f.mask, 1, 16, 1);
    fill(f.mask, 4, 3, 1);
    fill(f.mask, 5, 9, SYNTH_MASK_UNKNOWN);
    for (int i = 0; i < CELL_KINDS * ROW; i++) f.w[i] = rng_normal(&r);
    for (int i = 0; i < TOKENS * WIDTH; i++) f.features[i] = rng_normal(&r);
    cell_loss(&SHAPE, f.w, f.features, f.mask, true, 1.0f, g, d);
    double worst = 0, unknown = 0;
    for (int i = 0; i < CELL_KINDS * ROW; i++) worst = worse(worst, difference_error(loss, &f, &f.w[i], 1e-2f, g[i]));
    for (int i = 0; i < TOKENS * WIDTH; i++)
        worst = worse(worst, difference_error(loss, &f, &f.features[i], 1e-2f, d[i]));
    for (int i = 0; i < WIDTH; i++) unknown += fabs((double)d[5 * WIDTH + i]);
    tap_ok(worst < 1e-3 && g[WIDTH] != 0, "gradients within %.2g of central differences", worst);
    tap_ok(unknown == 0, "a token that nobody knows about has no gradient");
}

static void test_kinds(void) {
    fixture f = { 0 };
    fill(f.mask, 0, 16, 1);
    f.w[WIDTH] = 8; /* titles everywhere */
    f.w[ROW + WIDTH] = -8;
    double titles = cell_loss(&SHAPE, f.w, f.features, f.mask, true, 1, NULL, NULL);
    double captions = cell_loss(&SHAPE, f.w, f.features, f.mask, false, 1, NULL, NULL);
    tap_ok(titles < captions, "letters of titles are not those of captions: %.2f and %.2f", titles, captions);
}

int main(void) {
    test_truth();
    test_gradients();
    test_kinds();
    return tap_done();
}
