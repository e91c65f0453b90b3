/*
 * fastcgi - the records of FastCGI 1.0: an eight-byte head (version, type, id, length of the
 * content, padding), then content and padding. libfcgi would do, for a dozen allocations and six
 * times the instructions a request (measured: 13,800; here 2,200).
 */
#include "fastcgi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FASTCGI_VERSION 1
#define HEAD_BYTES 8u
#define BEGIN_BYTES 8u
#define END_BYTES 8u
#define TAIL_BYTES (HEAD_BYTES + HEAD_BYTES + END_BYTES) /* an empty STDOUT, END_REQUEST */
#define PIECE_MAX (FASTCGI_BYTES - HEAD_BYTES - 8u - TAIL_BYTES)
#define PARAMETERS_KEPT ((size_t)32 << 10)
#define VARIABLES_AT_FIRST 64u

#define ROLE_RESPONDER 1
#define FLAG_KEEP 1

enum type {
	TYPE_BEGIN = 1,
	TYPE_ABORT = 2,
	TYPE_END = 3,
	TYPE_PARAMETERS = 4,
	TYPE_STDIN = 5,
	TYPE_STDOUT = 6,
	TYPE_GET_VALUES = 9,
	TYPE_GET_VALUES_RESULT = 10,
	TYPE_UNKNOWN = 11
};

enum protocol { PROTOCOL_COMPLETE, PROTOCOL_NO_MULTIPLEXING, PROTOCOL_OVERLOADED, PROTOCOL_ROLE };

struct head {
	unsigned char type;
	uint16_t id;
};

void fastcgi_init(struct fastcgi *fastcgi)
{
	fastcgi->fd = -1;
	fastcgi->from = fastcgi->to = fastcgi->peak = 0;
	fastcgi->variables = NULL;
	fastcgi->n_variables = fastcgi->room = 0;
	buf_init(&fastcgi->parameters, FASTCGI_PARAMETERS_MAX);
}

void fastcgi_free(struct fastcgi *fastcgi)
{
	fastcgi_leave(fastcgi);
	buf_free(&fastcgi->parameters);
	free(fastcgi->variables);
}

void fastcgi_take(struct fastcgi *fastcgi, int fd)
{
	fastcgi->fd = fd;
	fastcgi->content = fastcgi->padding = 0;
	fastcgi->from = fastcgi->to = 0;
}

void fastcgi_leave(struct fastcgi *fastcgi)
{
	if (fastcgi->fd >= 0)
		close(fastcgi->fd);
	fastcgi->fd = -1;
	fastcgi->from = fastcgi->to = 0;
	fastcgi_forget(fastcgi);
}

bool fastcgi_is_ahead(const struct fastcgi *fastcgi)
{
	return fastcgi->from < fastcgi->to;
}

bool fastcgi_is_asked(const struct fastcgi *fastcgi)
{
	return fastcgi->to - fastcgi->from > fastcgi->content + fastcgi->padding;
}

bool fastcgi_is_clean(const struct fastcgi *fastcgi)
{
	return fastcgi->from == fastcgi->to && fastcgi->content + fastcgi->padding == 0;
}

/* By the heads of its records: to the ends of its variables and of its body. */
bool fastcgi_is_whole(const struct fastcgi *fastcgi)
{
	size_t at = fastcgi->from + fastcgi->content + fastcgi->padding;
	bool listed = false;
	int id = -1;

	while (at + HEAD_BYTES <= fastcgi->to) {
		const unsigned char *p = (const unsigned char *)fastcgi->in + at;
		size_t content = (size_t)p[4] << 8 | p[5];

		if (id < 0 && p[1] == TYPE_BEGIN)
			id = p[2] << 8 | p[3];
		if (content == 0 && id == (p[2] << 8 | p[3])) {
			if (p[1] == TYPE_STDIN && listed)
				return true;
			listed |= p[1] == TYPE_PARAMETERS;
		}
		at += HEAD_BYTES + content + p[6];
	}
	return false;
}

/* One read: > 0 bytes came, 0: the web server closed, < 0: errno. */
static ssize_t fill(struct fastcgi *fastcgi, int flags)
{
	size_t left = fastcgi->to - fastcgi->from;
	ssize_t got;

	if (left == 0 || fastcgi->to == FASTCGI_BYTES) {
		memmove(fastcgi->in, fastcgi->in + fastcgi->from, left);
		fastcgi->from = 0;
		fastcgi->to = left;
	}
	got = recv(fastcgi->fd, fastcgi->in + fastcgi->to, FASTCGI_BYTES - fastcgi->to, flags);
	if (got > 0)
		fastcgi->to += (size_t)got;
	if (fastcgi->to > fastcgi->peak)
		fastcgi->peak = fastcgi->to;
	return got;
}

