/* bookend: what an answer rests on, and pages and drawings that show it to people. Conventions as in bookend.h.
 *
 *     bk_explain() --> bk_explanation --> bk_write_page(), bk_write_plot()
 */
#ifndef BOOKEND_EXPLAIN_H
#define BOOKEND_EXPLAIN_H

#include "bookend/bookend.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the explanation -------------------------------------------------------------------------------- */

/* What a mark's exact frame was taken from. */
typedef enum bk_by {
    BK_BY_SECOND,  /* nothing better than the second was found, or looked for */
    BK_BY_LETTERS, /* the first frame without titles, the last before credits */
    BK_BY_CUT,
    BK_BY_BLACK
} bk_by;

/* What the encoder's classifier tells apart, in the order of bk_note.classes. */
enum {
    BK_CLASS_STORY,
    BK_CLASS_BLACK,
    BK_CLASS_LOGO,
    BK_CLASS_TITLE,
    BK_CLASS_CREDITS,
    BK_CLASS_CAPTIONED,
    BK_CLASSES
};

/* What was measured on one frame near a mark. */
typedef struct bk_note {
    int64_t time_us;
    float brightness; /* mean luma, [0, 1] */
    float change;     /* mean absolute difference to the frame before, [0, 1] */
    int black;
    float outside; /* P(opening or credits) of its second; 0.5: not known */
    int looked;    /* the encoder saw this frame; what follows is known */
    float titled;  /* P(titles, credits or a logo stand on it) */
    float classes[BK_CLASSES];
} bk_note;

/* A boundary as the decision weighed it, to the second. */
typedef struct bk_candidate {
    int64_t time_us;
    int64_t far_us; /* the other end of the block that is skipped: where the opening begins, the credits end */
    float mass;     /* posterior mass of boundaries within 2 s, [0, 1] */
    int nothing;    /* this candidate is: nothing to skip at this end */
    double nats;    /* sum of the evidence of the block's seconds */
} bk_candidate;

/* A small picture of a frame near a boundary. */
typedef struct bk_picture {
    int64_t time_us, frame;
    int step;          /* which it is: -1 and 1 a frame before and after the boundary's, 0 that frame, else 2 or -2 */
    int64_t offset_us; /* from the boundary's frame, as asked for; 0 where step tells */
    int rival;         /* it belongs to the runner-up, not to the mark */
    int story;         /* by the answer it is story (for the runner-up: it would be, if that were right) */
    int width, height; /* pixels, the sample aspect ratio applied */
    const unsigned char *jpeg; /* [size] */
    size_t size;
} bk_picture;

/* One end of the story. */
typedef struct bk_end_explanation {
    int decided;              /* best and rival are known: not with the notebook's rules, nor without a head */
    bk_candidate best, rival; /* rival.mass 0: there is none */
    int refined;              /* notes were taken */
    bk_by by;
    const bk_note *notes; /* [n_notes] every frame of some seconds round the mark */
    int n_notes;
    int mark_note;              /* the note of the first frame of the story; of the first after it; -1 */
    int titles_note;            /* the note of the titles nearest to the story, -1: none were seen */
    const bk_picture *pictures; /* [n_pictures] in order of time, those of the mark first */
    int n_pictures;
} bk_end_explanation;

/* All fields are to be read only; what they point to is the explanation's. */
typedef struct bk_explanation {
    bk_answer answer;
    int len;                     /* seconds */
    const float *probabilities;  /* [len] as bk_probabilities() gives them; NULL: the model has no head */
    const unsigned char *looked; /* [len] 0: not looked at, 1: held from the nearest keyframe, 2: seen */
    const float *evidence;       /* [len] nats that a second adds for opening or credits; NULL as `decided` */
    int64_t limit_us[2];       /* an opening ends before the first, credits begin after the second; where `decided` */
    const float *posterior[2]; /* [len + 1] the mass of each boundary: where the story begins, and ends; or NULL */
    bk_end_explanation end[2]; /* the beginning of the story, its end */
    int width, height;         /* of the video, pixels */
    char codec[32];
} bk_explanation;

typedef struct bk_explain_options {
    bk_find_options find;
    int pictures; /* nonzero: take pictures round the boundaries, for a page */
} bk_explain_options;

/* Finds as bk_find() does, the answer being the same, and keeps what it rests on. Errors as bk_find(). opt may be
 * NULL. */
BK_API int bk_explain(bk_explanation **out, const char *path, const bk_model *m, const bk_explain_options *opt,
                      bk_error *err);
BK_API void bk_explanation_close(bk_explanation **e);

/* ---- pages and drawings ------------------------------------------------------------------------------ */

/* Writes one HTML page that tells what was found and what it rests on. It needs no other file and no network.
 * r->answer is passed over; r->error must be NULL. BK_EIO, BK_ENOMEM, BK_EINVAL. */
BK_API int bk_write_page(FILE *to, const bk_report *r, const bk_explanation *e, bk_error *err);

/* A row of the page over several inputs. */
typedef struct bk_page_row {
    const char *file;        /* as the user named it */
    const char *page;        /* its page, a path relative to the index; NULL: it has none */
    const bk_answer *answer; /* NULL: the input failed, and error says why */
    const char *error;
} bk_page_row;

/* Writes the page over n pages. model is its name. BK_EIO, BK_ENOMEM. */
BK_API int bk_write_index(FILE *to, const bk_page_row *rows, size_t n, const char *model, bk_error *err);

typedef enum bk_plot { BK_PLOT_SVG = 1, BK_PLOT_PNG } bk_plot;

/* Writes the curve of the probabilities with the decision drawn in. BK_EIO, BK_ENOMEM, BK_EINVAL (no such kind). */
BK_API int bk_write_plot(FILE *to, bk_plot kind, const bk_report *r, const bk_explanation *e, bk_error *err);

#ifdef __cplusplus
}
#endif
#endif
