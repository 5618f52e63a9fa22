/* Lists and loads the material of training and evaluation, and says which part of it is held out. */
#include "learn/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "store/labels.h"

static const char ending[] = "_windows.npz";

/* ---- listing --------------------------------------------------------------------------------------- */

bool dataset_listed(const char *list, const char *name) {
    size_t n = strlen(name);
    for (const char *at = list; at && *at;) {
        size_t len = strcspn(at, ",");
        const char *from = at + strspn(at, " ");
        size_t have = (size_t)(at + len - from);
        while (have && from[have - 1] == ' ') have--;
        if (have == n && memcmp(from, name, n) == 0) return true;
        at += len + (at[len] == ',');
    }
    return false;
}

/* Whether the path's last folder is show. */
static bool in_folder(const char *path, const char *show) {
    const char *name = path_name(path);
    size_t n = strlen(show);
    if (name == path || (size_t)(name - path) < n + 1) return false;
    const char *folder = name - 1 - n;
    return memcmp(folder, show, n) == 0 && (folder == path || folder[-1] == '/');
}

/* How well a label's file fits an episode: 0 not at all, 3 by its whole name. */
static int fit(const label *l, const episode *e) {
    const char *rest = strchr(e->name, '_');
    if (strcmp(l->stem, e->name) == 0) return 3;
    if (!rest || strcmp(l->stem, rest + 1) != 0) return 0;
    return in_folder(l->file, e->show) ? 2 : 1;
}

/* The label of e; the last one of those that fit best, as a Python dictionary keeps it. NULL: none. */
static const label *find_label(const labels *l, const episode *e, bool *used) {
    int best = 0;
    size_t found = 0;
    for (size_t i = 0; i < l->n; i++) {
        int f = fit(&l->rows[i], e);
        if (f == 0 || f < best) continue;
        best = f;
        found = i;
    }
    if (best == 0) return NULL;
    used[found] = true;
    return &l->rows[found];
}

static void episode_close(episode *e) {
    episode_unload(e);
    free(e->path);
    free(e->name);
    free(e->show);
    free(e->parts);
}

/* Path, name and show of a file in the folder. */
static int name_episode(episode *e, const char *folder, const char *file, bk_error *err) {
    text path = { 0 };
    path_add_join(&path, folder, file);
    *e = (episode){ .path = path.s };
    e->name = strndup(file, strlen(file) - strlen(ending));
    e->show = e->name ? strndup(e->name, strcspn(e->name, "_")) : NULL;
    if (text_ok(&path) && e->name && e->show) return BK_OK;
    episode_close(e);
    return bk_fail_memory(err, "the names of tracks");
}

static int add_episode(dataset *d, const episode *e, bk_error *err) {
    if (!bk_grow(&d->episodes, &d->cap, (size_t)d->n + 1, sizeof *d->episodes))
        return bk_fail_memory(err, "the list of tracks");
    d->episodes[d->n++] = *e;
    return BK_OK;
}

typedef struct listing {
    const labels *l;
    bool *used; /* labels that a track was found for */
    const char *folder, *shows;
    const bk_hooks *hooks;
} listing;

/* Adds the file's episode where it is wanted and labelled. */
static int take_file(dataset *d, const listing *j, const char *file, bk_error *err) {
    episode e;
    int code = name_episode(&e, j->folder, file, err);
    if (code != BK_OK) return code;
    const label *l = find_label(j->l, &e, j->used);
    bool wanted = !j->shows || dataset_listed(j->shows, e.show);
    if (l && wanted) {
        e.start_s = (double)l->start_us / 1e6;
        e.end_s = (double)l->end_us / 1e6;
        code = add_episode(d, &e, err);
        if (code == BK_OK) return code;
    } else if (wanted) {
        bk_log(j->hooks, BK_LOG_WARN, "%s: passed over, it has no label", e.path);
    }
    episode_close(&e);
    return code;
}

static int take_files(dataset *d, const listing *j, const file_list *files, const char *labels_path, bk_error *err) {
    for (size_t i = 0; i < files->n; i++) {
        int code = files->entries[i].is_folder ? BK_OK : take_file(d, j, files->entries[i].name, err);
        if (code != BK_OK) return code;
    }
    for (size_t i = 0; i < j->l->n; i++)
        if (!j->used[i]) bk_log(j->hooks, BK_LOG_DEBUG, "%s: no track in %s", j->l->rows[i].file, j->folder);
    if (d->n) return BK_OK;
    return bk_fail(err, BK_EINVAL, "%s: none of its %zu tracks has one of the %zu labels of %s%s%s", j->folder,
                   files->n, j->l->n, labels_path, j->shows ? " and is of " : "", j->shows ? j->shows : "");
}

