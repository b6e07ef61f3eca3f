#include "CLibraries.h"
#include "CCurl.h"

LATE_LIBRARY(curl, "libcurl.so.4")

FORWARD(CURLcode, curl_global_init, (long flags), (flags))
FORWARD(CURL *, curl_easy_init, (void), ())
FORWARD(void, curl_easy_cleanup, (CURL *handle), (handle))
FORWARD(void, curl_easy_reset, (CURL *handle), (handle))
FORWARD(CURLcode, curl_easy_perform, (CURL *handle), (handle))
FORWARD(const char *, curl_easy_strerror, (CURLcode code), (code))
FORWARD(struct curl_slist *, curl_slist_append, (struct curl_slist *list, const char *text), (list, text))
FORWARD(void, curl_slist_free_all, (struct curl_slist *list), (list))

// Those with a variable list of arguments, for each type of argument.
static CURLcode (*setopt_of_library(void))(CURL *, CURLoption, ...) { return (CURLcode(*)(CURL *, CURLoption, ...))symbol("curl_easy_setopt"); }

CURLcode curl_set_text(CURL *handle, CURLoption option, const char *text) { return setopt_of_library()(handle, option, text); }
CURLcode curl_set_number(CURL *handle, CURLoption option, long number) { return setopt_of_library()(handle, option, number); }
CURLcode curl_set_size(CURL *handle, CURLoption option, curl_off_t size) { return setopt_of_library()(handle, option, size); }
CURLcode curl_set_list(CURL *handle, CURLoption option, struct curl_slist *list) { return setopt_of_library()(handle, option, list); }

CURLcode curl_set_read(CURL *handle, curl_read_callback read, void *context) {
  CURLcode code = setopt_of_library()(handle, CURLOPT_READFUNCTION, read);
  return code == CURLE_OK ? setopt_of_library()(handle, CURLOPT_READDATA, context) : code;
}

CURLcode curl_set_debug(CURL *handle, curl_debug_callback debug, void *context) {
  CURLcode code = setopt_of_library()(handle, CURLOPT_DEBUGFUNCTION, debug);
  if (code == CURLE_OK) code = setopt_of_library()(handle, CURLOPT_DEBUGDATA, context);
  return code == CURLE_OK ? setopt_of_library()(handle, CURLOPT_VERBOSE, 1L) : code;
}

curl_socket_t curl_active_socket(CURL *handle) {
  curl_socket_t active = CURL_SOCKET_BAD;
  CURLcode (*getinfo)(CURL *, CURLINFO, ...) = (CURLcode(*)(CURL *, CURLINFO, ...))symbol("curl_easy_getinfo");
  return getinfo(handle, CURLINFO_ACTIVESOCKET, &active) == CURLE_OK ? active : CURL_SOCKET_BAD;
}
