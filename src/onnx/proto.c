/* Protocol buffers' wire format. */
#include "onnx/proto.h"

#include <string.h>

enum { VARINT = 0, LENGTH = 2, FOUR_BYTES = 5 };

static void varint(text *t, uint64_t x) {
    char buf[10];
    size_t n = 0;
    do {
        buf[n] = (char)((x & 127) | (x > 127 ? 128 : 0));
        x >>= 7;
        n++;
    } while (x);
    text_add_n(t, buf, n);
}

static void key(text *t, int field, int type) {
    varint(t, (uint64_t)field << 3 | (uint64_t)type);
}

void proto_int(text *t, int field, int64_t x) {
    key(t, field, VARINT);
    varint(t, (uint64_t)x);
}

void proto_float(text *t, int field, float x) {
    char buf[4];
    memcpy(buf, &x, sizeof buf); /* little-endian, as the whole project is */
    key(t, field, FOUR_BYTES);
    text_add_n(t, buf, sizeof buf);
}

void proto_length(text *t, int field, uint64_t n) {
    key(t, field, LENGTH);
    varint(t, n);
}

void proto_bytes(text *t, int field, const void *data, size_t n) {
    proto_length(t, field, n);
    text_add_n(t, data, n);
}

void proto_text(text *t, int field, const char *s) {
    proto_bytes(t, field, s, strlen(s));
}

void proto_message(text *t, int field, const text *message) {
    if (message->failed)
        t->failed = true;
    else
        proto_bytes(t, field, text_str(message), message->n);
}
