/*
 * The slow truth: every detector's whole pattern at every byte, without any prefilter,
 * must find the same pieces as san_find() does.
 */
#include "unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "san_input.h"
#include "sanitizer.h"
#include "view.h"

#define INPUTS 4000
#define INPUT_MAX 1024
#define SPANS 4096

struct truth {
	struct san_rules *rules;
	struct san_scanner *scanner;
	struct san_span *spans;
	size_t n;
};

static void every_byte(struct san_scanner *scanner, struct record *r)
{
	for (size_t at = 0; at < r->n;) {
		int kind = 0;
		for (; kind < PREFILTER_KINDS; kind++)
			if (kind != PREFILTER_ESCAPE &&
			    engine_try(scanner, r, at, (enum prefilter_kind)kind))
				break;
		at = kind < PREFILTER_KINDS && r->cursor > at ? r->cursor : at + 1;
	}
}

static void truth_of_record(struct truth *t, enum san_mode mode, const unsigned char *s, size_t n,
			    size_t base)
{
	struct record r;
	bool decode = false;

	engine_begin(t->scanner, &r, mode, s, n);
	for (size_t i = 0; i < n && !decode; i++)
		decode = view_needed(s + i, n - i);
	if (decode)
		engine_decode(t->scanner, &r);
	every_byte(t->scanner, &r);
	for (size_t i = 0; i < t->scanner->n_pieces && t->n < SPANS; i++) {
		const struct piece *p = &t->scanner->pieces[i];
		t->spans[t->n++] =
		    (struct san_span){base + p->start, base + p->end, p->san_class, p->rule};
	}
}

static void truth_of(struct truth *t, enum san_mode mode, const char *in, size_t len)
{
	t->n = 0;
	for (size_t at = 0; at < len;) {
		const char *newline = mode == SAN_TEXT ? memchr(in + at, '\n', len - at) : NULL;
		size_t n = newline ? (size_t)(newline - in) - at : len - at;
		truth_of_record(t, mode, (const unsigned char *)in + at, n, at);
		at += n + 1;
	}
}

static void fail_at(const char *in, size_t len, const struct san_span *want, size_t n_want,
		    const struct san_span *got, size_t n_got)
{
	size_t i = 0;

	while (i < n_want && i < n_got && want[i].start == got[i].start &&
	       want[i].end == got[i].end && !strcmp(want[i].rule, got[i].rule))
		i++;
	print_error("%zu pieces in truth, %zu found\n", n_want, n_got);
	if (i < n_want)
		print_error("truth: %zu-%zu %s\n", want[i].start, want[i].end, want[i].rule);
	if (i < n_got)
		print_error("found: %zu-%zu %s\n", got[i].start, got[i].end, got[i].rule);
	fail_msg("the prefilter lost or made a piece of: %.*s", (int)len, in);
}

static void compare(struct truth *t, enum san_mode mode, const char *in, size_t len)
{
	static struct san_span found[SPANS];

	truth_of(t, mode, in, len);
	int n = san_find(t->scanner, mode, in, len, found, SPANS);
	/* What one line of a key block leaves to the next is not the detectors' business. */
	for (int i = 0; i < n; i++)
		if (!strcmp(found[i].rule, "private_key"))
			return;
	bool same = n >= 0 && (size_t)n == t->n;
	for (int i = 0; same && i < n; i++)
		same = found[i].start == t->spans[i].start && found[i].end == t->spans[i].end &&
		       found[i].san_class == t->spans[i].san_class &&
		       !strcmp(found[i].rule, t->spans[i].rule);
	if (!same)
		fail_at(in, len, t->spans, t->n, found, (size_t)n);
}

