/*
 * config_value - a text becomes a field: type, bounds, and the shape its unit asks for.
 *
 * Messages say what is wanted and never repeat the value: a secret may have been put
 * under the wrong key.
 */
#include "config_rows.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net.h"

static void *field_of(struct config_loaded *loaded, const struct config_row *row)
{
	return (char *)&loaded->config + row->offset;
}

static enum status put_bool(bool *field, const char *text, struct reason *why)
{
	static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i]) == 0) {
			*field = i % 2 == 1;
			return ST_OK;
		}
	return reason_set(why, ST_CONFIG, "must be true or false");
}

static enum status put_uint(uint64_t *field, const struct config_row *row, const char *text,
			    struct reason *why)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno || number < row->min ||
	    number > row->max)
		return reason_set(why, ST_CONFIG,
				  "must be a whole number from %" PRIu64 " to %" PRIu64 " (%s)",
				  row->min, row->max, row->unit);
	*field = number;
	return ST_OK;
}

static enum status put_enum(unsigned *field, const struct config_row *row, const char *text,
			    struct reason *why)
{
	size_t len = strlen(text);
	unsigned index = 0;

	for (const char *word = row->unit; word; index++) {
		const char *bar = strchr(word, '|');
		size_t n = bar ? (size_t)(bar - word) : strlen(word);

		if (n == len && memcmp(word, text, n) == 0) {
			*field = index;
			return ST_OK;
		}
		word = bar ? bar + 1 : NULL;
	}
	return reason_set(why, ST_CONFIG, "must be one of %s", row->unit);
}

/* What Umami takes for a UUID: versions 1 to 8 of the usual variant, nil and max. */
static enum status check_uuid(char *text, struct reason *why)
{
	static const char shape[] = "xxxxxxxx-xxxx-vxxx-nxxx-xxxxxxxxxxxx";
	bool same = true;
	size_t i;

	for (i = 0; text[i]; i++) {
		text[i] = (char)tolower((unsigned char)text[i]);
		if (i >= sizeof(shape) - 1 ||
		    (shape[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i])))
			break;
		if (text[i] != '-' && text[i] != text[0])
			same = false;
	}
	if (text[i] || i != sizeof(shape) - 1)
		return reason_set(why, ST_CONFIG, "must be a UUID");
	if (same && (text[0] == '0' || text[0] == 'f'))
		return ST_OK;
	if (text[14] < '1' || text[14] > '8' || !strchr("89ab", text[19]))
		return reason_set(why, ST_CONFIG, "is a UUID of no version that Umami takes");
	return ST_OK;
}

/* host or [v6], then nothing or :port; *end is behind it. */
static bool is_authority(const char *text, const char **end)
{
	bool bracket = *text == '[';
	size_t n =
	    strspn(text + bracket, bracket ? "0123456789abcdefABCDEF:."
					   : "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
					     "WXYZ0123456789.-_");

	text += bracket + n;
	if (n == 0 || (bracket && *text++ != ']'))
		return false;
	if (*text == ':') {
		unsigned long port = strtoul(text + 1, NULL, 10);

		n = strspn(text + 1, "0123456789");
		if (n < 1 || n > 5 || port < 1 || port > 65535)
			return false;
		text += 1 + n;
	}
	*end = text;
	return true;
}

static enum status check_url(char *text, struct reason *why)
{
	size_t scheme = strncasecmp(text, "https://", 8) == 0  ? 8
			: strncasecmp(text, "http://", 7) == 0 ? 7
							       : 0;
	const char *end;
	size_t len = strlen(text);

	if (scheme == 0 || !is_authority(text + scheme, &end) || (*end && *end != '/') ||
	    end[strcspn(end, "?#@ \\")])
		return reason_set(
		    why, ST_CONFIG,
		    "must be an http:// or https:// URL without user, query and fragment");
	for (size_t i = 0; i < scheme; i++)
		text[i] = (char)tolower((unsigned char)text[i]);
	while (text[len - 1] == '/')
		text[--len] = '\0';
	return ST_OK;
}

static enum status check_template(char *text, struct reason *why)
{
	if (text[0] != '/' || strpbrk(text, "?# "))
		return reason_set(why, ST_CONFIG, "must be a path that starts with /");
	return ST_OK;
}

/* It goes into the served script and into headers as it is. */
static enum status check_path(char *text, struct reason *why)
{
	size_t len = strlen(text);

