/* Finds clips and pictures in folders and archives for the generator, with what the CSV files beside them
 * say (category, flag, source). Decodes nothing. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "learn/synth_material.h"
#include "store/csv.h"
#include "store/zip.h"

enum { DEPTH_MAX = 12 };

struct archive {
    uint8_t *bytes;
    zip *z;
};

/* What a CSV row says of a file. */
typedef struct fact {
    char *file; /* folder of the CSV, slash, name */
    char *source, *category, *flag;
} fact;

typedef struct facts {
    fact *row;
    size_t n, cap;
} facts;

static char *joined(const char *a, const char *sep, const char *b) {
    const size_t n = strlen(a) + strlen(sep) + strlen(b) + 1;
    char *s = malloc(n);
    if (s) snprintf(s, n, "%s%s%s", a, sep, b);
    return s;
}

static bool ends_in(const char *name, const char *ending) {
    const size_t n = strlen(name), m = strlen(ending);
    return n > m && !strcasecmp(name + n - m, ending);
}

static bool is_picture(const char *name) {
    return ends_in(name, ".jpg") || ends_in(name, ".jpeg") || ends_in(name, ".png") || ends_in(name, ".webp");
}

static int read_whole(uint8_t **out, size_t *n, const char *path, bk_error *err) {
    FILE *in = fopen(path, "rb");
    struct stat st;
    if (!in || fstat(fileno(in), &st)) {
        if (in) fclose(in);
        return bk_fail(err, BK_EIO, "%s: cannot be opened", path);
    }
    uint8_t *bytes = malloc((size_t)st.st_size + 1);
    *n = bytes ? fread(bytes, 1, (size_t)st.st_size, in) : 0;
    fclose(in);
    if (!bytes) return bk_fail_memory(err, path);
    if (*n != (size_t)st.st_size) {
        free(bytes);
        return bk_fail(err, BK_EIO, "%s: read %zu of %zu bytes", path, *n, (size_t)st.st_size);
    }
    *out = bytes;
    return BK_OK;
}

/* ---- CSV -------------------------------------------------------------------------------------------- */

static const char *field_of(const csv *c, size_t row, int column) {
    return column >= 0 ? csv_field(c, row, column) : "";
}

static bool add_fact(facts *f, const char *folder, const csv *c, size_t i, const int col[6]) {
    if (!bk_grow(&f->row, &f->cap, f->n + 1, sizeof *f->row)) return false;
    /* The split goes by what a file was cut from: all clips of one video fall on one side. */
    const char *source = field_of(c, i, col[1]);
    fact *row = &f->row[f->n++];
    *row = (fact){ joined(folder, "/", field_of(c, i, col[0])),
                   joined(*source ? source : field_of(c, i, col[2]), "|", field_of(c, i, col[3])),
                   strdup(field_of(c, i, col[4])), strdup(field_of(c, i, col[5])) };
    return row->file && row->source && row->category && row->flag;
}

/* A table without the columns that matter, or that is none, is some other file of the folder's owner. */
static int read_csv(facts *f, const char *folder, const char *path, bk_error *err) {
    static const char *const names[6] = { "file", "source", "src_id", "path", "category", "flag" };
    uint8_t *bytes = NULL;
    csv *c = NULL;
    size_t n = 0;
    int col[6], code = read_whole(&bytes, &n, path, err);
    if (code != BK_OK) return code;
    if (csv_parse(&c, (const char *)bytes, n, path, NULL) != BK_OK) goto done;
    for (int i = 0; i < 6; i++) col[i] = csv_column(c, names[i]);
    for (size_t i = 0; col[0] >= 0 && col[3] >= 0 && code == BK_OK && i < csv_rows(c); i++)
        if (!add_fact(f, folder, c, i, col)) code = bk_fail_memory(err, path);
done:
    csv_close(&c);
    free(bytes);
    return code;
}

static int by_file(const void *a, const void *b) {
    return strcmp(((const fact *)a)->file, ((const fact *)b)->file);
}

