/* Tracks: from videos, from folders of frames, and the cache of tracks that were made before. */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "find/track_file.h"
#include "media/still.h"
#include "picture/resize.h"

enum { NOTE_MAX = 1024, PLAN = 4 }; /* PLAN counts up when the plans of looking change */

/* ---- the cache --------------------------------------------------------------------------------------- */

/* What a track is made of and by; the same text means the same track. */
static int describe_source(text *t, const job *j, bool full, bk_error *err) {
    file_id id;
    int code = file_identify(&id, j->path, err);
    if (code != BK_OK) return code;
    char *real = realpath(j->path, NULL);
    text_addf(t, "%s|%lld|%lld|%s|%s %d", real ? real : j->path, (long long)id.size, (long long)id.mtime_ns, j->m->fingerprint,
              full ? "full" : "smart", PLAN);
    if (!full && (j->opt->start_within_us || j->opt->end_within_us)) /* the plan smart looks elsewhere then */
        text_addf(t, "|%lld %lld", (long long)j->opt->start_within_us, (long long)j->opt->end_within_us);
    free(real);
    return text_ok(t) ? BK_OK : bk_fail_memory(err, "the cache");
}

/* A hash of the source's text names the file; the text itself, kept inside, guards against collisions. */
static void cache_name(text *t, const char *dir, const char *source) {
    text_addf(t, "%s/%016llx.npz", dir, (unsigned long long)hash_bytes(HASH_BEGIN, source, strlen(source)));
}

static bool cache_read(job *j, const char *file, const char *source) {
    char note[NOTE_MAX];
    bk_track *t = NULL;
    if (track_load(&t, file, note, sizeof note, NULL) != BK_OK) return false;
    if (strcmp(note, source) == 0 && t->dim == bundle_dim(j->m)) j->t = t;
    else bk_track_close(&t);
    return j->t != NULL;
}

int job_track(job *j, bool full, bk_error *err) {
    const char *dir = j->opt->cache_dir;
    text source = { 0 }, file = { 0 };
    int code = BK_OK;
    if (dir) code = describe_source(&source, j, full, err);
    if (dir && code == BK_OK) {
        cache_name(&file, dir, text_str(&source));
        if (cache_read(j, text_str(&file), text_str(&source))) goto done;
    }
    if (code == BK_OK) code = full ? job_look_full(j, err) : job_look_smart(j, err);
    bk_error why;
    if (code == BK_OK && dir && strlen(text_str(&source)) < NOTE_MAX &&
        (file_make_folders(dir, &why) != BK_OK || track_save(j->t, text_str(&file), text_str(&source), &why) != BK_OK))
        bk_log(&j->opt->hooks, BK_LOG_WARN, "the track is not cached: %s", why.text);
done:
    text_close(&source);
    text_close(&file);
    return code;
}

int bk_track_from_video(bk_track **out, const char *path, const bk_model *m, const bk_find_options *opt, bk_error *err) {
    job j;
    bool full = !opt || opt->scan == BK_SCAN_FULL;
    int code = job_open(&j, path, m, opt, err);
    if (code != BK_OK) return code;
    code = job_track(&j, full, err);
    if (code == BK_OK) {
        *out = j.t;
        j.t = NULL;
    }
    job_close(&j);
    return code;
}

/* ---- folders of frames ------------------------------------------------------------------------------- */

/* One picture file into the gallery. *r is kept from file to file while sizes stay the same. */
static int add_file(gallery *g, const bk_model *m, resizer **r, int size[2], const char *path, int second, bk_error *err) {
    still s = { 0 };
    int code = still_load(&s, path, err);
    if (code != BK_OK) return code;
    if (!*r || size[0] != s.width || size[1] != s.height) {
        resizer_close(r);
        code = resizer_open(r, s.width, s.height, m->vit.picture_w, m->vit.picture_h, err);
        size[0] = s.width;
        size[1] = s.height;
    }
    if (code == BK_OK) {
        resizer_run(*r, gallery_slot(g), s.rgb);
        code = gallery_add(g, second, err);
    }
    still_free(&s);
    return code;
}

static int add_files(gallery *g, const bk_model *m, const char *folder, const file_list *files, const bk_hooks *hooks, bk_error *err) {
    resizer *r = NULL;
    int size[2] = { 0 }, code = BK_OK, second = 0;
    for (size_t i = 0; code == BK_OK && i < files->n; i++) {
        if (files->entries[i].is_folder) continue;
        text path = { 0 };
        path_add_join(&path, folder, files->entries[i].name);
        code = text_ok(&path) ? add_file(g, m, &r, size, text_str(&path), second++, err) : bk_fail_memory(err, folder);
        if (code == BK_OK) code = bk_tell(hooks, "scan", (int64_t)(i + 1) * 1000000, (int64_t)files->n * 1000000, err);
        text_close(&path);
    }
    resizer_close(&r);
    return code;
}

int bk_track_from_frames(bk_track **out, const char *folder, const bk_model *m, const bk_find_options *opt, bk_error *err) {
    static const char *const endings[] = { ".jpg", ".jpeg", ".png", NULL };
    static const bk_hooks silent;
    file_list files = { 0 };
    pool *p = NULL;
    gallery *g = NULL;
    bk_track *t = NULL;
    int code = file_list_open(&files, folder, endings, err);
    if (code == BK_OK) code = pool_open(&p, m->threads, err);
    if (code == BK_OK) code = gallery_open(&g, m, p, err);
    if (code == BK_OK) code = add_files(g, m, folder, &files, opt ? &opt->hooks : &silent, err);
    if (code != BK_OK) goto done;
    gallery_flush(g);
    gallery_view all = gallery_look(g);
    if (all.n == 0) code = bk_fail(err, BK_EFORMAT, "%s: no pictures in this folder", folder);
    if (code == BK_OK) code = track_open(&t, all.n, bundle_dim(m), err);
    if (code != BK_OK) goto done;
    for (int s = 0; s < all.n; s++) track_put(t, s, all.embeddings + (size_t)s * (size_t)t->dim);
    t->duration_us = (int64_t)all.n * 1000000;
    *out = t;
done:
    gallery_close(&g);
    pool_close(&p);
    file_list_close(&files);
    return code;
}
