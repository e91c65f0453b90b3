/*
 * ruleset - options checked and copied.
 */
#include "ruleset.h"

#include "chars.h"
#include "mask.h"
#include "prefilter_build.h"
#include "standard.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPEAT_MAX 4096

static const enum san_action defaults[SAN_CLASSES] = {
#define CLASS(id, name, placeholder, action) [SAN_##id] = action,
#include "class.def"
#undef CLASS
};

struct why {
	char *text;
	size_t size;
};

__attribute__((format(printf, 3, 4))) static int refuse(const struct why *why, int error,
							const char *format, ...)
{
	va_list args;

	if (!why->text || !why->size)
		return error;
	va_start(args, format);
	(void)vsnprintf(why->text, why->size, format, args);
	va_end(args);
	return error;
}

void san_options_init(struct san_options *options)
{
	memset(options, 0, sizeof(*options));
	options->size = sizeof(*options);
	memcpy(options->action, defaults, sizeof(defaults));
	options->ip4_prefix = 24;
	options->ip6_prefix = 48;
	options->hex_min = 32;
}

static int check_action(const struct san_options *o, int class, const struct why *why)
{
	const char *name = san_class_name(class);

	switch (o->action[class]) {
	case SAN_KEEP:
	case SAN_REDACT:
	case SAN_DROP:
		return 0;
	case SAN_TRUNCATE:
		return class == SAN_IP
			   ? 0
			   : refuse(why, SAN_EINVAL, "%s: only ip can be truncated", name);
	case SAN_LAST4:
		return class == SAN_CARD
			   ? 0
			   : refuse(why, SAN_EINVAL, "%s: last4 is for card only", name);
	case SAN_PSEUDONYM:
		return o->key ? 0 : refuse(why, SAN_EINVAL, "%s: a pseudonym needs a key", name);
	case SAN_MASK:
		if (!o->mask || !o->mask[class])
			return refuse(why, SAN_EINVAL, "%s: the mask is missing", name);
		return mask_fits(o->mask[class])
			   ? 0
			   : refuse(why, SAN_EINVAL, "%s: a mask must not hold " MASK_RULE, name);
	}
	return refuse(why, SAN_EINVAL, "%s: no such action", name);
}

/* What makes other text of a pattern mean something else: quotes, comments, extended syntax. */
static bool hides_text(const char *p)
{
	if (p[0] == '\\')
		return p[1] == 'Q';
	if (p[0] != '(' || p[1] != '?')
		return false;
	size_t flags = strspn(p + 2, "^-imsnJxUar");
	return p[2] == '#' || memchr(p + 2, 'x', flags) != NULL;
}

/* Length of "[:alpha:]" at p, 0 if there is none. */
static size_t posix_class(const char *p)
{
	size_t n = p[0] == '[' && p[1] == ':' ? strspn(p + 2, "^abcdefghijklmnopqrstuvwxyz") : 0;

	return n > 0 && p[n + 2] == ':' && p[n + 3] == ']' ? n + 4 : 0;
}

/* Repeats must be bounded, or time would not be linear: no *, +, {n,} and no {n,5000}. */
static bool repeats_bounded(const char *p)
{
	bool class = false;

	for (; *p; p++) {
		if (hides_text(p) && (!class || *p == '\\')) {
			return false;
		} else if (*p == '\\' && p[1]) {
			p++;
		} else if (class && posix_class(p)) {
			p += posix_class(p) - 1;
		} else if (class) {
			class = *p != ']';
		} else if (*p == '[') {
			class = true;
			p += p[1] == '^';
			p += p[1] == ']';
		} else if (*p == '*' || *p == '+') {
			return false;
		} else if (*p == '{') {
			unsigned low, high;
			int end = 0;
			if (sscanf(p, "{%4u,%6u}%n", &low, &high, &end) == 2 && end &&
			    high <= REPEAT_MAX)
				continue;
			end = 0;
			if (sscanf(p, "{%6u}%n", &low, &end) != 1 || !end || low > REPEAT_MAX)
				return false;
		}
	}
	return true;
}

static int check_own(const struct san_own *own, const struct why *why)
{
	size_t name = own->name ? strspn(own->name, "abcdefghijklmnopqrstuvwxyz0123456789_") : 0;
	size_t anchor = own->anchor ? strlen(own->anchor) : 0;

	if (name < 1 || name > 31 || own->name[name])
		return refuse(why, SAN_ERULE, "a pattern's name must be 1 to 31 of a-z, 0-9 and _");
	if (anchor < 2 || anchor > 64)
		return refuse(why, SAN_ERULE, "%s: the anchor must have 2 to 64 bytes", own->name);
	if (!own->pattern || !*own->pattern)
		return refuse(why, SAN_ERULE, "%s: the pattern is missing", own->name);
	if (!repeats_bounded(own->pattern))
		return refuse(why, SAN_ERULE, "%s: repeats must be bounded by %d", own->name,
			      REPEAT_MAX);
	if (own->placeholder && !mask_fits(own->placeholder))
		return refuse(why, SAN_ERULE, "%s: a placeholder must not hold " MASK_RULE,
			      own->name);
	if (own->placeholder && strlen(own->placeholder) > 4096)
		return refuse(why, SAN_ERULE, "%s: the placeholder is longer than 4096 bytes",
			      own->name);
	return 0;
}

