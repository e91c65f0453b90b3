/*
 * detector - compile once, match anchored.
 */
#include "detector.h"

#include "chars.h"
#include "document.h"
#include "eight.h"
#include "jit.h"
#include "keyline.h"
#include "marks.h"
#include "prefilter_build.h"
#include "redact.h"
#include "ruleset.h"
#include "validate.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Work of one match; a pattern of the tables needs a small fraction. */
#define MATCH_LIMIT 1000000
#define SLOT_BITS 6 /* of each of an anchor's first two bytes: these tell nearly all of them */
#define SLOTS (1 << 2 * SLOT_BITS)

struct row {
	const char *name;
	const char *pattern;
	check_fn *check;
	const char *anchor, *example;
	uint8_t anchor_len;
	uint8_t lead;
	uint16_t entropy;
	uint8_t san_class;
};

static const struct row table[] = {
#define DETECTOR(name, class, pattern, check)                                                      \
	{#name, pattern, check, NULL, NULL, 0, 0, 0, SAN_##class},
#include "detector.def"
#undef DETECTOR
#define API_KEY(name, lead, anchor, pattern, entropy, example)                                     \
	{#name, pattern, NULL, anchor, example, sizeof(anchor) - 1, lead, entropy, SAN_API_KEY},
#include "apikey.def"
#undef API_KEY
};
#define TABLE_ROWS (sizeof(table) / sizeof(*table))

/* The first eight bytes of an anchor, those that it has, and its row. */
struct lead {
	uint64_t bytes, mask;
	uint16_t row;
	uint8_t behind; /* so many bytes of a token follow it: see token_behind() */
};

struct detectors {
	struct row *own;
	size_t n_own, n;
	_Atomic(pcre2_code *) *codes;
	struct lead *anchored;	   /* rows with an anchor, by its first two bytes */
	uint16_t first[SLOTS + 1]; /* where a slot's rows begin in anchored */
};

/* An anchor of one byte stands in the slots of all that may follow it. */
static unsigned slot_of(unsigned char first, unsigned char second)
{
	return (unsigned)(first << SLOT_BITS | (second & ((1 << SLOT_BITS) - 1))) % SLOTS;
}

static const struct row *row_of(const struct detectors *d, size_t i)
{
	return i < TABLE_ROWS ? &table[i] : &d->own[i - TABLE_ROWS];
}

#define BEHIND_MAX 8

static bool token_byte(unsigned char c)
{
	static const bool bytes[256] = {
	    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['+'] = true,
	    ['/'] = true,	  ['_'] = true,		['-'] = true,	      ['.'] = true,
	    ['~'] = true,	  ['='] = true,		['%'] = true};

	return bytes[c];
}

/* How many bytes of a token stand behind the anchor in a shortest match, BEHIND_MAX at most. */
static uint8_t token_behind(const struct row *row)
{
	const char *e = row->example ? strstr(row->example, row->anchor) : NULL;
	size_t run = 0, n;

	for (e = e ? e + row->anchor_len : ""; *e && run < BEHIND_MAX; e++) {
		if (*e != '<' && !token_byte((unsigned char)*e))
			break;
		if (*e != '<') {
			run++;
			continue;
		}
		for (n = 0, e++; is_digit((unsigned char)*e); e++)
			n = n * 10 + (size_t)(*e - '0');
		run += n;
		e++;
	}
	return (uint8_t)(run < BEHIND_MAX ? run : BEHIND_MAX);
}

static bool token_follows(const unsigned char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!token_byte(s[i]))
			return false;
	return true;
}

static struct lead lead_of(const struct row *row, size_t i)
{
	/*
	 * What follows a key block's anchor is asked by key_block_at(). A run of dashes may begin
	 * one: where it is longer than a segment it goes whole.
	 */
	struct lead lead = {.row = (uint16_t)i,
			    .behind = i == DETECTOR_KEYS ? 0 : token_behind(row)};
	size_t most = i == DETECTOR_KEYS ? 4 : 8;
	size_t n = row->anchor_len < most ? row->anchor_len : most;

	memcpy(&lead.bytes, row->anchor, n);
	memset(&lead.mask, 0xff, n);
	return lead;
}

/* Every slot of every row with an anchor: counted, or filled in from at[slot] on. */
static void anchors_visit(struct detectors *d, uint16_t *at, bool fill)
{
	for (size_t i = DETECTOR_KEYS; i < d->n; i++) {
		const struct row *row = row_of(d, i);
		struct lead lead = fill ? lead_of(row, i) : (struct lead){0};
		unsigned char first = (unsigned char)row->anchor[0];
		unsigned second = row->anchor_len > 1 ? (unsigned char)row->anchor[1] : 0,
			 end = row->anchor_len > 1 ? second + 1 : 1 << SLOT_BITS;
		for (; second < end; second++) {
			uint16_t *slot = &at[slot_of(first, (unsigned char)second)];
			if (fill)
				d->anchored[*slot] = lead;
			++*slot;
		}
	}
}

/* By counting; false without memory. */
static bool anchors_sort(struct detectors *d)
{
	uint16_t at[SLOTS] = {0};

	anchors_visit(d, d->first + 1, false);
	for (unsigned slot = 0; slot < SLOTS; slot++) {
		at[slot] = d->first[slot];
		d->first[slot + 1] = (uint16_t)(d->first[slot + 1] + d->first[slot]);
	}
	d->anchored = calloc(d->first[SLOTS] + 1u, sizeof(*d->anchored));
	if (d->anchored)
		anchors_visit(d, at, true);
	return d->anchored != NULL;
}

struct detectors *detectors_new(const struct san_own *own, size_t n_own)
{
	struct detectors *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->n_own = n_own;
	d->n = TABLE_ROWS + n_own;
	d->own = calloc(n_own ? n_own : 1, sizeof(*d->own));
	d->codes = calloc(d->n, sizeof(*d->codes));
	for (size_t i = 0; d->own && i < n_own; i++)
		d->own[i] = (struct row){.name = own[i].name,
					 .pattern = own[i].pattern,
					 .anchor = own[i].anchor,
					 .anchor_len = (uint8_t)strlen(own[i].anchor),
					 .san_class = SAN_OWN};
	if (!d->own || !d->codes || !anchors_sort(d)) {
		detectors_free(d);
		return NULL;
	}
	return d;
}

void detectors_free(struct detectors *d)
{
	if (!d)
		return;
	for (size_t i = 0; d->codes && i < d->n; i++)
		jit_free(atomic_load(&d->codes[i]));
	free(d->own);
	free(d->codes);
	free(d->anchored);
	free(d);
}

static pcre2_code *code_make(const char *pattern)
{
	int error;
	size_t offset;
	/* The start is known; looking ahead for a byte that must come costs kilobytes each time. */
	pcre2_code *code = pcre2_compile(
	    (PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
	    PCRE2_ANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NO_START_OPTIMIZE, &error, &offset, NULL);

	if (code)
		jit_compile(code);
	return code;
}

static pcre2_code *code_of(const struct detectors *d, size_t i)
{
	pcre2_code *code = atomic_load_explicit(&d->codes[i], memory_order_acquire);

	if (code)
		return code;
	pcre2_code *made = code_make(row_of(d, i)->pattern);
	if (made && !atomic_compare_exchange_strong(&d->codes[i], &code, made)) {
		jit_free(made);
		made = code;
	}
	return made;
}

int detectors_compile(struct detectors *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!code_of(d, i))
			return SAN_ENOMEM;
	return 0;
}

int detectors_compile_own(struct detectors *d, size_t *bad)
{
	for (*bad = 0; *bad < d->n_own; ++*bad)
		if (!code_of(d, TABLE_ROWS + *bad))
			return SAN_ERULE;
	return 0;
}

/* Length of the match and its start, moved by \K; 0: none. */
static size_t row_match(struct san_scanner *scanner, size_t i, const struct record *r, size_t at,
			size_t *start)
{
	const struct detectors *d = scanner->rules->detectors;
	const struct row *row = row_of(d, i);
	pcre2_code *code = code_of(d, i);

	*start = at;
	if (!code)
		return r->n - at;
	/* What was accepted is out of sight: a placeholder will stand there. */
	size_t from = at >= r->cursor ? r->cursor : 0;
	const unsigned char *subject = r->s + from;
	int rc = pcre2_jit_match(code, subject, r->n - from, at - from, 0, scanner->match,
				 scanner->match_context);
	if (rc == PCRE2_ERROR_JIT_BADOPTION) /* no memory may be executed here */
		rc = pcre2_match(code, subject, r->n - from, at - from, PCRE2_NO_UTF_CHECK,
				 scanner->match, scanner->match_context);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc < 0)
		return r->n - at;
	const size_t *v = pcre2_get_ovector_pointer(scanner->match);
	const unsigned char *token = r->s + from + v[0];
	if (v[1] <= v[0] || (row->check && !row->check(token, v[1] - v[0])) ||
	    (row->entropy && entropy_centibits(token, v[1] - v[0]) < row->entropy))
		return 0;
	*start = from + v[0];
	return v[1] - v[0];
}

