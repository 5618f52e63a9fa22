/* Draws blocks of text into coverage pictures with Pango and Cairo, for the generator. One lock a font
 * table serialises Pango; sprites are drawn once and then used by many frames. */
#include "learn/letters.h"

#include <fontconfig/fontconfig.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "learn/letters_bend.h"

enum { SPRITE_SIDE_MAX = 8192, LAYOUT_EM = 100 };

typedef struct family_list {
    char **name;
    size_t n, cap;
} family_list;

struct fonts {
    family_list of[SCRIPT_COUNT];
    PangoFontMap *map;
    pthread_mutex_t lock;
};

/* ---- the table of fonts ---------------------------------------------------------------------------- */

/* Letters a font must have to write a script. */
static const char *const script_sample[SCRIPT_COUNT] = {
    "AZaegqz",  "АЯжщю",    "ΑΩαλω",  "电影导演我们", "映画監督のを", "감독한글",
    "مخرجفيلم", "שלוםבמאי", "निर्देशक", "กำกับ",         "რეჟისორი",
};

/* Symbol fonts claim letters that they draw as pictures. */
static bool is_symbols(const char *family) {
    static const char *const signs[] = { "Symbol",    "Dingbat",    "Emoji",    "Math",        "Icon",    "Barcode",
                                         "Logos",     "Music",      "Braille",  "Adobe Blank", "Awesome", "Webdings",
                                         "Wingdings", "OpenSymbol", "Ornament", "DSEG" };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(family, signs[i])) return true;
    return false;
}

static bool covers(const FcCharSet *set, const char *sample) {
    for (const FcChar8 *p = (const FcChar8 *)sample; *p;) {
        FcChar32 c;
        const int n = FcUtf8ToUcs4(p, &c, (int)strlen((const char *)p));
        if (n <= 0 || !FcCharSetHasChar(set, c)) return false;
        p += n;
    }
    return true;
}

static bool list_has(const family_list *l, const char *name) {
    for (size_t i = 0; i < l->n; i++)
        if (!strcmp(l->name[i], name)) return true;
    return false;
}

static bool list_add(family_list *l, const char *name) {
    if (list_has(l, name)) return true;
    if (!bk_grow(&l->name, &l->cap, l->n + 1, sizeof *l->name)) return false;
    l->name[l->n] = strdup(name);
    return l->name[l->n] && ++l->n;
}

static void list_free(family_list *l) {
    for (size_t i = 0; i < l->n; i++) free(l->name[i]);
    free(l->name);
    memset(l, 0, sizeof *l);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool take_font(fonts *f, const FcPattern *p) {
    FcChar8 *family;
    FcCharSet *set;
    if (FcPatternGetString(p, FC_FAMILY, 0, &family) != FcResultMatch) return true;
    if (FcPatternGetCharSet(p, FC_CHARSET, 0, &set) != FcResultMatch) return true;
    if (is_symbols((const char *)family)) return true;
    for (int s = 0; s < SCRIPT_COUNT; s++)
        if (covers(set, script_sample[s]) && !list_add(&f->of[s], (const char *)family)) return false;
    return true;
}

/* Keeps the families of one side, unless none would be left. */
static void keep_side(family_list *l, words_side side) {
    size_t kept = 0;
    for (size_t i = 0; i < l->n; i++) kept += words_held_out(l->name[i]) == (side == WORDS_HELD_OUT);
    if (side == WORDS_ALL || kept == 0) return;
    kept = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (words_held_out(l->name[i]) == (side == WORDS_HELD_OUT))
            l->name[kept++] = l->name[i];
        else
            free(l->name[i]);
    }
    l->n = kept;
}

static bool list_fonts(fonts *f) {
    FcPattern *any = FcPatternCreate();
    FcObjectSet *want = FcObjectSetBuild(FC_FAMILY, FC_CHARSET, (char *)0);
    FcFontSet *set = any && want ? FcFontList(NULL, any, want) : NULL;
    bool ok = set != NULL;
    for (int i = 0; ok && i < set->nfont; i++) ok = take_font(f, set->fonts[i]);
    if (set) FcFontSetDestroy(set);
    if (want) FcObjectSetDestroy(want);
    if (any) FcPatternDestroy(any);
    return ok;
}

int fonts_open(fonts **out, words_side side, bk_error *err) {
    fonts *f = calloc(1, sizeof *f);
    if (!f || pthread_mutex_init(&f->lock, NULL)) {
        free(f);
        return bk_fail_memory(err, "the table of fonts");
    }
    f->map = pango_cairo_font_map_new();
    int code = BK_OK;
    if (!list_fonts(f))
        code = bk_fail_memory(err, "the table of fonts");
    else if (f->of[SCRIPT_LATIN].n == 0)
        code = bk_fail(err, BK_EIO, "fontconfig: no font for Latin letters is installed");
    for (int s = 0; code == BK_OK && s < SCRIPT_COUNT; s++) {
        qsort(f->of[s].name, f->of[s].n, sizeof(char *), by_name);
        keep_side(&f->of[s], side);
    }
    if (code == BK_OK)
        *out = f;
    else
        fonts_close(&f);
    return code;
}

