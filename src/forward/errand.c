/*
 * errand - see errand.h.
 */
#include "errand.h"

#include <curl/curl.h>

enum status errand_begin(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? ST_OK : ST_NO_MEMORY;
}

static size_t pass_over(char *data, size_t size, size_t n, void *context)
{
	(void)data, (void)context;
	return size * n;
}

static enum status perform(CURL *easy)
{
	CURLcode result = curl_easy_perform(easy);
	long code = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
	if (result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST)
		return ST_UNAVAILABLE;
	return result == CURLE_OK && code == 200 ? ST_OK : ST_IO;
}

enum status errand_run(const char *url, const char *authorization, const char *json, size_t len,
		       long timeout_ms)
{
	struct curl_slist *type = curl_slist_append(NULL, "Content-Type: application/json");
	struct curl_slist *headers = type ? curl_slist_append(type, authorization) : NULL;
	CURL *easy = headers ? curl_easy_init() : NULL;
	enum status status = ST_UNAVAILABLE;

	if (easy) {
		curl_easy_setopt(easy, CURLOPT_URL, url);
		curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, json);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, pass_over);
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
		curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
		status = perform(easy);
	}
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers ? headers : type);
	return status;
}
