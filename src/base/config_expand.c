/*
 * config_expand - ${VAR} and ${VAR:-default} in the values of the file.
 *
 * Not recursive: what a variable holds is never looked at again, so no environment
 * can reach other variables through it.
 */
#include "config_rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_BYTES ((size_t)64 * 1024)
#define NAME_MAX_BYTES 128

/* One of the given names of the product, which may be absent. */
static bool may_be_unset(const char *name)
{
	for (size_t i = 0; i < CONFIG_KEYS; i++)
		if (config_rows[i].env && strcmp(config_rows[i].env, name) == 0)
			return strncmp(name, "UMAMI_", 6) == 0;
	return false;
}

struct reference {
	char name[NAME_MAX_BYTES];
	const char *fallback; /* NULL: none */
	size_t fallback_len;
	const char *end; /* behind the brace */
};

/* text stands behind "${". */
static enum status parse_reference(struct reference *ref, const char *text, struct reason *why)
{
	const char *close = strchr(text, '}');
	size_t len = 0;

	if (!close)
		return reason_set(why, ST_CONFIG, "a ${ has no }");
	while (isalnum((unsigned char)text[len]) || text[len] == '_')
		len++;
	if (len == 0 || len >= sizeof(ref->name) || isdigit((unsigned char)text[0]))
		return reason_set(why, ST_CONFIG, "${…} does not name a variable");
	memcpy(ref->name, text, len);
	ref->name[len] = '\0';
	ref->fallback = NULL;
	ref->fallback_len = 0;
	ref->end = close + 1;
	text += len;
	if (text == close)
		return ST_OK;
	if (strncmp(text, ":-", 2) != 0)
		return reason_set(why, ST_CONFIG, "only ${%s} and ${%s:-default} are understood",
				  ref->name, ref->name);
	ref->fallback = text + 2;
	ref->fallback_len = (size_t)(close - ref->fallback);
	return ST_OK;
}

/* *unset: the value as a whole counts as not given. */
static enum status add_reference(struct buf *buf, const struct reference *ref, bool *unset,
				 struct reason *why)
{
	const char *value = getenv(ref->name);

	if (value && *value)
		buf_adds(buf, value);
	else if (ref->fallback)
		buf_add(buf, ref->fallback, ref->fallback_len);
	else if (may_be_unset(ref->name))
		*unset = true;
	else
		return reason_set(why, ST_CONFIG, "the variable %s is not set", ref->name);
	return ST_OK;
}

static enum status expand(struct buf *buf, const char *text, bool *literal, bool *unset,
			  struct reason *why)
{
	while (*text) {
		struct reference ref;
		enum status status;

		if (strncmp(text, "${", 2) != 0) {
			text += strncmp(text, "$${", 3) == 0; /* the first $ only quotes */
			*literal = true;
			buf_addc(buf, *text++);
			continue;
		}
		status = parse_reference(&ref, text + 2, why);
		if (status == ST_OK)
			status = add_reference(buf, &ref, unset, why);
		if (status != ST_OK)
			return status;
		*literal = *literal || ref.fallback_len > 0;
		text = ref.end;
	}
	return ST_OK;
}

enum status config_expand(const char **out, bool *literal, struct arena *arena, const char *text,
			  struct reason *why)
{
	enum status status;
	bool unset = false;
	struct buf buf;

	*out = NULL;
	*literal = false;
	buf_init(&buf, VALUE_BYTES);
	status = expand(&buf, text, literal, &unset, why);
	if (status == ST_OK && !buf_ok(&buf))
		status = reason_set(why, ST_CONFIG, "the value is too long");
	if (status == ST_OK && !unset) {
		*out = arena_copy(arena, buf.data, buf.len);
		if (!*out)
			status = reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	}
	if (buf.data)
		explicit_bzero(buf.data, buf.cap);
	buf_free(&buf);
	return status;
}
