/* What stands in for the generator where the library was built without Pango: it says so. */
#include "base/err.h"
#include "bookend/train.h"

int bk_train_encoder(const bk_encoder_options *opt, bk_error *err) {
    (void)opt;
    return bk_fail(err, BK_EINVAL, "this bookend was built without the generator; build it where Pango is installed");
}

int bk_compose(const bk_compose_options *opt, bk_error *err) {
    (void)opt;
    return bk_fail(err, BK_EINVAL, "this bookend was built without the generator; build it where Pango is installed");
}
