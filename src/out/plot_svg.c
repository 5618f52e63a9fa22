/* A drawing as SVG 1.1. Coordinates to a hundredth of a pixel. */
#include "out/html.h"
#include "out/plot.h"

static void add_attribute(text *t, const char *name, float x) {
    text_addf(t, " %s=\"", name);
    text_add_number(t, (double)x, 2);
    text_add(t, "\"");
}

/* fill="#rrggbb" fill-opacity=".." */
static void add_color(text *t, const char *what, uint32_t color) {
    text_addf(t, " %s=\"#%06x\"", what, (unsigned)(color >> 8));
    if ((color & 255) == 255) return;
    text_addf(t, " %s-opacity=\"", what);
    text_add_number(t, (double)(color & 255) / 255.0, 3);
    text_add(t, "\"");
}

static void add_points(text *t, float (*points)[2], size_t n) {
    for (size_t i = 0; i < n; i++) {
        text_add(t, i ? " " : "");
        text_add_number(t, (double)points[i][0], 2);
        text_add(t, ",");
        text_add_number(t, (double)points[i][1], 2);
    }
}

static void add_text_item(text *t, const plot *p, const plot_item *item) {
    static const char *const anchors[] = { "start", "middle", "end" };
    const float *at = p->points[item->first];
    text_add(t, "<text");
    add_attribute(t, "x", at[0]);
    add_attribute(t, "y", at[1]);
    add_attribute(t, "font-size", item->size);
    add_color(t, "fill", item->color);
    if (item->anchor != PLOT_START) text_addf(t, " text-anchor=\"%s\"", anchors[item->anchor]);
    if (item->turned) {
        text_add(t, " transform=\"rotate(-90 ");
        add_points(t, p->points + item->first, 1);
        text_add(t, ")\"");
    }
    text_add(t, ">");
    html_add(t, p->strings.s + item->at);
    text_add(t, "</text>\n");
}

static void add_item(text *t, const plot *p, const plot_item *item) {
    if (item->kind == PLOT_TEXT) {
        add_text_item(t, p, item);
        return;
    }
    text_add(t, item->kind == PLOT_FILL ? "<polygon fill-rule=\"evenodd\"" : "<polyline fill=\"none\"");
    add_color(t, item->kind == PLOT_FILL ? "fill" : "stroke", item->color);
    if (item->kind == PLOT_STROKE) add_attribute(t, "stroke-width", item->width);
    if (item->kind == PLOT_STROKE && item->dash > 0.0f) add_attribute(t, "stroke-dasharray", item->dash);
    text_add(t, " points=\"");
    add_points(t, p->points + item->first, item->n);
    text_add(t, "\"/>\n");
}

void plot_svg(text *out, const plot *p, const char *title) {
    text_add(out, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    add_attribute(out, "width", p->w);
    add_attribute(out, "height", p->h);
    text_add(out, " viewBox=\"0 0 ");
    text_add_number(out, (double)p->w, 2);
    text_add(out, " ");
    text_add_number(out, (double)p->h, 2);
    text_add(out, "\" role=\"img\" font-family=\"system-ui,'Segoe UI',Helvetica,Arial,sans-serif\""
                  " stroke-linejoin=\"round\" stroke-linecap=\"round\">\n<title>");
    html_add(out, title);
    text_add(out, "</title>\n");
    for (size_t i = 0; i < p->n; i++) add_item(out, p, &p->items[i]);
    text_add(out, "</svg>\n");
}
