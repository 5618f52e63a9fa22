/* FFmpeg's own pools take small pages, of which a large film's decoder goes through so many that looking them up
 * takes a fiftieth of its time; ours are huge where the system has them. */
#include "media/frame_store.h"

#include <libavutil/imgutils.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

enum { BEHIND = 16 + 64 /* bytes behind a plane that decoders may write to */ };

static void give_back(void *opaque, uint8_t *data) {
    (void)opaque;
    free(data);
}

/* Zeros, as in FFmpeg's own: what a damaged frame leaves out is shown. */
static AVBufferRef *allocate(size_t size) {
    uint8_t *data = bk_zeros(1, size);
    AVBufferRef *ref = data ? av_buffer_create(data, size, give_back, NULL, 0) : NULL;
    if (!ref) free(data);
    return ref;
}

/* Where the planes of a decoder's frame lie in one piece of memory. */
typedef struct layout {
    int n, stride[4];
    size_t at[4], size;
} layout;

static bool are_aligned(const int stride[4], const int align[AV_NUM_DATA_POINTERS]) {
    for (int i = 0; i < 4; i++)
        if (stride[i] % align[i]) return false;
    return true;
}

/* Rows as the decoder wants them, and planes with room behind them. < 0: none. */
static int lay_out(layout *l, AVCodecContext *dec, const AVFrame *f) {
    int w = f->width, h = f->height, align[AV_NUM_DATA_POINTERS], av;
    size_t sizes[4];
    avcodec_align_dimensions2(dec, &w, &h, align);
    do {
        av = av_image_fill_linesizes(l->stride, f->format, w);
        if (av < 0) return av;
        w += w & -w; /* to the next multiple of twice as large a power of two */
    } while (!are_aligned(l->stride, align));
    const ptrdiff_t strides[4] = { l->stride[0], l->stride[1], l->stride[2], l->stride[3] };
    av = av_image_fill_plane_sizes(sizes, f->format, h, strides);
    for (; av >= 0 && l->n < 4 && sizes[l->n]; l->n++) {
        l->at[l->n] = l->size;
        l->size += (sizes[l->n] + BEHIND + 63) & ~(size_t)63;
    }
    return av;
}

static int get_buffer(AVCodecContext *dec, AVFrame *f, int flags) {
    frame_store *own = dec->opaque;
    layout l = { 0 };
    if (!(dec->codec->capabilities & AV_CODEC_CAP_DR1)) return avcodec_default_get_buffer2(dec, f, flags);
    int av = lay_out(&l, dec, f);
    if (av < 0) return av;
    if (l.size != own->size) {
        frame_store_close(own);
        own->pool = av_buffer_pool_init(l.size, allocate);
        own->size = l.size;
    }
    f->buf[0] = own->pool ? av_buffer_pool_get(own->pool) : NULL;
    if (!f->buf[0]) return AVERROR(ENOMEM);
    for (int i = 0; i < l.n; i++) {
        f->data[i] = f->buf[0]->data + l.at[i];
        f->linesize[i] = l.stride[i];
    }
    f->extended_data = f->data;
    return 0;
}

void frame_store_for(AVCodecContext *dec, frame_store *f) {
    if (dec->thread_count != 1) return;
    dec->opaque = f;
    dec->get_buffer2 = get_buffer;
}

void frame_store_close(frame_store *f) {
    av_buffer_pool_uninit(&f->pool);
    f->size = 0;
}
