/* bookend: find the two ends of the story in a video.
 *
 *     video file --> track (one embedding a second) --> probabilities --> answer --> a report
 *
 * Conventions, stated once:
 *   - A function that can fail returns an int: BK_OK, or a negative bk_code. It also fills *err, if err
 *     is not NULL, with a sentence fit to show a person. A function without an err argument cannot fail.
 *   - bk_NOUN_open() and friends hand the caller an object; bk_NOUN_close(&x) ends it, sets x to NULL, and
 *     accepts a pointer to NULL. Nothing else needs freeing. *out is set only on success.
 *   - Arguments need to live only until the call returns, unless the comment says so.
 *   - Times are int64_t microseconds from the first frame shown and end in _us. An interval holds its
 *     begin and not its end. [n, d] is a row-major float matrix.
 *   - In an options struct a zero field means the default, so { 0 } is always valid.
 *   - Distinct objects may be used from distinct threads; one object from one thread at a time. A model
 *     is only read, so any number of threads may share it.
 */
#ifndef BOOKEND_BOOKEND_H
#define BOOKEND_BOOKEND_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define BK_API __attribute__((visibility("default")))
#else
#define BK_API
#endif

/* The release, "0.1.0". Static string. */
BK_API const char *bk_version(void);

/* ---- errors and hooks ---------------------------------------------------------------------------- */

typedef enum bk_code {
    BK_OK = 0,
    BK_EINVAL = -1,    /* an argument that the documentation rules out */
    BK_ENOMEM = -2,    /* out of memory */
    BK_EIO = -3,       /* a file could not be opened, read or written */
    BK_EFORMAT = -4,   /* a file is damaged, or not of the expected kind */
    BK_EVIDEO = -5,    /* the video could not be demuxed or decoded */
    BK_EMISMATCH = -6, /* two inputs do not belong together, as a model and a track */
    BK_ECANCELED = -7, /* the progress callback asked to stop */
} bk_code;

typedef struct bk_error {
    int code;       /* the same value that the call returned */
    char text[252]; /* one line, no newline, always terminated */
} bk_error;

typedef enum bk_level {
    BK_LOG_WARN, /* something was passed over, the answer may suffer: a damaged frame */
    BK_LOG_INFO, /* what was decided, once a stage */
    BK_LOG_DEBUG /* for whoever works on bookend */
} bk_level;

typedef struct bk_progress {
    const char *stage; /* "scan", "look", "refine", "pictures", "train"; static string */
    int64_t done;      /* in units of the stage: microseconds of video, frames, steps */
    int64_t total;     /* 0 when not known */
    const char *note;  /* how it goes, "epoch 3 of 16, loss 0.213, rate 5e-05": lives until the callback returns; NULL */
} bk_progress;

/* Both are called in the thread that called the library; by bk_compose() in several at once. */
typedef struct bk_hooks {
    void *user;                                                /* handed to both callbacks */
    void (*log)(void *user, bk_level level, const char *line); /* NULL: the library is silent */
    int (*progress)(void *user, const bk_progress *p);         /* nonzero: stop, BK_ECANCELED */
} bk_hooks;

/* ---- the model -------------------------------------------------------------------------------------- */

/* One file holds an encoder, a head and every number that belongs to them: picture size, mean, deviation,
 * window, thresholds, calibration. Immutable once open. */
typedef struct bk_model bk_model;

typedef struct bk_model_options {
    const char *head; /* a head of its own (safetensors, or a PyTorch state dict), in place of the model's */
    int threads;      /* that one job may use; 0: as many as the process may run on */
} bk_model_options;

/* path NULL: the model compiled into the library. Weights are mapped, not copied, where the file allows.
 * BK_EIO, BK_EFORMAT, BK_EMISMATCH (head and encoder do not fit), BK_ENOMEM. opt may be NULL. */
BK_API int bk_model_open(bk_model **out, const char *path, const bk_model_options *opt, bk_error *err);
BK_API void bk_model_close(bk_model **m);

typedef struct bk_model_info {
    char name[64];
    char fingerprint[17];       /* 64 bits of a hash over all weights and numbers, in hex */
    int picture_w, picture_h;   /* pixels that the encoder sees */
    int embedding;              /* numbers in an embedding, 512 */
    int window;                 /* samples in a window of the head, 60; 0 when the model has no head */
    int64_t encoder_parameters, head_parameters;
    const char *about;          /* one line: architecture in words; owned by the model */
} bk_model_info;

BK_API void bk_model_describe(const bk_model *m, bk_model_info *out);

/* Writes the model's tensors, one a line: name, shape, kind. BK_EIO. */
BK_API int bk_model_print(const bk_model *m, FILE *to, bk_error *err);

/* ---- the answer ------------------------------------------------------------------------------------- */

typedef enum bk_found {
    BK_UNSURE, /* the program will not say; see reason */
    BK_FOUND,
    BK_NONE /* nothing to skip at this end: the story begins with the file, or ends with it */
} bk_found;

