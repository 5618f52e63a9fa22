/* out/plot and out/chart: drawings as SVG and as PNG. The PNG is taken apart here, chunk by chunk. */
#include <string.h>
#include <zlib.h>

#include "out/chart.h"
#include "out/plot.h"
#include "out/plot_font.h"
#include "tap.h"

typedef struct picture {
    int w, h;
    unsigned char *rgb; /* [h, w, 3] */
} picture;

static uint32_t get_be(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Inflates the one IDAT chunk and takes the filter bytes away. */
static bool unpack(picture *to, const unsigned char *data, size_t n) {
    uLongf size = (uLongf)to->h * ((uLongf)to->w * 3 + 1), want = size;
    unsigned char *raw = malloc(size);
    bool ok = uncompress(raw, &size, data, (uLong)n) == Z_OK && size == want;
    to->rgb = malloc((size_t)to->w * (size_t)to->h * 3);
    for (int y = 0; ok && y < to->h; y++) {
        const unsigned char *row = raw + (size_t)y * ((size_t)to->w * 3 + 1);
        ok = row[0] == 0;
        memcpy(to->rgb + (size_t)y * (size_t)to->w * 3, row + 1, (size_t)to->w * 3);
    }
    free(raw);
    return ok;
}

/* Whether data is IHDR, IDAT, IEND with right checksums, 8-bit RGB. */
static bool read_png(picture *to, const unsigned char *data, size_t n) {
    static const char *const names[] = { "IHDR", "IDAT", "IEND" };
    size_t at = 8;
    bool ok = n > 8 && memcmp(data, "\x89PNG\r\n\x1a\n", 8) == 0;
    for (int i = 0; i < 3 && ok; i++) {
        size_t length = get_be(data + at);
        ok = at + 12 + length <= n && memcmp(data + at + 4, names[i], 4) == 0 &&
             get_be(data + at + 8 + length) == crc32(0, data + at + 4, (uInt)length + 4);
        if (ok && i == 0) {
            to->w = (int)get_be(data + at + 8);
            to->h = (int)get_be(data + at + 12);
            ok = length == 13 && memcmp(data + at + 16, "\x08\x02\x00\x00\x00", 5) == 0;
        }
        if (ok && i == 1) ok = unpack(to, data + at + 8, length);
        at += 12 + length;
    }
    return ok && at == n;
}

static picture render(const plot *p, float scale) {
    picture pic = { 0 };
    unsigned char *png = NULL;
    size_t n = 0;
    bk_error err = { 0 };
    if (plot_png(&png, &n, p, scale, &err) != BK_OK || !read_png(&pic, png, n)) {
        printf("Bail out! the PNG is damaged %s\n", err.text);
        exit(2);
    }
    free(png);
    return pic;
}

static const unsigned char *at(const picture *p, int x, int y) {
    return p->rgb + ((size_t)y * (size_t)p->w + (size_t)x) * 3;
}

static bool is(const picture *p, int x, int y, int r, int g, int b) {
    const unsigned char *c = at(p, x, y);
    return abs(c[0] - r) <= 1 && abs(c[1] - g) <= 1 && abs(c[2] - b) <= 1;
}

static void test_shapes(void) {
    plot p = { .w = 40, .h = 30 };
    plot_rect(&p, 4, 5, 10, 6, 0xff0000ff);
    plot_rect(&p, 20.5f, 5, 4, 4, 0x0000ffff);
    plot_rect(&p, 4, 20, 10, 4, 0x00000080);
    plot_fill(&p, (float[3][2]){ { 30, 10 }, { 40, 20 }, { 30, 20 } }, 3, 0x008000ff);
    plot_line(&p, 0, 15.5f, 40, 15.5f, 1, 0, 0x0000ffff);
    picture pic = render(&p, 1.0f);
    tap_ok(pic.w == 40 && pic.h == 30, "one pixel a pixel");
    tap_ok(is(&pic, 4, 5, 255, 0, 0) && is(&pic, 13, 10, 255, 0, 0), "a rectangle is filled to its edges");
    tap_ok(is(&pic, 3, 5, 255, 255, 255) && is(&pic, 14, 5, 255, 255, 255) && is(&pic, 4, 11, 255, 255, 255),
           "and not beyond");
    tap_ok(is(&pic, 20, 6, 127, 127, 255) && is(&pic, 21, 6, 0, 0, 255) && is(&pic, 24, 6, 127, 127, 255),
           "half a pixel is half the color");
    tap_ok(is(&pic, 8, 22, 127, 127, 127), "see-through black is grey");
    tap_ok(is(&pic, 31, 18, 0, 128, 0) && is(&pic, 38, 12, 255, 255, 255), "a triangle");
    tap_ok(is(&pic, 20, 15, 0, 0, 255) && is(&pic, 20, 13, 255, 255, 255) && is(&pic, 20, 17, 255, 255, 255),
           "a line of one pixel");
    free(pic.rgb);
    pic = render(&p, 2.0f);
    tap_ok(pic.w == 80 && pic.h == 60 && is(&pic, 8, 10, 255, 0, 0) && is(&pic, 7, 10, 255, 255, 255),
           "twice the size");
    free(pic.rgb);
    plot_close(&p);
}

/* Darkest green in a row. */
static int darkest(const picture *p, int y, int x0, int x1) {
    int d = 255;
    for (int x = x0; x < x1; x++) d = at(p, x, y)[1] < d ? at(p, x, y)[1] : d;
    return d;
}

static void test_lines(void) {
    plot p = { .w = 60, .h = 60 };
    plot_line(&p, 5, 5, 55, 55, 2, 0, 0x000000ff);
    plot_line(&p, 0, 50, 30, 50, 2, 5, 0xff0000ff);
    plot_line(&p, 50, 10, 50, 10, 6, 0, 0x00ff00ff);
    plot_line(&p, -20, -20, 900, -10, 3, 0, 0xff);
    picture pic = render(&p, 1.0f);
    tap_ok(is(&pic, 20, 20, 0, 0, 0) && is(&pic, 25, 20, 255, 255, 255) && at(&pic, 21, 19)[0] > 20 &&
               at(&pic, 21, 19)[0] < 250,
           "a slanted line with soft edges");
    tap_ok(at(&pic, 2, 50)[1] < 30 && at(&pic, 7, 50)[1] > 225 && at(&pic, 12, 50)[1] < 30, "dashes");
    tap_ok(is(&pic, 50, 10, 0, 255, 0) && is(&pic, 50, 15, 255, 255, 255), "a line of no length is a dot");
    free(pic.rgb);
    plot_close(&p);
}

static void test_text(void) {
    plot p = { .w = 200, .h = 60 };
    plot_text(&p, 100, 30, 20, PLOT_MIDDLE, false, 0x000000ff, "Heading");
    plot_text(&p, 20, 55, 12, PLOT_START, true, 0x000000ff, "up");
    picture pic = render(&p, 1.0f);
    float half = plot_text_width("Heading", 20) / 2;
    tap_ok(half > 20 && half < 50, "width of a word: %.1f", (double)half * 2);
    tap_ok(darkest(&pic, 24, (int)(100 - half), (int)(100 + half)) < 90, "there is ink where the text stands");
    tap_ok(darkest(&pic, 24, 30, (int)(99 - half)) == 255 && darkest(&pic, 24, (int)(102 + half), 200) == 255,
           "and none beside it");
    tap_ok(darkest(&pic, 50, 10, 22) < 140 && darkest(&pic, 50, 24, 60) == 255, "turned text runs upwards");
    free(pic.rgb);
    plot_close(&p);
    tap_ok(fabsf(font_width("ab") - font_width("a") - font_width("b")) < 1e-5f && font_width("") == 0.0f,
           "widths add up");
    tap_ok(font_width("0123456789") == 10 * font_width("7"), "digits stand in columns");
    tap_ok(font_width("\xd0\x96") == font_width("\xc3\xa9") && font_width("\xd0") > 0.0f,
           "what is not there is a box");
}

static size_t ink;

static void count_ink(void *arg, float (*points)[2], size_t n) {
    bool *inside = arg;
    for (size_t i = 0; i < n; i++)
        *inside =
            *inside && points[i][0] > -0.2f && points[i][0] < 1.2f && points[i][1] > -0.35f && points[i][1] < 1.0f;
    ink += n;
}

static void test_font(void) {
    bool inside = true, all = true;
    for (char c = 33; c < 127; c++) {
        ink = 0;
        font_draw((char[2]){ c, 0 }, count_ink, &inside);
        all = all && ink > 0;
    }
    tap_ok(all, "every character of ASCII is drawn");
    tap_ok(inside, "within its line");
}

static void test_svg(void) {
    plot p = { .w = 100, .h = 50 };
    text t = { 0 };
    plot_rect(&p, 1, 2, 3, 4, 0x11223380);
    plot_line(&p, 0, 0, 10, 10, 1.5f, 4, 0xff0000ff);
    plot_text(&p, 50, 20, 11, PLOT_END, true, 0x000000ff, "a<b & \"c\" \xd0\x96 \xff\x01");
    plot_svg(&t, &p, "it's <1>");
    static const char *const parts[] = {
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100.00\" height=\"50.00\" viewBox=\"0 0 100.00 50.00\"",
        "<title>it's &lt;1&gt;</title>",
        "<polygon fill-rule=\"evenodd\" fill=\"#112233\" fill-opacity=\"0.502\" points=\"1.00,2.00 4.00,2.00 "
        "4.00,6.00 1.00,6.00\"/>",
        "<polyline fill=\"none\" stroke=\"#ff0000\" stroke-width=\"1.50\" stroke-dasharray=\"4.00\" "
        "points=\"0.00,0.00 10.00,10.00\"/>",
        "text-anchor=\"end\" transform=\"rotate(-90 50.00,20.00)\">a&lt;b &amp; &quot;c&quot; \xd0\x96 "
        "\xef\xbf\xbd\xef\xbf\xbd</text>",
        "</svg>\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        tap_ok(strstr(text_str(&t), parts[i]) != NULL, "SVG: %.60s", parts[i]);
    text_close(&t);
    plot_close(&p);
}

static bool has_text(const plot *p, const char *s) {
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].kind == PLOT_TEXT && strcmp(p->strings.s + p->items[i].at, s) == 0) return true;
    return false;
}

