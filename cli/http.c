/* One file over HTTP, by libcurl: the only file of the project that sees a network. */
#define _GNU_SOURCE
#include "http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const long CONNECT_S = 30, SILENCE_S = 60, REDIRECTS = 10;
static const curl_off_t LARGEST = (curl_off_t)64 << 30; /* bytes of a file whose length the server does not tell */

typedef struct transfer {
    CURL *curl;
    int fd;
    const char *path;
    const bk_hooks *hooks;
    char *error;      /* [HTTP_ERROR_MAX]; filled by the callback that ends the transfer, else empty */
    curl_off_t have;  /* bytes in the file */
    curl_off_t begin; /* where the server says that its answer begins; -1: it does not say */
    bool started, stopped;
} transfer;

/* ---- the disk ---------------------------------------------------------------------------------------- */

static double megabytes(curl_off_t n) {
    return (double)n / 1e6;
}

/* The rest of the file, and the model made of it, which is not larger. */
static bool fits(transfer *t, curl_off_t rest) {
    struct statvfs disk;
    if (rest < 0 || fstatvfs(t->fd, &disk) != 0) return true;
    curl_off_t room = (curl_off_t)disk.f_bavail * (curl_off_t)disk.f_frsize, need = 2 * rest + t->have;
    if (need <= room) return true;
    snprintf(t->error, HTTP_ERROR_MAX, "%s: %.0f MB are needed, the disk has %.0f MB left", t->path, megabytes(need),
             megabytes(room));
    return false;
}

static bool append(transfer *t, const char *data, size_t n) {
    while (n) {
        ssize_t wrote = pwrite(t->fd, data, n, t->have);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) {
            snprintf(t->error, HTTP_ERROR_MAX, "%s: %s", t->path, strerror(errno));
            return false;
        }
        data += wrote;
        n -= (size_t)wrote;
        t->have += wrote;
    }
    return true;
}

/* ---- what the server answers ------------------------------------------------------------------------- */

static long status_of(transfer *t) {
    long status = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* "Content-Range: bytes 1000-1999/2000". A redirect's headers come through here too: the last one counts. */
static size_t on_header(char *line, size_t size, size_t n, void *user) {
    transfer *t = user;
    long long first;
    char text[128];
    snprintf(text, sizeof text, "%.*s", (int)n, line);
    if (strncasecmp(text, "HTTP/", 5) == 0) t->begin = -1;
    if (strncasecmp(text, "Content-Range:", 14) == 0 && sscanf(text + 14, " bytes %lld-", &first) == 1)
        t->begin = first;
    return n;
}

/* Whether the body is to be taken, and from where on. */
static bool start(transfer *t) {
    long status = status_of(t);
    curl_off_t rest = -1;
    t->started = true;
    if (status == 200 && t->have && ftruncate(t->fd, t->have = 0) != 0) {
        snprintf(t->error, HTTP_ERROR_MAX, "%s: %s", t->path, strerror(errno));
        return false;
    }
    if (status == 206 && t->begin != t->have) {
        snprintf(t->error, HTTP_ERROR_MAX, "the server was asked for what follows byte %lld, and begins at %lld",
                 (long long)t->have, (long long)t->begin);
        return false;
    }
    curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &rest);
    return fits(t, rest);
}

static size_t on_body(char *data, size_t size, size_t n, void *user) {
    transfer *t = user;
    long status = status_of(t);
    if (status != 200 && status != 206) return n; /* a page for people: passed over */
    if (!t->started && !start(t)) return 0;
    if (t->have + (curl_off_t)n > LARGEST) {
        snprintf(t->error, HTTP_ERROR_MAX, "%s: more than %.0f MB; no model is that large", t->path,
                 megabytes(LARGEST));
        return 0;
    }
    return append(t, data, n) ? n : 0;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now) {
    transfer *t = user;
    const bk_progress p = { .stage = "fetch", .done = t->have, .total = total > 0 ? t->have - now + total : 0 };
    if (t->hooks->progress(t->hooks->user, &p)) t->stopped = true;
    return t->stopped;
}

/* ---- the request ------------------------------------------------------------------------------------- */

static CURLcode set_up(transfer *t, const char *url, char *why) {
    CURL *c = t->curl;
    char range[32];
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "bookend");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, REDIRECTS);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, SILENCE_S);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    snprintf(range, sizeof range, "%lld-", (long long)t->have);
    if (t->have)
        curl_easy_setopt(c, CURLOPT_RANGE, range); /* not RESUME_FROM, which fails where there are no ranges */
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(c, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

static http_result judge(transfer *t, CURLcode code, const char *url, const char *why) {
    long status = status_of(t);
    if (!why[0]) why = curl_easy_strerror(code);
    if (t->stopped) snprintf(t->error, HTTP_ERROR_MAX, "stopped");
    if (t->stopped) return HTTP_STOPPED;
    if (t->error[0]) return HTTP_FAILED;
    if (status == 416) return HTTP_DONE; /* asked for what follows the last byte */
    if (status >= 400) {
        snprintf(t->error, HTTP_ERROR_MAX, "%s: the server answers %ld", url, status);
        return HTTP_FAILED;
    }
    if (code == CURLE_OK && status < 300) return HTTP_DONE;
    snprintf(t->error, HTTP_ERROR_MAX, "%s: %s", url, why);
    return t->started ? HTTP_CUT : HTTP_FAILED;
}

http_result http_get(const char *url, int fd, const char *path, const bk_hooks *hooks, char error[HTTP_ERROR_MAX]) {
    char why[CURL_ERROR_SIZE] = "";
    struct stat st;
    transfer t = { .fd = fd, .path = path, .hooks = hooks, .error = error, .begin = -1 };
    error[0] = 0;
    if (fstat(fd, &st) == 0) t.have = st.st_size;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) t.curl = curl_easy_init();
    CURLcode code = t.curl ? set_up(&t, url, why) : CURLE_FAILED_INIT;
    if (code == CURLE_OK) code = curl_easy_perform(t.curl);
    http_result result = judge(&t, code, url, why);
    curl_easy_cleanup(t.curl);
    curl_global_cleanup();
    return result;
}
