/* onnx/: the wire format against known bytes; an exported encoder and head read back by a reader of the format
 * written here: every input of a node is there before it, no name twice, every constant as long as its shape. What
 * the graphs compute is judged by ONNX Runtime (tests/e2e/onnx.py). */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "onnx/export.h"
#include "onnx/proto.h"
#include "tap.h"

enum { NAMES_MAX = 4096 };

typedef struct part {
    const unsigned char *p, *end;
} part;

static uint64_t varint(part *m) {
    uint64_t x = 0;
    for (int shift = 0; m->p < m->end && shift < 64; shift += 7) {
        unsigned char byte = *m->p++;
        x |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return x;
    }
    return x;
}

/* The next field of a message: its number, and its bytes or number. 0 at the end, -1 when it does not fit. */
static int next(part *m, part *bytes, uint64_t *number) {
    if (m->p == m->end) return 0;
    uint64_t key = varint(m), n = 4;
    if ((key & 7) == 0) {
        *number = varint(m);
        return (int)(key >> 3);
    }
    if ((key & 7) == 2)
        n = varint(m);
    else if ((key & 7) != 5)
        return -1;
    if (n > (uint64_t)(m->end - m->p)) return -1;
    *bytes = (part){ m->p, m->p + n };
    m->p += n;
    return (int)(key >> 3);
}

/* What is known of a graph while it is read. */
typedef struct reading {
    char *names[NAMES_MAX];
    int n_names, n_nodes, n_inputs, n_outputs, opset;
    bool ok;
} reading;

static bool known(const reading *r, const char *name) {
    for (int i = 0; i < r->n_names; i++)
        if (!strcmp(r->names[i], name)) return true;
    return false;
}

static void learn_name(reading *r, part s) {
    char *name = strndup((const char *)s.p, (size_t)(s.end - s.p));
    if (known(r, name) || r->n_names == NAMES_MAX) {
        printf("# twice: %s\n", name);
        r->ok = false;
        free(name);
    } else
        r->names[r->n_names++] = name;
}

static void read_constant(reading *r, part m) {
    part b = { 0 }, name = { 0 };
    uint64_t x, n = 1, type = 0, raw = 0;
    for (int f; (f = next(&m, &b, &x)) > 0;) {
        if (f == 1) n *= x;
        if (f == 2) type = x;
        if (f == 8) name = b;
        if (f == 9) raw = (uint64_t)(b.end - b.p);
    }
    learn_name(r, name);
    if (raw != n * (type == 7 ? 8 : 4) || (type != 1 && type != 7)) r->ok = false;
}

static void read_node(reading *r, part m) {
    part b = { 0 };
    uint64_t x;
    r->n_nodes++;
    for (int f; (f = next(&m, &b, &x)) != 0;) {
        char name[200];
        if (f < 0) r->ok = false;
        if (f < 0) return;
        if (f == 2) learn_name(r, b);
        if (f != 1) continue;
        snprintf(name, sizeof name, "%.*s", (int)(b.end - b.p), (const char *)b.p);
        if (known(r, name)) continue;
        printf("# not there yet: %s\n", name);
        r->ok = false;
    }
}

/* Constants and inputs first, since nodes stand before them in the file. */
static void read_graph(reading *r, part whole) {
    part b = { 0 }, inner, name = { 0 };
    uint64_t x;
    for (int pass = 0; pass < 2; pass++) {
        part m = whole;
        for (int f; (f = next(&m, &b, &x)) != 0;) {
            if (f < 0) r->ok = false;
            if (f < 0) return;
            if (f == 5 && pass == 0) read_constant(r, b);
            if (f == 1 && pass == 1) read_node(r, b);
            inner = b;
            if (f == 11 && pass == 0 && ++r->n_inputs && next(&inner, &name, &x) == 1) learn_name(r, name);
            if (f == 12 && pass == 1) r->n_outputs++;
        }
    }
}

static void judge(const char *path, const char *what) {
    file_view v;
    reading r = { .ok = true };
    part b = { 0 }, inner;
    uint64_t x = 0;
    if (!tap_ok(file_map(&v, path, NULL) == BK_OK, "%s is written", what)) return;
    part m = { v.data, v.data + v.size };
    for (int f; (f = next(&m, &b, &x)) != 0 && r.ok;) {
        if (f < 0) r.ok = false;
        inner = b;
        if (f == 7) read_graph(&r, b);
        if (f == 8)
            while (next(&inner, &b, &x) > 0) r.opset = (int)x;
    }
    tap_ok(r.ok && r.n_nodes > 20, "%s: %d nodes, each after what it needs; no name twice", what, r.n_nodes);
    tap_ok(r.n_inputs == 1 && r.n_outputs == 1 && r.opset == 17, "%s: one input, one output, opset 17", what);
    for (int i = 0; i < r.n_names; i++) free(r.names[i]);
    file_unmap(&v);
    unlink(path);
}