void fonts_close(fonts **f) {
    if (!*f) return;
    for (int s = 0; s < SCRIPT_COUNT; s++) list_free(&(*f)->of[s]);
    if ((*f)->map) g_object_unref((*f)->map);
    pthread_mutex_destroy(&(*f)->lock);
    free(*f);
    *f = NULL;
}

int fonts_count(const fonts *f, script s) {
    return (int)f->of[s].n;
}

const char *fonts_family(const fonts *f, script s, int i) {
    return f->of[s].name[i];
}

/* ---- blocks of text -------------------------------------------------------------------------------- */

/* A run of text laid out, and where it goes, in pixels of the sprite before its padding. */
typedef struct cell {
    PangoLayout *layout;
    int x, y, w, h; /* logical */
    float scale;    /* from the layout's pixels to the sprite's */
    float dim;
} cell;

typedef struct block {
    const letters_spec *spec;
    char *text; /* in capitals, when the spec asks for them */
    PangoContext *context;
    cell *cells;
    size_t n, cap;
    float em;
    int width; /* that columns share, in pixels */
    int left, right, bottom;
} block;

/* Everything is laid out at one size and scaled by Cairo: finding the font of a new size among all fonts of
 * the machine takes Pango longer than all drawing. For the same reason other fonts do not help out. */
static cell lay_out(const block *b, const char *text, size_t n, float size) {
    const letters_spec *s = b->spec;
    cell c = { .layout = pango_layout_new(b->context), .scale = b->em * size / LAYOUT_EM, .dim = 1 };
    PangoFontDescription *d = pango_font_description_new();
    pango_font_description_set_family(d, s->family);
    pango_font_description_set_absolute_size(d, LAYOUT_EM * PANGO_SCALE);
    if (s->bold) pango_font_description_set_weight(d, PANGO_WEIGHT_BOLD);
    if (s->italic) pango_font_description_set_style(d, PANGO_STYLE_ITALIC);
    pango_layout_set_font_description(c.layout, d);
    pango_font_description_free(d);
    PangoAttrList *attrs = pango_attr_list_new();
    pango_attr_list_insert(attrs, pango_attr_fallback_new(FALSE));
    if (s->spacing != 0)
        pango_attr_list_insert(attrs, pango_attr_letter_spacing_new((int)(s->spacing * LAYOUT_EM * PANGO_SCALE)));
    pango_layout_set_attributes(c.layout, attrs);
    pango_attr_list_unref(attrs);
    pango_layout_set_text(c.layout, text, (int)n);
    pango_layout_get_size(c.layout, &c.w, &c.h);
    c.w = (int)ceilf((float)c.w * c.scale / PANGO_SCALE);
    c.h = (int)ceilf((float)c.h * c.scale / PANGO_SCALE);
    return c;
}

static bool add_cell(block *b, cell c) {
    if (!bk_grow(&b->cells, &b->cap, b->n + 1, sizeof *b->cells)) {
        g_object_unref(c.layout);
        return false;
    }
    b->cells[b->n++] = c;
    if (c.x < b->left) b->left = c.x;
    if (c.x + c.w > b->right) b->right = c.x + c.w;
    if (c.y + c.h > b->bottom) b->bottom = c.y + c.h;
    return true;
}

/* From a line that is h tall to the next. */
static int step_of(const block *b, int h) {
    return b->spec->pitch > 0 ? (int)(b->spec->pitch * b->em + 0.5f) : h;
}

/* A line without tabs: round x = 0 when centred, else to one side of it. */
static bool add_line(block *b, const char *text, size_t n, int *y) {
    cell c = lay_out(b, text, n, 1);
    c.x = b->spec->align == 1 ? -c.w / 2 : b->spec->align == 2 ? -c.w : 0;
    c.y = *y;
    *y += step_of(b, c.h);
    return add_cell(b, c);
}

/* Where cell `column` of a row begins, given its width. */
static int column_x(const block *b, int column, int columns, int w) {
    const float gap = (b->spec->gap > 0 ? b->spec->gap : 1) * b->em;
    if (columns == 2) return column == 0 ? (int)(-gap / 2) - w : (int)(gap / 2);
    const float pitch = (float)b->width / (float)columns;
    const float x = -0.5f * (float)b->width + pitch * (float)column;
    return (int)(b->spec->align == 1 ? x + (pitch - (float)w) / 2 : x);
}