static void test_chart(void) {
    static const struct {
        chart_axis axis;
        const char *shown[4], *hidden;
    } cases[] = {
        { { .lo = 0, .hi = 1, .ticks = 5 }, { "0.0", "0.2", "0.8", "1.0" }, "0.1" },
        { { .lo = 1, .hi = 30, .ticks = 10 }, { "5", "10", "25", "30" }, "1" },
        { { .lo = 0, .hi = 0.042, .ticks = 5 }, { "0.00", "0.01", "0.03", "0.04" }, "0.05" },
        { { .lo = 0, .hi = 300, .ticks = 12, .clock = true }, { "0:00", "0:30", "4:30", "5:00" }, "0:25" },
        { { .lo = 0, .hi = 5400, .ticks = 6, .clock = true }, { "0:00", "15:00", "1:15:00", "1:30:00" }, "90:00" },
        { { .lo = 0, .hi = 20000, .ticks = 4, .clock = true }, { "0:00", "2:00:00", "4:00:00" }, "1:00:00" },
    };
    static const chart_axis plain = { .hi = 1 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        plot p = { .w = 500, .h = 200 };
        chart c;
        chart_open(&c, &p, "title", &cases[i].axis, &plain);
        bool all = has_text(&p, "title");
        for (int k = 0; k < 4 && cases[i].shown[k]; k++) all = all && has_text(&p, cases[i].shown[k]);
        tap_ok(all && !has_text(&p, cases[i].hidden), "ticks of [%g, %g]", cases[i].axis.lo, cases[i].axis.hi);
        tap_near((double)chart_x(&c, cases[i].axis.hi), (double)(c.x + c.w), 1e-3,
                 "the axis ends where the area does");
        plot_close(&p);
    }
}

