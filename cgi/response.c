/*
 * response - see response.h.
 */
#include "response.h"

#include <string.h>

/* With credentials * is no wildcard: then what trackers and clients send is named. */
#define ANY_HEADERS "Access-Control-Allow-Headers: *\r\n"
#define OUR_HEADERS "Access-Control-Allow-Headers: Authorization, Content-Type, X-Umami-Cache\r\n"
#define API_HEADERS                                                                                \
	"Access-Control-Allow-Methods: GET, DELETE, POST, PUT\r\n"                                 \
	"Access-Control-Max-Age: 86400\r\n"                                                        \
	"Cache-Control: no-cache\r\n"

static const char *phrase_of(int code)
{
	static const struct {
		int code;
		const char *phrase;
	} phrases[] = {
	    {200, "OK"},
	    {204, "No Content"},
	    {304, "Not Modified"},
	    {308, "Permanent Redirect"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {408, "Request Timeout"},
	    {413, "Payload Too Large"},
	    {429, "Too Many Requests"},
	    {500, "Internal Server Error"},
	    {503, "Service Unavailable"},
	};

	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
		if (phrases[i].code == code)
			return phrases[i].phrase;
	return "";
}

#define LINES_MAX ((size_t)8 * 1024)

void response_init(struct response *response)
{
	buf_init(&response->lines, LINES_MAX);
	buf_init(&response->body, RESPONSE_BODY_MAX);
	response_reset(response);
}

void response_free(struct response *response)
{
	buf_free(&response->lines);
	buf_free(&response->body);
}

void response_reset(struct response *response)
{
	response->code = 200;
	response->sharing = SHARE_NONE;
	response->lists_origins = false;
	response->origin = NULL;
	response->type = NULL;
	response->headers = NULL;
	response->location = NULL;
	response->retry_after_s = 0;
	buf_reset(&response->lines);
	buf_reset(&response->body);
}

void response_set(struct response *response, int code, const char *body)
{
	response->code = code;
	buf_reset(&response->body);
	buf_adds(&response->body, body);
}

void response_error(struct response *response, int code, const char *name, const char *message)
{
	response->code = code;
	buf_reset(&response->body);
	buf_adds(&response->body, "{\"error\":{\"message\":");
	buf_add_json(&response->body, message, strlen(message));
	buf_adds(&response->body, ",\"code\":");
	buf_add_json(&response->body, name, strlen(name));
	buf_adds(&response->body, ",\"status\":");
	buf_addu(&response->body, (uint64_t)code);
	buf_adds(&response->body, "}}");
}

int response_code(enum status status)
{
	static const int codes[] = {
#define STATUS(name, http, exit, text) http,
#include "status.def"
#undef STATUS
	};

	return codes[status];
}

static void write_sharing(const struct response *response, struct buf *out)
{
	bool api = response->sharing == SHARE_API || response->sharing == SHARE_EVENTS;

	if (response->sharing == SHARE_NONE)
		return;
	if (response->lists_origins && response->sharing != SHARE_API)
		buf_adds(out, "Vary: Origin\r\n");
	buf_adds(out, "Access-Control-Allow-Origin: ");
	if (response->origin && response->sharing != SHARE_API) {
		buf_adds(out, response->origin);
		buf_adds(out, "\r\nAccess-Control-Allow-Credentials: true\r\n");
		if (api)
			buf_adds(out, OUR_HEADERS);
	} else {
		buf_adds(out, "*\r\n");
		if (api)
			buf_adds(out, ANY_HEADERS);
	}
	if (api)
		buf_adds(out, API_HEADERS);
}

void response_write(const struct response *response, bool head_only, struct buf *out)
{
	const struct buf *body = &response->body;

	buf_reset(out);
	buf_adds(out, "Status: ");
	buf_addu(out, (uint64_t)response->code);
	buf_addc(out, ' ');
	buf_adds(out, phrase_of(response->code));
	buf_adds(out, "\r\n");
	if (body->len) {
		buf_adds(out, "Content-Type: ");
		buf_adds(out, response->type ? response->type : "application/json");
		buf_adds(out, "\r\n");
	}
	if (body->len && !head_only) {
		buf_adds(out, "Content-Length: ");
		buf_addu(out, body->len);
		buf_adds(out, "\r\n");
	}
	write_sharing(response, out);
	if (response->headers)
		buf_adds(out, response->headers);
	if (response->lines.len)
		buf_add(out, response->lines.data, response->lines.len);
	if (response->location) {
		buf_adds(out, "Location: ");
		buf_adds(out, response->location);
		buf_adds(out, "\r\n");
	}
	if (response->retry_after_s) {
		buf_adds(out, "Retry-After: ");
		buf_addu(out, response->retry_after_s);
		buf_adds(out, "\r\n");
	}
	buf_adds(out, "\r\n");
	if (!head_only)
		buf_add(out, body->data, body->len);
}