static bool add_row(block *b, const char *text, size_t n, int *y) {
    const letters_spec *s = b->spec;
    const int columns = s->columns > 1 ? s->columns : 2;
    const char *end = text + n;
    int tall = 0;
    for (int i = 0; i < columns && text <= end; i++) {
        const char *tab = memchr(text, '\t', (size_t)(end - text));
        const char *stop = tab ? tab : end;
        const bool role = columns == 2 && i == 0;
        const float size = role && s->role_size > 0 ? s->role_size : 1;
        cell c = lay_out(b, text, (size_t)(stop - text), size);
        if (c.h > tall) tall = c.h;
        if (role && s->dim > 0) c.dim = s->dim;
        c.x = column_x(b, i, columns, c.w);
        /* A smaller role stands on the name's line, not at its top. */
        c.y = *y + (size < 1 ? (int)((1 / size - 1) * 0.75f * (float)c.h) : 0);
        if (!add_cell(b, c)) return false;
        text = stop + 1;
    }
    *y += step_of(b, tall);
    return true;
}

static bool add_all(block *b) {
    int y = 0;
    for (const char *t = b->text; t;) {
        const char *nl = strchr(t, '\n');
        const size_t n = nl ? (size_t)(nl - t) : strlen(t);
        if (n == 0)
            y += step_of(b, (int)(b->em * 1.2f));
        else if (!(memchr(t, '\t', n) ? add_row(b, t, n, &y) : add_line(b, t, n, &y)))
            return false;
        t = nl ? nl + 1 : NULL;
    }
    if (y > b->bottom) b->bottom = y;
    return true;
}

/* ---- drawing --------------------------------------------------------------------------------------- */

static void copy_plane(uint8_t *to, cairo_surface_t *from, int w, int h) {
    cairo_surface_flush(from);
    const uint8_t *px = cairo_image_surface_get_data(from);
    const int stride = cairo_image_surface_get_stride(from);
    for (int y = 0; y < h; y++) memcpy(to + (size_t)y * (size_t)w, px + (size_t)y * (size_t)stride, (size_t)w);
}

/* The outlines of a cell's letters as cr's path, bent as the spec asks. */
static void outline(cairo_t *cr, const block *b, const cell *c) {
    cairo_move_to(cr, 0, 0);
    pango_cairo_layout_path(cr, c->layout);
    if (bend_is_straight(&b->spec->bend)) return;
    cairo_path_t *path = cairo_copy_path_flat(cr);
    cairo_new_path(cr);
    bend_append(cr, path, &b->spec->bend, (double)((float)c->w / c->scale), (double)((float)c->h / c->scale));
    cairo_path_destroy(path);
}

static void draw_letters(cairo_t *cr, const block *b, const cell *c) {
    if (bend_is_straight(&b->spec->bend)) {
        pango_cairo_show_layout(cr, c->layout);
        return;
    }
    outline(cr, b, c);
    cairo_fill(cr);
}

/* What stands behind the letters, in the layout's pixels: their outline; their depth, which is the outline many
 * times, each a little further off; or their shadow, near and far, which blurs it. */
static void draw_edge(cairo_t *cr, const block *b, const cell *c) {
    enum { DEPTH_STEPS = 14, SHADOWS = 3 };
    const letters_edge edge = b->spec->edge;
    const double width = (double)(b->spec->edge_width * LAYOUT_EM);
    const int copies = edge == EDGE_OUTLINE ? 1 : edge == EDGE_DEPTH ? DEPTH_STEPS : SHADOWS;
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    for (int i = 1; i <= copies; i++) {
        const double off = edge == EDGE_OUTLINE ? 0 : edge == EDGE_DEPTH ? 3 * width * i / copies : width * i / 2;
        cairo_save(cr);
        cairo_translate(cr, off, off);
        cairo_set_source_rgba(cr, 0, 0, 0, edge == EDGE_SHADOW ? 0.45 : 1);
        outline(cr, b, c);
        cairo_set_line_width(cr, edge == EDGE_OUTLINE ? 2 * width : width / 2);
        if (edge != EDGE_SHADOW) cairo_stroke_preserve(cr);
        if (edge != EDGE_OUTLINE) cairo_fill(cr);
        cairo_new_path(cr);
        cairo_restore(cr);
    }
}

static void draw_cells(cairo_t *cr, const block *b, int pad, bool edge) {
    for (size_t i = 0; i < b->n; i++) {
        const cell *c = &b->cells[i];
        cairo_save(cr);
        cairo_translate(cr, c->x - b->left + pad, c->y + pad);
        cairo_scale(cr, c->scale, c->scale);
        cairo_set_source_rgba(cr, 0, 0, 0, c->dim);
        cairo_move_to(cr, 0, 0);
        if (edge)
            draw_edge(cr, b, c);
        else
            draw_letters(cr, b, c);
        cairo_restore(cr);
    }
}