static const fact *find_fact(const facts *f, const char *folder, const char *name) {
    char *file = joined(folder, "/", name);
    if (!file) return NULL;
    const fact key = { .file = file };
    const fact *found = f->n ? bsearch(&key, f->row, f->n, sizeof key, by_file) : NULL;
    free(file);
    return found;
}

/* In the table of the file's own folder, or of the folder above. */
static const fact *fact_of(const facts *f, const char *folder, const char *name) {
    const fact *found = find_fact(f, folder, name);
    const char *slash = strrchr(folder, '/');
    if (found || !slash) return found;
    char *above = strndup(folder, (size_t)(slash - folder));
    if (above) found = find_fact(f, above, name);
    free(above);
    return found;
}

static void facts_free(facts *f) {
    for (size_t i = 0; i < f->n; i++) {
        free(f->row[i].file);
        free(f->row[i].source);
        free(f->row[i].category);
        free(f->row[i].flag);
    }
    free(f->row);
}

/* ---- items ------------------------------------------------------------------------------------------ */

static bool begins(const char *name, const char *with) {
    return !strncmp(name, with, strlen(with));
}

/* Kind, weight and letters by category; a weight of 0 leaves the item out. */
static void judge(item *it, const fact *f, bool clip) {
    static const struct {
        const char *category;
        float weight;
    } weights[] = { { "indoor-robot", 0.12f }, { "game-hud", 0.5f },     { "driving", 0.5f }, { "object:", 0.3f },
                    { "pacs:sketch", 0.08f },  { "pacs:cartoon", 0.4f }, { "pacs:", 0.6f },   { "imagenet:", 1.2f },
                    { "photo:indoor", 0.3f },  { "art:", 1.5f },         { "photo:", 1.5f } };
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
        if (begins(f->category, weights[i].category)) {
            it->weight = weights[i].weight;
            break;
        }
    if (begins(f->category, "title:"))
        it->kind = ITEM_TITLE;
    else if (begins(f->category, "neg:") && !begins(f->category, "neg:old_film"))
        it->kind = ITEM_TEXT;
    it->letters = it->kind == ITEM_TITLE || it->kind == ITEM_TEXT || begins(f->flag, "overlay_text") ||
                  begins(f->category, "game-hud") || strstr(f->source, "/doc/") != NULL;
    if (clip && begins(f->flag, "title_like")) it->weight = 0;
}

static int add_item(material_index *x, const facts *f, const char *folder, const char *path, const char *name,
                    item_kind kind, int in_archive, size_t entry, bk_error *err) {
    const fact *known = fact_of(f, folder, name);
    item it = { kind, NULL, NULL, in_archive, entry, 1, false, false };
    if (known) judge(&it, known, kind == ITEM_CLIP);
    if (!(it.weight > 0)) return BK_OK;
    it.held_out = words_held_out(known ? known->source : in_archive < 0 ? path : name);
    it.path = strdup(path);
    it.name = strdup(name);
    if (!it.path || !it.name || !bk_grow(&x->items, &x->cap, x->n + 1, sizeof it)) {
        free(it.path);
        free(it.name);
        return bk_fail_memory(err, path);
    }
    x->items[x->n++] = it;
    return BK_OK;
}

static int add_archive(material_index *x, const facts *f, const char *folder, const char *path, bk_error *err) {
    archive a = { 0 };
    size_t n = 0;
    int code = read_whole(&a.bytes, &n, path, err);
    if (code == BK_OK) code = zip_open(&a.z, a.bytes, n, path, 0, err);
    if (code == BK_OK && !bk_grow(&x->archives, &x->archives_cap, x->n_archives + 1, sizeof a))
        code = bk_fail_memory(err, path);
    if (code != BK_OK) {
        zip_close(&a.z);
        free(a.bytes);
        return code;
    }
    const int at = (int)x->n_archives;
    x->archives[x->n_archives++] = a;
    for (size_t i = 0; code == BK_OK && i < zip_count(a.z); i++) {
        const char *name = zip_at(a.z, i)->name;
        if (is_picture(name)) code = add_item(x, f, folder, path, name, ITEM_PHOTO, at, i, err);
    }
    return code;
}

