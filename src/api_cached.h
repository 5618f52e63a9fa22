/* The cache of answers, for api_find.c and api.c. */
#ifndef BK_API_CACHED_H
#define BK_API_CACHED_H

#include "base/text.h"
#include "bookend/bookend.h"

/* Room for model_identity(). */
enum { IDENTITY_MAX = 96 };

/* What tells models apart without opening them: the bytes of the one inside, else size, time and a sample of the
 * files. path and head as for bk_model_open(). False: a file cannot be read. */
bool model_identity(char out[IDENTITY_MAX], const char *path, const char *head);

/* Where an answer is kept, and what it is made of and by. */
typedef struct answer_place {
    text file, source;
} answer_place;

/* The place of the answer for that video as it is now. False: it has none, as for what is no regular file. It may be
 * closed in either case. */
bool answer_place_open(answer_place *out, const char *path, const char *identity, const bk_find_options *opt);
void answer_place_close(answer_place *p);

/* The answer that is kept there; false and nothing touched when there is none. */
bool answer_known(const answer_place *p, bk_answer *out, char model_name[64]);

/* Keeps an answer. What cannot be kept is not: a warning through the hooks. */
void answer_keep(const answer_place *p, const bk_answer *a, const char *model, const bk_find_options *opt);

#endif
