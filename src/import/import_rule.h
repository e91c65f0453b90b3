/*
 * import_rule - which lines of an access log are page views. tamis(1) tells the same
 * rule in words; a test holds the two together.
 */
#ifndef TAMIS_IMPORT_RULE_H
#define TAMIS_IMPORT_RULE_H

#include "import_line.h"

enum import_verdict {
	IMPORT_VIEW,
	IMPORT_METHOD, /* not GET */
	IMPORT_STATUS, /* not 200 to 399 */
	IMPORT_ASSET,  /* the path ends in an extension of import_asset.def */
};

/* The first that applies, in this order. Agents are not looked at. */
enum import_verdict import_rule(const struct import_line *line, bool with_assets);

#endif
