/*
 * failing_malloc - allocations that fail; not in the ASan build, which has its own.
 */
#include <errno.h>
#include <stdlib.h>

#include "failing.h"

/* glibc's own entries: dlsym() may allocate, and must not come back here. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	return fails("malloc") ? no_memory() : __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t n, size_t size)
{
	return fails("malloc") ? no_memory() : __libc_calloc(n, size);
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size)
{
	return fails("malloc") ? no_memory() : __libc_realloc(old, size);
}
