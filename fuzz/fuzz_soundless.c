/* Fuzzes media/soundless: the bytes are an MP4 file. What is read of it differs from it only in names of boxes, which
 * become "free". */
#define _GNU_SOURCE
#include "media/soundless.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

static void compare(AVIOContext *pb, const uint8_t *data, size_t size, size_t from) {
    uint8_t *got = malloc(size + 1);
    HOLDS(got && avio_seek(pb, (int64_t)from, SEEK_SET) == (int64_t)from);
    HOLDS(avio_read(pb, got + from, (int)(size + 1 - from)) == (int)(size - from));
    for (size_t i = 0; i < size; i++) { /* a name that begins before `from` is seen from its end only */
        const bool named = i + 4 <= size && memcmp(data + i, "trak", 4) == 0;
        const bool hidden = named && (i < from || memcmp(got + i, "free", 4) == 0);
        if (hidden)
            i += 3;
        else
            HOLDS(i < from || got[i] == data[i]);
    }
    free(got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    int fd = memfd_create("fuzz", 0);
    HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    AVIOContext *pb = soundless_open(path);
    if (pb) {
        HOLDS(avio_size(pb) == (int64_t)size);
        compare(pb, data, size, 0);
        compare(pb, data, size, size / 2);
    }
    soundless_close(&pb);
    HOLDS(!pb);
    close(fd);
    return 0;
}
