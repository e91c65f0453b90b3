/*
 * cmd_key - `tamis key expire`: the day's key does not outlive its day where no event comes.
 *
 * The first event after 00:00 UTC destroys it as well; a timer does not wait for one.
 */
#include "clock.h"
#include "command.h"
#include "identity.h"

enum status cmd_key_expire(const struct invocation *call, struct reason *why)
{
	struct identity *identity;
	enum status status;

	status = command_no_arguments(call, why);
	if (status != ST_OK)
		return status;
	status = identity_open(&identity, call->config->identity_key_dir, why);
	if (status != ST_OK)
		return status;
	status = identity_expire(identity, clock_day(clock_wall_us()), why);
	identity_close(identity);
	return status;
}
