/* Settings of a folder: the lines of the nearest .bookend.conf in a video's folder or above it. */
#ifndef BOOKEND_CLI_FOLDER_H
#define BOOKEND_CLI_FOLDER_H

#include "opts.h"

#define FOLDER_FILE ".bookend.conf"

enum { FOLDER_ERROR_MAX = 640, FOLDER_FILE_MAX = 1 << 16 };

/* Puts the lines of text[0, n) into *s, which holds the command line's settings; those overrule. Lines are KEY =
 * VALUE with the keys that the table of options marks, the value in double quotes or not; # begins a comment. False:
 * error says what is wrong with which line of the file `name`. */
bool folder_parse(settings *s, const char *text, size_t n, const char *name, char error[FOLDER_ERROR_MAX]);

/* What holds for the videos of one folder. */
typedef struct folder {
    char *path;  /* the folder */
    char *file;  /* its settings file; NULL: none, here or above */
    settings s;  /* the command line's, and the file's; a shallow copy */
    bool failed; /* the file is no good, and error says why */
    char error[FOLDER_ERROR_MAX];
} folder;

typedef struct folder_list {
    folder **at;
    size_t n, cap;
} folder_list;

/* The folder of a video, read when it is first asked for; valid until the list is closed. NULL: no memory. */
const folder *folder_of(folder_list *l, const char *video, const settings *given);
/* Accepts { 0 } and leaves it. */
void folder_list_close(folder_list *l);

#endif