/* own: with patterns of one's own, which make tables of their own; without, those of the library. */
static void truth_open(struct truth *t, bool all, bool own)
{
	static const struct san_own patterns[] = {{"order", "k/m/", "k/m/[0-9a-z]{2,9}", NULL},
						  {"note", "#!q", "#!q [a-z]{3}", NULL}};
	struct san_options options;
	struct san_rules *rules;

	san_options_init(&options);
	for (int class = 0; all && class < SAN_OWN; class ++)
		options.action[class] = SAN_REDACT;
	options.action[SAN_IP] = SAN_REDACT;
	options.hex_min = all ? 20 : 32;
	options.own = patterns;
	options.n_own = own ? sizeof(patterns) / sizeof(*patterns) : 0;
	assert_int_equal(san_rules_new(&rules, &options, NULL, 0), 0);
	*t = (struct truth){.rules = rules, .spans = calloc(SPANS, sizeof(*t->spans))};
	assert_int_equal(san_scanner_new(&t->scanner, rules), 0);
}

static void truth_close(struct truth *t)
{
	san_scanner_free(t->scanner);
	san_rules_free(t->rules);
	free(t->spans);
}

static void hold_against_truth(bool all, uint64_t factor)
{
	struct truth t;
	char in[INPUT_MAX];

	truth_open(&t, all, false);
	for (uint64_t i = 1; i <= INPUTS; i++) {
		uint64_t seed = i * factor;
		size_t len = san_input(&seed, in, sizeof(in));
		compare(&t, (enum san_mode)(i % 3), in, len);
	}
	truth_close(&t);
}

static void the_prefilter_loses_nothing(void **state)
{
	(void)state;
	hold_against_truth(false, 0x9e3779b97f4a7c15u);
}

static void nor_with_all_classes(void **state)
{
	(void)state;
	hold_against_truth(true, 0xd1342543de82ef95u);
}

/* A piece of which one byte is spelled, and harmless escapes near it and far from it. */
static size_t between_escapes(char *in, const char *piece, size_t at, size_t gap)
{
	static const char filler[] = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do "
				     "eiusmod tempor incididunt ut labore et dolore magna aliqua ut "
				     "enim ad minim veniam";
	int len = snprintf(in, INPUT_MAX, "%%2F%.*s %.*s%%%02x%s %.*s%%2Fx\n", (int)gap, filler,
			   (int)at, piece, (unsigned char)piece[at], piece + at + 1, (int)gap,
			   filler);

	return len < INPUT_MAX ? (size_t)len : 0;
}

static void escapes_hide_nothing(void **state)
{
	static const size_t gaps[] = {0,  1,  4,  20, 30, 36, 40,  59,	60,
				      61, 62, 63, 64, 65, 68, 100, 125, 140};
	struct truth t;
	char in[INPUT_MAX];

	(void)state;
	truth_open(&t, false, false);
	for (size_t i = 0; san_pieces[i]; i++) {
		for (size_t k = 0; *san_pieces[i] && k < sizeof(gaps) / sizeof(*gaps); k++) {
			size_t len = between_escapes(in, san_pieces[i],
						     (i + k) % strlen(san_pieces[i]), gaps[k]);
			compare(&t, SAN_TEXT, in, len);
		}
	}
	truth_close(&t);
}

/* Like san_pieces, and of the patterns of truth_open(). */
static const char *const more[] = {"k/m/123",
				   "k/m/ok",
				   "k&#x2f;m/ok",
				   "k\\/m/ok",
				   "#!q abc",
				   "/af2504e0-4f89-11d3-9a0c-0305e82c3301",
				   "/NL91ABNA0417164300",
				   "mail\xef\xbc\xa0"
				   "a.example",
				   "proxy_set_header X-Api-Key x1;",
				   "\nRequestHeader set X-Auth-Token \"x1\"",
				   "fastcgi_param DB_PASSWORD x1;",
				   "bindpw x1y2",
				   "userPassword:: cTFxMQ==",
				   "<password><![CDATA[x1]]></password>",
				   "<key>token</key><string>x1</string>",
				   "ada:x1@tcp(h:1)/b",
				   "passwords: [x1, y2]",
				   "token = \"x1\" + \"y2\"",
				   "1&sig2=Ab-1_c&d=e",
				   "1&token=Ab.c\" x",
				   "1/callback?code=Ab1&state=x",
				   "1&password=a;pin=1&key=Ab12Cd34",
				   "c[\"Auth:Token\"] = \"x1\"",
				   NULL};

