/* What a packet tells before it is decoded: whether any other frame needs it. */
#include "media/video_inner.h"

/* The first byte after the n-th start code or length field at `at`; 0 where the packet ends. */
static size_t unit_after(const AVPacket *p, size_t at, int length_bytes, size_t *next) {
    size_t size = (size_t)p->size, length = 0;
    if (length_bytes) {
        if (at + (size_t)length_bytes >= size) return 0;
        for (int i = 0; i < length_bytes; i++) length = length << 8 | p->data[at + (size_t)i];
        *next = length < size - at - (size_t)length_bytes ? at + (size_t)length_bytes + length : size;
        return at + (size_t)length_bytes;
    }
    for (; at + 3 < size; at++)
        if (!p->data[at] && !p->data[at + 1] && p->data[at + 2] == 1) {
            *next = at + 3;
            return at + 3;
        }
    return 0;
}

/* H.264, 7.3.1: nal_ref_idc of the first slice is 0 where the picture is not referred to. Frame threads would wait
 * for one another at each packet that the decoder passes over, so these never reach it. */
static bool h264_unneeded(const AVCodecContext *dec, const AVPacket *p) {
    int length_bytes = dec->extradata_size > 4 && dec->extradata[0] == 1 ? (dec->extradata[4] & 3) + 1 : 0;
    size_t at = 0, next = 0;
    for (size_t unit; (unit = unit_after(p, at, length_bytes, &next)) > 0; at = next) {
        int type = p->data[unit] & 31;
        if (type >= 1 && type <= 5) return (p->data[unit] >> 5 & 3) == 0;
    }
    return false;
}

bool video_unneeded(const video *v, const AVPacket *p) {
    if (p->flags & AV_PKT_FLAG_KEY) return false;
    return p->flags & AV_PKT_FLAG_DISPOSABLE || (v->dec->codec_id == AV_CODEC_ID_H264 && h264_unneeded(v->dec, p));
}
