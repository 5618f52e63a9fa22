/* One end of the story on the page: what it was found by, the evidence in numbers, and the runner-up. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "out/film_chart.h"
#include "out/html.h"
#include "out/page.h"

static void add_clock(text *t, int64_t us) {
    char clock[TEXT_TIME_MAX];
    text_add(t, text_clock(clock, us));
}

static void add_length(text *t, int64_t us) {
    text_add_number(t, (double)us / 1e6, us < 9950000 ? 2 : us < 99500000 ? 1 : 0);
    text_add(t, "\u00a0s");
}

/* ---- evidence ---------------------------------------------------------------------------------------- */

/* The index of a noted frame in the film. */
static long long frame_of(const bk_explanation *e, int end, int note) {
    const bk_mark *m = page_mark(&e->answer, end);
    return (long long)(m->frame + (end ? 1 : 0) + note - e->end[end].mark_note);
}

static void open_item(text *t, const char *name, const char *class, const char *verdict) {
    text_addf(t, "<li><b>%s</b><span class=\"chip %s\">%s</span><span>", name, class, verdict);
}

/* The noted frame with titles that is nearest to the boundary; -1: there is none. */
static int nearest_titled(const bk_end_explanation *x) {
    int best = -1;
    for (int i = 0; i < x->n_notes; i++)
        if (x->notes[i].looked && x->notes[i].titled > 0.5f &&
            (best < 0 || abs(i - x->mark_note) < abs(best - x->mark_note)))
            best = i;
    return x->mark_note < 0 ? -1 : best;
}

static void add_letters(text *t, const bk_explanation *e, int end) {
    const bk_end_explanation *x = &e->end[end];
    bool seen = x->titles_note >= 0 && x->mark_note >= 0, decided = x->by == BK_BY_LETTERS;
    int near = seen ? x->titles_note : nearest_titled(x);
    open_item(t, "Titles",
              decided ? "good"
              : seen  ? "used"
                      : "off",
              decided     ? "decided"
              : seen      ? "counted"
              : near >= 0 ? "not used"
                          : "none");
    if (near >= 0) {
        text_addf(t, "%s on frame %lld, at ",
                  !seen ? "The nearest stand"
                  : end ? "They first stand"
                        : "They last stand",
                  frame_of(e, end, near));
        add_clock(t, x->notes[near].time_us);
        text_add(t, " (");
        page_percent(t, x->notes[near].titled);
        text_add(t, seen ? " by the classifier)." : " by the classifier), and did not decide the frame.");
    } else
        text_add(t, "The classifier saw no titles, logo or credits near the boundary.");
    text_add(t, "</span></li>\n");
}

/* How many black frames touch the boundary on the titles' side. */
static int black_run(const bk_end_explanation *x, int end) {
    int n = 0;
    for (int i = end ? x->mark_note : x->mark_note - 1; i >= 0 && i < x->n_notes && x->notes[i].black;
         i += end ? 1 : -1)
        n++;
    return n;
}

static void add_black(text *t, const bk_explanation *e, int end) {
    const bk_end_explanation *x = &e->end[end];
    int run = x->mark_note >= 0 ? black_run(x, end) : 0, any = 0;
    for (int i = 0; i < x->n_notes; i++) any += x->notes[i].black;
    bool decided = x->by == BK_BY_BLACK;
    open_item(t, "Black", decided ? "good" : "off", decided ? "decided" : any ? "not used" : "none");
    if (run) {
        int a = end ? x->mark_note : x->mark_note - run, b = end ? x->mark_note + run - 1 : x->mark_note - 1;
        text_addf(t, "%d black frames, %lld to %lld, lie %s the story.", run, frame_of(e, end, a),
                  frame_of(e, end, b), end ? "behind" : "before");
    } else if (any)
        text_addf(t, "%d of the %d frames around are black, none at the boundary.", any, x->n_notes);
    else
        text_addf(t, "None of the %d frames around is black.", x->n_notes);
    text_add(t, "</span></li>\n");
}

static void add_cut(text *t, const bk_explanation *e, int end) {
    const bk_end_explanation *x = &e->end[end];
    const bk_note *n = x->mark_note >= 0 ? &x->notes[x->mark_note] : NULL;
    bool decided = x->by == BK_BY_CUT, cut = n && n->change >= 0.07f;
    open_item(t, "Cut", decided ? "good" : cut ? "used" : "off", decided ? "decided" : cut ? "there" : "none");
    if (n) {
        text_add(t, "The picture changes by ");
        page_percent(t, n->change);
        text_add(t, " of full scale at the boundary; a hard cut changes 7\u00a0% or more.");
    } else
        text_add(t, "Not measured at the boundary.");
    text_add(t, "</span></li>\n");
}

/* Mean of the known probabilities in [from, to) seconds, and the sum of their evidence. */
static float mean_of(const bk_explanation *e, int64_t from_us, int64_t to_us, double *nats) {
    int from = (int)fmax(0, (double)from_us / 1e6), to = (int)fmin(e->len, (double)to_us / 1e6), n = 0;
    double sum = 0;
    *nats = 0;
    for (int s = from; s < to; s++) {
        if (isnan(e->probabilities[s])) continue;
        sum += (double)e->probabilities[s];
        n++;
        if (e->evidence) *nats += (double)e->evidence[s];
    }
    return n ? (float)(sum / n) : NAN;
}

