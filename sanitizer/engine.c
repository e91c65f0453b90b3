/*
 * engine - one record: candidates in ascending order, each tried by its detectors.
 */
#include "engine.h"

#include "chars.h"
#include "detector.h"
#include "names.h"
#include "redact.h"
#include "ruleset.h"
#include "trigger.h"
#include "view.h"

#include <string.h>

/* Digits, hex digits and what begins numbers, in the policy's order. */
static bool number_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	static const int before_address[] = {DETECTOR_uuid, DETECTOR_card_run, DETECTOR_card_long,
					     DETECTOR_card_fours, DETECTOR_card_four_six};
	static const int after_address[] = {DETECTOR_phone_e164, DETECTOR_phone_grouped,
					    DETECTOR_phone_nanp};
	static const int optional[] = {DETECTOR_mac, DETECTOR_mac_dotted, DETECTOR_ssn};

	for (size_t i = 0; i < sizeof(before_address) / sizeof(int); i++)
		if (detector_at(scanner, before_address[i], r, at))
			return true;
	if (address_at(scanner, r, at))
		return true;
	for (size_t i = 0; i < sizeof(after_address) / sizeof(int); i++)
		if (detector_at(scanner, after_address[i], r, at))
			return true;
	if (hex_at(scanner, r, at))
		return true;
	for (size_t i = 0; i < sizeof(optional) / sizeof(int); i++)
		if (detector_at(scanner, optional[i], r, at))
			return true;
	return false;
}

static bool candidate_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	unsigned char c = r->s[at], trigger = scanner->rules->trigger[c];
	bool begins = at == 0 || !is_alnum(r->s[at - 1]);

	if (c == '@')
		return userinfo_at(scanner, r, at) || email_at(scanner, r, at);
	if ((trigger & TRIGGER_EDGE) && at > 0 && name_may_end(&scanner->rules->tails, r->s, at) &&
	    pair_at(scanner, r, at))
		return true;
	if (c == '[' && placeholder_length(r->s + at, r->n - at)) {
		r->cursor = at + placeholder_length(r->s + at, r->n - at);
		return true;
	}
	if ((trigger & TRIGGER_JWT) && begins && detector_at(scanner, DETECTOR_jwt, r, at))
		return true;
	if ((trigger & TRIGGER_ANCHOR) && anchor_at(scanner, r, at))
		return true;
	if ((trigger & TRIGGER_NUMBER) && begins && number_at(scanner, r, at))
		return true;
	return (trigger & TRIGGER_IBAN) && begins && detector_at(scanner, DETECTOR_iban, r, at);
}

/* A secret may end with the record: `password=x` and `--token x` have no byte behind. */
static void candidates(struct san_scanner *scanner, struct record *r)
{
	for (size_t at = 0; at < r->n;) {
		if (candidate_at(scanner, r, at) && r->cursor > at)
			at = r->cursor;
		else
			at++;
	}
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
	return i < n && (strchr("\"{[}]'-", s[i]) || is_digit(s[i])) && s[i];
}

/* Inside a key block a line of its body, or the end of it. */
static bool key_block_line(struct san_scanner *scanner, const unsigned char *s, size_t n)
{
	const unsigned char *end = n ? memmem(s, n, "-----END ", 9) : NULL;
	size_t len = end ? (size_t)(end - s) : n, odd = 0;

	for (size_t i = 0; i < len; i++)
		odd += !(is_alnum(s[i]) || strchr("+/=,:-\"\\ \t\r", s[i]));
	if (end || odd > 8 || len > 4096)
		scanner->carry.key_block = false;
	if (!end && (odd > 8 || len > 4096))
		return false;
	while (len > 0 && is_space(s[len - 1]))
		len--;
	if (len)
		scanner->pieces[scanner->n_pieces++] =
		    (struct piece){.end = (uint32_t)len,
				   .san_class = SAN_API_KEY,
				   .silent = scanner->carry.key_block_seen,
				   .rule = "private_key"};
	scanner->carry.key_block_seen = scanner->carry.key_block_seen || len;
	return true;
}

static void key_block_opens(struct san_scanner *scanner, const unsigned char *s, size_t n)
{
	const unsigned char *begin = memmem(s, n, "-----BEGIN ", 11);

	if (!begin || scanner->rules->options.action[SAN_API_KEY] == SAN_KEEP)
		return;
	size_t left = n - (size_t)(begin - s);
	const unsigned char *key = memmem(begin, left, "PRIVATE KEY", 11);
	if (!key || memmem(begin, left, "-----END ", 9))
		return;
	scanner->carry.key_block = true;
	scanner->carry.key_block_seen = scanner->n_pieces > 0;
}

void scan_record(struct san_scanner *scanner, enum san_mode mode, const unsigned char *s, size_t n)
{
	struct record r = {.s = s, .n = n, .mode = mode};

	scanner->n_pieces = 0;
	if (scanner->carry.key_block && key_block_line(scanner, s, n))
		return;
	if (view_needed(s, n))
		view_make(scanner->view, &r, s, n);
	r.json = mode == SAN_JSON || json_like(r.s, r.n);
	candidates(scanner, &r);
	if (mode == SAN_TEXT && n > 20 && memchr(s, '-', n))
		key_block_opens(scanner, s, n);
}
