/* Answers that are known already, from the cache: for bk_find(), and for the program, which asks here before it loads
 * what it takes to find one. Needs neither FFmpeg nor a model and includes nothing that does. */
#include "api_cached.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "find/answer_file.h"

/* Made by the build: checksums of the library's sources and of the model inside. */
extern const char bk_build_id[];
extern const char bk_model_inside_id[];

enum { ANSWER_BYTES_MAX = 1 << 16 };

const char *bk_version(void) {
    return BK_VERSION;
}

/* "size-time-sample" */
static bool add_file(text *t, const char *path) {
    file_id id;
    uint64_t sample;
    if (file_identify(&id, path, NULL) != BK_OK || file_sample(&sample, path, NULL) != BK_OK) return false;
    text_addf(t, "%llx-%llx-%016llx", (unsigned long long)id.size, (unsigned long long)id.mtime_ns,
              (unsigned long long)sample);
    return true;
}

bool model_identity(char out[IDENTITY_MAX], const char *path, const char *head) {
    text t = { 0 };
    bool ok = true;
    if (path)
        ok = add_file(&t, path);
    else
        text_add(&t, bk_model_inside_id);
    if (ok && head) {
        text_add(&t, "+");
        ok = add_file(&t, head);
    }
    uint64_t h = hash_bytes(HASH_BEGIN, text_str(&t), t.n);
    ok = ok && text_ok(&t);
    if (ok) snprintf(out, IDENTITY_MAX, "%.70s %016llx", text_str(&t), (unsigned long long)h);
    text_close(&t);
    return ok;
}

/* What is asked; the film's content and the program's are the source's part, so that a film that changed, or a newer
 * program, takes the place of the old answer. */
static void add_question(text *t, const char *path, const char *identity, const bk_find_options *o) {
    char *real = realpath(path, NULL);
    const char *name = real ? real : path;
    text_addf(t, "%016llx|%s|scan %d|decision %d|chapters %d|within %lld %lld",
              (unsigned long long)hash_bytes(HASH_BEGIN, name, strlen(name)), identity, (int)o->scan,
              (int)o->decision, !o->no_chapters, (long long)o->start_within_us, (long long)o->end_within_us);
    free(real);
}

static bool place_name(answer_place *p, const char *path, const char *identity, const bk_find_options *opt) {
    *p = (answer_place){ 0 };
    if (!opt || !opt->cache_dir || !identity[0]) return false;
    add_question(&p->source, path, identity, opt);
    text_addf(&p->file, "%s/answers/%016llx.json", opt->cache_dir,
              (unsigned long long)hash_bytes(HASH_BEGIN, text_str(&p->source), p->source.n));
    return text_ok(&p->file);
}

static bool place_source(answer_place *p, const char *path) {
    text_addf(&p->source, "|%s %s|", BK_VERSION, bk_build_id);
    return add_file(&p->source, path) && text_ok(&p->source);
}

bool answer_place_open(answer_place *p, const char *path, const char *identity, const bk_find_options *opt) {
    return place_name(p, path, identity, opt) && place_source(p, path);
}

void answer_place_close(answer_place *p) {
    text_close(&p->file);
    text_close(&p->source);
}

void answer_keep(const answer_place *p, const bk_answer *a, const char *model, const bk_find_options *opt) {
    text folder = { 0 }, json = { 0 };
    bk_error why = { 0 };
    text_addf(&folder, "%s/answers", opt->cache_dir);
    answer_write(&json, a, model, text_str(&p->source));
    int code = text_ok(&folder) && text_ok(&json) ? BK_OK : bk_fail_memory(&why, "the cache");
    if (code == BK_OK) code = file_make_folders(text_str(&folder), &why);
    if (code == BK_OK) code = file_save(text_str(&p->file), text_str(&json), json.n, &why);
    if (code != BK_OK) bk_log(&opt->hooks, BK_LOG_WARN, "the answer is not cached: %s", why.text);
    text_close(&folder);
    text_close(&json);
}

bool answer_known(const answer_place *p, bk_answer *out, char model_name[64]) {
    char *json = NULL;
    size_t n;
    bool known = file_read(&json, &n, text_str(&p->file), ANSWER_BYTES_MAX, NULL) == BK_OK &&
                 answer_read(out, model_name, json, n, text_str(&p->source));
    free(json);
    return known;
}

/* In this order: where nothing is kept the video need not be touched. */
int bk_find_cached(bk_answer *out, char model_name[64], const char *path, const char *model, const char *head,
                   const bk_find_options *opt) {
    char identity[IDENTITY_MAX];
    answer_place p = { 0 };
    file_id unused;
    bool known = model_identity(identity, model, head) && place_name(&p, path, identity, opt) &&
                 file_identify(&unused, text_str(&p.file), NULL) == BK_OK && place_source(&p, path) &&
                 answer_known(&p, out, model_name);
    answer_place_close(&p);
    return known;
}
