/*
 * source - see source.h.
 */
#include "source.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "progress.h"
#include "stop.h"

/* Compressed bytes read at a time. */
#define RAW_BYTES 65536
/* What is taken out of a pipe after a signal: more than a pipe holds. */
#define DRAIN_BYTES (1 << 20)
#define SLICE_MS 500
#define GRACE_US 5000000

struct source {
	int fd;
	const struct codec *codec;
	void *decoder;
	bool in_member; /* of compressed data, begun and not ended */
	bool at_end, left_off;
	bool may_wait;
	uint64_t taken, drained;
	int64_t deadline_us;	 /* after a signal */
	size_t raw_len, raw_pos; /* raw[pos..len) was read and not used */
	char raw[RAW_BYTES];
};

/*
 * Has all been read that there is after a signal? A server that reloads ends its
 * loggers by SIGTERM while its old processes still write: so wait for the end of
 * the pipe, for a while. An interrupt takes what is in the pipe.
 */
static bool is_over(struct source *source)
{
	struct pollfd pollfd = {.fd = source->fd, .events = POLLIN};
	int64_t now = now_us();

	if (stop_signal == SIGINT)
		return source->drained >= DRAIN_BYTES || poll(&pollfd, 1, 0) != 1;
	if (!source->deadline_us)
		source->deadline_us = now + GRACE_US;
	if (now >= source->deadline_us)
		return true;
	return poll(&pollfd, 1, (int)((source->deadline_us - now) / 1000)) == 0;
}

/* The signal may have come to another thread, or just before: so wait in slices. */
static void wait_for_input(const struct source *source)
{
	struct pollfd pollfd = {.fd = source->fd, .events = POLLIN};

	while (!stop_signal && poll(&pollfd, 1, SLICE_MS) == 0)
		;
}

static ssize_t read_some(struct source *source, char *out, size_t cap, struct cause *cause)
{
	for (;;) {
		ssize_t n;

		if (source->may_wait)
			wait_for_input(source);

		if (stop_signal && !source->may_wait)
			return cause_set(cause, "stopped by a signal");
		if (stop_signal && is_over(source)) {
			source->at_end = source->left_off = true;
			return 0;
		}
		n = read(source->fd, out, cap);
		if (n >= 0) {
			source->taken += (uint64_t)n;
			source->drained += stop_signal ? (uint64_t)n : 0;
			source->at_end = n == 0;
			return n;
		}
		if (errno != EINTR) {
			cause_errno(cause, "cannot read");
			return cause_at(cause, source->taken);
		}
	}
}

static int refill(struct source *source, struct cause *cause)
{
	ssize_t n;

	source->raw_len = source->raw_pos = 0;
	if (source->at_end)
		return 0;
	n = read_some(source, source->raw, sizeof(source->raw), cause);
	if (n < 0)
		return -1;
	source->raw_len = (size_t)n;
	return 0;
}

/* Read until the magic is decided: a first byte that begins none decides at once. */
static int detect(struct source *source, struct cause *cause)
{
	for (;;) {
		const char *raw = source->raw;
		bool may = (source->raw_len >= 1 &&
			    (*raw == *codec_gzip.magic || *raw == *codec_zstd.magic));
		ssize_t n;

		if (source->at_end || (source->raw_len && !may) || source->raw_len >= 4)
			break;
		n = read_some(source, source->raw + source->raw_len,
			      sizeof(source->raw) - source->raw_len, cause);
		if (n < 0)
			return -1;
		source->raw_len += (size_t)n;
	}
	source->codec = codec_by_magic(source->raw, source->raw_len);
	return 0;
}

int source_open(struct source **out, int fd, struct cause *cause)
{
	struct source *source = malloc(sizeof(*source));
	struct stat st;

	if (!source)
		return cause_set(cause, "out of memory");
	memset(source, 0, offsetof(struct source, raw));
	source->fd = fd;
	source->may_wait = fstat(fd, &st) || !S_ISREG(st.st_mode);
	if (detect(source, cause)) {
		source_close(source);
		return -1;
	}
	if (source->codec && !(source->decoder = source->codec->decoder_new())) {
		source_close(source);
		return cause_set(cause, "out of memory");
	}
	*out = source;
	return 0;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	if (source->decoder)
		source->codec->decoder_free(source->decoder);
	free(source);
}

static ssize_t read_plain(struct source *source, char *out, size_t cap, struct cause *cause)
{
	size_t left = source->raw_len - source->raw_pos;

	if (!left)
		return source->at_end ? 0 : read_some(source, out, cap, cause);
	if (left > cap)
		left = cap;
	memcpy(out, source->raw + source->raw_pos, left);
	source->raw_pos += left;
	return (ssize_t)left;
}

/* Between members, or behind the last one. */
static int skip_padding(struct source *source, struct cause *cause)
{
	for (;;) {
		if (source->raw_pos == source->raw_len && refill(source, cause))
			return -1;
		if (source->raw_pos == source->raw_len || source->raw[source->raw_pos])
			return 0;
		source->raw_pos++;
	}
}

static ssize_t read_coded(struct source *source, char *out, size_t cap, struct cause *cause)
{
	for (;;) {
		size_t in_len, out_len = cap;
		bool ended;

		if (source->codec->padded && !source->in_member && skip_padding(source, cause))
			return -1;
		if (source->raw_pos == source->raw_len && refill(source, cause))
			return -1;
		in_len = source->raw_len - source->raw_pos;
		if (!in_len && !source->in_member)
			return 0;
		if (source->codec->decode(source->decoder, source->raw + source->raw_pos, &in_len,
					  out, &out_len, &ended, cause))
			return cause_at(cause, source->taken - (source->raw_len - source->raw_pos));
		source->raw_pos += in_len;
		source->in_member = !ended;
		if (out_len)
			return (ssize_t)out_len;
		if (!in_len && source->at_end && source->in_member) {
			cause_set(cause, "%s data ends in the middle", source->codec->name);
			return cause_at(cause, source->taken);
		}
	}
}

ssize_t source_read(struct source *source, char *out, size_t cap, struct cause *cause)
{
	if (source->codec)
		return read_coded(source, out, cap, cause);
	return read_plain(source, out, cap, cause);
}

const struct codec *source_codec(const struct source *source)
{
	return source->codec;
}

bool source_ended(const struct source *source)
{
	return source->at_end && !source->left_off;
}

uint64_t source_taken(const struct source *source)
{
	return source->taken;
}
