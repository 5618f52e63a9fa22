/* bookend model fetch: public weights from their makers, checked, converted, and at hand by name. The one command
 * that connects to anything, and only when it is asked to. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bookend/weights.h"
#include "commands.h"
#include "http.h"

enum { HEX = 64, TRIES = 100 };

/* Models known by name. Addresses and hashes are those of OpenAI's clip/clip.py, whose addresses carry the hash. */
static const struct known {
    const char *name, *about, *url, *sha256;
} known[] = {
    { "clip-vit-b-32", "OpenAI's CLIP ViT-B/32, MIT licence",
      "https://openaipublic.azureedge.net/clip/models/"
      "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af/ViT-B-32.pt",
      "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af" },
    { "clip-vit-b-16", "OpenAI's CLIP ViT-B/16, MIT licence",
      "https://openaipublic.azureedge.net/clip/models/"
      "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f/ViT-B-16.pt",
      "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f" },
    { "clip-vit-l-14", "OpenAI's CLIP ViT-L/14, MIT licence",
      "https://openaipublic.azureedge.net/clip/models/"
      "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836/ViT-L-14.pt",
      "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836" },
    { "clip-vit-l-14-336", "OpenAI's CLIP ViT-L/14 for pictures of 336 pixels, MIT licence",
      "https://openaipublic.azureedge.net/clip/models/"
      "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02/ViT-L-14-336px.pt",
      "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02" },
};
enum { N_KNOWN = sizeof known / sizeof *known };

/* What is to be done. */
typedef struct job {
    const char *name, *url;
    char sha256[HEX + 1];
    char *model, *part; /* the file it becomes, and the download while it is not whole */
    int fd;             /* of part; locked */
    bool resumed;       /* part held something before */
} job;

static void close_job(job *j) {
    if (j->fd >= 0) close(j->fd);
    free(j->model);
    free(j->part);
}

/* ---- what is asked for ------------------------------------------------------------------------------- */

static int list_known(void) {
    for (int i = 0; i < N_KNOWN; i++) printf("%-20s %s\n%-20s %s\n", known[i].name, known[i].about, "", known[i].url);
    return EXIT_DONE;
}

static const struct known *find_known(const char *name) {
    for (int i = 0; i < N_KNOWN; i++)
        if (!strcmp(known[i].name, name)) return &known[i];
    return NULL;
}

/* It becomes a file's name, and must not be mistaken for a path or an option. */
static bool name_is_plain(const char *name) {
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return n && n < 64 && !name[n] && name[0] != '.' && name[0] != '-';
}

static bool take_hash(char to[HEX + 1], const char *from) {
    if (strlen(from) != HEX || strspn(from, "0123456789abcdefABCDEF") != HEX) return false;
    for (int i = 0; i <= HEX; i++) to[i] = (char)tolower((unsigned char)from[i]);
    return true;
}

/* False: the sentence was said. */
static bool plan(job *j, const settings *s, ui *u) {
    const struct known *k = find_known(s->paths.at[0]);
    const char *hash = s->sha256 ? s->sha256 : k ? k->sha256 : NULL;
    j->name = s->paths.at[0];
    j->url = s->url ? s->url : k ? k->url : NULL;
    if (!name_is_plain(j->name))
        ui_fail(u, "%s: no name for a model: letters, digits, points, - and _", j->name);
    else if (setup_is_inside(j->name))
        ui_fail(u, "%s: the model inside the program bears this name", j->name);
    else if (!j->url)
        ui_fail(u, "%s: not known; `bookend model fetch` lists what is, --url and --sha256 fetch others", j->name);
    else if (strncmp(j->url, "http://", 7) && strncmp(j->url, "https://", 8))
        ui_fail(u, "%s: no address of http or https", j->url);
    else if (!hash)
        ui_fail(u, "%s: --sha256 is needed: nothing else tells whether what arrives is what was meant", j->name);
    else if (!take_hash(j->sha256, hash))
        ui_fail(u, "%s: no SHA-256, which has 64 hexadecimal digits", hash);
    else
        return true;
    return false;
}

/* Names of the two files, and the part open and ours alone. A part is named after its hash: what it holds is the
 * beginning of that file whatever address it came from, so it needs no ETag to be gone on with. */
