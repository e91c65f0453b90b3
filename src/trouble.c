/*
 * trouble - the look writes a file that has no name, so that nothing of it is left whatever
 * happens meanwhile.
 */
#include "trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "spool.h"
#include "state.h"

/* An ordinary event and more. */
#define ROOM_BYTES 4096

void trouble_begin(struct trouble *trouble, enum status status)
{
	atomic_store(&trouble->since_us, clock_mono_us());
	atomic_store(&trouble->status, (int)status);
}

/* What is not there is made by the next event, as far as state_check() can tell. */
static enum status look_at_disk(const char *spool)
{
	int fd = open(spool, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600), error;

	if (fd < 0) /* or the file system has no such files */
		return errno == ENOENT || errno == EISDIR || errno == EOPNOTSUPP ? ST_OK : ST_IO;
	error = posix_fallocate(fd, 0, ROOM_BYTES);
	close(fd);
	if (error == 0)
		return ST_OK;
	return error == ENOSPC || error == EDQUOT || error == EFBIG ? ST_FULL : ST_IO;
}

void trouble_tell_of_key(const struct strainer_rules *rules, int64_t now_us)
{
	struct reason why = {""};

	if (strainer_rules_key(rules, now_us, &why) != ST_OK)
		log_error("an event was refused: %s", why.text);
}

static enum status look_at_spool(struct trouble *trouble, const struct config *config,
				 struct spool *spool)
{
	int known = atomic_load(&trouble->status);
	char path[STATE_PATH_BYTES];
	struct reason why;
	enum status status;

	if (known == ST_OK || clock_mono_us() - atomic_load(&trouble->since_us) <= US_PER_S)
		return (enum status)known;
	state_path(path, config, STATE_SPOOL);
	status = state_check(config, &why) == ST_OK ? look_at_disk(path) : ST_IO;
	if (status == ST_OK && known == ST_FULL)
		status = spool_has_room(spool, ROOM_BYTES);
	if (status == ST_OK) /* unless an event has failed just now */
		atomic_compare_exchange_strong(&trouble->status, &known, ST_OK);
	return status;
}

enum status trouble_look(struct trouble *trouble, const struct config *config,
			 const struct strainer_rules *rules, struct spool *spool)
{
	enum status status = ST_OK;
	struct reason why;

	if (config->umami_enabled)
		status = strainer_rules_key(rules, clock_wall_us(), &why);
	return status == ST_OK ? look_at_spool(trouble, config, spool) : status;
}