int index_read(const material_index *x, const item *it, uint8_t **out, size_t *n, bk_error *err) {
    const archive *a = &x->archives[it->archive];
    const zip_entry *e = zip_at(a->z, it->entry);
    uint8_t *bytes = malloc(e->size + 1);
    if (!bytes) return bk_fail_memory(err, it->name);
    const int code = zip_read(a->z, e, bytes, err);
    if (code != BK_OK) {
        free(bytes);
        return code;
    }
    *out = bytes;
    *n = e->size;
    return BK_OK;
}

void index_free(material_index *x) {
    for (size_t i = 0; i < x->n; i++) {
        free(x->items[i].path);
        free(x->items[i].name);
    }
    for (size_t i = 0; i < x->n_archives; i++) {
        zip_close(&x->archives[i].z);
        free(x->archives[i].bytes);
    }
    free(x->items);
    free(x->archives);
    memset(x, 0, sizeof *x);
}

/* ---- folders ---------------------------------------------------------------------------------------- */

/* Wallpaper packages hold one picture in many sizes, named by them, and a small preview. */
static bool is_copy(const char *name, char last[64]) {
    int w, h, n = 0;
    if (begins(name, "screenshot.")) return true;
    if (sscanf(name, "%dx%d%n", &w, &h, &n) != 2 || n == 0) return false;
    if (*last) return true;
    snprintf(last, 64, "%s", name);
    return false;
}

static int walk(material_index *x, facts *f, const char *folder, int depth, bool tables, bk_error *err);

static int visit(material_index *x, facts *f, const char *folder, const char *name, char last[64], int depth,
                 bool tables, bk_error *err) {
    struct stat st;
    char *path = joined(folder, "/", name);
    int code = BK_OK;
    if (!path) return bk_fail_memory(err, folder);
    if (lstat(path, &st))
        code = BK_OK;
    else if (S_ISDIR(st.st_mode))
        code = depth < DEPTH_MAX ? walk(x, f, path, depth + 1, tables, err) : BK_OK;
    else if (!S_ISREG(st.st_mode))
        code = BK_OK; /* links would bring the same picture twice */
    else if (tables)
        code = ends_in(name, ".csv") ? read_csv(f, folder, path, err) : BK_OK;
    else if (ends_in(name, ".mp4"))
        code = add_item(x, f, folder, path, name, ITEM_CLIP, -1, 0, err);
    else if (ends_in(name, ".zip"))
        code = add_archive(x, f, folder, path, err);
    else if (is_picture(name) && !is_copy(name, last))
        code = add_item(x, f, folder, path, name, ITEM_WALL, -1, 0, err);
    free(path);
    return code;
}

static int walk(material_index *x, facts *f, const char *folder, int depth, bool tables, bk_error *err) {
    struct dirent **entry;
    char last[64] = "";
    const int n = scandir(folder, &entry, NULL, alphasort);
    int code = n < 0 ? bk_fail(err, BK_EIO, "%s: not a folder that can be read", folder) : BK_OK;
    for (int i = 0; i < n; i++) {
        if (code == BK_OK && entry[i]->d_name[0] != '.')
            code = visit(x, f, folder, entry[i]->d_name, last, depth, tables, err);
        free(entry[i]);
    }
    if (n >= 0) free(entry);
    return code;
}

int index_folder(material_index *x, const char *folder, bk_error *err) {
    facts f = { 0 };
    int code = walk(x, &f, folder, 0, true, err);
    if (f.n) qsort(f.row, f.n, sizeof *f.row, by_file);
    if (code == BK_OK) code = walk(x, &f, folder, 0, false, err);
    facts_free(&f);
    return code;
}
