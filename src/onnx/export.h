/* A model's encoder and head as ONNX files, for ONNX Runtime, TensorRT and others. */
#ifndef BK_ONNX_EXPORT_H
#define BK_ONNX_EXPORT_H

#include "model/bundle.h"

/* Input "pixels" f32 [batch, 3, picture_h, picture_w]: RGB, 0 to 255, whole numbers. Output "embedding" f32 [batch,
 * bundle_dim]: as model/embed.c gives it, normalisation and measured evidence included. BK_EMISMATCH when m has no
 * encoder, BK_EINVAL (over 2 GB, or a lettering map wider than can be said), BK_EIO, BK_ENOMEM. */
int onnx_save_encoder(const bk_model *m, const char *path, bk_error *err);

/* Input "windows" f32 [batch, window, in]. Output "probabilities" f32 [batch, window], P(opening or credits). The
 * same errors. */
int onnx_save_head(const bk_model *m, const char *path, bk_error *err);

#endif
