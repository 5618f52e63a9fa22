/* A program for tests/e2e/pillow_interop.py: resizes the pictures of its input. Each is a line "from_w from_h to_w
 * to_h", then u8 [from_h, from_w, 3]; the output is u8 [to_h, to_w, 3] of each. */
#include <stdio.h>
#include <stdlib.h>

#include "picture/resize.h"

static int one(const int size[4]) {
    bk_error err = { 0 };
    resizer *r = NULL;
    const size_t in = (size_t)size[0] * (size_t)size[1], out = (size_t)size[2] * (size_t)size[3];
    uint8_t *from = malloc(in * 3), *to = malloc(out * 3);
    int code = resizer_open(&r, size[0], size[1], size[2], size[3], &err);
    if (code != BK_OK) fprintf(stderr, "%s\n", err.text);
    if (code == BK_OK && (!from || !to || fread(from, 3, in, stdin) != in)) code = BK_EIO;
    if (code == BK_OK) resizer_run(r, to, from);
    if (code == BK_OK && fwrite(to, 3, out, stdout) != out) code = BK_EIO;
    resizer_close(&r);
    free(from);
    free(to);
    return code;
}

int main(void) {
    int size[4];
    while (scanf("%d %d %d %d", &size[0], &size[1], &size[2], &size[3]) == 4)
        if (getchar() != '\n' || one(size) != BK_OK) return 1;
    return fflush(stdout) == 0 ? 0 : 1;
}