static bool open_part(job *j, ui *u) {
    struct stat st;
    char *folder = setup_models_folder();
    bool named = folder && asprintf(&j->model, "%s/%s.safetensors", folder, j->name) >= 0 &&
                 asprintf(&j->part, "%s/%.16s.part", folder, j->sha256) >= 0;
    free(folder);
    if (!named) ui_fail(u, "no folder for models: neither XDG_DATA_HOME nor HOME is an absolute path");
    if (!named || !setup_parent(j->part, u)) return false;
    j->fd = open(j->part, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (j->fd < 0 || fstat(j->fd, &st) != 0)
        ui_fail(u, "%s: %s", j->part, strerror(errno));
    else if (flock(j->fd, LOCK_EX | LOCK_NB) != 0)
        ui_fail(u, "%s: another bookend is fetching it", j->part);
    else {
        j->resumed = st.st_size > 0;
        return true;
    }
    return false;
}

/* ---- download, check, convert ------------------------------------------------------------------------ */

static off_t size_of(const job *j) {
    struct stat st;
    return fstat(j->fd, &st) == 0 ? st.st_size : 0;
}

/* Asks again as long as each try brings more. */
static bool download(job *j, ui *u, const bk_hooks *hooks) {
    char error[HTTP_ERROR_MAX];
    http_result r;
    int tries = 0;
    off_t before;
    do {
        before = size_of(j);
        r = http_get(j->url, j->fd, j->part, hooks, error);
        if (r == HTTP_CUT) ui_say(u, "%s; after %.1f MB", error, (double)size_of(j) / 1e6);
    } while (r == HTTP_CUT && size_of(j) > before && ++tries < TRIES);
    if (r == HTTP_DONE) return true;
    if (!size_of(j)) unlink(j->part);
    ui_fail(u, "%s%s", error, size_of(j) ? "; the same command goes on where this one stopped" : "");
    return false;
}

/* 1: it is the file that was meant; 0: it is not; -1: it cannot be read, which was said. */
static int check(const job *j, char is[HEX + 1], ui *u) {
    bk_error err = { 0 };
    if (bk_file_sha256(is, j->part, &err) == BK_OK) return strcmp(is, j->sha256) == 0;
    setup_failed(u, &err, NULL);
    return -1;
}

static bool get_whole(job *j, ui *u, const bk_hooks *hooks) {
    char is[HEX + 1];
    if (!download(j, u, hooks)) return false;
    int right = check(j, is, u);
    if (right == 0 && j->resumed) { /* what it went on from may have been damaged */
        ui_say(u, "%s: the parts do not fit together; fetching all of it again", j->name);
        if (ftruncate(j->fd, 0) != 0 || !download(j, u, hooks)) return false;
        right = check(j, is, u);
    }
    if (right != 0) return right > 0;
    unlink(j->part);
    ui_fail(u, "%s: its SHA-256 is %s, not %s; nothing of it was kept", j->url, is, j->sha256);
    return false;
}

/* The download goes when it has become a model, or never can. */
static bool convert(const job *j, const settings *s, ui *u, const bk_hooks *hooks) {
    bk_error err = { 0 };
    const bk_convert_options o = {
        .activation = (bk_activation)s->activation, .heads = (int)s->heads, .name = j->name, .hooks = *hooks
    };
    int rc = bk_model_convert(j->model, j->part, &o, &err);
    if (rc == BK_OK || rc == BK_EFORMAT || rc == BK_EMISMATCH) unlink(j->part);
    if (rc != BK_OK) ui_fail(u, "%s: fetched, but no model could be made of it: %s", j->name, err.text);
    return rc == BK_OK;
}

static bool fetch(job *j, const settings *s, ui *u) {
    if (!plan(j, s, u) || !open_part(j, u)) return false;
    if (!s->force && access(j->model, F_OK) == 0) {
        if (!j->resumed) unlink(j->part);
        ui_say(u, "%s: it is there already; --force fetches it again", j->model);
        return true;
    }
    ui_inputs(u, 1, 0, 1);
    ui_say(u, "fetching %s", j->url);
    ui_begin(u, 0, j->name);
    const bk_hooks hooks = ui_hooks(u, 0);
    bool ok = get_whole(j, u, &hooks);
    ui_end(u, 0);
    ok = ok && convert(j, s, u, &hooks);
    if (ok) ui_say(u, "%s: written; --model %s uses it", j->model, j->name);
    return ok;
}

int model_fetch_run(const settings *s, ui *u) {
    job j = { .fd = -1 };
    if (!s->paths.n) return list_known();
    bool ok = fetch(&j, s, u);
    close_job(&j);
    return ok ? EXIT_DONE : EXIT_SOME_FAILED;
}
