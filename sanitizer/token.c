/*
 * token - JSON web tokens, where one run of letters can hold thousands of "eyJ".
 */
#include "chars.h"
#include "detector.h"
#include "engine.h"
#include "try.h"

#include <string.h>

/* So many places in one run are tried; then the run goes whole, so that time stays linear. */
#define TRIES_MAX 16

static size_t run_end(const struct record *r, size_t at)
{
	while (at < r->n && (is_alnum(r->s[at]) || r->s[at] == '-' || r->s[at] == '_'))
		at++;
	return at;
}

bool jwt_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	const unsigned char *s = r->s + at;

	if (r->n - at < 3 || s[0] != 'e' ||
	    (memcmp(s, "eyJ", 3) && memcmp(s, "eyA", 3) && memcmp(s, "ewo", 3)))
		return false;
	if (!word_begins(r, at))
		return false;
	if (at >= r->jwt_seen) {
		r->jwt_seen = run_end(r, at);
		r->jwt_tries = 0;
	}
	if (r->jwt_seen == r->n || r->s[r->jwt_seen] != '.')
		return false;
	if (++r->jwt_tries > TRIES_MAX) {
		piece_add(scanner, r, at, r->jwt_seen, SAN_JWT, "jwt");
		return true;
	}
	return detector_at(scanner, DETECTOR_jwt, r, at);
}
