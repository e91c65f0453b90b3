/*
 * engine - one record: candidates in ascending order, each tried by its detectors.
 */
#include "engine.h"

#include "candidates.h"
#include "chars.h"
#include "detector.h"
#include "document.h"
#include "ruleset.h"
#include "try.h"
#include "value.h"
#include "view.h"

#include <string.h>

static bool any_of(struct san_scanner *scanner, struct record *r, size_t at, const int *detectors,
		   size_t n)
{
	if (!word_begins(r, at))
		return false;
	for (size_t i = 0; i < n; i++)
		if (detector_at(scanner, detectors[i], r, at))
			return true;
	return false;
}

#define ANY_OF(scanner, r, at, list) any_of(scanner, r, at, list, sizeof(list) / sizeof(*(list)))

/* Which writing of a card's number the digits at `at` could begin: no more are tried. */
static bool card_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	static const int fours[] = {DETECTOR_card_long, DETECTOR_card_fours};
	static const int run[] = {DETECTOR_card_run}, eights[] = {DETECTOR_card_eights},
			 six[] = {DETECTOR_card_four_six};

	if (r->n - at < 13 || !is_digit(r->s[at]))
		return false;
	if (is_digit(r->s[at + 4]))
		return is_digit(r->s[at + 8]) ? ANY_OF(scanner, r, at, run)
					      : ANY_OF(scanner, r, at, eights);
	if (is_digit(r->s[at + 9]))
		return ANY_OF(scanner, r, at, six);
	return ANY_OF(scanner, r, at, fours);
}

/*
 * Seven digits, and between them at most two of a number's marks, of which a '+' follows a digit:
 * else no pattern is asked.
 */
static bool phone_begins(const struct record *r, size_t at)
{
	static const bool marks[256] = {[' '] = true, ['('] = true, [')'] = true, ['+'] = true,
					['-'] = true, ['.'] = true, ['/'] = true};
	size_t digits = 0, i = at + 1, last = at;

	for (; i < r->n && digits < 7 && i - last <= 3; i++) {
		if (is_digit(r->s[i])) {
			digits++;
			last = i;
		} else if (!marks[r->s[i]] || (r->s[i] == '+' && i > last + 1)) {
			break;
		}
	}
	return digits == 7;
}

static inline bool try_kind(struct san_scanner *scanner, struct record *r, size_t at,
			    enum prefilter_kind kind)
{
	static const int phone[] = {DETECTOR_phone_e164, DETECTOR_phone_grouped,
				    DETECTOR_phone_plus};
	static const int optional[] = {DETECTOR_mac, DETECTOR_mac_dotted, DETECTOR_ssn,
				       DETECTOR_iban};

	size_t label;

	switch (kind) {
	case PREFILTER_AT:
		return r->s[at] == '@' && (userinfo_at(scanner, r, at) || email_at(scanner, r, at));
	case PREFILTER_LITERAL:
		label = r->s[at] == '-' && scanner->rules->options.action[SAN_API_KEY] != SAN_KEEP
			    ? key_block_at(r, at)
			    : 0;
		r->key_block = label ? raw_offset(r, label) : r->key_block;
		return jwt_at(scanner, r, at) || anchor_at(scanner, r, at) ||
		       login_at(scanner, r, at);
	case PREFILTER_UUID:
		return word_begins(r, at) && detector_at(scanner, DETECTOR_uuid, r, at);
	case PREFILTER_CARD:
		return card_at(scanner, r, at);
	case PREFILTER_IP4:
		return ip4_at(scanner, r, at);
	case PREFILTER_IP6:
		return ip6_at(scanner, r, at);
	case PREFILTER_PHONE:
		return phone_begins(r, at) && ANY_OF(scanner, r, at, phone);
	case PREFILTER_NANP:
		return word_begins(r, at) && detector_at(scanner, DETECTOR_phone_nanp, r, at);
	case PREFILTER_HEX:
		return hex_at(scanner, r, at);
	case PREFILTER_START:
		return ANY_OF(scanner, r, at, optional);
	case PREFILTER_NAME:
		return name_at(scanner, r, at);
	default:
		return false;
	}
}

bool engine_try(struct san_scanner *scanner, struct record *r, size_t at, enum prefilter_kind kind)
{
	return try_kind(scanner, r, at, kind);
}

