/* The material of the generator: an index of what the folders hold, and a cache of what was decoded. */
#ifndef BK_LEARN_SYNTH_MATERIAL_H
#define BK_LEARN_SYNTH_MATERIAL_H

#include <pthread.h>

#include "base/rng.h"
#include "learn/letters.h"
#include "learn/synth.h"
#include "learn/synth_pixels.h"
#include "learn/synth_scene.h"

typedef enum item_kind {
    ITEM_CLIP,  /* moving pictures */
    ITEM_PHOTO, /* small pictures from archives */
    ITEM_WALL,  /* large pictures from plain files */
    ITEM_TEXT,  /* signs, screens, slides: content with letters */
    ITEM_TITLE, /* real title cards and their artwork */
    ITEM_KINDS
} item_kind;

typedef struct item {
    item_kind kind;
    char *path;   /* of the file, or of the archive */
    char *name;   /* without folders; of the entry within an archive */
    int archive;  /* index, or -1 */
    size_t entry; /* within the archive */
    float weight; /* how often it is picked, relative to its kind */
    bool letters; /* may show letters of its own */
    bool held_out;
} item;

/* ---- index (synth_index.c) ---- */

typedef struct archive archive; /* a zip file in memory */

typedef struct material_index {
    item *items;
    size_t n, cap;
    archive *archives;
    size_t n_archives, archives_cap;
} material_index;

/* Walks the folder and adds what it finds. BK_EIO, BK_EFORMAT, BK_ENOMEM. */
int index_folder(material_index *x, const char *folder, bk_error *err);
void index_free(material_index *x);
/* The bytes of an item within an archive: *out is malloc'ed. */
int index_read(const material_index *x, const item *it, uint8_t **out, size_t *n, bk_error *err);

/* ---- decoded (synth_material.c) ---- */

enum { LEVELS_MAX = 5 };

/* A clip's frames, a picture with its halves, or a scene. */
typedef struct footage {
    uint64_t key;
    image levels[LEVELS_MAX]; /* of a still */
    int n_levels;
    image *frames; /* of a clip */
    int n_frames;
    double hz;
    scene *scene;
    size_t bytes;
    int pins;
    uint64_t used;
} footage;

struct synth {
    material_index index;
    synth_split split;
    fonts *fonts;
    int *of[ITEM_KINDS];    /* indexes of the items that the split uses */
    float *sum[ITEM_KINDS]; /* running sums of their weights */
    int n_of[ITEM_KINDS];
    int8_t *grain;
    size_t cache_limit;
    /* What the lock guards: */
    pthread_mutex_t lock;
    footage **cache;
    size_t n_cache, cache_cap, cache_bytes;
    uint64_t clock;
};

/* An item of the kind, by weight; -1 when there are none. */
int material_pick(const synth *s, item_kind kind, rng *r);

/* Decodes item i, or finds it in the cache; held until material_release(). */
int material_item(footage **out, const synth *s, int i, bk_error *err);
/* The scene of a seed for pictures of about w x h. */
int material_scene(footage **out, const synth *s, uint64_t seed, int w, int h, bk_error *err);
void material_release(const synth *s, footage *f);

#endif