	if (text[0] != '/' || text[len - 1] == '/' || strstr(text, "//") || strstr(text, "/.") ||
	    text[strspn(text,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~-")])
		return reason_set(
		    why, ST_CONFIG,
		    "must start with /, end with a name, and hold letters, digits and "
		    "- . _ ~ only");
	return ST_OK;
}

/* As browsers write it, for it is compared to the letter. */
static enum status check_origin(char *text, struct reason *why)
{
	size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
			: strncmp(text, "http://", 7) == 0 ? 7
							   : 0;
	const char *usual = scheme == 8 ? ":443" : ":80", *end, *port;

	for (size_t i = 0; text[i]; i++)
		if (isupper((unsigned char)text[i]))
			scheme = 0;
	port = strrchr(text, ':');
	if (scheme == 0 || !is_authority(text + scheme, &end) || *end || strcmp(port, usual) == 0)
		return reason_set(
		    why, ST_CONFIG,
		    "must be origins as browsers name them: https://shop.example.com or "
		    "http://localhost:3000, in lower case, without path and usual port");
	return ST_OK;
}

static enum status check_network(char *text, struct reason *why)
{
	struct net net;

	if (!net_read(&net, text))
		return reason_set(why, ST_CONFIG,
				  "must be addresses and networks such as 192.0.2.0/24");
	return ST_OK;
}

/* The shapes that the units of strings and list items ask for; the text is made uniform. */
static const struct {
	const char *unit;
	enum status (*check)(char *text, struct reason *why);
} shapes[] = {
    {"UUID", check_uuid},	   {"UUIDs", check_uuid},	  {"URL", check_url},
    {"templates", check_template}, {"path of a URL", check_path}, {"origins", check_origin},
    {"networks", check_network},
};

/* A copy of text that has been looked at; NULL with why said. */
static const char *checked(struct config_loaded *loaded, const struct config_row *row,
			   const char *text, enum status *status, struct reason *why)
{
	char *copy = arena_copy(loaded->arena, text, strlen(text));

	*status = ST_OK;
	if (!copy)
		*status = reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	for (size_t i = 0; *status == ST_OK && copy[i]; i++)
		if (iscntrl((unsigned char)copy[i]))
			*status = reason_set(why, ST_CONFIG, "must not hold control characters");
	for (size_t i = 0; *status == ST_OK && *copy && i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strcmp(shapes[i].unit, row->unit) == 0)
			*status = shapes[i].check(copy, why);
	return *status == ST_OK ? copy : NULL;
}

static enum status put_string(struct config_loaded *loaded, const struct config_row *row,
			      const char *text, struct reason *why)
{
	const char **field = field_of(loaded, row);
	size_t len = strlen(text);
	enum status status;
	const char *copy;

	if (len < row->min)
		return reason_set(why, ST_CONFIG, "must not be empty");
	if (len > row->max)
		return reason_set(why, ST_CONFIG, "must not be longer than %" PRIu64 " bytes",
				  row->max);
	copy = checked(loaded, row, text, &status, why);
	if (copy)
		*field = copy;
	return status;
}

enum status config_put_list(struct config_loaded *loaded, const struct config_row *row,
			    const char *const *items, size_t n, const char *origin,
			    struct reason *why)
{
	struct config_list *field = field_of(loaded, row);
	enum status status = ST_OK;
	const char **copies;

	if (n < row->min || n > row->max)
		return reason_set(why, ST_CONFIG, "must have %" PRIu64 " to %" PRIu64 " %s",
				  row->min, row->max, row->unit);
	copies = arena_alloc(loaded->arena, (n + 1) * sizeof(*copies));
	if (!copies)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	for (size_t i = 0; status == ST_OK && i < n; i++)
		copies[i] = checked(loaded, row, items[i], &status, why);
	if (status != ST_OK)
		return status;
	copies[n] = NULL;
	field->items = copies;
	field->n = n;
	loaded->origins[row - config_rows] = origin;
	return ST_OK;
}

/* "a, b,c": spaces around an item and empty items do not count. */
static enum status put_commas(struct config_loaded *loaded, const struct config_row *row,
			      const char *text, const char *origin, struct reason *why)
{
	char *copy = arena_copy(loaded->arena, text, strlen(text));
	const char **items = arena_alloc(loaded->arena, (strlen(text) / 2 + 1) * sizeof(*items));
	size_t n = 0;
	char *rest;

	if (!copy || !items)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	for (char *item = strtok_r(copy, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
		size_t len;

		item += strspn(item, " \t");
		len = strlen(item);
		while (len && strchr(" \t", item[len - 1]))
			item[--len] = '\0';
		if (len)
			items[n++] = item;
	}
	return config_put_list(loaded, row, items, n, origin, why);
}

enum status config_put(struct config_loaded *loaded, const struct config_row *row, const char *text,
		       const char *origin, struct reason *why)
{
	void *field = field_of(loaded, row);
	enum status status = ST_CONFIG;

	switch (row->type) {
	case CONFIG_TYPE_BOOL:
		status = put_bool(field, text, why);
		break;
	case CONFIG_TYPE_UINT:
		status = put_uint(field, row, text, why);
		break;
	case CONFIG_TYPE_ENUM:
		status = put_enum(field, row, text, why);
		break;
	case CONFIG_TYPE_STRING:
	case CONFIG_TYPE_SECRET:
		status = put_string(loaded, row, text, why);
		break;
	case CONFIG_TYPE_LIST:
		return put_commas(loaded, row, text, origin, why);
	}
	if (status == ST_OK)
		loaded->origins[row - config_rows] = origin;
	return status;
}
