/* Python pickles as inert trees. Nothing is ever called or imported: what a pickle asks to call becomes a node
 * that says so, and only for globals that the caller allows. Protocols 2 to 4, as far as torch.save() and
 * TorchScript write them. Source: Python's pickletools.py. */
#ifndef BK_STORE_PICKLE_H
#define BK_STORE_PICKLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/arena.h"

typedef enum pickle_kind {
    PICKLE_NONE,
    PICKLE_BOOL,
    PICKLE_INT,
    PICKLE_FLOAT,
    PICKLE_TEXT,
    PICKLE_LIST,
    PICKLE_TUPLE,
    PICKLE_DICT,       /* items: key, value, key, value ... */
    PICKLE_GLOBAL,     /* text: "module.name" */
    PICKLE_CALL,       /* text of the global that was called or constructed; argument, state and dict items */
    PICKLE_PERSISTENT, /* argument: the id of something outside the pickle */
} pickle_kind;

/* A tree that may share branches, and a hostile one may hold itself: walk it with a limit. */
typedef struct pickle {
    pickle_kind kind;
    union {
        int64_t i; /* PICKLE_BOOL, PICKLE_INT */
        double f;
        const char *text;
    } u;
    struct pickle **items; /* of LIST, TUPLE, DICT, and of a CALL that items were set on */
    size_t n, cap;
    const struct pickle *argument; /* CALL: its arguments, mostly a tuple */
    const struct pickle *state;    /* CALL: what BUILD gave it; else NULL */
} pickle;

enum { PICKLE_MAX = 16 << 20 }; /* bytes; the tree may take 40 times that */

/* Reads the pickle p[0, n) into *memory, which the caller closes, also after a failure. allow(global) says
 * whether a "module.name" may stand in it; one that may not is refused by name. BK_EFORMAT, BK_ENOMEM. */
int pickle_read(const pickle **out, arena *memory, const void *p, size_t n, bool (*allow)(const char *global),
                const char *name, bk_error *err);

/* The value of a text key of a DICT, or of the items of a CALL; NULL when there is none. */
const pickle *pickle_get(const pickle *dict, const char *key);
/* Item i of a LIST or TUPLE; NULL for anything else, NULL included. */
const pickle *pickle_item(const pickle *p, size_t i);
/* Text of a TEXT node; else NULL. */
const char *pickle_text(const pickle *p);
/* The number of an INT node in [lo, hi]; else false. */
bool pickle_int(const pickle *p, int64_t lo, int64_t hi, int64_t *out);

#endif
