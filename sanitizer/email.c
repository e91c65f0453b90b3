/*
 * email - addresses around an '@', and the userinfo of a URL.
 *
 * Written by hand: the local part is read leftwards, over letters of all scripts
 * (RFC 6531) and the marks of RFC 5321 that are no delimiters of the text around:
 * '/', '=', '?', '&' and '#' end it, a quote belongs to it only inside a word.
 * Local parts never reach over another '@', so all of them together are linear.
 */
#include "alphabet.h"
#include "chars.h"
#include "engine.h"
#include "marks.h"
#include "redact.h"
#include "ruleset.h"
#include "try.h"
#include "validate.h"
#include "value.h"
#include "word.h"

#include <string.h>

#define QUOTED_MAX 130 /* 64 octets, each escaped, and the quotes */

/* Last labels that make file names, units and versions of what looks like a domain. */
static bool no_domain(const unsigned char *s, size_t n)
{
	static const struct words endings = {
	    {[2] = "gz js xz ",
	     [3] = "bmp bz2 cjs css csv dll eot exe gif htm ico jar jpg jsx log mjs mp3 mp4 pdf "
		   "php png svg tar tgz tsx ttf txt war wav xml yml ",
	     [4] = "avif conf html jpeg json lock swap toml webp woff yaml ",
	     [5] = "dylib mount slice timer ",
	     [6] = "device socket target ",
	     [7] = "service ",
	     [9] = "automount "}};
	size_t dot = n;

	while (dot > 0 && s[dot - 1] != '.')
		dot--;
	if (is_word(&endings, s + dot, n - dot))
		return true;
	/* vue@3.3.11-beta.x: two numeric labels in front are a version */
	for (dot = 0; dot < n && is_digit(s[dot]); dot++)
		;
	return dot > 0 && dot + 1 < n && s[dot] == '.' && is_digit(s[dot + 1]);
}

/* A label that can end a domain: letters, or punycode, at least two. */
static bool top_label(const unsigned char *s, size_t n)
{
	if (n >= 5 && (s[0] | 32) == 'x' && (s[1] | 32) == 'n' && s[2] == '-' && s[3] == '-')
		return is_alnum(s[n - 1]);
	for (size_t i = 0; i < n; i++)
		if (!is_alpha(s[i]) && s[i] < 0x80)
			return false;
	return n >= 2;
}

static size_t domain_literal(const struct record *r, size_t at)
{
	const unsigned char *s = r->s + at + 1, *close;
	size_t n = r->n - at - 1;

	close = memchr(s, ']', n < 64 ? n : 64);
	if (!close)
		return 0;
	size_t len = (size_t)(close - s);
	if (len > 0 && ip4_parse(s, len, NULL) == len)
		return at + len + 2;
	if (len > 5 && !memcmp(s, "IPv6:", 5) && ip6_length(s + 5, len - 5) == len - 5)
		return at + len + 2;
	return 0;
}

static size_t label_end(const struct record *r, size_t label)
{
	size_t i = label, len;

	while (i < r->n) {
		if (is_alnum(r->s[i]) || (r->s[i] == '-' && i > label))
			i++;
		else if (r->s[i] >= 0x80 && (len = utf8_letter(r->s + i, r->n - i)) > 0)
			i += len;
		else
			break;
	}
	return i;
}

/* End of the domain that begins at `at`, 0 if there is none. */
static size_t domain_end(const struct record *r, size_t at)
{
	size_t label = at, i, stop, end = 0;
	const unsigned char *s = r->s;

	if (at < r->n && s[at] == '[')
		return domain_literal(r, at);
	while ((i = label_end(r, label)) > label) {
		bool last = i == r->n || s[i] != '.';
		for (stop = i; last && stop > label && s[stop - 1] == '-'; stop--)
			;
		if (label > at && !(last && placeholder_at(r, i)) &&
		    top_label(s + label, stop - label))
			end = stop;
		if (last)
			break;
		label = i + 1;
	}
	return end && !no_domain(s + at, end - at) ? end : 0;
}

