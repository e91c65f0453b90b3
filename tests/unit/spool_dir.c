#include "unit.h"

#include "spool_dir.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "scan.h"
#include "shelf.h"
#include "spool_fake.h"

int make_dir(void **state)
{
	*state = strdup(fake_dir());
	return *state ? 0 : -1;
}

int remove_dir(void **state)
{
	fake_remove(*state);
	free(*state);
	return 0;
}

size_t records_in(const char *path, size_t *damaged)
{
	enum scan_result result;
	struct frame frame;
	struct scan scan;
	size_t n = 0;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	*damaged = 0;
	scan_start(&scan, fd, SEGMENT_HEAD_BYTES);
	while ((result = scan_next(&scan, &frame)) <= SCAN_DAMAGE) {
		n += result == SCAN_FRAME;
		*damaged += result == SCAN_DAMAGE;
	}
	assert_int_not_equal(result, SCAN_FAIL);
	*damaged += result == SCAN_TAIL;
	scan_rest(&scan);
	(void)close(fd);
	return n;
}

size_t records(const char *dir)
{
	struct shelf_item *items;
	char path[SHELF_PATH];
	size_t n, damaged, total = 0;

	assert_int_equal(shelf_list(fake_shelf(dir), &items, &n), ST_OK);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(shelf_path(path, fake_shelf(dir), items[i].stem, items[i].sealed),
				 ST_OK);
		total += records_in(path, &damaged);
		assert_int_equal(damaged, 0);
	}
	free(items);
	return total;
}

void append_many(struct spool *spool, unsigned writer, unsigned n, size_t size)
{
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(fake_append(spool, writer, i, size), ST_OK);
}

void await_sealed(struct spool *spool, const char *dir)
{
	int64_t deadline = clock_mono_us() + 10 * US_PER_S;

	while (!fake_segments(dir, ".sealed", NULL) && clock_mono_us() < deadline) {
		(void)!fake_append(spool, 1, 0, 300);
		(void)usleep(1000);
	}
}

int in_child(void (*child)(struct spool *spool, const char *dir), struct spool *spool,
	     const char *dir)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		child(spool, dir);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}
