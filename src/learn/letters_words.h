/* Invented words for the generator's letters: names put together from syllables, roles of a film's
 * credits, titles, captions, lines of dialogue; in the scripts and languages below. */
#ifndef BK_LEARN_LETTERS_WORDS_H
#define BK_LEARN_LETTERS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

typedef enum script {
    SCRIPT_LATIN,
    SCRIPT_CYRILLIC,
    SCRIPT_GREEK,
    SCRIPT_CHINESE,
    SCRIPT_JAPANESE,
    SCRIPT_KOREAN,
    SCRIPT_ARABIC,
    SCRIPT_HEBREW,
    SCRIPT_DEVANAGARI,
    SCRIPT_THAI,
    SCRIPT_GEORGIAN,
    SCRIPT_COUNT
} script;

/* Which words may be drawn: names and words are split by their hash, so that held-out episodes show
 * words that no training episode shows. */
typedef enum words_side { WORDS_ALL, WORDS_TRAIN, WORDS_HELD_OUT } words_side;

/* A source of words in one language. */
typedef struct words {
    rng r;
    int language; /* index into the languages of letters_words.c */
    words_side side;
} words;

enum { WORDS_MAX = 160 }; /* bytes that hold any single name, role or line, with its end */

/* Opens a source in a language that is written in s (Latin has ten). */
words words_make(uint64_t seed, script s, words_side side);
script words_script(const words *w);

/* Each writes a line of UTF-8 with its terminating zero to out [WORDS_MAX]. */
void words_name(words *w, char *out);
void words_role(words *w, char *out);
void words_company(words *w, char *out);
void words_title(words *w, char *out);   /* of a film, one to four words */
void words_card(words *w, char *out);    /* the line above a name on an opening card: "a film by" */
void words_caption(words *w, char *out); /* a place and a year, or "three years later" */
/* A line of about n words, as said in dialogue; also for signs and screens. */
void words_line(words *w, int n, char *out);
/* A few sentences of small print ("All persons fictitious ..."), cut to cap bytes. */
void words_notice(words *w, char *out, size_t cap);

/* A hash of a string; the one behind every split. */
uint64_t words_hash(const char *text);
/* True when the hash of text puts it in the part of 15 % that is held out. */
bool words_held_out(const char *text);

#endif
