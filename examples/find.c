/* The smallest program on libbookend: prints where the story of a video begins and ends.
 *
 *     cc find.c $(pkg-config --cflags --libs bookend) -o find && ./find film.mkv */
#include <bookend/bookend.h>

int main(int argc, char **argv) {
    bk_model *model = NULL;
    bk_answer answer;
    bk_error err;
    if (argc != 2) return 2;
    if (bk_model_open(&model, NULL, NULL, &err) != BK_OK || bk_find(&answer, argv[1], model, NULL, &err) != BK_OK) {
        fprintf(stderr, "%s\n", err.text);
        bk_model_close(&model);
        return 1;
    }
    if (answer.start_main.found != BK_UNSURE)
        printf("the story begins at %.3f s (confidence %.2f)\n", (double)answer.start_main.time_us / 1e6,
               (double)answer.start_main.confidence);
    if (answer.end_main.found != BK_UNSURE)
        printf("the story ends at %.3f s (confidence %.2f)\n", (double)answer.end_main.time_us / 1e6,
               (double)answer.end_main.confidence);
    if (answer.reason[0]) printf("%s\n", answer.reason);
    bk_model_close(&model);
    return 0;
}
