/* Words for the generator. Names come from syllables, so that they are many and nobody's; roles, titles
 * and captions come from the lists in letters_lists.h. Nothing here knows about fonts or pictures. */
#include "learn/letters_words.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "learn/letters_lists.h"

uint64_t words_hash(const char *text) {
    uint64_t h = hash_bytes(1469598103934665603u, text, strlen(text)); /* not HASH_BEGIN: splits must stay as they are */
    h ^= h >> 32; /* FNV's low bits mix worse than its high ones */
    return h * 0x9e3779b97f4a7c15u ^ h >> 29;
}

bool words_held_out(const char *text) {
    return (words_hash(text) >> 16) % 100 < 15;
}

static int language_of(rng *r, script s) {
    int n = 0, at[LANGUAGE_COUNT];
    for (int i = 0; i < LANGUAGE_COUNT; i++)
        if (languages[i].script == s) at[n++] = i;
    /* English is written on more screens than the rest of the Latin alphabet together. */
    if (s == SCRIPT_LATIN && rng_chance(r, 0.5f)) return 0;
    return at[rng_below(r, (uint32_t)n)];
}

words words_make(uint64_t seed, script s, words_side side) {
    words w = { rng_make(seed, 0x776f7264), 0, side };
    w.language = language_of(&w.r, s);
    return w;
}

script words_script(const words *w) {
    return languages[w->language].script;
}

/* Item i of a list whose items are separated by sep. */
static const char *item_at(const char *list, char sep, uint32_t i, size_t *n) {
    while (i--) list = strchr(list, sep) + 1;
    const char *end = strchr(list, sep);
    *n = end ? (size_t)(end - list) : strlen(list);
    return list;
}

static uint32_t item_count(const char *list, char sep) {
    uint32_t n = 1;
    for (; *list; list++) n += *list == sep;
    return n;
}

/* Appends to out [WORDS_MAX], cut at a whole UTF-8 character when it does not fit. */
static void append(char *out, const char *text, size_t n) {
    size_t at = strlen(out);
    if (n > WORDS_MAX - 1 - at) {
        n = WORDS_MAX - 1 - at;
        while (n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80) n--;
    }
    memcpy(out + at, text, n);
    out[at + n] = 0;
}

static void append_item(words *w, char *out, const char *list, char sep) {
    size_t n;
    const char *t = item_at(list, sep, rng_below(&w->r, item_count(list, sep)), &n);
    append(out, t, n);
}

static bool on_side(const words *w, const char *text) {
    return w->side == WORDS_ALL || words_held_out(text) == (w->side == WORDS_HELD_OUT);
}

/* Draws from the list until a word falls on the right side; a short list may have none there, then
 * the last draw stands. */
static void pick(words *w, char *out, const char *list, char sep) {
    size_t at = strlen(out);
    for (int i = 0; i < 24; i++) {
        out[at] = 0;
        append_item(w, out, list, sep);
        if (on_side(w, out + at)) return;
    }
}

static void compose(words *w, char *out, const char *heads, const char *tails) {
    size_t at = strlen(out);
    for (int i = 0; i < 24; i++) {
        out[at] = 0;
        append_item(w, out, heads, ' ');
        if (*tails) append_item(w, out, tails, ' ');
        if (on_side(w, out + at)) return;
    }
}

void words_name(words *w, char *out) {
    const language *l = &languages[w->language];
    out[0] = 0;
    if (l->surname_first) {
        compose(w, out, l->last_head, l->last_tail);
        append(out, l->joint, strlen(l->joint));
        compose(w, out, l->first_head, l->first_tail);
        return;
    }
    compose(w, out, l->first_head, l->first_tail);
    append(out, l->joint, strlen(l->joint));
    if (l->script == SCRIPT_LATIN && rng_chance(&w->r, 0.12f)) {
        const char initial[3] = { (char)('A' + rng_below(&w->r, 24)), '.', ' ' };
        append(out, initial, 3);
    }
    compose(w, out, l->last_head, l->last_tail);
}

void words_role(words *w, char *out) {
    out[0] = 0;
    pick(w, out, languages[w->language].roles, '|');
}

void words_card(words *w, char *out) {
    out[0] = 0;
    pick(w, out, languages[w->language].cards, '|');
}

void words_company(words *w, char *out) {
    const language *l = &languages[w->language];
    out[0] = 0;
    if (rng_chance(&w->r, 0.4f))
        pick(w, out, l->nouns, ' ');
    else
        compose(w, out, l->last_head, l->last_tail);
    append(out, " ", 1);
    pick(w, out, l->companies, '|');
}

void words_title(words *w, char *out) {
    const language *l = &languages[w->language];
    out[0] = 0;
    const float kind = rng_float(&w->r);
    if (kind < 0.25f) {
        pick(w, out, l->nouns, ' ');
    } else if (kind < 0.5f) {
        pick(w, out, l->adjectives, ' ');
        append(out, l->joint, strlen(l->joint));
        pick(w, out, l->nouns, ' ');
    } else if (kind < 0.65f) {
        compose(w, out, l->first_head, l->first_tail);
    } else if (kind < 0.8f) {
        pick(w, out, l->nouns, ' ');
        append(out, l->of, strlen(l->of));
        pick(w, out, l->nouns, ' ');
    } else {
        words_line(w, 2 + (int)rng_below(&w->r, 3), out);
    }
    if (w->side == WORDS_HELD_OUT || !rng_chance(&w->r, 0.06f)) return;
    const char part[3] = { ' ', (char)('2' + rng_below(&w->r, 4)), 0 };
    append(out, part, 2);
}

void words_caption(words *w, char *out) {
    const language *l = &languages[w->language];
    out[0] = 0;
    if (rng_chance(&w->r, 0.4f)) {
        pick(w, out, l->captions, '|');
        return;
    }
    compose(w, out, l->last_head, l->last_tail);
    if (rng_chance(&w->r, 0.3f)) return;
    char year[16];
    snprintf(year, sizeof year, ", %d", 1800 + (int)rng_below(&w->r, 290));
    append(out, year, strlen(year));
}

void words_line(words *w, int n, char *out) {
    static const char *ends = ".|.|?|!|...";
    const language *l = &languages[w->language];
    out[0] = 0;
    for (int i = 0; i < n && strlen(out) < WORDS_MAX - 40; i++) {
        if (i) append(out, l->joint, strlen(l->joint));
        append_item(w, out, rng_chance(&w->r, 0.25f) ? l->nouns : l->words, ' ');
    }
    if (out[0] >= 'a' && out[0] <= 'z') out[0] = (char)(out[0] - 'a' + 'A');
    if (n > 3 && rng_chance(&w->r, 0.9f)) append_item(w, out, ends, '|');
}

void words_notice(words *w, char *out, size_t cap) {
    const int lines = 2 + (int)rng_below(&w->r, 5);
    char line[WORDS_MAX];
    out[0] = 0;
    for (int i = 0; i < lines; i++) {
        words_line(w, 7 + (int)rng_below(&w->r, 8), line);
        if (strlen(out) + strlen(line) + 2 > cap) return;
        if (i) strcat(out, " ");
        strcat(out, line);
    }
}
