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

#define PUT(out, literal) buf_add(out, literal, sizeof(literal) - 1)

static void write_sharing(const struct response *response, struct buf *out)
{
	bool api = response->sharing == SHARE_API || response->sharing == SHARE_EVENTS;

	if (response->sharing == SHARE_NONE)
		return;
	if (response->lists_origins && response->sharing != SHARE_API)
		PUT(out, "Vary: Origin\r\n");
	if (response->origin && response->sharing != SHARE_API) {
		PUT(out, "Access-Control-Allow-Origin: ");
		buf_adds(out, response->origin);
		PUT(out, "\r\nAccess-Control-Allow-Credentials: true\r\n");
		if (api)
			PUT(out, OUR_HEADERS API_HEADERS);
	} else if (api) {
		PUT(out, "Access-Control-Allow-Origin: *\r\n" ANY_HEADERS API_HEADERS);
	} else {
		PUT(out, "Access-Control-Allow-Origin: *\r\n");
	}
}

static void write_status(int code, struct buf *out)
{
	if (code == 200) {
		PUT(out, "Status: 200 OK\r\n");
		return;
	}
	PUT(out, "Status: ");
	buf_addu(out, (uint64_t)code);
	buf_addc(out, ' ');
	buf_adds(out, phrase_of(code));
	PUT(out, "\r\n");
}

static void write_type(const char *type, struct buf *out)
{
	if (!type) {
		PUT(out, "Content-Type: application/json\r\n");
		return;
	}
	PUT(out, "Content-Type: ");
	buf_adds(out, type);
	PUT(out, "\r\n");
}

void response_write(const struct response *response, bool head_only, struct buf *out)
{
	const struct buf *body = &response->body;

	buf_reset(out);
	write_status(response->code, out);
	if (body->len)
		write_type(response->type, out);
	if (body->len && !head_only) {
		PUT(out, "Content-Length: ");
		buf_addu(out, body->len);
		PUT(out, "\r\n");
	}
	write_sharing(response, out);
	if (response->headers)
		buf_adds(out, response->headers);
	if (response->lines.len)
		buf_add(out, response->lines.data, response->lines.len);
	if (response->location) {
		PUT(out, "Location: ");
		buf_adds(out, response->location);
		PUT(out, "\r\n");
	}
	if (response->retry_after_s) {
		PUT(out, "Retry-After: ");
		buf_addu(out, response->retry_after_s);
		PUT(out, "\r\n");
	}
	PUT(out, "\r\n");
	if (!head_only)
		buf_add(out, body->data, body->len);
}