int dataset_open(dataset *out, const char *labels_path, const char *embeddings, const char *shows,
                 const bk_hooks *hooks, bk_error *err) {
    if (!labels_path || !embeddings) return bk_fail(err, BK_EINVAL, "labels and embeddings must both be given");
    dataset d = { 0 };
    labels l = { 0 };
    file_list files = { 0 };
    listing j = { .l = &l, .folder = embeddings, .shows = shows, .hooks = hooks };
    int code = labels_load(&l, labels_path, err);
    if (code == BK_OK) code = file_list_open(&files, embeddings, (const char *const[]){ ending, NULL }, err);
    if (code != BK_OK) goto done;
    j.used = bk_zeros(l.n + 1, sizeof *j.used);
    if (!j.used) code = bk_fail_memory(err, "labels");
    if (code == BK_OK) code = take_files(&d, &j, &files, labels_path, err);
    if (code == BK_OK) {
        *out = d;
        d = (dataset){ 0 };
    }
done:
    free(j.used);
    file_list_close(&files);
    labels_close(&l);
    dataset_close(&d);
    return code;
}

void dataset_close(dataset *d) {
    for (int i = 0; i < d->n; i++) episode_close(&d->episodes[i]);
    free(d->episodes);
    free(d->pad);
    free(d->mean);
    free(d->spread);
    free(d->scale);
    *d = (dataset){ 0 };
}

/* ---- loading --------------------------------------------------------------------------------------- */

void episode_unload(episode *e) {
    bk_track_close(&e->track);
}

int dataset_load(dataset *d, episode *e, bk_error *err) {
    if (e->track) return BK_OK;
    int code = bk_track_load(&e->track, e->path, err);
    if (code != BK_OK) return code;
    if (d->dim == 0) {
        d->pad = bk_zeros((size_t)e->track->dim, sizeof *d->pad);
        if (!d->pad) return bk_fail_memory(err, "a track");
        d->dim = e->track->dim;
    }
    if (e->track->dim == d->dim) return BK_OK;
    return bk_fail(err, BK_EMISMATCH, "%s: its embeddings have %d numbers, those of the tracks before it %d", e->path,
                   e->track->dim, d->dim);
}

int dataset_load_all(dataset *d, bk_error *err) {
    int code = BK_OK;
    for (int i = 0; i < d->n && code == BK_OK; i++) code = dataset_load(d, &d->episodes[i], err);
    return code;
}

void dataset_whole_seconds(dataset *d) {
    for (int i = 0; i < d->n; i++) {
        d->episodes[i].start_s = floor(d->episodes[i].start_s);
        d->episodes[i].end_s = floor(d->episodes[i].end_s);
    }
}

void dataset_at_samples(dataset *d) {
    for (int i = 0; i < d->n; i++) {
        d->episodes[i].start_s -= TRACK_SAMPLE_S;
        d->episodes[i].end_s -= TRACK_SAMPLE_S;
        for (size_t k = 0; k < d->episodes[i].n_parts; k++) {
            d->episodes[i].parts[k].start_s -= TRACK_SAMPLE_S;
            d->episodes[i].parts[k].end_s -= TRACK_SAMPLE_S;
        }
    }
}

int episode_truth(const episode *e, double t_s) {
    if (!e->by_parts) return t_s < e->start_s || t_s >= e->end_s;
    for (size_t k = 0; k < e->n_parts; k++)
        if (t_s >= e->parts[k].start_s && t_s < e->parts[k].end_s) return 1;
    return 0;
}

/* ---- the two sides --------------------------------------------------------------------------------- */

static int check_sides(const dataset *d, const char *what, bk_error *err) {
    int held = 0;
    for (int i = 0; i < d->n; i++) held += d->episodes[i].held_out;
    if (held > 0 && held < d->n) return BK_OK;
    return bk_fail(err, BK_EINVAL, "with %s held out, %d of %d tracks validate and %d train: both sides need one",
                   what, held, d->n, d->n - held);
}

int dataset_hold_out(dataset *d, const char *shows, bk_error *err) {
    for (int i = 0; i < d->n; i++) d->episodes[i].held_out = dataset_listed(shows, d->episodes[i].show);
    return check_sides(d, shows, err);
}

/* Finished by a multiplication so that short names spread. */
static uint64_t hash_name(const char *s) {
    uint64_t h = hash_bytes(HASH_BEGIN, s, strlen(s));
    return (h ^ h >> 32) * 0x9e3779b97f4a7c15u;
}

typedef struct ranked {
    uint64_t hash;
    const char *name;
} ranked;

static int by_hash(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash) : strcmp(x->name, y->name);
}

static const char *unit(const episode *e, bool by_show) {
    return by_show ? e->show : e->name;
}

/* The distinct shows, or episodes, in order of their hashes; ranks has room for d->n. */
static int rank_units(ranked *ranks, const dataset *d, bool by_show) {
    int n = 0;
    for (int i = 0; i < d->n; i++) {
        const char *name = unit(&d->episodes[i], by_show);
        ranks[i] = (ranked){ hash_name(name), name };
    }
    qsort(ranks, (size_t)d->n, sizeof *ranks, by_hash);
    for (int i = 0; i < d->n; i++)
        if (n == 0 || strcmp(ranks[n - 1].name, ranks[i].name) != 0) ranks[n++] = ranks[i];
    return n;
}

