/* A small strict JSON parser: recursive descent into an arena. */
#include "store/json.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

typedef struct parser {
    const char *begin, *p, *end;
    const char *name;
    arena *memory;
    bk_error *err;
    int depth;
} parser;

static int parse_value(parser *s, json *v);

static int bad(const parser *s, const char *what) {
    int line = 1;
    for (const char *c = s->begin; c < s->p; c++) line += *c == '\n';
    return bk_fail(s->err, BK_EFORMAT, "%s:%d: not JSON: %s", s->name, line, what);
}

static int no_memory(const parser *s) {
    return bk_fail_memory(s->err, s->name);
}

static void skip_space(parser *s) {
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r')) s->p++;
}

/* Takes c when it is next, space before it allowed. */
static bool take(parser *s, char c) {
    skip_space(s);
    if (s->p == s->end || *s->p != c) return false;
    s->p++;
    return true;
}

static bool take_word(parser *s, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0) return false;
    s->p += n;
    return true;
}

/* ---- strings --------------------------------------------------------------------------------------- */

/* Four hex digits at s->p; -1 when there are none. */
static int32_t take_hex4(parser *s) {
    int32_t x = 0;
    if (s->end - s->p < 4) return -1;
    for (int i = 0; i < 4; i++) {
        char c = *s->p++;
        int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (d < 0) return -1;
        x = x << 4 | d;
    }
    return x;
}

/* A code point of \uXXXX, or of the surrogate pair \uXXXX\uXXXX; -1 when it is none. */
static int32_t take_code_point(parser *s) {
    int32_t hi = take_hex4(s);
    if (hi < 0xd800 || hi > 0xdfff) return hi;
    if (hi > 0xdbff || !take_word(s, "\\u")) return -1;
    int32_t lo = take_hex4(s);
    return lo < 0xdc00 || lo > 0xdfff ? -1 : 0x10000 + ((hi - 0xd800) << 10) + (lo - 0xdc00);
}

static char *put_utf8(char *to, int32_t c) {
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[4] = { 0, 0xc0, 0xe0, 0xf0 };
    *to++ = (char)(lead[more] | c >> (6 * more));
    while (more-- > 0) *to++ = (char)(0x80 | ((c >> (6 * more)) & 0x3f));
    return to;
}

/* What follows a backslash. */
static int take_escape(parser *s, char **to) {
    static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (s->p == s->end) return bad(s, "a string that does not end");
    char c = *s->p++;
    const char *at = memchr(letters, c, sizeof letters - 1);
    if (at) {
        *(*to)++ = values[at - letters];
        return BK_OK;
    }
    if (c != 'u') return bad(s, "an unknown escape");
    int32_t code = take_code_point(s);
    if (code <= 0) return bad(s, code ? "a \\u escape that is no character" : "\\u0000, which is not supported");
    *to = put_utf8(*to, code);
    return BK_OK;
}

/* The string whose opening quote was taken. An escape is never shorter than what it stands for, so the
 * length between the quotes is room enough. */
static int parse_string(parser *s, const char **out) {
    const char *close = s->p;
    while (close < s->end && *close != '"') close += *close == '\\' && close + 1 < s->end ? 2 : 1;
    if (close >= s->end) return bad(s, "a string that does not end");
    char *buf = arena_take(s->memory, (size_t)(close - s->p) + 1), *to = buf;
    if (!buf) return no_memory(s);
    while (s->p < close) {
        char c = *s->p++;
        if ((unsigned char)c < 0x20) return bad(s, "a control character in a string");
        if (c != '\\') {
            *to++ = c;
            continue;
        }
        int rc = take_escape(s, &to);
        if (rc != BK_OK) return rc;
    }
    s->p = close + 1;
    *out = buf;
    return BK_OK;
}

/* ---- numbers --------------------------------------------------------------------------------------- */

static const char *digits(const char *p, const char *end) {
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p;
}

/* The end of the number at p by the grammar; NULL when there is none. */
static const char *number_end(const char *p, const char *end) {
    const char *q;
    if (p < end && *p == '-') p++;
    if (p < end && *p == '0')
        q = p + 1;
    else if ((q = digits(p, end)) == p)
        return NULL;
    if (q < end && *q == '.') {
        p = q + 1;
        if ((q = digits(p, end)) == p) return NULL;
    }
    if (q < end && (*q == 'e' || *q == 'E')) {
        p = q + 1;
        if (p < end && (*p == '+' || *p == '-')) p++;
        if ((q = digits(p, end)) == p) return NULL;
    }
    return q;
}

