/* ZIP archives: what .npz and PyTorch files are made of. Reads stored and deflated entries of a memory
 * view by the central directory, ZIP64 too, CRC checked; writes the same. No encryption, no volumes.
 * Source: PKWARE APPNOTE 6.3. */
#ifndef BK_STORE_ZIP_H
#define BK_STORE_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/* ---- reading --------------------------------------------------------------------------------------- */

typedef struct zip_entry {
    const char *name; /* terminated */
    size_t size;      /* unpacked */
    size_t packed;    /* in the archive, from `offset` on: checked to lie inside */
    size_t offset;
    uint32_t crc;
    bool deflated;
} zip_entry;

typedef struct zip zip;

/* Reads the directory of the archive data[0, size), which must outlive the object. `name` stands in
 * sentences only. Nothing is unpacked here; an entry that claims to unpack to more than deflate can (1032
 * times its packed size) is refused, and so are more than `limit` unpacked bytes in all deflated entries
 * (0: 4 GiB). BK_EFORMAT, BK_ENOMEM. */
int zip_open(zip **out, const void *data, size_t size, const char *name, uint64_t limit, bk_error *err);
void zip_close(zip **z);

size_t zip_count(const zip *z);
/* In the order of the directory; i < zip_count(). Lives as long as z. */
const zip_entry *zip_at(const zip *z, size_t i);
/* NULL when there is none of that name; the last one when there are several. */
const zip_entry *zip_find(const zip *z, const char *name);

/* Unpacks e->size bytes into dst and checks the CRC. BK_EFORMAT. */
int zip_read(const zip *z, const zip_entry *e, void *dst, bk_error *err);
/* A stored entry's bytes inside the archive, CRC not checked; NULL when it is deflated. */
const unsigned char *zip_stored(const zip *z, const zip_entry *e);
/* Whether a stored entry's bytes have the CRC that the directory says. BK_EFORMAT. */
int zip_check(const zip *z, const zip_entry *e, bk_error *err);

/* ---- writing --------------------------------------------------------------------------------------- */

typedef struct zip_writer zip_writer;

/* Writes to `to`, which must be seekable, stands where the archive shall begin (position 0) and stays the
 * caller's. The same entries give the same bytes: the date is always 1980-01-01. BK_ENOMEM. */
int zip_writer_open(zip_writer **out, FILE *to, const char *name, bk_error *err);
/* Frees; the archive is only whole after zip_finish(). */
void zip_writer_close(zip_writer **w);
/* Starts an entry of exactly `size` bytes. align > 1 places the bytes of a stored entry at a multiple of it
 * (at most 4096). BK_EIO, BK_ENOMEM. */
int zip_begin(zip_writer *w, const char *name, uint64_t size, bool deflate, unsigned align, bk_error *err);
/* The next n bytes of it. */
int zip_write(zip_writer *w, const void *data, size_t n, bk_error *err);
/* Ends it; BK_EINVAL when fewer or more bytes came than were announced. */
int zip_end(zip_writer *w, bk_error *err);
/* Begin, write and end. */
int zip_add(zip_writer *w, const char *name, const void *data, size_t n, bool deflate, bk_error *err);
/* Writes the directory. */
int zip_finish(zip_writer *w, bk_error *err);

#endif
