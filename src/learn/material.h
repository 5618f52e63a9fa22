/* The public bk_material as the generator's options. */
#ifndef BK_LEARN_MATERIAL_H
#define BK_LEARN_MATERIAL_H

#include "bookend/train.h"
#include "learn/synth.h"

/* Opens one side of the material. As synth_open(), and BK_EINVAL for too many folders. */
int material_open(synth **out, const bk_material *m, int held_out, bk_error *err);

#endif
