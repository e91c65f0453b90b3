/*
 * prefilter_x86 - which code paths an x86-64 processor has.
 */
#include "prefilter_isa.h"

static bool always(void)
{
	return true;
}

static bool has_sse(void)
{
	return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("ssse3");
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
	       __builtin_cpu_supports("bmi");
}

static bool has_avx512(void)
{
	return has_avx2() && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512dq");
}

const struct prefilter_isa *prefilter_isas(void)
{
	static const struct prefilter_isa isas[] = {
	    {"scalar", prefilter_scalar, always},
	    {"sse4.2", prefilter_sse, has_sse},
	    {"avx2", prefilter_avx2, has_avx2},
	    {"avx512", prefilter_avx512, has_avx512},
	    {NULL, NULL, NULL},
	};

	return isas;
}
