/* find/refine: notes of frames to the exact one. Strips are drawn as strings, a letter a frame:
 *   s story   S story after a cut   t titles   T titles after a cut   b black   f a fade, half dark
 * The head, which saw it all, believes in the coarse mark. */
#include <string.h>

#include "find/refine.h"
#include "tap.h"

enum { FRAME_US = 41667 };

static int strip(frame_note *f, const char *frames) {
    int n = (int)strlen(frames);
    for (int i = 0; i < n; i++) {
        char c = frames[i];
        bool dark = c == 'b', titles = c == 't' || c == 'T';
        f[i] = (frame_note){ .time_us = (int64_t)i * FRAME_US, .mean = dark ? 0.06f : c == 'f' ? 0.2f : 0.4f,
                             .top = dark ? 0.07f : 0.9f, .change = c == 'S' || c == 'T' ? 0.3f : 0.01f,
                             .looked = true, .titled = titles ? 0.9f : 0.1f, .outside = 0.5f };
    }
    return n;
}

/* Repeats each letter k times, upper case only once and then lower. */
static const char *times(char *out, const char *frames, int k) {
    char *o = out;
    for (; *frames; frames++)
        for (int i = 0; i < k; i++) *o++ = i && *frames < 'a' ? (char)(*frames + 32) : *frames;
    *o = 0;
    return out;
}

int main(void) {
    static const struct {
        const char *name, *frames; /* each letter stands for 10 frames */
        int side, coarse, expected;
        refine_by by;
    } cases[] = {
        { "titles, then a cut", "ttttSsss", 1, 42, 40, REFINE_CUT },
        { "titles over the scene that goes on", "ttttssss", 1, 45, 40, REFINE_LETTERS },
        { "titles, black, story", "tttbbsss", 1, 52, 50, REFINE_BLACK },
        { "titles fade out, then a cut", "tttfSsss", 1, 35, 40, REFINE_CUT },
        { "story, black, credits", "sssbbttt", -1, 50, 30, REFINE_BLACK },
        { "a fade to black belongs to the story", "ssffbbtt", -1, 60, 40, REFINE_BLACK },
        { "story, cut to the credits", "ssssTttt", -1, 41, 40, REFINE_CUT },
        { "credits over the last shot", "sssssttt", -1, 48, 50, REFINE_LETTERS },
        { "a cut to art, letters a little later", "ssssSstt", -1, 60, 40, REFINE_CUT },
        { "a caption long before is not the edge", "tsssssssssssttttt", -1, 118, 120, REFINE_LETTERS },
        { "no titles: the cut near the mark", "sssSssss", 1, 33, 30, REFINE_CUT },
        { "no titles: out of black", "bbbsssss", 1, 25, 30, REFINE_BLACK },
        { "nothing to go by", "ssssssss", 1, 44, 44, REFINE_COARSE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        frame_note f[400];
        char frames[400];
        int n = strip(f, times(frames, cases[i].frames, 10));
        int64_t coarse = (int64_t)cases[i].coarse * FRAME_US;
        for (int k = 0; k < n; k++) f[k].outside = (k < cases[i].coarse) == (cases[i].side > 0) ? 0.8f : 0.2f;
        refine_result r = cases[i].side > 0 ? refine_opening(f, n, coarse) : refine_credits(f, n, coarse);
        bool titles = strpbrk(cases[i].frames, "tT") != NULL;
        tap_ok((r.titles >= 0) == titles && (!titles || f[r.titles].titled > 0.5f), "%s: titles at %d",
               cases[i].name, r.titles);
        tap_ok(r.frame == cases[i].expected && r.by == cases[i].by, "%s: frame %d by %d, expected %d by %d", cases[i].name,
               r.frame, (int)r.by, cases[i].expected, (int)cases[i].by);
    }
    uint8_t luma[NOTE_THUMB_W * NOTE_THUMB_H], before[NOTE_THUMB_W * NOTE_THUMB_H];
    memset(luma, 17, sizeof luma);
    memset(before, 217, sizeof before);
    frame_note dark = refine_note(0, luma, before), lit = refine_note(0, before, NULL);
    tap_ok(refine_is_black(&dark) && !refine_is_black(&lit), "black in limited range is black");
    tap_near((double)dark.change, 200.0 / 255.0, 1e-6, "change is the mean difference");
    luma[5] = 255; /* one bright pixel of a small letter or a star */
    frame_note star = refine_note(0, luma, NULL);
    tap_ok(refine_is_black(&star), "a speck in black leaves it black");
    return tap_done();
}
