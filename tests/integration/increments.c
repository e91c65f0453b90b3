/*
 * increments - counts declared things through libtamis, with rollups in between as they come:
 * the same ones for the same seed.
 *
 *   increments N SEED PER-ROLLUP TAMIS
 *
 * The configuration comes from the environment; its registry is examples/registry.yaml. TAMIS is
 * the command. Ends with 0 when all N were counted.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libtamis.h"

#define IDS 450 /* two names, three sources: less than a lane has room for */

static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u; /* Numerical Recipes' */
	return *state >> 8;
}

static int count_one(struct tamis *tamis, uint32_t *state)
{
	static const char *const names[] = {"directory_view", "directory_search"};
	static const char *const sources[] = {"web", "admin", NULL};
	const char *name = names[next(state) % 2], *source = sources[next(state) % 3];
	char id[16], why[256] = "";

	snprintf(id, sizeof(id), "%u", next(state) % IDS);
	if (tamis_count(tamis, name, id, source, 1 + next(state) % 3, why, sizeof(why)) == 0)
		return 0;
	fprintf(stderr, "increments: %s\n", why);
	return -1;
}

static int roll_up(char *command)
{
	char *const arguments[] = {command, "rollup", "--once", NULL};
	pid_t pid = fork();
	int how;

	if (pid == 0) {
		execv(command, arguments);
		_exit(127);
	}
	return waitpid(pid, &how, 0) == pid && how == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct tamis *tamis;
	char why[256] = "";
	int failed = 0;

	if (argc != 5)
		return 64;
	long n = strtol(argv[1], NULL, 10), often = strtol(argv[3], NULL, 10);
	uint32_t state = (uint32_t)strtoul(argv[2], NULL, 10);
	if (tamis_start(&tamis, NULL, why, sizeof(why)) < 0) {
		fprintf(stderr, "increments: %s\n", why);
		return 1;
	}
	for (long i = 1; i <= n && !failed; i++) {
		failed = count_one(tamis, &state);
		if (!failed && i % often == 0)
			failed = roll_up(argv[4]);
	}
	tamis_stop(tamis);
	return failed ? 1 : 0;
}
