/*
 * query - which parameters of a URL's query stay, and how much of those that Umami keeps
 * in columns of their own.
 */
#ifndef TAMIS_EVENT_QUERY_H
#define TAMIS_EVENT_QUERY_H

#include <stdbool.h>

#include "config.h"
#include "text.h"

#define QUERY_VALUE_LONGEST 255 /* characters after decoding; more is a 500 of Umami's */

/* query.keep, in the order of config.def. */
enum query_keep { QUERY_CLEANED, QUERY_ALLOW, QUERY_STRIP };

struct query_rule {
	enum query_keep keep;
	const struct config_list *allow; /* names, for QUERY_ALLOW */
	bool click_ids;			 /* they may stay */
};

struct query_change {
	bool cut;	/* utm_* or a click id was too long */
	bool click_ids; /* some were removed */
	bool dropped;	/* other parameters were */
};

/*
 * The url with what the rule lets stay, of its query and of one behind its "#"; the same
 * pointer where nothing had to go. data NULL: no memory.
 */
struct text query_clean(struct arena *arena, struct text url, const struct query_rule *rule,
			struct query_change *change);

#endif
