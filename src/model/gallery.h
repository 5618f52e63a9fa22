/* Pictures gathered one by one and embedded many at a time, on all cores: what decoding fills and the track is made
 * of. Results are kept in order of arrival. */
#ifndef BK_MODEL_GALLERY_H
#define BK_MODEL_GALLERY_H

#include <stdbool.h>

#include "base/pool.h"
#include "model/embed.h"

typedef struct gallery gallery;

enum { GALLERY_AT_ONCE = 4 }; /* pictures a call of an embedder */

/* Pictures are embedded by a thread of the gallery's own and those of p, while the caller gathers more. Keeps m and p
 * (which may be NULL); with more than one thread p belongs to the gallery from gallery_add() until gallery_flush() or
 * gallery_clear(). BK_ENOMEM, BK_EMISMATCH. */
int gallery_open(gallery **out, const bk_model *m, pool *p, bk_error *err);
/* The same for one of several galleries whose callers are threads of p: pictures are embedded by the caller, and by
 * those of p's threads that have nothing to do. Keeps p and the team, of GALLERY_AT_ONCE pictures. */
int gallery_open_shared(gallery **out, const bk_model *m, pool *p, embed_team *team, bk_error *err);
void gallery_close(gallery **g);

/* From now on a picture takes the results of the one before where no sample of it differs by more than so many levels
 * of 255. At first 0: only where they are equal. */
void gallery_tolerate(gallery *g, int levels);
/* Whether no sample of a [n] is further than so many levels from that of b. */
bool gallery_alike(const uint8_t *a, const uint8_t *b, size_t n, int levels);

/* The next picture is not compared with the one before. */
void gallery_turn(gallery *g);

/* Where the next picture is to be written, u8 [picture_h, picture_w, 3]; good until gallery_add(). */
uint8_t *gallery_slot(gallery *g);
/* Takes the picture in the slot, shown at seconds. BK_ENOMEM. */
int gallery_add(gallery *g, double seconds, bk_error *err);
/* Embeds what still waits. To be called before reading results. */
void gallery_flush(gallery *g);
/* Forgets all results. */
void gallery_clear(gallery *g);

/* Results of the n pictures added and flushed, owned by the gallery, good until the next add. */
typedef struct gallery_view {
    int n;
    const double *seconds;   /* [n] */
    const float *embeddings; /* [n, bundle_dim] */
    const float *moments;    /* [n, MOMENTS] */
    const float *lettered;   /* [n] */
} gallery_view;

gallery_view gallery_look(const gallery *g);

/* Pictures that went through the encoder so far. */
int64_t gallery_encoded(const gallery *g);

#endif
