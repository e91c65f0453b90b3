/*
 * Every row of apikey.def, through the library's door.
 *
 * The examples are recipes (see the table's head): expanded here, so that no key
 * stands in the repository. What a recipe generated must be gone, wherever the
 * token stood; one character less, or the anchor alone, is no key.
 */
#include "unit.h"

#include "sanitizer.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct row {
	const char *name, *anchor, *example;
	size_t lead;
} rows[] = {
#define API_KEY(name, lead, anchor, pattern, entropy, example) {#name, anchor, example, lead},
#include "apikey.def"
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))
#define TEXT_MAX 4096
#define GROUPS_MAX 12

/* A token made from a recipe, and what of it was generated. */
struct token {
	char text[TEXT_MAX];
	size_t len;
	struct {
		size_t at, len;
	} group[GROUPS_MAX];
	size_t n_groups;
};

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static const char *alphabet(char kind)
{
	switch (kind) {
	case 'd':
		return DIGITS;
	case 'x':
		return DIGITS "abcdef";
	case 'X':
		return DIGITS "ABCDEF";
	case 'A':
		return UPPER DIGITS;
	case 'l':
		return LOWER DIGITS;
	case 'u':
		return UPPER LOWER;
	case 'a':
		return DIGITS UPPER LOWER;
	case 'w':
		return DIGITS UPPER LOWER "_-";
	case 'b':
		return DIGITS UPPER LOWER "+/";
	default:
		fail_msg("apikey.def: unknown alphabet '%c'", kind);
		return "";
	}
}

/* Both ends of a group are letters or digits, so that every edge is a clear one. */
static void fill(struct token *token, char kind, size_t n, unsigned *seed)
{
	const char *set = alphabet(kind);
	size_t all = strlen(set), ends = all > 62 ? 62 : all;

	for (size_t i = 0; i < n; i++) {
		*seed += 23;
		token->text[token->len++] = set[*seed % (i == 0 || i == n - 1 ? ends : all)];
	}
}

/* less: characters left out of the last group. */
static void expand(struct token *token, const char *recipe, size_t less)
{
	const char *last = strrchr(recipe, '<');
	unsigned seed = 5;

	token->len = token->n_groups = 0;
	for (const char *p = recipe; *p; p++) {
		char *end;
		if (*p != '<') {
			token->text[token->len++] = *p;
			continue;
		}
		size_t n = strtoul(p + 1, &end, 10) - (p == last ? less : 0);
		assert_true(token->n_groups < GROUPS_MAX && token->len + n + 64 < TEXT_MAX);
		token->group[token->n_groups].at = token->len;
		token->group[token->n_groups++].len = n;
		fill(token, *end, n, &seed);
		p = end + 1;
		assert_int_equal(*p, '>');
	}
	token->text[token->len] = '\0';
}

struct fixture {
	struct san_rules *rules;
	struct san_scanner *scanner;
};

static int open_scanner(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	return f && san_rules_new(&f->rules, NULL, NULL, 0) == 0 &&
		       san_scanner_new(&f->scanner, f->rules) == 0
		   ? 0
		   : -1;
}

static int close_scanner(void **state)
{
	struct fixture *f = *state;

	san_scanner_free(f->scanner);
	san_rules_free(f->rules);
	free(f);
	return 0;
}

static bool says(const struct san_span *span, const struct row *row)
{
	return span->rule && !strcmp(span->rule, row->name);
}

static bool holds(const char *text, const char *piece, size_t len)
{
	for (; strlen(text) >= len; text++)
		if (!memcmp(text, piece, len))
			return true;
	return false;
}

/* Cleans `before` + token + `after`: nothing generated may be left, all around must be. */
static void assert_gone(const struct fixture *f, enum san_mode mode, const struct row *row,
			const char *before, const char *after)
{
	struct token token;
	char in[TEXT_MAX * 2], out[TEXT_MAX * 2];
	size_t len;

	expand(&token, row->example, 0);
	snprintf(in, sizeof(in), "%s%s%s", before, token.text, after);
	assert_true(san_clean(f->scanner, mode, in, strlen(in), out, sizeof(out) - 1, &len) > 0);
	out[len] = '\0';
	for (size_t i = 0; i < token.n_groups; i++)
		if (token.group[i].len >= 5 &&
		    holds(out, &token.text[token.group[i].at], token.group[i].len))
			fail_msg("%s: left in \"%s\"", row->name, out);
	if (strncmp(out, before, strlen(before)) != 0 || len < strlen(after) ||
	    strcmp(out + len - strlen(after), after) != 0)
		fail_msg("%s: something around is lost in \"%s\"", row->name, out);
}

