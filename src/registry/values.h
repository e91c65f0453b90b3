/*
 * values - the closed lists of values that are built in.
 */
#ifndef TAMIS_REGISTRY_VALUES_H
#define TAMIS_REGISTRY_VALUES_H

#include "dimension.h"

struct builtin {
	const char *name;
	struct values values; /* without VALUE_OTHER */
	size_t (*coarsen)(char *out, size_t size, const char *text, size_t len);
};

/* NULL: there is none of this name. */
const struct builtin *builtin_find(const char *name);
/* "us_states, ...": for messages. */
const char *builtin_names(void);

/* The built-in list to whose kind finer values are cut; NULL: they are not. */
const char *dimension_coarsened(const struct dimension *dimension);

#endif