size_t detector_match(struct san_scanner *scanner, int detector, const struct record *r, size_t at)
{
	size_t start, len = row_match(scanner, (size_t)detector, r, at, &start);

	return len ? start + len : 0;
}

bool detector_at(struct san_scanner *scanner, int detector, struct record *r, size_t at)
{
	const struct row *row = &table[detector];
	size_t end;

	if (scanner->rules->options.action[row->san_class] == SAN_KEEP)
		return false;
	end = detector_match(scanner, detector, r, at);
	if (!end)
		return false;
	piece_add(scanner, r, at, end, row->san_class, row->name);
	return true;
}

/*
 * With how many token bytes does a shortest match begin? Read off the row's example;
 * a webhook's begins with its host.
 */
static size_t token_run(const char *example)
{
	size_t run = 0, n = 0;

	if (!strncmp(example, "https://", 8))
		example += 8;
	for (const char *e = example; *e && run < WORD_RUN; e++) {
		if (is_alnum((unsigned char)*e) || strchr("_.-", *e)) {
			run++;
			continue;
		}
		if (*e != '<')
			break;
		for (n = 0, e++; is_digit((unsigned char)*e); e++)
			n = n * 10 + (size_t)(*e - '0');
		if (*e == 'b') /* base64 may hold '+' and '/' */
			break;
		run += n;
		e++;
	}
	return run;
}