static void test_clipping(void) {
    static const chart_axis axis = { .hi = 10, .ticks = 5 };
    plot p = { .w = 300, .h = 200 };
    chart c;
    chart_open(&c, &p, "", &axis, &axis);
    size_t before = p.n;
    chart_vertical(&c, 12, 1, 0, CHART_BLUE);
    chart_vertical(&c, NAN, 1, 0, CHART_BLUE);
    chart_horizontal(&c, -1, 1, 0, CHART_BLUE);
    chart_band(&c, 11, 15, CHART_BLUE);
    tap_ok(p.n == before, "what lies outside is not drawn");
    chart_line(&c, (double[]){ -5, 20 }, (double[]){ -5, 20 }, 2, 1, 0, CHART_BLUE);
    const float *a = p.points[p.items[before].first], *b = p.points[p.items[before].first + 1];
    tap_ok(a[0] >= c.x && a[1] <= c.y + c.h && b[0] <= c.x + c.w && b[1] >= c.y, "lines stay within the axes");
    plot_close(&p);
    unsigned char *png = NULL;
    size_t n = 0;
    bk_error err = { 0 };
    tap_ok(plot_png(&png, &n, &(plot){ 0 }, 1, &err) == BK_EINVAL && !png, "no size: %s", err.text);
    tap_ok(plot_png(&png, &n, &(plot){ .w = 1e9f, .h = 5 }, 1, &err) == BK_EINVAL, "too large: %s", err.text);
}

int main(void) {
    test_shapes();
    test_lines();
    test_text();
    test_font();
    test_svg();
    test_chart();
    test_clipping();
    return tap_done();
}
