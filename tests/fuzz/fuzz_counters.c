/*
 * fuzz_counters - the counters file with patches, as a disk may give it back: it is refused,
 * or everything that is done with it stays inside it.
 *
 * Input: four bytes a patch: the area, two of place in it, one of value. One to three bytes
 * left over cut the file to so many pieces of 2 KiB.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "lanes.h"
#include "log.h"
#include "stub_clean.h"

static char dir[] = "/dev/shm/fuzz_counters.XXXXXX";
static char path[64];
static uint8_t *whole; /* a file as it should be */
static size_t size_whole;
static struct layout layout;

static void work(const struct config *config)
{
	static const struct clean view = {.view = 1, .route = "/b", .redactions = {[1] = 1}};
	struct counters *counters;
	struct counter_lane *lane;
	struct stamp stamp = {1, 1, 1};
	struct buf text;

	if (counters_open(&counters, config, NULL) != ST_OK)
		return;
	buf_init(&text, 4 << 20);
	counters_text(counters, &text);
	MUST(!buf_ok(&text) || strncmp(text.data, "# HELP ", 7) == 0);
	if (counters_lane(&lane, counters) == ST_OK) {
		stamp = counters_stamp(lane);
		counters_accept(lane, &view);
		counters_route(lane, "GET", "/orders/17", 200, 1000);
		counters_lane_end(lane);
	}
	stamp.seq++;
	(void)counters_recount(counters, &stamp, &view);
	buf_reset(&text);
	counters_text(counters, &text);
	buf_free(&text);
	counters_close(counters);
}

static void clean_up(void)
{
	unlink(path);
	rmdir(dir);
	free(whole);
}

static void make_whole(const struct config *config)
{
	struct stat about;
	int fd;

	log_open(STDERR_FILENO, "fuzz", LOG_ERROR);
	MUST(mkdtemp(dir));
	atexit(clean_up);
	snprintf(path, sizeof(path), "%s/counters", dir);
	work(config);
	work(config);
	fd = open(path, O_RDONLY);
	MUST(fd >= 0 && fstat(fd, &about) == 0);
	size_whole = (size_t)about.st_size;
	whole = malloc(size_whole);
	MUST(whole && read(fd, whole, size_whole) == (ssize_t)size_whole);
	close(fd);
	memcpy(&layout.route_slots, whole + 8 * AT_ROUTES, 8);
	memcpy(&layout.text_bytes, whole + 8 * AT_TEXT_BYTES, 8);
	layout = layout_make(layout.route_slots, layout.text_bytes);
}

static void patch(int fd, const uint8_t *data)
{
	const uint64_t areas[] = {0,
				  0,
				  layout.routes,
				  layout.series,
				  layout.text,
				  layout_lane(&layout, 0),
				  layout_lane(&layout, 1),
				  layout_lane(&layout, 1) + layout.lane_series};
	uint64_t at = areas[data[0] % 8] * 8 +
		      (data[0] == 0 ? data[1] % 72u : data[1] + 256u * (data[2] % 16u));

	MUST(pwrite(fd, data + 3, 1, (off_t)at) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const templates[] = {"/orders/{id}"};
	struct config config = {
	    .state_dir = dir, .counters_max_routes = 8, .counters_routes = {1, templates}};
	int fd;

	if (!whole)
		make_whole(&config);
	fd = open(path, O_RDWR);
	MUST(fd >= 0 && ftruncate(fd, 0) == 0);
	MUST(pwrite(fd, whole, size_whole, 0) == (ssize_t)size_whole);
	for (; size >= 4; data += 4, size -= 4)
		patch(fd, data);
	if (size > 0)
		MUST(ftruncate(fd, (off_t)(2048 * (data[0] + 1))) == 0);
	close(fd);
	work(&config);
	return 0;
}
