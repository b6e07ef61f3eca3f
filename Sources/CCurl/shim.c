#include "CCurl.h"

CURLcode curl_set_text(CURL *handle, CURLoption option, const char *text) { return curl_easy_setopt(handle, option, text); }
CURLcode curl_set_number(CURL *handle, CURLoption option, long number) { return curl_easy_setopt(handle, option, number); }
CURLcode curl_set_size(CURL *handle, CURLoption option, curl_off_t size) { return curl_easy_setopt(handle, option, size); }
CURLcode curl_set_list(CURL *handle, CURLoption option, struct curl_slist *list) { return curl_easy_setopt(handle, option, list); }

CURLcode curl_set_read(CURL *handle, curl_read_callback read, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, read);
  return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_READDATA, context) : code;
}

CURLcode curl_set_debug(CURL *handle, curl_debug_callback debug, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, debug);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_DEBUGDATA, context);
  return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L) : code;
}

curl_socket_t curl_active_socket(CURL *handle) {
  curl_socket_t active = CURL_SOCKET_BAD;
  return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &active) == CURLE_OK ? active : CURL_SOCKET_BAD;
}
