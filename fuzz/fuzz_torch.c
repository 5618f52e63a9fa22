/* Fuzzes store/torch and store/pickle. Bytes that begin with PK are an archive; others are the pickle of an
 * archive that is made round them, since no fuzzer finds a CRC. */
#include <string.h>

#include "fuzz_array.h"
#include "store/torch.h"
#include "store/zip.h"

static void open_archive(const void *data, size_t size) {
    torch_file *t = NULL;
    if (torch_open_memory(&t, data, size, "fuzz.pth", NULL) != BK_OK) {
        HOLDS(!t);
        return;
    }
    HOLDS(torch_count(t) > 0);
    for (size_t i = 0; i < torch_count(t); i++) {
        touch_array(torch_at(t, i));
        HOLDS(torch_find(t, torch_at(t, i)->name) == torch_at(t, i));
    }
    torch_close(&t);
}

/* The archive of a pickle and two storages: "0" of 24 bytes and "1" of 8. */
static void open_pickle(const uint8_t *data, size_t size) {
    static const unsigned char zeros[24];
    char *archive = NULL;
    size_t n = 0;
    zip_writer *w = NULL;
    FILE *to = open_memstream(&archive, &n);
    if (!to) return;
    HOLDS(zip_writer_open(&w, to, "fuzz.pth", NULL) == BK_OK);
    HOLDS(zip_add(w, "x/data.pkl", data, size, false, NULL) == BK_OK);
    HOLDS(zip_add(w, "x/data/0", zeros, 24, false, NULL) == BK_OK);
    HOLDS(zip_add(w, "x/data/1", zeros, 8, true, NULL) == BK_OK);
    HOLDS(zip_finish(w, NULL) == BK_OK);
    zip_writer_close(&w);
    fclose(to);
    open_archive(archive, n);
    free(archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size >= 2 && memcmp(data, "PK", 2) == 0)
        open_archive(data, size);
    else
        open_pickle(data, size);
    return 0;
}