static void anchor_tell(const struct row *row, struct prefilter_build *b)
{
	const unsigned char *anchor = (const unsigned char *)row->anchor;

	assert(row->anchor_len > 1 || row->lead > 0); /* anchor_at() asks for a token before it */
	if (row->san_class == SAN_API_KEY && row->lead == 0 && is_alnum(anchor[0]))
		prefilter_word(b, anchor, row->anchor_len, token_run(row->example) >= WORD_RUN);
	else
		prefilter_window(b, anchor, row->anchor_len);
}

void detectors_tell(const struct detectors *d, struct prefilter *prefilter)
{
	static const char *const jwt[] = {"eyJ", "eyA", "ewo"};
	struct prefilter_build b = {.prefilter = prefilter};

	for (size_t i = 0; i < sizeof(jwt) / sizeof(*jwt); i++)
		prefilter_word(&b, (const unsigned char *)jwt[i], 3, true);
	logins_tell(&b);
	for (size_t i = DETECTOR_KEYS; i < d->n; i++)
		anchor_tell(row_of(d, i), &b);
	/* The standard ones are made once, when the library is built. */
	prefilter_built(&b, d->n_own ? 1 : 64);
}

bool anchor_plausible(const struct detectors *d, const unsigned char *s, size_t n)
{
	uint64_t bytes = eight_bytes(s, n);

	if (s[0] == 'e') /* tokens */
		return true;
	const uint16_t *slot = &d->first[slot_of(s[0], n > 1 ? s[1] : 0)];
	const struct lead *end = d->anchored + slot[1];
	for (const struct lead *lead = d->anchored + slot[0]; lead < end; lead++) {
		if ((bytes ^ lead->bytes) & lead->mask)
			continue;
		size_t len = row_of(d, lead->row)->anchor_len;
		if (n < len + lead->behind || token_follows(s + len, lead->behind))
			return true;
	}
	return login_plausible(s, n);
}

/*
 * A key whose anchor stands at its end begins behind the cursor, where its first
 * part may have been taken for something of lower precedence: that gives way.
 */
