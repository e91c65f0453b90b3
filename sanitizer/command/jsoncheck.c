/*
 * jsoncheck - see jsoncheck.h. One pass; the open brackets are kept in an array, so
 * that depth costs no stack.
 */
#include "jsoncheck.h"

#include <string.h>

#define MAX_DEPTH 1000

struct check {
	const char *p, *end;
	size_t depth;
	bool object[MAX_DEPTH + 1];
};

static void skip_blanks(struct check *check)
{
	while (check->p < check->end && *check->p && strchr(" \t\r\n", *check->p))
		check->p++;
}

static bool take(struct check *check, char c)
{
	if (check->p == check->end || *check->p != c)
		return false;
	check->p++;
	return true;
}

static bool take_hex4(struct check *check)
{
	for (int i = 0; i < 4; i++, check->p++)
		if (check->p == check->end || !*check->p ||
		    !strchr("0123456789abcdefABCDEF", *check->p))
			return false;
	return true;
}

static bool take_string(struct check *check)
{
	if (!take(check, '"'))
		return false;
	while (check->p < check->end) {
		unsigned char c = (unsigned char)*check->p++;

		if (c == '"')
			return true;
		if (c < ' ')
			return false;
		if (c != '\\')
			continue;
		if (take(check, 'u')) {
			if (!take_hex4(check))
				return false;
		} else if (check->p == check->end || !*check->p ||
			   !strchr("\"\\/bfnrt", *check->p++)) {
			return false;
		}
	}
	return false;
}

static bool take_digits(struct check *check)
{
	const char *start = check->p;

	while (check->p < check->end && *check->p >= '0' && *check->p <= '9')
		check->p++;
	return check->p > start;
}

static bool take_number(struct check *check)
{
	take(check, '-');
	if (!take(check, '0') && !take_digits(check))
		return false;
	if (take(check, '.') && !take_digits(check))
		return false;
	if (!take(check, 'e') && !take(check, 'E'))
		return true;
	if (!take(check, '+'))
		take(check, '-');
	return take_digits(check);
}

static bool take_word(struct check *check)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(check->end - check->p) < n || memcmp(check->p, words[i], n) != 0)
			continue;
		check->p += n;
		return true;
	}
	return false;
}

static bool take_scalar(struct check *check)
{
	if (check->p == check->end)
		return false;
	if (*check->p == '"')
		return take_string(check);
	if (*check->p == '-' || (*check->p >= '0' && *check->p <= '9'))
		return take_number(check);
	return take_word(check);
}

/* In an object, the name before a value. */
static bool take_name(struct check *check)
{
	if (!check->depth || !check->object[check->depth])
		return true;
	skip_blanks(check);
	if (!take_string(check))
		return false;
	skip_blanks(check);
	return take(check, ':');
}

/* All brackets that end here, then the comma before the next value, if one must come. */
static bool take_ends(struct check *check)
{
	while (check->depth) {
		skip_blanks(check);
		if (take(check, ','))
			return take_name(check);
		if (!take(check, check->object[check->depth] ? '}' : ']'))
			return false;
		check->depth--;
	}
	return true;
}

/* A scalar, or an opening bracket: then *open, but for an empty one. */
static bool take_value(struct check *check, bool *open)
{
	bool object;

	skip_blanks(check);
	*open = false;
	object = take(check, '{');
	if (!object && !take(check, '['))
		return take_scalar(check);
	skip_blanks(check);
	if (take(check, object ? '}' : ']'))
		return true;
	if (check->depth == MAX_DEPTH)
		return false;
	check->object[++check->depth] = object;
	*open = true;
	return take_name(check);
}

bool json_check(const char *data, size_t len)
{
	struct check check = {.p = data, .end = data + len};
	bool open;

	do {
		if (!take_value(&check, &open) || (!open && !take_ends(&check)))
			return false;
		if (!check.depth)
			skip_blanks(&check);
	} while (check.depth || check.p < check.end);
	return true;
}
