/* A model in memory: the encoder's and the head's weights and every number that must match them. All of it
 * comes from the model's file; what a file does not say is inferred from its tensors' shapes (public CLIP
 * files), never assumed by another stage. */
#ifndef BK_MODEL_BUNDLE_H
#define BK_MODEL_BUNDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/clip_numbers.h"
#include "nn/attention60.h"
#include "nn/vit.h"
#include "store/array.h"

/* How much lettering and which class the encoder's own classifier sees; used to place boundaries between
 * samples. The order is that of the generator's labels. */
typedef enum moment { MOMENT_STORY, MOMENT_BLACK, MOMENT_LOGO, MOMENT_TITLE, MOMENT_CREDITS, MOMENT_CAPTIONED, MOMENTS } moment;

/* The classifier's rows: those of the moments, and further ones about what the letters in the picture say (each by
 * itself, a logit; the order is that of learn/synth.h), which only a head sees. */
enum { READINGS = 10, PROBE_ROWS = MOMENTS + READINGS };

/* Numbers of the decision: see find/decide.h, which gives them their meaning. 13 floats in order. */
enum { BUNDLE_RULES = 13 };

struct bk_model {
    char name[64], about[160], fingerprint[17];
    char identity[96]; /* of the files it was opened from, for the cache of answers; empty: it was not */
    bool has_encoder, has_head, evidence; /* evidence: measured numbers end each embedding */

    vit_config vit;
    nn_table vit_rows;
    float *vit_weights;   /* [vit_ready_floats()]: once only, as an encoder may be most of what is in memory */
    bool vit_ready;       /* they are in the kernels' order, by bundle_ready() */
    float mean[3], deviation[3];
    float *probe;         /* [PROBE_ROWS, embedding + 1]: linear classifier with bias; NULL: none */

    attention60_config head;
    nn_table head_rows;
    float *head_weights;
    bool head_ready;
    int stride;           /* of the windows when scanning, in samples */

    bool has_rules;
    float rules[BUNDLE_RULES];

    int threads;          /* that one job may use; 0: all */
};

/* Numbers in an embedding, the measured ones included. */
int bundle_dim(const bk_model *m);

/* A fresh encoder or head of a configuration, initialised from r; name is copied. BK_EINVAL, BK_ENOMEM. */
int bundle_new_encoder(bk_model **out, const char *name, const vit_config *c, bool evidence, rng *r, bk_error *err);
int bundle_new_head(bk_model **out, const char *name, const attention60_config *c, rng *r, bk_error *err);

/* Room for the probe, zeros; the model has an encoder and no probe yet. BK_ENOMEM. */
int bundle_new_probe(bk_model *m, bk_error *err);

/* Puts the weights into the order of the fast forward pass. They are not to change afterwards, nor to be saved.
 * BK_ENOMEM, and then m can only be closed. */
int bundle_ready(bk_model *m, bk_error *err);

/* A copy of the weights as they were before bundle_ready(), the caller's to free(). NULL: no memory. */
float *bundle_encoder_weights(const bk_model *m);
float *bundle_head_weights(const bk_model *m);

/* Moves the head (and the rules) of `from` into m, in place of its own. BK_EMISMATCH when from has none, or one
 * that takes other embeddings than m's encoder gives. */
int bundle_take_head(bk_model *m, bk_model *from, bk_error *err);

/* Reads a model: bookend's own safetensors, a public CLIP or a head of PyTorch's, each as safetensors, state dict or
 * TorchScript archive. With data, size bytes of a safetensors file in memory are read instead and path is only its
 * name. BK_EIO, BK_EFORMAT, BK_EMISMATCH, BK_ENOMEM. */
int bundle_load(bk_model **out, const char *path, const void *data, size_t size, bk_error *err);
/* The same; *numbers (or NULL), as far as they are known, stand over what would be found for a public CLIP, and
 * afterwards say what was and why. They are left alone for any other file. */
int bundle_import(bk_model **out, const char *path, const void *data, size_t size, clip_numbers *numbers,
                  bk_error *err);

/* A row's numbers as an array of its name; a view of both. */
array bundle_view(const nn_tensor *row, const float *weights);

typedef enum bundle_floats {
    BUNDLE_F32,
    BUNDLE_F16,
    BUNDLE_EXACT /* 16 bits for each tensor that they hold exactly, as those of public files that were in 16 bits */
} bundle_floats;

/* Writes safetensors, tensors in 32 or 16 bits and numbers in the metadata; or, when path ends in .pth, the head
 * alone as PyTorch's state dict. To a temporary name, renamed. BK_EIO, BK_ENOMEM, BK_EMISMATCH. */
int bundle_save(const bk_model *m, const char *path, bundle_floats floats, bk_error *err);

#endif
