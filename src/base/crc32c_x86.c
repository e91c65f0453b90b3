/*
 * crc32c_x86 - the choice on x86-64.
 */
#include "crc32c_impl.h"

crc32c_fn *crc32c_pick(void)
{
	if (!__builtin_cpu_supports("sse4.2"))
		return crc32c_table;
	return __builtin_cpu_supports("pclmul") ? crc32c_clmul : crc32c_sse42;
}