static bool in_fold(const ranked *ranks, int n, const char *name, int k, int folds) {
    for (int i = k; i < n; i += folds)
        if (strcmp(ranks[i].name, name) == 0) return true;
    return false;
}

int dataset_fold(dataset *d, int k, int n, bk_error *err) {
    ranked *ranks = bk_alloc((size_t)d->n + 1, sizeof *ranks);
    if (!ranks) return bk_fail_memory(err, "folds");
    bool by_show = true;
    int units = rank_units(ranks, d, by_show);
    if (units < n) {
        by_show = false;
        units = rank_units(ranks, d, by_show);
    }
    for (int i = 0; i < d->n; i++)
        d->episodes[i].held_out = in_fold(ranks, units, unit(&d->episodes[i], by_show), k, n);
    free(ranks);
    return check_sides(d, by_show ? "a part of the shows" : "a part of the episodes", err);
}

int dataset_hold_out_some(dataset *d, bk_error *err) {
    enum { PARTS = 8 };
    ranked *ranks = bk_alloc((size_t)d->n + 1, sizeof *ranks);
    if (!ranks) return bk_fail_memory(err, "folds");
    int shows = rank_units(ranks, d, true), units = shows > 1 ? shows : d->n;
    free(ranks);
    return dataset_fold(d, 0, units < PARTS ? units : PARTS, err);
}

/* ---- numbers --------------------------------------------------------------------------------------- */

/* Adds sum and sum of squares of the seconds that were looked at; returns how many. */
static int add_moments(const bk_track *t, double *sum, double *square) {
    int n = 0;
    for (int s = 0; s < t->len; s++) {
        const float *x = t->embeddings + (size_t)s * (size_t)t->dim;
        if (t->state[s] == SAMPLE_NONE) continue;
        n++;
        for (int k = 0; k < t->dim; k++) {
            sum[k] += (double)x[k];
            square[k] += (double)x[k] * (double)x[k];
        }
    }
    return n;
}

int dataset_measure(dataset *d, bk_error *err) {
    size_t dim = (size_t)d->dim;
    double *sum = bk_zeros(2 * dim, sizeof *sum), seconds = 0;
    free(d->mean);
    free(d->spread);
    d->mean = bk_zeros(dim, sizeof *d->mean);
    d->spread = bk_zeros(dim, sizeof *d->spread);
    if (!sum || !d->mean || !d->spread) {
        free(sum);
        return bk_fail_memory(err, "the mean embedding");
    }
    for (int i = 0; i < d->n; i++)
        if (!d->episodes[i].held_out) seconds += add_moments(d->episodes[i].track, sum, sum + dim);
    for (size_t k = 0; k < dim && seconds > 0; k++) {
        double mean = sum[k] / seconds;
        d->mean[k] = (float)mean;
        d->spread[k] = (float)sqrt(fmax(sum[dim + k] / seconds - mean * mean, 0.0));
    }
    free(sum);
    return BK_OK;
}

static void standardise_track(const dataset *d, bk_track *t) {
    for (int s = 0; s < t->len; s++) {
        float *x = t->embeddings + (size_t)s * (size_t)t->dim;
        for (int k = 0; k < t->dim; k++) x[k] = (x[k] - d->mean[k]) / d->scale[k];
    }
}

int dataset_standardise(dataset *d, bk_error *err) {
    float widest = 0.0f;
    d->scale = bk_zeros((size_t)d->dim, sizeof *d->scale);
    if (!d->scale) return bk_fail_memory(err, "the mean embedding");
    for (int k = 0; k < d->dim; k++) widest = fmaxf(widest, d->spread[k]);
    for (int k = 0; k < d->dim; k++) {
        /* a number that hardly varies is not blown up */
        d->scale[k] = fmaxf(d->spread[k], 1e-3f * widest);
        if (!(d->scale[k] > 0.0f)) d->scale[k] = 1.0f;
        d->pad[k] = (d->pad[k] - d->mean[k]) / d->scale[k];
        d->spread[k] /= d->scale[k];
    }
    for (int i = 0; i < d->n; i++) standardise_track(d, d->episodes[i].track);
    return BK_OK;
}

uint64_t dataset_fingerprint(const dataset *d) {
    uint64_t h = HASH_BEGIN;
    for (int i = 0; i < d->n; i++) {
        const episode *e = &d->episodes[i];
        double sum = 0;
        size_t n = (size_t)e->track->len * (size_t)d->dim;
        for (size_t k = 0; k < n; k++) sum += (double)e->track->embeddings[k] * (double)(k % 31 + 1);
        h = hash_bytes(h, e->name, strlen(e->name));
        h = hash_bytes(h, &e->track->len, sizeof e->track->len);
        h = hash_bytes(h, (const double[]){ e->start_s, e->end_s, sum, e->held_out }, 4 * sizeof(double));
    }
    return h;
}
