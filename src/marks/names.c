/* What names of chapters say. One table; a name counts when all of its words are in it. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "marks/marks.h"

enum { NAME_MAX_BYTES = 200, FILLER = -1 };

/* How an entry is found in a name. */
typedef enum match {
    WORDS, /* these words, one after the other */
    BEGIN, /* the name begins so, whatever follows */
    PART   /* anywhere: scripts that put no spaces between words */
} match;

/* Small letters. Longer entries of words win over shorter ones. */
static const struct entry {
    const char *words;
    int kind;
    match how;
} table[] = {
    /* openings */
    { "intro", MARK_INTRO, WORDS },
    { "introduction", MARK_INTRO, WORDS },
    { "opening", MARK_INTRO, WORDS },
    { "op", MARK_INTRO, WORDS },
    { "ncop", MARK_INTRO, WORDS },
    { "titles", MARK_INTRO, WORDS },
    { "title", MARK_INTRO, WORDS },
    { "main title", MARK_INTRO, WORDS },
    { "main titles", MARK_INTRO, WORDS },
    { "title card", MARK_INTRO, WORDS },
    { "start credits", MARK_INTRO, WORDS },
    { "opening logo", MARK_INTRO, WORDS },
    { "logo", MARK_INTRO, WORDS },
    { "logos", MARK_INTRO, WORDS },
    { "theme song", MARK_INTRO, WORDS },
    { "main theme", MARK_INTRO, WORDS },
    { "vorspann", MARK_INTRO, WORDS },
    { "titelsequenz", MARK_INTRO, WORDS },
    { "titelvorspann", MARK_INTRO, WORDS },
    { "titellied", MARK_INTRO, WORDS },
    { "générique", MARK_INTRO, WORDS },
    { "generique", MARK_INTRO, WORDS },
    { "générique de début", MARK_INTRO, WORDS },
    { "generique de debut", MARK_INTRO, WORDS },
    { "générique d ouverture", MARK_INTRO, WORDS },
    { "ouverture", MARK_INTRO, WORDS },
    { "sigla", MARK_INTRO, WORDS },
    { "sigla iniziale", MARK_INTRO, WORDS },
    { "sigla di apertura", MARK_INTRO, WORDS },
    { "titoli di testa", MARK_INTRO, WORDS },
    { "apertura", MARK_INTRO, WORDS },
    { "abertura", MARK_INTRO, WORDS },
    { "introdução", MARK_INTRO, WORDS },
    { "créditos iniciales", MARK_INTRO, WORDS },
    { "creditos iniciales", MARK_INTRO, WORDS },
    { "créditos iniciais", MARK_INTRO, WORDS },
    { "cabecera", MARK_INTRO, WORDS },
    { "introducción", MARK_INTRO, WORDS },
    { "begintitels", MARK_INTRO, WORDS },
    { "leader", MARK_INTRO, WORDS },
    { "förtexter", MARK_INTRO, WORDS },
    { "fortekster", MARK_INTRO, WORDS },
    { "alkutekstit", MARK_INTRO, WORDS },
    { "czołówka", MARK_INTRO, WORDS },
    { "úvod", MARK_INTRO, WORDS },
    { "úvodní titulky", MARK_INTRO, WORDS },
    { "znělka", MARK_INTRO, WORDS },
    { "főcím", MARK_INTRO, WORDS },
    { "jenerik", MARK_INTRO, WORDS },
    { "заставка", MARK_INTRO, WORDS },
    { "опенинг", MARK_INTRO, WORDS },
    { "интро", MARK_INTRO, WORDS },
    { "начальные титры", MARK_INTRO, WORDS },
    { "オープニング", MARK_INTRO, PART },
    { "片头", MARK_INTRO, PART },
    { "片頭", MARK_INTRO, PART },
    { "오프닝", MARK_INTRO, PART },
    { "인트로", MARK_INTRO, PART },
    /* recaps */
    { "recap", MARK_RECAP, WORDS },
    { "previously", MARK_RECAP, WORDS },
    { "previously on", MARK_RECAP, BEGIN },
    { "last time on", MARK_RECAP, BEGIN },
    { "the story so far", MARK_RECAP, WORDS },
    { "rückblick", MARK_RECAP, WORDS },
    { "was bisher geschah", MARK_RECAP, BEGIN },
    { "précédemment", MARK_RECAP, BEGIN },
    { "résumé", MARK_RECAP, WORDS },
    { "riassunto", MARK_RECAP, WORDS },
    { "nelle puntate precedenti", MARK_RECAP, BEGIN },
    { "anteriormente", MARK_RECAP, BEGIN },
    { "resumen", MARK_RECAP, WORDS },
    { "resumo", MARK_RECAP, WORDS },
    { "samenvatting", MARK_RECAP, WORDS },
    { "в предыдущих сериях", MARK_RECAP, BEGIN },
    { "краткое содержание", MARK_RECAP, WORDS },
    { "あらすじ", MARK_RECAP, PART },
    { "前回", MARK_RECAP, PART },
    { "前情", MARK_RECAP, PART },
    /* credits */
    { "credits", MARK_CREDITS, WORDS },
    { "credit", MARK_CREDITS, WORDS },
    { "ending", MARK_CREDITS, WORDS },
    { "closing", MARK_CREDITS, WORDS },
    { "outro", MARK_CREDITS, WORDS },
    { "ed", MARK_CREDITS, WORDS },
    { "nced", MARK_CREDITS, WORDS },
    { "end credits", MARK_CREDITS, WORDS },
    { "end title", MARK_CREDITS, WORDS },
    { "end titles", MARK_CREDITS, WORDS },
    { "abspann", MARK_CREDITS, WORDS },
    { "nachspann", MARK_CREDITS, WORDS },
    { "générique de fin", MARK_CREDITS, WORDS },
    { "generique de fin", MARK_CREDITS, WORDS },
    { "crédits", MARK_CREDITS, WORDS },
    { "sigla finale", MARK_CREDITS, WORDS },
    { "sigla di chiusura", MARK_CREDITS, WORDS },
    { "titoli di coda", MARK_CREDITS, WORDS },
    { "créditos", MARK_CREDITS, WORDS },
    { "creditos", MARK_CREDITS, WORDS },
    { "créditos finales", MARK_CREDITS, WORDS },
    { "creditos finales", MARK_CREDITS, WORDS },
    { "créditos finais", MARK_CREDITS, WORDS },
    { "encerramento", MARK_CREDITS, WORDS },
    { "aftiteling", MARK_CREDITS, WORDS },
    { "eftertexter", MARK_CREDITS, WORDS },
    { "rulletekster", MARK_CREDITS, WORDS },
    { "lopputekstit", MARK_CREDITS, WORDS },
    { "napisy końcowe", MARK_CREDITS, WORDS },
    { "závěrečné titulky", MARK_CREDITS, WORDS },
    { "stáblista", MARK_CREDITS, WORDS },
    { "титры", MARK_CREDITS, WORDS },
    { "финальные титры", MARK_CREDITS, WORDS },
    { "конечные титры", MARK_CREDITS, WORDS },
    { "эндинг", MARK_CREDITS, WORDS },
    { "エンディング", MARK_CREDITS, PART },
    { "エンドロール", MARK_CREDITS, PART },
    { "スタッフロール", MARK_CREDITS, PART },
    { "クレジット", MARK_CREDITS, PART },
    { "片尾", MARK_CREDITS, PART },
    { "엔딩", MARK_CREDITS, PART },
    /* story */
    { "prologue", MARK_STORY, WORDS },
    { "prolog", MARK_STORY, WORDS },
    { "prólogo", MARK_STORY, WORDS },
    { "prologo", MARK_STORY, WORDS },
    { "пролог", MARK_STORY, WORDS },
    { "epilogue", MARK_STORY, WORDS },
    { "epilog", MARK_STORY, WORDS },
    { "épilogue", MARK_STORY, WORDS },
    { "epílogo", MARK_STORY, WORDS },
    { "epilogo", MARK_STORY, WORDS },
    { "эпилог", MARK_STORY, WORDS },
    { "avant", MARK_STORY, WORDS },
    { "cold open", MARK_STORY, WORDS },
    { "teaser", MARK_STORY, WORDS },
    { "main", MARK_STORY, WORDS },
    { "story", MARK_STORY, WORDS },
    { "episode", MARK_STORY, WORDS },
    { "feature", MARK_STORY, WORDS },
    { "film", MARK_STORY, WORDS },
    { "part a", MARK_STORY, WORDS },
    { "part b", MARK_STORY, WORDS },
    { "part c", MARK_STORY, WORDS },
    { "a part", MARK_STORY, WORDS },
    { "b part", MARK_STORY, WORDS },
    { "c part", MARK_STORY, WORDS },
    { "act", MARK_STORY, WORDS },
    { "last scene", MARK_STORY, WORDS },
    { "end scene", MARK_STORY, WORDS },
    { "ending scene", MARK_STORY, WORDS },
    { "opening scene", MARK_STORY, WORDS },
    { "closing scene", MARK_STORY, WORDS },
    { "post credits", MARK_STORY, WORDS },
    { "post credit", MARK_STORY, WORDS },
    { "after credits", MARK_STORY, WORDS },
    { "mid credits", MARK_STORY, WORDS },
    { "mid credit", MARK_STORY, WORDS },
    { "アバン", MARK_STORY, PART },
    { "本編", MARK_STORY, PART },
    { "パート", MARK_STORY, PART },
    { "プロローグ", MARK_STORY, PART },
    { "エピローグ", MARK_STORY, PART },
    { "正片", MARK_STORY, PART },
    /* words that may stand beside those above */
    { "chapter", FILLER, WORDS },
    { "kapitel", FILLER, WORDS },
    { "chapitre", FILLER, WORDS },
    { "the", FILLER, WORDS },
    { "and", FILLER, WORDS },
    { "song", FILLER, WORDS },
    { "theme", FILLER, WORDS },
    { "sequence", FILLER, WORDS },
    { "animation", FILLER, WORDS },
    { "scene", FILLER, WORDS },
    { "start", FILLER, WORDS },
};

