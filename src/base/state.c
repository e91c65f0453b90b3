/*
 * state - paths below state.dir.
 */
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"

/* mkdir() heeds the umask, so the mode is set once more; one that was there is left as it is. */
static enum status make_shared(const char *path, struct reason *why)
{
	struct stat about;

	if (stat(path, &about) == 0)
		return ST_OK;
	if (file_mkdirs(path, FILE_SHARED) != ST_OK)
		return reason_set(why, errno == EACCES || errno == EPERM ? ST_DENIED : ST_IO,
				  "state.dir: cannot make %s: %s", path, strerror(errno));
	(void)chmod(path, FILE_SHARED); /* fails where another process was faster: it does it */
	return ST_OK;
}

enum status state_check(const struct config *config, struct reason *why)
{
	struct stat about;

	if (stat(config->state_dir, &about) == 0 ? S_ISDIR(about.st_mode) : errno != ENOTDIR)
		return ST_OK;
	return reason_set(why, ST_CONFIG, "state.dir: %s is no directory", config->state_dir);
}

enum status state_there(const struct config *config, struct reason *why)
{
	struct stat about;

	if (stat(config->state_dir, &about) == 0)
		return ST_OK;
	return reason_set(why, errno == ENOENT || errno == ENOTDIR ? ST_NOT_FOUND : ST_IO,
			  "state.dir: %s: %s", config->state_dir, strerror(errno));
}

enum status state_make(const struct config *config, struct reason *why)
{
	char spool[STATE_PATH_BYTES];
	enum status st = state_check(config, why);

	state_path(spool, config, STATE_SPOOL);
	if (st == ST_OK)
		st = make_shared(config->state_dir, why);
	return st == ST_OK ? make_shared(spool, why) : st;
}

void state_path(char *path, const struct config *config, const char *name)
{
	(void)snprintf(path, STATE_PATH_BYTES, "%s/%s", config->state_dir, name);
}
