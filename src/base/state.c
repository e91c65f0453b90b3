/*
 * state - paths below state.dir.
 */
#include "state.h"

#include <stdio.h>

void state_path(char *path, const struct config *config, const char *name)
{
	(void)snprintf(path, STATE_PATH_BYTES, "%s/%s", config->state_dir, name);
}
