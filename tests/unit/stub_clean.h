/*
 * stub_clean - a clean event as the counters see it, stated field by field.
 *
 * The counters' library asks an event by the accessors of clean.h only, so its tests need
 * no JSON: they define the accessors over a struct of their own.
 */
#ifndef TAMIS_TEST_STUB_CLEAN_H
#define TAMIS_TEST_STUB_CLEAN_H

#include "clean.h"

struct clean {
	enum clean_type type;
	int view;
	const char *route;
	uint16_t redactions[CLEAN_CLASSES];
	uint8_t repairs[REPAIRS];
};

enum clean_type clean_type(const struct clean *clean)
{
	return clean->type;
}

const char *clean_route(const struct clean *clean)
{
	return clean->route;
}

int clean_is_view(const struct clean *clean)
{
	return clean->view;
}

const uint16_t *clean_redactions(const struct clean *clean)
{
	return clean->redactions;
}

const uint8_t *clean_repairs(const struct clean *clean)
{
	return clean->repairs;
}

#endif