/*
 * Is the run of hex digits (and colons) around `at` one that was looked at already? One
 * with colons is looked at again where it goes on for long: an address does not.
 */
static bool seen_before(const struct record *r, size_t at, bool colons, size_t *seen)
{
	size_t most = colons && r->n - at > 64 ? at + 64 : r->n;

	if (at < *seen)
		return true;
	while (at < most && (is_hex(r->s[at]) || (colons && r->s[at] == ':')))
		at++;
	*seen = at;
	return false;
}

static bool try_from(struct san_scanner *scanner, struct record *r, size_t from, size_t to,
		     enum prefilter_kind kind)
{
	for (size_t at = from < r->cursor ? r->cursor : from; at <= to; at++)
		if (engine_try(scanner, r, at, kind))
			return true;
	return false;
}

/* The prefilter saw a byte of a number; the number's first byte is the place to try. */
static bool try_number(struct san_scanner *scanner, struct record *r, size_t at,
		       enum prefilter_kind kind)
{
	size_t i = at;

	switch (kind) {
	case PREFILTER_IP4:
		while (i > r->cursor && at - i < 4 && is_digit(r->s[i - 1]))
			i--;
		return try_from(scanner, r, i, i, kind);
	case PREFILTER_IP6:
		if (seen_before(r, at, true, &r->ip6_seen))
			return false;
		i = ip6_start(r, at);
		return try_from(scanner, r, i, i, kind);
	case PREFILTER_HEX:
		if (seen_before(r, at, false, &r->hex_seen))
			return false;
		i = hex_start(r, at);
		return try_from(scanner, r, i, i, kind);
	case PREFILTER_NANP: /* "(ddd", "1-ddd", "1 (ddd" */
		return try_from(scanner, r, at < 3 ? 0 : at - 3, at, kind);
	default:
		return false;
	}
}

#define BIT(kind) (1u << (kind))

/* Seen at another byte than their first. */
#define NUMBER_KINDS                                                                               \
	(BIT(PREFILTER_IP4) | BIT(PREFILTER_IP6) | BIT(PREFILTER_HEX) | BIT(PREFILTER_NANP))

/* Does a separator stand behind the end of a name, or behind what is no letter? */
__attribute__((noinline)) static bool name_before(const struct san_rules *rules,
						  const unsigned char *s, size_t at)
{
	/* Between a name and its separator: closers, blanks, signs that go with '=', digits. */
	static const bool may_stand[256] = {
	    ['"'] = true, ['\''] = true, ['`'] = true,	['['] = true, [']'] = true,
	    [')'] = true, [' '] = true,	 ['\t'] = true, [':'] = true, ['?'] = true,
	    ['|'] = true, ['+'] = true,	 ['.'] = true,	['_'] = true, ['0' ... '9'] = true};
	size_t end = at;

	if (at < 3)
		return true;
	if (!is_alpha(s[at - 1])) {
		if (!may_stand[s[at - 1]])
			return false;
		end -= s[at - 1] == '"' || s[at - 1] == '\'' || s[at - 1] == ']';
		while (at - end < 4 && end > 1 && is_digit(s[end - 1])) /* they do not count */
			end--;
	}
	return !is_alpha(s[end - 1]) || name_may_end(&rules->tails, s, end) ||
	       (s[at - 2] == ';' && is_quote(s[at - 3])); /* "name";s:5:"value" */
}

/*
 * Does a name begin at `from` that an option or a tag may have? A '=' or ':' behind it is
 * looked at itself; a tag may have attributes.
 */
static bool name_behind(const struct san_rules *rules, const unsigned char *s, size_t from,
			size_t n, bool tag)
{
	size_t most = n - from < 64 ? n : from + 64, end = from;

	while (end < most && (name_byte(s[end]) || (tag && s[end] == ':')))
		end++;
	if (end == most || (tag && s[end] == ' '))
		return true;
	if (end == from || s[end] == '=' || s[end] == ':')
		return false;
	if (tag && end - from >= 4 && !memcmp(s + end - 4, "name", 4)) /* a name is its text */
		return true;
	return !is_alpha(s[end - 1]) || name_may_end(&rules->tails, s, end);
}

