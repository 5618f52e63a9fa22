/* A walk over Matroska's elements down to its chapters (RFC 8794, RFC 9559). For remux.c, since FFmpeg's demuxer
 * passes over nested chapters in silence. Looks at the heads of elements only. */
#include "media/editions.h"

enum {
    ID_SEGMENT = 0x18538067,
    ID_CHAPTERS = 0x1043a770,
    ID_EDITION = 0x45b9,
    ID_ORDERED = 0x45dd,
    ID_ATOM = 0xb6,
    ID_DISPLAY = 0x80
};

typedef struct span {
    const uint8_t *p, *end;
} span;

/* A number of 1 to `most` bytes, whose first says how many; the mark that says so is cut off unless `keep`. */
static bool read_number(span *s, int most, bool keep, uint64_t *out) {
    int n = 1;
    if (s->p == s->end) return false;
    while (n <= most && !(*s->p & 0x80 >> (n - 1))) n++;
    if (n > most || s->end - s->p < n) return false;
    uint64_t x = keep ? *s->p : *s->p & (0xffu >> n);
    bool unknown = !keep && x == (0xffu >> n);
    for (int i = 1; i < n; i++) {
        x = x << 8 | s->p[i];
        unknown = unknown && s->p[i] == 0xff;
    }
    s->p += n;
    *out = unknown ? UINT64_MAX : x;
    return true;
}

/* The next element of s; its content goes to `in`, cut off where s ends. False behind the last. */
static bool next(span *s, uint64_t *id, span *in) {
    uint64_t size;
    if (!read_number(s, 4, true, id) || !read_number(s, 8, false, &size)) return false;
    uint64_t left = (uint64_t)(s->end - s->p);
    *in = (span){ s->p, s->p + (size < left ? size : left) };
    s->p = in->end;
    return true;
}

static bool atom_is_simple(span atom) {
    span in;
    int displays = 0;
    for (uint64_t id; next(&atom, &id, &in);) {
        displays += id == ID_DISPLAY;
        if (id == ID_ATOM || displays > 1) return false;
    }
    return true;
}

static bool edition_is_simple(span edition) {
    span in;
    for (uint64_t id; next(&edition, &id, &in);) {
        if (id == ID_ORDERED && in.p < in.end && in.end[-1]) return false;
        if (id == ID_ATOM && !atom_is_simple(in)) return false;
    }
    return true;
}

static bool chapters_are_simple(span chapters) {
    span in;
    int editions = 0;
    for (uint64_t id; next(&chapters, &id, &in);)
        if (id == ID_EDITION && (++editions > 1 || !edition_is_simple(in))) return false;
    return true;
}

bool editions_are_simple(const uint8_t *data, size_t n) {
    span file = { data, data + n }, in, segment;
    for (uint64_t id; next(&file, &id, &segment);)
        while (id == ID_SEGMENT) {
            uint64_t child;
            if (!next(&segment, &child, &in)) break;
            if (child == ID_CHAPTERS && !chapters_are_simple(in)) return false;
        }
    return true;
}
