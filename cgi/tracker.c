/*
 * tracker - see tracker.h. GET /script.js.
 *
 * The script names the paths of this configuration in its first line; the rest is fixed and was
 * compressed when tamis was built (middleware/js/pack.py). Deflate may begin with a stored
 * block, which ends on a byte's border: so the first line stands before the rest compressed,
 * too, and the responder needs no zlib.
 */
#include "tracker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "endpoint.h"
#include "script_text.h"

#define TRACKER_MAX ((size_t)16 << 10)

/* What gzip's trailer holds: CRC-32 of IEEE 802.3, reflected; four bits at a time. */
static uint32_t crc32_of(const char *data, size_t len)
{
	static const uint32_t table[16] = {
	    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
	    0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)data[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

static void add_le(struct buf *out, uint32_t number, unsigned bytes)
{
	for (; bytes; bytes--, number >>= 8)
		buf_addc(out, (char)(number & 0xff));
}

/* {const up="..",collect="/c"; with as many steps up as the script lies deep. */
static void add_first_line(struct buf *out, const struct config *config)
{
	const char *slash = strchr(config->tracker_script_path + 1, '/');

	buf_adds(out, slash ? "{const up=\".." : "{const up=\".");
	while (slash && (slash = strchr(slash + 1, '/')))
		buf_adds(out, "/..");
	buf_adds(out, "\",collect=\"");
	buf_adds(out, config->tracker_collect_path); /* letters that need no escape: check_path() */
	buf_adds(out, "\";");
}

static void compress(struct tracker *tracker, size_t first_line, uint32_t crc)
{
	static const char head[] = "\x1f\x8b\x08\0\0\0\0\0\x02\xff"; /* no time, no name */
	struct buf *out = &tracker->gzip;

	buf_add(out, head, sizeof head - 1);
	buf_addc(out, 0); /* a stored block, not the last */
	add_le(out, (uint32_t)first_line, 2);
	add_le(out, ~(uint32_t)first_line, 2);
	buf_add(out, tracker->plain.data, first_line);
	buf_add(out, script_deflated, sizeof script_deflated);
	add_le(out, crc, 4);
	add_le(out, (uint32_t)tracker->plain.len, 4);
}

static void write_head(char *head, size_t size, const char *tag, const char *encoding)
{
	(void)snprintf(head, size,
		       "ETag: %s\r\nVary: Accept-Encoding\r\n"
		       "Cache-Control: public, max-age=86400, must-revalidate\r\n%s",
		       tag, encoding);
}

void tracker_make(struct tracker *tracker, const struct config *config)
{
	size_t first_line;
	uint32_t crc;

	if (tracker->plain.len)
		return;
	buf_init(&tracker->plain, TRACKER_MAX);
	buf_init(&tracker->gzip, TRACKER_MAX);
	add_first_line(&tracker->plain, config);
	first_line = tracker->plain.len;
	buf_add(&tracker->plain, script_text, sizeof script_text);
	if (!buf_ok(&tracker->plain))
		return;
	crc = crc32_of(tracker->plain.data, tracker->plain.len);
	compress(tracker, first_line, crc);
	(void)snprintf(tracker->plain_tag, TRACKER_TAG_MAX, "\"" SCRIPT_DIGEST "-%08x\"", crc);
	(void)snprintf(tracker->gzip_tag, TRACKER_TAG_MAX, "\"" SCRIPT_DIGEST "-%08x-gzip\"", crc);
	write_head(tracker->plain_head, sizeof tracker->plain_head, tracker->plain_tag, "");
	write_head(tracker->gzip_head, sizeof tracker->gzip_head, tracker->gzip_tag,
		   "Content-Encoding: gzip\r\n");
}

void tracker_free(struct tracker *tracker)
{
	buf_free(&tracker->plain);
	buf_free(&tracker->gzip);
}

/* Is gzip named in Accept-Encoding, and not with q=0? */
static bool takes_gzip(const char *accepted)
{
	for (const char *item = accepted; item; item = strchr(item, ',')) {
		const char *quality;
		size_t len;

		item += strspn(item, ", \t");
		len = strcspn(item, ",; \t");
		if (len != 4 || strncasecmp(item, "gzip", 4) != 0)
			continue;
		item += len;
		quality = item + strspn(item, "; \t");
		return strncasecmp(quality, "q=", 2) != 0 || strtod(quality + 2, NULL) > 0;
	}
	return false;
}

/* If-None-Match: a list of tags, which a server before us may have made weak; or any. */
static bool is_known(const char *tags, const char *tag)
{
	return tags && (strstr(tags, tag) || strcmp(tags, "*") == 0);
}

void get_script(struct exchange *exchange)
{
	const struct request *request = exchange->request;
	struct response *response = exchange->response;
	struct tracker *tracker = exchange->tracker;
	bool gzip = takes_gzip(request->accept_encoding);
	const struct buf *body;

	tracker_make(tracker, exchange->service->config);
	body = gzip ? &tracker->gzip : &tracker->plain;
	if (!buf_ok(&tracker->plain) || !buf_ok(&tracker->gzip)) {
		response_error(response, 503, "unavailable", "Out of memory.");
		return;
	}
	response->headers = gzip ? tracker->gzip_head : tracker->plain_head;
	if (is_known(request->if_none_match, gzip ? tracker->gzip_tag : tracker->plain_tag)) {
		response->code = 304;
		return;
	}
	response->type = "text/javascript; charset=utf-8";
	buf_add(&response->body, body->data, body->len);
}
