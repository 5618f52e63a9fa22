/* FFmpeg's silence and its error sentences, for the files of media/. */
#include "media/libav.h"

#include <libavutil/error.h>
#include <libavutil/log.h>
#include <pthread.h>

static void silence(void) {
    if (av_log_get_level() == AV_LOG_INFO) av_log_set_level(AV_LOG_QUIET);
}

void libav_quiet(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, silence);
}

const char *libav_says(int code, char why[80]) {
    av_strerror(code, why, 80);
    return why;
}
