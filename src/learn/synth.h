/* The generator of labelled episodes: films with an opening, a story and end credits, put together from
 * clips and photographs found in folders, from procedural scenes, and from drawn letters.
 *
 *     synth (material) --> synth_episode (a seeded plan) --> any frame of it, with its label and letter mask
 *
 * Every frame is drawn from the plan alone: any order, any thread, the same bytes. Opened once, a synth
 * may be used by several threads at a time, and so may an episode. */
#ifndef BK_LEARN_SYNTH_H
#define BK_LEARN_SYNTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bookend/bookend.h"

/* ---- material --------------------------------------------------------------------------------------- */

typedef struct synth synth;

typedef enum synth_split { SYNTH_ALL, SYNTH_TRAIN, SYNTH_HELD_OUT } synth_split;

enum { SYNTH_FOLDERS_MAX = 8 };

typedef struct synth_options {
    /* Folders searched for *.mp4, *.jpg, *.png, and *.zip of pictures. A clips.csv, photos_index.csv or
     * titles.csv beside them tells categories, flags and sources. None: procedural scenes only. */
    const char *material[SYNTH_FOLDERS_MAX];
    int n_material;
    synth_split split;  /* by hash of each item's source, each font family and each word */
    size_t cache_bytes; /* decoded material kept; 0: 1 GiB */
} synth_options;

/* BK_EIO (a folder cannot be read, no fonts), BK_EFORMAT, BK_ENOMEM. */
int synth_open(synth **out, const synth_options *opt, bk_error *err);
void synth_close(synth **s);

typedef struct synth_counts {
    int clips, photos, walls, texts, titles, font_families;
} synth_counts;
/* What is used of the material, after the split. */
synth_counts synth_count(const synth *s);
/* True when the split of s uses the item that has this name ("c00000.mp4", "p000000.jpg"). */
bool synth_uses(const synth *s, const char *file);

/* ---- episodes --------------------------------------------------------------------------------------- */

typedef enum synth_opening {
    OPENING_RANDOM,
    OPENING_NONE,
    OPENING_LOGO,         /* one or more company logos */
    OPENING_TITLE_CARD,   /* a title on black, colour, art or a picture */
    OPENING_OVER_FOOTAGE, /* credits fading in and out over moving pictures, then the title */
    OPENING_COLD,         /* story, then the titles */
    OPENING_SHORT,        /* a title of under 5 s */
    OPENING_RECAP,        /* "previously", then the titles */
    OPENING_OVER_SCENE,   /* the title stands over the first scene, which goes on */
    OPENING_MONTAGE,      /* 30 to 90 s of shots, with and without letters */
    OPENING_COUNT
} synth_opening;

typedef enum synth_credits {
    CREDITS_RANDOM,
    CREDITS_NONE,
    CREDITS_CARDS_BLACK,
    CREDITS_ROLL_BLACK,
    CREDITS_CARDS_ART, /* over a still, a painting, or blurred footage */
    CREDITS_ROLL_ART,
    CREDITS_OVER_FOOTAGE, /* shots of the story go on beneath */
    CREDITS_SPLIT,        /* footage made small beside the roll */
    CREDITS_PAPER,        /* dark letters on a light or coloured ground */
    CREDITS_MID_SCENE,    /* a scene between two parts of the credits */
    CREDITS_POST_SCENE,   /* a scene after them */
    CREDITS_COUNT
} synth_credits;

/* Stable names, as "title_card"; NULL outside the range. */
const char *synth_opening_name(synth_opening o);
const char *synth_credits_name(synth_credits c);

typedef enum synth_part {
    PART_BLACK,
    PART_LOGO,
    PART_RECAP,
    PART_COLD_OPEN, /* story before the titles */
    PART_TITLES,
    PART_STORY,
    PART_CREDITS,
    PART_EXTRA_SCENE, /* within or after the credits */
    PART_COUNT
} synth_part;
const char *synth_part_name(synth_part p);

typedef struct synth_segment {
    synth_part part;
    int64_t from, to; /* frames, to is exclusive; segments follow one another without gaps */
} synth_segment;

/* Where a mark stands, in frames, and which other answers are as good. */
enum { SYNTH_BANDS_MAX = 4 };
typedef struct synth_mark {
    int64_t frame; /* start: first frame of the story. end: first frame after it */
    int n_bands;
    struct {
        int64_t from, to; /* both inclusive; the first band holds `frame` */
    } bands[SYNTH_BANDS_MAX];
} synth_mark;

