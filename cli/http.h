/* One file over HTTP. http.c is the only file that sees a network, through libcurl; http_none.c stands in for it in a
 * build without. Nothing is sent but the request. */
#ifndef BOOKEND_CLI_HTTP_H
#define BOOKEND_CLI_HTTP_H

#include "bookend/bookend.h"

typedef enum http_result {
    HTTP_DONE,    /* the server has no more to give */
    HTTP_CUT,     /* the connection ended early: the same request goes on where it stopped */
    HTTP_FAILED,  /* asking again would not help */
    HTTP_STOPPED, /* by the progress hook */
} http_result;

enum { HTTP_ERROR_MAX = 400 };

/* Gets url (http or https; redirects are followed) into the open file fd, which stands in sentences as path. What the
 * file holds already is not asked for again where the server can begin in the middle; where it cannot, the file is
 * emptied. Before the first byte is written, the disk must have room for the rest and once more for the whole.
 * Proxies are those of the environment (http_proxy, https_proxy, no_proxy). error is filled unless HTTP_DONE. */
http_result http_get(const char *url, int fd, const char *path, const bk_hooks *hooks, char error[HTTP_ERROR_MAX]);

#endif
