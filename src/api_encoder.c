/* bk_train_encoder and bk_model_pack: the model that ships, from nothing. */
#include <stdlib.h>

#include "base/err.h"
#include "base/pool.h"
#include "learn/encoder_loop.h"
#include "learn/material.h"
#include "model/bundle.h"
#include "nn/nn_math.h"

int bk_train_encoder(const bk_encoder_options *opt, bk_error *err) {
    const vit_config config = encoder_small();
    pool *p = NULL;
    synth *train = NULL, *held = NULL;
    bk_model *m = NULL;
    rng r = rng_make(opt->seed ? opt->seed : 42, 0);
    nn_math_single_thread();
    int code = pool_open(&p, opt->threads, err);
    if (code == BK_OK) code = material_open(&train, &opt->material, 0, err);
    if (code == BK_OK) code = material_open(&held, &opt->material, 1, err);
    if (code == BK_OK) code = bundle_new_encoder(&m, "bookend-small", &config, true, &r, err);
    if (code == BK_OK) code = bundle_new_probe(m, err);
    if (code == BK_OK) code = encoder_train(m, train, held, opt, p, err);
    bk_model_close(&m);
    synth_close(&held);
    synth_close(&train);
    pool_close(&p);
    return code;
}
