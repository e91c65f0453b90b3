/*
 * failing_wrapped - allocations of the program's own that fail, by the linker's --wrap: for
 * the ASan build, where failing_malloc.c cannot be.
 */
#include <errno.h>
#include <stdlib.h>

#include "failing.h"

#define WRAPPED(name, parameters, arguments)                                                       \
	extern void *__real_##name parameters;                                                     \
	void *__wrap_##name parameters __attribute__((visibility("default")));                     \
	void *__wrap_##name parameters                                                             \
	{                                                                                          \
		if (!fails("malloc"))                                                              \
			return __real_##name arguments;                                            \
		errno = ENOMEM;                                                                    \
		return NULL;                                                                       \
	}

WRAPPED(malloc, (size_t size), (size))
WRAPPED(calloc, (size_t n, size_t size), (n, size))
WRAPPED(realloc, (void *old, size_t size), (old, size))
