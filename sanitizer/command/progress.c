/*
 * progress - see progress.h.
 */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_US 500000
#define EVERY_US 100000
#define US_PER_S 1000000
#define BAR_CELLS 24

int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

void format_bytes(char text[16], double bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
	unsigned unit = 0;

	while (bytes >= 999.5 && unit < 5) {
		bytes /= 1000;
		unit++;
	}
	snprintf(text, 16, unit && bytes < 9.95 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

void progress_start(struct progress *progress, uint64_t total, bool wanted)
{
	*progress = (struct progress){.total = total, .start_us = now_us()};
	progress->on = wanted && isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	progress->last_us = progress->start_us + FIRST_US - EVERY_US;
}

static void show(const struct progress *progress, uint64_t done, double seconds)
{
	char bytes[16], rate[16], bar[BAR_CELLS + 1];
	double share = progress->total ? (double)done / (double)progress->total : 0;
	double left = share > 0 ? seconds / share - seconds : 0;

	format_bytes(bytes, (double)done);
	format_bytes(rate, (double)done / seconds);
	if (!progress->total) {
		fprintf(stderr, "\r%s  %s/s\033[K", bytes, rate);
		return;
	}
	share = share > 1 ? 1 : share;
	for (int i = 0; i < BAR_CELLS; i++)
		bar[i] = i < (int)(share * BAR_CELLS) ? '#' : '.';
	bar[BAR_CELLS] = '\0';
	fprintf(stderr, "\r[%s] %3.0f%%  %s  %s/s  %d:%02d left\033[K", bar, 100 * share, bytes,
		rate, (int)left / 60, (int)left % 60);
}

void progress_update(struct progress *progress, uint64_t taken)
{
	int64_t now;

	if (!progress->on)
		return;
	now = now_us();
	if (now - progress->last_us < EVERY_US)
		return;
	progress->last_us = now;
	progress->shown = true;
	show(progress, progress->before + taken, (double)(now - progress->start_us) / US_PER_S);
}

void progress_next(struct progress *progress, uint64_t taken)
{
	progress->before += taken;
	progress_clear(progress);
}

void progress_clear(struct progress *progress)
{
	if (progress->shown)
		fprintf(stderr, "\r\033[K");
	progress->shown = false;
}