typedef struct synth_plan_options {
    double min_s, max_s; /* length of the whole; 0: 240 to 1500 */
    synth_opening opening;
    synth_credits credits;
    int width, height;    /* shape of the picture, and its size when exact; 0: random */
    bool exact;           /* compose at width x height; else at a random working size */
    int fps_num, fps_den; /* 0: random among 24, 25, 30, 23.976, 29.97 */
    bool clean;           /* no grain, blur or codec damage */
    float last_words;     /* how often a story ends in words on a card; 0: as often as they are seen, 0.08 */
} synth_plan_options;

typedef struct synth_episode synth_episode;

typedef struct synth_facts {
    int width, height; /* working size: everything is composed at it, then scaled to what is asked for */
    int fps_num, fps_den;
    int64_t n_frames, duration_us;
    synth_mark start, end;
    int64_t last_words; /* frame from which the story is a card of text to its end; end.frame: it has none */
    synth_opening opening;
    synth_credits credits;
    const synth_segment *segments; /* lives as long as the episode */
    int n_segments;
} synth_facts;

/* Plans the episode of a seed; fast, draws nothing. s must outlive it. BK_EINVAL, BK_ENOMEM. */
int synth_plan(synth_episode **out, const synth *s, uint64_t seed, const synth_plan_options *opt, bk_error *err);
void synth_episode_close(synth_episode **e);
synth_facts synth_describe(const synth_episode *e);

/* Time of the first moment of a frame, rounded up to a microsecond, and the frame shown at a time. */
int64_t synth_frame_time_us(const synth_episode *e, int64_t frame);
int64_t synth_frame_at(const synth_episode *e, int64_t time_us);

/* ---- frames ------------------------------------------------------------------------------------------ */

typedef enum synth_class {
    CLASS_STORY,
    CLASS_BLACK,
    CLASS_LOGO,
    CLASS_OPENING_TITLE,
    CLASS_CREDITS,
    CLASS_STORY_WITH_LETTERS, /* subtitles, captions, signs, screens: content all the same */
    CLASS_COUNT
} synth_class;
const char *synth_class_name(synth_class c);

/* What drawn letters say. */
typedef enum synth_text {
    TEXT_OTHER,    /* displays, signs */
    TEXT_DIALOGUE, /* subtitles */
    TEXT_CAPTION,  /* a place, a time, who it is that speaks */
    TEXT_PROSE,    /* sentences on a card or a page */
    TEXT_TITLE,    /* the name of the film */
    TEXT_COMPANY,
    TEXT_OPENING_CREDIT,
    TEXT_CREDIT_CARD,
    TEXT_CREDIT_ROLL,
    TEXT_NOTICE, /* sentences at the end of the credits */
    TEXT_COUNT
} synth_text;

enum { SYNTH_MASK_STRIDE = 8, SYNTH_MASK_UNKNOWN = 255 };

typedef struct synth_label {
    int64_t frame, time_us;
    synth_part part;
    synth_class seen; /* what the picture alone shows: footage between two credits is CLASS_STORY */
    bool skippable;   /* outside [start, end) */
    bool letters;     /* drawn letters stand in the picture */
    bool unknown;     /* the material may have letters of its own */
    uint32_t texts;   /* bit i: letters that say the i-th synth_text stand in the picture */
    float light;      /* of fades: 0 black, 1 full */
} synth_label;

/* Draws the frame shown at time_us (clamped to the episode) into rgb u8 [height, width, 3], and into mask,
 * if not NULL, u8 [(height + 7) / 8, (width + 7) / 8]: 1 where a line of drawn letters stands, 0 where
 * none does, SYNTH_MASK_UNKNOWN where the material may have letters. The picture is stretched to the size
 * asked for. rgb may be NULL: label (and mask) only, without decoding anything. BK_EVIDEO, BK_ENOMEM ... */
int synth_render(synth_episode *e, int64_t time_us, int width, int height, uint8_t *rgb, uint8_t *mask,
                 synth_label *label, bk_error *err);

/* ---- frames one by one, for training an encoder ------------------------------------------------------ */

/* A never-ending stream of frames from a moving set of episodes, balanced over what they show. One stream
 * belongs to one thread; any number of them share a synth. */
typedef struct synth_stream synth_stream;

typedef struct synth_stream_options {
    uint64_t seed;
    int episodes;              /* alive at a time; 0: 12 */
    int per_episode;           /* frames taken from each before it is replaced; 0: 40 */
    float weight[CLASS_COUNT]; /* relative frequency of what frames show; all 0: 5 1 1.5 2.5 4 3 */
    synth_plan_options plan;   /* length 0: 60 to 240 s; last_words 0: half of the stories */
} synth_stream_options;

int synth_stream_open(synth_stream **out, const synth *s, const synth_stream_options *opt, bk_error *err);
void synth_stream_close(synth_stream **t);
/* The next frame, as synth_render(). */
int synth_stream_next(synth_stream *t, int width, int height, uint8_t *rgb, uint8_t *mask, synth_label *label,
                      bk_error *err);

#endif
