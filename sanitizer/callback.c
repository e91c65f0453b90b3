/*
 * callback - the path of a login, on which `code` is a secret.
 */
#include "chars.h"
#include "marks.h"
#include "value.h"

#include <string.h>

static bool login_word(const unsigned char *s, size_t n)
{
	static const char *const words[] = {"oauth", "oauth2", "callback", "cb",     "auth",
					    "login", "oidc",   "sso",	   "signin", "redirect"};

	for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
		if (n == strlen(words[k]) && !memcmp(s, words[k], n))
			return true;
	return false;
}

/*
 * Only in a URL with the path of a login, and alone, does `code` name a secret:
 * country_code never. Each part of a URL is read once.
 */
bool login_path(struct record *r, size_t start)
{
	size_t i = start;

	while (i > r->url_seen &&
	       (r->mode == SAN_URL || percent_level(r, i - 1) > percent_level(r, start) ||
		!(is_space(r->s[i - 1]) || is_one_of(r->s[i - 1], "\"'"))))
		i--;
	if (i != r->url_seen)
		r->url_login = false;
	r->url_seen = start;
	for (size_t from = i; from < start; from++) {
		size_t to = from + 1;
		while (r->s[from] == '/' && to < start && is_alnum(r->s[to]))
			to++;
		r->url_login |= r->s[from] == '/' && login_word(r->s + from + 1, to - from - 1);
	}
	return r->url_login;
}
