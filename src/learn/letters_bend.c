/* Display lettering: the outline of a laid-out line, bent along an arc or a wave, tapered, its letters set askew, and
 * given depth. What films write their names with, where no font alone would do. For letters.c. */
#include "learn/letters_bend.h"

#include <math.h>
#include <stdint.h>

bool bend_is_straight(const letters_bend *b) {
    return b->arc == 0 && b->wave == 0 && b->taper == 0 && b->askew == 0;
}

/* A number in [-1, 1] for the k-th letter. */
static double askew_of(uint32_t seed, int k) {
    uint32_t x = seed + (uint32_t)k * 2654435761u;
    x ^= x >> 16;
    x *= 2246822519u;
    x ^= x >> 13;
    return (double)x / 2147483648.0 - 1.0;
}

/* Moves one point of a line of w x h; letter: its number in the line. */
static void bend_point(const letters_bend *b, double w, double h, int letter, double *x, double *y) {
    const double across = w > 0 ? 2 * *x / w - 1 : 0; /* -1 at the left end, 1 at the right */
    const double lift = (double)b->askew * 0.16 * h * askew_of(b->seed, letter);
    const double lean = (double)b->askew * 0.22 * askew_of(b->seed ^ 0x9e3779b9u, letter);
    double dy = *y - h / 2;
    *x += lean * -dy;
    dy *= 1 + (double)b->taper * across;
    *y = h / 2 + dy + lift + (double)b->arc * h * (across * across - 0.5) + (double)b->wave * h * sin(across * 4.2);
}

/* Letters are told apart by the gaps between outlines: each closed outline that begins right of all before it
 * begins a new letter. */
void bend_append(cairo_t *cr, const cairo_path_t *path, const letters_bend *b, double w, double h) {
    int letter = 0;
    double right = -INFINITY;
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *d = &path->data[i];
        if (d->header.type == CAIRO_PATH_CLOSE_PATH) {
            cairo_close_path(cr);
            continue;
        }
        double x = d[1].point.x, y = d[1].point.y;
        if (d->header.type == CAIRO_PATH_MOVE_TO && x > right) letter++;
        if (x > right) right = x;
        bend_point(b, w, h, letter, &x, &y);
        if (d->header.type == CAIRO_PATH_MOVE_TO)
            cairo_move_to(cr, x, y);
        else
            cairo_line_to(cr, x, y);
    }
}
