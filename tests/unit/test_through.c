/* learn/through: a head trained on what a classifier says gives the same probabilities on whole embeddings. */
#include <math.h>

#include "find/scan.h"
#include "learn/through.h"
#include "learn_check.h"

enum { LEN = 130, OUT = 24 };

static bk_error err;

static bk_model *encoder(void) {
    const vit_config c = { .picture_h = 32, .picture_w = 48,
                           .stem = { .n_stages = 3, .channels = { 8, 8, 16 }, .residual = { 0, 1, 0 }, .map_stage = 1 },
                           .width = 16, .layers = 1, .heads = 2, .mlp = 32, .out = OUT, .act = VIT_GELU, .eps = 1e-5f };
    rng r = rng_make(5, 0);
    bk_model *m = NULL;
    bundle_new_encoder(&m, "tiny", &c, true, &r, NULL);
    bundle_new_probe(m, NULL);
    for (int i = 0; i < (bundle_dim(m) + 1) * PROBE_ROWS; i++) m->probe[i] = rng_normal(&r) * 0.1f;
    return m;
}

/* A head of a width over the narrow numbers, with biases of its own, in a file. */
static const char *narrow_head(const bk_model *m, int width) {
    const attention60_config c = { .window = 60, .in = through_dim(m), .width = width, .layers = 1, .heads = 2, .mlp = 32 };
    rng r = rng_make(6, (uint64_t)width);
    bk_model *h = NULL;
    const char *path = in_folder("head%d.safetensors", width);
    bundle_new_head(&h, "head", &c, &r, NULL);
    for (size_t i = 0; i < h->head_rows.n_floats; i++) h->head_weights[i] += 0.02f * rng_normal(&r);
    tap_ok(bundle_save(h, path, BUNDLE_F32, &err) == BK_OK, "a head of width %d %s", width, err.text);
    bk_model_close(&h);
    return path;
}

static bool probabilities(float *p, const char *head, const bk_track *t) {
    bk_model *h = NULL;
    bool ok = bundle_load(&h, head, NULL, 0, &err) == BK_OK && scan_probabilities(p, h, t, NULL, &err) == BK_OK;
    bk_model_close(&h);
    return ok;
}

static void test_same(const bk_model *m, int width) {
    const char *head = narrow_head(m, width);
    float narrow[LEN], wide[LEN], worst = 0.0f;
    dataset d = { 0 };
    bool ok = dataset_open(&d, in_folder("labels.csv"), folder, NULL, NULL, &err) == BK_OK && dataset_load_all(&d, &err) == BK_OK &&
              through_narrow(&d, m, &err) == BK_OK && probabilities(narrow, head, d.episodes[0].track) &&
              through_widen(head, &d, m, &err) == BK_OK;
    ok = ok && dataset_load_all(&d, &err) == BK_OK && probabilities(wide, head, d.episodes[0].track);
    for (int s = 0; ok && s < LEN; s++) worst = fmaxf(worst, fabsf(narrow[s] - wide[s]));
    tap_ok(ok && worst < 1e-4f, "width %d: the widened head says the same of whole embeddings, to %g %s", width, (double)worst, err.text);
    dataset_close(&d);
}

static void test_refusals(bk_model *m) {
    dataset d = { 0 };
    const char *head = narrow_head(m, bundle_dim(m));
    dataset_open(&d, in_folder("labels.csv"), folder, NULL, NULL, NULL);
    tap_ok(dataset_load_all(&d, NULL) == BK_OK && through_widen(head, &d, m, &err) == BK_EINVAL,
           "a head as wide as an embedding has nowhere to put the classifier: %s", err.text);
    dataset_close(&d);
    free(m->probe);
    m->probe = NULL;
    dataset_open(&d, in_folder("labels.csv"), folder, NULL, NULL, NULL);
    tap_ok(dataset_load_all(&d, NULL) == BK_OK && through_narrow(&d, m, &err) == BK_EMISMATCH, "no classifier: %s", err.text);
    dataset_close(&d);
}

int main(void) {
    bk_model *m = encoder();
    make_folder();
    write_track("show1_a", LEN, bundle_dim(m), 10, 120, 1);
    write_file(in_folder("labels.csv"), "file,start_main,end_main\na.mp4,00:00:10,00:02:00\n");
    test_same(m, 32);
    test_same(m, through_dim(m)); /* as wide as what it sees: no projection of its own */
    test_refusals(m);
    bk_model_close(&m);
    remove_tree(folder);
    return tap_done();
}
