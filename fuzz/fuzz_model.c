/* Fuzzes model/load: bytes of any file of weights, bookend's own, a public CLIP's or a head's; safetensors or
 * archive. What loads is saved and must load again as the same. */
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "model/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bk_model *m = NULL, *back = NULL;
    bk_error err = { 0 };
    char path[] = "/tmp/bookend-fuzz.XXXXXX";
    if (bundle_load(&m, "fuzz", data, size, &err) != BK_OK) {
        HOLDS(!m && err.text[0]);
        return 0;
    }
    HOLDS(m->has_encoder || m->has_head);
    int fd = mkstemp(path);
    if (fd >= 0 && bundle_save(m, path, BUNDLE_F32, NULL) == BK_OK) {
        HOLDS(bundle_load(&back, path, NULL, 0, &err) == BK_OK);
        HOLDS(back->has_encoder == m->has_encoder && back->has_head == m->has_head);
        HOLDS(back->vit_rows.n_floats == m->vit_rows.n_floats && back->head_rows.n_floats == m->head_rows.n_floats);
    }
    if (fd >= 0) close(fd);
    unlink(path);
    bk_model_close(&back);
    bk_model_close(&m);
    return 0;
}
