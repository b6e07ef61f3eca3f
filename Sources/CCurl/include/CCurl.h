#pragma once

#include <curl/curl.h>

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
