/* The three charts of a film. Orange is what is skipped and teal the story, here and on the page around. */
#include "out/film_chart.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "out/chart.h"

enum { POINTS_MAX = 1000 };        /* of a curve; more seconds than that share points */
static const double AROUND_S = 45; /* of film_chart_seconds(), each way */

static const bk_mark *mark_of(const bk_explanation *e, int end) {
    return end == 0 ? &e->answer.start_main : &e->answer.end_main;
}

static double seconds(int64_t us) {
    return (double)us / 1e6;
}

/* ---- what all share ---------------------------------------------------------------------------------- */

static void draw_bands(const chart *c, const bk_answer *a) {
    bool known = a->start_main.found != BK_UNSURE && a->end_main.found != BK_UNSURE;
    double begin = a->start_main.found == BK_FOUND ? seconds(a->start_main.time_us) : 0.0;
    double end = a->end_main.found == BK_FOUND ? seconds(a->end_main.time_us) : seconds(a->duration_us);
    for (int i = 0; known && i < a->n_segments; i++) {
        const bk_segment *s = &a->segments[i];
        bool story = s->kind == BK_MAIN || s->kind == BK_POST_CREDITS;
        chart_band(c, seconds(s->begin_us), seconds(s->end_us),
                   story ? CHART_SHEER(CHART_TEAL, 30) : CHART_SHEER(CHART_ORANGE, 48));
    }
    if (known) return;
    chart_band(c, 0, begin, CHART_SHEER(CHART_ORANGE, 48));
    chart_band(c, begin, end, CHART_SHEER(CHART_QUIET, 20));
    chart_band(c, end, seconds(a->duration_us), CHART_SHEER(CHART_ORANGE, 48));
}

/* The highest and the lowest of each group of seconds, in the order in which they come: no peak is lost. */
static size_t gather(double *x, double *y, const float *p, int from, int to, int group) {
    size_t n = 0;
    for (int a = from; a < to; a += group) {
        int b = a + group < to ? a + group : to, hi = a, lo = a;
        for (int s = a; s < b; s++) {
            if (p[s] > p[hi]) hi = s;
            if (p[s] < p[lo]) lo = s;
        }
        int first = hi < lo ? hi : lo, second = hi < lo ? lo : hi;
        x[n] = first + 0.5;
        y[n++] = (double)p[first];
        if (second == first) continue;
        x[n] = second + 0.5;
        y[n++] = (double)p[second];
    }
    return n;
}

/* Run by run: seconds that were not looked at have no probability, and the curve a gap. */
static void draw_probabilities(const chart *c, const bk_explanation *e) {
    const float *p = e->probabilities;
    int from = (int)fmax(0.0, floor(c->across.lo)), to = (int)fmin(e->len, ceil(c->across.hi));
    int group = to - from > POINTS_MAX ? (2 * (to - from) + POINTS_MAX - 1) / POINTS_MAX : 1;
    if (!p || to <= from) return;
    double *x = bk_alloc(2 * (size_t)(to - from), sizeof *x);
    if (!x) {
        c->p->failed = true;
        return;
    }
    double *y = x + (to - from);
    for (int a = from; a < to;) {
        int b = a;
        while (b < to && !isnan(p[b])) b++;
        size_t n = gather(x, y, p, a, b, group);
        if (n) chart_area(c, x, y, n, CHART_SHEER(CHART_BLUE, 45));
        if (n) chart_line(c, x, y, n, 1.5f, 0, CHART_BLUE);
        a = b > a ? b : a + 1;
    }
    free(x);
}

/* A line with its name beside it, on the side where there is room. */
static void draw_mark(const chart *c, double at, const char *name, bool left, uint32_t color, float dash, float row) {
    if (!(at >= c->across.lo && at <= c->across.hi)) return;
    float x = chart_x(c, at), w = plot_text_width(name, 12) + 8;
    if (left && x - w < c->x) left = false;
    if (!left && x + w > c->x + c->w) left = true;
    chart_vertical(c, at, dash > 0 ? 1.5f : 2.5f, dash, color);
    plot_text(c->p, left ? x - 6 : x + 6, c->y + 14 + row * 15, 12, left ? PLOT_END : PLOT_START, false, color, name);
}

