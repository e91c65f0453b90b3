/*
 * spool_calls - what the spool costs: appending against a bare write(), reading, opening
 * a backlog.
 *
 * Prints "<what> <number>" a line: CPU microseconds an event, events a second, and so on.
 * Argument: how many events (default 1,000,000).
 */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "reader.h"
#include "segment.h"
#include "spool.h"

#define EVENT_BYTES 334
#define THREADS_MAX 8
#define BATCH 100

struct clean {
	size_t len;
	char record[EVENT_BYTES];
};

const void *clean_record(const struct clean *clean, size_t *len)
{
	*len = clean->len;
	return clean->record;
}

enum status clean_read(struct clean **out, struct arena *arena, const void *record, size_t len)
{
	*out = arena_alloc(arena, sizeof(**out));
	if (!*out)
		return ST_NO_MEMORY;
	(*out)->len = len;
	memcpy((*out)->record, record, len);
	return ST_OK;
}

static struct clean event = {.len = EVENT_BYTES};

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void must(int condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "spool_calls: %s failed\n", what);
	exit(1);
}

struct appender {
	struct spool *spool;
	unsigned n;
};

static void *append(void *context)
{
	const struct appender *appender = context;
	struct stamp stamp = {.epoch = 1, .seq = 1};

	for (unsigned i = 0; i < appender->n; i++)
		must(spool_append(appender->spool, &event, &stamp) == ST_OK, "append");
	return NULL;
}

/* CPU seconds an event with so many threads. */
static double appending(const char *dir, enum spool_sync sync, unsigned threads, unsigned n,
			double *wall)
{
	struct spool_options options = {
	    .dir = dir, .max_bytes = (uint64_t)1 << 40, .segment_bytes = 64 << 20, .sync = sync};
	struct appender appender = {.n = n / threads};
	double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	pthread_t ids[THREADS_MAX];

	*wall = seconds(CLOCK_MONOTONIC);
	must(spool_open(&appender.spool, &options, NULL) == ST_OK, "opening the spool");
	for (unsigned i = 0; i < threads; i++)
		must(pthread_create(&ids[i], NULL, append, &appender) == 0, "a thread");
	for (unsigned i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	*wall = (seconds(CLOCK_MONOTONIC) - *wall) / n;
	spool_close(appender.spool);
	return cpu / n;
}

/* One write() of as many bytes as a frame has. */
static double writing(const char *dir, unsigned n)
{
	char bytes[FRAME_HEAD_BYTES + EVENT_BYTES] = "", path[PATH_MAX];
	double cpu;
	int fd;

	snprintf(path, sizeof(path), "%s/bare", dir);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned i = 0; i < n; i++)
		must(write(fd, bytes, sizeof(bytes)) == sizeof(bytes), "write");
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	close(fd);
	unlink(path);
	return cpu / n;
}

/* Drain the backlog of n events in batches. */
static void reading(const char *dir, unsigned n)
{
	double opened = seconds(CLOCK_MONOTONIC), wall, cpu;
	struct arena *arena = arena_new(1 << 20);
	struct spool_place places[BATCH];
	struct spool_reader *reader;
	char checkpoint[PATH_MAX];
	struct clean *clean;
	unsigned attempts;

	snprintf(checkpoint, sizeof(checkpoint), "%s/checkpoint", dir);
	must(arena && spool_reader_open(&reader, dir, checkpoint, NULL) == ST_OK,
	     "opening to read");
	wall = seconds(CLOCK_MONOTONIC);
	printf("open_ms %.2f\n", (wall - opened) * 1e3);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned i = 0; i < n; i += BATCH) {
		arena_reset(arena);
		for (unsigned k = 0; k < BATCH; k++)
			must(spool_reader_next(reader, arena, &clean, &places[k], NULL,
					       &attempts) == ST_OK,
			     "reading");
		must(spool_reader_done(reader, places, BATCH) == ST_OK, "marking");
		if (i % 100000 == 0)
			must(spool_reader_tick(reader) == ST_OK, "tick");
	}
	printf("read_us %.3f\n", (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / n * 1e6);
	printf("read_per_s %.0f\n", n / (seconds(CLOCK_MONOTONIC) - wall));
	spool_reader_close(reader);
	arena_free(arena);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000000;
	char dir[] = "/tmp/spool_calls.XXXXXX", sub[64];
	struct rusage usage;
	double wall;

	must(n >= 8 * BATCH && mkdtemp(dir) != NULL, "making a directory");
	n -= n % (8 * BATCH);
	memset(event.record, 'x', sizeof(event.record));
	printf("write_us %.3f\n", writing(dir, n) * 1e6);
	snprintf(sub, sizeof(sub), "%s/threads", dir);
	printf("append8_us %.3f\n", appending(sub, SPOOL_SYNC_INTERVAL, 8, n, &wall) * 1e6);
	snprintf(sub, sizeof(sub), "%s/always", dir);
	printf("always8_us %.1f\n", appending(sub, SPOOL_SYNC_ALWAYS, 8, n / 100, &wall) * 1e6);
	printf("always8_wall_us %.1f\n", wall * 1e6);
	snprintf(sub, sizeof(sub), "%s/one", dir);
	printf("append_us %.3f\n", appending(sub, SPOOL_SYNC_INTERVAL, 1, n, &wall) * 1e6);
	/* What the reader meets is ripe. */
	nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
	reading(sub, n);
	getrusage(RUSAGE_SELF, &usage);
	printf("resident_mb %.1f\n", (double)usage.ru_maxrss / 1024);
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
