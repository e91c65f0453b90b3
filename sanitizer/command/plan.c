/*
 * plan - see plan.h. Later overrides earlier: rule file, --only or --except,
 * --CLASS=ACTION; all through the one grammar of rules.h.
 */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int set(struct plan *plan, const char *option, const char *path, const char *value,
	       struct cause *cause)
{
	char why[400];

	if (rules_set(plan->grammar, path, value, why, sizeof(why)))
		return cause_set(cause, "--%s: %s", option, why);
	return 0;
}

/* Put "--option FILE: " before what is wrong with the file. */
static int blame(struct cause *cause, const char *option, const char *path)
{
	struct cause inner = *cause;

	return cause_set(cause, "--%s %.150s: %.300s", option, path, inner.text);
}

/* The option spells "api-key" what the library calls "api_key". */
static int class_of(const char *name, size_t len)
{
	char copy[32];

	if (len >= sizeof(copy))
		return -1;
	for (size_t i = 0; i < len; i++)
		copy[i] = (char)(name[i] == '-' ? '_' : name[i]);
	copy[len] = '\0';
	return san_class_by_name(copy);
}

static int read_classes(const char *option, const char *list, bool listed[SAN_CLASSES],
			struct cause *cause)
{
	while (*list) {
		size_t len = strcspn(list, ",");
		int class = class_of(list, len);
		if (class < 0)
			return cause_set(cause, "--%s: no class '%.*s'; see --list-classes", option,
					 (int)len, list);
		listed[class] = true;
		list += len + (list[len] == ',');
	}
	return 0;
}

static int set_class(struct plan *plan, const char *option, int class, const char *value,
		     struct cause *cause)
{
	char path[64];

	snprintf(path, sizeof(path), "classes.%s", san_class_name(class));
	return set(plan, option, path, value, cause);
}

/* What the rules come to is wrong: most likely in their file. */
static int refuse(const struct settings *settings, const char *why, struct cause *cause)
{
	const char *path = settings->rules_file;

	cause_set(cause, "%s", why);
	if (!path)
		return -1;
	/* Which of one's own patterns it is takes its time; here that no longer matters. */
	if (!rulefile_blame_own(path, cause))
		cause_set(cause, "%s", why);
	return blame(cause, "rules", path);
}

/* A class named by --only that would not be looked for is redacted. */
static int apply_only(struct plan *plan, const struct settings *settings, struct cause *cause)
{
	const char *option = settings->only ? "only" : "except";
	const char *list = settings->only ? settings->only : settings->except;
	bool listed[SAN_CLASSES] = {false};
	struct san_options now;
	char why[400];

	if (!list)
		return 0;
	if (read_classes(option, list, listed, cause))
		return -1;
	if (rules_options(plan->grammar, &now, why, sizeof(why)))
		return refuse(settings, why, cause);
	for (int i = 0; i < SAN_CLASSES; i++) {
		const char *value = NULL;
		if (listed[i] == !settings->only)
			value = "keep";
		else if (settings->only && now.action[i] == SAN_KEEP)
			value = "redact";
		if (value && set_class(plan, option, i, value, cause))
			return -1;
	}
	return 0;
}

static int apply_fields(struct plan *plan, const struct settings *settings, struct cause *cause)
{
	for (size_t i = 0; i < settings->n_fields; i++) {
		const char *equals = strrchr(settings->fields[i], '=');
		char path[300];
		int n = snprintf(path, sizeof(path), "fields.%.*s",
				 (int)(equals - settings->fields[i]), settings->fields[i]);
		if (n < 0 || (size_t)n >= sizeof(path))
			return cause_set(cause, "--field: the name is too long");
		if (set(plan, "field", path, equals + 1, cause))
			return -1;
	}
	plan->fields = rules_fields(plan->grammar, &plan->n_fields);
	return 0;
}

static int gather(struct plan *plan, const struct settings *settings, struct cause *cause)
{
	if (settings->rules_file && rulefile_yaml(plan->grammar, settings->rules_file, cause))
		return blame(cause, "rules", settings->rules_file);
	if (settings->allow_file && rulefile_allow(plan->grammar, settings->allow_file, cause))
		return blame(cause, "allow", settings->allow_file);
	if (settings->hex_min && set(plan, "hex-min", "hex_min", settings->hex_min, cause))
		return -1;
	if (apply_only(plan, settings, cause))
		return -1;
	for (int i = 0; i < SAN_CLASSES; i++)
		if (settings->action[i] &&
		    set_class(plan, class_option(i), i, settings->action[i], cause))
			return -1;
	return apply_fields(plan, settings, cause);
}

static int read_key(struct plan *plan, const struct settings *settings, struct cause *cause)
{
	const char *path = settings->key_file ? settings->key_file : rules_key_file(plan->grammar);
	const char *needs = NULL;

	if (path) {
		if (rulefile_key(plan->key, path, cause))
			return blame(cause, "pseudonym-key-file", path);
		plan->has_key = true;
		return 0;
	}
	for (int i = 0; i < SAN_CLASSES; i++)
		if (plan->action[i] == SAN_PSEUDONYM)
			needs = san_class_name(i);
	for (size_t i = 0; i < plan->n_fields; i++)
		if (plan->fields[i].action == FIELD_HASH)
			needs = plan->fields[i].name;
	if (needs)
		return cause_set(cause, "%s: a pseudonym or hash needs --pseudonym-key-file",
				 needs);
	return 0;
}

int plan_make(struct plan *plan, const struct settings *settings, struct cause *cause)
{
	const char *log = settings->log_format ? settings->log_format : "COMBINED";
	struct san_options options;
	char why[400];
	int rc;

	*plan = (struct plan){.format = settings->format,
			      .counts_json = settings->stats,
			      .finds_only = settings->task == TASK_CHECK,
			      .grammar = rules_new()};
	if (!plan->grammar)
		return cause_set(cause, "out of memory");
	if (gather(plan, settings, cause))
		return -1;
	if (rules_options(plan->grammar, &options, why, sizeof(why)))
		return refuse(settings, why, cause);
	memcpy(plan->action, options.action, sizeof(plan->action));
	plan->ip4_prefix = options.ip4_prefix;
	for (int i = 0; i < SAN_CLASSES; i++)
		plan->drops |= plan->action[i] == SAN_DROP;
	if (read_key(plan, settings, cause) || log_format_make(&plan->log, log, cause))
		return -1;
	if (plan->has_key)
		options.key = plan->key;
	rc = san_rules_new(&plan->rules, &options, why, sizeof(why));
	if (rc == SAN_ENOMEM)
		return cause_set(cause, "out of memory");
	return rc < 0 ? refuse(settings, why, cause) : 0;
}

void plan_free(struct plan *plan)
{
	san_rules_free(plan->rules);
	rules_free(plan->grammar);
	explicit_bzero(plan->key, sizeof(plan->key));
}

const struct field_rule *plan_field(const struct plan *plan, const char *name, size_t len)
{
	for (size_t i = 0; i < plan->n_fields; i++)
		if (strlen(plan->fields[i].name) == len &&
		    strncasecmp(plan->fields[i].name, name, len) == 0)
			return &plan->fields[i];
	return NULL;
}

const char *plan_action_name(const struct plan *plan, int san_class)
{
	static const char *const names[] = {
	    [SAN_KEEP] = "keep",   [SAN_REDACT] = "redact",	  [SAN_TRUNCATE] = "truncate",
	    [SAN_LAST4] = "last4", [SAN_PSEUDONYM] = "pseudonym", [SAN_MASK] = "mask",
	    [SAN_DROP] = "drop",
	};

	return names[plan->action[san_class]];
}
