/* Pieces of HTML and XML. Names of files come from anywhere: nothing of them may reach a page as markup. */
#include "out/html.h"

#include <string.h>

void html_add(text *t, const char *s) {
    size_t left = strlen(s);
    for (int n; left; s += n, left -= (size_t)n) {
        unsigned char c = (unsigned char)*s;
        const char *as = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : NULL;
        n = c < 32 || c == 127 ? 0 : text_utf8(s, left);
        if (n && !as)
            text_add_n(t, s, (size_t)n);
        else
            text_add(t, as ? as : "\xef\xbf\xbd");
        if (n == 0) n = 1;
    }
}

void html_add_path(text *t, const char *path) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    for (; *path; path++)
        if (strchr(plain, *path))
            text_add_n(t, path, 1);
        else
            text_addf(t, "%%%02X", (unsigned)(unsigned char)*path);
}

void html_add_data(text *t, const char *type, const unsigned char *bytes, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text_addf(t, "data:%s;base64,", type);
    for (size_t i = 0; i < n; i += 3) {
        size_t have = n - i < 3 ? n - i : 3;
        unsigned long x = (unsigned long)bytes[i] << 16;
        if (have > 1) x |= (unsigned long)bytes[i + 1] << 8;
        if (have > 2) x |= bytes[i + 2];
        char four[4] = { digits[x >> 18], digits[x >> 12 & 63], have > 1 ? digits[x >> 6 & 63] : '=',
                         have > 2 ? digits[x & 63] : '=' };
        text_add_n(t, four, 4);
    }
}
