/* A pickle machine that builds a tree and does nothing else: a stack, a stack of marks, a memo. */
#include "store/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/bytes.h"

typedef struct machine {
    const unsigned char *p, *begin, *end;
    pickle **stack;
    size_t n, cap;
    size_t *marks; /* heights of the stack */
    size_t n_marks, cap_marks;
    pickle **memo;
    size_t n_memo, cap_memo;
    arena *memory;
    bool (*allow)(const char *global);
    const char *name;
    bk_error *err;
} machine;

static int bad(const machine *m, const char *what) {
    return bk_fail(m->err, BK_EFORMAT, "%s: damaged pickle at byte %zu: %s", m->name, (size_t)(m->p - m->begin),
                   what);
}

static int no_memory(const machine *m) {
    return bk_fail_memory(m->err, m->name);
}

/* ---- stack ----------------------------------------------------------------------------------------- */

static int push(machine *m, pickle *v) {
    if (!v || !bk_grow(&m->stack, &m->cap, m->n + 1, sizeof *m->stack)) return no_memory(m);
    m->stack[m->n++] = v;
    return BK_OK;
}

static pickle *make(machine *m, pickle_kind kind) {
    pickle *v = arena_take(m->memory, sizeof *v);
    if (v) v->kind = kind;
    return v;
}

static int push_int(machine *m, pickle_kind kind, int64_t i) {
    pickle *v = make(m, kind);
    if (v) v->u.i = i;
    return push(m, v);
}

/* The lowest height that may be popped to: values below the last mark are out of reach. */
static size_t floor_of(const machine *m) {
    return m->n_marks ? m->marks[m->n_marks - 1] : 0;
}

static pickle *pop(machine *m) {
    return m->n > floor_of(m) ? m->stack[--m->n] : NULL;
}

static pickle *top(const machine *m) {
    return m->n > floor_of(m) ? m->stack[m->n - 1] : NULL;
}

/* Takes the last mark away; *first is the height it stood at. */
static bool pop_mark(machine *m, size_t *first) {
    if (!m->n_marks) return false;
    *first = m->marks[--m->n_marks];
    return true;
}

static int push_mark(machine *m) {
    if (!bk_grow(&m->marks, &m->cap_marks, m->n_marks + 1, sizeof *m->marks)) return no_memory(m);
    m->marks[m->n_marks++] = m->n;
    return BK_OK;
}

/* Moves the values from height `first` up behind the items of v. */
static int move_items(machine *m, pickle *v, size_t first) {
    size_t add = m->n - first, need = v->n + add;
    if (need > v->cap) {
        size_t cap = v->cap * 2 > need ? v->cap * 2 : need;
        pickle **items = arena_take(m->memory, cap * sizeof *items);
        if (!items) return no_memory(m);
        if (v->n) memcpy(items, v->items, v->n * sizeof *items);
        v->items = items;
        v->cap = cap;
    }
    if (add) memcpy(v->items + v->n, m->stack + first, add * sizeof *v->items);
    v->n = need;
    m->n = first;
    return BK_OK;
}

/* The top `count` values become a new value of this kind. */
static int gather(machine *m, pickle_kind kind, size_t first) {
    pickle *v = make(m, kind);
    if (!v) return no_memory(m);
    int rc = move_items(m, v, first);
    return rc == BK_OK ? push(m, v) : rc;
}

static int gather_tuple(machine *m, size_t count) {
    if (m->n - floor_of(m) < count) return bad(m, "a tuple of values that are not there");
    return gather(m, PICKLE_TUPLE, m->n - count);
}

static int gather_marked(machine *m, pickle_kind kind) {
    size_t first;
    if (!pop_mark(m, &first)) return bad(m, "no mark");
    if (kind == PICKLE_DICT && (m->n - first) % 2) return bad(m, "a key without value");
    return gather(m, kind, first);
}

/* Values from `first` up go into the list or dict below them. */
static int add_to(machine *m, size_t first, bool pairs) {
    if (first <= floor_of(m) || first > m->n) return bad(m, "nothing to add to");
    pickle *v = m->stack[first - 1];
    bool fits = pairs ? v->kind == PICKLE_DICT || v->kind == PICKLE_CALL : v->kind == PICKLE_LIST;
    if (!fits || (pairs && (m->n - first) % 2)) return bad(m, "items for what takes none");
    return move_items(m, v, first);
}

