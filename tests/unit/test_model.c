/* model/: bundles made, saved, loaded, joined; files that lie; pictures to embeddings in a gallery. */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "model/gallery.h"
#include "picture/evidence.h"
#include "store/safetensors.h"
#include "tap.h"

static char dir[] = "/tmp/bookend-model.XXXXXX";

static const char *path_of(char buf[128], const char *name) {
    snprintf(buf, 128, "%s/%s", dir, name);
    return buf;
}

static vit_config tiny(void) {
    return (vit_config){ .picture_h = 32, .picture_w = 48,
                         .stem = { .n_stages = 3, .channels = { 8, 8, 16 }, .residual = { 0, 1, 0 }, .map_stage = 1 },
                         .width = 16, .layers = 2, .heads = 2, .mlp = 32, .out = 20, .act = VIT_GELU, .eps = 1e-5f };
}

static attention60_config tiny_head(int in) {
    return (attention60_config){ .window = 60, .in = in, .width = 16, .layers = 1, .heads = 2, .mlp = 32, .dropout = 0.1f };
}

static bk_model *whole_model(void) {
    rng r = rng_make(3, 1);
    const vit_config c = tiny();
    bk_model *m = NULL, *h = NULL;
    bundle_new_encoder(&m, "tiny", &c, true, &r, NULL);
    bundle_new_probe(m, NULL);
    for (int i = 0; i < (bundle_dim(m) + 1) * PROBE_ROWS; i++) m->probe[i] = rng_normal(&r) * 0.1f;
    const attention60_config a = tiny_head(bundle_dim(m));
    bundle_new_head(&h, "head", &a, &r, NULL);
    h->has_rules = true;
    for (int i = 0; i < BUNDLE_RULES; i++) h->rules[i] = 0.1f * (float)(i + 1);
    bundle_take_head(m, h, NULL);
    bk_model_close(&h);
    return m;
}

static void test_round_trip(void) {
    char file[128];
    bk_model *m = whole_model(), *back = NULL;
    bk_error err = { 0 };
    path_of(file, "tiny.safetensors");
    tap_ok(bundle_save(m, file, BUNDLE_F32, &err) == BK_OK && bundle_load(&back, file, NULL, 0, &err) == BK_OK, "saves and loads %s", err.text);
    if (!back) exit(tap_done());
    tap_ok(!memcmp(m->vit_weights, back->vit_weights, m->vit_rows.n_floats * sizeof(float)) &&
               !memcmp(m->head_weights, back->head_weights, m->head_rows.n_floats * sizeof(float)) &&
               !memcmp(m->probe, back->probe, (size_t)(bundle_dim(m) + 1) * PROBE_ROWS * sizeof(float)),
           "every weight comes back");
    tap_ok(!memcmp(m->rules, back->rules, sizeof m->rules) && back->has_rules && back->stride == m->stride, "and every number");
    tap_ok(memcmp(&m->head, &back->head, sizeof m->head) == 0 && back->evidence && strcmp(back->name, "tiny") == 0, "and the shape");
    char first[17];
    memcpy(first, back->fingerprint, sizeof first);
    bk_model_close(&back);
    bundle_save(m, file, BUNDLE_F16, &err);
    bundle_load(&back, file, NULL, 0, &err);
    double worst = 0.0;
    for (size_t i = 0; i < m->vit_rows.n_floats; i++) worst = fmax(worst, fabs((double)(m->vit_weights[i] - back->vit_weights[i])));
    tap_ok(worst > 0.0 && worst < 2e-3, "16-bit weights are near: %g", worst);
    tap_ok(strcmp(first, back->fingerprint) != 0, "other weights, another fingerprint");
    bk_model_close(&back);
    bk_model_close(&m);
}

