/*
 * follow - see follow.h. The kernel tells of changes in the files' directories;
 * once a second they are looked at anyway, for file systems that tell nothing.
 */
#include "follow.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "csv.h"
#include "guess.h"
#include "outlet.h"
#include "stop.h"

#define LOOK_MS 1000
#define READ_BYTES ((size_t)64 << 10)
/* A longer record is withheld: it cannot be cleaned in parts. */
#define RECORD_BYTES ((size_t)1 << 20)

struct tail {
	const char *path;
	int fd; /* -1: not there at the moment */
	struct stat st;
	uint64_t offset;
	struct bytes in;
	enum format format;
	bool format_known;
	struct framer framer;
	size_t blind; /* the framer's for CSV, where the buffer begins */
	struct csv_header header;
	bool started;  /* the header was seen */
	bool skipping; /* the rest of a record that is withheld */
	bool missed;   /* it was told that the file is not there */
};

struct follow {
	struct run *run;
	struct tail *tails;
	size_t n;
	struct bytes out;
};

static int open_tail(struct tail *tail, struct cause *cause)
{
	int flags = O_RDONLY;
	struct stat st;

	/* Also for writing: then a pipe never ends. */
	if (stat(tail->path, &st) == 0 && S_ISFIFO(st.st_mode))
		flags = O_RDWR;
	tail->fd = open(tail->path, flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (tail->fd < 0)
		return cause_errno(cause, "cannot open");
	if (fstat(tail->fd, &tail->st))
		return cause_errno(cause, "cannot look at it");
	tail->offset = 0;
	return 0;
}

/* Begin behind what is there; of a line in progress the rest is passed over too. */
static int go_to_end(struct tail *tail, struct cause *cause)
{
	off_t end = lseek(tail->fd, 0, SEEK_END);
	char last = '\n';

	if (end < 0)
		return cause_errno(cause, "cannot go to the end");
	if (end > 0 && pread(tail->fd, &last, 1, end - 1) != 1)
		return cause_errno(cause, "cannot read");
	tail->offset = (uint64_t)end;
	tail->skipping = last != '\n';
	return 0;
}

/* The files that are there at the start. Later ones are read from their beginning. */
static int open_first(struct follow *follow, struct tail *tail, struct cause *cause)
{
	if (access(tail->path, F_OK))
		return 0;
	if (open_tail(tail, cause))
		return -1;
	if (follow->run->settings->from_end && S_ISREG(tail->st.st_mode))
		return go_to_end(tail, cause);
	return 0;
}

static int put(struct follow *follow, struct cause *cause)
{
	struct run *run = follow->run;

	run->in_bytes += follow->out.len;
	return outlet_write(run->outlet, follow->out.data, follow->out.len, cause);
}

/* Begun at its end, a file tells nothing about its format. */
static void learn_format(struct follow *follow, struct tail *tail, bool all)
{
	bool from_end = follow->run->settings->from_end;
	struct csv_header header = {0};

	if (tail->format_known || (!all && !memchr(tail->in.data, '\n', tail->in.len)))
		return;
	if (tail->format == FORMAT_AUTO && !from_end)
		tail->format = guess_format(tail->path, tail->in.data, tail->in.len);
	if (tail->format == FORMAT_CSV && !csv_header_find(&header, tail->in.data, tail->in.len) &&
	    !all)
		return;
	tail->format_known = true;
	tail->framer = (struct framer){.framing = split_framing(tail->format),
				       .csv.delimiter = header.delimiter};
}

static int begin_csv(struct follow *follow, struct tail *tail, size_t len, struct cause *cause)
{
	struct engine *engine = crew_engine(follow->run->crew);
	int rc = csv_header_make(&tail->header, engine, tail->in.data, len, cause);

	engine->skip = tail->header.len;
	if (rc <= 0 || follow->run->plan->format == FORMAT_CSV)
		return rc ? -1 : 0;
	tail->format = engine->format = FORMAT_AUTO;
	tail->framer =
	    (struct framer){.framing = split_framing(FORMAT_AUTO), .pos = len, .line = len};
	return 0;
}

/* The first len bytes of the buffer are whole records: clean and write them. */
static int emit(struct follow *follow, struct tail *tail, size_t len, struct cause *cause)
{
	struct run *run = follow->run;
	struct engine *engine = crew_engine(run->crew);

	if (!len)
		return 0;
	follow->out.len = 0;
	engine->format = tail->format;
	engine->header = &tail->header;
	engine->skip = 0;
	engine->blind = tail->blind;
	if (!tail->started && !run->settings->from_end &&
	    codec_by_magic(tail->in.data, tail->in.len))
		return cause_set(cause, "is compressed: what is followed must be plain");
	if (!tail->started && tail->format == FORMAT_CSV && begin_csv(follow, tail, len, cause))
		return -1;
	tail->started = true;
	if (engine_clean(engine, tail->in.data, len, &follow->out, cause))
		return cause_at(cause, tail->offset - tail->in.len);
	bytes_shift(&tail->in, len);
	frame_shift(&tail->framer, len);
	tail->blind = tail->framer.csv.begun_blind;
	return put(follow, cause);
}

static int withhold(struct follow *follow, struct tail *tail, struct cause *cause)
{
	crew_engine(follow->run->crew)->tally.withheld++;
	tail->skipping = true;
	tail->in.len = tail->blind = 0;
	follow->out.len = 0;
	if (bytes_adds(&follow->out, "[REDACTED]\n"))
		return cause_set(cause, "out of memory; the output is withheld");
	return put(follow, cause);
}

static int take_bytes(struct follow *follow, struct tail *tail, struct cause *cause)
{
	size_t end = 0;

	if (tail->skipping) {
		frame_skip(&tail->framer);
		end = frame_first(&tail->framer, tail->in.data, tail->in.len);
		bytes_shift(&tail->in, end ? end : tail->in.len);
		frame_shift(&tail->framer, end ? end : tail->framer.pos);
		tail->skipping = !end;
		if (!end)
			return 0;
		end = 0;
	}
	learn_format(follow, tail, tail->in.len > RECORD_BYTES);
	if (tail->format_known)
		end = frame_last(&tail->framer, tail->in.data, tail->in.len);
	if (!end && tail->in.len > RECORD_BYTES)
		return withhold(follow, tail, cause);
	return emit(follow, tail, end, cause);
}

/* All there is to read now. */
static int drain(struct follow *follow, struct tail *tail, struct cause *cause)
{
	for (;;) {
		ssize_t n;

		if (bytes_reserve(&tail->in, tail->in.len + READ_BYTES))
			return cause_set(cause, "out of memory; the output is withheld");
		n = read(tail->fd, tail->in.data + tail->in.len, READ_BYTES);
		if (n == 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
			return 0;
		if (n < 0) {
			cause_errno(cause, "cannot read");
			return cause_at(cause, tail->offset);
		}
		tail->offset += (uint64_t)n;
		tail->in.len += (size_t)n;
		if (take_bytes(follow, tail, cause))
			return -1;
	}
}

/* A last line without its newline gets one: another file's lines come after it. */
static int finish_line(struct follow *follow, struct tail *tail, struct cause *cause)
{
	if (tail->skipping)
		tail->in.len = 0;
	tail->skipping = false;
	if (tail->in.len) {
		if (bytes_add(&tail->in, "\n", 1))
			return cause_set(cause, "out of memory; the output is withheld");
		learn_format(follow, tail, true);
		if (emit(follow, tail, tail->in.len, cause))
			return -1;
	}
	tail->framer = (struct framer){.framing = tail->framer.framing};
	tail->blind = 0;
	return 0;
}

static int begin_again(struct follow *follow, struct tail *tail, struct cause *cause)
{
	if (finish_line(follow, tail, cause))
		return -1;
	csv_header_free(&tail->header);
	tail->started = tail->format_known = false;
	tail->format = follow->run->plan->format;
	tail->offset = 0;
	return 0;
}

/* Has the name got another file, or the file got shorter? */
static int look(struct follow *follow, struct tail *tail, struct cause *cause)
{
	struct stat st;
	bool there = stat(tail->path, &st) == 0;

	if (tail->fd >= 0 && !S_ISREG(tail->st.st_mode))
		return 0;
	if (tail->fd >= 0 && there && st.st_dev == tail->st.st_dev &&
	    st.st_ino == tail->st.st_ino) {
		if (fstat(tail->fd, &st) || (uint64_t)st.st_size >= tail->offset)
			return 0;
		if (lseek(tail->fd, 0, SEEK_SET) < 0)
			return cause_errno(cause, "cannot go to the beginning");
		return begin_again(follow, tail, cause) ? -1 : drain(follow, tail, cause);
	}
	if (!there) {
		if (!tail->missed && !follow->run->settings->quiet)
			warn_about(tail->path, "is not there; waiting for it");
		tail->missed = true;
		return 0;
	}
	if (tail->fd >= 0) {
		/* What was written between the last read and the rename. */
		if (drain(follow, tail, cause) || begin_again(follow, tail, cause))
			return -1;
		close(tail->fd);
		tail->fd = -1;
	}
	tail->missed = false;
	/* Gone again already: the next look finds the one after it. */
	if (open_tail(tail, cause))
		return errno == ENOENT ? 0 : -1;
	return drain(follow, tail, cause);
}

static void watch(int inotify, const char *path)
{
	char *copy = strdup(path);

	if (copy)
		inotify_add_watch(inotify, dirname(copy),
				  IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE);
	free(copy);
}

static void wait_for_change(const struct follow *follow, struct pollfd *fds, int inotify)
{
	char events[4096];
	nfds_t n = 0;

	fds[n++] = (struct pollfd){.fd = inotify, .events = POLLIN};
	for (size_t i = 0; i < follow->n; i++)
		if (follow->tails[i].fd >= 0 && S_ISFIFO(follow->tails[i].st.st_mode))
			fds[n++] = (struct pollfd){.fd = follow->tails[i].fd, .events = POLLIN};
	/* What woke us does not matter: every file is looked at. */
	if (poll(fds, n, LOOK_MS) > 0 && fds[0].revents)
		while (read(inotify, events, sizeof(events)) > 0)
			;
}

static int follow_round(struct follow *follow, const char **path, struct cause *cause)
{
	for (size_t i = 0; i < follow->n; i++) {
		struct tail *tail = &follow->tails[i];
		*path = tail->path;
		if (tail->fd >= 0 && drain(follow, tail, cause))
			return -1;
		if (look(follow, tail, cause))
			return -1;
	}
	return 0;
}

static int finish_all(struct follow *follow, const char **path, struct cause *cause)
{
	for (size_t i = 0; i < follow->n; i++) {
		*path = follow->tails[i].path;
		if (follow->tails[i].fd >= 0 && drain(follow, &follow->tails[i], cause))
			return -1;
		if (finish_line(follow, &follow->tails[i], cause))
			return -1;
	}
	return 0;
}

static void follow_free(struct follow *follow)
{
	for (size_t i = 0; i < follow->n; i++) {
		if (follow->tails[i].fd >= 0)
			close(follow->tails[i].fd);
		bytes_free(&follow->tails[i].in);
		csv_header_free(&follow->tails[i].header);
	}
	bytes_free(&follow->out);
	free(follow->tails);
}

void follow_all(struct run *run)
{
	size_t n = (size_t)run->settings->n_operands;
	struct follow follow = {.run = run, .tails = calloc(n, sizeof(*follow.tails))};
	struct pollfd *fds = calloc(n + 1, sizeof(*fds));
	int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	const char *path = NULL;
	struct cause cause;
	int rc = 0;

	if (!follow.tails || !fds)
		rc = cause_set(&cause, "out of memory");
	for (size_t i = 0; !rc && i < n; i++) {
		follow.tails[i].path = path = run->settings->operands[i];
		follow.tails[i].fd = -1;
		follow.tails[i].format = run->plan->format;
		follow.tails[i].framer.framing = split_framing(run->plan->format);
		follow.n++;
		if (inotify >= 0)
			watch(inotify, path);
		rc = open_first(&follow, &follow.tails[i], &cause);
	}
	while (!rc && !stop_signal) {
		rc = follow_round(&follow, &path, &cause);
		if (!rc && !stop_signal)
			wait_for_change(&follow, fds, inotify);
	}
	if (!rc)
		rc = finish_all(&follow, &path, &cause);
	if (rc)
		run_fail(run, path, &cause);
	if (inotify >= 0)
		close(inotify);
	follow_free(&follow);
	free(fds);
}
