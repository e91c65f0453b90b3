/*
 * outlet - see outlet.h.
 */
#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stop.h"

#define CODED_BYTES 65536
#define LAST_WAIT_MS 1000

struct outlet {
	int fd;
	const char *path; /* of outlet_follow(), or NULL */
	const struct codec *codec;
	void *encoder;
	uint64_t written;
	char coded[CODED_BYTES];
};

int outlet_open(struct outlet **out, int fd, const struct codec *codec, struct cause *cause)
{
	struct outlet *outlet = calloc(1, sizeof(*outlet));

	if (!outlet)
		return cause_set(cause, "out of memory");
	outlet->fd = fd;
	outlet->codec = codec;
	if (codec && !(outlet->encoder = codec->encoder_new())) {
		free(outlet);
		return cause_set(cause, "out of memory");
	}
	*out = outlet;
	return 0;
}

void outlet_close(struct outlet *outlet)
{
	if (!outlet)
		return;
	if (outlet->encoder)
		outlet->codec->encoder_free(outlet->encoder);
	free(outlet);
}

/* After a signal a reader that does not read is not waited for long. */
static bool takes_more(int fd)
{
	struct pollfd pollfd = {.fd = fd, .events = POLLOUT};

	return poll(&pollfd, 1, LAST_WAIT_MS) == 1;
}

static int write_all(int fd, const char *data, size_t len, struct cause *cause)
{
	while (len) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno == EINTR && stop_signal && !takes_more(fd))
			return cause_set(cause, "stopped by a signal");
		if (n < 0 && errno != EINTR)
			return cause_errno(cause, "cannot write the output");
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int encode(struct outlet *outlet, const char *data, size_t len, bool finish,
		  struct cause *cause)
{
	bool ended = false;

	while (len || (finish && !ended)) {
		size_t in_len = len, out_len = sizeof(outlet->coded);
		if (outlet->codec->encode(outlet->encoder, data, &in_len, outlet->coded, &out_len,
					  finish, &ended, cause))
			return -1;
		data += in_len;
		len -= in_len;
		if (write_all(outlet->fd, outlet->coded, out_len, cause))
			return -1;
	}
	return 0;
}

void outlet_follow(struct outlet *outlet, const char *path)
{
	outlet->path = path;
}

static int reopen_if_moved(struct outlet *outlet, struct cause *cause)
{
	struct stat mine, there;
	int fd;

	if (fstat(outlet->fd, &mine) || !S_ISREG(mine.st_mode))
		return 0;
	if (stat(outlet->path, &there) == 0 && there.st_dev == mine.st_dev &&
	    there.st_ino == mine.st_ino)
		return 0;
	fd = open(outlet->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return cause_errno(cause, "cannot open the output again");
	/* The number stays: it is the caller's. */
	if (dup3(fd, outlet->fd, O_CLOEXEC) < 0) {
		cause_errno(cause, "cannot open the output again");
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

int outlet_write(struct outlet *outlet, const char *data, size_t len, struct cause *cause)
{
	if (outlet->path && reopen_if_moved(outlet, cause))
		return -1;
	outlet->written += len;
	if (outlet->codec)
		return encode(outlet, data, len, false, cause);
	return write_all(outlet->fd, data, len, cause);
}

int outlet_finish(struct outlet *outlet, struct cause *cause)
{
	return outlet->codec ? encode(outlet, "", 0, true, cause) : 0;
}

uint64_t outlet_written(const struct outlet *outlet)
{
	return outlet->written;
}
