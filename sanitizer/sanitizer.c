/*
 * sanitizer - the C ABI over the engine.
 */
#include "sanitizer.h"

#include "detector.h"
#include "records.h"
#include "ruleset.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>

#define STREAM_BUFFER (256 * 1024)
#define WRITE_BUFFER (64 * 1024)
#define SHORT_MAX (16 * 1024)

struct stream {
	enum san_mode mode;
	struct output out;
	size_t len;
	bool open;
	unsigned char buffer[STREAM_BUFFER];
	char cleaned[WRITE_BUFFER];
};

static const struct {
	const char *name, *placeholder;
} classes[SAN_CLASSES] = {
#define CLASS(id, name, placeholder, action) {name, placeholder},
#include "class.def"
#undef CLASS
};

int san_scanner_new(struct san_scanner **out, const struct san_rules *rules)
{
	struct san_scanner *scanner;

	if (!out || !rules)
		return SAN_EINVAL;
	scanner = calloc(1, sizeof(*scanner));
	if (!scanner)
		return SAN_ENOMEM;
	scanner->rules = rules;
	scanner->run = prefilter_choose(NULL);
	/* Large, but only the pages that are used become real. */
	scanner->pieces = malloc(PIECES_MAX * sizeof(*scanner->pieces));
	scanner->view = view_memory_new();
	scanner->stream = malloc(sizeof(*scanner->stream));
	if (!scanner->pieces || !scanner->view || !scanner->stream ||
	    match_memory_new(scanner) != 0) {
		san_scanner_free(scanner);
		return SAN_ENOMEM;
	}
	scanner->stream->open = false;
	*out = scanner;
	return 0;
}

void san_scanner_free(struct san_scanner *scanner)
{
	if (!scanner)
		return;
	match_memory_free(scanner);
	view_memory_free(scanner->view);
	free(scanner->pieces);
	free(scanner->stream);
	free(scanner);
}

static bool mode_valid(enum san_mode mode)
{
	return mode == SAN_TEXT || mode == SAN_URL || mode == SAN_JSON;
}

int san_clean(struct san_scanner *scanner, enum san_mode mode, const char *in, size_t len,
	      char *out, size_t cap, size_t *out_len)
{
	struct output output = {.buffer = out, .cap = cap};

	if (!scanner || !mode_valid(mode) || (!in && len) || (!out && cap) || !out_len)
		return SAN_EINVAL;
	if (scanner->stream->open)
		return SAN_EINVAL;
	memset(&scanner->carry, 0, sizeof(scanner->carry));
	(void)records_clean(scanner, mode, (const unsigned char *)in, len, true, &output);
	*out_len = output.len;
	return output.len > cap ? SAN_ENOSPC : output.pieces;
}

const char *san_clean_short(struct san_scanner *scanner, enum san_mode mode, const char *in,
			    size_t len)
{
	size_t out_len;
	char *out;
	int pieces;

	if (!scanner || len > SHORT_MAX)
		return "";
	out = scanner->stream->cleaned; /* no stream is open, or san_clean() refuses */
	pieces = san_clean(scanner, mode, in, len, out, WRITE_BUFFER - 1, &out_len);
	if (pieces == 0)
		return NULL;
	if (pieces < 0 || memchr(out, '\0', out_len))
		return "";
	out[out_len] = '\0';
	return out;
}

int san_find(struct san_scanner *scanner, enum san_mode mode, const char *in, size_t len,
	     struct san_span *spans, size_t cap)
{
	struct output output = {.spans = spans, .span_cap = cap, .find = true};

	if (!scanner || !mode_valid(mode) || (!in && len) || (!spans && cap) ||
	    scanner->stream->open)
		return SAN_EINVAL;
	memset(&scanner->carry, 0, sizeof(scanner->carry));
	(void)records_clean(scanner, mode, (const unsigned char *)in, len, true, &output);
	return output.pieces;
}