/* At anything but a '=' or ':'. */
__attribute__((noinline)) static bool ahead_plausible(const struct san_rules *rules,
						      const unsigned char *s, size_t at, size_t n)
{
	unsigned char c = s[at], next = at + 1 < n ? s[at + 1] : 0;

	if (c == '<')
		return (is_alnum(next) || next == '_') && name_behind(rules, s, at + 1, n, true);
	if (c == '(')
		return is_quote(next);
	if (c == '-')
		return next == '>' || (next == '-' && (at + 2 >= n || s[at + 2] != '-') &&
				       name_behind(rules, s, at + 2, n, false));
	return name_before(rules, s, at);
}

static inline bool name_plausible(const struct san_rules *rules, const unsigned char *s, size_t at,
				  size_t n)
{
	if (s[at] != '=' && s[at] != ':')
		return ahead_plausible(rules, s, at, n);
	return (at > 0 && name_may_end(&rules->tails, s, at)) || name_before(rules, s, at);
}

/* What a first look may tell to be none. */
#define LOOKED_AT (BIT(PREFILTER_NAME) | BIT(PREFILTER_LITERAL) | BIT(PREFILTER_ESCAPE))

/* As engine_plausible(), where there may be more than one. */
__attribute__((noinline)) static unsigned plausible_kinds(const struct san_scanner *scanner,
							  const unsigned char *s, size_t at,
							  size_t n, unsigned kinds)
{
	if ((kinds & BIT(PREFILTER_NAME)) && !name_plausible(scanner->rules, s, at, n))
		kinds &= ~BIT(PREFILTER_NAME);
	if ((kinds & BIT(PREFILTER_LITERAL)) &&
	    !anchor_plausible(scanner->rules->detectors, s + at, n - at))
		kinds &= ~BIT(PREFILTER_LITERAL);
	if ((kinds & BIT(PREFILTER_ESCAPE)) && !view_needed(s + at, n - at))
		kinds &= ~BIT(PREFILTER_ESCAPE);
	return kinds;
}

static inline unsigned plausible(const struct san_scanner *scanner, const unsigned char *s,
				 size_t at, size_t n, unsigned kinds)
{
	/* Most are of one kind. */
	if (!(kinds & LOOKED_AT))
		return kinds;
	if (kinds == BIT(PREFILTER_NAME))
		return name_plausible(scanner->rules, s, at, n) ? kinds : 0;
	if (kinds == BIT(PREFILTER_LITERAL))
		return anchor_plausible(scanner->rules->detectors, s + at, n - at) ? kinds : 0;
	return plausible_kinds(scanner, s, at, n, kinds);
}

unsigned engine_plausible(const struct san_scanner *scanner, const unsigned char *s, size_t at,
			  size_t n, unsigned kinds)
{
	return plausible(scanner, s, at, n, kinds);
}

/* As engine_candidate(), where there may be more than one kind. */
__attribute__((noinline)) static void try_kinds(struct san_scanner *scanner, struct record *r,
						size_t at, unsigned kinds)
{
	/* `token:1:2:3…`: the address that was seen begins behind the name's separator. */
	if ((kinds & BIT(PREFILTER_NAME)) && (kinds & BIT(PREFILTER_IP6)) && at >= r->cursor &&
	    engine_try(scanner, r, at, PREFILTER_NAME))
		return;
	for (; kinds && at >= r->cursor; kinds &= kinds - 1) {
		enum prefilter_kind kind = (enum prefilter_kind)__builtin_ctz(kinds);
		if (BIT(kind) & NUMBER_KINDS ? try_number(scanner, r, at, kind)
					     : try_kind(scanner, r, at, kind))
			return;
	}
}

void engine_candidate(struct san_scanner *scanner, struct record *r, size_t at, unsigned kinds)
{
	/* Most are of one kind. */
	if (kinds != BIT(PREFILTER_NAME))
		try_kinds(scanner, r, at, kinds);
	else if (at >= r->cursor)
		(void)name_at(scanner, r, at);
}

static bool json_like(const unsigned char *s, size_t n)
{
	size_t i = 0;

	while (i < n && is_space(s[i]))
		i++;
	if (i == n || (s[i] != '{' && s[i] != '['))
		return false;
	for (i++; i < n && is_space(s[i]); i++)
		;
	return i < n && s[i] && (strchr("\"{[}]'-", s[i]) || is_digit(s[i]));
}

