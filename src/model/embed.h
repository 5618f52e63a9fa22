/* Pictures to embeddings: normalise, encoder, measured evidence. Serial in one worker's scratch; callers give
 * each thread a worker of its own. */
#ifndef BK_MODEL_EMBED_H
#define BK_MODEL_EMBED_H

#include "model/bundle.h"

typedef struct embedder embedder;

/* Scratch for up to n pictures at once. Keeps m. BK_ENOMEM, BK_EMISMATCH (m has no encoder). */
int embedder_open(embedder **out, const bk_model *m, int n, bk_error *err);
void embedder_close(embedder **e);

/* Some that threads borrow. */
typedef struct embed_team embed_team;

/* `size` of them, each with scratch for up to n pictures at once. As embedder_open(). */
int embed_team_open(embed_team **out, const bk_model *m, int size, int n, bk_error *err);
void embed_team_close(embed_team **t);
int embed_team_size(const embed_team *t);
/* From any thread: one that nobody has, waiting for it if need be; and back. */
embedder *embed_team_take(embed_team *t);
void embed_team_give(embed_team *t, embedder *e);

/* team: its threads that have nothing to do share the layers; or NULL.
 * emb f32 [n, bundle_dim]  <-  rgb u8 [n, picture_h, picture_w, 3]. moments (NULL or f32 [n, MOMENTS]):
 * probabilities of the encoder's own classifier; lettered (NULL or f32 [n]): share of the picture under
 * lettering. Both are zeros for a model without them. */
void embedder_run(embedder *e, const uint8_t *rgb, int n, pool *team, float *emb, float *moments, float *lettered);

/* logits f32 [rows]  <-  the first rows of probe f32 [PROBE_ROWS, dim + 1], bias last, of emb f32 [dim]. */
void embed_logits(float *logits, const float *probe, int rows, const float *emb, int dim);
/* moments f32 [MOMENTS]  <-  emb f32 [dim], by a model's probe f32 [PROBE_ROWS, dim + 1]. */
void embed_classify(float *moments, const float *probe, const float *emb, int dim);

#endif
