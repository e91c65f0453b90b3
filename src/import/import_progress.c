/*
 * import_progress - the line is drawn over itself.
 */
#include "import_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define DRAW_EVERY_US (US_PER_S / 10)
#define BAR_CELLS 30

void progress_start(struct import_progress *progress, uint64_t total_bytes)
{
	progress->on = isatty(STDERR_FILENO) == 1;
	progress->total_bytes = total_bytes;
	progress->started_us = clock_mono_us();
	progress->drawn_us = progress->started_us;
}

static void draw_bar(double part, double seconds)
{
	char bar[BAR_CELLS + 1];
	int full = (int)(part * BAR_CELLS);
	int64_t left = part > 0.01 ? (int64_t)(seconds / part - seconds) : 0;

	memset(bar, '.', BAR_CELLS);
	memset(bar, '#', (size_t)full);
	bar[BAR_CELLS] = '\0';
	fprintf(stderr, "[%s] %3d %%  %" PRId64 ":%02" PRId64 " left  ", bar, (int)(part * 100),
		left / 60, left % 60);
}

bool progress_is_due(const struct import_progress *progress)
{
	return progress->on && clock_mono_us() - progress->drawn_us >= DRAW_EVERY_US;
}

void progress_show(struct import_progress *progress, uint64_t bytes, uint64_t lines)
{
	int64_t now = clock_mono_us();
	double seconds = (double)(now - progress->started_us) / (double)US_PER_S;

	progress->drawn_us = now;
	fputs("\r\033[K", stderr);
	if (progress->total_bytes)
		draw_bar(bytes < progress->total_bytes
			     ? (double)bytes / (double)progress->total_bytes
			     : 1.0,
			 seconds);
	fprintf(stderr, "%" PRIu64 " lines, %.0f/s", lines, (double)lines / seconds);
	fflush(stderr);
}

void progress_clear(struct import_progress *progress)
{
	if (progress->on)
		fputs("\r\033[K", stderr);
}
