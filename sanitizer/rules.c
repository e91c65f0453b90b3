/*
 * rules - see rules.h. One table row per first word of a path; each row's
 * function gets what follows the word and the value.
 */
#include "rules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mask.h"

/* More would be a mistake, and the library's tables are built from them. */
#define MAX_LIST 100000
#define MAX_OWN 1000
#define MAX_VALUE 65536

struct list {
	char **items; /* NULL-ended */
	size_t n, cap;
};

struct rules {
	enum san_action action[SAN_CLASSES];
	char *mask[SAN_CLASSES];
	unsigned ip4_prefix, ip6_prefix, hex_min;
	struct list secret, innocent, allow;
	struct san_own *own;
	size_t n_own;
	struct field_rule *fields;
	size_t n_fields;
	char *key_file;
};

/* Where a sentence for people goes. */
struct why {
	char *text;
	size_t size;
};

static const char *const field_actions[] = {
    [FIELD_KEEP] = "keep",
    [FIELD_REDACT] = "redact",
    [FIELD_HASH] = "hash",
    [FIELD_DROP] = "drop",
};

__attribute__((format(printf, 2, 3))) static int refuse(struct why why, const char *format, ...)
{
	va_list args;

	if (why.text && why.size) {
		va_start(args, format);
		vsnprintf(why.text, why.size, format, args);
		va_end(args);
	}
	return SAN_EINVAL;
}

static int no_memory(struct why why)
{
	refuse(why, "out of memory");
	return SAN_ENOMEM;
}

static int replace(char **slot, const char *value, struct why why)
{
	char *copy = strdup(value);

	if (!copy)
		return no_memory(why);
	free(*slot);
	*slot = copy;
	return 0;
}

static int list_add(struct list *list, const char *value, struct why why)
{
	if (list->n >= MAX_LIST)
		return refuse(why, "more than %d elements in one list", MAX_LIST);
	if (list->n + 2 > list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 16;
		char **items = realloc(list->items, cap * sizeof(*items));
		if (!items)
			return no_memory(why);
		list->items = items;
		list->cap = cap;
	}
	list->items[list->n] = strdup(value);
	if (!list->items[list->n])
		return no_memory(why);
	list->items[++list->n] = NULL;
	return 0;
}

static void list_free(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i]);
	free(list->items);
}

/* A decimal number within [min, max] that ends at *end. */
static bool number(const char *text, char **end, unsigned min, unsigned max, unsigned *out)
{
	unsigned long v;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	v = strtoul(text, end, 10);
	if (errno || v < min || v > max)
		return false;
	*out = (unsigned)v;
	return true;
}

static int set_truncate(struct rules *rules, const char *value, struct why why)
{
	unsigned v4 = rules->ip4_prefix, v6 = rules->ip6_prefix;
	char *end;

	if (*value == '/') {
		if (!number(value + 1, &end, 0, 32, &v4))
			return refuse(why, "ip: truncate/BITS4,BITS6 takes 0..32 and 0..128");
		if (*end == ',' && !number(end + 1, &end, 0, 128, &v6))
			return refuse(why, "ip: truncate/BITS4,BITS6 takes 0..32 and 0..128");
		value = end;
	}
	if (*value)
		return refuse(why, "ip: truncate/BITS4,BITS6 takes two numbers");
	rules->action[SAN_IP] = SAN_TRUNCATE;
	rules->ip4_prefix = v4;
	rules->ip6_prefix = v6;
	return 0;
}

static int set_class(struct rules *rules, const char *name, const char *value, struct why why)
{
	static const struct {
		const char *word;
		enum san_action action;
		int only; /* the one class that knows it, or -1 */
	} words[] = {
	    {"keep", SAN_KEEP, -1},	      {"redact", SAN_REDACT, -1},
	    {"pseudonym", SAN_PSEUDONYM, -1}, {"drop", SAN_DROP, -1},
	    {"last4", SAN_LAST4, SAN_CARD},
	};
	int class = san_class_by_name(name);

	if (class < 0)
		return refuse(why, "classes: there is no class '%s'", name);
	if (strncmp(value, "mask:", 5) == 0) {
		if (!mask_fits(value + 5))
			return refuse(why, "%s: a mask must not hold " MASK_RULE, name);
		rules->action[class] = SAN_MASK;
		return replace(&rules->mask[class], value + 5, why);
	}
	if (class == SAN_IP && strncmp(value, "truncate", 8) == 0)
		return set_truncate(rules, value + 8, why);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(value, words[i].word) || (words[i].only >= 0 && words[i].only != class))
			continue;
		rules->action[class] = words[i].action;
		return 0;
	}
	return refuse(why, "%s: no such action; use redact, keep, drop, pseudonym%s or mask:TEXT",
		      name,
		      class == SAN_IP	  ? ", truncate"
		      : class == SAN_CARD ? ", last4"
					  : "");
}

