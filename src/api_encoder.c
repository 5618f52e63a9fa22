/* bk_train_encoder and bk_model_pack: the model that ships, from nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "learn/encoder_loop.h"
#include "learn/material.h"
#include "model/bundle.h"
#include "nn/nn_math.h"

/* The encoder to train: new, or what an earlier training ended with. */
static int begin(bk_model **out, const bk_encoder_options *opt, bk_error *err) {
    const vit_config config = encoder_small();
    rng r = rng_make(opt->seed ? opt->seed : 42, 0);
    bk_model *m = NULL;
    int code = opt->from ? bundle_load(&m, opt->from, NULL, 0, err)
                         : bundle_new_encoder(&m, "bookend-small", &config, true, &r, err);
    if (code == BK_OK && opt->from &&
        (!m->has_encoder || !m->probe || memcmp(&m->vit.stem, &config.stem, sizeof config.stem)))
        code = bk_fail(err, BK_EMISMATCH, "%s: not an encoder that `train --encoder` wrote", opt->from);
    if (code == BK_OK && !opt->from) code = bundle_new_probe(m, err);
    if (code == BK_OK) *out = m, m = NULL;
    bk_model_close(&m);
    return code;
}

int bk_train_encoder(const bk_encoder_options *opt, bk_error *err) {
    pool *p = NULL;
    synth *train = NULL, *held = NULL;
    bk_model *m = NULL;
    nn_math_single_thread();
    int code = pool_open(&p, opt->threads, err);
    if (code == BK_OK) code = material_open(&train, &opt->material, 0, err);
    if (code == BK_OK) code = material_open(&held, &opt->material, 1, err);
    if (code == BK_OK) code = begin(&m, opt, err);
    if (code == BK_OK) code = encoder_train(m, train, held, opt, p, err);
    bk_model_close(&m);
    synth_close(&held);
    synth_close(&train);
    pool_close(&p);
    return code;
}
