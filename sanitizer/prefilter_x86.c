/*
 * prefilter_x86 - which code paths an x86-64 processor has.
 */
#include "prefilter_isa.h"

#define ROW1(c)                                                                                    \
	{                                                                                          \
		[0 ... 63] = (c)                                                                   \
	}
#define ROW4(c) ROW1(c), ROW1((c) + 1), ROW1((c) + 2), ROW1((c) + 3)
#define ROW16(c) ROW4(c), ROW4((c) + 4), ROW4((c) + 8), ROW4((c) + 12)
#define ROW64(c) ROW16(c), ROW16((c) + 16), ROW16((c) + 32), ROW16((c) + 48)
const unsigned char prefilter_rows[256][64]
    __attribute__((aligned(64))) = {ROW64(0), ROW64(64), ROW64(128), ROW64(192)};

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

static bool has_vbmi(void)
{
	return has_avx512() && __builtin_cpu_supports("avx512vbmi") &&
	       __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bitalg");
}

const struct prefilter_isa *prefilter_isas(void)
{
	static const struct prefilter_isa isas[] = {
	    {"scalar", prefilter_scalar, always},     {"sse4.2", prefilter_sse, has_sse},
	    {"avx2", prefilter_avx2, has_avx2},	      {"avx512", prefilter_avx512, has_avx512},
	    {"avx512vbmi", prefilter_vbmi, has_vbmi}, {NULL, NULL, NULL},
	};

	return isas;
}
