/*
 * store_no_pq - a build without libpq says so.
 */
#include "driver.h"
#include "source_driver.h"

static enum status open_it(void **out, const char *where, bool writes, struct reason *why)
{
	(void)out;
	(void)where;
	(void)writes;
	return reason_set(
	    why, ST_CONFIG,
	    "store.url: this tamis was built without PostgreSQL (configure --with-libpq)");
}

const struct driver store_pq = {.kind = "PostgreSQL", .open = open_it};

static enum status open_source(void **out, const char *where, struct reason *why)
{
	(void)out;
	(void)where;
	return reason_set(why, ST_CONFIG,
			  "this tamis was built without PostgreSQL (configure --with-libpq)");
}

const struct source_driver source_pq = {.open = open_source};
