/*
 * errand - see errand.h.
 */
#include "errand.h"

#include <curl/curl.h>

#define LOOK_EVERY_MS 50

enum status errand_begin(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? ST_OK : ST_NO_MEMORY;
}

static size_t pass_over(char *data, size_t size, size_t n, void *context)
{
	(void)data, (void)context;
	return size * n;
}

/* As curl_easy_perform(), until it is given up. */
static CURLcode transfer(CURLM *multi, CURL *easy, const atomic_bool *given_up)
{
	CURLMcode code = curl_multi_add_handle(multi, easy);
	CURLcode result = CURLE_ABORTED_BY_CALLBACK;
	const CURLMsg *message;
	int running = 1, left;

	while (code == CURLM_OK && running && !atomic_load(given_up)) {
		code = curl_multi_perform(multi, &running);
		if (code == CURLM_OK && running)
			code = curl_multi_poll(multi, NULL, 0, LOOK_EVERY_MS, NULL);
	}
	message = curl_multi_info_read(multi, &left);
	if (message)
		result = message->data.result;
	curl_multi_remove_handle(multi, easy);
	return result;
}

static enum status perform(CURL *easy, const atomic_bool *given_up)
{
	CURLM *multi = curl_multi_init();
	CURLcode result;
	long code = 0;

	if (!multi)
		return ST_UNAVAILABLE;
	result = transfer(multi, easy, given_up);
	curl_multi_cleanup(multi);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
	if (result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST)
		return ST_UNAVAILABLE;
	return result == CURLE_OK && code == 200 ? ST_OK : ST_IO;
}

enum status errand_run(const char *url, const char *authorization, const char *json, size_t len,
		       long timeout_ms, const atomic_bool *given_up)
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
		status = perform(easy, given_up);
	}
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers ? headers : type);
	return status;
}
