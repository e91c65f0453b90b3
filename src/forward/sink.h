/*
 * sink - one destination: where events go and in what clothes.
 *
 * sink_umami.c is Umami, its own server or its cloud. Only addresses, headers and
 * the rules of transport security are told here; bodies and answers in batch.h.
 */
#ifndef TAMIS_SINK_H
#define TAMIS_SINK_H

#include <curl/curl.h>

#include "config.h"
#include "status.h"

struct sink;

enum sink_way {
	SINK_BATCH, /* an array of events */
	SINK_SEND,  /* one event */
	SINK_WAYS
};

/*
 * ST_CONFIG, with the reason: no http or https URL, one with a user, query or
 * fragment, an address that takes no events, an API key that would travel in the
 * clear to another machine, or a forward.ca_file that cannot be read. config is borrowed until
 * sink_close().
 */
MUST_CHECK enum status sink_open(struct sink **out, const struct config *config,
				 struct reason *why);
void sink_close(struct sink *sink);

/* Of every request, the sink's. */
struct curl_slist *sink_headers(const struct sink *sink);
const char *sink_url(const struct sink *sink, enum sink_way way);
/*
 * Set all of an easy handle that does not change from request to request: headers,
 * TLS, proxy, redirects, versions, connection times. ST_NO_MEMORY when curl says so.
 */
MUST_CHECK enum status sink_dress(const struct sink *sink, CURL *easy);

#endif
