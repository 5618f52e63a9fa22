/* Protocol buffers' wire format, as far as ONNX needs it: a message is fields, each a key and a varint, four bytes,
 * or a length and bytes. Fields of nested messages are written into a text of their own first. Source:
 * protobuf.dev/programming-guides/encoding. */
#ifndef BK_ONNX_PROTO_H
#define BK_ONNX_PROTO_H

#include "base/text.h"

void proto_int(text *t, int field, int64_t x);
void proto_float(text *t, int field, float x);
void proto_bytes(text *t, int field, const void *data, size_t n);
void proto_text(text *t, int field, const char *s);
void proto_message(text *t, int field, const text *message);
/* Key and length alone: n bytes are to follow. */
void proto_length(text *t, int field, uint64_t n);

#endif
