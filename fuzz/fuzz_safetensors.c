/* Fuzzes store/safetensors, and store/json below it. */
#include "fuzz_array.h"
#include "store/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    safetensors *s = NULL;
    const char *key, *value;
    size_t bytes = 0;
    if (safetensors_open_memory(&s, data, size, "fuzz.safetensors", NULL) != BK_OK) {
        HOLDS(!s);
        return 0;
    }
    for (size_t i = 0; i < safetensors_count(s); i++) {
        const array *a = safetensors_at(s, i);
        touch_array(a);
        HOLDS(safetensors_find(s, a->name) == a);
        bytes += array_bytes(a);
    }
    HOLDS(bytes <= size);
    for (size_t i = 0; safetensors_meta_at(s, i, &key, &value); i++) HOLDS(safetensors_meta(s, key));
    safetensors_close(&s);
    return 0;
}
