/*
 * crc32c - one pointer to the implementation, chosen at the first call.
 */
#include "crc32c.h"

#include <stdatomic.h>

#include "crc32c_impl.h"

static _Atomic(crc32c_fn *) picked;

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
	/* Threads that race here store the same value. */
	crc32c_fn *fn = atomic_load_explicit(&picked, memory_order_relaxed);

	if (!fn) {
		fn = crc32c_pick();
		atomic_store_explicit(&picked, fn, memory_order_relaxed);
	}
	return ~fn(~crc, data, len);
}
