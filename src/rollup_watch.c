/*
 * rollup_watch - see rollup_watch.h.
 */
#include "rollup_watch.h"

#include <sys/stat.h>

#include "clock.h"
#include "state.h"
#include "tally.h"

#define LEAST_PATIENCE_S 60

enum status rollup_watch_take(struct rollup_watch *watch, const struct config *config,
			      struct reason *why)
{
	int64_t patience_s = 3 * (int64_t)config->counts_flush_seconds;
	char path[STATE_PATH_BYTES];
	struct stat mark;
	enum status status;

	*watch = (struct rollup_watch){.ago_s = -1};
	state_path(path, config, STATE_TALLY);
	status = tally_waiting(path, &watch->waiting);
	if (status != ST_OK)
		return reason_set_path(why, status, path);
	state_path(path, config, STATE_ROLLUP);
	if (stat(path, &mark) == 0)
		watch->ago_s = clock_wall_us() / US_PER_S - mark.st_mtime;
	if (patience_s < LEAST_PATIENCE_S)
		patience_s = LEAST_PATIENCE_S;
	watch->stands = watch->waiting && (watch->ago_s < 0 || watch->ago_s > patience_s);
	return ST_OK;
}
