/* bookend: weights from elsewhere and to elsewhere. Public CLIP files and PyTorch's heads become model files; models
 * become ONNX graphs and PyTorch's state dicts. Nothing here connects to a network. Conventions as in bookend.h. */
#ifndef BOOKEND_WEIGHTS_H
#define BOOKEND_WEIGHTS_H

#include "bookend/bookend.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bk_activation {
    BK_ACTIVATION_AUTO, /* what a config.json or open_clip_config.json beside the file says; else QuickGELU, as in
                           OpenAI's networks */
    BK_ACTIVATION_QUICK_GELU,
    BK_ACTIVATION_GELU
} bk_activation;

typedef struct bk_convert_options {
    bk_activation activation; /* of a public CLIP's layers: no tensor tells it */
    int heads;        /* of attention, a layer; 0: as the configuration beside the file says, else width / 64 */
    const char *name; /* of the model; NULL: that of out without its ending */
    bk_hooks hooks;   /* log: what was not in the file, what was taken for it, and why */
} bk_convert_options;

/* Reads any file of weights that bk_model_open() reads (in NULL: the model compiled into the library) and writes it
 * as bookend's own: out ending in .safetensors holds encoder and head with all their numbers, each tensor in the 16
 * bits it came in when nothing is lost by it; out ending in .pth holds the head alone, as the state dict that
 * PyTorch's load_state_dict(strict=True) takes. Of a public CLIP only the vision tower is read. To a temporary name,
 * renamed. BK_EINVAL (another ending), BK_EIO, BK_EFORMAT, BK_EMISMATCH (no head for a .pth), BK_ENOMEM. opt may be
 * NULL. */
BK_API int bk_model_convert(const char *out, const char *in, const bk_convert_options *opt, bk_error *err);

/* Writes FOLDER/encoder.onnx and FOLDER/head.onnx (opset 17, 32 bits, any batch); the folder is made, and a part that
 * m has not is left out.
 *   encoder.onnx: pixels f32 [batch, 3, picture_h, picture_w], RGB from 0 to 255, the whole picture resized as
 *                 Pillow's BICUBIC does -> embedding f32 [batch, embedding], normalisation and evidence included
 *   head.onnx:    windows f32 [batch, window, embedding] -> probabilities f32 [batch, window]
 * BK_EINVAL (over the 2 GB of an ONNX file), BK_EMISMATCH (neither encoder nor head), BK_EIO, BK_ENOMEM. */
BK_API int bk_model_export_onnx(const bk_model *m, const char *folder, bk_error *err);

/* hex [65]  <-  the SHA-256 of a file (FIPS 180-4), lower case, terminated. BK_EIO. */
BK_API int bk_file_sha256(char hex[65], const char *path, bk_error *err);

#ifdef __cplusplus
}
#endif
#endif