static int parse_number(parser *s, json *v) {
    const char *end = number_end(s->p, s->end);
    if (!end) return bad(s, "a value was expected");
    char *copy = arena_text(s->memory, s->p, (size_t)(end - s->p));
    if (!copy) return no_memory(s);
    if (!text_parse_number(copy, -DBL_MAX, DBL_MAX, &v->u.number)) return bad(s, "a number out of range");
    v->type = JSON_NUMBER;
    s->p = end;
    return BK_OK;
}

/* ---- arrays and objects ---------------------------------------------------------------------------- */

static int parse_key(parser *s, json *v) {
    if (!take(s, '"')) return bad(s, "a key in quotes was expected");
    int rc = parse_string(s, &v->key);
    if (rc != BK_OK) return rc;
    return take(s, ':') ? BK_OK : bad(s, "a colon was expected");
}

/* Elements or members up to the closing bracket; the opening one was taken. */
static int parse_members(parser *s, json *parent, char close) {
    const json **tail = &parent->u.first;
    parent->type = close == '}' ? JSON_OBJECT : JSON_ARRAY;
    if (take(s, close)) return BK_OK;
    if (++s->depth > JSON_DEPTH_MAX) return bad(s, "deeper than 64 levels");
    do {
        json *v = arena_take(s->memory, sizeof *v);
        if (!v) return no_memory(s);
        int rc = close == '}' ? parse_key(s, v) : BK_OK;
        if (rc == BK_OK) rc = parse_value(s, v);
        if (rc != BK_OK) return rc;
        *tail = v;
        tail = &v->next;
    } while (take(s, ','));
    s->depth--;
    return take(s, close) ? BK_OK : bad(s, close == '}' ? "a comma or } was expected" : "a comma or ] was expected");
}

static int parse_value(parser *s, json *v) {
    if (take(s, '{')) return parse_members(s, v, '}');
    if (take(s, '[')) return parse_members(s, v, ']');
    if (take(s, '"')) {
        v->type = JSON_STRING;
        return parse_string(s, &v->u.string);
    }
    if (take_word(s, "null")) return BK_OK; /* zeroed memory is a null */
    v->truth = take_word(s, "true");
    if (v->truth || take_word(s, "false")) {
        v->type = JSON_BOOL;
        return BK_OK;
    }
    return parse_number(s, v);
}

int json_parse(json_doc *out, const char *source, size_t n, const char *name, bk_error *err) {
    json_doc d = { 0 };
    parser s = { .begin = source, .p = source, .end = source + n, .name = name, .memory = &d.memory, .err = err };
    json *root = arena_take(&d.memory, sizeof *root);
    int rc = root ? parse_value(&s, root) : no_memory(&s);
    skip_space(&s);
    if (rc == BK_OK && s.p != s.end) rc = bad(&s, "something follows the value");
    if (rc != BK_OK) {
        json_close(&d);
        return rc;
    }
    d.root = root;
    *out = d;
    return BK_OK;
}

void json_close(json_doc *d) {
    if (!d) return;
    arena_close(&d->memory);
    *d = (json_doc){ 0 };
}

/* ---- reading the tree ------------------------------------------------------------------------------ */

const json *json_get(const json *o, const char *key) {
    if (!o || o->type != JSON_OBJECT) return NULL;
    for (const json *v = o->u.first; v; v = v->next)
        if (strcmp(v->key, key) == 0) return v;
    return NULL;
}

size_t json_count(const json *a) {
    size_t n = 0;
    if (!a || (a->type != JSON_ARRAY && a->type != JSON_OBJECT)) return 0;
    for (const json *v = a->u.first; v; v = v->next) n++;
    return n;
}

const char *json_string(const json *v) {
    return v && v->type == JSON_STRING ? v->u.string : NULL;
}

bool json_number(const json *v, double lo, double hi, double *out) {
    if (!v || v->type != JSON_NUMBER || !(v->u.number >= lo && v->u.number <= hi)) return false;
    *out = v->u.number;
    return true;
}

bool json_int(const json *v, int64_t lo, int64_t hi, int64_t *out) {
    double x;
    if (!json_number(v, -0x1p53, 0x1p53, &x) || x != floor(x)) return false;
    int64_t i = (int64_t)x;
    if (i < lo || i > hi) return false;
    *out = i;
    return true;
}