static void draw_marks(const chart *c, const bk_explanation *e) {
    for (int end = 0; end < 2; end++) {
        const bk_mark *m = mark_of(e, end);
        const bk_candidate *rival = &e->end[end].rival;
        if (rival->mass >= 0.01f && !rival->nothing)
            draw_mark(c, seconds(rival->time_us), "second choice", end == 1, CHART_QUIET, 5, 1);
        if (m->found == BK_FOUND)
            draw_mark(c, seconds(m->time_us), end ? "story ends" : "story begins", end == 1, CHART_INK, 0, 0);
        else if (m->found == BK_UNSURE && e->end[end].decided && !e->end[end].best.nothing)
            draw_mark(c, seconds(m->time_us), "first choice?", end == 1, CHART_INK, 5, 0);
    }
}

/* ---- the charts -------------------------------------------------------------------------------------- */

void film_chart(plot *p, const bk_explanation *e, const char *title) {
    const double length = seconds(e->answer.duration_us);
    const chart_axis across = { .hi = length > 1 ? length : 1, .clock = true, .ticks = p->w > 700 ? 12 : 5 };
    const chart_axis up = { .hi = 1, .ticks = 4, .name = "probability" };
    chart c;
    chart_open(&c, p, title, &across, &up);
    draw_bands(&c, &e->answer);
    draw_probabilities(&c, e);
    draw_marks(&c, e);
    chart_legend(&c, "skipped", 0, CHART_ORANGE);
    chart_legend(&c, "story", 0, CHART_TEAL);
    chart_legend(&c, "opening or credits", 0, CHART_BLUE);
}

void film_chart_seconds(plot *p, const bk_explanation *e, int end) {
    const double at = seconds(mark_of(e, end)->time_us), length = seconds(e->answer.duration_us);
    const double lo = fmax(0.0, fmin(at - AROUND_S, length - 2 * AROUND_S));
    const chart_axis across = {
        .lo = lo, .hi = fmax(lo + 1, fmin(length, lo + 2 * AROUND_S)), .clock = true, .ticks = 5
    };
    const chart_axis up = { .hi = 1, .ticks = 4 };
    const float *posterior = e->posterior[end];
    chart c;
    chart_open(&c, p, "", &across, &up);
    draw_bands(&c, &e->answer);
    draw_probabilities(&c, e);
    draw_marks(&c, e);
    for (int s = (int)ceil(across.lo); posterior && s <= e->len && s <= across.hi; s++) {
        if (posterior[s] < 0.002f) continue;
        float x = chart_x(&c, s), y = chart_y(&c, (double)posterior[s]);
        plot_line(p, x, c.y + c.h, x, y, 4, 0, CHART_ROSE);
    }
    chart_legend(&c, "boundary here", 0, CHART_ROSE);
    chart_legend(&c, "opening or credits", 0, CHART_BLUE);
}

void film_chart_frames(plot *p, const bk_explanation *e, int end) {
    const bk_end_explanation *x = &e->end[end];
    const bk_note *f = x->notes;
    int n = x->n_notes;
    const double mark = seconds(mark_of(e, end)->time_us);
    const chart_axis across = { .lo = seconds(f[0].time_us) - mark,
                                .hi = seconds(f[n - 1].time_us) - mark + 0.04,
                                .ticks = 8,
                                .name = "seconds from the boundary" };
    const chart_axis up = { .hi = 1, .ticks = 4 };
    chart c;
    chart_open(&c, p, "", &across, &up);
    chart_band(&c, across.lo, 0, end ? CHART_SHEER(CHART_TEAL, 30) : CHART_SHEER(CHART_ORANGE, 48));
    chart_band(&c, 0, across.hi, end ? CHART_SHEER(CHART_ORANGE, 48) : CHART_SHEER(CHART_TEAL, 30));
    chart_vertical(&c, 0, 2.5f, 0, CHART_INK);
    for (int i = 0; i < n; i++) {
        double at = seconds(f[i].time_us) - mark;
        float left = chart_x(&c, at);
        plot_line(p, left, c.y + c.h, left, chart_y(&c, fmin((double)f[i].change, 1)),
                  f[i].change > 0.07f ? 3.5f : 1.5f, 0, CHART_BLUE);
        if (i)
            plot_line(p, chart_x(&c, seconds(f[i - 1].time_us) - mark), chart_y(&c, (double)f[i - 1].brightness),
                      left, chart_y(&c, (double)f[i].brightness), 1.5f, 0, CHART_QUIET);
    }
    for (int i = 0; i < n; i++)
        if (f[i].looked) chart_dot(&c, seconds(f[i].time_us) - mark, (double)f[i].titled, 4, CHART_ROSE);
    chart_legend(&c, "titles", 0, CHART_ROSE);
    chart_legend(&c, "light", 0, CHART_QUIET);
    chart_legend(&c, "change", 0, CHART_BLUE);
}
