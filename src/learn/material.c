/* The public bk_material as the generator's options. */
#include "learn/material.h"

#include "base/err.h"

static const size_t CACHE_BYTES = (size_t)3 << 30;

int material_open(synth **out, const bk_material *m, int held_out, bk_error *err) {
    synth_options o = { .n_material = m->n_folders, .split = held_out ? SYNTH_HELD_OUT : SYNTH_TRAIN, .cache_bytes = CACHE_BYTES };
    if (m->n_folders > SYNTH_FOLDERS_MAX)
        return bk_fail(err, BK_EINVAL, "%d folders of material, at most %d", m->n_folders, SYNTH_FOLDERS_MAX);
    for (int i = 0; i < m->n_folders; i++) o.material[i] = m->folders[i];
    return synth_open(out, &o, err);
}
