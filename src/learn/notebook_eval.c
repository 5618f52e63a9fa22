/* The notebook's way through one episode. */
#include "learn/notebook_eval.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "find/scan.h"

/* The seconds that the notebook looks at, as a track of their own. */
static int notebook_track(bk_track **out, const bk_track *t, int window, double labelled_end_s, bk_error *err) {
    int full = t->len / window * window, len = full ? full : window, used = full ? full : t->len;
    if (labelled_end_s + 30.0 > len) len += window;
    bk_track *to = NULL;
    int code = track_open(&to, len, t->dim, err);
    if (code != BK_OK) return code;
    memcpy(to->embeddings, t->embeddings, (size_t)used * (size_t)t->dim * sizeof *t->embeddings);
    memset(to->state, SAMPLE_SEEN, (size_t)len);
    *out = to;
    return BK_OK;
}

int notebook_eval(notebook_result *out, float **p, int *n, const bk_model *m, const bk_track *t,
                  double labelled_end_s, pool *threads, bk_error *err) {
    if (!m->has_head) return bk_fail(err, BK_EMISMATCH, "%s has no head", m->name);
    bk_model end_to_end = *m; /* a view: only the stride differs */
    end_to_end.stride = m->head.window;
    bk_track *track = NULL;
    float *probs = NULL;
    int code = notebook_track(&track, t, m->head.window, labelled_end_s, err);
    if (code != BK_OK) return code;
    probs = bk_alloc((size_t)track->len, sizeof *probs);
    code = probs ? scan_probabilities(probs, &end_to_end, track, threads, err) : bk_fail_memory(err, "probabilities");
    if (code == BK_OK) code = decide_notebook(out, probs, track->len, probs, err);
    if (code == BK_OK) {
        *p = probs;
        *n = track->len;
        probs = NULL;
    }
    free(probs);
    bk_track_close(&track);
    return code;
}
