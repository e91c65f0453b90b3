/*
 * import_input - zlib's gz* functions read both kinds; lines are cut from one buffer
 * that holds the longest line twice.
 */
#include "import_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER_BYTES (2 * IMPORT_LINE_MAX)

struct import_input {
	gzFile file;
	const char *path;
	uint64_t size;
	size_t from, to; /* what of the buffer is not yet given out */
	bool skipping;	 /* in a line that was too long */
	bool at_end;
	char buffer[BUFFER_BYTES + 1];
};

enum status import_open(struct import_input **out, const char *path, struct reason *why)
{
	struct import_input *input = calloc(1, sizeof(*input));
	bool is_stdin = strcmp(path, "-") == 0;
	struct stat st;
	int fd;

	if (!input)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		free(input);
		return reason_set(why, errno == ENOENT ? ST_NOT_FOUND : ST_IO, "%s: %s", path,
				  strerror(errno));
	}
	input->path = is_stdin ? "standard input" : path;
	input->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	input->file = gzdopen(fd, "rb");
	if (!input->file) {
		(void)close(fd);
		free(input);
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	}
	(void)gzbuffer(input->file, 128 * 1024);
	*out = input;
	return ST_OK;
}

void import_close(struct import_input *input)
{
	if (!input)
		return;
	(void)gzclose(input->file);
	free(input);
}

/* More bytes behind input->to. */
static enum status fill(struct import_input *input, struct reason *why)
{
	const char *message;
	int n, error;

	if (input->from) {
		memmove(input->buffer, input->buffer + input->from, input->to - input->from);
		input->to -= input->from;
		input->from = 0;
	}
	errno = 0;
	n = gzread(input->file, input->buffer + input->to, (unsigned)(BUFFER_BYTES - input->to));
	message = gzerror(input->file, &error);
	if (n > 0) {
		input->to += (size_t)n;
		return ST_OK;
	}
	input->at_end = true;
	if (n == 0 && error == Z_OK)
		return ST_OK;
	if (error == Z_ERRNO)
		return reason_set(why, ST_IO, "%s: %s", input->path, strerror(errno));
	return reason_set(why, ST_CORRUPT, "%s: damaged or cut gzip data (%s)", input->path,
			  message);
}

/* Give out len bytes from the buffer's start and drop `more` behind them. */
static void give(struct import_input *input, struct import_text *text, size_t len, size_t more)
{
	text->data = input->buffer + input->from;
	text->len = len;
	text->data[len] = '\0';
	input->from += len + more;
}

/* One line of what is in the buffer; false: it holds no whole one. */
static bool take_line(struct import_input *input, struct import_text *text)
{
	char *start = input->buffer + input->from;
	size_t have = input->to - input->from;
	char *newline = memchr(start, '\n', have);

	*text = (struct import_text){.ended = newline != NULL};
	if (newline) {
		give(input, text, (size_t)(newline - start), 1);
		text->cut = text->len > IMPORT_LINE_MAX;
		return true;
	}
	if (have > IMPORT_LINE_MAX) {
		give(input, text, IMPORT_LINE_MAX, have - IMPORT_LINE_MAX);
		text->cut = true;
		return true;
	}
	if (!input->at_end || have == 0)
		return false;
	give(input, text, have, 0);
	return true;
}

enum status import_next(struct import_input *input, struct import_text *text, struct reason *why)
{
	for (;;) {
		bool was_skipping = input->skipping;
		enum status status;

		if (take_line(input, text)) {
			input->skipping = text->cut && !text->ended;
			if (!was_skipping)
				return ST_OK;
			input->skipping = !text->ended;
			continue;
		}
		if (input->at_end)
			return ST_END;
		status = fill(input, why);
		if (status != ST_OK)
			return status;
	}
}

uint64_t import_offset(const struct import_input *input)
{
	z_off_t offset = gzoffset(input->file);

	return offset > 0 ? (uint64_t)offset : 0;
}

uint64_t import_size(const struct import_input *input)
{
	return input->size;
}
