/*
 * clean - one record, and the few numbers of its head that others ask for often.
 */
#include <string.h>

#include "clean_record.h"
#include "le.h"
#include "uuid.h"

_Static_assert((int)REPAIRS <= CLEAN_REPAIRS, "repairs fit into the record");

enum offset {
	AT_MAGIC = 0,
	AT_TYPE = 4,
	AT_FLAGS = 5,
	AT_ROUTE_LENGTH = 6,
	AT_JSON_LENGTH = 8,
	AT_TOKEN_LENGTH = 12,
	AT_RECEIVED = 16,
	AT_VISITOR = 24,
	AT_REDACTIONS = 32,
	AT_REPAIRS = 64,
	AT_SOURCE = 80,
};

static const char magic[4] = {'t', 'c', 'e', 1};

struct clean {
	const char *record;
	size_t len;
	size_t json_len;
	size_t route_len;
	size_t token_len;
	struct clean_head head;
};

static void put_head(char *record, const struct clean_head *head, size_t json, size_t route,
		     size_t token)
{
	memset(record, 0, CLEAN_HEAD_BYTES);
	memcpy(record + AT_MAGIC, magic, sizeof(magic));
	record[AT_TYPE] = (char)head->type;
	record[AT_FLAGS] = head->view;
	le16_put(record + AT_ROUTE_LENGTH, (uint16_t)route);
	le32_put(record + AT_JSON_LENGTH, (uint32_t)json);
	le32_put(record + AT_TOKEN_LENGTH, (uint32_t)token);
	le64_put(record + AT_RECEIVED, (uint64_t)head->received_us);
	le64_put(record + AT_VISITOR, head->visitor);
	for (int i = 0; i < CLEAN_CLASSES; i++)
		le16_put(record + AT_REDACTIONS + 2 * i, head->redactions[i]);
	memcpy(record + AT_REPAIRS, head->repairs, CLEAN_REPAIRS);
	memcpy(record + AT_SOURCE, head->source, CLEAN_SOURCE_BYTES);
}

enum status clean_make(struct clean **out, struct writer *writer, const struct clean_head *head,
		       struct text route)
{
	struct clean *clean = arena_alloc(writer->arena, sizeof(*clean));
	size_t json = writer->len - CLEAN_HEAD_BYTES, token = 0;

	if (!clean)
		return ST_NO_MEMORY;
	writer_addc(writer, '\0');
	writer_add(writer, route.data, route.len);
	writer_addc(writer, '\0');
	if (head->session && head->session->known) {
		token = strlen(head->session->token);
		writer_add(writer, head->session->token, token + 1);
	}
	if (!writer_ok(writer))
		return ST_NO_MEMORY;
	if (json > UINT32_MAX || route.len > UINT16_MAX)
		return ST_TOO_LARGE;
	put_head(writer->data, head, json, route.len, token);
	*clean = (struct clean){.record = writer->data,
				.len = writer->len,
				.json_len = json,
				.route_len = route.len,
				.token_len = token,
				.head = *head};
	*out = clean;
	return ST_OK;
}

static bool is_source(const char *p)
{
	return uuid_is(p, 0) && p[CLEAN_SOURCE_BYTES - 1] == '\0';
}

/* It becomes a header: nothing may be in it that ends one. */
static bool is_token(const char *p, size_t len)
{
	if (len == 0)
		return true;
	for (size_t i = 0; i < len; i++)
		if (p[i] <= ' ' || p[i] == 127)
			return false;
	return p[len] == '\0';
}

/* Every length agrees and every string ends where it says. */
static bool is_record(const char *p, size_t len)
{
	size_t json, route, token;

	if (len < CLEAN_HEAD_BYTES + 2 || memcmp(p, magic, sizeof(magic)) != 0)
		return false;
	json = le32_get(p + AT_JSON_LENGTH);
	route = le16_get(p + AT_ROUTE_LENGTH);
	token = le32_get(p + AT_TOKEN_LENGTH);
	if (len - CLEAN_HEAD_BYTES - 2 != json + route + token + (token > 0) || json < 2)
		return false;
	if ((unsigned char)p[AT_TYPE] >= CLEAN_TYPES || (p[AT_FLAGS] & ~1) ||
	    !is_source(p + AT_SOURCE))
		return false;
	p += CLEAN_HEAD_BYTES;
	return p[0] == '{' && p[json - 1] == '}' && !memchr(p, '\0', json) && p[json] == '\0' &&
	       !memchr(p + json + 1, '\0', route) && p[json + 1 + route] == '\0' &&
	       is_token(p + json + route + 2, token);
}

enum status clean_read(struct clean **out, struct arena *arena, const void *record, size_t len)
{
	struct clean *clean;
	const char *p = record;

	if (!is_record(p, len))
		return ST_CORRUPT;
	clean = arena_zalloc(arena, sizeof(*clean));
	if (!clean)
		return ST_NO_MEMORY;
	clean->record = p;
	clean->len = len;
	clean->json_len = le32_get(p + AT_JSON_LENGTH);
	clean->route_len = le16_get(p + AT_ROUTE_LENGTH);
	clean->token_len = le32_get(p + AT_TOKEN_LENGTH);
	clean->head.type = (enum clean_type)p[AT_TYPE];
	clean->head.view = p[AT_FLAGS] & 1;
	clean->head.received_us = (int64_t)le64_get(p + AT_RECEIVED);
	clean->head.visitor = le64_get(p + AT_VISITOR);
	for (int i = 0; i < CLEAN_CLASSES; i++)
		clean->head.redactions[i] = le16_get(p + AT_REDACTIONS + 2 * i);
	memcpy(clean->head.repairs, p + AT_REPAIRS, CLEAN_REPAIRS);
	memcpy(clean->head.source, p + AT_SOURCE, CLEAN_SOURCE_BYTES);
	*out = clean;
	return ST_OK;
}

const void *clean_record(const struct clean *clean, size_t *len)
{
	*len = clean->len;
	return clean->record;
}

const char *clean_json(const struct clean *clean, size_t *len)
{
	*len = clean->json_len;
	return clean->record + CLEAN_HEAD_BYTES;
}

const char *clean_token(const struct clean *clean)
{
	if (clean->token_len == 0)
		return "";
	return clean->record + CLEAN_HEAD_BYTES + clean->json_len + clean->route_len + 2;
}

const struct session *clean_session(const struct clean *clean)
{
	return clean->head.session;
}

enum clean_type clean_type(const struct clean *clean)
{
	return clean->head.type;
}

const char *clean_source(const struct clean *clean)
{
	return clean->head.source;
}

const char *clean_route(const struct clean *clean)
{
	return clean->record + CLEAN_HEAD_BYTES + clean->json_len + 1;
}

int clean_is_view(const struct clean *clean)
{
	return clean->head.view;
}

uint64_t clean_visitor(const struct clean *clean)
{
	return clean->head.visitor;
}

int64_t clean_received_us(const struct clean *clean)
{
	return clean->head.received_us;
}

const uint16_t *clean_redactions(const struct clean *clean)
{
	return clean->head.redactions;
}

const uint8_t *clean_repairs(const struct clean *clean)
{
	return clean->head.repairs;
}
