/* The inputs that the arguments stand for: files as they are, folders as the videos, or folders of frames, in them.
 */
#ifndef BOOKEND_CLI_INPUTS_H
#define BOOKEND_CLI_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct input {
    char *path;  /* as the user would name it */
    char *name;  /* below the folder that was given: "show1/s01e02.mkv"; without one, the file's own name */
    char *error; /* why it cannot be worked on, as a folder without videos; NULL: nothing is known against it */
    bool frames; /* a folder of pictures */
} input;

typedef struct input_list {
    input *at;
    size_t n, cap;
} input_list;

/* What to look for in folders. */
typedef enum inputs_kind { INPUTS_VIDEOS = 1, INPUTS_FRAMES = 2 } inputs_kind;

/* Appends what one argument stands for; kinds is a set of inputs_kind. Folders are walked in the order of
 * inputs_compare(), hidden entries left out; one that holds nothing of the kind becomes an input with an error. A
 * folder counts as one of frames when it holds pictures and no video. With INPUTS_FRAMES alone the path must be a
 * folder. False: no memory.
 */
bool inputs_add(input_list *l, const char *path, unsigned kinds);
/* The order of names in a folder, as strcmp(): numbers by their value, letters whatever their case. */
int inputs_compare(const char *a, const char *b);
/* Frees what one input holds. */
void input_free(input *in);
/* Accepts { 0 } and leaves it. */
void inputs_close(input_list *l);

#endif
