/* Fuzzes store/zip, store/npz and store/npy: the bytes are an archive, and an array. */
#include "fuzz_array.h"
#include "store/npy.h"
#include "store/npz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    npz *z = NULL;
    array a;
    if (npz_open_memory(&z, data, size, "fuzz.npz", NULL) == BK_OK) {
        for (size_t i = 0; i < npz_count(z); i++) {
            touch_array(npz_at(z, i));
            HOLDS(npz_find(z, npz_at(z, i)->name));
        }
        npz_close(&z);
    }
    HOLDS(!z);
    if (npy_parse(&a, data, size, "fuzz.npy", NULL) == BK_OK) touch_array(&a);
    return 0;
}
