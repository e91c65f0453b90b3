/*
 * san_find() finds what the tables say, no less and no more (reference/truth.h).
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "san_input.h"
#include "standard.h"
#include "truth.h"
#include "view.h"

#define INPUTS 3000
#define INPUT_MAX 4096
#define SPANS_MAX 4096
#define OWN_PATTERNS 300

struct pair {
	struct san_rules *rules;
	struct san_scanner *scanner;
	struct truth *truth;
	struct san_span found[SPANS_MAX], expected[SPANS_MAX];
	int bad;
};

static int open_pair(void **state)
{
	struct san_options options;
	struct pair *p = calloc(1, sizeof(*p));

	*state = p;
	san_options_init(&options);
	for (int class = 0; class < SAN_OWN; class ++)
		options.action[class] = SAN_REDACT;
	if (!p || san_rules_new(&p->rules, &options, NULL, 0) ||
	    san_scanner_new(&p->scanner, p->rules))
		return -1;
	p->truth = truth_new(p->rules);
	return 0;
}

static int close_pair(void **state)
{
	struct pair *p = *state;

	truth_free(p->truth);
	san_scanner_free(p->scanner);
	san_rules_free(p->rules);
	free(p);
	return 0;
}

static void print_spans(const char *what, const struct san_span *spans, size_t n)
{
	print_error("   %s", what);
	for (size_t i = 0; i < n; i++)
		print_error(" %zu-%zu %s", spans[i].start, spans[i].end, spans[i].rule);
	print_error("\n");
}

static void print_bytes(const char *in, size_t len)
{
	for (size_t i = 0; i < len; i++)
		print_error(in[i] < ' ' || in[i] > '~' ? "\\x%02x" : "%c", (unsigned char)in[i]);
	print_error("\n");
}

static void assert_true_spans(struct pair *p, enum san_mode mode, const char *in, size_t len)
{
	size_t n = (size_t)san_find(p->scanner, mode, in, len, p->found, SPANS_MAX);
	size_t m = truth_find(p->truth, mode, in, len, p->expected, SPANS_MAX), same = 0;

	while (same < n && same < m && p->found[same].start == p->expected[same].start &&
	       p->found[same].end == p->expected[same].end &&
	       p->found[same].san_class == p->expected[same].san_class)
		same++;
	if (same == n && same == m)
		return;
	p->bad++;
	print_error("mode %d: ", (int)mode);
	print_bytes(in, len);
	print_spans("found   ", p->found, n);
	print_spans("expected", p->expected, m);
}

static void made_inputs(void **state)
{
	struct pair *p = *state;
	char in[INPUT_MAX];

	p->bad = 0;
	for (uint64_t i = 1; i <= INPUTS; i++) {
		uint64_t seed = i * 0x2545f4914f6cdd1du;
		size_t len = san_input(&seed, in, sizeof(in));
		for (size_t k = 0; k < len; k++)
			in[k] = in[k] == '\n' ? ' ' : in[k];
		assert_true_spans(p, (enum san_mode)(i % 3), in, len);
	}
	assert_int_equal(p->bad, 0);
}

/* The labelled texts, as lines: whole JSON objects, mostly harmless bytes around. */
static void labelled_texts(const char *name, struct pair *p)
{
	const char *top = getenv("top_srcdir");
	char path[4096], line[8192];
	FILE *file;
	int lines = 0;

	(void)snprintf(path, sizeof(path), "%s/tests/data/labelled/%s.jsonl", top ? top : ".",
		       name);
	file = fopen(path, "r");
	assert_non_null(file);
	for (; fgets(line, sizeof(line), file); lines++) {
		line[strcspn(line, "\n")] = '\0';
		assert_true_spans(p, SAN_TEXT, line, strlen(line));
	}
	assert_true(lines > 100);
	(void)fclose(file);
}

static void written_texts(void **state)
{
	struct pair *p = *state;

	p->bad = 0;
	labelled_texts("logs", p);
	labelled_texts("stay", p);
	assert_int_equal(p->bad, 0);
}

static void every_vendor_key(void **state)
{
	struct pair *p = *state;
	uint64_t seed = 31;
	char key[8192], text[8400];
	size_t len;

	p->bad = 0;
	for (size_t i = 0; (len = san_key_example(i, &seed, key, sizeof(key) - 1)) > 0; i++) {
		key[len] = '\0';
		int n = snprintf(text, sizeof(text), "GET /a?x=%s&y=1 \"%s\" ,%s", key, key, key);
		for (int k = 0; k < n; k++)
			text[k] = text[k] == '\n' ? ' ' : text[k];
		assert_true_spans(p, SAN_TEXT, text, (size_t)n);
	}
	assert_int_equal(p->bad, 0);
}

/* What was printed when the library was built is what would be made now. */
static void tables_are_as_they_were_printed(void **state)
{
	union standard_image *image = calloc(1, sizeof(*image));

	(void)state;
	assert_non_null(image);
	assert_true(standard_make(&image->tables));
	assert_memory_equal(image->bytes, standard_image.bytes, sizeof(image->bytes));
	free(image);
}

/* More than have a place of their own among the prefilter's literals: none is lost. */
static void hundreds_of_own_patterns(void **state)
{
	static const char first[] = "qzjxkvwyQZJXKVWY<>";
	static struct san_own own[OWN_PATTERNS];
	static char anchors[OWN_PATTERNS][8], patterns[OWN_PATTERNS][24];
	struct san_options options;
	struct san_rules *rules;
	struct san_scanner *scanner;
	char text[200], out[400], why[200];
	size_t len;

	(void)state;
	for (int i = 0; i < OWN_PATTERNS; i++) {
		snprintf(anchors[i], sizeof(anchors[i]), "%c%c%c%d", first[i % 18], 'a' + i % 26,
			 'A' + i / 26, i % 10);
		snprintf(patterns[i], sizeof(patterns[i]), "%s[0-9]{3}", anchors[i]);
		own[i] = (struct san_own){.name = "n",
					  .pattern = patterns[i],
					  .anchor = anchors[i],
					  .placeholder = "[OWN]"};
	}
	san_options_init(&options);
	options.own = own;
	options.n_own = OWN_PATTERNS;
	assert_int_equal(san_rules_new(&rules, &options, why, sizeof(why)), 0);
	assert_int_equal(san_scanner_new(&scanner, rules), 0);
	for (int i = 0; i < OWN_PATTERNS; i++) {
		int n = snprintf(text, sizeof(text),
				 "a line that begins with words, %s123 in it, and a%s456x behind, "
				 "in its second block",
				 anchors[i], anchors[i]);
		assert_int_equal(
		    san_clean(scanner, SAN_TEXT, text, (size_t)n, out, sizeof(out), &len), 2);
	}
	san_scanner_free(scanner);
	san_rules_free(rules);
}

static void every_entity_is_seen(void **state)
{
	static const char *const entities[] = {"&amp;",	   "&quot;",   "&apos;",   "&lt;",   "&gt;",
					       "&commat;", "&period;", "&equals;", "&colon;", "&lowbar;",
					       "&plus;",   "&#64;",    "&#x40;",   "&#X40;"};
	(void)state;
	for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++)
		assert_true(view_needed((const unsigned char *)entities[i], strlen(entities[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(made_inputs),
	    cmocka_unit_test(written_texts),
	    cmocka_unit_test(every_vendor_key),
	    cmocka_unit_test(tables_are_as_they_were_printed),
	    cmocka_unit_test(hundreds_of_own_patterns),
	    cmocka_unit_test(every_entity_is_seen),
	};

	return cmocka_run_group_tests(tests, open_pair, close_pair);
}
