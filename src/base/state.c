/*
 * state - paths below state.dir.
 */
#include "state.h"

#include <stdio.h>
#include <sys/stat.h>

#include "file.h"

#define SHARED ((mode_t)03770)

/* mkdir() heeds the umask, so the mode is set once more; one that was there is left as it is. */
static enum status make_shared(const char *path)
{
	struct stat about;
	enum status st;

	if (stat(path, &about) == 0)
		return ST_OK;
	st = file_mkdirs(path, SHARED);
	if (st == ST_OK)
		(void)chmod(path, SHARED); /* fails where another process was faster: it does it */
	return st;
}

enum status state_make(const struct config *config)
{
	char spool[STATE_PATH_BYTES];
	enum status st = make_shared(config->state_dir);

	state_path(spool, config, STATE_SPOOL);
	return st == ST_OK ? make_shared(spool) : st;
}

void state_path(char *path, const struct config *config, const char *name)
{
	(void)snprintf(path, STATE_PATH_BYTES, "%s/%s", config->state_dir, name);
}