static void test_mismatch(void) {
    bk_error err = { 0 };
    bk_model *m = whole_model(), *h = NULL;
    rng r = rng_make(1, 1);
    const attention60_config a = tiny_head(17);
    bundle_new_head(&h, "other", &a, &r, NULL);
    tap_ok(bundle_take_head(m, h, &err) == BK_EMISMATCH && m->has_head, "a head for other embeddings: %s", err.text);
    bk_model_close(&h);
    bk_model_close(&m);
}

/* The file with one number of its metadata changed must be refused or load; never crash. */
static void test_lies(void) {
    static const struct {
        const char *from, *to;
    } lies[] = {
        { "\"width\":16", "\"width\":99" }, { "\"layers\":2", "\"layers\":9" },   { "\"picture\":[32,48]", "\"picture\":[32,-8]" },
        { "\"window\":60", "\"window\":00" }, { "\"format\":1", "\"format\":2" }, { "\"map_stage\":1", "\"map_stage\":7" },
        { "\"heads\":2", "\"heads\":3" },     { "\"out\":20", "\"out\":21" },     { "\"mean\":[", "\"Mean\":[" },
    };
    char file[128];
    size_t size = 0;
    char *bytes = NULL;
    bk_model *m = whole_model(), *back = NULL;
    bundle_save(m, path_of(file, "lies.safetensors"), BUNDLE_F32, NULL);
    if (file_read(&bytes, &size, file, 1 << 24, NULL) != BK_OK) exit(tap_done());
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        char from[64], to[64];
        bk_error err = { 0 };
        text quoted = { 0 };
        /* inside the header the quotes are escaped once more */
        for (int k = 0; k < 2; k++) {
            text_clear(&quoted);
            text_add_json(&quoted, k ? lies[i].to : lies[i].from);
            snprintf(k ? to : from, 64, "%.*s", (int)quoted.n - 2, text_str(&quoted) + 1);
        }
        text_close(&quoted);
        char *at = memmem(bytes, size, from, strlen(from));
        if (!at || strlen(from) != strlen(to)) {
            tap_ok(false, "%s is in the file", lies[i].from);
            continue;
        }
        memcpy(at, to, strlen(to));
        int code = bundle_load(&back, "lies", bytes, size, &err);
        tap_ok(code != BK_OK && err.text[0], "%s: %s", lies[i].to, err.text);
        bk_model_close(&back);
        memcpy(at, from, strlen(from));
    }
    tap_ok(bundle_load(&back, "right", bytes, size, NULL) == BK_OK, "and the file itself is right");
    bk_model_close(&back);
    for (size_t cut = 0; cut < size; cut += 997)
        if (bundle_load(&back, "cut", bytes, cut, NULL) == BK_OK) bk_model_close(&back), tap_ok(false, "cut at %zu loads", cut);
    free(bytes);
    bk_model_close(&m);
}

/* As PyTorch's state dict, the head loses none of its numbers. */
static void test_state_dict(void) {
    char file[128];
    bk_error err = { 0 };
    bk_model *m = whole_model(), *back = NULL;
    path_of(file, "tiny.pth");
    tap_ok(bundle_save(m, file, BUNDLE_F32, &err) == BK_OK && bundle_load(&back, file, NULL, 0, &err) == BK_OK,
           "a state dict %s", err.text);
    if (!back) exit(tap_done());
    tap_ok(!back->has_encoder && !memcmp(m->head_weights, back->head_weights, m->head_rows.n_floats * sizeof(float)),
           "holds the head alone, every weight");
    tap_ok(!memcmp(&m->head, &back->head, sizeof m->head) && back->has_rules && !memcmp(m->rules, back->rules, sizeof m->rules) &&
               back->stride == m->stride, "and its numbers");
    bk_model_close(&back);
    bk_model *alone = NULL;
    const vit_config c = tiny();
    bundle_new_encoder(&alone, "alone", &c, true, NULL, NULL);
    unlink(file);
    tap_ok(bundle_save(alone, file, BUNDLE_F32, &err) == BK_EMISMATCH && access(file, F_OK) != 0, "no head: %s", err.text);
    bk_model_close(&alone);
    bk_model_close(&m);
}

