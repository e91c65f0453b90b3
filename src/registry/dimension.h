/*
 * dimension - what a metric is counted by: a closed list of values.
 */
#ifndef TAMIS_REGISTRY_DIMENSION_H
#define TAMIS_REGISTRY_DIMENSION_H

#include <stddef.h>

struct values {
	size_t n;
	const char *const *items;
};

#define VALUE_OTHER "__other__"

/* A closed list of values; the last one is VALUE_OTHER. */
struct dimension {
	const char *name;
	struct values values;
	/* Cuts a finer value to one of the list's kind, or NULL; see values.h. */
	size_t (*coarsen)(char *out, size_t size, const char *text, size_t len);
};

struct dimensions {
	size_t n;
	const struct dimension *items;
};

/* The index of a value, finer ones cut first; the list's last one where it is in no list. */
size_t dimension_index(const struct dimension *dimension, const char *text, size_t len);

#endif
