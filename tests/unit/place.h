/*
 * place - a state directory of its own with a configuration, gone after the test.
 */
#ifndef TAMIS_TEST_PLACE_H
#define TAMIS_TEST_PLACE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"

#define PLACE_WEBSITE "9b379b11-cd77-4afa-995e-06e009cab81c"

struct place {
	char dir[48];
	char keys[48]; /* on tmpfs, as the day's key demands */
	struct config *config;
};

/* extra: up to four settings "--key=value", NULL for none. */
static inline struct place *place_open(const char *const extra[4])
{
	struct place *place = calloc(1, sizeof *place);
	char state[96], keys[96];
	const char *args[6] = {state, keys};
	struct reason why = {""};
	size_t n = 2;

	snprintf(place->dir, sizeof place->dir, "/tmp/tamis-test.XXXXXX");
	snprintf(place->keys, sizeof place->keys, "/dev/shm/tamis-test.XXXXXX");
	if (!mkdtemp(place->dir) || !mkdtemp(place->keys))
		abort();
	snprintf(state, sizeof state, "--state.dir=%s/state", place->dir);
	snprintf(keys, sizeof keys, "--identity.key_dir=%s", place->keys);
	for (size_t i = 0; extra && i < 4 && extra[i]; i++)
		args[n++] = extra[i];
	if (config_load(&place->config, NULL, n, args, &why) != ST_OK) {
		fprintf(stderr, "%s\n", why.text);
		abort();
	}
	return place;
}

static inline int place_remove(const char *path, const struct stat *about, int kind,
			       struct FTW *where)
{
	(void)about;
	(void)kind;
	(void)where;
	return remove(path);
}

static inline void place_close(struct place *place)
{
	config_free(place->config);
	nftw(place->dir, place_remove, 8, FTW_DEPTH | FTW_PHYS);
	nftw(place->keys, place_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(place);
}

#endif