static void examples_contain_their_anchor(void **state)
{
	struct token token;

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		expand(&token, rows[i].example, 0);
		const char *anchor = strstr(token.text, rows[i].anchor);
		if (!anchor || (size_t)(anchor - token.text) < rows[i].lead)
			fail_msg("%s: no anchor \"%s\" in \"%s\"", rows[i].name, rows[i].anchor,
				 token.text);
		assert_int_equal(strspn(rows[i].name, LOWER DIGITS "_"), strlen(rows[i].name));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(rows[i].name, rows[k].name);
	}
}

static void each_is_found_alone(void **state)
{
	const struct fixture *f = *state;
	struct token token;
	struct san_span spans[8];

	for (size_t i = 0; i < N_ROWS; i++) {
		expand(&token, rows[i].example, 0);
		int n = san_find(f->scanner, SAN_TEXT, token.text, token.len, spans, 8);
		bool found = false;
		for (int k = 0; k < n && k < 8; k++)
			found |= says(&spans[k], &rows[i]) && spans[k].san_class == SAN_API_KEY;
		if (!found)
			fail_msg("%s: \"%s\" is not told by its row (%s)", rows[i].name, token.text,
				 n > 0 && spans[0].rule ? spans[0].rule : "nothing");
	}
}

static void each_is_gone_from_prose(void **state)
{
	for (size_t i = 0; i < N_ROWS; i++)
		assert_gone(*state, SAN_TEXT, &rows[i], "leaked ", " in build output");
}

static void each_is_gone_from_json(void **state)
{
	for (size_t i = 0; i < N_ROWS; i++)
		assert_gone(*state, SAN_JSON, &rows[i], "{\"event\":\"", "\",\"n\":1}");
}

static void each_is_gone_from_a_query(void **state)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (!strpbrk(rows[i].example, "# ^|/") && !strstr(rows[i].name, "webhook"))
			assert_gone(*state, SAN_URL, &rows[i], "https://example.com/p?x=", "&y=1");
}

static void each_is_gone_from_a_path(void **state)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (!strpbrk(rows[i].example, "# ^|/$"))
			assert_gone(*state, SAN_URL, &rows[i], "https://example.com/hook/", "/run");
}

static void each_is_gone_from_a_header(void **state)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (!strchr(rows[i].example, ' '))
			assert_gone(*state, SAN_TEXT, &rows[i], "Authorization: Bearer ", "");
}

static void assert_not_told(const struct fixture *f, const struct row *row, const char *text)
{
	struct san_span spans[8];
	char in[TEXT_MAX + 64];

	snprintf(in, sizeof(in), "leaked %s in build output", text);
	int n = san_find(f->scanner, SAN_TEXT, in, strlen(in), spans, 8);
	for (int k = 0; k < n && k < 8; k++)
		if (says(&spans[k], row))
			fail_msg("%s: taken for a key: \"%s\"", row->name, in);
}

static void anchors_alone_stay(void **state)
{
	for (size_t i = 0; i < N_ROWS; i++)
		assert_not_told(*state, &rows[i], rows[i].anchor);
}

/* A key block has no length: it is told by its first line. */
static void one_character_less_stays(void **state)
{
	struct token token;

	for (size_t i = 0; i < N_ROWS; i++) {
		if (!strncmp(rows[i].name, "private_key", 11))
			continue;
		expand(&token, rows[i].example, 1);
		assert_not_told(*state, &rows[i], token.text);
	}
}

static void placeholders_and_look_alikes_stay(void **state)
{
	const struct fixture *f = *state;
	static const char *const texts[] = {
	    "gh"
	    "p_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	    "AK"
	    "IAIOSFODNN7EXAMPLE",
	    "xox"
	    "b-xxxxxxxxx-xxxxxxxxxx-xxxxxxxxxxxx",
	    "hf_servingcellpriorityparametersdescription_h_prio",
	    "-----BEGIN PUBLIC KEY-----",
	    "-----BEGIN CERTIFICATE-----",
	    "s.someLongMethodName1OfAClass(",
	    "/path/to/pattern.c",
	    "sk-spinner-wave-animation-container-element-1",
	    "test_that_a_long_name_of_a_test_is_no_key_1",
	    "https://discord.com/api/users",
	    "https://hooks.slack.com/services",
	};
	struct san_span spans[8];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (san_find(f->scanner, SAN_TEXT, texts[i], strlen(texts[i]), spans, 8) != 0)
			fail_msg("\"%s\" is taken for %s", texts[i], spans[0].rule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(examples_contain_their_anchor),
	    cmocka_unit_test(each_is_found_alone),
	    cmocka_unit_test(each_is_gone_from_prose),
	    cmocka_unit_test(each_is_gone_from_json),
	    cmocka_unit_test(each_is_gone_from_a_query),
	    cmocka_unit_test(each_is_gone_from_a_path),
	    cmocka_unit_test(each_is_gone_from_a_header),
	    cmocka_unit_test(anchors_alone_stay),
	    cmocka_unit_test(one_character_less_stays),
	    cmocka_unit_test(placeholders_and_look_alikes_stay),
	};
	return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
