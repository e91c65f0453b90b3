/*
 * san_check - the promises of sanitizer.h, one function each.
 */
#include "san_check.h"

#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "json_valid.h"

struct bytes {
	char *data;
	size_t len, cap;
};

struct san_check {
	struct san_rules *rules;
	struct san_scanner *scanner;
	struct bytes out, again, streamed;
	struct san_span *spans;
	size_t n_spans, cap_spans;
};

uint64_t san_check_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void room(struct bytes *b, size_t cap)
{
	if (cap <= b->cap)
		return;
	free(b->data);
	b->data = malloc(cap);
	b->cap = cap;
	MUST(b->data);
}

struct san_check *san_check_new(const struct san_options *options)
{
	struct san_check *check = calloc(1, sizeof(*check));
	struct san_options standard;

	MUST(check);
	san_options_init(&standard);
	standard.action[SAN_IP] = SAN_REDACT;
	MUST(san_rules_new(&check->rules, options ? options : &standard, NULL, 0) == 0);
	MUST(san_scanner_new(&check->scanner, check->rules) == 0);
	return check;
}

void san_check_free(struct san_check *check)
{
	san_scanner_free(check->scanner);
	san_rules_free(check->rules);
	free(check->out.data);
	free(check->again.data);
	free(check->streamed.data);
	free(check->spans);
	free(check);
}

const char *san_check_output(const struct san_check *check, size_t *len)
{
	*len = check->out.len;
	return check->out.data;
}

/* Into a buffer of exactly the size that is asked for: writing past it is seen. */
static int clean(struct san_check *check, enum san_mode mode, const char *in, size_t len,
		 struct bytes *out)
{
	size_t need = 0;
	const char *text;
	int rc = san_clean(check->scanner, mode, in, len, NULL, 0, &need);

	MUST(rc >= 0 || rc == SAN_ENOSPC);
	MUST((rc == SAN_ENOSPC) == (need > 0));
	free(out->data);
	out->data = malloc(need ? need : 1);
	out->cap = need;
	MUST(out->data);
	if (need > 0)
		MUST(san_clean(check->scanner, mode, in, len, out->data, need - 1, &out->len) ==
			 SAN_ENOSPC &&
		     out->len == need);
	rc = san_clean(check->scanner, mode, in, len, out->data, need, &out->len);
	MUST(rc >= 0 && out->len == need);
	text = san_clean_short(check->scanner, mode, in, len);
	MUST(text ? !*text || (strlen(text) == need && !memcmp(text, out->data, need))
		  : need == len && (!len || !memcmp(in, out->data, len)));
	return rc;
}

static void find(struct san_check *check, enum san_mode mode, const char *in, size_t len)
{
	int n = san_find(check->scanner, mode, in, len, NULL, 0);

	MUST(n >= 0);
	if ((size_t)n > check->cap_spans) {
		free(check->spans);
		check->cap_spans = (size_t)n;
		check->spans = calloc(check->cap_spans, sizeof(*check->spans));
		MUST(check->spans);
	}
	MUST(san_find(check->scanner, mode, in, len, check->spans, (size_t)n) == n);
	check->n_spans = (size_t)n;
	for (size_t i = 0, end = 0; i < check->n_spans; i++) {
		const struct san_span *s = &check->spans[i];
		MUST(s->start >= end && s->start < s->end && s->end <= len);
		MUST(san_class_name(s->san_class) && s->rule && *s->rule);
		end = s->end;
	}
}

/* Length of what stands for a span at `at`: its placeholder, as it is or within quotes. */
static size_t replacement(const struct san_span *span, const char *at, size_t left)
{
	char label[64];
	const char *text = san_class_placeholder(span->san_class);

	snprintf(label, sizeof(label), "redacted-%s", san_class_name(span->san_class));
	for (char *p = label; *p; p++)
		*p = *p == '_' ? '-' : *p;
	for (int host = 0; host < 2; host++, text = label) {
		size_t n = strlen(text);
		for (size_t quote = 0; quote <= 24 && n + 2 * quote <= left; quote++)
			if (!memcmp(at + quote, text, n) && !memcmp(at, at + quote + n, quote))
				return n + 2 * quote;
	}
	return 0;
}

/* A piece that goes on from the one before has no placeholder of its own. */
static bool may_be_silent(const struct san_check *check, size_t i)
{
	const char *rule = check->spans[i].rule;

	return i > 0 && (!strcmp(rule, "private_key") || !strcmp(rule, "long_run"));
}

static void only_spans_differ(const struct san_check *check, const char *in, size_t len)
{
	const char *out = check->out.data, *end = out + check->out.len;
	size_t at = 0;

	for (size_t i = 0; i < check->n_spans; i++) {
		const struct san_span *s = &check->spans[i];
		size_t gap = s->start - at;
		MUST((size_t)(end - out) >= gap && !memcmp(out, in + at, gap));
		out += gap;
		size_t n = replacement(s, out, (size_t)(end - out));
		MUST(n || may_be_silent(check, i));
		out += n;
		for (size_t k = s->start; k < s->end; k++)
			if (in[k] == '\n')
				MUST(out < end && *out++ == '\n');
		at = s->end;
	}
	MUST((size_t)(end - out) == len - at && !memcmp(out, in + at, len - at));
}

void san_check_whole(struct san_check *check, enum san_mode mode, const uint8_t *data, size_t size)
{
	const char *in = (const char *)data;
	int pieces = clean(check, mode, in, size, &check->out);

	find(check, mode, in, size);
	MUST((size_t)pieces <= check->n_spans && (pieces > 0) == (check->n_spans > 0));
	only_spans_differ(check, in, size);
	if (mode == SAN_JSON && json_valid(in, size))
		MUST(json_valid(check->out.data, check->out.len));
}

void san_check_twice(struct san_check *check, enum san_mode mode, const uint8_t *data, size_t size)
{
	(void)clean(check, mode, (const char *)data, size, &check->out);
	(void)clean(check, mode, check->out.data, check->out.len, &check->again);
	MUST(check->again.len == check->out.len &&
	     !memcmp(check->again.data, check->out.data, check->out.len));
}

static int collect(void *context, const char *data, size_t len)
{
	struct bytes *b = context;

	MUST(b->len + len <= b->cap);
	memcpy(b->data + b->len, data, len);
	b->len += len;
	return 0;
}

void san_check_stream(struct san_check *check, enum san_mode mode, const uint8_t *data, size_t size,
		      uint64_t seed)
{
	const char *in = (const char *)data;
	int pieces = clean(check, mode, in, size, &check->out);

	room(&check->streamed, check->out.len + 1);
	check->streamed.len = 0;
	MUST(san_stream_begin(check->scanner, mode, collect, &check->streamed) == 0);
	for (size_t at = 0; at < size;) {
		uint64_t kind = san_check_random(&seed) % 4;
		size_t most = kind == 0 ? 1 : kind == 1 ? 16 : kind == 2 ? 1024 : 200000;
		size_t n = san_check_random(&seed) % (most + 1);
		n = n < size - at ? n : size - at;
		MUST(san_stream_feed(check->scanner, in + at, n) == 0);
		at += n;
	}
	MUST(san_stream_end(check->scanner) == pieces);
	MUST(check->streamed.len == check->out.len &&
	     !memcmp(check->streamed.data, check->out.data, check->out.len));
}