static void add_mean(text *t, float mean) {
    if (isnan(mean))
        text_add(t, "unknown");
    else
        page_percent(t, mean);
}

static void add_signed(text *t, double x) {
    text_add(t, x < 0 ? "\u2212" : "+");
    text_add_number(t, fabs(x), 1);
}

static void add_probability(text *t, const bk_explanation *e, int end) {
    const bk_candidate *c = &e->end[end].best;
    int64_t lo = c->time_us < c->far_us ? c->time_us : c->far_us,
            hi = c->time_us < c->far_us ? c->far_us : c->time_us;
    int64_t story = end ? c->time_us - 30000000 : c->time_us + 30000000;
    double unused;
    open_item(t, "Probability", "used", "counted");
    if (c->nothing)
        text_add(t, "No block of seconds at this end is likely enough to be skipped. ");
    else {
        text_addf(t, "Mean of the %s, ", end ? "credits" : "opening");
        add_length(t, hi - lo);
        text_add(t, ": ");
        add_mean(t, mean_of(e, lo, hi, &unused));
        text_add(t, ", evidence ");
        add_signed(t, c->nats);
        text_add(t, ". ");
    }
    text_addf(t, "Mean of the story\u2019s %s 30 s: ", end ? "last" : "first");
    add_mean(t, end ? mean_of(e, story, c->time_us, &unused) : mean_of(e, c->time_us, story, &unused));
    text_add(t, ".</span></li>\n");
}

static void add_place(text *t, const bk_explanation *e, int end) {
    open_item(t, "Place", "used", "counted");
    text_addf(t, end ? "Credits are looked for from " : "An opening is looked for until ");
    add_clock(t, e->limit_us[end]);
    text_addf(t, "; shorter %s are likelier, and so are those that %s.", end ? "credits" : "openings",
              end ? "end with the film" : "begin with it");
    text_add(t, "</span></li>\n");
}

static void add_evidence(text *t, const bk_explanation *e, int end) {
    const bk_end_explanation *x = &e->end[end];
    if (!x->decided && !x->refined) return;
    text_add(t, "<ul class=\"why\" aria-label=\"What counted\">\n");
    if (x->refined) {
        add_letters(t, e, end);
        add_black(t, e, end);
        add_cut(t, e, end);
    }
    if (x->decided) {
        add_probability(t, e, end);
        add_place(t, e, end);
    }
    text_add(t, "</ul>\n");
}

/* ---- in words ---------------------------------------------------------------------------------------- */

static const char *how_found(const bk_end_explanation *x, int end) {
    bool titles = x->titles_note >= 0;
    switch (x->by) {
    case BK_BY_CUT:
        if (titles)
            return end ? "The story ends at the cut before the titles."
                       : "The story begins at the cut after the titles.";
        return "No titles stand near it: it is the strongest cut near the second that the probabilities gave.";
    case BK_BY_BLACK:
        if (titles)
            return end ? "The picture goes black, and the titles follow."
                       : "The titles are over, and the story comes out of the black.";
        return end ? "The story ends where the picture goes black."
                   : "The story begins where the picture comes out of the black.";
    case BK_BY_LETTERS:
        return end ? "Credits appear while the picture goes on: the last frame without them."
                   : "The titles vanish while the picture goes on: the first frame without them.";
    default:
        return x->refined ? "No titles, cut or black near it: it is right to the second at best."
                          : "It was found to the second, and not looked at frame by frame.";
    }
}

/* Where the block that is skipped has story on its other side too. */
static void add_far_end(text *t, const bk_explanation *e, int end) {
    const bk_answer *a = &e->answer;
    for (int i = 0; i < a->n_segments; i++) {
        const bk_segment *s = &a->segments[i];
        if (end == 0 && i == 0 && s->kind == BK_MAIN && s->end_us < a->start_main.time_us) {
            text_add(t, " Story comes before the opening as well, until ");
            add_clock(t, s->end_us);
            text_add(t, ".");
        }
        if (end == 1 && s->kind == BK_POST_CREDITS) {
            text_add(t, " More story follows the credits, from ");
            add_clock(t, s->begin_us);
            text_add(t, ".");
        }
    }
}