static int set_hex_min(struct rules *rules, const char *rest, const char *value, struct why why)
{
	char *end;

	(void)rest;
	if (!number(value, &end, 16, 1024, &rules->hex_min) || *end)
		return refuse(why, "hex_min: takes a number from 16 to 1024");
	return 0;
}

static int set_secret(struct rules *rules, const char *rest, const char *value, struct why why)
{
	(void)rest;
	return list_add(&rules->secret, value, why);
}

static int set_innocent(struct rules *rules, const char *rest, const char *value, struct why why)
{
	(void)rest;
	return list_add(&rules->innocent, value, why);
}

/* Of an address with a prefix that it cannot have: no literal that anybody means. */
static bool is_wrong_network(const char *value)
{
	const char *slash = strchr(value, '/');
	size_t len = slash ? (size_t)(slash - value) : 0;
	unsigned char bytes[16];
	char address[64], *end;
	unsigned prefix;
	bool v6;

	if (!len || len >= sizeof(address))
		return false;
	memcpy(address, value, len);
	address[len] = '\0';
	v6 = strchr(address, ':');
	if (inet_pton(v6 ? AF_INET6 : AF_INET, address, bytes) != 1)
		return false;
	return !number(slash + 1, &end, 0, v6 ? 128 : 32, &prefix) || *end;
}

static int set_allow(struct rules *rules, const char *rest, const char *value, struct why why)
{
	(void)rest;
	if (is_wrong_network(value))
		return refuse(why,
			      "allow: a network's prefix is a number up to 32, or 128 for IPv6");
	return list_add(&rules->allow, value, why);
}

static int set_key_file(struct rules *rules, const char *rest, const char *value, struct why why)
{
	(void)rest;
	return replace(&rules->key_file, value, why);
}

static struct san_own *own_by_name(struct rules *rules, const char *name, size_t len,
				   struct why why)
{
	struct san_own *own;

	for (size_t i = 0; i < rules->n_own; i++)
		if (strncmp(rules->own[i].name, name, len) == 0 && !rules->own[i].name[len])
			return &rules->own[i];
	if (rules->n_own >= MAX_OWN) {
		refuse(why, "own: more than %d patterns", MAX_OWN);
		return NULL;
	}
	own = realloc(rules->own, (rules->n_own + 1) * sizeof(*own));
	if (!own) {
		no_memory(why);
		return NULL;
	}
	rules->own = own;
	own += rules->n_own;
	memset(own, 0, sizeof(*own));
	own->name = strndup(name, len);
	if (!own->name) {
		no_memory(why);
		return NULL;
	}
	rules->n_own++;
	return own;
}

static int set_own(struct rules *rules, const char *rest, const char *value, struct why why)
{
	const char *dot = strchr(rest, '.');
	const char *part = dot ? dot + 1 : "";
	const char **slot;
	struct san_own *own;

	if (strcmp(part, "anchor") && strcmp(part, "pattern") && strcmp(part, "placeholder"))
		return refuse(why, "own: '%s' is not NAME.anchor, NAME.pattern or NAME.placeholder",
			      rest);
	if (part[1] == 'l' && !mask_fits(value))
		return refuse(why, "own.%s: must not hold " MASK_RULE, rest);
	own = own_by_name(rules, rest, (size_t)(dot - rest), why);
	if (!own)
		return SAN_EINVAL;
	slot = part[0] == 'a' ? &own->anchor : part[1] == 'a' ? &own->pattern : &own->placeholder;
	value = strdup(value);
	if (!value)
		return no_memory(why);
	free((void *)(size_t)*slot);
	*slot = value;
	return 0;
}

static int set_field(struct rules *rules, const char *name, const char *value, struct why why)
{
	struct field_rule *field;
	int action = -1;

	for (int i = 0; i <= FIELD_DROP; i++)
		if (strcmp(value, field_actions[i]) == 0)
			action = i;
	if (action < 0)
		return refuse(why, "fields.%s: no such action; use drop, hash, keep or redact",
			      name);
	for (size_t i = 0; i < rules->n_fields; i++) {
		if (strcmp(rules->fields[i].name, name) == 0) {
			rules->fields[i].action = (enum field_action)action;
			return 0;
		}
	}
	field = realloc(rules->fields, (rules->n_fields + 1) * sizeof(*field));
	if (!field)
		return no_memory(why);
	rules->fields = field;
	field += rules->n_fields;
	field->name = strdup(name);
	if (!field->name)
		return no_memory(why);
	field->action = (enum field_action)action;
	rules->n_fields++;
	return 0;
}

