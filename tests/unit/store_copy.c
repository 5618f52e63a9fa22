/* Copies arrays from one file format to another, for the tests that ask NumPy and PyTorch about our files.
 *
 * usage: store_copy IN OUT [deflate | F16 | BF16]     formats by ending: .npy .npz .safetensors .pth .pt .bin
 *
 * Prints one line an array: name, type, shape, sum of the elements as floats. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/npy.h"
#include "store/npz.h"
#include "store/safetensors.h"
#include "store/torch.h"

/* Whichever of the formats IN is; the arrays are views of it. */
typedef struct source {
    npz *z;
    safetensors *s;
    torch_file *t;
    array one;
    void *block;
    array *arrays;
    size_t n;
} source;

static int read_arrays(source *in, const char *path, bk_error *err) {
    int rc;
    if (path_ends(path, ".npy"))
        rc = npy_load(&in->one, &in->block, path, err);
    else if (path_ends(path, ".npz"))
        rc = npz_open(&in->z, path, err);
    else if (path_ends(path, ".safetensors"))
        rc = safetensors_open(&in->s, path, err);
    else
        rc = torch_open(&in->t, path, err);
    if (rc != BK_OK) return rc;
    in->n = in->z ? npz_count(in->z) : in->s ? safetensors_count(in->s) : in->t ? torch_count(in->t) : 1;
    in->arrays = calloc(in->n + 1, sizeof *in->arrays);
    if (!in->arrays) return bk_fail_memory(err, path);
    for (size_t i = 0; i < in->n; i++)
        in->arrays[i] = in->z   ? *npz_at(in->z, i)
                        : in->s ? *safetensors_at(in->s, i)
                        : in->t ? *torch_at(in->t, i)
                                : in->one;
    return BK_OK;
}

static void close_arrays(source *in) {
    npz_close(&in->z);
    safetensors_close(&in->s);
    torch_close(&in->t);
    free(in->block);
    free(in->arrays);
}

static void print_arrays(const array *a, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char shape[128];
        double sum = 0;
        float *x = malloc((a[i].n + 1) * sizeof *x);
        if (!x) exit(1);
        array_to_floats(x, &a[i]);
        for (size_t k = 0; k < a[i].n; k++) sum += (double)x[k];
        printf("%s %s %s %.6g\n", a[i].name, array_type_name(a[i].type), array_shape_text(shape, &a[i]), sum);
        free(x);
    }
}

static int write_npz(const char *path, const array *a, size_t n, bool deflate, bk_error *err) {
    npz_writer *w = NULL;
    int rc = npz_create(&w, path, deflate, err);
    for (size_t i = 0; rc == BK_OK && i < n; i++) rc = npz_add(w, &a[i], err);
    if (rc == BK_OK) rc = npz_commit(&w, err);
    npz_abandon(&w);
    return rc;
}

static int write_arrays(const char *path, const array *a, size_t n, const char *how, bk_error *err) {
    static const safetensors_pair meta[] = { { "format", "pt" }, { "note", "caf\xc3\xa9 \"\\" } };
    array_type floats = !strcmp(how, "F16") ? ARRAY_F16 : !strcmp(how, "BF16") ? ARRAY_BF16 : ARRAY_F32;
    if (path_ends(path, ".npy")) return npy_save(path, &a[0], err);
    if (path_ends(path, ".npz")) return write_npz(path, a, n, !strcmp(how, "deflate"), err);
    if (path_ends(path, ".safetensors")) return safetensors_save(path, a, n, meta, 2, floats, err);
    return torch_save(path, a, n, NULL, err);
}

int main(int argc, char **argv) {
    bk_error err = { 0 };
    source in = { 0 };
    if (argc < 3) return 2;
    int rc = read_arrays(&in, argv[1], &err);
    if (rc == BK_OK) print_arrays(in.arrays, in.n);
    if (rc == BK_OK) rc = write_arrays(argv[2], in.arrays, in.n, argc > 3 ? argv[3] : "", &err);
    if (rc != BK_OK) fprintf(stderr, "%s\n", err.text);
    close_arrays(&in);
    return rc == BK_OK ? 0 : 1;
}
