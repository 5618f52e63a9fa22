/* A head that reads embeddings through the encoder's own classifier. Where labels are few, a head over all 512
 * numbers learns the films by heart; one that sees the classifier's logits (moments and readings) and the measured evidence does not.
 * Both are linear in the embedding, so that the finished head takes whole embeddings again: exactly. */
#ifndef BK_LEARN_THROUGH_H
#define BK_LEARN_THROUGH_H

#include "learn/dataset.h"
#include "model/bundle.h"

/* Numbers that a head sees through m. */
int through_dim(const bk_model *m);

/* Puts the narrow numbers in the place of the embeddings of all tracks of d, which are loaded. BK_EMISMATCH when m
 * has no classifier or the tracks are of other embeddings, BK_ENOMEM. */
int through_narrow(dataset *d, const bk_model *m, bk_error *err);

/* The head of file `path`, trained on narrow numbers, takes whole embeddings from now on; d forgets its tracks. */
int through_widen(const char *path, dataset *d, const bk_model *m, bk_error *err);

#endif