static void add_summary(text *t, const bk_explanation *e, int end) {
    const bk_mark *m = page_mark(&e->answer, end);
    const bk_end_explanation *x = &e->end[end];
    text_addf(t, "<h2 id=\"%s-title\">The story %s ", end ? "end" : "begin", end ? "ends" : "begins");
    if (m->found == BK_UNSURE)
        text_add(t, "\u2026 not sure where");
    else {
        text_add(t, m->found == BK_FOUND ? "at " : "");
        page_where(t, &e->answer, end);
    }
    text_add(t, " ");
    page_sure(t, m);
    text_add(t, "</h2>\n<p>");
    if (m->found == BK_FOUND) {
        text_add(t, how_found(x, end));
        add_far_end(t, e, end);
    } else if (m->found == BK_NONE)
        text_add(t, end ? "Nothing to skip: no credits were found." : "Nothing to skip: no opening was found.");
    else if (x->decided) {
        text_add(t, "Two places are too close to call, and nothing is skipped. The first choice is ");
        if (x->best.nothing)
            text_add(t, "that there is nothing to skip");
        else
            add_clock(t, x->best.time_us);
        text_add(t, ", with ");
        page_percent(t, x->best.mass);
        text_add(t, " of the posterior; its frames:");
    } else
        html_add(t, e->answer.reason);
    text_add(t, "</p>\n");
}

/* ---- the runner-up ----------------------------------------------------------------------------------- */

static void add_why_lost(text *t, const bk_explanation *e, int end) {
    const bk_candidate *best = &e->end[end].best, *rival = &e->end[end].rival;
    int64_t lo = best->time_us < rival->time_us ? best->time_us : rival->time_us;
    int64_t hi = best->time_us < rival->time_us ? rival->time_us : best->time_us;
    bool would_skip = end ? rival->time_us < best->time_us : rival->time_us > best->time_us;
    double nats;
    float mean = mean_of(e, lo, hi, &nats);
    double against = would_skip ? -nats : nats; /* what the seconds between say against the runner-up */
    text_add(t, "<p>If it were right, the ");
    add_length(t, hi - lo);
    text_addf(t, " between the two would be %s. ", would_skip ? (end ? "credits" : "opening") : "story");
    text_add(t, "Their mean probability is ");
    add_mean(t, mean);
    text_addf(t, ", which speaks %s it with ", against >= 0 ? "against" : "for");
    text_add_number(t, fabs(against), 1);
    text_addf(t, " nats of evidence%s.</p>\n",
              against >= 0 ? "" : "; length, place and the spread of its neighbours weigh more");
}

static void add_place_of(text *t, const bk_candidate *c) {
    if (c->nothing)
        text_add(t, "nothing to skip");
    else
        add_clock(t, c->time_us);
}

/* Masses are of windows: two that overlap may add up to more than everything. */
static void add_masses(text *t, const bk_end_explanation *x) {
    int64_t apart = llabs(x->rival.time_us - x->best.time_us);
    text_add(t, "<p>To the second, before the exact frame is sought: the first choice is ");
    add_place_of(t, &x->best);
    text_add(t, " with ");
    page_percent(t, x->best.mass);
    text_add(t, " of the posterior, the second ");
    add_place_of(t, &x->rival);
    text_add(t, " with ");
    page_percent(t, x->rival.mass);
    text_add(t, !x->best.nothing && !x->rival.nothing && apart <= 4000000
                    ? " (each within 2 s, so that they share some).</p>\n"
                    : ".</p>\n");
}

static void add_rival(text *t, const bk_explanation *e, int end) {
    const bk_end_explanation *x = &e->end[end];
    if (!x->decided || !(x->rival.mass > 0)) return;
    text_add(t, "<div class=\"rival\">\n<h3>Second choice: ");
    if (x->rival.nothing)
        text_add(t, "nothing to skip at this end");
    else {
        text_addf(t, "the story %s at ", end ? "ends" : "begins");
        add_clock(t, x->rival.time_us);
    }
    text_add(t, "</h3>\n");
    add_masses(t, x);
    add_why_lost(t, e, end);
    page_frames(t, e, end, true);
    text_add(t, "</div>\n");
}

/* ---- charts ------------------------------------------------------------------------------------------ */

static void add_figure(text *t, const bk_explanation *e, int end, bool frames) {
    plot p = { .w = 460, .h = 240 };
    text_add(t, "<figure>\n");
    if (frames)
        film_chart_frames(&p, e, end);
    else
        film_chart_seconds(&p, e, end);
    page_chart(t, &p,
               frames ? "Every frame round the boundary: brightness, change to the frame before, titles"
                      : "Probabilities round the boundary, second by second, and the posterior of the boundary",
               "");
    plot_close(&p);
    text_addf(t, "<figcaption>%s</figcaption>\n</figure>\n",
              frames
                  ? "Every frame that was looked at for the exact one: how light it is, how much it differs from the "
                    "one before, and how surely "
                    "titles stand on it."
                  : "A minute and a half, second by second: the probability, and how likely the boundary is there.");
}

void page_end(text *t, const bk_explanation *e, int end) {
    const bk_end_explanation *x = &e->end[end];
    text_addf(t, "<section class=\"card\" id=\"%s\" aria-labelledby=\"%s-title\">\n", end ? "end" : "begin",
              end ? "end" : "begin");
    add_summary(t, e, end);
    page_frames(t, e, end, false);
    add_evidence(t, e, end);
    if (e->probabilities) {
        text_add(t, "<div class=\"charts\">\n");
        add_figure(t, e, end, false);
        if (x->n_notes > 1) add_figure(t, e, end, true);
        text_add(t, "</div>\n");
    }
    add_rival(t, e, end);
    text_add(t, "</section>\n");
}
