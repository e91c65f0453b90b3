/*
 * wrapped_calls - a call of the program's own that fails, by the linker's --wrap: the how manieth
 * of all that are wrapped.
 */
#ifndef TAMIS_TEST_WRAPPED_CALLS_H
#define TAMIS_TEST_WRAPPED_CALLS_H

#include <errno.h>
#include <stdbool.h>

/* The how manieth of the wrapped calls fails (0: none); how many there were. */
static unsigned failing, calls;

static inline bool fails(int error)
{
	if (++calls != failing)
		return false;
	errno = error;
	return true;
}

#define WRAPPED(type, name, parameters, arguments, failed, error)                                  \
	extern type __real_##name parameters;                                                      \
	type __wrap_##name parameters __attribute__((visibility("default")));                      \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return fails(error) ? failed : __real_##name arguments;                            \
	}

#endif
