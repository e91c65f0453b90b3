/*
 * log - a line is made in a local array and goes out by one write, so lines of
 * several threads and processes never mix.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"

#define LINE_BYTES 1024

static struct {
	int fd;
	const char *name;
	enum log_level most;
	log_fn *write; /* NULL: fd */
	void *context;
} target = {.fd = STDERR_FILENO, .name = "tamis", .most = LOG_NOTICE};

static const char *const level_names[] = {"error", "warning", "notice", "debug"};

void log_open(int fd, const char *name, enum log_level most)
{
	target.fd = fd;
	target.name = name;
	target.most = most;
	target.write = NULL;
}

void log_to(log_fn *write, void *context)
{
	target.most = LOG_NOTICE;
	target.context = context;
	target.write = write;
}

/*
 * Whether the site may speak now. The second is claimed by compare-and-swap: of
 * several threads one wins, the others count as skipped.
 */
static int site_may_speak(struct log_site *site, unsigned *skipped)
{
	long now = (long)(clock_mono_us() / US_PER_S) + 1; /* 0: never spoke */
	long last = __atomic_load_n(&site->second, __ATOMIC_RELAXED);

	if (last == now || !__atomic_compare_exchange_n(&site->second, &last, now, 0,
							__ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		(void)__atomic_add_fetch(&site->skipped, 1, __ATOMIC_RELAXED);
		return 0;
	}
	*skipped = __atomic_exchange_n(&site->skipped, 0, __ATOMIC_RELAXED);
	return 1;
}

static size_t clamp(int n, size_t room)
{
	if (n < 0)
		return 0;
	return (size_t)n < room ? (size_t)n : room - 1;
}

void log_write(struct log_site *site, enum log_level level, const char *format, ...)
{
	int saved = errno;
	char line[LINE_BYTES];
	size_t len, prefix;
	unsigned skipped;
	va_list args;

	if (level > target.most || !site_may_speak(site, &skipped))
		return;
	/* One byte is kept back for the newline. */
	len = clamp(snprintf(line, sizeof(line) - 1, "%s: %s: ", target.name, level_names[level]),
		    sizeof(line) - 1);
	prefix = len;
	va_start(args, format);
	len += clamp(vsnprintf(line + len, sizeof(line) - 1 - len, format, args),
		     sizeof(line) - 1 - len);
	va_end(args);
	if (skipped)
		len += clamp(snprintf(line + len, sizeof(line) - 1 - len,
				      " (%u more like it left out)", skipped),
			     sizeof(line) - 1 - len);
	if (target.write) {
		target.write(target.context, (int)level, line + prefix);
		errno = saved;
		return;
	}
	line[len++] = '\n';
	/* Nobody is left to tell when the log itself cannot be written. */
	while (write(target.fd, line, len) < 0 && errno == EINTR)
		;
	errno = saved;
}
