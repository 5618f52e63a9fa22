/* An answer on disk, a small JSON file: what the cache of answers keeps. */
#ifndef BK_FIND_ANSWER_FILE_H
#define BK_FIND_ANSWER_FILE_H

#include <stdbool.h>

#include "base/text.h"
#include "bookend/bookend.h"

/* source: what the answer was made of and by, any text; the same text means the same answer. */
void answer_write(text *to, const bk_answer *a, const char *model, const char *source);

/* False, and nothing is touched, when json[0, n) is no such file, is damaged, tells of another source, or holds what
 * no answer can. */
bool answer_read(bk_answer *out, char model[64], const char *json, size_t n, const char *source);

#endif
