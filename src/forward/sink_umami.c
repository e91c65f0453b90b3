/*
 * sink_umami - Umami's /api/send and /api/batch.
 *
 * Umami drops what a bot sends, and libcurl's own agent is on its list; each event
 * carries its visitor's agent, but one without would get the header's, so ours is a
 * browser's with tamis' name behind it. Umami's cloud takes events at
 * https://cloud.umami.is/api/send; api.umami.is only reads (405 to a POST).
 *
 * The environment's proxies are used for https, where they see a tunnel, and never
 * for http, where they would see every event.
 */
#include "sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USER_AGENT                                                                                 \
	"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 "                  \
	"tamis/" TAMIS_VERSION
#define CONNECT_TIMEOUT_MS 10000L
/* Umami drops connections that were idle for 5 s; one that is older is not used again. */
#define IDLE_MAX_S 4L
#define URL_MAX_BYTES 4096

struct sink {
	const struct config *config;
	struct curl_slist *headers;
	char *urls[SINK_WAYS];
	bool https;
	bool loopback;
};

static const char *const paths[SINK_WAYS] = {[SINK_BATCH] = "/batch", [SINK_SEND] = "/send"};

/* len without the tail, or len where the text ends otherwise. */
static size_t without(const char *text, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	return len > n && memcmp(text + len - n, tail, n) == 0 ? len - n : len;
}

static size_t without_slashes(const char *text, size_t len)
{
	while (len && text[len - 1] == '/')
		len--;
	return len;
}

/* People paste the address with and without what follows the host. */
static size_t base_length(const char *url)
{
	static const char *const tails[] = {"/api/send", "/api/batch", "/api"};
	size_t len = without_slashes(url, strlen(url));

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		size_t shorter = without(url, len, tails[i]);

		if (shorter != len)
			return without_slashes(url, shorter);
	}
	return len;
}

static bool part_is(CURLU *url, CURLUPart part, const char *value)
{
	char *text = NULL;
	bool same = curl_url_get(url, part, &text, 0) == CURLUE_OK && strcmp(text, value) == 0;

	curl_free(text);
	return same;
}

static bool part_is_set(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool set = curl_url_get(url, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return set;
}

/* Names and numbers that never leave this machine, whatever a name server says. */
static bool is_loopback(CURLU *url)
{
	char *host = NULL;
	bool loopback = false;

	if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		return false;
	if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		loopback = true;
	if (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host))
		loopback = true;
	curl_free(host);
	return loopback;
}

static enum status check_url(struct sink *sink, CURLU *url, struct reason *why)
{
	const struct config *config = sink->config;

	sink->https = part_is(url, CURLUPART_SCHEME, "https");
	sink->loopback = is_loopback(url);
	if (!sink->https && !part_is(url, CURLUPART_SCHEME, "http"))
		return reason_set(why, ST_CONFIG, "umami.api_url is neither https nor http");
	if (part_is_set(url, CURLUPART_USER) || part_is_set(url, CURLUPART_PASSWORD) ||
	    part_is_set(url, CURLUPART_QUERY) || part_is_set(url, CURLUPART_FRAGMENT))
		return reason_set(why, ST_CONFIG,
				  "umami.api_url must not hold a user, a query or a fragment");
	if (part_is(url, CURLUPART_HOST, "api.umami.is"))
		return reason_set(why, ST_CONFIG,
				  "umami.api_url: api.umami.is takes no events; use "
				  "https://cloud.umami.is");
	if (config->umami_api_key[strcspn(config->umami_api_key, "\r\n")])
		return reason_set(why, ST_CONFIG, "umami.api_key holds a line break");
	if (config->umami_api_key[0] && !sink->https && !sink->loopback)
		return reason_set(why, ST_CONFIG,
				  "umami.api_key would travel in the clear: umami.api_url must be "
				  "https, or on this machine");
	return ST_OK;
}

static enum status build_urls(struct sink *sink, struct reason *why)
{
	const char *given = sink->config->umami_api_url;
	CURLU *url = curl_url();
	struct buf full;
	enum status status = ST_NO_MEMORY;
	size_t len = base_length(given);

