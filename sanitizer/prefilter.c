/*
 * prefilter - choosing the code path.
 *
 * The choice is one atomic pointer, made at first need; two threads that race make
 * the same one.
 */
#include "prefilter.h"

#include "chars.h"
#include "prefilter_isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic(const struct prefilter_isa *) chosen;

static const struct prefilter_isa *isa_find(void)
{
	const char *forced = getenv("SANITIZER_ISA");
	const struct prefilter_isa *list = prefilter_isas(), *best = NULL;

	for (; list->name; list++) {
		if (!list->usable())
			continue;
		best = list;
		if (forced && !strcmp(forced, list->name))
			break;
	}
	return best;
}

prefilter_fn *prefilter_choose(const char **name)
{
	const struct prefilter_isa *isa = atomic_load_explicit(&chosen, memory_order_acquire);

	if (!isa) {
		isa = isa_find();
		atomic_store_explicit(&chosen, isa, memory_order_release);
	}
	if (name)
		*name = isa->name;
	return isa->run;
}

const uint16_t prefilter_byte_kinds[256] = {
    ['@'] = 1u << PREFILTER_AT,	     ['%'] = 1u << PREFILTER_ESCAPE,
    ['&'] = 1u << PREFILTER_ESCAPE,  ['\\'] = 1u << PREFILTER_ESCAPE,
    [0xc2] = 1u << PREFILTER_ESCAPE, [0xe2] = 1u << PREFILTER_ESCAPE,
    [0xef] = 1u << PREFILTER_ESCAPE, ['+'] = 1u << PREFILTER_PHONE,
    ['0'] = 1u << PREFILTER_PHONE,   ['='] = 1u << PREFILTER_NAME,
    [':'] = 1u << PREFILTER_NAME,    ['-'] = 1u << PREFILTER_NAME,
    ['('] = 1u << PREFILTER_NAME,    ['<'] = 1u << PREFILTER_NAME,
    [' '] = 1u << PREFILTER_NAME,
};