static void test_proto(void) {
    text t = { 0 }, inner = { 0 };
    proto_int(&t, 1, 150);
    tap_ok(t.n == 3 && !memcmp(t.s, "\x08\x96\x01", 3), "150 as in the format's manual");
    text_clear(&t);
    proto_text(&t, 2, "testing");
    tap_ok(t.n == 9 && !memcmp(t.s, "\x12\x07testing", 9), "a text");
    text_clear(&t);
    proto_int(&t, 16, -1);
    tap_ok(t.n == 12 && !memcmp(t.s, "\x80\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12), "-1 takes ten bytes");
    text_clear(&t);
    proto_float(&t, 2, 1.0f);
    proto_int(&inner, 1, 150);
    proto_message(&t, 3, &inner);
    tap_ok(t.n == 10 && !memcmp(t.s, "\x15\0\0\x80\x3f\x1a\x03\x08\x96\x01", 10), "a float and a message");
    text_close(&inner);
    text_close(&t);
}

static const vit_config with_stem = { .picture_h = 33,
                                      .picture_w = 47,
                                      .width = 16,
                                      .layers = 2,
                                      .heads = 2,
                                      .mlp = 32,
                                      .stem = { 3, { 8, 8, 16 }, { 0, 1, 0 }, 1 },
                                      .out = 20,
                                      .act = VIT_GELU,
                                      .eps = 1e-5f };
static const vit_config with_patches = { .picture_h = 32,
                                         .picture_w = 32,
                                         .patch = 8,
                                         .width = 32,
                                         .layers = 2,
                                         .heads = 2,
                                         .mlp = 64,
                                         .out = 20,
                                         .act = VIT_QUICK_GELU,
                                         .eps = 1e-5f };

static void test_encoder(const char *path, const vit_config *c, bool evidence, const char *what) {
    rng r = rng_make(1, 1);
    bk_model *m = NULL;
    bk_error err = { 0 };
    bundle_new_encoder(&m, "tiny", c, evidence, &r, NULL);
    tap_ok(onnx_save_encoder(m, path, &err) == BK_OK, "%s %s", what, err.text);
    judge(path, what);
    tap_ok(onnx_save_head(m, path, &err) == BK_EMISMATCH && access(path, F_OK) != 0, "it has no head: %s", err.text);
    bk_model_close(&m);
}

static void test_head(const char *path, int in, const char *what) {
    const attention60_config c = { .window = 60, .in = in, .width = 16, .layers = 2, .heads = 2, .mlp = 32 };
    rng r = rng_make(1, 1);
    bk_model *m = NULL;
    bk_error err = { 0 };
    bundle_new_head(&m, "tiny", &c, &r, NULL);
    tap_ok(onnx_save_head(m, path, &err) == BK_OK, "%s %s", what, err.text);
    judge(path, what);
    bk_model_close(&m);
}

/* Only the table says how large it would be; nothing of it is made. */
static void test_too_large(const char *path) {
    vit_config c = with_patches;
    bk_model *m = NULL;
    bk_error err = { 0 };
    bundle_new_encoder(&m, "tiny", &c, false, NULL, NULL);
    nn_table_close(&m->vit_rows);
    m->vit.width = 4096;
    m->vit.mlp = 16384;
    m->vit.layers = 4;
    vit_table(&m->vit_rows, &m->vit, NULL);
    tap_ok(onnx_save_encoder(m, path, &err) == BK_EINVAL && access(path, F_OK) != 0, "too large: %s", err.text);
    bk_model_close(&m);
}

int main(void) {
    char dir[] = "/tmp/bookend-onnx.XXXXXX", path[64];
    if (!mkdtemp(dir)) return 1;
    snprintf(path, sizeof path, "%s/x.onnx", dir);
    test_proto();
    test_encoder(path, &with_stem, true, "a stem and evidence");
    test_encoder(path, &with_stem, false, "a stem");
    test_encoder(path, &with_patches, false, "patches");
    test_encoder(path, &with_patches, true, "patches and evidence, without a map");
    test_head(path, 16, "a head");
    test_head(path, 20, "a head with in_proj");
    test_too_large(path);
    rmdir(dir);
    return tap_done();
}
