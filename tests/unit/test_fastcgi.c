/*
 * FastCGI: requests cut anywhere, several on one connection, what web servers do not send, and
 * answers of any length. Packets of a socket pair are what one read gives.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#include "fastcgi.h"

struct talk {
	int server; /* the web server's end */
	struct fastcgi fastcgi;
};

static void talk_begin(struct talk *talk, int kind)
{
	int ends[2], bytes = 1 << 20;

	assert_int_equal(socketpair(AF_UNIX, kind, 0, ends), 0);
	assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes), 0);
	assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes), 0);
	talk->server = ends[0];
	fastcgi_init(&talk->fastcgi);
	fastcgi_take(&talk->fastcgi, ends[1]);
}

static void talk_end(struct talk *talk)
{
	close(talk->server);
	fastcgi_free(&talk->fastcgi);
}

struct bytes {
	size_t len;
	char data[1 << 19];
};

static void record(struct bytes *out, int type, int id, const void *content, size_t len, int pad)
{
	const unsigned char head[8] = {
	    1,		   (unsigned char)type, (unsigned char)(id >> 8), (unsigned char)id,
	    (unsigned char)(len >> 8), (unsigned char)len,	(unsigned char)pad,	  0};

	assert_true(out->len + 8 + len + (size_t)pad <= sizeof out->data);
	memcpy(out->data + out->len, head, 8);
	if (len)
		memcpy(out->data + out->len + 8, content, len);
	memset(out->data + out->len + 8 + len, 'p', (size_t)pad);
	out->len += 8 + len + (size_t)pad;
}

#define BEGIN(out, id, flags) record(out, 1, id, (const char[8]){0, 1, flags}, 8, 0)

static void request(struct bytes *out, int id, int pad)
{
	static const char parameters[] = "\4\3NAMEabc\200\0\0\2\200\0\0\3Xxabc\5\0EMPTY\0\1=";

	BEGIN(out, id, 1);
	record(out, 4, id, parameters, 9, pad); /* in the middle of a pair */
	record(out, 4, id, parameters + 9, sizeof parameters - 10, pad);
	record(out, 4, id, "", 0, 0);
	record(out, 5, id, "{\"a\":", 5, pad);
	record(out, 5, id, "1}", 2, pad);
	record(out, 5, id, "", 0, 0);
}

static void put(const struct talk *talk, const char *data, size_t len)
{
	assert_int_equal(write(talk->server, data, len), len);
}

static void assert_request(struct fastcgi *fastcgi, int id)
{
	static const struct variable expected[] = {
	    {"NAME", 4, "abc"}, {"Xx", 2, "abc"}, {"EMPTY", 5, ""}, {"", 0, "="}};
	char body[64] = "";
	size_t len = 0;
	long got;

	assert_true(fastcgi_begin(fastcgi));
	assert_int_equal(fastcgi->n_variables, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(fastcgi->variables[i].len, expected[i].len);
		assert_memory_equal(fastcgi->variables[i].name, expected[i].name, expected[i].len);
		assert_string_equal(fastcgi->variables[i].value, expected[i].value);
	}
	while ((got = fastcgi_read(fastcgi, body + len, 4)) > 0)
		len += (size_t)got;
	assert_int_equal(got, 0);
	assert_int_equal(fastcgi_read(fastcgi, body + len, 4), 0);
	assert_int_equal(len, 7);
	assert_memory_equal(body, "{\"a\":1}", 7);
	assert_int_equal(fastcgi->id, id);
	assert_true(fastcgi->keep);
}

static void test_cut_anywhere(void **state)
{
	static struct bytes sent;
	static struct talk talk;

	(void)state;
	sent.len = 0;
	request(&sent, 258, 3);
	for (size_t cut = 1; cut < sent.len; cut++) {
		talk_begin(&talk, SOCK_SEQPACKET);
		put(&talk, sent.data, cut);
		put(&talk, sent.data + cut, sent.len - cut);
		assert_request(&talk.fastcgi, 258);
		talk_end(&talk);
	}
	talk_begin(&talk, SOCK_SEQPACKET);
	for (size_t i = 0; i < sent.len; i++)
		put(&talk, sent.data + i, 1);
	assert_request(&talk.fastcgi, 258);
	talk_end(&talk);
}