/* A piece into which an escape was put, for `skip` of its bytes, in a line of a log. */
static size_t around_escape(char *in, const char *piece, size_t at, size_t spelled, size_t skip)
{
	int len =
	    snprintf(in, INPUT_MAX, "192.0.2.7 - - \"GET /a%%2Fb?c=%.*s%%%02zx%s HTTP/1.1\" 200\n",
		     (int)at, piece, spelled, piece + at + skip);

	return len < INPUT_MAX ? (size_t)len : 0;
}

#define STEP 5

/*
 * Every byte that may be spelled, at a fifth of the places each. A letter takes no byte's place:
 * truth knows `PaSSWORD`, which the prefilter does not look for.
 */
static void put_everywhere(struct truth *t, const char *const *pieces)
{
	static size_t turn;
	char in[INPUT_MAX];

	for (; *pieces; pieces++)
		for (size_t at = 0; at <= strlen(*pieces); at++)
			for (size_t c = turn++ % STEP; c < 256; c += STEP)
				compare(t, SAN_TEXT, in,
					around_escape(in, *pieces, at, c,
						      at < strlen(*pieces) && !isalpha((int)c)));
}

static void an_escape_beside_hides_nothing(void **state)
{
	struct truth t;
	char in[INPUT_MAX], key[8192];
	uint64_t seed = 7;
	size_t turn = 0;

	(void)state;
	truth_open(&t, false, false);
	put_everywhere(&t, san_pieces);
	put_everywhere(&t, more);
	for (size_t i = 0, n; (n = san_key_example(i, &seed, key, sizeof(key) - 1)) > 0; i++) {
		key[n] = 0;
		for (size_t c = turn++ % STEP; c < 256; c += STEP) {
			compare(&t, SAN_TEXT, in, around_escape(in, key, 0, c, 0));
			compare(&t, SAN_TEXT, in, around_escape(in, key, n, c, 0));
		}
	}
	truth_close(&t);
}

/* Of the piece's first bytes those are spelled that `bits` tells; with the second, in a log. */
static size_t some_spelled(char *in, const char *piece, size_t bits)
{
	size_t len =
	    (size_t)snprintf(in, INPUT_MAX, "%s", bits & 2 ? "192.0.2.7 - - \"GET /a%2Fb?c=" : "");

	for (; *piece && len < INPUT_MAX - 8; piece++, bits >>= 1)
		len += (size_t)snprintf(in + len, INPUT_MAX - len, bits & 1 ? "%%%02x" : "%c",
					(unsigned char)*piece);
	in[len++] = '\n';
	return len;
}

static void spell(bool all, bool own)
{
	size_t n_pieces = 0;
	struct truth t;
	char in[INPUT_MAX];

	while (san_pieces[n_pieces])
		n_pieces++;
	truth_open(&t, all, own);
	for (size_t bits = 0; bits < 256; bits++) {
		for (size_t i = 0; more[i]; i++)
			compare(&t, SAN_TEXT, in, some_spelled(in, more[i], bits));
		for (size_t i = bits % 3; i < n_pieces; i += 3)
			compare(&t, SAN_TEXT, in, some_spelled(in, san_pieces[i], bits));
	}
	truth_close(&t);
}

static void whatever_is_spelled(void **state)
{
	(void)state;
	spell(false, false);
	spell(false, true);
	spell(true, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_prefilter_loses_nothing),
	    cmocka_unit_test(nor_with_all_classes),
	    cmocka_unit_test(escapes_hide_nothing),
	    cmocka_unit_test(an_escape_beside_hides_nothing),
	    cmocka_unit_test(whatever_is_spelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