static int check_options(const struct san_options *o, const struct why *why)
{
	int error;

	if (o->size != sizeof(*o))
		return refuse(why, SAN_EINVAL, "the options are of another version of the library");
	if (o->ip4_prefix > 32 || o->ip6_prefix > 128)
		return refuse(why, SAN_EINVAL, "ip: a prefix has at most 32 or 128 bits");
	if (o->hex_min < 16 || o->hex_min > 1024)
		return refuse(why, SAN_EINVAL, "hex: the length must be 16 to 1024");
	if (o->n_own > 1000 || (o->n_own && !o->own))
		return refuse(why, SAN_EINVAL, "at most 1000 patterns of one's own");
	for (int class = 0; class < SAN_CLASSES; class ++)
		if ((error = check_action(o, class, why)) != 0)
			return error;
	for (size_t i = 0; i < o->n_own; i++)
		if ((error = check_own(&o->own[i], why)) != 0)
			return error;
	return 0;
}

static size_t list_length(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* Copies go into rules->strings, which was made large enough. NULL: no memory. */
static const char *keep(struct san_rules *rules, const char *text)
{
	char *copy = strdup(text);

	if (copy)
		rules->strings[rules->n_strings++] = copy;
	return copy;
}

static bool keep_list(struct san_rules *rules, const char *const *from, const char ***at,
		      const char *const **out)
{
	*out = *at;
	for (; from && *from; from++)
		if (!(*(*at)++ = keep(rules, *from)))
			return false;
	*(*at)++ = NULL;
	return true;
}

static bool keep_own(struct san_rules *rules, const struct san_options *o)
{
	for (size_t i = 0; i < o->n_own; i++) {
		const struct san_own *from = &o->own[i];
		struct san_own *to = &rules->own[i];
		char made[64];
		size_t n = (size_t)snprintf(made, sizeof(made), "[REDACTED_%s]", from->name);
		for (size_t k = 0; k < n; k++)
			made[k] = is_lower((unsigned char)made[k]) ? (char)(made[k] - 32) : made[k];
		to->name = keep(rules, from->name);
		to->anchor = keep(rules, from->anchor);
		to->pattern = keep(rules, from->pattern);
		to->placeholder = keep(rules, from->placeholder ? from->placeholder : made);
		if (!to->name || !to->anchor || !to->pattern || !to->placeholder)
			return false;
	}
	return true;
}

static bool parse_network(const char *text, struct network *net)
{
	char address[64];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	unsigned long prefix;
	char *end;

	if (len == 0 || len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = 0;
	net->size = strchr(address, ':') ? 16 : 4;
	if (inet_pton(net->size == 16 ? AF_INET6 : AF_INET, address, net->bytes) != 1)
		return false;
	prefix = net->size * 8u;
	if (slash) {
		/* "/" or "/x" would let all addresses stay. */
		if (slash[1] < '0' || slash[1] > '9')
			return false;
		prefix = strtoul(slash + 1, &end, 10);
		if (*end)
			return false;
	}
	net->prefix = (uint8_t)prefix;
	return prefix <= net->size * 8u;
}

static bool keep_strings(struct san_rules *rules, const struct san_options *o)
{
	size_t listed = list_length(o->secret) + list_length(o->innocent) + list_length(o->allow);
	const char **at;

	rules->strings = calloc(listed + 4 * o->n_own + SAN_CLASSES + 1, sizeof(char *));
	rules->lists = at = calloc(listed + 3 + SAN_CLASSES, sizeof(char *));
	rules->own = calloc(o->n_own + 1, sizeof(*rules->own));
	rules->networks = calloc(list_length(o->allow) + 1, sizeof(*rules->networks));
	if (!rules->strings || !rules->lists || !rules->own || !rules->networks)
		return false;
	if (!keep_list(rules, o->secret, &at, &rules->secret) ||
	    !keep_list(rules, o->innocent, &at, &rules->innocent) ||
	    !keep_list(rules, o->allow, &at, &rules->allow) || !keep_own(rules, o))
		return false;
	for (const char *const *p = rules->allow; *p; p++)
		rules->n_networks += parse_network(*p, &rules->networks[rules->n_networks]);
	rules->options.mask = o->mask ? at : NULL;
	for (int i = 0; o->mask && i < SAN_CLASSES; i++, at++)
		if (o->mask[i] && !(*at = keep(rules, o->mask[i])))
			return false;
	return true;
}

/* What the options say of a prefilter; see there. */
struct wants {
	uint64_t addresses, starts;
	unsigned char hex_lane;
};

static struct wants wants_of(const struct san_options *o)
{
	const enum san_action *action = o->action;
	bool starts = action[SAN_IBAN] != SAN_KEEP || action[SAN_MAC] != SAN_KEEP ||
		      action[SAN_SSN] != SAN_KEEP;

	return (struct wants){
	    .addresses = action[SAN_IP] != SAN_KEEP ? ~(uint64_t)0 : 0,
	    .starts = starts ? ~(uint64_t)0 : 0,
	    .hex_lane = o->hex_min < 31 ? 8 : 16,
	};
}

static void prefilter_want(struct prefilter *pf, struct wants wants)
{
	pf->addresses = wants.addresses;
	pf->starts = wants.starts;
	pf->hex_lane = wants.hex_lane;
}

bool standard_make(struct standard *out)
{
	struct detectors *none = detectors_new(NULL, 0);
	struct san_options options;

	if (!none)
		return false;
	san_options_init(&options);
	options.action[SAN_IP] = SAN_TRUNCATE;
	prefilter_want(&out->prefilter, wants_of(&options));
	detectors_tell(none, &out->prefilter);
	name_tails_init(&out->tails);
	prefilter_names(&out->prefilter, &out->tails);
	detectors_free(none);
	return true;
}

/* The standard one, or a copy of it with what is wanted otherwise; false: no memory. */
static bool prefilter_make(struct san_rules *rules)
{
	const struct prefilter *standard = &standard_image.tables.prefilter;
	struct wants wants = wants_of(&rules->options);
	struct prefilter *own;

	rules->prefilter = standard;
	if (!rules->options.n_own && !*rules->secret && wants.addresses == standard->addresses &&
	    wants.starts == standard->starts && wants.hex_lane == standard->hex_lane)
		return true;
	own = rules->own_prefilter = calloc(1, sizeof(*own));
	if (!own)
		return false;
	rules->prefilter = own;
	if (rules->options.n_own)
		detectors_tell(rules->detectors, own);
	else
		*own = *standard;
	if (rules->options.n_own || *rules->secret)
		prefilter_names(own, &rules->tails);
	prefilter_want(own, wants);
	return true;
}

static void actions_fill(struct san_rules *rules)
{
	for (int class = 0; class < SAN_CLASSES; class ++) {
		enum san_action action = rules->options.action[class];
		const char *text = NULL;

		if (action == SAN_MASK)
			text = rules->options.mask[class];
		else if (action == SAN_REDACT && class != SAN_OWN)
			text = san_class_placeholder(class);
		rules->plain[class] = (struct plain){text, text ? strlen(text) : 0};
		rules->drops |= action == SAN_DROP;
	}
}

static int rules_fill(struct san_rules *rules, const struct san_options *o, const struct why *why)
{
	size_t bad = 0;
	int error;

	rules->options = *o;
	if (o->key)
		memcpy(rules->key, o->key, sizeof(rules->key));
	if (!keep_strings(rules, o))
		return SAN_ENOMEM;
	actions_fill(rules);
	rules->detectors = detectors_new(rules->own, o->n_own);
	if (!rules->detectors)
		return SAN_ENOMEM;
	error = detectors_compile_own(rules->detectors, &bad);
	if (error == SAN_ERULE)
		return refuse(why, SAN_ERULE, "%s: the pattern does not compile",
			      rules->own[bad].name);
	rules->tails = standard_image.tables.tails;
	name_tails_add(&rules->tails, rules->secret);
	return error == 0 && !prefilter_make(rules) ? SAN_ENOMEM : error;
}

int san_rules_new(struct san_rules **out, const struct san_options *options, char *why,
		  size_t why_size)
{
	const struct why reason = {why, why_size};
	struct san_options standard;
	struct san_rules *rules;
	int error;

	if (!out)
		return SAN_EINVAL;
	san_options_init(&standard);
	if (!options)
		options = &standard;
	if ((error = check_options(options, &reason)) != 0)
		return error;
	rules = calloc(1, sizeof(*rules));
	if (!rules)
		return refuse(&reason, SAN_ENOMEM, "no memory");
	error = rules_fill(rules, options, &reason);
	if (error) {
		san_rules_free(rules);
		return error == SAN_ENOMEM ? refuse(&reason, error, "no memory") : error;
	}
	*out = rules;
	return 0;
}

int san_rules_compile(const struct san_rules *rules)
{
	return rules ? detectors_compile(rules->detectors) : SAN_EINVAL;
}

void san_rules_free(struct san_rules *rules)
{
	if (!rules)
		return;
	detectors_free(rules->detectors);
	free(rules->own_prefilter);
	for (size_t i = 0; i < rules->n_strings; i++)
		free(rules->strings[i]);
	free(rules->strings);
	free(rules->lists);
	free(rules->own);
	free(rules->networks);
	free(rules);
}