/* A boundary of the story. */
typedef struct bk_mark {
    int64_t time_us;  /* where the story begins / ends (exclusive) */
    int64_t frame;    /* first / last frame of the story, from 0 in order of display */
    float confidence; /* calibrated: of marks that say 0.9, nine in ten are right within 2 s */
    bk_found found;
} bk_mark;

typedef enum bk_kind { BK_OPENING, BK_MAIN, BK_CREDITS, BK_LOGO, BK_RECAP, BK_TITLES, BK_POST_CREDITS } bk_kind;

/* "opening", "main", "credits", ... Static string. */
BK_API const char *bk_kind_name(bk_kind kind);

typedef struct bk_segment {
    int64_t begin_us, end_us;
    bk_kind kind;
    float confidence;
} bk_segment;

enum { BK_SEGMENTS_MAX = 16 };

/* A plain value: copy it, keep it, nothing to free. */
typedef struct bk_answer {
    bk_mark start_main, end_main;
    int64_t duration_us;
    double fps; /* average frame rate of the video; 0 when not known */
    int n_segments;
    bk_segment segments[BK_SEGMENTS_MAX]; /* in order of time, without gaps or overlap; none when unsure */
    char reason[160];                     /* why a mark is BK_UNSURE; empty otherwise */
} bk_answer;

/* ---- finding ---------------------------------------------------------------------------------------- */

typedef enum bk_scan {
    BK_SCAN_SMART, /* keyframes where a boundary can be, then densely round the candidates */
    BK_SCAN_FULL   /* one frame a second, the same as `ffmpeg -vf fps=1` */
} bk_scan;

typedef enum bk_decision {
    BK_DECISION_MAP,     /* the most probable pair of boundaries, given all probabilities at once */
    BK_DECISION_NOTEBOOK /* the rules of the notebook that bookend grew from, to the letter */
} bk_decision;

typedef struct bk_find_options {
    bk_scan scan;
    bk_decision decision;
    const char *cache_dir; /* tracks and answers are kept here and used again; NULL: no cache */
    int no_chapters;       /* chapters that the film has are not taken into account: judge by the picture alone */
    int64_t start_within_us; /* an opening ends within this much of the file's beginning; 0: as the model says */
    int64_t end_within_us;   /* credits begin within this much of its end; 0: as the model says */
    bk_hooks hooks;
} bk_find_options;

/* The whole job for one file: boundaries exact to the frame. BK_EIO, BK_EVIDEO, BK_EMISMATCH (a model
 * without a head), BK_ENOMEM, BK_ECANCELED. opt may be NULL. */
BK_API int bk_find(bk_answer *out, const char *path, const bk_model *m, const bk_find_options *opt, bk_error *err);

/* The answer that bk_find() gives at once, without opening video or model: the one in opt->cache_dir, when neither the
 * file, the model, the options nor the library have changed since. model and head are the paths given to
 * bk_model_open(), or NULL; the model's name is copied to model_name. 1: *out holds it. 0: it is not known. A damaged
 * entry of the cache is none. */
BK_API int bk_find_cached(bk_answer *out, char model_name[64], const char *path, const char *model, const char *head,
                          const bk_find_options *opt);

/* The same in its parts, for callers that keep tracks or bring their own pictures. A track is one
 * embedding a second, [len, embedding], from the first frame shown on. */
typedef struct bk_track bk_track;

BK_API int bk_track_from_video(bk_track **out, const char *path, const bk_model *m, const bk_find_options *opt,
                               bk_error *err);
/* A folder of *.jpg or *.png, one a second, in order of their names. */
BK_API int bk_track_from_frames(bk_track **out, const char *folder, const bk_model *m, const bk_find_options *opt,
                                bk_error *err);
/* The notebook's .npz: `windows` f32 [N, 60, embedding], `start_indices` [N]; ours also keeps the `tail`
 * that does not fill a window, so that saving and loading loses nothing. Written to a temporary name and
 * renamed. BK_EIO, BK_EFORMAT, BK_ENOMEM. */
BK_API int bk_track_load(bk_track **out, const char *path, bk_error *err);
BK_API int bk_track_save(const bk_track *t, const char *path, bk_error *err);
BK_API void bk_track_close(bk_track **t);
BK_API int bk_track_length(const bk_track *t);                 /* samples, one a second */
BK_API const float *bk_track_embeddings(const bk_track *t);    /* [len, embedding], owned by the track */

/* probs f32 [len]: P(opening or credits) a second. Windows of the model's length are offsets into the
 * track; where windows overlap their probabilities are averaged. BK_EMISMATCH, BK_ENOMEM. */
BK_API int bk_probabilities(float *probs, const bk_model *m, const bk_track *t, bk_error *err);

/* Two boundaries to the second from len probabilities. Pure. BK_ENOMEM. */
BK_API int bk_decide(bk_answer *out, const float *probs, int len, const bk_model *m, bk_decision how, bk_error *err);

/* ---- reports ---------------------------------------------------------------------------------------- */

