/* media/chapter_list: a film's chapters joined with those found. */
#include <string.h>

#include "media/chapters.h"
#include "tap.h"

/* "0 Intro! 22.5 Main 490 Credits! 600": begins and names, ! for what is to be skipped, and the last end. */
static chapter_list parse(const char *s, bool own) {
    chapter_list l = { 0 };
    char text[400];
    snprintf(text, sizeof text, "%s", s);
    for (char *p = strtok(text, " "); p;) {
        chapter c = { .begin_us = (int64_t)(atof(p) * 1e6), .source = own ? (int)l.n : -1, .whole = own };
        char *name = strtok(NULL, " ");
        if (l.n) l.at[l.n - 1].end_us = c.begin_us;
        if (!name) break;
        size_t n = strlen(name);
        if (name[n - 1] == '!') {
            c.skip = true;
            name[n - 1] = 0;
        }
        c.name = strcmp(name, "-") ? name : "";
        chapters_add(&l, c, NULL);
        p = strtok(NULL, " ");
    }
    return l;
}

static void print(char *to, size_t cap, const chapter_list *l) {
    *to = 0;
    for (size_t i = 0; i < l->n; i++) {
        size_t k = strlen(to);
        snprintf(to + k, cap - k, "%g %s ", (double)l->at[i].begin_us / 1e6, *l->at[i].name ? l->at[i].name : "-");
    }
    size_t k = strlen(to);
    if (l->n) snprintf(to + k, cap - k, "%g", (double)l->at[l->n - 1].end_us / 1e6);
}

static bool in_order(const chapter_list *l) {
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].end_us < l->at[i].begin_us || (i && l->at[i].begin_us < l->at[i - 1].end_us)) return false;
    return true;
}

int main(void) {
    static const struct {
        const char *what, *own, *found, *joined;
    } cases[] = {
        { "none of its own", "", "0 Intro! 22.5 Main 490 Credits! 600", "0 Intro 22.5 Main 490 Credits 600" },
        { "parts", "0 One 100 Two 300 Three 600", "0 Intro! 22.5 Main 490 Credits! 600",
          "0 Intro 22.5 One 100 Two 300 Three 490 Credits 600" },
        { "edges that are there", "0 One 23 Two 489.5 Three 600", "0 Intro! 22.5 Main 490 Credits! 600",
          "0 One 23 Two 489.5 Three 600" },
        { "a skip of its own is left", "0 Opening! 30 Two 480 Ending! 600", "0 Intro! 22.5 Main 490 Credits! 600",
          "0 Opening 30 Two 480 Ending 600" },
        { "nothing to skip", "0 One 100 Two 600", "0 Main 600", "0 One 100 Two 600" },
        { "a recap inside", "0 One 600", "0 Main 50 Recap! 80 Main 600", "0 One 50 Recap 80 One 600" },
        { "a name is never lost", "0 One 20 Two 600", "0 Logo! 5 Intro! 22.5 Main 600",
          "0 One 20 Intro 22.5 Two 600" },
        { "without names", "0 - 300 - 600", "0 Intro! 22.5 Main 600", "0 Intro 22.5 - 300 - 600" },
        { "begins late", "100 One 600", "0 Intro! 22.5 Main 490 Credits! 600",
          "0 Intro 22.5 Main 100 One 490 Credits 600" },
        { "ends early", "0 One 300", "0 Intro! 22.5 Main 490 Credits! 600",
          "0 Intro 22.5 One 300 Main 490 Credits 600" },
        { "nothing found", "0 One 300", "", "0 One 300" },
        { "nothing at all", "", "", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        chapter_list own = parse(cases[i].own, true), found = parse(cases[i].found, false), joined = { 0 },
                     again = { 0 };
        char is[400], twice[400];
        int code = chapters_join(&joined, &own, &found, NULL);
        print(is, sizeof is, &joined);
        tap_ok(code == BK_OK && !strcmp(is, cases[i].joined) && in_order(&joined), "%s: %s", cases[i].what, is);
        print(twice, sizeof twice, &own);
        bool changed = strcmp(twice, cases[i].joined) != 0;
        tap_ok(chapters_changed(&joined, &own) == changed, "%s: %s", cases[i].what,
               changed ? "changed" : "as it was");
        for (size_t k = 0; k < joined.n; k++) {
            joined.at[k].source = (int)k;
            joined.at[k].whole = true;
        }
        chapters_join(&again, &joined, &found, NULL);
        print(twice, sizeof twice, &again);
        tap_ok(!strcmp(is, twice) && !chapters_changed(&again, &joined), "%s: joined twice is joined once: %s",
               cases[i].what, twice);
        chapters_close(&own);
        chapters_close(&found);
        chapters_close(&joined);
        chapters_close(&again);
    }
    return tap_done();
}