int san_stream_begin(struct san_scanner *scanner, enum san_mode mode, san_write_fn *write,
		     void *context)
{
	if (!scanner || !mode_valid(mode) || !write || scanner->stream->open)
		return SAN_EINVAL;
	memset(&scanner->carry, 0, sizeof(scanner->carry));
	scanner->stream->mode = mode;
	scanner->stream->out = (struct output){.buffer = scanner->stream->cleaned,
					       .cap = WRITE_BUFFER,
					       .write = write,
					       .context = context};
	scanner->stream->len = 0;
	scanner->stream->open = true;
	return 0;
}

/*
 * Copy from in to the buffer: after an open record only to that record's end, so that
 * what follows is cleaned where it lies. Returns how much.
 */
static size_t stream_fill(struct stream *st, const char *in, size_t len)
{
	size_t n = len < STREAM_BUFFER - st->len ? len : STREAM_BUFFER - st->len;
	const char *newline = st->len && st->mode == SAN_TEXT ? memchr(in, '\n', n) : NULL;

	if (newline)
		n = (size_t)(newline - in) + 1;
	memcpy(st->buffer + st->len, in, n);
	st->len += n;
	return n;
}

int san_stream_feed(struct san_scanner *scanner, const char *in, size_t len)
{
	struct stream *st;

	if (!scanner || !scanner->stream->open || (!in && len))
		return SAN_EINVAL;
	st = scanner->stream;
	while (len > 0 && !st->out.failed) {
		if (st->len == 0) { /* whole records need not be copied */
			size_t taken = records_clean(scanner, st->mode, (const unsigned char *)in,
						     len, false, &st->out);
			in += taken;
			len -= taken;
		}
		size_t n = stream_fill(st, in, len);
		in += n;
		len -= n;
		size_t taken =
		    records_clean(scanner, st->mode, st->buffer, st->len, false, &st->out);
		memmove(st->buffer, st->buffer + taken, st->len - taken);
		st->len -= taken;
	}
	output_flush(&st->out);
	return st->out.failed ? SAN_EWRITE : 0;
}

int san_stream_end(struct san_scanner *scanner)
{
	struct stream *st;

	if (!scanner || !scanner->stream->open)
		return SAN_EINVAL;
	st = scanner->stream;
	(void)records_clean(scanner, st->mode, st->buffer, st->len, true, &st->out);
	output_flush(&st->out);
	st->open = false;
	return st->out.failed ? SAN_EWRITE : st->out.pieces;
}

const uint64_t *san_counts(const struct san_scanner *scanner)
{
	return scanner->counts;
}

void san_counts_reset(struct san_scanner *scanner)
{
	memset(scanner->counts, 0, sizeof(scanner->counts));
}

const char *san_class_name(int san_class)
{
	return san_class >= 0 && san_class < SAN_CLASSES ? classes[san_class].name : NULL;
}

int san_class_by_name(const char *name)
{
	for (int i = 0; name && i < SAN_CLASSES; i++)
		if (!strcmp(classes[i].name, name))
			return i;
	return SAN_EINVAL;
}

const char *san_class_placeholder(int san_class)
{
	return san_class >= 0 && san_class < SAN_CLASSES ? classes[san_class].placeholder : NULL;
}

const char *san_strerror(int error)
{
	switch (error) {
	case SAN_EINVAL:
		return "an argument is out of its bounds";
	case SAN_ENOMEM:
		return "out of memory";
	case SAN_ENOSPC:
		return "the output buffer is too small";
	case SAN_ERULE:
		return "a rule does not compile";
	case SAN_EWRITE:
		return "the output could not be written";
	default:
		return error >= 0 ? "success" : "unknown error";
	}
}

const char *san_version(void)
{
	return SAN_VERSION;
}

const char *san_isa(void)
{
	const char *name;

	(void)prefilter_choose(&name);
	return name;
}
