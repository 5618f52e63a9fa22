/* What the parts of the planner share: growing the plan, the episode's style, letters and pictures by the
 * kind. A build that ran out of memory goes on without effect and says so at its end. */
#ifndef BK_LEARN_SYNTH_BUILD_H
#define BK_LEARN_SYNTH_BUILD_H

#include "learn/letters_words.h"
#include "learn/synth_episode.h"
#include "learn/synth_material.h"

/* A place that shots come back to. */
typedef struct place {
    bed bed;
    int item;
    uint64_t seed;
    bool mirror, letters;
    float light;
    detail detail;
    float texture;
} place;

enum { PLACES_MAX = 96 };

/* How letters look all through an episode. */
typedef struct style {
    script script;
    char title_family[96], body_family[96], sub_family[96];
    bool title_bold, title_upper, body_bold, body_italic, body_upper, name_upper;
    float title_spacing, body_spacing;
    uint8_t title_rgb[2][3], body_rgb[3], sub_rgb[3];
    letters_edge title_edge, body_edge, sub_edge;
    float edge_width;
    bool sub_box;
    float fade_s; /* of letters */
    int side;     /* where small credits stand: 0 left, 1 middle, 2 right */
} style;

typedef struct build {
    synth_episode *e;
    const synth *s;
    rng r;
    words words;
    style style;
    place places[PLACES_MAX];
    int n_places;
    double fps;
    int64_t story_from; /* where the story's own shots begin: scenes of a recap come from the same places */
    bool faded;         /* the story ends in a fade */
    bool failed;        /* out of memory */
    shot lost_shot;     /* where writes go after that */
    over lost_over;
} build;

float build_range(build *b, float lo, float hi);
bool build_chance(build *b, float p);
int build_below(build *b, int n);
/* Frames of s seconds, at least 1. */
int64_t build_frames(const build *b, double s);
/* Frames of a random time. */
int64_t build_span(build *b, float lo_s, float hi_s);

void build_style(build *b);
void build_places(build *b, int n);

shot *build_shot(build *b, int64_t from);
/* A plain ground. */
shot *build_ground(build *b, int64_t from, const uint8_t rgb[3]);
shot *build_black(build *b, int64_t from);
/* A shot of a place, framed and moved at random. */
shot *build_place_shot(build *b, int64_t from, int64_t until, int which);
/* A picture to stand behind letters: art, a photograph or a clip, darkened or blurred or as it is. */
shot *build_backdrop(build *b, int64_t from, int64_t until, bool moving);
void build_fade(build *b, int64_t from, int64_t to, float a, float c, bool letters);
void build_segment(build *b, synth_part part, int64_t from, int64_t to);

/* A block of letters of the body or the title family; text is copied. */
letters_spec build_spec(build *b, bool title, float size);
int build_letters(build *b, const letters_spec *spec, const char *text);
/* Lays letters over [from, to) in the style's body (or title) colour; anchor in the middle. */
over *build_over(build *b, int letters, synth_text text, int64_t from, int64_t to, float x, float y, bool title);
over *build_box(build *b, int64_t from, int64_t to, rect where, const uint8_t rgb[3], float opacity);
/* A size in em at which the longest line of text is not wider than `share` of the picture. */
float build_fit(const build *b, const char *text, float size, float share);
/* Height of a block in picture heights, when its spec has a pitch. */
float build_height(const letters_spec *spec, const char *text);

/* ---- parts; each fills [from, to) or says where it ends ---- */

/* synth_story.c */
typedef struct story_options {
    bool letters; /* with the hard cases: captions, cards, signs */
    bool brisk;   /* short shots, as in a recap or montage */
} story_options;
void story_fill(build *b, int64_t from, int64_t to, const story_options *opt);
/* Subtitles for the parts [from, to) of the plan. */
void story_subtitles(build *b, int64_t from, int64_t to);
/* A card of text within the story, mostly on black; the last words of one, when it is an epilogue. */
void story_card(build *b, int64_t from, int64_t to, bool epilogue);

/* synth_opening.c: returns where the opening ends; sets the mark and the segments before it. */
int64_t opening_plan(build *b, synth_opening kind, int64_t limit);

/* synth_credits.c: fills [from, to), from being the mark. `landing` is where the last shot of the story began. */
void credits_plan(build *b, synth_credits kind, int64_t from, int64_t to);
/* How long credits of a kind last when `limit` frames are to be had. */
int64_t credits_length(build *b, synth_credits kind, int64_t limit);

#endif