void engine_begin(struct san_scanner *scanner, struct record *r, enum san_mode mode,
		  const unsigned char *s, size_t n)
{
	memset(r, 0, sizeof(*r));
	r->s = r->raw = s;
	r->n = r->raw_n = n;
	r->mode = mode;
	r->strings.inside = scanner->carry.in_string;
	r->json = mode == SAN_JSON || json_like(s, n);
	scanner->n_pieces = 0;
}

static void scan_bytes(struct san_scanner *scanner, struct record *r)
{
	struct candidates c;
	unsigned kinds;
	size_t at;

	value_continue(scanner, r);
	candidates_begin(&c, scanner->run, scanner->rules->prefilter, r->s, r->n, CANDIDATES_PAD);
	while (candidates_next(&c, &at, &kinds)) {
		kinds = engine_plausible(scanner, r->s, at, r->n, kinds & ~BIT(PREFILTER_ESCAPE));
		if (kinds)
			engine_candidate(scanner, r, at, kinds);
	}
}

void engine_decode(struct san_scanner *scanner, struct record *r)
{
	struct record seen = {0};
	const unsigned char *raw = r->s;
	size_t raw_n = r->n;

	view_make(scanner->view, &seen, raw, raw_n);
	engine_begin(scanner, r, r->mode, seen.s, seen.n);
	r->raw = raw;
	r->raw_n = raw_n;
	r->level = seen.level;
	r->origin = seen.origin;
	r->viewed = true;
}

void engine_view(struct san_scanner *scanner, struct record *r)
{
	engine_decode(scanner, r);
	scan_bytes(scanner, r);
}

size_t engine_hides_nothing(struct san_scanner *scanner, const unsigned char *s, size_t n,
			    size_t at, size_t known)
{
	struct candidates c;
	struct record r;
	unsigned kinds;
	size_t least;

	if (!view_glance(scanner->view, &r, s, n, at))
		return 0;
	/* Where it does not begin with the record, what comes first looks the same raw. */
	least = r.raw != s ? VIEW_REACH - VIEW_AHEAD : 0;
	candidates_begin(&c, scanner->run, scanner->rules->prefilter, r.s, r.n, CANDIDATES_PAD);
	while (candidates_next(&c, &at, &kinds)) {
		kinds &= ~BIT(PREFILTER_ESCAPE);
		if (at < least || (kinds == BIT(PREFILTER_IP4) && at < known && !least))
			continue;
		if (engine_plausible(scanner, r.s, at, r.n, kinds))
			return 0;
	}
	return (size_t)(r.raw - s) + r.raw_n;
}

#define SHORT_TEXT 512

/*
 * Will a short text be seen decoded anyhow? Then one look at it suffices; but not where
 * something is open that the raw one may end.
 */
static bool view_at_once(const struct san_scanner *scanner, const struct record *r)
{
	const unsigned char *percent;

	if (r->n > SHORT_TEXT || r->n == 0 || scanner->carry.quote || scanner->carry.depth)
		return false;
	percent = memchr(r->s, '%', r->n);
	return percent && view_needed(percent, r->n - (size_t)(percent - r->s));
}

static void scan_raw(struct san_scanner *scanner, struct record *r)
{
	struct candidates c;
	unsigned kinds;
	size_t at;

	if (view_at_once(scanner, r)) {
		engine_view(scanner, r);
		return;
	}
	value_continue(scanner, r);
	candidates_begin(&c, scanner->run, scanner->rules->prefilter, r->s, r->n, 0);
	while (candidates_next(&c, &at, &kinds)) {
		kinds = plausible(scanner, r->s, at, r->n, kinds);
		if (kinds & BIT(PREFILTER_ESCAPE)) {
			engine_view(scanner, r);
			return;
		}
		if (kinds)
			engine_candidate(scanner, r, at, kinds);
	}
}

void engine_record(struct san_scanner *scanner, enum san_mode mode, const unsigned char *s,
		   size_t n, struct record *r)
{
	engine_begin(scanner, r, mode, s, n);
	scan_raw(scanner, r);
	if (mode == SAN_JSON && scanner->carry.goes_on)
		scanner->carry.in_string = string_open(r);
}
