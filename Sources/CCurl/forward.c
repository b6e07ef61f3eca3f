#include "CCurl.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static void *library;
static const char *fault;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) fault = dlerror();
}

const char *curl_library_fault(void) {
  pthread_once(&once, load);
  return library ? NULL : fault;
}

static void *symbol(const char *name) {
  void *found = curl_library_fault() ? NULL : dlsym(library, name);
  // Every function here is in every libcurl of this major version.
  if (!found) abort();
  return found;
}

// Defines a function that is looked up the first time it is called, and called from then on.
#define FORWARD(result, name, parameters, arguments)                      \
  result name parameters {                                                \
    static _Atomic(void *) known;                                         \
    void *found = atomic_load_explicit(&known, memory_order_relaxed);     \
    if (!found) atomic_store(&known, found = symbol(#name));              \
    return ((result(*) parameters)found)arguments;                        \
  }

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
