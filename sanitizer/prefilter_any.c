/*
 * prefilter_any - machines without a code path of their own.
 */
#include "prefilter_isa.h"

static bool always(void)
{
	return true;
}

const struct prefilter_isa *prefilter_isas(void)
{
	static const struct prefilter_isa isas[] = {{"scalar", prefilter_scalar, always},
						    {NULL, NULL, NULL}};

	return isas;
}