static int add_marked(machine *m, bool pairs) {
    size_t first;
    if (!pop_mark(m, &first)) return bad(m, "no mark");
    return add_to(m, first, pairs);
}

/* ---- operands -------------------------------------------------------------------------------------- */

static bool have(const machine *m, size_t n) {
    return (size_t)(m->end - m->p) >= n;
}

/* A little-endian operand of n bytes. */
static int take_number(machine *m, int n, uint64_t *out) {
    *out = 0;
    if (!have(m, (size_t)n)) return bad(m, "it ends too early");
    for (int i = 0; i < n; i++) *out |= (uint64_t)*m->p++ << (8 * i);
    return BK_OK;
}

/* A text with a length of n bytes before it. */
static int push_text(machine *m, int n) {
    uint64_t len;
    int rc = take_number(m, n, &len);
    if (rc != BK_OK) return rc;
    if (len > (size_t)(m->end - m->p)) return bad(m, "a text beyond its end");
    if (memchr(m->p, 0, (size_t)len)) return bad(m, "a text with a zero byte");
    pickle *v = make(m, PICKLE_TEXT);
    if (v) v->u.text = arena_text(m->memory, (const char *)m->p, (size_t)len);
    if (!v || !v->u.text) return no_memory(m);
    m->p += len;
    return push(m, v);
}

/* LONG1: two's complement of up to 8 bytes; nothing here needs more. */
static int push_long(machine *m) {
    uint64_t n, x;
    int rc = take_number(m, 1, &n);
    if (rc != BK_OK) return rc;
    if (n > 8) return bad(m, "a whole number of more than 64 bits");
    if ((rc = take_number(m, (int)n, &x)) != BK_OK) return rc;
    if (n && n < 8 && x >> (8 * n - 1)) x |= UINT64_MAX << (8 * n);
    return push_int(m, PICKLE_INT, (int64_t)x);
}

/* BINFLOAT is the one big-endian operand. */
static int push_float(machine *m) {
    if (!have(m, 8)) return bad(m, "it ends too early");
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) bits = bits << 8 | *m->p++;
    pickle *v = make(m, PICKLE_FLOAT);
    if (!v) return no_memory(m);
    memcpy(&v->u.f, &bits, sizeof bits);
    return push(m, v);
}

static int push_small(machine *m, int n, bool is_signed) {
    uint64_t x;
    int rc = take_number(m, n, &x);
    return rc == BK_OK ? push_int(m, PICKLE_INT, is_signed ? (int64_t)(int32_t)x : (int64_t)x) : rc;
}

/* ---- globals and calls ----------------------------------------------------------------------------- */

static int refuse(const machine *m, const char *global) {
    char shown[80];
    size_t n = 0;
    for (; global[n] && n < sizeof shown - 1; n++) shown[n] = global[n] > ' ' && global[n] < 127 ? global[n] : '?';
    shown[n] = 0;
    return bk_fail(m->err, BK_EFORMAT, "%s: asks for %s, which no file of weights needs: refused", m->name, shown);
}

static int push_global(machine *m, const char *module, size_t n_module, const char *name, size_t n_name) {
    pickle *v = make(m, PICKLE_GLOBAL);
    char *s = v ? arena_take(m->memory, n_module + n_name + 2) : NULL;
    if (!s) return no_memory(m);
    memcpy(s, module, n_module);
    s[n_module] = '.';
    memcpy(s + n_module + 1, name, n_name);
    v->u.text = s;
    return m->allow(s) ? push(m, v) : refuse(m, s);
}

/* The bytes up to a newline, which is stepped over. */
static bool take_line(machine *m, const char **s, size_t *n) {
    const unsigned char *end = memchr(m->p, '\n', (size_t)(m->end - m->p));
    if (!end || memchr(m->p, 0, (size_t)(end - m->p))) return false;
    *s = (const char *)m->p;
    *n = (size_t)(end - m->p);
    m->p = end + 1;
    return true;
}

static int op_global(machine *m) {
    const char *module, *name;
    size_t n_module, n_name;
    if (!take_line(m, &module, &n_module) || !take_line(m, &name, &n_name)) return bad(m, "a global without a name");
    return push_global(m, module, n_module, name, n_name);
}

static int op_stack_global(machine *m) {
    const char *name = pickle_text(pop(m)), *module = pickle_text(pop(m));
    if (!name || !module) return bad(m, "a global without a name");
    return push_global(m, module, strlen(module), name, strlen(name));
}

