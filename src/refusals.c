/*
 * refusals - each room is asked as the program that starts it asks it.
 */
#include "refusals.h"

#include "access.h"
#include "exclude.h"
#include "forward.h"
#include "identity.h"
#include "registry.h"
#include "state.h"

static enum status check_tokens(const struct config *config, struct reason *why)
{
	char path[STATE_PATH_BYTES];
	struct access *access;
	enum status status = access_open(&access, access_path(path, config), why);

	if (status == ST_OK)
		access_close(access);
	return status;
}

static enum status check_key_dir(const struct config *config, struct reason *why)
{
	return identity_check(config->identity_key_dir, why);
}

/* The file of referrer spam. */
static enum status check_exclude(const struct config *config, struct reason *why)
{
	struct exclude *exclude;
	enum status status = exclude_open(&exclude, config, why);

	if (status == ST_OK)
		exclude_close(exclude);
	return status;
}

static enum status check_registry(const struct config *config, struct reason *why)
{
	struct registry *registry;
	enum status status;

	if (!*config->counts_registry)
		return ST_OK;
	status = registry_open(&registry, config->counts_registry, why);
	if (status == ST_OK)
		registry_close(registry);
	return status;
}

size_t refusals_take(struct reason whys[REFUSALS_MAX], const struct config *config)
{
	static enum status (*const checks[])(const struct config *, struct reason *) = {
	    state_check, check_tokens, check_key_dir, check_exclude, check_registry, forward_check};
	size_t n = 0;

	_Static_assert(sizeof(checks) / sizeof(checks[0]) <= REFUSALS_MAX, "room for each");
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (checks[i](config, &whys[n]) != ST_OK)
			n++;
	return n;
}
