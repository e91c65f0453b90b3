/*
 * pixel - GET /pixel.gif, one event from an image, for pages without JavaScript.
 *
 * The query becomes the event's JSON and goes the way of every event. Whatever becomes of it,
 * the answer is the image: a page must not show a broken one.
 */
#include <string.h>

#include "endpoint.h"
#include "query_text.h"

/* Members of an event that the query may name; none that tells of a person. */
static const char *const members[] = {"website", "hostname", "url", "referrer",
				      "title",	 "name",     "tag"};

/* A byte within a JSON string. */
static void add_byte(struct buf *out, unsigned char c)
{
	if (c < 0x20 || c == '"' || c == '\\')
		buf_addf(out, "\\u%04x", c);
	else
		buf_addc(out, (char)c);
}

static void add_decoded(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		add_byte(out, query_byte(text, len, &i));
}

/* What the query leaves unsaid: the website is ours, and the Referer header names the page. */
static const char *implied(const struct exchange *exchange, const char *name, size_t *len)
{
	const char *page = exchange->request->referer, *host;

	*len = 0;
	if (strcmp(name, "website") == 0) {
		*len = strlen(exchange->service->config->umami_website_id);
		return *len ? exchange->service->config->umami_website_id : NULL;
	}
	if (!page)
		return NULL;
	if (strcmp(name, "url") == 0) {
		*len = strlen(page);
		return page;
	}
	host = strcmp(name, "hostname") == 0 ? strstr(page, "://") : NULL;
	if (!host)
		return NULL;
	*len = strcspn(host + 3, ":/?#");
	return host + 3;
}

static bool add_member(struct buf *out, const struct exchange *exchange, const char *name,
		       const char *comma)
{
	size_t len;
	const char *encoded = query_parameter(exchange->request->query, name, &len);
	const char *value = encoded ? encoded : implied(exchange, name, &len);

	if (!value)
		return false;
	buf_addf(out, "%s\"%s\":", comma, name);
	if (encoded) {
		buf_addc(out, '"');
		add_decoded(out, encoded, len);
		buf_addc(out, '"');
	} else {
		buf_add_json(out, value, len);
	}
	return true;
}

static void write_event(const struct exchange *exchange, struct buf *out)
{
	const char *comma = "";

	buf_reset(out);
	buf_adds(out, "{\"type\":\"event\",\"payload\":{");
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (add_member(out, exchange, members[i], comma))
			comma = ",";
	buf_adds(out, "}}");
}

void get_pixel(struct exchange *exchange)
{
	static const char gif[] =
	    "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0"
	    "\1\0\1\0\0\2\2D\1\0;";
	struct response *response = exchange->response;
	struct verdicts verdicts;

	response->type = "image/gif";
	response->headers = "Cache-Control: no-store\r\n";
	buf_add(&response->body, gif, sizeof gif - 1);
	if (exchange->request->method != METHOD_GET) /* HEAD looks at it, and is no visit */
		return;
	write_event(exchange, exchange->body);
	if (buf_ok(exchange->body))
		exchange_accept(exchange, false, &verdicts);
	else
		gateway_refuse(exchange->worker, METRIC_REFUSED_TOO_LARGE);
}