static bool local_mark(unsigned char c)
{
	return c == '.' || c == '_' || c == '+' || c == '-';
}

/* Letters, digits and marks that stand anywhere in a local part. */
static bool local_byte(unsigned char c)
{
	static const bool bytes[256] = {
	    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['.'] = true,
	    ['_'] = true,	  ['+'] = true,		['-'] = true};

	return bytes[c];
}

/* Marks that are legal but delimit as well: only with a letter or digit before them. */
static bool local_inner(unsigned char c)
{
	return is_one_of(c, "!$%'^~*");
}

static bool local_edge(unsigned char c)
{
	return is_space(c) || is_one_of(c, "<\"'([,:;");
}

/* Does s[i] follow directly on what was accepted, or on a value's quote, or on a placeholder? */
static bool goes_on(const struct record *r, size_t i)
{
	return i > 0 &&
	       (i == r->cursor || (r->quote_used && i == r->quote_used + 1) || r->s[i - 1] == ']');
}

static size_t quoted_local(const struct record *r, size_t at)
{
	size_t close = at - 1, least = at > QUOTED_MAX ? at - QUOTED_MAX : 0;

	for (size_t i = close; i-- > least;) {
		/* What holds a placeholder was no local part before either. */
		if (r->s[i] == '\n' || r->s[i] == '\r' || placeholder_at(r, i))
			return at;
		if (r->s[i] != '"' || escape_level(r, i) != escape_level(r, close))
			continue;
		/* Such a quote begins or ends a string of the document. */
		if (r->mode == SAN_JSON && r->raw[raw_offset(r, i)] == '"')
			return at;
		/* Nor does what goes on from a value begin one. */
		if (goes_on(r, i) || (i > 0 && i == r->quote_used))
			return at;
		bool edge = i == 0 || local_edge(r->s[i - 1]) || is_one_of(r->s[i - 1], "=>|{");
		return i + 1 < close && edge ? i : at;
	}
	return at;
}

static size_t local_start(const struct record *r, size_t at)
{
	const unsigned char *s = r->s;
	size_t i = at;

	if (i > r->cursor && s[i - 1] == '"')
		return quoted_local(r, at);
	while (i > 0) {
		unsigned char c = s[i - 1];
		size_t before;
		if (local_byte(c)) {
			i--;
		} else if (c >= 0x80) {
			before = utf8_before(s, i);
			if (before == i || !utf8_letter(s + before, i - before))
				break;
			i = before;
		} else if (local_inner(c) && i >= 2 && (is_alnum(s[i - 2]) || s[i - 2] >= 0x80) &&
			   i < at) {
			i--;
		} else {
			break;
		}
	}
	while (i < at && (s[i] == '.' || s[i] == '-' || s[i] == '+'))
		i++;
	for (size_t k = i; k < at; k++)
		if (s[k] != '_')
			return i;
	return goes_on(r, i) ? at : i;
}

static bool local_special(unsigned char c)
{
	return is_one_of(c, "!#$%&'*+-/=?^_`.{|}~");
}

/*
 * The address of one in another's: whom a mailing list wrote to, `list-bounces+ada=example.org@`,
 * and what was forwarded, `SRS0=…=example.org=ada@`.
 */
static bool is_envelope(const unsigned char *s, size_t n)
{
	const unsigned char *equal = memrchr(s, '=', n), *dot = memrchr(s, '.', n);

	if (n > 6 && (s[0] | 32) == 's' && (s[1] | 32) == 'r' && (s[2] | 32) == 's' &&
	    (s[3] == '0' || s[3] == '1'))
		return true;
	return equal && dot > equal && top_label(dot + 1, (size_t)(s + n - dot) - 1) &&
	       memchr(s, '=', n) == equal && memchr(s, '+', (size_t)(equal - s));
}

