/*
 * rules - the grammar of a rule file over (path, value) events.
 *
 * Whoever reads a configuration (the command from YAML, the gateway from its own
 * keys) feeds it one scalar at a time: "classes.email" = "pseudonym". A list is
 * the same path again for each element. The result is a struct san_options
 * whose pointers live as long as the rules. Unlike the library, which keeps
 * addresses, both users of this grammar truncate them by default.
 *
 *   classes.CLASS        redact | keep | drop | pseudonym | mask:TEXT |
 *                        truncate or truncate/24,48 (ip) | last4 (card); see mask.h
 *   hex_min              16..1024
 *   secret_names         list: further names of secrets
 *   innocent_names       list: names that are no secrets after all
 *   allow                list: literals and CIDRs that stay
 *   own.NAME.anchor, own.NAME.pattern, own.NAME.placeholder
 *   fields.NAME          drop | hash | keep | redact
 *   pseudonym_key_file   path; reading it is the caller's affair
 */
#ifndef SANITIZER_RULES_H
#define SANITIZER_RULES_H

#include <stddef.h>

#include "sanitizer.h"

enum field_action { FIELD_KEEP, FIELD_REDACT, FIELD_HASH, FIELD_DROP };

struct field_rule {
	const char *name;
	enum field_action action;
};

struct rules;

/* NULL when memory failed. */
struct rules *rules_new(void);
void rules_free(struct rules *rules);

/*
 * One event; strings are copied. 0, SAN_EINVAL or SAN_ENOMEM with one sentence in
 * why[0..why_size) that names the key. The last event of a path wins, save for lists.
 */
int rules_set(struct rules *rules, const char *path, const char *value, char *why, size_t why_size);

/* Start options at the defaults and add all events so far; borrowed. */
int rules_options(struct rules *rules, struct san_options *options, char *why, size_t why_size);

/* Does the pattern own.NAME compile, all of its parts given? Answers like rules_set(). */
int rules_check_own(struct rules *rules, const char *name, char *why, size_t why_size);

/* What fields.NAME said, in order; borrowed. */
const struct field_rule *rules_fields(const struct rules *rules, size_t *n);
/* Path of the key, or NULL. */
const char *rules_key_file(const struct rules *rules);
/* "drop" for FIELD_DROP … */
const char *field_action_name(enum field_action action);

#endif
