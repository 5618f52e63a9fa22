/* Pieces of HTML and XML: escaped text, addresses, data inside a page. */
#ifndef BK_OUT_HTML_H
#define BK_OUT_HTML_H

#include "base/text.h"

/* Appends s fit for the inside of an element or of an attribute in double quotes: & < > " escaped; control characters
 * and bytes that are not UTF-8 become U+FFFD. */
void html_add(text *t, const char *s);
/* Appends a relative path fit for a quoted href: all but unreserved characters and slashes as %XX (RFC 3986). */
void html_add_path(text *t, const char *path);
/* Appends data:TYPE;base64,... (RFC 2397, RFC 4648). */
void html_add_data(text *t, const char *type, const unsigned char *bytes, size_t n);

#endif
