/*
 * registry_client - the registry as code: what a client needs to know of each released metric,
 * and a function for each, so that a wrong name or dimension is seen before it is sent.
 */
#ifndef TAMIS_REGISTRY_CLIENT_H
#define TAMIS_REGISTRY_CLIENT_H

#include "registry.h"

/*
 * For browsers, beside analytics.mjs: "js" is a module, "ts" its types. Metrics that browsers
 * may not count (public_ingest) are not in it. ST_USAGE: no such language.
 */
MUST_CHECK enum status registry_client(struct buf *out, const struct registry *registry,
				       const char *language, struct reason *why);

#endif
