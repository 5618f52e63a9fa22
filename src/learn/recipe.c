/* The two recipes as tables of numbers, and the learning rate over time. */
#include "learn/recipe.h"

#include <math.h>

#include "base/err.h"
#include "model/bundle.h"

enum { WINDOW = 60 };

static const head_recipe bookend = {
    .head = { .window = WINDOW, .width = 128, .layers = 4, .heads = 4, .mlp = 512, .dropout = 0.1f },
    .epochs = 20,
    .batch = 32,
    .patience = 8,
    .rate = 1e-3f,
    .decay = 0.02f,
    .clip = 1.0f,
    .warm_up = 0.05f,
    .cosine = true,
    .overlap = true,
    .balance = true,
    .standardise = true,
    .kind = BK_RECIPE_BOOKEND,
};

/* The wide head diverges at the small one's rate. */
enum { SMALL_WIDTH = 192 };
static const float wide_rate = 1e-4f;
/* Of the recipe's rate, for a head that knows something already. */
static const float tune_share = 0.2f;

static const head_recipe notebook = {
    .head = { .window = WINDOW, .width = 512, .layers = 16, .heads = 16, .mlp = 2048, .dropout = 0.1f },
    .epochs = 16,
    .batch = 8,
    .rate = 5e-5f,
    .kind = BK_RECIPE_NOTEBOOK,
};

static int check(const head_recipe *r, bk_error *err) {
    const attention60_config *h = &r->head;
    if (h->width < 1 || h->layers < 1 || h->heads < 1 || h->mlp < 1 || h->width % h->heads)
        return bk_fail(err, BK_EINVAL, "a head of width %d, %d layers, %d heads and mlp %d cannot be built", h->width,
                       h->layers, h->heads, h->mlp);
    if (r->epochs < 1 || r->batch < 1 || r->patience < 0)
        return bk_fail(err, BK_EINVAL, "training needs at least one epoch and one window a batch, not %d and %d",
                       r->epochs, r->batch);
    if (!(r->rate > 0.0f && r->rate < 1.0f) || !(h->dropout < 1.0f))
        return bk_fail(err, BK_EINVAL, "learning rate %g and dropout %g: both belong between 0 and 1",
                       (double)r->rate, (double)h->dropout);
    return BK_OK;
}

/* The shape of the head to begin with; a size that the options ask for must be its own, but for the number of
 * attention heads, which a state dict does not tell. */
static int take_shape(head_recipe *r, const bk_train_options *o, const bk_model *m, bk_error *err) {
    const attention60_config *h = &m->head;
    float dropout = r->head.dropout;
    if (!m->has_head) return bk_fail(err, BK_EMISMATCH, "%s has no head to begin with", m->name);
    if (o->through) return bk_fail(err, BK_EINVAL, "a head to begin with takes whole embeddings: through cannot be");
    if (h->in != r->head.in || h->window != r->head.window)
        return bk_fail(err, BK_EMISMATCH, "%s takes windows of %d samples of %d numbers, these are of %d and %d",
                       m->name, h->window, h->in, r->head.window, r->head.in);
    if ((o->width && o->width != h->width) || (o->layers && o->layers != h->layers) ||
        (o->heads && o->heads != h->heads) || (o->mlp && o->mlp != h->mlp))
        return bk_fail(err, BK_EINVAL,
                       "%s is of width %d, %d layers, %d heads and mlp %d: no others can be asked for", m->name,
                       h->width, h->layers, h->heads, h->mlp);
    r->head = *h;
    r->head.dropout = dropout;
    r->from = m;
    return BK_OK;
}

int recipe_make(head_recipe *out, const bk_train_options *opt, int dim, bk_error *err) {
    if (opt->recipe != BK_RECIPE_BOOKEND && opt->recipe != BK_RECIPE_NOTEBOOK)
        return bk_fail(err, BK_EINVAL, "recipe %d does not exist", (int)opt->recipe);
    head_recipe r = opt->recipe == BK_RECIPE_NOTEBOOK ? notebook : bookend;
    r.head.in = dim;
    if (opt->width) r.head.width = opt->width;
    if (opt->layers) r.head.layers = opt->layers;
    if (opt->heads) r.head.heads = opt->heads;
    if (opt->mlp) r.head.mlp = opt->mlp;
    int code = opt->from ? take_shape(&r, opt, opt->from, err) : BK_OK;
    if (code != BK_OK) return code;
    if (opt->dropout != 0.0f) r.head.dropout = opt->dropout < 0.0f ? 0.0f : opt->dropout;
    if (opt->epochs) r.epochs = opt->epochs;
    if (opt->batch) r.batch = opt->batch;
    if (opt->patience) r.patience = opt->patience;
    if (r.kind == BK_RECIPE_BOOKEND && r.head.width > SMALL_WIDTH) r.rate = wide_rate;
    if (r.from) r.rate *= tune_share;
    if (opt->rate != 0.0f) r.rate = opt->rate;
    r.standardise = r.standardise && r.head.width != dim; /* without in_proj there is nothing to fold it into */
    r.augment = !opt->no_augment;
    r.shuffle = !opt->no_shuffle;
    r.seed = opt->seed ? opt->seed : 42;
    code = check(&r, err);
    if (code == BK_OK) *out = r;
    return code;
}

float recipe_rate(const head_recipe *r, int64_t step, int64_t total) {
    double climb = ceil((double)r->warm_up * (double)total), at = (double)step;
    if (at <= climb) return (float)((double)r->rate * at / climb);
    if (!r->cosine) return r->rate;
    double share = (at - climb) / fmax((double)total - climb, 1.0);
    return (float)((double)r->rate * 0.5 * (1.0 + cos(3.14159265358979323846 * fmin(share, 1.0))));
}
