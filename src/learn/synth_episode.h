/* The plan of an episode, as synth_plan.c and its helpers write it and synth_render.c reads it. */
#ifndef BK_LEARN_SYNTH_EPISODE_H
#define BK_LEARN_SYNTH_EPISODE_H

#include <pthread.h>

#include "learn/letters.h"
#include "learn/synth.h"
#include "learn/synth_pixels.h"

typedef enum bed { BED_COLOUR, BED_GRADIENT, BED_ITEM, BED_SCENE } bed;
typedef enum detail { DETAIL_NONE, DETAIL_SHARP, DETAIL_SHOCK } detail;

/* Where the camera looks: (x, y) in [-1, 1] of the slack that the zoom leaves. */
typedef struct framing {
    float x, y, zoom;
} framing;

/* What fills the picture from `from` to the next shot, and under its dissolve. */
typedef struct shot {
    int64_t from;
    int mix; /* frames of dissolve from the shot before */
    bed bed;
    int item;      /* BED_ITEM */
    uint64_t seed; /* BED_SCENE, and of the shake */
    uint8_t colour[2][3];
    bool round, mirror, blend, graded;
    framing begin, end;
    int64_t move_frames;   /* from begin to end */
    float shake;           /* of a hand-held camera, in picture heights */
    double clip_at, speed; /* seconds into the clip at `from`; its pace */
    float light;           /* 1 leaves it alone */
    float blur;            /* radius in picture heights */
    detail detail;
    float texture;
    rect view; /* part of the picture, in fractions; w = 0: all, on colour[0] otherwise */
} shot;

/* A change of light over [from, to): the picture times a to b, the rest of the colour given. */
typedef struct fade {
    int64_t from, to;
    float a, b;
    uint8_t rgb[3];
    bool letters; /* drawn letters fade with the picture */
} fade;

/* Small watermarks are neither letters to find nor picture without letters. */
typedef enum marked { MARK_LETTERS, MARK_UNKNOWN } marked;

typedef enum over_kind { OVER_LETTERS, OVER_BOX, OVER_LOGO } over_kind;

/* Something laid over the picture for [from, to). */
typedef struct over {
    over_kind kind;
    int64_t from, to;
    int fade_in, fade_out;    /* frames */
    int spec;                 /* OVER_LETTERS */
    synth_text text;          /* OVER_LETTERS: what they say */
    uint64_t seed;            /* OVER_LOGO */
    float x, y;               /* in fractions of the picture, of the anchor at `from` */
    float anchor_x, anchor_y; /* 0 left or top, 0.5 middle, 1 right or bottom of what is laid over */
    float vy;                 /* picture heights a second */
    float w, h;               /* OVER_BOX in fractions; OVER_LOGO: h in heights */
    float zoom0, zoom1;       /* of letters, at from and to */
    int reveal;               /* frames in which letters are uncovered from the left; 0: at once */
    int build;                /* OVER_LOGO: frames in which it comes together */
    ink ink, edge;
    marked mark; /* what the letter mask says where it stands */
} over;

typedef struct look {
    grade grade;
    float bars; /* shape that stays visible, 0: no bars */
    float grain;
    bool coarse;
    int blur;
    float sharpen, blocks, vignette;
} look;

typedef struct sprite_slot {
    letters_sprite sprite;
    bool drawn;
    int pins;
    uint64_t used;
} sprite_slot;

struct synth_episode {
    const synth *s;
    uint64_t seed;
    synth_facts facts;
    look look;
    shot *shots;
    size_t n_shots, shots_cap;
    fade *fades;
    size_t n_fades, fades_cap;
    over *overs;
    size_t n_overs, overs_cap;
    letters_spec *specs; /* text and family are owned */
    size_t n_specs, specs_cap;
    synth_segment *segments;
    size_t n_segments, segments_cap;
    /* What the lock guards: sprites [n_specs], drawn when first seen. */
    pthread_mutex_t lock;
    sprite_slot *sprites;
    size_t sprite_bytes;
    uint64_t clock;
};

#endif
