/* bookend: training and evaluation on one's own labels, and the generator of labelled episodes.
 * Conventions as in bookend.h. Everything long-running writes checkpoints, resumes from them, reports
 * progress and can be cancelled through the hooks. */
#ifndef BOOKEND_TRAIN_H
#define BOOKEND_TRAIN_H

#include "bookend/bookend.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- a head on labels and tracks -------------------------------------------------------------------- */

typedef enum bk_recipe {
    BK_RECIPE_BOOKEND, /* windows that overlap and cover the tail, keyframe holding, class balance, warm-up and decay,
                          clipping, early stop */
    BK_RECIPE_NOTEBOOK /* the notebook's way exactly: windows end to end, shift and replacement, Adam 5e-5, batch 8,
                          16 epochs */
} bk_recipe;

/* One head of a cross-validation, judged on the shows that it never saw. */
typedef struct bk_fold {
    int fold, folds;               /* from 1 */
    const char *held_out;          /* the shows, blanks between; lives until the callback returns */
    int epochs, best_epoch;
    double train_loss, val_loss;   /* of the best epoch */
    double f1, average_precision;  /* a second */
    double mae_start_s, mae_end_s; /* NaN: no answer. The decision's numbers are fitted to the same shows: they flatter */
} bk_fold;

typedef struct bk_train_options {
    const char *labels;     /* CSV: file,start_main,end_main */
    const char *segments;   /* finer labels, CSV: file,kind,start,end in seconds; kinds other than story, main, cold_open,
                               extra_scene and post-credits are opening or credits; NULL: the two times alone */
    const char *embeddings; /* folder of SHOW_EPISODE_windows.npz */
    const char *out;        /* the head, safetensors; OUT.state beside it is the checkpoint, train.csv the log */
    bk_recipe recipe;
    const char *val_shows;  /* shows held out for validation, comma separated; NULL: show2 (notebook), one show in
                               eight by a hash of its name (bookend) */
    int epochs, batch;      /* 0: the recipe's */
    float rate;             /* learning rate; 0: the recipe's */
    uint64_t seed;          /* 0: 42 */
    int width, layers, heads, mlp; /* of the head; 0: the recipe's (notebook 512, 16, 16, 2048; bookend 128, 4, 4, 512) */
    const bk_model *through; /* the head sees this model's classifier and measured evidence instead of whole embeddings:
                                for few labels. The head that is written takes whole embeddings. NULL: no */
    float dropout;          /* 0: 0.1; negative: none */
    int patience;           /* epochs without a better validation loss before an early stop; 0: the recipe's */
    int no_augment, no_shuffle; /* for comparing with other programs */
    int folds;              /* 2 or more: cross-validation first. Each fold holds out its share of the shows; its head
                               is OUT with ".foldN" before the ending, its log train.foldN.csv, all are summed up in
                               folds.csv; those that are there already are not trained again. 0: none */
    void (*fold)(void *user, const bk_fold *f); /* after each fold, with hooks.user; NULL: none */
    const bk_model *from;   /* begin with this model's head, a shipped one or a PyTorch state dict, in the place of
                               random numbers. Its sizes count (heads may be given: a state dict does not tell), and the
                               learning rate is a fifth of the recipe's unless given. Not together with through.
                               NULL: no */
    int threads;
    int force;              /* train although OUT exists */
    bk_hooks hooks;
} bk_train_options;

typedef struct bk_train_result {
    int epochs;             /* run, the resumed ones included */
    int best_epoch;         /* from 1 */
    float train_loss, val_loss; /* of the best epoch; mean binary cross-entropy a sample, as in the notebook */
    int train_windows, val_windows;
    int skipped;            /* OUT was there already and force was not set */
} bk_train_result;

/* BK_EINVAL, BK_EIO, BK_EFORMAT (a label line that does not parse is named with its number), BK_EMISMATCH,
 * BK_ENOMEM, BK_ECANCELED (the checkpoint stays). */
BK_API int bk_train_head(bk_train_result *out, const bk_train_options *opt, bk_error *err);

/* ---- evaluation --------------------------------------------------------------------------------------- */

/* What one decision said of one episode. */
typedef struct bk_eval_episode {
    const char *name;           /* SHOW_EPISODE; lives until the callback returns */
    bk_decision decision;
    double start_true_s, start_s, end_true_s, end_s; /* said: NaN when unsure */
    const char *start_verdict, *end_verdict;         /* "right" (within 2 s), "missed", "wrong"; static strings */
} bk_eval_episode;

