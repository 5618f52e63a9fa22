/* bookend, the program: finds the command, parses its options, runs it, and makes sure that what was printed arrived.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

/* A closed stream must not become the number of the next file that is opened, to be written over by a message. Opened
 * the wrong way round, so that its use is still an error. */
static void keep_streams(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            _exit(EXIT_SOME_FAILED);
}

/* Results that did not reach stdout are a failure, as with a full disk or a reader that has left. */
static int check_stdout(int status) {
    errno = 0;
    bool ok = fflush(stdout) == 0 && !ferror(stdout);
    if (ok || status == EXIT_SOME_FAILED) return status;
    fprintf(stderr, "bookend: standard output: could not be written%s%s\n", errno ? ": " : "",
            errno ? strerror(errno) : "");
    return EXIT_SOME_FAILED;
}

static int usage_error(const command *c, const char *error) {
    const char *space = c && *c->name ? " " : "", *name = c ? c->name : "";
    fprintf(stderr, "bookend%s%s: %s\nTry 'bookend%s%s --help'.\n", space, name, error, space, name);
    return EXIT_USAGE;
}

/* `bookend model --help`: the pages of all commands that begin so. */
static bool help_group(const char *word) {
    size_t n = strlen(word);
    int pages = 0;
    for (const command *c = command_table; c->name; c++)
        if (!strncmp(c->name, word, n) && c->name[n] == ' ') {
            if (pages++) putchar('\n');
            help_command(stdout, c, ui_colour(STDOUT_FILENO));
        }
    return pages > 0;
}

static void print_help(const command *c) {
    bool colour = ui_colour(STDOUT_FILENO);
    if (c->id == CMD_NONE)
        help_program(stdout, colour);
    else
        help_command(stdout, c, colour);
}

static int run(const command *c, const settings *s) {
    ui *u = ui_open(s->quiet ? UI_QUIET : s->verbose ? UI_ALL : UI_NORMAL);
    if (!u) return usage_error(c, "out of memory");
    interrupt_watch();
    int status = c->run(s, u);
    ui_close(u);
    return status;
}

int main(int argc, char **argv) {
    char error[OPT_ERROR_MAX];
    settings s;
    int words, status;
    keep_streams();
    signal(SIGPIPE, SIG_IGN); /* the write fails instead, and is told */
    const command *c = opts_command(argc, argv, &words, error);
    bool wants_help = argc > 2 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"));
    if (!c) return wants_help && help_group(argv[1]) ? check_stdout(EXIT_DONE) : usage_error(NULL, error);
    if (opts_parse(&s, c, argc - 1 - words, argv + 1 + words, error) != 0)
        status = usage_error(c, error);
    else if (s.help) {
        print_help(c);
        status = EXIT_DONE;
    } else
        status = run(c, &s);
    opts_close(&s);
    status = check_stdout(status);
    interrupt_finish();
    return status;
}
