/*
 * crc32c_x86 - the choice on x86-64.
 */
#include "crc32c_impl.h"

crc32c_fn *crc32c_pick(void)
{
	return __builtin_cpu_supports("sse4.2") ? crc32c_sse42 : crc32c_table;
}
