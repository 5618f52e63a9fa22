/* Walks folders for videos and folders of frames. Follows symbolic links, but never into a folder it is in already.
 */
#define _GNU_SOURCE
#include "inputs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const char *const video_endings[] = {
    "3gp", "asf", "avi", "divx", "f4v", "flv", "m2ts", "m2v", "m4v", "mkv",  "mov", "mp4", "mpeg", "mpg",
    "mts", "mxf", "nut", "ogm",  "ogv", "rm",  "rmvb", "ts",  "vob", "webm", "wmv", "y4m", NULL,
};
static const char digits[] = "0123456789";
static const char *const picture_endings[] = { "jpg", "jpeg", "png", NULL };

/* A folder on the way down. */
typedef struct level {
    const struct level *above;
    const char *path;
    size_t root; /* bytes of path before what lies below the folder given */
    dev_t device;
    ino_t inode;
} level;

typedef struct walk {
    input_list *list;
    unsigned kinds;
    bool failed; /* no memory */
} walk;

static bool ends_in(const char *name, const char *const *endings) {
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name) return false;
    while (*endings && strcasecmp(dot + 1, *endings) != 0) endings++;
    return *endings;
}

/* Keeps the strings; NULL for path or name means that there was no memory for them. */
static bool add(input_list *l, char *path, char *name, char *error, bool frames) {
    if (path && name && l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 64;
        input *at = reallocarray(l->at, cap, sizeof *at);
        if (at) l->at = at, l->cap = cap;
    }
    if (!path || !name || l->n == l->cap) {
        free(path), free(name), free(error);
        return false;
    }
    l->at[l->n++] = (input){ path, name, error, frames };
    return true;
}

static bool add_error(input_list *l, const char *path, const char *why) {
    char *error;
    if (asprintf(&error, "%s: %s", path, why) < 0) return false;
    return add(l, strdup(path), strdup(path), error, false);
}

/* The last part of a path, with "." and the like resolved; to be freed. */
static char *own_name(const char *path) {
    char *real = realpath(path, NULL);
    const char *slash = strrchr(real ? real : path, '/');
    char *name = strdup(slash && slash[1] ? slash + 1 : real ? real : path);
    free(real);
    return name;
}

static void walk_folder(walk *w, const level *here);

static void walk_entry(walk *w, const level *here, const char *name) {
    struct stat st;
    char *path;
    bool slash = here->path[strlen(here->path) - 1] == '/';
    if (asprintf(&path, "%s%s%s", here->path, slash ? "" : "/", name) < 0) {
        w->failed = true;
        return;
    }
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        level below = { here, path, here->root, st.st_dev, st.st_ino };
        const level *l = here;
        while (l && (l->device != st.st_dev || l->inode != st.st_ino)) l = l->above;
        if (!l) walk_folder(w, &below);
    } else if ((w->kinds & INPUTS_VIDEOS) && ends_in(name, video_endings)) {
        w->failed |= !add(w->list, path, strdup(path + here->root), NULL, false);
        return;
    }
    free(path);
}

static int visible(const struct dirent *d) {
    return d->d_name[0] != '.';
}

/* How a person sorts: "e2" before "e10", letters whatever their case. What that leaves equal, by bytes. */
int inputs_compare(const char *a, const char *b) {
    const char *p = a, *q = b;
    while (*p && *q) {
        size_t n = strspn(p, digits), m = strspn(q, digits);
        if (n && m) {
            size_t zeros_p = strspn(p, "0"), zeros_q = strspn(q, "0");
            p += zeros_p, q += zeros_q, n -= zeros_p, m -= zeros_q;
            if (n != m) return n < m ? -1 : 1; /* more digits, a larger number */
            int order = strncmp(p, q, n);
            if (order) return order;
            p += n, q += n;
            continue;
        }
        int order = tolower((unsigned char)*p) - tolower((unsigned char)*q);
        if (order) return order;
        p++, q++;
    }
    return *p || *q ? (unsigned char)*p - (unsigned char)*q : strcmp(a, b);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return inputs_compare((*a)->d_name, (*b)->d_name);
}

/* Pictures, and no video beside which they would be posters. */
static bool holds_frames(struct dirent **entries, int n) {
    bool pictures = false;
    for (int i = 0; i < n; i++) {
        if (ends_in(entries[i]->d_name, video_endings)) return false;
        pictures |= ends_in(entries[i]->d_name, picture_endings);
    }
    return pictures;
}

static void walk_folder(walk *w, const level *here) {
    struct dirent **entries;
    int n = scandir(here->path, &entries, visible, by_name);
    if (n < 0) {
        w->failed |= !add_error(w->list, here->path, strerror(errno));
        return;
    }
    if ((w->kinds & INPUTS_FRAMES) && holds_frames(entries, n)) {
        bool below = strlen(here->path) > here->root;
        char *name = below ? strdup(here->path + here->root) : own_name(here->path);
        w->failed |= !add(w->list, strdup(here->path), name, NULL, true);
    }
    for (int i = 0; i < n; i++) {
        if (!w->failed) walk_entry(w, here, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static bool add_folder(input_list *l, const char *given, const struct stat *st, unsigned kinds) {
    static const char *const nothing[] = { [INPUTS_VIDEOS] = "there is no video in this folder",
                                           [INPUTS_FRAMES] = "there are no frames (*.jpg, *.png) in this folder",
                                           [INPUTS_VIDEOS | INPUTS_FRAMES] =
                                               "there are neither videos nor frames in this folder" };
    size_t n = strlen(given), before = l->n;
    while (n > 1 && given[n - 1] == '/') n--;
    char *path = strndup(given, n);
    if (!path) return false;
    walk w = { l, kinds, false };
    level top = { NULL, path, n + (path[n - 1] != '/'), st->st_dev, st->st_ino };
    walk_folder(&w, &top);
    bool ok = !w.failed && (l->n > before || add_error(l, path, nothing[kinds]));
    free(path);
    return ok;
}

bool inputs_add(input_list *l, const char *path, unsigned kinds) {
    struct stat st;
    if (stat(path, &st) != 0) return add_error(l, path, strerror(errno));
    if (S_ISDIR(st.st_mode)) return add_folder(l, path, &st, kinds);
    if (!(kinds & INPUTS_VIDEOS)) return add_error(l, path, "it is no folder");
    const char *slash = strrchr(path, '/');
    return add(l, strdup(path), strdup(slash ? slash + 1 : path), NULL, false);
}

void input_free(input *in) {
    free(in->path);
    free(in->name);
    free(in->error);
    *in = (input){ 0 };
}

void inputs_close(input_list *l) {
    for (size_t i = 0; i < l->n; i++) input_free(&l->at[i]);
    free(l->at);
    *l = (input_list){ 0 };
}