enum { ENTRIES = (int)(sizeof table / sizeof *table) };

/* ---- the name, made plain ---------------------------------------------------------------------------- */

/* Small letters of the Latin, Greek and Cyrillic blocks whose capitals are a fixed step away. */
static void fold_pair(unsigned char *s) {
    unsigned c = (s[0] & 31u) << 6 | (s[1] & 63u);
    if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        c += 0x20;
    else if (c >= 0x400 && c <= 0x40f)
        c += 0x50;
    else if (c >= 0x100 && c <= 0x137 && c % 2 == 0) /* capitals and small ones in turn, as is the next block */
        c++;
    else if (c >= 0x139 && c <= 0x17e && c % 2 == (c < 0x149 || c > 0x178 ? 1 : 0))
        c++;
    s[0] = (unsigned char)(0xc0 | c >> 6);
    s[1] = (unsigned char)(0x80 | (c & 63));
}

/* Words in small letters with one space before, between and after; digits and signs part words and are dropped. */
static void make_plain(char to[NAME_MAX_BYTES + 8], const char *name, size_t n) {
    size_t k = 0;
    to[k++] = ' ';
    for (size_t i = 0; i < n && k < NAME_MAX_BYTES;) {
        int len = text_utf8(name + i, n - i);
        bool letter = len > 1 || isalpha((unsigned char)name[i]);
        bool dash = len == 3 && !memcmp(name + i, "\xe2\x80", 2); /* punctuation of the general block */
        if (letter && !dash) {
            memcpy(to + k, name + i, (size_t)len);
            if (len == 1) to[k] = (char)tolower((unsigned char)to[k]);
            if (len == 2) fold_pair((unsigned char *)to + k);
            k += (size_t)len;
        } else if (to[k - 1] != ' ')
            to[k++] = ' ';
        i += len > 0 ? (size_t)len : 1;
    }
    if (to[k - 1] != ' ') to[k++] = ' ';
    to[k] = 0;
}