static uint8_t *draw_plane(const block *b, int w, int h, int pad, bool edge) {
    uint8_t *plane = NULL;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, w, h);
    cairo_t *cr = cairo_create(surface);
    draw_cells(cr, b, pad, edge);
    if (cairo_status(cr) == CAIRO_STATUS_SUCCESS) plane = bk_alloc((size_t)w * (size_t)h, 1);
    if (plane) copy_plane(plane, surface, w, h);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return plane;
}

/* How far bending lifts or drops a line's ink, in heights of the line. */
static float bend_reach(const letters_bend *b) {
    return 0.5f * (fabsf(b->arc) + fabsf(b->taper)) + fabsf(b->wave) + 0.16f * b->askew;
}

/* The box of a cell's letters: as wide as their ink, and as high, but at least the middle half of the line,
 * since a line of only low letters is still a line. */
static bool add_box(letters_sprite *s, size_t *cap, const cell *c, const letters_bend *bend, int x0, int y0) {
    PangoRectangle ink, line;
    pango_layout_get_extents(c->layout, &ink, &line);
    const float k = c->scale / PANGO_SCALE;
    if (ink.width <= 0 || ink.height <= 0) return true;
    if (!bk_grow(&s->boxes, cap, (size_t)s->n_boxes + 1, sizeof *s->boxes)) return false;
    const int more = (int)(bend_reach(bend) * (float)line.height);
    const int high = line.y + line.height / 4, deep = line.y + line.height * 3 / 4;
    const int top = (ink.y < high ? ink.y : high) - more;
    const int low = (ink.y + ink.height > deep ? ink.y + ink.height : deep) + more;
    s->boxes[s->n_boxes++] =
        (letters_box){ (int16_t)(x0 + (int)((float)ink.x * k)), (int16_t)(y0 + (int)((float)top * k)),
                       (int16_t)ceilf((float)ink.width * k), (int16_t)ceilf((float)(low - top) * k) };
    return true;
}

static int draw_block(letters_sprite *out, block *b, bk_error *err) {
    const letters_spec *spec = b->spec;
    const float behind = (spec->edge == EDGE_DEPTH ? 4.0f : 2.0f) * spec->edge_width;
    const int pad = 2 + (int)(b->em * (0.15f + behind + 1.4f * bend_reach(&spec->bend)));
    letters_sprite s = { 0 };
    /* Centred blocks keep their middle, so that the blocks of a roll line up. */
    if (spec->align == 1 || spec->columns) {
        const int half = b->right > -b->left ? b->right : -b->left;
        b->left = -half;
        b->right = half;
    }
    s.w = b->right - b->left + 2 * pad;
    s.h = b->bottom + 2 * pad;
    if (s.w > SPRITE_SIDE_MAX || s.h > SPRITE_SIDE_MAX)
        return bk_fail(err, BK_EINVAL, "letters: a block of %d x %d pixels, over %d", s.w, s.h, SPRITE_SIDE_MAX);
    size_t cap = 0;
    bool ok = (s.ink = draw_plane(b, s.w, s.h, pad, false)) != NULL;
    if (ok && spec->edge) ok = (s.edge = draw_plane(b, s.w, s.h, pad, true)) != NULL;
    for (size_t i = 0; ok && i < b->n; i++)
        ok = add_box(&s, &cap, &b->cells[i], &spec->bend, b->cells[i].x - b->left + pad, b->cells[i].y + pad);
    if (!ok) {
        letters_free(&s);
        return bk_fail_memory(err, "a block of letters");
    }
    *out = s;
    return BK_OK;
}

int letters_draw(letters_sprite *out, fonts *f, const letters_spec *spec, int picture_w, int picture_h,
                 bk_error *err) {
    block b = { .spec = spec, .em = spec->size * (float)picture_h, .width = (int)(spec->share * (float)picture_w) };
    if (b.em < 3) b.em = 3;
    b.text = spec->upper ? g_utf8_strup(spec->text, -1) : g_strdup(spec->text);
    pthread_mutex_lock(&f->lock);
    b.context = pango_font_map_create_context(f->map);
    cairo_font_options_t *how = cairo_font_options_create();
    cairo_font_options_set_antialias(how, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(how, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(how, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(b.context, how);
    cairo_font_options_destroy(how);
    const int code = add_all(&b) ? draw_block(out, &b, err) : bk_fail_memory(err, "a block of letters");
    for (size_t i = 0; i < b.n; i++) g_object_unref(b.cells[i].layout);
    free(b.cells);
    g_object_unref(b.context);
    g_free(b.text);
    pthread_mutex_unlock(&f->lock);
    return code;
}

void letters_free(letters_sprite *s) {
    free(s->ink);
    free(s->edge);
    free(s->boxes);
    memset(s, 0, sizeof *s);
}