/* REDUCE and NEWOBJ: a note that the global was to be called with these arguments. */
static int op_call(machine *m) {
    const pickle *argument = pop(m), *callee = pop(m);
    if (!argument || !callee || callee->kind != PICKLE_GLOBAL) return bad(m, "a call of what is no global");
    pickle *v = make(m, PICKLE_CALL);
    if (!v) return no_memory(m);
    v->u.text = callee->u.text;
    v->argument = argument;
    return push(m, v);
}

static int op_build(machine *m) {
    const pickle *state = pop(m);
    pickle *v = top(m);
    if (!state || !v || v->kind != PICKLE_CALL) return bad(m, "a state for what has none");
    v->state = state;
    return BK_OK;
}

static int op_persistent(machine *m) {
    const pickle *id = pop(m);
    pickle *v = id ? make(m, PICKLE_PERSISTENT) : NULL;
    if (!id) return bad(m, "a persistent id that is not there");
    if (v) v->argument = id;
    return push(m, v);
}

/* ---- memo ------------------------------------------------------------------------------------------ */

static int memo_put(machine *m, uint64_t at) {
    pickle *v = top(m);
    size_t before = m->cap_memo;
    /* writers number from 0 on, so an index beyond the bytes read cannot be honest */
    if (!v || at >= (uint64_t)(m->p - m->begin)) return bad(m, "a memo out of range");
    if (!bk_grow(&m->memo, &m->cap_memo, (size_t)at + 1, sizeof *m->memo)) return no_memory(m);
    if (m->cap_memo > before) memset(m->memo + before, 0, (m->cap_memo - before) * sizeof *m->memo);
    m->memo[at] = v;
    if (at >= m->n_memo) m->n_memo = (size_t)at + 1;
    return BK_OK;
}

static int op_put(machine *m, int n) {
    uint64_t at;
    int rc = take_number(m, n, &at);
    return rc == BK_OK ? memo_put(m, at) : rc;
}

static int op_get(machine *m, int n) {
    uint64_t at;
    int rc = take_number(m, n, &at);
    if (rc != BK_OK) return rc;
    if (at >= m->n_memo || !m->memo[at]) return bad(m, "a memo that was never set");
    return push(m, m->memo[at]);
}

/* ---- the machine ----------------------------------------------------------------------------------- */

static int skip(machine *m, size_t n) {
    if (!have(m, n)) return bad(m, "it ends too early");
    m->p += n;
    return BK_OK;
}

static int op_proto(machine *m) {
    uint64_t version;
    int rc = take_number(m, 1, &version);
    if (rc == BK_OK && (version < 2 || version > 5)) return bad(m, "an unknown protocol");
    return rc;
}

static int op_pop(machine *m) {
    size_t first;
    if (pop(m)) return BK_OK;
    return pop_mark(m, &first) ? BK_OK : bad(m, "an empty stack");
}

static int op_pop_mark(machine *m) {
    return pop_mark(m, &m->n) ? BK_OK : bad(m, "no mark");
}

static int op_dup(machine *m) {
    pickle *v = top(m);
    return v ? push(m, v) : bad(m, "an empty stack");
}

