/*
 * Writers of several threads and a reader are killed with -9 at random and started again.
 * Every acknowledged record must come out, none torn or foreign, and none again that was
 * marked done before. SPOOL_KILL_SECONDS makes it longer (default 2).
 */
#include "unit.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "reader.h"
#include "spool_fake.h"

#define THREADS 3
#define WRITERS 3
#define LIVES 1024 /* of writers, one after the other */
#define LANES (LIVES * THREADS)
#define NUMBERS 20000 /* a lane has at most so many events */
#define WINDOW 64     /* records that the reader holds before it marks them */

/* What all processes see. */
struct ledger {
	atomic_uint acknowledged[LANES]; /* events 0 … n-1 of the lane are */
	atomic_uint counted[LANES];	 /* as the counters would: by the writer, else by an heir */
	atomic_uchar seen[LANES][NUMBERS];
	atomic_uchar marked[LANES][NUMBERS];
	atomic_uint foreign, again, failed, repeats, handed;
};

struct writer {
	struct ledger *ledger;
	struct spool *spool;
	unsigned lane;
};

static void *write_events(void *context)
{
	struct writer *writer = context;

	for (unsigned i = 0; i < NUMBERS; i++) {
		size_t size = 60 + (i * 2654435761u + writer->lane) % (i % 16 ? 700 : 9000);
		enum status status = fake_append(writer->spool, writer->lane, i, size);

		if (status != ST_OK) {
			atomic_fetch_add(&writer->ledger->failed, 1);
			continue;
		}
		atomic_store(&writer->ledger->counted[writer->lane], i + 1);
		atomic_store(&writer->ledger->acknowledged[writer->lane], i + 1);
	}
	return NULL;
}

/* What a dead process had no time to count; a lane lacks one event at most. */
static void recount(void *context, const struct stamp *stamp, const struct clean *clean)
{
	struct ledger *ledger = context;

	(void)clean;
	if (stamp->seq >= atomic_load(&ledger->counted[stamp->lane]))
		atomic_store(&ledger->counted[stamp->lane], (unsigned)stamp->seq + 1);
}

static void writer_main(struct ledger *ledger, const char *dir, unsigned life)
{
	struct spool_options options = fake_options(dir);
	struct writer writers[THREADS];
	pthread_t threads[THREADS];
	struct spool *spool;
	struct reason why;

	options.max_bytes = (uint64_t)4 << 30;
	options.segment_bytes = 64 << 10;
	options.sync = life % 4 == 0 ? SPOOL_SYNC_INTERVAL : SPOOL_SYNC_PROCESS;
	options.brief = life % 5 == 0;
	options.orphan = recount;
	options.context = ledger;
	if (spool_open(&spool, &options, &why) != ST_OK) {
		(void)fprintf(stderr, "%s\n", why.text);
		atomic_fetch_add(&ledger->failed, 1);
		_exit(1);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		writers[i] = (struct writer){ledger, spool, life * THREADS + i};
		(void)pthread_create(&threads[i], NULL, write_events, &writers[i]);
	}
	for (unsigned i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	spool_close(spool);
	_exit(0);
}

static void note(struct ledger *ledger, const struct clean *clean, const struct stamp *stamp,
		 unsigned *lane, unsigned *number)
{
	if (!fake_parse(clean, lane, number) || *lane >= LANES || *number >= NUMBERS ||
	    stamp->lane != *lane || stamp->seq != *number) {
		atomic_fetch_add(&ledger->foreign, 1);
		*lane = 0;
		*number = 0;
		return;
	}
	if (atomic_load(&ledger->marked[*lane][*number]))
		atomic_fetch_add(&ledger->again, 1);
	if (atomic_exchange(&ledger->seen[*lane][*number], 1))
		atomic_fetch_add(&ledger->repeats, 1);
	atomic_fetch_add(&ledger->handed, 1);
}

/* Mark every second one at once and the others later, as a forwarder's lanes do. */
static void read_until_idle(struct ledger *ledger, const char *dir, unsigned idle_polls)
{
	struct spool_place places[WINDOW];
	unsigned lanes[WINDOW], numbers[WINDOW], attempts, n = 0;
	struct arena *arena = arena_new((size_t)32 << 20);
	int64_t ticked_us = clock_mono_us();
	unsigned idle = 0;
	char checkpoint[PATH_MAX];
	struct spool_reader *reader;
	struct clean *clean;
	struct stamp stamp;
	struct reason why;

	(void)snprintf(checkpoint, sizeof(checkpoint), "%s/checkpoint", dir);
	if (!arena || spool_reader_open(&reader, dir, checkpoint, &why) != ST_OK) {
		atomic_fetch_add(&ledger->failed, 1);
		return;
	}
	spool_reader_on_orphan(reader, recount, ledger);
	while (idle < idle_polls) {
		enum status status =
		    spool_reader_next(reader, arena, &clean, &places[n], &stamp, &attempts);

		if (status == ST_OK) {
			note(ledger, clean, &stamp, &lanes[n], &numbers[n]);
			idle = 0;
			n++;
		}
		for (unsigned odd = 0; (n == WINDOW || status == ST_END) && odd < 2; odd++) {
			for (unsigned i = odd; i < n; i += 2) {
				if (spool_reader_done(reader, &places[i], 1) != ST_OK)
					atomic_fetch_add(&ledger->failed, 1);
				else
					atomic_store(&ledger->marked[lanes[i]][numbers[i]], 1);
			}
		}
		if (n == WINDOW || status == ST_END) {
			arena_reset(arena);
			n = 0;
		}
		if (clock_mono_us() - ticked_us > US_PER_S / 10) {
			if (spool_reader_tick(reader) != ST_OK)
				atomic_fetch_add(&ledger->failed, 1);
			ticked_us = clock_mono_us();
		}
		if (status == ST_END) {
			idle++;
			(void)usleep(500);
		}
	}
	for (int i = 0; i < 3; i++) {
		if (spool_reader_tick(reader) != ST_OK ||
		    spool_reader_next(reader, arena, &clean, places, &stamp, &attempts) != ST_END)
			atomic_fetch_add(&ledger->failed, 1);
	}
	spool_reader_close(reader);
	arena_free(arena);
}

static pid_t start(struct ledger *ledger, const char *dir, unsigned life)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (life < LIVES)
			writer_main(ledger, dir, life);
		read_until_idle(ledger, dir, UINT_MAX);
		_exit(0);
	}
	assert_true(pid > 0);
	return pid;
}