typedef struct bk_eval_options {
    const char *labels, *embeddings;
    const char *out_dir;    /* summary.json, episodes.csv, p_video_SHOW_EPISODE.npy, plots */
    bk_decision decision;
    const char *shows;      /* only these, comma separated; NULL: all */
    int threads;
    void (*episode)(void *user, const bk_eval_episode *e); /* after each episode, with hooks.user; NULL: none */
    bk_hooks hooks;
} bk_eval_options;

typedef struct bk_eval_result {
    int episodes, answered;                          /* answered: marks, of two an episode */
    double mae_start_s, mae_end_s;                   /* of those answered */
    double precision, recall, f1, average_precision; /* a second */
    int64_t confusion[2][2];                         /* [true][predicted] */
    int right, missed, wrong, harm;                  /* marks, at 2 s; harm: over 5 s of story skipped */
    double hit[4];                                   /* shares of marks within 0.5, 1, 2, 5 s */
    double story_skipped_s;
} bk_eval_result;

/* BK_EINVAL, BK_EIO, BK_EFORMAT, BK_EMISMATCH (the head takes other embeddings), BK_ENOMEM, BK_ECANCELED. */
BK_API int bk_evaluate(bk_eval_result *out, const bk_model *m, const bk_eval_options *opt, bk_error *err);
/* The same with both decisions on the same episodes, out[BK_DECISION_MAP] and out[BK_DECISION_NOTEBOOK]; opt->decision
 * is not looked at. The files of the notebook's decision go to OUT_DIR/notebook, and its figures also into
 * OUT_DIR/summary.json as "notebook". */
BK_API int bk_evaluate_both(bk_eval_result out[2], const bk_model *m, const bk_eval_options *opt, bk_error *err);

/* ---- the model that ships, from nothing --------------------------------------------------------------- */

typedef struct bk_material {
    const char *const *folders; /* searched for clips (*.mp4), photographs (*.jpg, *.png, zips of them) */
    int n_folders;              /* 0: pictures are made by formula */
    int held_out;               /* 0: the part that training may see; 1: the part it never sees */
} bk_material;

typedef struct bk_encoder_options {
    bk_material material;
    const char *out;    /* safetensors; OUT.state beside it is the checkpoint */
    const char *from;   /* an encoder of an earlier training, to begin with its weights; NULL: from nothing */
    int64_t steps;      /* 0: 6000 */
    int batch;          /* pictures a step; 0: 16 */
    float rate;         /* peak learning rate; 0: 1e-3 */
    double max_hours;   /* the schedule is shortened to end by then; 0: no limit */
    uint64_t seed;      /* 0: 42 */
    int threads;
    bk_hooks hooks;
} bk_encoder_options;

/* Trains the small encoder on composed pictures: where lettering stands, and what kind of moment it is. */
BK_API int bk_train_encoder(const bk_encoder_options *opt, bk_error *err);

typedef struct bk_compose_options {
    bk_material material;
    const char *out_dir;    /* labels.csv, segments.csv, truth.jsonl, and SHOW_EPISODE_windows.npz or SHOW_EPISODE.mp4 */
    int episodes;
    int first;              /* number of the first episode, for composing in parts */
    double min_s, max_s;    /* length of an episode; 0: 90 and 300 */
    uint64_t seed;          /* 0: 42 */
    const bk_model *model;  /* given: tracks of it are written; NULL: films are */
    int width, height, fps; /* of films; 0: random */
    int shows;              /* episodes are dealt out one by one to so many shows, show1_s01e01 and on; 0: show000_e0000
                               and on, eight a show */
    const char *openings;   /* classes to draw from, comma separated, as "logo,title_card" (names as in truth.jsonl);
                               with shows, show k has the k-th, as a series has; NULL: any */
    const char *credits;    /* the same */
    double last_words;      /* share of the stories that end in words on a card; 0: 0.08 */
    int clean;              /* no grain, blur or damage by compression in the picture */
    int threads;
    bk_hooks hooks;
} bk_compose_options;

/* Composes labelled episodes. BK_EINVAL: a class that does not exist, or the library was built without the
 * generator. */
BK_API int bk_compose(const bk_compose_options *opt, bk_error *err);

/* One file out of an encoder's and a head's, with weights in 16 bits: what ships. head may be NULL. */
BK_API int bk_model_pack(const char *out, const char *encoder, const char *head, bk_error *err);

#ifdef __cplusplus
}
#endif
#endif