/* What is called whole is read to its end without waiting; what is not would wait. */
static void test_whole(void **state)
{
	static struct bytes sent;
	static struct talk talk;

	(void)state;
	sent.len = 0;
	request(&sent, 258, 3);
	for (size_t cut = 1; cut <= sent.len; cut++) {
		talk_begin(&talk, SOCK_STREAM);
		assert_int_equal(fastcgi_look(&talk.fastcgi), 0);
		assert_true(fastcgi_is_clean(&talk.fastcgi));
		put(&talk, sent.data, cut);
		assert_int_equal(fastcgi_look(&talk.fastcgi), 1);
		assert_false(fastcgi_is_clean(&talk.fastcgi));
		assert_int_equal(fastcgi_is_whole(&talk.fastcgi), cut == sent.len);
		put(&talk, sent.data + cut, sent.len - cut);
		assert_request(&talk.fastcgi, 258);
		fastcgi_forget(&talk.fastcgi);
		assert_true(fastcgi_is_clean(&talk.fastcgi));
		close(talk.server);
		assert_true(fastcgi_look(&talk.fastcgi) < 0);
		talk.server = -1;
		talk_end(&talk);
	}
}

/* Ends of another request's variables and body are not its own. */
static void test_whole_of_another(void **state)
{
	static struct bytes sent;
	static struct talk talk;

	(void)state;
	sent.len = 0;
	BEGIN(&sent, 1, 1);
	BEGIN(&sent, 2, 1);
	record(&sent, 4, 2, "", 0, 0);
	record(&sent, 5, 1, "", 0, 0);
	record(&sent, 4, 1, "", 0, 0);
	record(&sent, 5, 2, "", 0, 0);
	talk_begin(&talk, SOCK_STREAM);
	put(&talk, sent.data, sent.len);
	assert_int_equal(fastcgi_look(&talk.fastcgi), 1);
	assert_false(fastcgi_is_whole(&talk.fastcgi));
	talk_end(&talk);
}

static void test_several_at_once(void **state)
{
	static struct bytes sent;
	static struct talk talk;
	char noise[600] = {0};

	(void)state;
	sent.len = 0;
	for (int i = 1; i <= 40; i++) {
		request(&sent, i, i);
		record(&sent, 8, i, noise, sizeof noise, 0); /* of no use to a responder */
	}
	talk_begin(&talk, SOCK_STREAM);
	put(&talk, sent.data, sent.len);
	for (int i = 1; i <= 40; i++) {
		assert_request(&talk.fastcgi, i);
		assert_true(fastcgi_is_ahead(&talk.fastcgi)); /* the last record, at least */
		assert_true(fastcgi_is_asked(&talk.fastcgi));
		fastcgi_forget(&talk.fastcgi);
	}
	shutdown(talk.server, SHUT_WR);
	assert_false(fastcgi_begin(&talk.fastcgi));
	talk_end(&talk);
}

/* What pads the body's end is no request, and what follows it is one. */
static void test_padding_asks_for_nothing(void **state)
{
	static struct bytes sent;
	static struct talk talk;
	size_t padded;

	(void)state;
	sent.len = 0;
	request(&sent, 1, 0);
	sent.data[sent.len - 2] = 8; /* the padding of the last record, which ends the body */
	memset(sent.data + sent.len, 'p', 8);
	sent.len += 8;
	padded = sent.len;
	request(&sent, 2, 0);
	talk_begin(&talk, SOCK_SEQPACKET);
	put(&talk, sent.data, padded);
	assert_request(&talk.fastcgi, 1);
	assert_false(fastcgi_is_asked(&talk.fastcgi));
	fastcgi_forget(&talk.fastcgi);
	put(&talk, sent.data + padded, sent.len - padded);
	assert_request(&talk.fastcgi, 2);
	assert_false(fastcgi_is_asked(&talk.fastcgi));
	talk_end(&talk);
}

/* Each request ends before its body does. */
static void test_broken(void **state)
{
	static const struct {
		const char *parameters;
		size_t len;
	} broken[] = {
	    {"\377\377\377\376\377\377\377\376", 8}, /* as of CVE-2025-23016 */
	    {"\300\0\0\0\300\0\0\0", 8},
	    {"\200\0\0", 3},
	    {"\1", 1},
	    {"\1\1A", 3},
	    {"\4\3NAMEab", 8},
	    {"\2\3AB", 4},
	};
	static struct bytes sent;
	static struct talk talk;
	char data[8];

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		sent.len = 0;
		BEGIN(&sent, 1, 0);
		record(&sent, 4, 1, broken[i].parameters, broken[i].len, 0);
		record(&sent, 4, 1, "", 0, 0);
		talk_begin(&talk, SOCK_STREAM);
		put(&talk, sent.data, sent.len);
		assert_false(fastcgi_begin(&talk.fastcgi));
		talk_end(&talk);
	}
	sent.len = 0;
	request(&sent, 1, 0);
	for (size_t end = 0; end < sent.len; end++) {
		long got = 1;

		talk_begin(&talk, SOCK_STREAM);
		put(&talk, sent.data, end);
		shutdown(talk.server, SHUT_WR);
		if (fastcgi_begin(&talk.fastcgi))
			while (got > 0)
				got = fastcgi_read(&talk.fastcgi, data, sizeof data);
		assert_int_not_equal(got, 0);
		talk_end(&talk);
	}
	sent.data[0] = 2; /* the version */
	talk_begin(&talk, SOCK_STREAM);
	put(&talk, sent.data, sent.len);
	assert_false(fastcgi_begin(&talk.fastcgi));
	talk_end(&talk);
}

