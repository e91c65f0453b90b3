/*
 * plan - what the command line and the rule files come to: a compiled rule set and
 * what to do with fields. Immutable once made, shared by all threads.
 */
#ifndef SANITIZE_PLAN_H
#define SANITIZE_PLAN_H

#include "logformat.h"
#include "rulefile.h"
#include "settings.h"

struct plan {
	struct san_rules *rules;
	enum san_action action[SAN_CLASSES];
	unsigned ip4_prefix; /* bits that SAN_TRUNCATE keeps */
	enum format format;
	bool drops;	  /* a class drops its record */
	bool counts_json; /* records of JSON that are none */
	bool finds_only;  /* nothing is cleaned */
	const struct field_rule *fields;
	size_t n_fields;
	struct log_format log; /* for FORMAT_COMBINED, and FORMAT_AUTO with fields */
	bool has_key;
	unsigned char key[KEY_BYTES];
	struct rules *grammar; /* owns the strings behind all that */
};

/* Ended with plan_free(), also after a failure. */
MUST_CHECK int plan_make(struct plan *plan, const struct settings *settings, struct cause *cause);
void plan_free(struct plan *plan);

/* The field's rule by name without regard to case, or NULL. */
const struct field_rule *plan_field(const struct plan *plan, const char *name, size_t len);
/* "redact", "truncate/24,48" … for people. */
const char *plan_action_name(const struct plan *plan, int san_class);

#endif
