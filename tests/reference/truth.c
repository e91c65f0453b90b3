#define PCRE2_CODE_UNIT_WIDTH 8
#include "truth.h"

#include <pcre2.h>
#include <string.h>

#include "chars.h"
#include "detector.h"
#include "document.h"
#include "engine.h"
#include "fuzz.h"
#include "keyline.h"
#include "redact.h"
#include "ruleset.h"
#include "try.h"
#include "validate.h"
#include "view.h"

static const struct row {
	const char *name, *pattern;
	bool (*check)(const unsigned char *s, size_t n);
	size_t lead;
	unsigned entropy;
	enum san_class san_class;
} rows[] = {
#define DETECTOR(name, class, pattern, check) {#name, pattern, check, 0, 0, SAN_##class},
#include "detector.def"
#undef DETECTOR
#define API_KEY(name, lead, anchor, pattern, entropy, example)                                     \
	{#name, pattern, NULL, lead, entropy, SAN_API_KEY},
#include "apikey.def"
#undef API_KEY
};
#define N_ROWS (sizeof(rows) / sizeof(*rows))

struct truth {
	struct san_scanner *scanner; /* its memory is used, not its prefilter */
	pcre2_code *codes[N_ROWS];
	pcre2_match_data *match;
};

struct truth *truth_new(const struct san_rules *rules)
{
	struct truth *truth = calloc(1, sizeof(*truth));
	int error;
	size_t offset;

	MUST(truth && san_scanner_new(&truth->scanner, rules) == 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		truth->codes[i] = pcre2_compile((PCRE2_SPTR)rows[i].pattern, PCRE2_ZERO_TERMINATED,
						PCRE2_DOLLAR_ENDONLY, &error, &offset, NULL);
		MUST(truth->codes[i]);
	}
	truth->match = pcre2_match_data_create(8, NULL);
	MUST(truth->match);
	return truth;
}

void truth_free(struct truth *truth)
{
	for (size_t i = 0; i < N_ROWS; i++)
		pcre2_code_free(truth->codes[i]);
	pcre2_match_data_free(truth->match);
	san_scanner_free(truth->scanner);
	free(truth);
}

/* Does row i match at exactly `at`? Then [*start, *end), \K observed. */
static bool matches(struct truth *truth, size_t i, const struct record *r, size_t at, size_t *start,
		    size_t *end)
{
	const struct row *row = &rows[i];

	/* What was taken is out of sight. */
	size_t from = at >= r->cursor ? r->cursor : 0;
	if (pcre2_match(truth->codes[i], r->s + from, r->n - from, at - from,
			PCRE2_NO_UTF_CHECK | PCRE2_ANCHORED, truth->match, NULL) < 0)
		return false;
	const size_t *v = pcre2_get_ovector_pointer(truth->match);
	*start = from + v[0];
	*end = from + v[1];
	size_t len = v[1] > v[0] ? v[1] - v[0] : 0;
	if (!strcmp(row->name, "private_key") && !keyline_begins(r->s + *start, len))
		return false;
	return len > 0 && (!row->check || row->check(r->s + *start, len)) &&
	       (!row->entropy || entropy_centibits(r->s + *start, len) >= row->entropy);
}

/* What was taken for something of lower precedence gives way to a key around it. */
static bool may_begin(const struct truth *truth, const struct record *r, size_t from)
{
	const struct san_scanner *scanner = truth->scanner;

	if (from >= r->cursor)
		return true;
	return scanner->n_pieces &&
	       scanner->pieces[scanner->n_pieces - 1].san_class > SAN_API_KEY &&
	       scanner->pieces[scanner->n_pieces - 1].start >= raw_offset(r, from);
}

/* The longest key whose anchor, `lead` bytes behind its beginning, stands at `at`. */
static bool key_at(struct truth *truth, struct record *r, size_t at)
{
	size_t best = 0, best_start = 0, best_end = 0, start, end;

	for (size_t i = DETECTOR_KEYS; i < N_ROWS; i++) {
		if (at < rows[i].lead || !may_begin(truth, r, at - rows[i].lead))
			continue;
		size_t from = at - rows[i].lead;
		if (is_alnum(r->s[from]) && !word_begins(r, from))
			continue;
		if (matches(truth, i, r, from, &start, &end) &&
		    end - start > best_end - best_start && !placeholder_at(r, end)) {
			best = i;
			best_start = start;
			best_end = end;
		}
	}
	if (!best)
		return false;
	r->key_block_seen |= !strcmp(rows[best].name, "private_key");
	while (best_end < r->n && is_alnum(r->s[best_end - 1]) && is_alnum(r->s[best_end]))
		best_end++;
	piece_add(truth->scanner, r, best_start, best_end, SAN_API_KEY, rows[best].name);
	return true;
}

/* The first of these rows that matches at `at`. */
static bool row_at(struct truth *truth, struct record *r, size_t at, const int *which, size_t n)
{
	const struct san_options *options = &truth->scanner->rules->options;
	size_t start, end;

	for (size_t k = 0; k < n; k++) {
		const struct row *row = &rows[which[k]];
		if (options->action[row->san_class] == SAN_KEEP ||
		    !matches(truth, (size_t)which[k], r, at, &start, &end))
			continue;
		piece_add(truth->scanner, r, start, end, row->san_class, row->name);
		return true;
	}
	return false;
}

/* A colon between digits tells a time or a ratio, whatever stands before: 1:2. */
static bool ratio(const struct record *r, size_t at)
{
	return r->s[at] == ':' && at > 0 && is_digit(r->s[at - 1]) && at + 1 < r->n &&
	       is_digit(r->s[at + 1]);
}

/* Everything that can begin at `at`, in the policy's order. */
static bool anything_at(struct truth *truth, struct record *r, size_t at)
{
	static const int before_address[] = {DETECTOR_uuid, DETECTOR_card_run, DETECTOR_card_long,
					     DETECTOR_card_fours, DETECTOR_card_eights,
					     DETECTOR_card_four_six};
	static const int phone[] = {DETECTOR_phone_e164, DETECTOR_phone_grouped,
				    DETECTOR_phone_plus, DETECTOR_phone_nanp};
	static const int optional[] = {DETECTOR_mac, DETECTOR_mac_dotted, DETECTOR_ssn,
				       DETECTOR_iban};
	struct san_scanner *scanner = truth->scanner;

	return engine_try(scanner, r, at, PREFILTER_AT) || jwt_at(scanner, r, at) ||
	       (scanner->rules->options.action[SAN_API_KEY] != SAN_KEEP && key_at(truth, r, at)) ||
	       login_at(scanner, r, at) || row_at(truth, r, at, before_address, 6) ||
	       ip4_at(scanner, r, at) || ip6_at(scanner, r, at) || row_at(truth, r, at, phone, 4) ||
	       hex_at(scanner, r, at) || row_at(truth, r, at, optional, 4) ||
	       (!ratio(r, at) && name_at(scanner, r, at));
}

size_t truth_find(struct truth *truth, enum san_mode mode, const char *in, size_t len,
		  struct san_span *spans, size_t cap)
{
	struct san_scanner *scanner = truth->scanner;
	struct record r;
	size_t n;

	memset(&scanner->carry, 0, sizeof(scanner->carry));
	engine_begin(scanner, &r, mode, (const unsigned char *)in, len);
	for (size_t i = 0; i < len && !r.viewed; i++)
		if (view_needed(r.s + i, len - i))
			engine_decode(scanner, &r);
	for (size_t at = 0; at < r.n; at++)
		if (at >= r.cursor)
			(void)anything_at(truth, &r, at);
	for (n = 0; n < scanner->n_pieces && n < cap; n++) {
		const struct piece *p = &scanner->pieces[n];
		spans[n] = (struct san_span){p->start, p->end, p->san_class, p->rule};
	}
	return scanner->n_pieces;
}