/* A few bytes of a request are others: whatever comes of it ends, and lies within what came. */
static void test_noise(void **state)
{
	static struct bytes sent, noisy;
	static struct talk talk;
	uint32_t seed = 1;
	char data[64];

	(void)state;
	sent.len = 0;
	request(&sent, 1, 5);
	for (int round = 0; round < 20000; round++) {
		long got = 1;

		memcpy(&noisy, &sent, sizeof sent.len + sent.len);
		for (int i = 0; i <= round % 4; i++) {
			seed = seed * 1664525 + 1013904223;
			noisy.data[(seed >> 8) % noisy.len] = (char)(seed >> 24);
		}
		talk_begin(&talk, SOCK_STREAM);
		put(&talk, noisy.data, noisy.len);
		shutdown(talk.server, SHUT_WR);
		if (fastcgi_begin(&talk.fastcgi)) {
			for (size_t i = 0; i < talk.fastcgi.n_variables; i++)
				assert_true(talk.fastcgi.variables[i].len +
						strlen(talk.fastcgi.variables[i].value) <=
					    sent.len);
			while (got > 0)
				got = fastcgi_read(&talk.fastcgi, data, sizeof data);
		}
		talk_end(&talk);
	}
}

static void test_too_many_variables(void **state)
{
	static const struct {
		size_t bytes;
		bool taken;
	} amounts[] = {{2 * FASTCGI_VARIABLES_MAX, true}, {2 * FASTCGI_VARIABLES_MAX + 2, false}};
	static char pairs[FASTCGI_PARAMETERS_MAX + 1], value[65500];
	static struct bytes sent;
	static struct talk talk;

	(void)state;
	for (size_t i = 0; i < 2; i++) { /* pairs of nothing */
		sent.len = 0;
		BEGIN(&sent, 1, 1);
		record(&sent, 4, 1, pairs, amounts[i].bytes, 0);
		record(&sent, 4, 1, "", 0, 0);
		talk_begin(&talk, SOCK_STREAM);
		put(&talk, sent.data, sent.len);
		assert_int_equal(fastcgi_begin(&talk.fastcgi), amounts[i].taken);
		talk_end(&talk);
	}
	memset(value, 'v', sizeof value);
	for (size_t records = 4; records <= 5; records++) { /* 256 KiB are the most */
		sent.len = 0;
		BEGIN(&sent, 1, 1);
		record(&sent, 4, 1, "\1\200\003\377\160A", 6, 0); /* one value of 4 x 65,500 */
		for (size_t i = 0; i < records; i++)
			record(&sent, 4, 1, value, sizeof value, 0);
		record(&sent, 4, 1, "", 0, 0);
		talk_begin(&talk, SOCK_STREAM);
		put(&talk, sent.data, sent.len);
		assert_int_equal(fastcgi_begin(&talk.fastcgi), records == 4);
		if (records == 4)
			assert_int_equal(strlen(talk.fastcgi.variables[0].value),
					 4 * sizeof value);
		fastcgi_forget(&talk.fastcgi);
		assert_true(talk.fastcgi.parameters.cap <= FASTCGI_PARAMETERS_MAX / 4);
		talk_end(&talk);
	}
}

static void assert_said(const struct talk *talk, const char *expected, size_t len)
{
	char said[64];

	assert_int_equal(recv(talk->server, said, sizeof said, MSG_DONTWAIT), len);
	assert_memory_equal(said, expected, len);
}

