/*
 * pace - see pace.h. Umami works a batch off one by one, so a time says something only
 * beside that of a batch of like size; alone, a request tells what is the least today.
 */
#include "pace.h"

#include <string.h>

void pace_init(struct pace *pace, unsigned most)
{
	*pace = (struct pace){.open = 1, .most = most};
}

static int64_t *least_of(struct pace *pace, size_t n)
{
	unsigned size = 0;

	while ((n >>= 1) && size < PACE_SIZES - 1)
		size++;
	return &pace->least_us[size];
}

static bool is_late(int64_t took_us, int64_t limit_us)
{
	return took_us > limit_us + PACE_SLACK_US;
}

static void more(struct pace *pace)
{
	pace->good++;
	if (pace->open == pace->most || (pace->careful && pace->good < pace->open))
		return;
	pace->open++;
	pace->good = 0;
}

static void less(struct pace *pace, unsigned open, int64_t now_us)
{
	pace->open = open ? open : 1;
	pace->good = 0;
	pace->changed_us = now_us;
}

void pace_answer(struct pace *pace, size_t n, int64_t started_us, int64_t now_us)
{
	int64_t took_us = now_us - started_us, *least_us = least_of(pace, n);

	/* It was sent among more: once is enough. */
	if (started_us < pace->changed_us)
		return;
	if (pace->open == 1 && *least_us && is_late(took_us, 2 * *least_us))
		memset(pace->least_us, 0, sizeof(pace->least_us));
	if (pace->open == 1 || !*least_us || took_us < *least_us)
		*least_us = took_us;
	if (is_late(took_us, 2 * *least_us)) {
		pace->careful = true;
		less(pace, pace->open / 2, now_us);
	} else if (!is_late(took_us, *least_us + *least_us / 2)) {
		more(pace);
	}
}

void pace_fail(struct pace *pace, int64_t now_us)
{
	pace->careful = false;
	less(pace, 1, now_us);
}
