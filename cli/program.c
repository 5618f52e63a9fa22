/* What `bookend` does without a command: its version, completion scripts, the list of all options. */
#include "commands.h"

int program_run(const settings *s, ui *u) {
    if (s->version)
        printf("bookend %s\n", bk_version());
    else if (s->completion)
        completion_print(stdout, s->completion);
    else if (s->list_options)
        completion_list(stdout);
    else {
        help_usage(stderr);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}
