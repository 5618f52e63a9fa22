/* NumPy's .npz: named arrays in a zip archive, as np.savez and np.savez_compressed write and np.load reads
 * them. The notebook's tracks are such files: `windows` f32 [N, 60, 512] and `start_indices` i64 [N]. */
#ifndef BK_STORE_NPZ_H
#define BK_STORE_NPZ_H

#include "store/array.h"

/* ---- reading --------------------------------------------------------------------------------------- */

typedef struct npz npz;

/* Reads every array of the file into memory of the object. Entries that are not called NAME.npy are passed
 * over. BK_EIO, BK_EFORMAT, BK_ENOMEM. */
int npz_open(npz **out, const char *path, bk_error *err);
/* The same from memory, which is not needed any more afterwards. */
int npz_open_memory(npz **out, const void *data, size_t size, const char *name, bk_error *err);
void npz_close(npz **z);

/* Arrays in the order of the file; they live as long as z, their data is aligned to 64 bytes. */
size_t npz_count(const npz *z);
const array *npz_at(const npz *z, size_t i);
/* By name without ".npy"; NULL when there is none. */
const array *npz_find(const npz *z, const char *name);
/* The same, with a sentence that names file and array when there is none. BK_EFORMAT. */
int npz_need(const array **out, const npz *z, const char *name, bk_error *err);

/* ---- writing --------------------------------------------------------------------------------------- */

typedef struct npz_writer npz_writer;

/* A file that appears at `path` only on commit. deflate: as np.savez_compressed. BK_EIO, BK_ENOMEM. */
int npz_create(npz_writer **out, const char *path, bool deflate, bk_error *err);
/* Appends an array under a->name. BK_EIO, BK_ENOMEM, BK_EINVAL for a type that NumPy lacks. */
int npz_add(npz_writer *w, const array *a, bk_error *err);
/* Ends the file and puts it in its place. The writer is closed, whatever happens. */
int npz_commit(npz_writer **w, bk_error *err);
/* Gives up: nothing at path changes. Accepts a pointer to NULL. */
void npz_abandon(npz_writer **w);

#endif