static void stop(pid_t pid)
{
	int status;

	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void kill_at_random(struct ledger *ledger, const char *dir, int64_t until_us)
{
	pid_t pids[WRITERS + 1];
	unsigned lives = 0;

	for (unsigned i = 0; i < WRITERS; i++)
		pids[i] = start(ledger, dir, lives++);
	pids[WRITERS] = start(ledger, dir, LIVES);
	while (clock_mono_us() < until_us && lives < LIVES) {
		unsigned victim = (unsigned)rand() % (WRITERS + 1);

		(void)usleep((useconds_t)(rand() % 40000));
		stop(pids[victim]);
		pids[victim] = start(ledger, dir, victim < WRITERS ? lives++ : LIVES);
	}
	for (unsigned i = 0; i <= WRITERS; i++)
		stop(pids[i]);
}

static void what_was_acknowledged_comes_out(void **state)
{
	const char *dir = fake_dir(), *seconds = getenv("SPOOL_KILL_SECONDS");
	struct spool_options options = fake_options(dir);
	unsigned missing = 0, unasked = 0, uncounted = 0, acknowledged = 0;
	struct ledger *ledger;

	(void)state;
	ledger =
	    mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(ledger != MAP_FAILED);
	kill_at_random(ledger, dir, clock_mono_us() + (seconds ? atoi(seconds) : 2) * US_PER_S);
	/* The next process of this user sees to what the last ones left. */
	options.max_bytes = (uint64_t)4 << 30;
	options.orphan = recount;
	options.context = ledger;
	spool_close(fake_open(&options));
	read_until_idle(ledger, dir, 200);
	for (unsigned lane = 0; lane < LANES; lane++) {
		unsigned n = atomic_load(&ledger->acknowledged[lane]);

		acknowledged += n;
		uncounted += atomic_load(&ledger->counted[lane]) < NUMBERS &&
			     ledger->seen[lane][ledger->counted[lane]];
		for (unsigned i = 0; i < NUMBERS; i++) {
			missing += i < n && !ledger->seen[lane][i];
			/* One more may have been written and not acknowledged. */
			unasked += i > n && ledger->seen[lane][i];
		}
	}
	print_message("# %u acknowledged, %u handed out, %u of them again\n", acknowledged,
		      ledger->handed, ledger->repeats);
	assert_int_equal(missing, 0);
	assert_int_equal(unasked, 0);
	assert_int_equal(uncounted, 0);
	assert_int_equal(ledger->foreign, 0);
	assert_int_equal(ledger->again, 0);
	assert_int_equal(ledger->failed, 0);
	assert_true(acknowledged > 1000);
	assert_int_equal(fake_segments(dir, ".open", NULL), 0);
	assert_int_equal(fake_segments(dir, ".sealed", NULL), 0);
	(void)munmap(ledger, sizeof(*ledger));
	fake_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_acknowledged_comes_out),
	};

	srand((unsigned)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
