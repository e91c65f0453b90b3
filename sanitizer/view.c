/*
 * view - decoding in place, round by round.
 */
#include "view.h"

#include "candidates.h"
#include "chars.h"
#include "entity.h"
#include "quad.h"

#include <stdlib.h>
#include <string.h>

#pragma GCC optimize("O3") /* the loops over long texts are worth vectors */

#define ROUNDS 3
#define GLANCE_MOST 1024 /* bytes with escapes */

struct view_memory {
	unsigned char s[SEGMENT_MAX + CANDIDATES_PAD];
	unsigned char level[SEGMENT_MAX + 16]; /* written sixteen at a time */
	uint32_t origin[SEGMENT_MAX + 16];
};

struct view_memory *view_memory_new(void)
{
	return malloc(sizeof(struct view_memory));
}

void view_memory_free(struct view_memory *memory)
{
	free(memory);
}

/* One source sequence of `taken` bytes becomes `made` bytes, at a deeper level or not. */
struct decoded {
	size_t taken, made;
	unsigned char bytes[4];
	unsigned char deeper; /* added to the level */
};

#define DEEPER_PERCENT 0x01
#define DEEPER_ESCAPE 0x10

static bool decode_percent(const unsigned char *s, size_t n, struct decoded *d)
{
	if (n < 3 || !is_hex(s[1]) || !is_hex(s[2]))
		return false;
	*d = (struct decoded){.taken = 3, .made = 1, .deeper = DEEPER_PERCENT};
	d->bytes[0] = (unsigned char)(hex_value(s[1]) << 4 | hex_value(s[2]));
	return true;
}

