/*
 * strainer - one thread's sanitizer and identity keys, set up from the configuration.
 */
#ifndef TAMIS_STRAINER_H
#define TAMIS_STRAINER_H

#include <stdint.h>

#include "config.h"
#include "status.h"

struct strainer_rules; /* immutable, shared by threads */
struct strainer;       /* one thread's */

/* config is borrowed until strainer_rules_free(). compile: all patterns now, for who lives long. */
MUST_CHECK enum status strainer_rules_new(struct strainer_rules **out, const struct config *config,
					  int compile, struct reason *why);
void strainer_rules_free(struct strainer_rules *rules);
/* Where the day's key lies: memory that only the writers share. */
const char *strainer_rules_dir(const struct strainer_rules *rules);
/* Can the key of that time's day be had? It is made if need be. ST_IO and others: why. */
MUST_CHECK enum status strainer_rules_key(const struct strainer_rules *rules, int64_t now_us,
					  struct reason *why);

MUST_CHECK enum status strainer_new(struct strainer **out, const struct strainer_rules *rules);
void strainer_free(struct strainer *strainer);

#endif
