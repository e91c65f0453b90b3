#include "json_valid.h"

#include <string.h>

#define DEPTH_MAX 200

struct reader {
	const char *at, *end;
	int depth;
};

static bool value(struct reader *r);

static void blanks(struct reader *r)
{
	while (r->at < r->end && *r->at && strchr(" \t\r\n", *r->at))
		r->at++;
}

static bool take(struct reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool digits(struct reader *r)
{
	const char *from = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return r->at > from;
}

static bool number(struct reader *r)
{
	(void)take(r, '-');
	if (!take(r, '0') && !digits(r))
		return false;
	if (take(r, '.') && !digits(r))
		return false;
	if (!take(r, 'e') && !take(r, 'E'))
		return true;
	(void)(take(r, '+') || take(r, '-'));
	return digits(r);
}

static bool escape(struct reader *r)
{
	if (r->at == r->end || !*r->at || !strchr("\"\\/bfnrtu", *r->at))
		return false;
	if (*r->at++ != 'u')
		return true;
	for (int i = 0; i < 4; i++, r->at++)
		if (r->at == r->end || !*r->at || !strchr("0123456789abcdefABCDEF", *r->at))
			return false;
	return true;
}

static bool string(struct reader *r)
{
	if (!take(r, '"'))
		return false;
	while (r->at < r->end && *r->at != '"') {
		if ((unsigned char)*r->at < 0x20)
			return false;
		if (*r->at++ == '\\' && !escape(r))
			return false;
	}
	return take(r, '"');
}

/* Elements of an array, or members of an object. */
static bool elements(struct reader *r, char close)
{
	blanks(r);
	if (take(r, close))
		return true;
	do {
		blanks(r);
		if (close == '}') {
			if (!string(r))
				return false;
			blanks(r);
			if (!take(r, ':'))
				return false;
		}
		if (!value(r))
			return false;
		blanks(r);
	} while (take(r, ','));
	return take(r, close);
}

static bool word(struct reader *r, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0)
		return false;
	r->at += n;
	return true;
}

static bool value(struct reader *r)
{
	bool good;

	blanks(r);
	if (r->at == r->end || r->depth++ == DEPTH_MAX)
		return false;
	if (*r->at == '"')
		good = string(r);
	else if (take(r, '{'))
		good = elements(r, '}');
	else if (take(r, '['))
		good = elements(r, ']');
	else
		good = word(r, "true") || word(r, "false") || word(r, "null") || number(r);
	r->depth--;
	return good;
}

bool json_valid(const char *text, size_t len)
{
	struct reader r = {.at = text, .end = text + len};

	if (!value(&r))
		return false;
	blanks(&r);
	return r.at == r.end;
}
