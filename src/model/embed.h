/* Pictures to embeddings: normalise, encoder, measured evidence. Serial in one worker's scratch; callers give
 * each thread a worker of its own. */
#ifndef BK_MODEL_EMBED_H
#define BK_MODEL_EMBED_H

#include "model/bundle.h"

typedef struct embedder embedder;

/* Scratch for up to n pictures at once. Keeps m. BK_ENOMEM, BK_EMISMATCH (m has no encoder). */
int embedder_open(embedder **out, const bk_model *m, int n, bk_error *err);
void embedder_close(embedder **e);

/* One for each thread of a pool, by its index there. */
typedef struct embed_team {
    pool *p;       /* may be NULL */
    embedder **of; /* [pool_size(p)] */
} embed_team;

/* Each with scratch for up to n pictures at once. As embedder_open(); on failure the team is closed. */
int embed_team_open(embed_team *t, const bk_model *m, pool *p, int n, bk_error *err);
void embed_team_close(embed_team *t);

/* team: threads that share a call with a single picture; NULL: none.
 * emb f32 [n, bundle_dim]  <-  rgb u8 [n, picture_h, picture_w, 3]. moments (NULL or f32 [n, MOMENTS]):
 * probabilities of the encoder's own classifier; lettered (NULL or f32 [n]): share of the picture under
 * lettering. Both are zeros for a model without them. */
void embedder_run(embedder *e, const uint8_t *rgb, int n, pool *team, float *emb, float *moments, float *lettered);

/* logits f32 [rows]  <-  the first rows of probe f32 [PROBE_ROWS, dim + 1], bias last, of emb f32 [dim]. */
void embed_logits(float *logits, const float *probe, int rows, const float *emb, int dim);
/* moments f32 [MOMENTS]  <-  emb f32 [dim], by a model's probe f32 [PROBE_ROWS, dim + 1]. */
void embed_classify(float *moments, const float *probe, const float *emb, int dim);

#endif