static bool may_begin(const struct san_scanner *scanner, const struct record *r, size_t from,
		      int san_class)
{
	if (from >= r->cursor)
		return true;
	if (!scanner->n_pieces)
		return false;
	const struct piece *last = &scanner->pieces[scanner->n_pieces - 1];
	return last->san_class > san_class && last->start >= raw_offset(r, from);
}

size_t key_block_at(const struct record *r, size_t at)
{
	const unsigned char *label, *end;
	size_t n = r->n - at < 96 ? r->n - at : 96;

	if (n <= 20 || r->s[at] != '-' || r->s[at + 5] != 'B' || r->s[at + 11] == '-' ||
	    memcmp(r->s + at, "-----BEGIN ", 11) != 0)
		return 0;
	label = memmem(r->s + at, n, "PRIVATE KEY", 11);
	for (const unsigned char *s = r->s + at + 11; label && s < label; s++)
		if (!is_upper(*s) && !is_digit(*s) && *s != ' ')
			return 0;
	end = label ? memmem(label, (size_t)(r->s + at + n - label), "-----", 5) : NULL;
	return end && (end == label + 11 || (end == label + 17 && !memcmp(label + 11, " BLOCK", 6)))
		   ? (size_t)(end - r->s) + 5
		   : 0;
}

/* Are all bytes between such as tokens are made of? The one at the anchor is no dot. */
static bool token_before(const struct record *r, size_t at, size_t from)
{
	if (r->s[at - 1] == '.' || r->s[at - 1] == '~')
		return false;
	while (at > from && (is_alnum(r->s[at - 1]) || is_one_of(r->s[at - 1], "+/_-.~")))
		at--;
	return at == from;
}

bool anchor_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	const struct detectors *d = scanner->rules->detectors;
	size_t best_start = 0, best_len = 0;
	const struct row *best = NULL;

	uint64_t bytes = eight_bytes(r->s + at, r->n - at);
	unsigned slot = slot_of(r->s[at], at + 1 < r->n ? r->s[at + 1] : 0);
	for (size_t k = d->first[slot]; k < d->first[slot + 1]; k++) {
		if ((bytes & d->anchored[k].mask) != d->anchored[k].bytes)
			continue;
		size_t i = d->anchored[k].row, start, len;
		const struct row *row = row_of(d, i);
		if (scanner->rules->options.action[row->san_class] == SAN_KEEP ||
		    r->n - at < row->anchor_len || (i == DETECTOR_KEYS && !key_block_at(r, at)) ||
		    memcmp(r->s + at, row->anchor, row->anchor_len) || at < row->lead ||
		    !may_begin(scanner, r, at - row->lead, row->san_class))
			continue;
		size_t from = at - row->lead;
		size_t behind = at + row->anchor_len;
		if (r->n - behind < d->anchored[k].behind ||
		    !token_follows(r->s + behind, d->anchored[k].behind) ||
		    (row->lead && !token_before(r, at, from)))
			continue;
		if (row->san_class == SAN_API_KEY && is_alnum(r->s[from]) && !word_begins(r, from))
			continue;
		len = row_match(scanner, i, r, from, &start);
		if (i == DETECTOR_KEYS && !keyline_begins(r->s + start, len))
			continue;
		/* A key before a placeholder was none before that was put there. */
		if (len > best_len && !placeholder_at(r, start + len)) {
			best = row;
			best_start = start;
			best_len = len;
		}
	}
	if (!best)
		return false;
	r->key_block_seen |= !strcmp(best->name, "private_key");
	/* A token that is longer than its kind goes whole. */
	while (best->san_class == SAN_API_KEY && best_start + best_len < r->n &&
	       is_alnum(r->s[best_start + best_len - 1]) && is_alnum(r->s[best_start + best_len]))
		best_len++;
	piece_add(scanner, r, best_start, best_start + best_len, best->san_class, best->name);
	return true;
}

int match_memory_new(struct san_scanner *scanner)
{
	scanner->match = pcre2_match_data_create(8, NULL);
	scanner->match_context = pcre2_match_context_create(NULL);
	if (!scanner->match || !scanner->match_context)
		return SAN_ENOMEM;
	pcre2_set_match_limit(scanner->match_context, MATCH_LIMIT);
	return 0;
}

void match_memory_free(struct san_scanner *scanner)
{
	pcre2_match_data_free(scanner->match);
	pcre2_match_context_free(scanner->match_context);
}