/*
 * RFC 5321 allows '/' and '=' too, which in a path or query are none of the address:
 * they count where the whole reaches back to an edge, as `name/surname@` does and
 * `user+box/department=shipping@`, or where they are encoded as deep as the '@'.
 */
static size_t wider_start(const struct record *r, size_t at, size_t start)
{
	size_t i = start, slashes = 0, equals = 0, plus = 0;
	unsigned level = percent_level(r, at);

	for (; i > r->cursor && at - i < 128; i--) {
		unsigned char c = r->s[i - 1];
		if (is_alnum(c))
			continue;
		bool delimiter = c == '/' || c == '=';
		if (delimiter ? percent_level(r, i - 1) < level : !local_mark(c))
			break;
		slashes += c == '/';
		if (slashes > 1)
			return start;
		equals += c == '=';
		plus += c == '+' && slashes > 0;
	}
	bool edge = i == 0 || local_edge(r->s[i - 1]) || percent_level(r, i - 1) < level;
	bool fits = slashes == 1 ? (equals == 0 ? r->s[i] != '/' : plus > 0)
				 : is_envelope(r->s + i, at - i);
	return edge && fits && is_alnum(r->s[i]) ? i : start;
}

/* Nothing but signs in front: "!#$%&'*+-/=?^_`.{|}~@example.org". */
static size_t special_start(const struct record *r, size_t at)
{
	size_t i = at;

	while (i > r->cursor && at - i < 64 && local_special(r->s[i - 1]))
		i--;
	if (at - i < 4 || goes_on(r, i))
		return at;
	/* a ruler, or the end of a label: "-----@" */
	for (size_t k = i; k < at && r->s[k] == r->s[i]; k++)
		if (k + 1 == at)
			return at;
	return i == 0 || local_edge(r->s[i - 1]) ? i : at;
}

/* `<SRS0=HHH=TT=example.net=bob@example.org>`: between these signs all of RFC 5321 counts. */
static size_t angled_start(const struct record *r, size_t at, size_t end)
{
	size_t i = at;

	if (end == r->n || r->s[end] != '>')
		return at;
	while (i > r->cursor && at - i < 128 &&
	       (is_alnum(r->s[i - 1]) || local_special(r->s[i - 1])))
		i--;
	return i > 0 && r->s[i - 1] == '<' && r->s[i] != '/' ? i : at;
}

/*
 * Where a local part begins that does not reach into what goes before it: `'secret'x@b.ex`.
 * Marks that are left there are none of it; at: nothing else is left.
 */
static size_t behind_accepted(const struct san_scanner *scanner, const struct record *r,
			      size_t start, size_t at)
{
	size_t n = scanner->n_pieces, from = raw_offset(r, start);

	while (n > 0 && scanner->pieces[n - 1].san_class >= SAN_EMAIL &&
	       scanner->pieces[n - 1].end > from)
		n--;
	if (n == 0 || from > scanner->pieces[n - 1].end ||
	    scanner->pieces[n - 1].san_class >= SAN_EMAIL)
		return start;
	while (start < at && raw_offset(r, start) < scanner->pieces[n - 1].end)
		start++;
	while (start < at && r->s[start] < 0x80 && !is_alnum(r->s[start]))
		start++;
	return start;
}

/* `git@example.org:ada/tool.git` is where a repository is. */
static bool is_remote(const struct record *r, size_t at, size_t end)
{
	return at >= 3 && !memcmp(r->s + at - 3, "git", 3) && word_begins(r, at - 3) &&
	       end + 1 < r->n && r->s[end] == ':' &&
	       (is_alpha(r->s[end + 1]) || r->s[end + 1] == '~' || placeholder_at(r, end + 1));
}