/* One instruction; names in the comments are pickletools'. */
static int step(machine *m, int op) {
    switch (op) {
    case 0x80: return op_proto(m);                             /* PROTO */
    case 0x95: return skip(m, 8);                              /* FRAME */
    case '(': return push_mark(m);                             /* MARK */
    case '0': return op_pop(m);                                /* POP */
    case '1': return op_pop_mark(m);                           /* POP_MARK */
    case '2': return op_dup(m);                                /* DUP */
    case 'N': return push(m, make(m, PICKLE_NONE));            /* NONE */
    case 0x88: return push_int(m, PICKLE_BOOL, 1);             /* NEWTRUE */
    case 0x89: return push_int(m, PICKLE_BOOL, 0);             /* NEWFALSE */
    case 'J': return push_small(m, 4, true);                   /* BININT */
    case 'K': return push_small(m, 1, false);                  /* BININT1 */
    case 'M': return push_small(m, 2, false);                  /* BININT2 */
    case 0x8a: return push_long(m);                            /* LONG1 */
    case 'G': return push_float(m);                            /* BINFLOAT */
    case 'X': return push_text(m, 4);                          /* BINUNICODE */
    case 0x8c: return push_text(m, 1);                         /* SHORT_BINUNICODE */
    case 'U': return push_text(m, 1);                          /* SHORT_BINSTRING */
    case ']': return gather(m, PICKLE_LIST, m->n);             /* EMPTY_LIST */
    case 'l': return gather_marked(m, PICKLE_LIST);            /* LIST */
    case 'a': return add_to(m, m->n ? m->n - 1 : 0, false);    /* APPEND */
    case 'e': return add_marked(m, false);                     /* APPENDS */
    case ')': return gather(m, PICKLE_TUPLE, m->n);            /* EMPTY_TUPLE */
    case 't': return gather_marked(m, PICKLE_TUPLE);           /* TUPLE */
    case 0x85: return gather_tuple(m, 1);                      /* TUPLE1 */
    case 0x86: return gather_tuple(m, 2);                      /* TUPLE2 */
    case 0x87: return gather_tuple(m, 3);                      /* TUPLE3 */
    case '}': return gather(m, PICKLE_DICT, m->n);             /* EMPTY_DICT */
    case 'd': return gather_marked(m, PICKLE_DICT);            /* DICT */
    case 's': return add_to(m, m->n < 2 ? 0 : m->n - 2, true); /* SETITEM */
    case 'u': return add_marked(m, true);                      /* SETITEMS */
    case 'c': return op_global(m);                             /* GLOBAL */
    case 0x93: return op_stack_global(m);                      /* STACK_GLOBAL */
    case 'R': return op_call(m);                               /* REDUCE */
    case 0x81: return op_call(m);                              /* NEWOBJ */
    case 'b': return op_build(m);                              /* BUILD */
    case 'Q': return op_persistent(m);                         /* BINPERSID */
    case 'q': return op_put(m, 1);                             /* BINPUT */
    case 'r': return op_put(m, 4);                             /* LONG_BINPUT */
    case 0x94: return memo_put(m, m->n_memo);                  /* MEMOIZE */
    case 'h': return op_get(m, 1);                             /* BINGET */
    case 'j': return op_get(m, 4);                             /* LONG_BINGET */
    default: return bk_fail(m->err, BK_EFORMAT, "%s: pickle instruction 0x%02x is not read", m->name, (unsigned)op);
    }
}

static int run(machine *m) {
    for (;;) {
        if (m->p == m->end) return bad(m, "it ends too early");
        int op = *m->p++;
        if (op == '.') return m->n == 1 && !m->n_marks ? BK_OK : bad(m, "it ends with more or less than one value");
        int rc = step(m, op);
        if (rc != BK_OK) return rc;
    }
}

int pickle_read(const pickle **out, arena *memory, const void *p, size_t n, bool (*allow)(const char *global),
                const char *name, bk_error *err) {
    if (n > PICKLE_MAX)
        return bk_fail(err, BK_EFORMAT, "%s: a pickle of %zu bytes; at most %d are read", name, n, PICKLE_MAX);
    machine m = { .p = p,
                  .begin = p,
                  .end = (const unsigned char *)p + n,
                  .memory = memory,
                  .allow = allow,
                  .name = name,
                  .err = err };
    int rc = run(&m);
    if (rc == BK_OK) *out = m.stack[0];
    free(m.stack);
    free(m.marks);
    free(m.memo);
    return rc;
}

/* ---- reading the tree ------------------------------------------------------------------------------ */

const pickle *pickle_get(const pickle *dict, const char *key) {
    if (!dict || (dict->kind != PICKLE_DICT && dict->kind != PICKLE_CALL)) return NULL;
    for (size_t i = 0; i + 1 < dict->n; i += 2) {
        const char *k = pickle_text(dict->items[i]);
        if (k && strcmp(k, key) == 0) return dict->items[i + 1];
    }
    return NULL;
}

const pickle *pickle_item(const pickle *p, size_t i) {
    return p && (p->kind == PICKLE_LIST || p->kind == PICKLE_TUPLE) && i < p->n ? p->items[i] : NULL;
}

const char *pickle_text(const pickle *p) {
    return p && p->kind == PICKLE_TEXT ? p->u.text : NULL;
}

bool pickle_int(const pickle *p, int64_t lo, int64_t hi, int64_t *out) {
    if (!p || p->kind != PICKLE_INT || p->u.i < lo || p->u.i > hi) return false;
    *out = p->u.i;
    return true;
}