	buf_init(&full, URL_MAX_BYTES);
	if (!url)
		goto out;
	if (curl_url_set(url, CURLUPART_URL, given, 0) != CURLUE_OK) {
		status = reason_set(why, ST_CONFIG, "umami.api_url is no URL with a scheme");
		goto out;
	}
	status = check_url(sink, url, why);
	for (int way = 0; status == ST_OK && way < SINK_WAYS; way++) {
		buf_reset(&full);
		buf_add(&full, given, len);
		buf_adds(&full, "/api");
		buf_adds(&full, paths[way]);
		sink->urls[way] = buf_ok(&full) ? strdup(full.data) : NULL;
		if (!sink->urls[way])
			status = ST_NO_MEMORY;
	}
out:
	buf_free(&full);
	curl_url_cleanup(url);
	return status;
}

static enum status header_add(struct sink *sink, const char *line)
{
	struct curl_slist *more = curl_slist_append(sink->headers, line);

	if (!more)
		return ST_NO_MEMORY;
	sink->headers = more;
	return ST_OK;
}

/* Our own copy of the key is overwritten; curl's lives until sink_close(). */
static enum status key_header_add(struct sink *sink)
{
	enum status status = ST_NO_MEMORY;
	struct buf line;

	buf_init(&line, 1024);
	buf_adds(&line, "x-umami-api-key: ");
	buf_adds(&line, sink->config->umami_api_key);
	if (buf_ok(&line))
		status = header_add(sink, line.data);
	if (line.data)
		explicit_bzero(line.data, line.cap);
	buf_free(&line);
	return status;
}

static enum status build_headers(struct sink *sink)
{
	enum status status = header_add(sink, "Content-Type: application/json");

	if (status == ST_OK)
		status = header_add(sink, "Accept: application/json");
	/* Else curl would wait for a 100 that Umami never sends. */
	if (status == ST_OK)
		status = header_add(sink, "Expect:");
	if (status == ST_OK && sink->config->umami_api_key[0])
		status = key_header_add(sink);
	return status;
}

/* curl would say so only with the first event. */
static enum status check_ca_file(const char *path, struct reason *why)
{
	if (!*path || access(path, R_OK) == 0)
		return ST_OK;
	return reason_set(why, ST_CONFIG, "forward.ca_file: %s: %s", path, strerror(errno));
}

enum status sink_open(struct sink **out, const struct config *config, struct reason *why)
{
	struct sink *sink = calloc(1, sizeof(*sink));
	enum status status = ST_NO_MEMORY;

	if (!sink)
		return reason_set(why, status, "%s", status_text(status));
	sink->config = config;
	status = check_ca_file(config->forward_ca_file, why);
	if (status == ST_OK)
		status = build_urls(sink, why);
	if (status == ST_OK)
		status = build_headers(sink);
	if (status == ST_NO_MEMORY)
		status = reason_set(why, status, "%s", status_text(status));
	if (status == ST_OK)
		*out = sink;
	else
		sink_close(sink);
	return status;
}

void sink_close(struct sink *sink)
{
	if (!sink)
		return;
	for (struct curl_slist *h = sink->headers; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(sink->headers);
	for (int way = 0; way < SINK_WAYS; way++)
		free(sink->urls[way]);
	free(sink);
}

struct curl_slist *sink_headers(const struct sink *sink)
{
	return sink->headers;
}

const char *sink_url(const struct sink *sink, enum sink_way way)
{
	return sink->urls[way];
}

enum status sink_dress(const struct sink *sink, CURL *easy)
{
	const char *ca = sink->config->forward_ca_file;
	CURLcode code = CURLE_OK;

#define DRESS(option, value) code = code != CURLE_OK ? code : curl_easy_setopt(easy, option, value)
	DRESS(CURLOPT_HTTPHEADER, sink->headers);
	DRESS(CURLOPT_USERAGENT, USER_AGENT);
	DRESS(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	DRESS(CURLOPT_FOLLOWLOCATION, 0L);
	DRESS(CURLOPT_SSL_VERIFYPEER, 1L);
	DRESS(CURLOPT_SSL_VERIFYHOST, 2L);
	DRESS(CURLOPT_NOSIGNAL, 1L);
	DRESS(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	DRESS(CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	DRESS(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	if (ca[0])
		DRESS(CURLOPT_CAINFO, ca);
	if (!sink->https || sink->loopback)
		DRESS(CURLOPT_PROXY, "");
#undef DRESS
	return code == CURLE_OK ? ST_OK : ST_NO_MEMORY;
}
