/* In place of http.c in a build without libcurl. */
#include <stdio.h>

#include "http.h"

http_result http_get(const char *url, int fd, const char *path, const bk_hooks *hooks, char error[HTTP_ERROR_MAX]) {
    (void)fd, (void)path, (void)hooks;
    snprintf(error, HTTP_ERROR_MAX,
             "this bookend was built without libcurl and cannot fetch; get %s by other means and use `bookend model "
             "convert`",
             url);
    return HTTP_FAILED;
}
