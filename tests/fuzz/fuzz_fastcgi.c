/*
 * fuzz_fastcgi - any bytes from a web server: the same requests however they are cut into reads,
 * and none but whole records as answers.
 *
 * Input: bytes; %XX is the byte of that number, so that a corpus can be text.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fastcgi.h"
#include "fuzz.h"

#define INPUT_MAX 2048 /* a socket holds it in packets of any size that is cut */
#define ANSWERS_MAX ((size_t)1 << 20)
#define HEAD 8u

/* What was seen of a connection's requests, for a comparison. */
struct tale {
	uint64_t hash; /* FNV-1a */
	size_t requests;
};

static void tell(struct tale *tale, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		tale->hash = (tale->hash ^ (unsigned char)data[i]) * 0x100000001b3u;
}

static size_t decode(const uint8_t *data, size_t size, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		char digits[3] = {0}, *end = digits;
		unsigned long byte = 0;

		if (data[i] == '%' && size - i > 2) {
			memcpy(digits, data + i + 1, 2);
			byte = strtoul(digits, &end, 16);
		}
		out[n++] = (char)(end == digits + 2 ? byte : data[i]);
		i += end == digits + 2 ? 2 : 0;
	}
	return n;
}

/* false: the connection is of no more use. */
static bool serve_one(struct fastcgi *fastcgi, struct tale *tale)
{
	char body[64];
	long got;

	if (!fastcgi_begin(fastcgi))
		return false;
	for (size_t i = 0; i < fastcgi->n_variables; i++) {
		const struct variable *variable = &fastcgi->variables[i];

		tell(tale, variable->name, variable->len);
		tell(tale, variable->value, strlen(variable->value) + 1);
	}
	while ((got = fastcgi_read(fastcgi, body, sizeof body)) > 0)
		tell(tale, body, (size_t)got);
	if (got < 0)
		return false;
	MUST(fastcgi_read(fastcgi, body, sizeof body) == 0);
	MUST(fastcgi_answer(fastcgi, "Status: 200 OK\r\n\r\n", 18));
	tale->requests++;
	return fastcgi->keep;
}

/* Each is whole and of a kind that a responder sends; those that were answered end, at least. */
static void check_answers(const unsigned char *p, size_t left, size_t answered)
{
	size_t ends = 0;

	while (left > 0) {
		size_t whole;

		MUST(left >= HEAD && p[0] == 1);
		MUST(p[1] == 3 || p[1] == 6 || p[1] == 10 || p[1] == 11);
		whole = HEAD + (size_t)(p[4] << 8 | p[5]) + p[6];
		MUST(left >= whole);
		ends += p[1] == 3;
		p += whole;
		left -= whole;
	}
	MUST(ends >= answered);
}

/* What a web server sends, in packets of `cut` bytes, each of which one read gives. */
static struct tale converse(const char *data, size_t len, size_t cut)
{
	static struct fastcgi fastcgi;
	static unsigned char answers[ANSWERS_MAX];
	struct tale tale = {.hash = 0xcbf29ce484222325u};
	int ends[2], bytes = 8 << 20;
	size_t got = 0;
	ssize_t n;

	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	for (int i = 0; i < 2; i++)
		(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
	for (size_t at = 0; at < len; at += cut)
		MUST(send(ends[0], data + at, len - at < cut ? len - at : cut, MSG_DONTWAIT) >= 0);
	MUST(shutdown(ends[0], SHUT_WR) == 0);
	fastcgi_init(&fastcgi);
	fastcgi_take(&fastcgi, ends[1]);
	while (serve_one(&fastcgi, &tale))
		fastcgi_forget(&fastcgi);
	while ((n = recv(ends[0], answers + got, sizeof answers - got, MSG_DONTWAIT)) > 0)
		got += (size_t)n;
	fastcgi_free(&fastcgi);
	check_answers(answers, got, tale.requests);
	close(ends[0]);
	return tale;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t cuts[] = {5, 64};
	char bytes[INPUT_MAX];
	size_t len = decode(data, size < INPUT_MAX ? size : INPUT_MAX, bytes);
	struct tale whole = converse(bytes, len, FASTCGI_BYTES);

	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
		struct tale cut = converse(bytes, len, cuts[i]);

		MUST(cut.requests == whole.requests);
		MUST(cut.hash == whole.hash);
	}
	return 0;
}
