/* Display lettering for letters.c: outlines bent, tapered, askew. */
#ifndef BK_LEARN_LETTERS_BEND_H
#define BK_LEARN_LETTERS_BEND_H

#include <cairo.h>
#include <stdbool.h>

#include "learn/letters.h"

bool bend_is_straight(const letters_bend *b);

/* Appends the flattened path of a line of w x h to cr's path, bent. */
void bend_append(cairo_t *cr, const cairo_path_t *path, const letters_bend *b, double w, double h);

#endif
