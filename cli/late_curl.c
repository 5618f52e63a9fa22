/* libcurl, loaded when something is first fetched: what it loads in its turn takes the dynamic loader as long as all
 * else that a cached answer takes. Here stand the functions of it that cli/http.c calls, each looked up by its name.
 * Left out, as late.c is, where everything is linked statically. */
#include <dlfcn.h>
#include <stdarg.h>

/* For the program alone: a libcurl that comes along with another library is not to meet these. */
#pragma GCC visibility push(hidden)
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#pragma GCC visibility pop

#undef curl_easy_setopt
#undef curl_easy_getinfo

/* The function of that name; NULL: there is no libcurl, or one without it. It stays loaded. */
static void *look_up(const char *name) {
    void *library = dlopen(BOOKEND_CURL, RTLD_NOW | RTLD_LOCAL);
    return library ? dlsym(library, name) : NULL;
}

CURLcode curl_global_init(long flags) {
    CURLcode (*f)(long) = (CURLcode(*)(long))look_up("curl_global_init");
    return f ? f(flags) : CURLE_FAILED_INIT;
}

void curl_global_cleanup(void) {
    void (*f)(void) = (void (*)(void))look_up("curl_global_cleanup");
    if (f) f();
}

CURL *curl_easy_init(void) {
    CURL *(*f)(void) = (CURL * (*)(void)) look_up("curl_easy_init");
    return f ? f() : NULL;
}

void curl_easy_cleanup(CURL *c) {
    void (*f)(CURL *) = (void (*)(CURL *))look_up("curl_easy_cleanup");
    if (f) f(c);
}

CURLcode curl_easy_perform(CURL *c) {
    CURLcode (*f)(CURL *) = (CURLcode(*)(CURL *))look_up("curl_easy_perform");
    return f ? f(c) : CURLE_FAILED_INIT;
}

const char *curl_easy_strerror(CURLcode code) {
    const char *(*f)(CURLcode) = (const char *(*)(CURLcode))look_up("curl_easy_strerror");
    return f ? f(code) : BOOKEND_CURL " cannot be loaded";
}

/* What is set here are numbers of type long, pointers and functions, which are passed alike; what is asked for goes
 * to a pointer. */
CURLcode curl_easy_setopt(CURL *c, CURLoption option, ...) {
    CURLcode (*f)(CURL *, CURLoption, ...) = (CURLcode(*)(CURL *, CURLoption, ...))look_up("curl_easy_setopt");
    va_list list;
    va_start(list, option);
    void *value = va_arg(list, void *);
    va_end(list);
    return f ? f(c, option, value) : CURLE_FAILED_INIT;
}

CURLcode curl_easy_getinfo(CURL *c, CURLINFO info, ...) {
    CURLcode (*f)(CURL *, CURLINFO, ...) = (CURLcode(*)(CURL *, CURLINFO, ...))look_up("curl_easy_getinfo");
    va_list list;
    va_start(list, info);
    void *to = va_arg(list, void *);
    va_end(list);
    return f ? f(c, info, to) : CURLE_FAILED_INIT;
}