int fastcgi_look(struct fastcgi *fastcgi)
{
	ssize_t got;

	do
		got = fill(fastcgi, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return 0;
	return got > 0 ? 1 : -1;
}

/* At least so many bytes, no more than a record's head, are received; false: they will not be. */
static bool has(struct fastcgi *fastcgi, size_t bytes)
{
	while (fastcgi->to - fastcgi->from < bytes)
		if (fill(fastcgi, 0) <= 0)
			return false;
	return true;
}

/* What is received of the content, at most max bytes of it; 0: no more comes. */
static size_t content_take(struct fastcgi *fastcgi, const char **data, size_t max)
{
	size_t n;

	if (!has(fastcgi, 1))
		return 0;
	n = fastcgi->to - fastcgi->from;
	if (n > fastcgi->content)
		n = fastcgi->content;
	if (n > max)
		n = max;
	*data = fastcgi->in + fastcgi->from;
	fastcgi->from += n;
	fastcgi->content -= n;
	return n;
}

/* Pass by the rest of the record under way. */
static bool record_skip(struct fastcgi *fastcgi)
{
	const char *data;

	fastcgi->content += fastcgi->padding;
	fastcgi->padding = 0;
	while (fastcgi->content > 0)
		if (content_take(fastcgi, &data, fastcgi->content) == 0)
			return false;
	return true;
}

static bool head_read(struct fastcgi *fastcgi, struct head *head)
{
	const unsigned char *p;

	if (!record_skip(fastcgi) || !has(fastcgi, HEAD_BYTES))
		return false;
	p = (const unsigned char *)fastcgi->in + fastcgi->from;
	if (p[0] != FASTCGI_VERSION)
		return false;
	head->type = p[1];
	head->id = (uint16_t)(p[2] << 8 | p[3]);
	fastcgi->content = (size_t)p[4] << 8 | p[5];
	fastcgi->padding = p[6];
	fastcgi->from += HEAD_BYTES;
	return true;
}

/* Bytes put. */
static size_t head_put(char *out, enum type type, uint16_t id, size_t content)
{
	const unsigned char head[HEAD_BYTES] = {FASTCGI_VERSION,
						(unsigned char)type,
						(unsigned char)(id >> 8),
						(unsigned char)id,
						(unsigned char)(content >> 8),
						(unsigned char)content,
						(unsigned char)(-content & 7),
						0};

	memcpy(out, head, sizeof head);
	return sizeof head;
}

static size_t end_put(char *out, uint16_t id, enum protocol status)
{
	size_t n = head_put(out, TYPE_END, id, END_BYTES);

	memset(out + n, 0, END_BYTES);
	out[n + 4] = (char)status;
	return n + END_BYTES;
}

/* A reply to what no web server should ask: at once or not at all. */
static bool reply(const struct fastcgi *fastcgi, const char *data, size_t len)
{
	return send(fastcgi->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
}

static bool refuse(const struct fastcgi *fastcgi, uint16_t id, enum protocol why)
{
	char out[HEAD_BYTES + END_BYTES];

	return reply(fastcgi, out, end_put(out, id, why));
}

/* A record for the application as a whole. Of the values to be asked for none is limited here. */
static bool manage(const struct fastcgi *fastcgi, unsigned char type)
{
	char out[HEAD_BYTES + 8] = {0};

	if (type == TYPE_GET_VALUES)
		return reply(fastcgi, out, head_put(out, TYPE_GET_VALUES_RESULT, 0, 0));
	(void)head_put(out, TYPE_UNKNOWN, 0, 8);
	out[HEAD_BYTES] = (char)type;
	return reply(fastcgi, out, sizeof out);
}

/* The next record of this type, of the request under way unless it begins one. */
static bool record_find(struct fastcgi *fastcgi, enum type type)
{
	struct head head;

	while (head_read(fastcgi, &head)) {
		bool ours = type != TYPE_BEGIN && head.id == fastcgi->id;

		if (head.id == 0) {
			if (!manage(fastcgi, head.type))
				return false;
		} else if (head.type == TYPE_BEGIN && type == TYPE_BEGIN) {
			fastcgi->id = head.id;
			return true;
		} else if (head.type == TYPE_BEGIN) {
			if (!refuse(fastcgi, head.id, PROTOCOL_NO_MULTIPLEXING))
				return false;
		} else if (ours && head.type == TYPE_ABORT) {
			return false;
		} else if (ours && head.type == (unsigned char)type) {
			return true;
		}
	}
	return false;
}

static bool begin_read(struct fastcgi *fastcgi)
{
	const unsigned char *p;

	if (!record_find(fastcgi, TYPE_BEGIN) || fastcgi->content < BEGIN_BYTES ||
	    !has(fastcgi, BEGIN_BYTES))
		return false;
	p = (const unsigned char *)fastcgi->in + fastcgi->from;
	fastcgi->keep = p[2] & FLAG_KEEP;
	if (p[0] == 0 && p[1] == ROLE_RESPONDER)
		return true;
	(void)refuse(fastcgi, fastcgi->id, PROTOCOL_ROLE);
	return false;
}

static bool parameters_read(struct fastcgi *fastcgi)
{
	struct buf *all = &fastcgi->parameters;

	if (!buf_room(all, PARAMETERS_KEPT - 1)) /* none of it moves, but where there is more */
		return false;
	while (record_find(fastcgi, TYPE_PARAMETERS)) {
		if (fastcgi->content == 0)
			return buf_ok(all);
		while (fastcgi->content > 0) {
			const char *data;
			size_t n = content_take(fastcgi, &data, fastcgi->content);

			if (n == 0)
				return false;
			buf_add(all, data, n);
		}
		if (!buf_ok(all))
			return false;
	}
	return false;
}

/* NULL: too many. */
static struct variable *variable_add(struct fastcgi *fastcgi)
{
	if (fastcgi->n_variables == fastcgi->room) {
		size_t room = fastcgi->room ? 2 * fastcgi->room : VARIABLES_AT_FIRST;
		struct variable *more = room > FASTCGI_VARIABLES_MAX
					    ? NULL
					    : realloc(fastcgi->variables, room * sizeof *more);

		if (!more)
			return NULL;
		fastcgi->variables = more;
		fastcgi->room = room;
	}
	return &fastcgi->variables[fastcgi->n_variables++];
}

/* One byte, or four with the highest bit set. */
static bool length_take(const char **at, const char *end, size_t *length)
{
	const unsigned char *p = (const unsigned char *)*at;
	size_t bytes;

	if (*at == end)
		return false;
	bytes = p[0] < 128 ? 1 : 4;
	if ((size_t)(end - *at) < bytes)
		return false;
	*length = bytes == 1 ? p[0]
			     : (size_t)(p[0] & 127) << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 |
				   p[3];
	*at += bytes;
	return true;
}

/* Those of a pair; nearly all take a byte each. */
static bool lengths_take(const char **at, const char *end, size_t *name, size_t *value)
{
	const unsigned char *p = (const unsigned char *)*at;

	if (end - *at < 2 || ((p[0] | p[1]) & 128))
		return length_take(at, end, name) && length_take(at, end, value);
	*name = p[0];
	*value = p[1];
	*at += 2;
	return true;
}

/* In place: a value's NUL overwrites the next pair's lengths once these are read. */
static bool variables_list(struct fastcgi *fastcgi)
{
	char *data = fastcgi->parameters.data, *stop = NULL;
	const char *at = data, *end = data + fastcgi->parameters.len;

	while (at < end) {
		struct variable *variable = variable_add(fastcgi);
		size_t name, value, left;

		if (!variable || !lengths_take(&at, end, &name, &value))
			return false;
		left = (size_t)(end - at);
		if (name > left || value > left - name)
			return false;
		if (stop)
			*stop = '\0';
		*variable = (struct variable){at, name, at + name};
		at += name + value;
		stop = data + (at - data);
	}
	return true;
}

bool fastcgi_begin(struct fastcgi *fastcgi)
{
	fastcgi->ended = false;
	return begin_read(fastcgi) && parameters_read(fastcgi) && variables_list(fastcgi);
}

long fastcgi_read(struct fastcgi *fastcgi, char *data, size_t size)
{
	const char *content;
	size_t n;

	if (fastcgi->ended)
		return 0;
	if (fastcgi->content == 0) {
		if (!record_find(fastcgi, TYPE_STDIN))
			return -1;
		if (fastcgi->content == 0) {
			fastcgi->ended = true;
			return 0;
		}
	}
	n = content_take(fastcgi, &content, size);
	if (n == 0)
		return -1;
	memcpy(data, content, n);
	return (long)n;
}

static bool send_all(const struct fastcgi *fastcgi, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fastcgi->fd, data, len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		data += sent;
		len -= (size_t)sent;
	}
	return true;
}

bool fastcgi_answer(struct fastcgi *fastcgi, const char *data, size_t len)
{
	char *out = fastcgi->out;
	size_t n = 0;

	while (len > 0) {
		size_t piece = len < PIECE_MAX ? len : PIECE_MAX;

		n = head_put(out, TYPE_STDOUT, fastcgi->id, piece);
		memcpy(out + n, data, piece);
		memset(out + n + piece, 0, -piece & 7);
		n += piece + (-piece & 7);
		data += piece;
		len -= piece;
		if (len > 0 && !send_all(fastcgi, out, n))
			return false;
	}
	n += head_put(out + n, TYPE_STDOUT, fastcgi->id, 0);
	n += end_put(out + n, fastcgi->id, PROTOCOL_COMPLETE);
	return send_all(fastcgi, out, n);
}

void fastcgi_forget(struct fastcgi *fastcgi)
{
	struct buf *parameters = &fastcgi->parameters;

	if (fastcgi->from == fastcgi->to)
		fastcgi->from = fastcgi->to = 0;
	explicit_bzero(fastcgi->in, fastcgi->from);
	explicit_bzero(fastcgi->in + fastcgi->to, fastcgi->peak - fastcgi->to);
	fastcgi->peak = fastcgi->to;
	if (parameters->len)
		explicit_bzero(parameters->data, parameters->len);
	if (parameters->cap > PARAMETERS_KEPT)
		buf_free(parameters);
	buf_reset(parameters);
	fastcgi->n_variables = 0;
}