/* Tensors that 16 bits hold are written so, and come back the same; the others stay. */
static void test_exact(void) {
    char file[128];
    bk_model *m = whole_model(), *back = NULL;
    safetensors *s = NULL;
    const nn_tensor *row = &m->vit_rows.rows[0];
    for (size_t i = 0; i < row->n; i++) m->vit_weights[row->offset + i] = (float)i * 0.25f;
    bundle_save(m, path_of(file, "exact.safetensors"), BUNDLE_EXACT, NULL);
    tap_ok(bundle_load(&back, file, NULL, 0, NULL) == BK_OK &&
               !memcmp(m->vit_weights, back->vit_weights, m->vit_rows.n_floats * sizeof(float)), "nothing is lost");
    if (safetensors_open(&s, file, NULL) != BK_OK) exit(tap_done());
    const array *halves = safetensors_find(s, row->name), *whole = safetensors_find(s, "visual_projection.weight");
    tap_ok(halves && halves->type == ARRAY_F16 && whole && whole->type == ARRAY_F32, "16 bits where they do, else 32");
    safetensors_close(&s);
    bk_model_close(&back);
    bk_model_close(&m);
    unlink(file);
}

enum { PICTURE = 32 * 48 * 3, PICTURES = 12 };

/* One of two that gather pictures at the same time: all of them, or only the first, so that it is done and helps. */
typedef struct gathering {
    gallery *g[2];
    uint8_t rgb[PICTURES][PICTURE];
} gathering;

static void gather(void *arg, int item, int worker) {
    gathering *a = arg;
    (void)worker;
    for (int i = 0; i < (item ? 1 : PICTURES); i++) {
        memcpy(gallery_slot(a->g[item]), a->rgb[i], PICTURE);
        gallery_add(a->g[item], i, NULL);
    }
    gallery_flush(a->g[item]);
}

static void test_shared_gallery(void) {
    static gathering a;
    bk_model *m = whole_model();
    pool *p = NULL;
    embed_team *team;
    embedder *e = NULL;
    float one[128];
    const int dim = bundle_dim(m);
    double worst = 0.0;
    rng r = rng_make(9, 8);
    if (pool_open(&p, 3, NULL) || embed_team_open(&team, m, 2, GALLERY_AT_ONCE, NULL) || embedder_open(&e, m, 1, NULL)) exit(2);
    for (int i = 0; i < PICTURES * PICTURE; i++) a.rgb[i / PICTURE][i % PICTURE] = (uint8_t)rng_below(&r, 256);
    for (int i = 0; i < 2; i++)
        if (gallery_open_shared(&a.g[i], m, p, team, NULL)) exit(2);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 2; i++) gallery_clear(a.g[i]);
        pool_run(p, gather, &a, 2);
        gallery_view v = gallery_look(a.g[0]);
        worst = fmax(worst, v.n == PICTURES && gallery_look(a.g[1]).n == 1 ? 0.0 : 1.0);
        for (int i = 0; i < v.n; i++) {
            embedder_run(e, a.rgb[i], 1, NULL, one, NULL, NULL);
            for (int k = 0; k < dim; k++) worst = fmax(worst, fabs((double)(one[k] - v.embeddings[i * dim + k])));
        }
    }
    tap_near(worst, 0.0, 1e-5, "two that gather at the same time, and threads that help: each picture as alone");
    for (int i = 0; i < 2; i++) gallery_close(&a.g[i]);
    embed_team_close(&team);
    embedder_close(&e);
    pool_close(&p);
    bk_model_close(&m);
}