bool email_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t start, end = domain_end(r, at + 1);

	if (!end || at == 0 || is_remote(r, at, end))
		return false;
	start = angled_start(r, at, end);
	if (start < at) {
		piece_add(scanner, r, start, end, SAN_EMAIL, "email");
		return true;
	}
	start = local_start(r, at);
	if (start == at)
		start = special_start(r, at);
	else if (start > 0 && (r->s[start - 1] == '/' || r->s[start - 1] == '='))
		start = wider_start(r, at, start);
	if (start == at)
		return false;
	start = behind_accepted(scanner, r, start, at);
	if (start == at && at > r->cursor)
		return false;
	piece_add(scanner, r, start, end, SAN_EMAIL, "email");
	return true;
}

static bool ends_authority(unsigned char c)
{
	static const bool ends[256] = {
	    [' '] = true,  ['\t' ... '\r'] = true, ['/'] = true, ['?'] = true,
	    ['#'] = true,  ['"'] = true,	   ['<'] = true, ['>'] = true,
	    ['\\'] = true, ['\''] = true,	   ['`'] = true};

	return ends[c];
}

/* A host of which a placeholder was made: what stood there was no authority with a user. */
static bool label_at(const struct record *r, size_t i)
{
	return r->n - i > 9 && !memcmp(r->s + i, "redacted-", 9);
}

/*
 * What was no user's name or password before is none with a placeholder in it: what that
 * stands for may have ended the authority. Not so where only a password stands: behind a
 * colon that is no pair's, or at the beginning.
 */
static bool redacted_within(const struct san_rules *rules, const struct record *r, size_t start,
			    size_t at)
{
	static const char redacted[] = "[REDACTED";
	const unsigned char *s = r->s + start, *end = r->s + at, *found = s;

	if (memmem(s, at - start, "redacted-", 9))
		return true;
	for (; (found = memmem(found, (size_t)(end - found), redacted, 9)); found += 9)
		if (found > s && (found[9] != ']' || found[-1] != ':' ||
				  (found + 10 < end && found[10] == ']') ||
				  name_may_end(&rules->tails, r->s, (size_t)(found - r->s) - 1)))
			return true;
	return false;
}

/* `ada:x@tcp(host)/db`, as Go's drivers are told where their database is. */
static bool driver_password_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	static const char *const networks[] = {"tcp(", "tcp6(", "unix("};
	size_t from = at, least = at > 256 ? at - 256 : 0, colon = at;
	bool network = false;

	for (size_t k = 0; k < sizeof(networks) / sizeof(*networks); k++) {
		size_t len = strlen(networks[k]);
		network |= r->n - at - 1 > len && !memcmp(r->s + at + 1, networks[k], len);
	}
	least = least < r->cursor ? r->cursor : least;
	while (network && from > least && !is_space(r->s[from - 1]) && !is_quote(r->s[from - 1])) {
		from--;
		colon = r->s[from] == ':' ? from : colon;
	}
	if (colon == at || value_stays(r->s + colon + 1, at - colon - 1))
		return false;
	piece_add(scanner, r, colon + 1, at, SAN_SECRET, "userinfo");
	return true;
}

bool userinfo_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t i = at, start = 0, authority;

	if (driver_password_at(scanner, r, at))
		return true;
	for (; i > 0; i--) {
		unsigned char c = r->s[i - 1];
		if (c == '@' && i - 1 == r->at_last) {
			start = r->at_start;
			break;
		}
		if (!ends_authority(c) || percent_level(r, i - 1) > percent_level(r, at))
			continue;
		if (c == '/' && i > 3 && r->s[i - 2] == '/' && r->s[i - 3] == ':' &&
		    is_alnum(r->s[i - 4]))
			start = i;
		break;
	}
	authority = start;
	/* The bracket behind a container's last value stays. */
	if (r->taken < start && start < r->cursor)
		start = r->cursor;
	r->at_last = at;
	r->at_start = start;
	if (start == 0 || start >= at || at + 1 == r->n || ends_authority(r->s[at + 1]) ||
	    r->s[at - 1] == ']' || label_at(r, at + 1) ||
	    redacted_within(scanner->rules, r, authority, at))
		return false;
	piece_add(scanner, r, start, at, SAN_SECRET, "userinfo");
	return true;
}
