/* Text on a terminal: how wide it is, and names and bars of a given width. */
#ifndef BOOKEND_CLI_COLUMNS_H
#define BOOKEND_CLI_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

/* Columns that UTF-8 text takes: two for East Asian wide characters and emoji, none for combining marks, one for
 * everything else, bytes that are no UTF-8 included. */
int columns_of(const char *s);

/* s in exactly that many columns: filled up with spaces, or shortened in the middle ("A long na...02.mkv"), since
 * names differ at both ends. What a terminal would obey becomes a question mark. utf8: the terminal shows more than
 * ASCII. */
void columns_fit(char *to, size_t cap, const char *s, int columns, bool utf8);

/* A bar of which a share in [0, 1] is done. */
void columns_bar(char *to, size_t cap, double share, int columns, bool utf8);

/* Whether the locale that the environment asks for is one of UTF-8. */
bool columns_utf8(void);

#endif
