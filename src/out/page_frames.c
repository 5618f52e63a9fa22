/* The frames round a boundary on the page: what is skipped on one side, the story on the other, and the two frames
 * that meet at the boundary large. */
#include <math.h>
#include <stdlib.h>

#include "out/html.h"
#include "out/page.h"

static const char *const class_names[BK_CLASSES] = {
    [BK_CLASS_STORY] = "story",      [BK_CLASS_BLACK] = "black",     [BK_CLASS_LOGO] = "logo",
    [BK_CLASS_TITLE] = "title card", [BK_CLASS_CREDITS] = "credits", [BK_CLASS_CAPTIONED] = "captioned",
};

/* "5 s before", "first frame of the story". */
static void add_name(text *t, const bk_picture *p, int end) {
    if (p->step == 0)
        text_add(t, end ? "Last frame of the story" : "First frame of the story");
    else if (p->step == (end ? 1 : -1))
        text_add(t, end ? "First frame after it" : "Last frame before it");
    else if (p->step == 1 || p->step == -1)
        text_addf(t, "1 frame %s", p->step > 0 ? "after" : "before");
    else {
        text_addf(t, "%.0f s %s", fabs((double)p->offset_us) / 1e6, p->offset_us > 0 ? "after" : "before");
    }
}

static bool is_edge(const bk_picture *p, int end) {
    return p->step == 0 || p->step == (end ? 1 : -1);
}

/* What the classifier saw on the frame, or on one a moment away on the same side. */
static const bk_note *note_near(const bk_end_explanation *x, const bk_picture *p) {
    const bk_note *best = NULL;
    for (int i = 0; i < x->n_notes; i++) {
        const bk_note *n = &x->notes[i];
        bool same_side = x->mark_note < 0 || (i >= x->mark_note) == (p->time_us >= x->notes[x->mark_note].time_us);
        int64_t away = llabs(n->time_us - p->time_us);
        if (n->looked && same_side && away <= 100000 && (!best || away < llabs(best->time_us - p->time_us))) best = n;
    }
    return best;
}

/* How surely titles stand on it; large pictures have room for what the classifier takes it for. */
static void add_classes(text *t, const bk_end_explanation *x, const bk_picture *p, bool all) {
    const bk_note *n = note_near(x, p);
    if (!n) return;
    text_add(t, "<br>titles ");
    page_percent(t, n->titled);
    for (int k = 0; all && k < BK_CLASSES; k++) {
        if (n->classes[k] < 0.05f) continue;
        text_addf(t, ", %s ", class_names[k]);
        page_percent(t, n->classes[k]);
    }
}

static void add_shot(text *t, const bk_end_explanation *x, const bk_picture *p, int end) {
    bool edge = is_edge(p, end);
    char clock[TEXT_TIME_MAX];
    text_addf(t, "<li class=\"shot%s\"><button type=\"button\"><img width=\"%d\" height=\"%d\" alt=\"",
              edge ? " edge" : "", p->width, p->height);
    add_name(t, p, end);
    text_addf(t, ": frame %lld at %s\" src=\"", (long long)p->frame, text_clock(clock, p->time_us));
    html_add_data(t, "image/jpeg", p->jpeg, p->size);
    text_add(t, "\"></button><b>");
    add_name(t, p, end);
    text_addf(t, "</b><span class=\"num\">%s<br>frame %lld", clock, (long long)p->frame);
    if (!p->rival) add_classes(t, x, p, edge);
    text_add(t, "</span></li>\n");
}

/* The side of the story, or the other one; what to say when no frame lies there. */
typedef struct side {
    bool rival, story;
    const char *place; /* its class: how its frames are laid out */
    const char *name, *none;
} side;

static void add_side(text *t, const bk_end_explanation *x, int end, const side *s) {
    int count = 0;
    text_addf(t, "<div class=\"side %s %s\">\n<h3>%s</h3>\n", s->story ? "story" : "skip", s->place, s->name);
    for (int i = 0; i < x->n_pictures; i++) {
        const bk_picture *p = &x->pictures[i];
        if ((bool)p->rival != s->rival || (bool)p->story != s->story) continue;
        if (count++ == 0) text_add(t, "<ol class=\"shots\">\n");
        add_shot(t, x, p, end);
    }
    if (count)
        text_add(t, "</ol>\n");
    else
        text_addf(t, "<p class=\"none\">%s</p>\n", s->none);
    text_add(t, "</div>\n");
}

static const char *name_of(int end, bool story, bool sure) {
    if (story) return sure ? "Story, kept" : "Would be story";
    if (sure) return end ? "Credits, skipped" : "Opening, skipped";
    return end ? "Would be credits" : "Would be opening";
}

void page_frames(text *t, const bk_explanation *e, int end, bool rival) {
    static const char *const places[2][2] = { { "left", "right" }, { "few left", "few right" } };
    const bk_end_explanation *x = &e->end[end];
    const bk_found found = page_mark(&e->answer, end)->found;
    bool sure = !rival && found != BK_UNSURE, whole = !rival && found == BK_NONE;
    const char *what = end ? "the end of the story" : "the beginning of the story";
    int count = 0;
    for (int i = 0; i < x->n_pictures; i++) count += (bool)x->pictures[i].rival == rival;
    if (!count) return;
    text_addf(t,
              "<div class=\"sides%s\" role=\"group\" aria-label=\"Frames round %s; arrow keys move along them\">\n",
              whole ? " whole" : "", rival ? "the second choice" : what);
    for (int k = 0; k < 2; k++) {
        bool story = (end == 0) == (k == 1);
        const side s = { .rival = rival,
                         .story = story,
                         .place = !whole ? places[rival][k]
                                  : end  ? "all last"
                                         : "all",
                         .name = name_of(end, story, sure),
                         .none = end ? "The film ends here." : "The film begins here." };
        if (story || !whole) add_side(t, x, end, &s);
    }
    text_add(t, "</div>\n");
}
