/*
 * clickid - the ids that advertisers' links carry, wherever they stand: in a fragment, a path, a
 * URL inside another's parameter, the data of an event. query.h takes them out of a URL's own
 * parameters.
 */
#ifndef TAMIS_CLICKID_H
#define TAMIS_CLICKID_H

#include <stdbool.h>

#include "json.h"
#include "text.h"

/* Is it one's name, in any case? */
bool clickid_is_name(const char *name, size_t len);

/*
 * text without them, and *found; itself where there is none, which costs a look at each "=" and
 * "%". data NULL: no memory.
 */
struct text clickid_strike(struct arena *arena, struct text text, bool *found);

/* The same of an object's keys and strings; NULL: no memory. */
const struct json *clickid_strike_data(struct arena *arena, const struct json *object, bool *found);

#endif
