/* FFmpeg indexes every packet of every track of an MP4 while it opens it, wanted or not: ten hours of sound take 40
 * MB, and twice that on the way. But it passes over boxes called "free" (ISO/IEC 14496-12, 8.1.2), and as such it is
 * given those of sound tracks. */
#include "media/soundless.h"

#include <fcntl.h>
#include <libavutil/error.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { BOXES_MAX = 1000, SOUNDS_MAX = 64, BUFFER = 1 << 15 };

typedef struct source {
    int fd;
    int64_t at, size;
    int64_t sounds[SOUNDS_MAX]; /* [n] where their boxes' names stand */
    int n;
} source;

typedef struct box {
    int64_t at, body, end;
} box;

/* The first box of that name among those in [from, end). */
static bool find(const source *s, box *b, const char *name, int64_t from, int64_t end) {
    uint8_t head[16] = { 0 };
    for (int i = 0; i < BOXES_MAX && end - from >= 8 && pread(s->fd, head, sizeof head, from) >= 8; i++) {
        const int64_t left = end - from, size = AV_RB32(head), start = size == 1 ? 16 : 8;
        const uint64_t length = size == 1 ? AV_RB64(head + 8) : size ? (uint64_t)size : (uint64_t)left;
        if (length < (uint64_t)start || length > (uint64_t)left) return false;
        *b = (box){ from, from + start, from + (int64_t)length };
        if (memcmp(head + 4, name, 4) == 0) return true;
        from = b->end;
    }
    return false;
}

static bool is_sound(const source *s, const box *track) {
    uint8_t kind[4];
    box b;
    return find(s, &b, "mdia", track->body, track->end) && find(s, &b, "hdlr", b.body, b.end) &&
           pread(s->fd, kind, sizeof kind, b.body + 8) == sizeof kind && memcmp(kind, "soun", sizeof kind) == 0;
}

/* Fragments name the tracks that they belong to, and then all must be there. */
static void find_sounds(source *s) {
    box movie, b;
    if (!find(s, &movie, "moov", 0, s->size) || find(s, &b, "mvex", movie.body, movie.end)) return;
    for (int64_t at = movie.body; s->n < SOUNDS_MAX && find(s, &b, "trak", at, movie.end); at = b.end)
        if (is_sound(s, &b)) s->sounds[s->n++] = b.at + 4;
}

static int read_some(void *opaque, uint8_t *buf, int size) {
    source *s = opaque;
    const ssize_t got = pread(s->fd, buf, (size_t)size, s->at);
    if (got <= 0) return got ? AVERROR(EIO) : AVERROR_EOF;
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < 4; k++) {
            const int64_t at = s->sounds[i] + k - s->at;
            if (at >= 0 && at < got) buf[at] = (uint8_t) "free"[k];
        }
    s->at += got;
    return (int)got;
}

static int64_t seek(void *opaque, int64_t to, int whence) {
    source *s = opaque;
    if (whence & AVSEEK_SIZE) return s->size;
    whence &= ~AVSEEK_FORCE;
    if (whence != SEEK_SET) to += whence == SEEK_CUR ? s->at : s->size;
    return to < 0 ? AVERROR(EINVAL) : (s->at = to);
}

static void source_close(source *s) {
    if (s->fd >= 0) close(s->fd);
    free(s);
}

AVIOContext *soundless_open(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) return NULL;
    source *s = bk_zeros(1, sizeof *s);
    if (!s) return NULL;
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    s->size = st.st_size;
    if (s->fd >= 0) find_sounds(s);
    uint8_t *buffer = s->n ? av_malloc(BUFFER) : NULL;
    AVIOContext *pb = buffer ? avio_alloc_context(buffer, BUFFER, 0, s, read_some, NULL, seek) : NULL;
    if (pb) return pb;
    av_free(buffer);
    source_close(s);
    return NULL;
}

void soundless_close(AVIOContext **pb) {
    if (!*pb) return;
    source_close((*pb)->opaque);
    av_freep(&(*pb)->buffer);
    avio_context_free(pb);
}