struct rules *rules_new(void)
{
	struct rules *rules = calloc(1, sizeof(*rules));
	struct san_options options;

	if (!rules)
		return NULL;
	san_options_init(&options);
	memcpy(rules->action, options.action, sizeof(rules->action));
	rules->action[SAN_IP] = SAN_TRUNCATE;
	rules->ip4_prefix = options.ip4_prefix;
	rules->ip6_prefix = options.ip6_prefix;
	rules->hex_min = options.hex_min;
	return rules;
}

void rules_free(struct rules *rules)
{
	if (!rules)
		return;
	for (int i = 0; i < SAN_CLASSES; i++)
		free(rules->mask[i]);
	for (size_t i = 0; i < rules->n_own; i++) {
		free((void *)(size_t)rules->own[i].name);
		free((void *)(size_t)rules->own[i].anchor);
		free((void *)(size_t)rules->own[i].pattern);
		free((void *)(size_t)rules->own[i].placeholder);
	}
	for (size_t i = 0; i < rules->n_fields; i++)
		free((void *)(size_t)rules->fields[i].name);
	list_free(&rules->secret);
	list_free(&rules->innocent);
	list_free(&rules->allow);
	free(rules->own);
	free(rules->fields);
	free(rules->key_file);
	free(rules);
}

int rules_set(struct rules *rules, const char *path, const char *value, char *text, size_t size)
{
	static const struct {
		const char *word;
		bool more; /* a name follows after a dot */
		int (*set)(struct rules *, const char *, const char *, struct why);
	} rows[] = {
	    {"classes", true, set_class},	 {"hex_min", false, set_hex_min},
	    {"secret_names", false, set_secret}, {"innocent_names", false, set_innocent},
	    {"allow", false, set_allow},	 {"own", true, set_own},
	    {"fields", true, set_field},	 {"pseudonym_key_file", false, set_key_file},
	};
	struct why why = {text, size};

	if (strlen(value) > MAX_VALUE)
		return refuse(why, "%s: the value is longer than %d bytes", path, MAX_VALUE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = strlen(rows[i].word);
		if (strncmp(path, rows[i].word, n))
			continue;
		if (rows[i].more && path[n] == '.' && path[n + 1])
			return rows[i].set(rules, path + n + 1, value, why);
		if (!rows[i].more && !path[n])
			return rows[i].set(rules, "", value, why);
	}
	return refuse(why, "there is no key '%s'", path);
}

static int own_complete(const struct san_own *own, struct why why)
{
	if (own->anchor && own->pattern)
		return 0;
	return refuse(why, "own.%s: %s is missing", own->name,
		      own->anchor ? "a pattern" : "an anchor");
}

int rules_check_own(struct rules *rules, const char *name, char *text, size_t size)
{
	struct why why = {text, size};
	const struct san_own *own = own_by_name(rules, name, strlen(name), why);
	struct san_options options;
	struct san_rules *compiled;
	int rc;

	if (!own || own_complete(own, why))
		return SAN_EINVAL;
	san_options_init(&options);
	options.own = own;
	options.n_own = 1;
	rc = san_rules_new(&compiled, &options, text, size);
	if (!rc)
		san_rules_free(compiled);
	return rc;
}

int rules_options(struct rules *rules, struct san_options *options, char *text, size_t size)
{
	struct why why = {text, size};

	for (size_t i = 0; i < rules->n_own; i++)
		if (own_complete(&rules->own[i], why))
			return SAN_EINVAL;
	san_options_init(options);
	memcpy(options->action, rules->action, sizeof(rules->action));
	options->ip4_prefix = rules->ip4_prefix;
	options->ip6_prefix = rules->ip6_prefix;
	options->hex_min = rules->hex_min;
	options->mask = (const char *const *)rules->mask;
	options->secret = (const char *const *)rules->secret.items;
	options->innocent = (const char *const *)rules->innocent.items;
	options->allow = (const char *const *)rules->allow.items;
	options->own = rules->own;
	options->n_own = rules->n_own;
	return 0;
}

const struct field_rule *rules_fields(const struct rules *rules, size_t *n)
{
	*n = rules->n_fields;
	return rules->fields;
}

const char *rules_key_file(const struct rules *rules)
{
	return rules->key_file;
}

const char *field_action_name(enum field_action action)
{
	return field_actions[action];
}