static void test_other_records(void **state)
{
	static struct bytes sent;
	static struct talk talk;
	char data[8];

	(void)state;
	sent.len = 0;
	record(&sent, 9, 0, "\17\0FCGI_MPXS_CONNS", 17, 7);
	record(&sent, 77, 0, "abc", 3, 0);
	BEGIN(&sent, 1, 1);
	BEGIN(&sent, 2, 1);
	record(&sent, 4, 2, "\1\1Bb", 4, 0); /* of the one refused */
	record(&sent, 4, 1, "\1\1Aa", 4, 0);
	record(&sent, 4, 1, "", 0, 0);
	record(&sent, 5, 1, "x", 1, 0);
	record(&sent, 2, 1, "", 0, 0); /* given up by the web server */
	talk_begin(&talk, SOCK_SEQPACKET);
	put(&talk, sent.data, sent.len);
	assert_true(fastcgi_begin(&talk.fastcgi));
	assert_said(&talk, "\1\12\0\0\0\0\0\0", 8);
	assert_said(&talk, "\1\13\0\0\0\10\0\0\115\0\0\0\0\0\0\0", 16);
	assert_said(&talk, "\1\3\0\2\0\10\0\0\0\0\0\0\1\0\0\0", 16);
	assert_int_equal(talk.fastcgi.n_variables, 1);
	assert_string_equal(talk.fastcgi.variables[0].value, "a");
	assert_int_equal(fastcgi_read(&talk.fastcgi, data, sizeof data), 1);
	assert_true(fastcgi_read(&talk.fastcgi, data, sizeof data) < 0);
	talk_end(&talk);

	sent.len = 0;
	record(&sent, 1, 1, (const char[8]){0, 2, 1}, 8, 0); /* an authorizer */
	talk_begin(&talk, SOCK_SEQPACKET);
	put(&talk, sent.data, sent.len);
	assert_false(fastcgi_begin(&talk.fastcgi));
	assert_said(&talk, "\1\3\0\1\0\10\0\0\0\0\0\0\3\0\0\0", 16);
	talk_end(&talk);
}

static size_t received(const struct talk *talk, char *out, size_t room)
{
	size_t len = 0;
	ssize_t got;

	while ((got = recv(talk->server, out + len, room - len, MSG_DONTWAIT)) > 0)
		len += (size_t)got;
	return len;
}

static void test_answers(void **state)
{
	static const size_t lengths[] = {0, 1, 7, 8, 9, 8143, 8151, 8152, 8153, 8160, 8192, 100001};
	static char text[100001], raw[200000];
	static struct bytes sent;
	static struct talk talk;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 7 + i / 251);
	sent.len = 0;
	request(&sent, 300, 0);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		size_t raw_len, at = 0, len = 0;

		talk_begin(&talk, SOCK_STREAM);
		put(&talk, sent.data, sent.len);
		assert_request(&talk.fastcgi, 300);
		assert_true(fastcgi_answer(&talk.fastcgi, text, lengths[i]));
		raw_len = received(&talk, raw, sizeof raw);
		while (at + 8 <= raw_len && raw[at + 1] == 6) {
			size_t n = (size_t)(unsigned char)raw[at + 4] << 8 |
				   (unsigned char)raw[at + 5];

			assert_memory_equal(raw + at, "\1\6\1\54", 4);
			assert_memory_equal(raw + at + 8, text + len, n);
			len += n;
			at += 8 + n + (size_t)raw[at + 6];
			assert_int_equal(at % 8, 0);
			if (n == 0)
				break;
		}
		assert_int_equal(len, lengths[i]);
		assert_int_equal(raw_len - at, 16);
		assert_memory_equal(raw + at, "\1\3\1\54\0\10\0\0\0\0\0\0\0\0\0\0", 16);
		talk_end(&talk);
	}
}

static void test_nothing_stays(void **state)
{
	static struct bytes sent;
	static struct talk talk;
	const char *parameters;
	size_t len;

	(void)state;
	sent.len = 0;
	request(&sent, 1, 0);
	talk_begin(&talk, SOCK_STREAM);
	put(&talk, sent.data, sent.len);
	assert_request(&talk.fastcgi, 1);
	parameters = talk.fastcgi.parameters.data;
	len = talk.fastcgi.parameters.len;
	assert_true(len > 0);
	fastcgi_forget(&talk.fastcgi);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(parameters[i], 0);
	for (size_t i = 0; i < FASTCGI_BYTES; i++)
		assert_int_equal(talk.fastcgi.in[i], 0);
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_whole_of_another),
	    cmocka_unit_test(test_several_at_once),
	    cmocka_unit_test(test_padding_asks_for_nothing),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_noise),
	    cmocka_unit_test(test_too_many_variables),
	    cmocka_unit_test(test_other_records),
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_nothing_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
