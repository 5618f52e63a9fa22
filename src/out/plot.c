/* The list of shapes of a drawing. */
#include "out/plot.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "out/plot_font.h"

bool plot_ok(const plot *p) {
    return !p->failed && text_ok(&p->strings);
}

void plot_close(plot *p) {
    free(p->items);
    free(p->points);
    text_close(&p->strings);
    *p = (plot){ 0 };
}

static void add(plot *p, plot_item item, float (*points)[2], size_t n) {
    if (!bk_grow(&p->items, &p->items_cap, p->n + 1, sizeof *p->items) ||
        !bk_grow(&p->points, &p->points_cap, p->n_points + n, sizeof *p->points)) {
        p->failed = true;
        return;
    }
    item.first = p->n_points;
    item.n = n;
    memcpy(p->points + p->n_points, points, n * sizeof *points);
    p->n_points += n;
    p->items[p->n++] = item;
}

void plot_fill(plot *p, float (*points)[2], size_t n, uint32_t color) {
    if (n > 2) add(p, (plot_item){ .kind = PLOT_FILL, .color = color }, points, n);
}

void plot_rect(plot *p, float x, float y, float w, float h, uint32_t color) {
    plot_fill(p, (float[4][2]){ { x, y }, { x + w, y }, { x + w, y + h }, { x, y + h } }, 4, color);
}

void plot_stroke(plot *p, float (*points)[2], size_t n, float width, float dash, uint32_t color) {
    if (n) add(p, (plot_item){ .kind = PLOT_STROKE, .color = color, .width = width, .dash = dash }, points, n);
}

void plot_line(plot *p, float x0, float y0, float x1, float y1, float width, float dash, uint32_t color) {
    plot_stroke(p, (float[2][2]){ { x0, y0 }, { x1, y1 } }, 2, width, dash, color);
}

void plot_text(plot *p, float x, float y, float size, plot_anchor anchor, bool turned, uint32_t color,
               const char *s) {
    plot_item item = { .kind = PLOT_TEXT, .color = color, .size = size, .anchor = anchor, .turned = turned };
    item.at = p->strings.n;
    text_add_n(&p->strings, s, strlen(s) + 1);
    add(p, item, (float[1][2]){ { x, y } }, 1);
}

float plot_text_width(const char *s, float size) {
    return font_width(s) * size;
}

int plot_save(const plot *p, const char *stem, const char *title, bk_error *err) {
    text svg = { 0 }, path = { 0 };
    unsigned char *png = NULL;
    size_t n = 0;
    plot_svg(&svg, p, title);
    text_addf(&path, "%s.svg", stem);
    int code = plot_ok(p) && text_ok(&svg) && text_ok(&path) ? BK_OK : bk_fail_memory(err, "a drawing");
    if (code == BK_OK) code = file_save(path.s, svg.s, svg.n, err);
    if (code == BK_OK) code = plot_png(&png, &n, p, 2.0f, err);
    if (code == BK_OK) {
        memcpy(path.s + path.n - 3, "png", 3);
        code = file_save(path.s, png, n, err);
    }
    free(png);
    text_close(&svg);
    text_close(&path);
    return code;
}
