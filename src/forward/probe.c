/*
 * probe - see probe.h.
 */
#include "probe.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "clock.h"
#include "sink.h"

#define URL_BYTES 4096
#define ANSWER_BYTES ((size_t)256 * 1024)

/* Only its first byte is looked at. */
static size_t take_answer(char *data, size_t size, size_t n, void *context)
{
	char *first = context;

	for (size_t i = 0; i < size * n && !*first; i++)
		if (!strchr(" \t\r\n", data[i]))
			*first = data[i];
	return size * n;
}

static void read_clock(struct probe *probe, CURL *easy)
{
	struct curl_header *date;
	time_t theirs;

	if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &date) != CURLHE_OK)
		return;
	theirs = curl_getdate(date->value, NULL);
	probe->dated = theirs != (time_t)-1;
	if (probe->dated)
		probe->ahead_s = (int64_t)theirs - clock_wall_us() / US_PER_S;
}

static enum status ask(struct probe *probe, CURL *easy, struct reason *why)
{
	char first = '\0';
	long code = 0;
	curl_off_t took_us = 0;
	CURLcode result;

	if (curl_easy_setopt(easy, CURLOPT_WRITEDATA, &first) != CURLE_OK)
		return ST_NO_MEMORY;
	result = curl_easy_perform(easy);
	if (result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE ||
	    result == CURLE_SSL_ISSUER_ERROR)
		return reason_set(why, ST_DENIED, "%s", curl_easy_strerror(result));
	if (result != CURLE_OK)
		return reason_set(why, ST_UNAVAILABLE, "%s", curl_easy_strerror(result));
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
	(void)curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &took_us);
	probe->code = (int)code;
	probe->json = first == '{';
	probe->took_us = (int64_t)took_us;
	read_clock(probe, easy);
	return ST_OK;
}

/* "…/api/send" tells where "…/api/heartbeat" is. */
static enum status ask_heartbeat(struct probe *probe, CURL *easy, const struct sink *sink,
				 struct reason *why)
{
	const char *send = sink_url(sink, SINK_SEND);
	enum status status = ST_NO_MEMORY;
	struct buf url;

	probe->no_batch = true;
	buf_init(&url, URL_BYTES);
	buf_add(&url, send, (size_t)(strrchr(send, '/') - send));
	buf_adds(&url, "/heartbeat");
	if (buf_ok(&url) && curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_URL, url.data) == CURLE_OK)
		status = ask(probe, easy, why);
	buf_free(&url);
	return status;
}

static enum status dress(CURL *easy, const struct sink *sink, long timeout_ms)
{
	if (curl_easy_setopt(easy, CURLOPT_URL, sink_url(sink, SINK_BATCH)) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "[]") != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)ANSWER_BYTES) !=
		CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer) != CURLE_OK)
		return ST_NO_MEMORY;
	return sink_dress(sink, easy);
}

enum status probe_upstream(struct probe *probe, const struct config *config, long timeout_ms,
			   struct reason *why)
{
	struct sink *sink = NULL;
	CURL *easy = NULL;
	enum status status;

	*probe = (struct probe){0};
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	status = sink_open(&sink, config, why);
	if (status != ST_OK)
		goto out;
	easy = curl_easy_init();
	status = easy ? dress(easy, sink, timeout_ms) : ST_NO_MEMORY;
	if (status == ST_OK)
		status = ask(probe, easy, why);
	if (status == ST_OK && (probe->code == 404 || probe->code == 405))
		status = ask_heartbeat(probe, easy, sink, why);
	if (status == ST_NO_MEMORY)
		(void)reason_set(why, status, "%s", status_text(status));
	curl_easy_cleanup(easy);
	sink_close(sink);
out:
	curl_global_cleanup();
	return status;
}
