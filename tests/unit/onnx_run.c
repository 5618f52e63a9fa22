/* For tests/e2e/onnx.py: exports a model and writes, beside the two graphs, made-up inputs and what our own forward
 * pass gives for them, as plain floats: pixels, embedding, windows, probabilities (.f32), and their sizes on stdout
 * as JSON. usage: onnx_run MODEL DIR   (MODEL "-": the one inside the library) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "bookend/weights.h"
#include "model/embed.h"

enum { N = 3 };

static const char *dir;

static void save(const char *name, const float *x, size_t n) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.f32", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(x, sizeof *x, n, f) != n || fclose(f) != 0) exit(1);
}

/* Noise over a gradient, with a black bar and white strokes: all that the evidence tells apart. */
static void draw(uint8_t *rgb, int w, int h, int which, rng *r) {
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            for (int c = 0; c < 3; c++) {
                int v = 255 * (which == 1 ? y : x) / w + (int)(rng_float(r) * 60) - 30 * c;
                if (y < h / 6 && which != 2) v = 0;
                if (y > h / 2 && y < h / 2 + 20 && x % 9 < 3 && which) v = 250;
                rgb[((size_t)y * (size_t)w + (size_t)x) * 3 + (size_t)c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
            }
}

static void encoder(const bk_model *m, rng *r) {
    int w = m->vit.picture_w, h = m->vit.picture_h;
    size_t plane = (size_t)w * (size_t)h;
    uint8_t *rgb = malloc(N * plane * 3);
    float *pixels = malloc(N * plane * 3 * sizeof *pixels), *emb = malloc(N * (size_t)bundle_dim(m) * sizeof *emb);
    embedder *e = NULL;
    if (!rgb || !pixels || !emb || embedder_open(&e, m, N, NULL) != BK_OK) exit(1);
    for (int i = 0; i < N; i++) {
        draw(rgb + (size_t)i * plane * 3, w, h, i, r);
        for (size_t k = 0; k < plane * 3; k++)
            pixels[(size_t)i * plane * 3 + k % 3 * plane + k / 3] = rgb[(size_t)i * plane * 3 + k];
    }
    embedder_run(e, rgb, N, NULL, emb, NULL, NULL);
    save("pixels", pixels, N * plane * 3);
    save("embedding", emb, N * (size_t)bundle_dim(m));
    embedder_close(&e);
    free(rgb);
    free(pixels);
    free(emb);
}

static void head(const bk_model *m, rng *r) {
    size_t n = N * (size_t)m->head.window, in = n * (size_t)m->head.in;
    float *x = malloc(in * sizeof *x), *y = malloc(n * sizeof *y);
    float *scratch = malloc(attention60_scratch(&m->head, N, false) * sizeof *scratch);
    float *w = bundle_head_weights(m);
    if (!x || !y || !scratch || !w) exit(1);
    for (size_t i = 0; i < in; i++) x[i] = rng_normal(r);
    attention60_forward(&m->head, w, x, N, scratch, NN_INFER, NULL, 0, 0, 0, y);
    for (size_t i = 0; i < n; i++) y[i] = 1.0f / (1.0f + expf(-y[i]));
    save("windows", x, in);
    save("probabilities", y, n);
    free(x);
    free(y);
    free(w);
    free(scratch);
}

int main(int argc, char **argv) {
    bk_model *m = NULL;
    bk_error err = { 0 };
    rng r = rng_make(7, 1);
    if (argc != 3) return 2;
    dir = argv[2];
    if (bk_model_open(&m, strcmp(argv[1], "-") ? argv[1] : NULL, NULL, &err) != BK_OK ||
        bk_model_export_onnx(m, dir, &err) != BK_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("{\"pixels\":[3,%d,%d],\"embedding\":[%d],\"windows\":[%d,%d],\"probabilities\":[%d],\"encoder\":%d,"
           "\"head\":%d}\n",
           m->vit.picture_h, m->vit.picture_w, bundle_dim(m), m->head.window, m->head.in, m->head.window,
           m->has_encoder, m->has_head);
    if (m->has_encoder) encoder(m, &r);
    if (m->has_head) head(m, &r);
    bk_model_close(&m);
    return 0;
}