static size_t utf8_encode(unsigned point, unsigned char *out)
{
	if (point < 0x80) {
		out[0] = (unsigned char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (unsigned char)(0xc0 | point >> 6);
		out[1] = (unsigned char)(0x80 | (point & 63));
		return 2;
	}
	out[0] = (unsigned char)(0xe0 | point >> 12);
	out[1] = (unsigned char)(0x80 | (point >> 6 & 63));
	out[2] = (unsigned char)(0x80 | (point & 63));
	return 3;
}

/* Quotes and the backslash nest a level deeper; other escapes only spell a character. */
static bool decode_backslash(const unsigned char *s, size_t n, struct decoded *d)
{
	static const char plain[] = "n\nr\rt\tb\bf\f";
	unsigned point = 0;

	if (n < 2)
		return false;
	*d = (struct decoded){.taken = 2, .made = 1};
	if (strchr("\"'\\/", s[1]) && s[1]) {
		d->bytes[0] = s[1];
		d->deeper = s[1] == '/' ? 0 : DEEPER_ESCAPE;
		return true;
	}
	if ((s[1] == 'u' && n >= 6) || (s[1] == 'x' && n >= 4)) {
		d->taken = s[1] == 'u' ? 6 : 4;
		for (size_t i = 2; i < d->taken; i++) {
			if (!is_hex(s[i]))
				return false;
			point = point << 4 | hex_value(s[i]);
		}
		if (s[1] == 'x')
			d->bytes[0] = (unsigned char)point;
		else
			d->made = utf8_encode(point, d->bytes);
		d->deeper = point == '"' || point == '\'' || point == '\\' ? DEEPER_ESCAPE : 0;
		return true;
	}
	for (size_t i = 0; plain[i]; i += 2) {
		if (s[1] == (unsigned char)plain[i]) {
			d->bytes[0] = (unsigned char)plain[i + 1];
			return true;
		}
	}
	return false;
}

/* A quote that is spelled stands within those that are not. */
static unsigned char quote_level(unsigned char c)
{
	return c == '"' || c == '\'' ? DEEPER_ESCAPE : 0;
}

static const struct entity {
	const char *text;
	unsigned char len, byte;
} entities[] = {{"&amp;", 5, '&'},    {"&quot;", 6, '"'},   {"&apos;", 6, '\''},
		{"&lt;", 4, '<'},     {"&gt;", 4, '>'},	    {"&commat;", 8, '@'},
		{"&period;", 8, '.'}, {"&equals;", 8, '='}, {"&colon;", 7, ':'},
		{"&lowbar;", 8, '_'}, {"&plus;", 6, '+'}};
#define ENTITIES (sizeof(entities) / sizeof(*entities))

static bool decode_entity(const unsigned char *s, size_t n, struct decoded *d)
{
	unsigned point = 0;
	size_t i = 2;

	if (n < 4 || !entity_may_begin(s))
		return false;
	*d = (struct decoded){.made = 1};
	for (size_t k = 0; s[1] != '#' && k < ENTITIES; k++) {
		if (s[2] == (unsigned char)entities[k].text[2] && n >= entities[k].len &&
		    !memcmp(s, entities[k].text, entities[k].len)) {
			d->taken = entities[k].len;
			d->bytes[0] = entities[k].byte;
			d->deeper = quote_level(entities[k].byte);
			return true;
		}
	}
	if (s[1] != '#')
		return false;
	bool hex = (s[2] | 32) == 'x';
	for (i += hex; i < n && i < 10 && (hex ? is_hex(s[i]) : is_digit(s[i])); i++)
		point = point * (hex ? 16 : 10) + hex_value(s[i]);
	if (i == n || s[i] != ';' || point == 0 || point > 0xffff)
		return false;
	d->taken = i + 1;
	d->made = utf8_encode(point, d->bytes);
	d->deeper = d->made == 1 ? quote_level(d->bytes[0]) : 0;
	return true;
}

/* U+FF01..FF5E are ASCII; soft hyphen, U+200B..D, U+2060 and U+FEFF have no width. */
static bool decode_fold(const unsigned char *s, size_t n, struct decoded *d)
{
	if (n >= 2 && s[0] == 0xc2 && s[1] == 0xad) {
		*d = (struct decoded){.taken = 2};
		return true;
	}
	if (n < 3)
		return false;
	*d = (struct decoded){.taken = 3};
	if (s[0] == 0xe2 && s[1] == 0x80 && s[2] >= 0x8b && s[2] <= 0x8d)
		return true;
	if ((s[0] == 0xe2 && s[1] == 0x81 && s[2] == 0xa0) ||
	    (s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf))
		return true;
	if (s[0] != 0xef || (s[1] != 0xbc && s[1] != 0xbd))
		return false;
	unsigned code = s[1] == 0xbc ? s[2] - 0x80u : s[2] - 0x80u + 64;
	if (code < 1 || code > 0x5e)
		return false;
	d->made = 1;
	d->bytes[0] = (unsigned char)(code + 0x20);
	return true;
}

static bool decode_one(const unsigned char *s, size_t n, struct decoded *d)
{
	switch (s[0]) {
	case '%':
		return decode_percent(s, n, d);
	case '\\':
		return decode_backslash(s, n, d);
	case '&':
		return decode_entity(s, n, d);
	case 0xc2:
	case 0xe2:
	case 0xef:
		return decode_fold(s, n, d);
	default:
		return false;
	}
}

bool view_needed(const unsigned char *s, size_t n)
{
	struct decoded d;

	return decode_one(s, n, &d);
}

/* The new level: three rounds are the most, what is deeper stays where it is. */
static unsigned char level_sum(unsigned char level, unsigned char deeper)
{
	unsigned char sum = (unsigned char)(level + deeper);

	return (sum & 15) > ROUNDS || sum >> 4 > ROUNDS ? level : sum;
}

/* Could something that is decoded begin with this byte? */
static bool is_special(unsigned char c)
{
	static const bool special[256] = {
	    ['%'] = true, ['\\'] = true, ['&'] = true, [0xc2] = true, [0xe2] = true, [0xef] = true};

	return special[c];
}

/* Bytes that stay as they are move down. */
static void plain_move(struct view_memory *m, size_t to, size_t from, size_t len)
{
	if (to == from)
		return;
	memmove(m->s + to, m->s + from, len);
	memmove(m->level + to, m->level + from, len);
	memmove(m->origin + to, m->origin + from, len * sizeof(*m->origin));
}

/* Sixteen at a time, of which those count that belong to the `len`. */
static void plain_copy(struct view_memory *m, size_t to, const unsigned char *s, size_t from,
		       size_t len, size_t n)
{
	size_t end = from + len;

	for (; from < end && from + 16 <= n; from += 16, to += 16) {
		memcpy(m->s + to, s + from, 16);
		memset(m->level + to, 0, 16);
		for (size_t i = 0; i < 16; i++)
			m->origin[to + i] = (uint32_t)(from + i);
	}
	for (; from < end; from++, to++) {
		m->s[to] = s[from];
		m->level[to] = 0;
		m->origin[to] = (uint32_t)from;
	}
}

/*
 * Is this undecoded byte one that a further round may complete? An ampersand only where
 * an escape or a number sign follows: plain ones stand in every query.
 */
static bool may_complete(const unsigned char *s, size_t n)
{
	return s[0] != '&' || (n > 1 && (s[1] == '%' || s[1] == '#' || s[1] == '\\'));
}

/*
 * How many bytes stand before the next that is decoded, into *d. *again: one of them may
 * be when what follows it is.
 */
static size_t undecoded_length(const unsigned char *s, size_t n, struct decoded *d, bool *again)
{
	size_t i = escape_find(s, n);

	for (; i < n; i += escape_find(s + i, n - i)) {
		if (is_special(s[i])) {
			if (decode_one(s + i, n - i, d))
				break;
			*again |= may_complete(s + i, n - i);
		}
		i++;
	}
	return i;
}

/*
 * The first round reads the raw record and fills the memory. *again: something is left
 * that a further round may decode.
 */
static size_t decode_first(struct view_memory *m, const unsigned char *s, size_t n, bool *again)
{
	size_t to = 0, from = 0;

	*again = false;
	while (from < n) {
		struct decoded d;
		size_t len = undecoded_length(s + from, n - from, &d, again);
		plain_copy(m, to, s, from, len, n);
		from += len;
		to += len;
		if (from == n)
			break;
		for (size_t i = 0; i < d.made; i++) {
			m->s[to] = d.bytes[i];
			m->level[to] = d.deeper;
			m->origin[to++] = (uint32_t)from;
			*again |= is_special(d.bytes[i]);
		}
		from += d.taken;
	}
	m->origin[to] = (uint32_t)n;
	return to;
}

/* A backslash that was escaped escapes nothing that was not: the string ends in `"\\\\"`. */
static size_t decode_round(struct view_memory *m, size_t n)
{
	size_t to = 0;

	for (size_t from = 0; from < n;) {
		struct decoded d;
		if (!is_special(m->s[from]) || !decode_one(m->s + from, n - from, &d) ||
		    (d.deeper == DEEPER_ESCAPE && m->level[from + 1] >> 4 < m->level[from] >> 4)) {
			size_t len = 1 + escape_find(m->s + from + 1, n - from - 1);
			plain_move(m, to, from, len);
			to += len;
			from += len;
			continue;
		}
		unsigned char level = level_sum(m->level[from], d.deeper);
		for (size_t i = 1; i < d.taken; i++)
			if ((m->level[from + i] & 15) > (level & 15))
				level = (unsigned char)((level & 0xf0) | (m->level[from + i] & 15));
		uint32_t origin = m->origin[from];
		for (size_t i = 0; i < d.made; i++) {
			m->s[to] = d.bytes[i];
			m->level[to] = level;
			m->origin[to++] = origin;
		}
		from += d.taken;
	}
	m->origin[to] = m->origin[n];
	return to;
}

void view_make(struct view_memory *m, struct record *r, const unsigned char *s, size_t n)
{
	bool again;
	size_t len = decode_first(m, s, n, &again), before = n;

	for (int round = 1; again && round < ROUNDS && len != before; round++) {
		before = len;
		len = decode_round(m, len);
	}
	memset(m->s + len, 0, CANDIDATES_PAD);
	r->s = m->s;
	r->n = len;
	r->level = m->level;
	r->origin = m->origin;
}

bool view_glance(struct view_memory *m, struct record *r, const unsigned char *s, size_t n,
		 size_t at)
{
	size_t start = at > 2 * VIEW_REACH ? at - VIEW_REACH : 0, from = start, end = at, to = 0;
	bool again = false;

	for (;;) {
		struct decoded d;
		size_t most = n - end > VIEW_REACH ? end + VIEW_REACH : n,
		       len = undecoded_length(s + from, most - from, &d, &again);
		memcpy(m->s + to, s + from, len);
		from += len;
		to += len;
		if (from == most)
			break;
		for (size_t i = 0; i < d.made; i++) {
			m->s[to++] = d.bytes[i];
			again |= is_special(d.bytes[i]);
		}
		from += d.taken;
		end = from > end ? from : end; /* others may stand before s[at] */
		if (end - start > GLANCE_MOST)
			return false;
	}
	memset(m->s + to, 0, CANDIDATES_PAD);
	*r = (struct record){.s = m->s, .n = to, .raw = s + start, .raw_n = end - start};
	return !again;
}
