#pragma once

// Its macros that check the types of arguments don't know the functions of this module.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// libcurl is loaded when it is first called: with the thirty libraries it needs itself it is a third of a start, and commands send no mail.

// Why libcurl can't be loaded; NULL when it is there. Until this has answered NULL, nothing else may be called.
const char *curl_library_fault(void);

// Swift can't call functions with a variable list of arguments: here is curl_easy_setopt for each type of argument, and curl_easy_getinfo where we need it.

CURLcode curl_set_text(CURL *handle, CURLoption option, const char *text);
CURLcode curl_set_number(CURL *handle, CURLoption option, long number);
CURLcode curl_set_size(CURL *handle, CURLoption option, curl_off_t size);
CURLcode curl_set_list(CURL *handle, CURLoption option, struct curl_slist *list);

// `context` comes back as the last argument of each call.
CURLcode curl_set_read(CURL *handle, curl_read_callback read, void *context);
CURLcode curl_set_debug(CURL *handle, curl_debug_callback debug, void *context);

// The socket of the connection that was used last, or CURL_SOCKET_BAD.
curl_socket_t curl_active_socket(CURL *handle);
