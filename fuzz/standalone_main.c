/* Runs a fuzz target over stored files, as a plain test without libFuzzer. Prints TAP.
 *
 * usage: fuzz_TARGET FOLDER... | FILE... */
#include "base/file.h"
#include "fuzz.h"

static int n_run, n_failed;

/* The bytes go in a block of their exact size: a sanitizer sees every read beyond them. */
static void run_file(const char *path) {
    bk_error err = { 0 };
    char *data = NULL;
    size_t size = 0;
    int rc = file_read(&data, &size, path, (size_t)1 << 30, &err);
    uint8_t *exact = rc == BK_OK ? malloc(size ? size : 1) : NULL;
    if (exact) {
        for (size_t i = 0; i < size; i++) exact[i] = (uint8_t)data[i];
        LLVMFuzzerTestOneInput(exact, size);
    }
    printf("%s %d - %s %s\n", exact ? "ok" : "not ok", ++n_run, path_name(path), err.text);
    n_failed += !exact;
    free(exact);
    free(data);
}

static void run_folder(const char *folder) {
    file_list l = { 0 };
    bk_error err = { 0 };
    if (file_list_open(&l, folder, NULL, &err) != BK_OK) {
        printf("not ok %d - %s\n", ++n_run, err.text);
        n_failed++;
    }
    for (size_t i = 0; i < l.n; i++) {
        text path = { 0 };
        path_add_join(&path, folder, l.entries[i].name);
        if (text_ok(&path)) run_file(text_str(&path));
        text_close(&path);
    }
    file_list_close(&l);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (file_is_folder(argv[i]))
            run_folder(argv[i]);
        else
            run_file(argv[i]);
    }
    printf("1..%d\n", n_run);
    return n_failed || n_run == 0;
}