/* What a writer is given. */
typedef struct bk_report {
    const char *file;        /* as the user named it */
    const bk_answer *answer; /* NULL: the input failed, and error says why */
    const char *error;
    const char *model;       /* its name */
    double elapsed_s;
    double pad_start_s, pad_end_s; /* seconds of safety: start_main earlier, end_main later */
} bk_report;

/* The number of output formats, and the name and a one-line description of each. Static strings; NULL
 * out of range. */
BK_API int bk_format_count(void);
BK_API const char *bk_format_name(int format);
BK_API const char *bk_format_about(int format);
BK_API const char *bk_format_suffix(int format); /* of its side file, ".edl"; NULL: it has none */
/* The format of that name, or -1. */
BK_API int bk_format_find(const char *name);

/* Writes what the format has once, before all reports, as the names of the columns of csv; nothing for
 * most. BK_EIO, BK_EINVAL. */
BK_API int bk_write_header(FILE *to, int format, bk_error *err);

/* Writes one report as text, flushes, and leaves the stream open. Of an input that failed text and json
 * tell; the other formats write nothing. BK_EIO, BK_ENOMEM, BK_EINVAL (no such format, or one that needs
 * what the answer lacks: comskip without a frame rate). */
BK_API int bk_write(FILE *to, int format, const bk_report *r, bk_error *err);

/* ---- chapters in the film itself -------------------------------------------------------------------- */

/* The chapters that a film would have with what was found in it: its own, each with its name, parted where an opening
 * or credits begin or end inside of one; or those found, where it has none. */
typedef struct bk_chapters bk_chapters;

typedef struct bk_chapter {
    int64_t begin_us, end_us;
    const char *name; /* owned by the list; "" when it has none */
    int changed;      /* not as it is in the film: new, or begins or ends elsewhere */
} bk_chapter;

/* Reads r->file and joins its chapters with the timeline of r->answer, which must be there; nothing is written. BK_EIO,
 * BK_EVIDEO, BK_EFORMAT (a container into which chapters cannot be written), BK_ENOMEM. */
BK_API int bk_chapters_open(bk_chapters **out, const bk_report *r, bk_error *err);
BK_API void bk_chapters_close(bk_chapters **c);
BK_API int bk_chapters_count(const bk_chapters *c);
/* i in [0, count). */
BK_API bk_chapter bk_chapters_get(const bk_chapters *c, int i);
/* Whether the film lacks any of them: 0 when there is nothing to write, or nothing to skip. */
BK_API int bk_chapters_pending(const bk_chapters *c);
/* Writes them into the film, by stream copy into a new file beside it (".bookend-*.part") that is synced, read again,
 * compared packet by packet and renamed over the film. What cannot be kept is a reason to leave the film as it is:
 * BK_EMISMATCH says which. Permissions stay, and the owner where the process may set it; the time of modification is
 * that of writing. hooks may be NULL. BK_EIO, BK_EVIDEO, BK_EFORMAT, BK_ENOMEM, BK_ECANCELED. */
BK_API int bk_chapters_write(const bk_chapters *c, const bk_hooks *hooks, bk_error *err);

/* ---- someone else's markers --------------------------------------------------------------------------- */

/* In order of harm. */
typedef enum bk_verdict { BK_NO_MARKER, BK_AGREES, BK_LEAVES_CREDITS, BK_SKIPS_STORY } bk_verdict;

/* "no marker", "agrees", "leaves credits in", "skips story". Static string. */
BK_API const char *bk_verdict_name(bk_verdict verdict);

typedef struct bk_judgement {
    bk_verdict verdict;
    double seconds;    /* of story skipped, or of opening or credits left in; 0 otherwise */
    float sure;        /* posterior of the verdict, given the picture */
    int64_t marker_us; /* where the marker puts this end of the story; 0 without a marker */
} bk_judgement;

typedef struct bk_verification {
    bk_judgement start, end;
    const char *format; /* of the markers, "edl"; static string */
} bk_verification;

/* Judges the markers in a file against the picture of the film at path: chapters of a film (that same one, too), or as
 * ffmetadata, Matroska XML, OGM or WebVTT; EDL of Kodi, MPlayer, Comskip or mpv; JSON of AniSkip, TheIntroDB, Jellyfin
 * or bookend; CSV labels. Looks at every second near a marker, whatever the plan. tolerance_s: so far off a marker may
 * be; 0: 2 s. opt may be NULL. BK_EMISMATCH also for markers of other films. */
BK_API int bk_verify(bk_verification *out, const char *path, const char *markers, const bk_model *m,
                     const bk_find_options *opt, double tolerance_s, bk_error *err);

/* Writes one verdict as a line: for people, or as_json an object. Of an input that failed (v NULL) JSON tells the
 * error, and text nothing. BK_EIO, BK_ENOMEM. */
BK_API int bk_verification_write(FILE *to, int as_json, const char *file, const bk_verification *v, const char *error,
                                 bk_error *err);

#ifdef __cplusplus
}
#endif
#endif