/* ---- understanding ----------------------------------------------------------------------------------- */

/* s stands behind a space: whether the words begin there, and end with a word. */
static bool words_here(const char *s, const char *words) {
    size_t n = strlen(words);
    return strncmp(s, words, n) == 0 && s[n] == ' ';
}

static const struct entry *longest_here(const char *s) {
    const struct entry *best = NULL;
    for (int i = 0; i < ENTRIES; i++)
        if (table[i].how == WORDS && words_here(s, table[i].words) &&
            (!best || strlen(table[i].words) > strlen(best->words)))
            best = &table[i];
    return best;
}

/* A plain name whose words are all known: what the first that says something says. */
static mark_kind kind_of_words(const char *plain) {
    mark_kind kind = MARK_NOTHING;
    for (const char *s = plain + 1; *s;) {
        const struct entry *e = longest_here(s);
        if (!e) return MARK_NOTHING;
        if (kind == MARK_NOTHING && e->kind != FILLER) kind = (mark_kind)e->kind;
        s += strlen(e->words) + 1;
    }
    return kind;
}

static mark_kind kind_of(const char *name, size_t n) {
    char plain[NAME_MAX_BYTES + 8];
    make_plain(plain, name, n);
    for (int i = 0; i < ENTRIES; i++) {
        if (table[i].how == PART && strstr(plain, table[i].words)) return (mark_kind)table[i].kind;
        if (table[i].how == BEGIN && words_here(plain + 1, table[i].words)) return (mark_kind)table[i].kind;
    }
    return kind_of_words(plain);
}

mark_kind mark_kind_of(const char *name) {
    if (!name) return MARK_NOTHING;
    size_t n = strlen(name), head = strcspn(name, ":([|");
    const char *dash = strstr(name, " - ");
    mark_kind kind = kind_of(name, n);
    if (kind != MARK_NOTHING) return kind;
    if (dash && (size_t)(dash - name) < head) head = (size_t)(dash - name);
    return head < n ? kind_of(name, head) : MARK_NOTHING;
}
