/*
 * golden - groups of three lines: setting, input, expected. Lines that are empty or
 * start with # stand between groups.
 */
#ifndef TAMIS_TEST_GOLDEN_H
#define TAMIS_TEST_GOLDEN_H

#include <stdbool.h>

#include "buf.h"

struct golden {
	char *setting, *input, *expected;
	int line; /* of the setting */
};

/*
 * Run every group of tests/data/<name>. check() writes what came out into got and is
 * satisfied where that, or what it looks for, is as expected. Returns the number of
 * groups; fails the test after all of them when one was bad.
 */
int golden_run(const char *name, bool (*check)(const struct golden *group, struct buf *got));

#endif
