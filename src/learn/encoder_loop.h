/* Training of the small encoder on composed pictures: where lettering stands, and what kind of moment it is. */
#ifndef BK_LEARN_ENCODER_LOOP_H
#define BK_LEARN_ENCODER_LOOP_H

#include "base/pool.h"
#include "bookend/train.h"
#include "learn/synth.h"
#include "nn/vit.h"

/* The architecture that ships, and the one place where its numbers are chosen; a trained file carries them. */
vit_config encoder_small(void);

/* Trains m->vit_weights and m->probe in place on frames of s until the schedule ends; held gives the pictures
 * that progress is measured on. Writes opt->out and its checkpoint now and then, and resumes from the
 * checkpoint when there is one. BK_ECANCELED (the checkpoint stays), BK_EIO, BK_ENOMEM, and what the
 * generator says. */
int encoder_train(bk_model *m, const synth *s, const synth *held, const bk_encoder_options *opt, pool *p, bk_error *err);

#endif
