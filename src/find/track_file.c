/* Tracks on disk. A window of the notebook's is 60 samples, windows lie end to end; what is left over goes into
 * `tail`, how each second was come by into `state`, duration and frame rate into `clock`, so that nothing is
 * lost on the way. The notebook reads its own two arrays and passes over ours. */
#include "find/track_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/npz.h"

enum { WINDOW = 60 };

int bk_track_save(const bk_track *t, const char *path, bk_error *err) { return track_save(t, path, NULL, err); }

int bk_track_load(bk_track **out, const char *path, bk_error *err) { return track_load(out, path, NULL, 0, err); }

int track_save(const bk_track *t, const char *path, const char *note, bk_error *err) {
    size_t dim = (size_t)t->dim, n = (size_t)t->len / WINDOW, rest = (size_t)t->len % WINDOW;
    int64_t *starts = bk_alloc(n + 1, sizeof *starts);
    double clock[2] = { (double)t->duration_us, t->fps };
    npz_writer *w = NULL;
    if (!starts) return bk_fail_memory(err, path);
    for (size_t i = 0; i < n; i++) starts[i] = (int64_t)(i * WINDOW);
    array parts[6];
    int n_parts = 0, code = npz_create(&w, path, true, err);
    parts[n_parts++] = array_of_floats("windows", t->embeddings, 3, (size_t[]){ n, WINDOW, dim });
    parts[n_parts++] = array_of("start_indices", ARRAY_I64, starts, 1, (size_t[]){ n });
    parts[n_parts++] = array_of_floats("tail", t->embeddings + n * WINDOW * dim, 2, (size_t[]){ rest, dim });
    parts[n_parts++] = array_of("state", ARRAY_U8, t->state, 1, (size_t[]){ (size_t)t->len });
    parts[n_parts++] = array_of("clock", ARRAY_F64, clock, 1, (size_t[]){ 2 });
    if (note) parts[n_parts++] = array_of("note", ARRAY_U8, note, 1, (size_t[]){ strlen(note) });
    for (int i = 0; code == BK_OK && i < n_parts; i++) code = npz_add(w, &parts[i], err);
    if (code == BK_OK) code = npz_commit(&w, err);
    npz_abandon(&w);
    free(starts);
    return code;
}

/* Windows must follow one another: start_indices 0, 60, 120 ... as the notebook writes them. */
static int check_starts(const array *starts, size_t n, size_t window, const char *path, bk_error *err) {
    int64_t *s = bk_alloc(n + 1, sizeof *s);
    int code = s ? BK_OK : bk_fail_memory(err, path);
    if (code == BK_OK && (starts->n != n || !array_to_ints(s, starts)))
        code = bk_fail(err, BK_EFORMAT, "%s: %zu start_indices for %zu windows", path, starts->n, n);
    for (size_t i = 0; code == BK_OK && i < n; i++)
        if (s[i] != (int64_t)(i * window))
            code = bk_fail(err, BK_EFORMAT, "%s: window %zu starts at %lld, not end to end", path, i, (long long)s[i]);
    free(s);
    return code;
}

static void load_extras(bk_track *t, const npz *z, char *note, size_t note_size) {
    const array *state = npz_find(z, "state"), *clock = npz_find(z, "clock"), *text = npz_find(z, "note");
    memset(t->state, SAMPLE_SEEN, (size_t)t->len);
    if (state && state->type == ARRAY_U8 && state->n == (size_t)t->len) memcpy(t->state, state->data, state->n);
    t->duration_us = (int64_t)t->len * 1000000;
    if (clock && clock->type == ARRAY_F64 && clock->n == 2) {
        double x[2];
        memcpy(x, clock->data, sizeof x);
        if (x[0] >= 0 && x[0] < 1e15) t->duration_us = (int64_t)x[0];
        if (x[1] >= 0 && x[1] < 1e6) t->fps = x[1];
    }
    if (note_size) note[0] = 0;
    if (note_size && text && text->type == ARRAY_U8 && text->n < note_size) {
        memcpy(note, text->data, text->n);
        note[text->n] = 0;
    }
}

int track_load(bk_track **out, const char *path, char *note, size_t note_size, bk_error *err) {
    npz *z = NULL;
    bk_track *t = NULL;
    const array *windows, *starts, *tail;
    int code = npz_open(&z, path, err);
    if (code == BK_OK) code = npz_need(&windows, z, "windows", err);
    if (code == BK_OK) code = npz_need(&starts, z, "start_indices", err);
    if (code != BK_OK) goto done;
    tail = npz_find(z, "tail");
    if (windows->n_dims != 3 || windows->shape[1] != WINDOW || windows->shape[2] == 0 || windows->shape[2] > 1 << 14 ||
        (tail && (tail->n_dims != 2 || tail->shape[1] != windows->shape[2] || tail->shape[0] >= WINDOW)) ||
        windows->shape[0] > 1 << 20) {
        char shape[128];
        code = bk_fail(err, BK_EFORMAT, "%s: windows is %s, not [N, 60, dim]", path, array_shape_text(shape, windows));
        goto done;
    }
    code = check_starts(starts, windows->shape[0], WINDOW, path, err);
    if (code != BK_OK) goto done;
    size_t len = windows->shape[0] * WINDOW + (tail ? tail->shape[0] : 0);
    code = track_open(&t, (int)len, (int)windows->shape[2], err);
    if (code != BK_OK) goto done;
    array_to_floats(t->embeddings, windows);
    if (tail) array_to_floats(t->embeddings + windows->n, tail);
    load_extras(t, z, note, note_size);
    *out = t;
done:
    npz_close(&z);
    return code;
}
