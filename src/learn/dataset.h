/* Labels and tracks joined: what training learns from and evaluation measures on.
 *
 * A track is a file SHOW_EPISODE_windows.npz, its show the part before the first "_". Its label is, in this
 * order, the one whose file's stem is SHOW_EPISODE; whose stem is EPISODE in a folder SHOW; whose stem is
 * EPISODE (the notebook's rule). */
#ifndef BK_LEARN_DATASET_H
#define BK_LEARN_DATASET_H

#include <stdbool.h>

#include "find/track.h"

/* A stretch of opening or credits, in seconds. */
typedef struct episode_part {
    double start_s, end_s;
} episode_part;

typedef struct episode {
    char *path; /* of the track */
    char *name; /* SHOW_EPISODE */
    char *show;
    double start_s, end_s; /* of the story, as labelled */
    bool by_parts;         /* labelled by its parts, not by the two times alone */
    episode_part *parts;   /* [n_parts] */
    size_t n_parts, cap_parts;
    bool held_out;         /* for validation */
    bk_track *track;       /* NULL while not loaded */
} episode;

typedef struct dataset {
    episode *episodes; /* in order of their names */
    int n;
    size_t cap;
    int dim;       /* numbers in an embedding; 0 while nothing was loaded */
    float *pad;    /* [dim]: what stands behind the end of a track; zeros unless standardised */
    float *spread; /* [dim]: of the numbers over the part that is trained on; NULL before dataset_measure() */
    float *mean;   /* [dim] */
    float *scale;  /* [dim]: what the tracks were divided by; NULL before dataset_standardise() */
} dataset;

/* Lists the labelled tracks of a folder; loads none. shows: only these, comma separated; NULL: all. Tracks
 * without a label and labels without a track are named in the log. BK_EIO, BK_EFORMAT (a label line that does
 * not parse, or a story that ends before it begins, with its number), BK_EINVAL (nothing is left), BK_ENOMEM. */
int dataset_open(dataset *out, const char *labels, const char *embeddings, const char *shows, const bk_hooks *hooks,
                 bk_error *err);
/* Accepts { 0 } and leaves it. */
void dataset_close(dataset *d);

/* Whether name is one of a comma separated list. */
bool dataset_listed(const char *list, const char *name);

/* Loads one track, or all. BK_EMISMATCH when tracks differ in the size of their embeddings. BK_EIO, BK_EFORMAT,
 * BK_ENOMEM. */
int dataset_load(dataset *d, episode *e, bk_error *err);
int dataset_load_all(dataset *d, bk_error *err);
void episode_unload(episode *e);

/* Cuts the labels to whole seconds, as the notebook's training does. */
void dataset_whole_seconds(dataset *d);

/* Counts labels from the moment that a sample shows (find/track.h) instead of its second's beginning. */
void dataset_at_samples(dataset *d);

/* Reads labels finer than two times: a CSV with file,kind,start,end, times in seconds; kinds other than story, main,
 * cold_open, extra_scene and post-credits are opening or credits. To be called before dataset_at_samples().
 * BK_EIO, BK_EFORMAT with the line's number, BK_ENOMEM. */
int dataset_segments(dataset *d, const char *path, bk_error *err);

/* Marks the shows of a comma separated list as held out. BK_EINVAL when that leaves no track on one side. */
int dataset_hold_out(dataset *d, const char *shows, bk_error *err);
/* Fold k of n: shows in the order of a hash of their names, dealt out to the folds one by one. Where there are
 * fewer shows than folds, episodes are dealt out instead. The same names give the same folds. */
int dataset_fold(dataset *d, int k, int n, bk_error *err);
/* One show in eight, at least one. */
int dataset_hold_out_some(dataset *d, bk_error *err);

/* Mean and spread of each number over what is not held out. Needs all tracks. BK_ENOMEM. */
int dataset_measure(dataset *d, bk_error *err);
/* Takes off the mean and divides by the spread, in all tracks and in pad; spread becomes 1, and scale is what
 * was divided by. BK_ENOMEM. */
int dataset_standardise(dataset *d, bk_error *err);

/* 1 when the moment t_s is opening or credits by the label. */
int episode_truth(const episode *e, double t_s);

/* A hash over names, labels, lengths and all embeddings: whether it is the same material. */
uint64_t dataset_fingerprint(const dataset *d);

#endif