static void test_gallery(void) {
    enum { N = 37 };
    bk_model *m = whole_model();
    pool *p = NULL;
    gallery *g = NULL;
    embedder *e = NULL;
    size_t picture = 32 * 48 * 3;
    int dim = bundle_dim(m);
    float one[128], moments[MOMENTS], lettered;
    pool_open(&p, 3, NULL);
    gallery_open(&g, m, p, NULL);
    embedder_open(&e, m, 1, NULL);
    uint8_t *all = malloc(picture * N);
    rng r = rng_make(9, 9);
    for (size_t i = 0; i < picture * N; i++) all[i] = (uint8_t)rng_below(&r, 256);
    for (int i = 5; i < 12; i++) memcpy(all + (size_t)i * picture, all + 4 * picture, picture); /* a still card */
    for (int i = 0; i < N; i++) {
        memcpy(gallery_slot(g), all + (size_t)i * picture, picture);
        gallery_add(g, i, NULL);
    }
    gallery_flush(g);
    gallery_view v = gallery_look(g);
    double worst = v.n == N ? 0.0 : 1.0;
    for (int i = 0; i < v.n; i++) {
        embedder_run(e, all + (size_t)i * picture, 1, NULL, one, moments, &lettered);
        for (int k = 0; k < dim; k++) worst = fmax(worst, fabs((double)(one[k] - v.embeddings[i * dim + k])));
        for (int k = 0; k < MOMENTS; k++) worst = fmax(worst, fabs((double)(moments[k] - v.moments[i * MOMENTS + k])));
    }
    tap_near(worst, 0.0, 1e-5, "pictures gathered and batched embed as each does alone");
    tap_ok(gallery_encoded(g) == N - 7, "%d of %d went through the encoder", (int)gallery_encoded(g), N);
    tap_ok(gallery_alike(all, all, picture, 0) && !gallery_alike(all, all + picture, picture, 8), "alike to itself alone");
    memcpy(gallery_slot(g), all + 4 * picture, picture);
    gallery_slot(g)[picture - 1] ^= 4;
    tap_ok(gallery_alike(gallery_slot(g), all + 4 * picture, picture, 4) && !gallery_alike(gallery_slot(g), all + 4 * picture, picture, 3),
           "a last sample four levels away");
    gallery_clear(g);
    tap_ok(gallery_look(g).n == 0, "a gallery forgets");
    float sum = 0.0f;
    for (int k = 0; k < MOMENTS; k++) sum += moments[k];
    tap_near((double)sum, 1.0, 1e-5, "moments are probabilities");
    free(all);
    embedder_close(&e);
    gallery_close(&g);
    pool_close(&p);
    bk_model_close(&m);
}

static void test_evidence(void) {
    enum { W = 60, H = 40 };
    static uint8_t rgb[W * H * 3];
    float e[EVIDENCE_LENGTH], map[12] = { 0 };
    for (int i = 0; i < 12; i++) map[i] = i == 5 ? 8.0f : -8.0f;
    evidence_measure(e, rgb, W, H, map, 4, 3);
    tap_ok(e[0] == -1.0f && e[3] == 1.0f && e[5] == 0.0f, "black is black");
    tap_near((double)evidence_lettered(map, 12), 1.0 / 12, 1e-6, "one cell in twelve is lettered");
    memset(rgb, 255, sizeof rgb);
    evidence_measure(e, rgb, W, H, map, 4, 3);
    tap_ok(fabsf(e[0] - 1.0f) < 0.02f && e[4] == 1.0f && e[6] == 0.0f, "white is white, and flat");
    bool within = true;
    for (int i = 0; i < EVIDENCE_LENGTH; i++) within = within && fabsf(e[i]) <= 2.001f;
    tap_ok(within, "every number is within [-2, 2]");
}

int main(void) {
    if (!mkdtemp(dir)) return 1;
    test_round_trip();
    test_mismatch();
    test_lies();
    test_state_dict();
    test_exact();
    test_gallery();
    test_shared_gallery();
    test_evidence();
    char file[128];
    unlink(path_of(file, "tiny.safetensors"));
    unlink(path_of(file, "lies.safetensors"));
    rmdir(dir);
    return tap_done();
}
