/*
 * output - pieces become placeholders, everything else is copied.
 */
#include "output.h"

#include "redact.h"
#include "ruleset.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>

void output_flush(struct output *out)
{
	if (out->len && !out->failed)
		out->failed = out->write(out->context, out->buffer, out->len) != 0;
	out->len = 0;
}

void output_slow(struct output *out, const void *data, size_t len)
{
	if (out->find || out->failed)
		return;
	if (!out->write) {
		out->len += len; /* the size that suffices */
		return;
	}
	output_flush(out);
	if (len > out->cap)
		out->failed = out->failed || out->write(out->context, data, len) != 0;
	else
		output_bytes(out, data, len);
}

static bool in_network(const struct network *net, const unsigned char *bytes, int size)
{
	if (net->size != size || memcmp(net->bytes, bytes, net->prefix / 8))
		return false;
	unsigned rest = net->prefix % 8;
	return !rest ||
	       !((net->bytes[net->prefix / 8] ^ bytes[net->prefix / 8]) & (0xff00u >> rest & 0xff));
}

static bool allowed(const struct san_rules *rules, const struct piece *p, const unsigned char *raw)
{
	size_t n = p->end - p->start;
	char text[64];
	unsigned char bytes[16];

	for (const char *const *a = rules->allow; *a; a++)
		if (strlen(*a) == n && !memcmp(*a, raw + p->start, n))
			return true;
	if (p->san_class != SAN_IP || !rules->n_networks || n >= sizeof(text))
		return false;
	memcpy(text, raw + p->start, n);
	text[n] = 0;
	text[strcspn(text, "%")] = 0;
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, bytes) != 1)
		return false;
	for (size_t i = 0; i < rules->n_networks; i++)
		if (in_network(&rules->networks[i], bytes, family == AF_INET ? 4 : 16))
			return true;
	return false;
}

static void output_quote(struct output *out, const struct piece *p, const unsigned char *raw)
{
	if (p->quote_len == 255)
		output_bytes(out, "\"", 1);
	else if (p->quote_len)
		output_bytes(out, raw + p->quote_start, p->quote_len);
}

/* Lines keep their numbers. */
static void output_newlines(struct output *out, const struct piece *p, const unsigned char *raw)
{
	const unsigned char *at = raw + p->start, *end = raw + p->end;

	for (; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
		output_bytes(out, "\n", 1);
}

/* newlines: the record has such. */
static inline void output_piece(struct san_scanner *scanner, struct output *out,
				const struct piece *p, const unsigned char *raw, bool newlines)
{
	const struct plain *plain = &scanner->rules->plain[p->san_class];
	unsigned char made[REPLACEMENT_MAX];
	const char *text = plain->text;
	size_t len = plain->len;

	if (!text || p->host || p->silent)
		len = redact_piece(scanner->rules, p, raw, made, &text);
	output_quote(out, p, raw);
	output_bytes(out, text ? (const void *)text : made, len);
	output_quote(out, p, raw);
	if (newlines && (p->san_class == SAN_SECRET || p->san_class == SAN_API_KEY))
		output_newlines(out, p, raw);
}

static void output_span(struct output *out, const struct piece *p, size_t base)
{
	if ((size_t)out->pieces < out->span_cap)
		out->spans[out->pieces] = (struct san_span){.start = base + p->start,
							    .end = base + p->end,
							    .san_class = p->san_class,
							    .rule = p->rule};
}

static bool record_dropped(const struct san_scanner *scanner)
{
	for (size_t i = 0; i < scanner->n_pieces; i++)
		if (scanner->rules->options.action[scanner->pieces[i].san_class] == SAN_DROP)
			return true;
	return false;
}

static void drop_allowed(struct san_scanner *scanner, const unsigned char *raw)
{
	size_t kept = 0;

	for (size_t i = 0; i < scanner->n_pieces; i++)
		if (!allowed(scanner->rules, &scanner->pieces[i], raw))
			scanner->pieces[kept++] = scanner->pieces[i];
	scanner->n_pieces = kept;
}

/* May one of the pieces hold a newline? Of several it is asked once; a line has none. */
static bool may_hold_newlines(const struct san_scanner *scanner, const unsigned char *raw)
{
	const struct piece *first = scanner->pieces, *last = first + scanner->n_pieces - 1;

	return scanner->n_pieces == 1 ||
	       (scanner->n_pieces > 1 &&
		memchr(raw + first->start, '\n', last->end - first->start) != NULL);
}

void output_pieces(struct san_scanner *scanner, struct output *out, const unsigned char *in,
		   size_t start, size_t end, size_t base, size_t *done)
{
	const unsigned char *raw = in + start;

	if (*scanner->rules->allow)
		drop_allowed(scanner, raw);
	bool drop = scanner->rules->drops && record_dropped(scanner),
	     newlines = may_hold_newlines(scanner, raw);
	for (size_t i = 0; i < scanner->n_pieces; i++) {
		const struct piece *p = &scanner->pieces[i];
		if (!drop && !out->find) {
			output_bytes(out, in + *done, start + p->start - *done);
			output_piece(scanner, out, p, raw, newlines);
			*done = start + p->end;
		}
		if (p->silent && !out->find)
			continue;
		if (out->find)
			output_span(out, p, base + start);
		else
			scanner->counts[p->san_class]++;
		out->pieces += out->pieces < INT_MAX;
	}
	if (drop) {
		output_bytes(out, in + *done, start - *done);
		*done = end;
	}
}
