/*
 * core - the limit is enough for files; programs behind a pipe are called whatever it is, so
 * the process is not dumpable either, which shuts out debuggers of the same user besides.
 */
#include "core.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void core_forbid(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
